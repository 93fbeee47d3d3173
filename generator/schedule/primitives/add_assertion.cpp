// add_assertion: a procedure that may rely on more.
//
// In `[proc.NAME]`; the assertion is proved at every call, and again on the final program.
//
//     { add_assertion = "proc", that = "n % 8 == 0" }
//
//     for i in seq(0, n):
//         x[i] = 1.0
//   =>
//     assert n % 8 == 0
//     for i in seq(0, n):
//         x[i] = 1.0
//
// The body stays as it is; the steps behind this one know that the assertion holds.
#include "schedule/procedures.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref proc;
  Text that;
};

void run(Schedule& s, const Args& args) {
  check_is_proc(s.now(), args.proc);
  s.apply([&](Rewrite& rw) {
    only_in_proc(rw, "add_assertion");
    const ExprRef condition = s.condition(args.that, {});
    rw.assume(condition);
    rw.edit.head([&](Proc& proc) { proc.asserts.push_back(condition); });
  });
}

}  // namespace

VERB(add_assertion) {
  return make_verb("add_assertion", Kind::Primitive, "a procedure that may rely on more",
                   Signature<Args>()
                       .verb("add_assertion", &Args::proc, "procedure", "`proc`: the one that is being derived")
                       .required("that", &Args::that, "condition", "what its callers must see to"),
                   run);
}

}  // namespace exo
