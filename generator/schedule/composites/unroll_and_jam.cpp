// unroll_and_jam: several iterations of a loop run side by side, inside of its inner loops.
//
//     { unroll_and_jam = "i", by = 2, tail = "exact" }
//
//     for i in seq(0, 2*n):
//         for k in seq(0, m):
//             y[i] += a[i, k] * x[k]
//   =>
//     for i in seq(0, n):
//         for k in seq(0, m):
//             y[2*i] += a[2*i, k] * x[k]
//             y[2*i + 1] += a[2*i + 1, k] * x[k]
//
// Expands to `split`, `fission`, `reorder` and `unroll`; local buffers get a place for each copy (`expand_dim`, `lift_alloc`). Each of
// them is proved. The loop keeps its name; a remainder (`tail = "cut"`) is its copy `tail`.
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
  jam(s, as<For>(stmt_at(s.now(), one_loop(s.now(), args.loop)))->iter, args.by, args.exact, Jam::Nests);
}

}  // namespace

VERB(unroll_and_jam) {
  return make_verb(
      "unroll_and_jam", Kind::Composite, "several iterations run side by side, inside of the inner loops",
      Signature<Args>()
          .verb("unroll_and_jam", &Args::loop, "loop", "the loop")
          .required("by", &Args::by, "int", "how many iterations, at least 1")
          .choice("tail", &Args::exact, {{"cut", false}, {"exact", true}}, "what happens to the remainder [cut]"),
      run);
}

}  // namespace exo
