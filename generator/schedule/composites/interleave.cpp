// interleave: several iterations of a loop run side by side, statement by statement.
//
//     { interleave = "i", by = 2, tail = "exact" }
//
//     for i in seq(0, 2*n):
//         x[i] = a[i]
//         y[i] = x[i]
//   =>
//     for i in seq(0, n):
//         x[2*i] = a[2*i]
//         x[2*i + 1] = a[2*i + 1]
//         y[2*i] = x[2*i]
//         y[2*i + 1] = x[2*i + 1]
//
// Expands to `split`, `fission` between the statements and `unroll`; local buffers get a place for each copy (`expand_dim`,
// `lift_alloc`). Each of them is proved. The loop keeps its name; a remainder (`tail = "cut"`) is its copy `tail`.
#include "ir/build.h"
#include "schedule/jam.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref loop;
  int64_t by = 0;
  bool exact = false;
};

void run(Schedule& s, const Args& args) {
  jam(s, as<For>(stmt_at(s.now(), one_loop(s.now(), args.loop)))->iter, args.by, args.exact, Jam::Statements);
}

}  // namespace

VERB(interleave) {
  return make_verb(
      "interleave", Kind::Composite, "several iterations run side by side, statement by statement",
      Signature<Args>()
          .verb("interleave", &Args::loop, "loop", "the loop")
          .required("by", &Args::by, "int", "how many iterations, at least 1")
          .choice("tail", &Args::exact, {{"cut", false}, {"exact", true}}, "what happens to the remainder [cut]"),
      run);
}

}  // namespace exo
