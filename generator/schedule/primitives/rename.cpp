// rename: another name for a procedure.
//
//     { rename = "proc", to = "fill" }
//
//     for i in seq(0, n):
//         x[i] = 1.0
//   =>
//     for i in seq(0, n):
//         x[i] = 1.0
//
// The name is that of its function in C. A kernel's function keeps the name of the kernel.
#include <fmt/format.h>

#include "schedule/labels.h"
#include "schedule/procedures.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref proc;
  Text to;
};

void run(Schedule& s, const Args& args) {
  check_is_proc(s.now(), args.proc);
  check_procedure_name(args.to);
  s.apply([&](Rewrite& rw) {
    if (s.target().instruction(args.to.chars))
      rw.refuse({"name-taken", fmt::format("`{}` is an instruction of `{}`", args.to.chars, s.target().name), {}});
    rw.edit.head([&](Proc& proc) { proc.name = args.to.chars; });
  });
}

}  // namespace

VERB(rename) {
  return make_verb("rename", Kind::Primitive, "another name for a procedure",
                   Signature<Args>()
                       .verb("rename", &Args::proc, "procedure", "`proc`: the one that the steps are about")
                       .required("to", &Args::to, "name", "its new name"),
                   run);
}

}  // namespace exo
