// make_instr: a procedure that a piece of C performs.
//
// In `[proc.NAME]`: calls of it become this C, as those of an instruction of the target do, and `map` can use it. The procedure is
// its specification.
//
//     { make_instr = "proc", c = "fill8({x.ptr});" }
//
//     for i in seq(0, 8):
//         x[i] = 1.0
//   =>
//     for i in seq(0, 8):
//         x[i] = 1.0
//
// The holes of the C are the parameters, as in a target file: `{x}`, `{x.ptr}`, `{x.stride0}`. What the specification asserts is
// proved at every call. The tests of each variant that uses it compare its C with the algorithm.
#include <fmt/format.h>

#include "schedule/procedures.h"
#include "schedule/verb.h"
#include "target/template.h"

namespace exo {
namespace {

struct Args {
  Ref proc;
  Text c;
  std::string cls = "vector";
  std::vector<std::string> features;
  int64_t ulp = 0;
  bool keeps_order = true;
};

void run(Schedule& s, const Args& args) {
  check_is_proc(s.now(), args.proc);
  s.apply([&](Rewrite& rw) { only_in_proc(rw, "make_instr"); });
  Problems problems;
  parse_template(args.c, instruction_holes(s.now()), problems);
  problems.throw_if_any();
  s.context().derivation->instruction = {args.c, args.cls, args.features, args.ulp, args.keeps_order};
}

}  // namespace

VERB(make_instr) {
  return make_verb(
      "make_instr", Kind::Primitive, "a procedure that a piece of C performs",
      Signature<Args>()
          .verb("make_instr", &Args::proc, "procedure", "`proc`: the one that is being derived")
          .required("c", &Args::c, "C", "the C that performs it, with holes for its parameters")
          .optional("class", &Args::cls, "class", "by which `map` finds it, as in a target file [vector]")
          .optional("features", &Args::features, "strings", "what the CPU must have beyond the target's")
          .optional("ulp", &Args::ulp, "int", "how far the C may be from the procedure [0]")
          .choice("order", &Args::keeps_order, {{"kept", true}, {"any", false}}, "in which it adds floats [kept]"),
      run);
}

}  // namespace exo
