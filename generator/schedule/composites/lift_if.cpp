// lift_if: an `if` goes outside of the loops and conditions around it.
//
//     { lift_if = "if#0" }
//
//     for i in seq(0, n):
//         x[i] = 0.0
//         if m < 4:
//             y[i] = 0.0
//   =>
//     for i in seq(0, n):
//         x[i] = 0.0
//     if m < 4:
//         for i in seq(0, n):
//             y[i] = 0.0
//
// Takes the loop apart by `fission` where something else stands in it, then applies `lift_scope`, as often as `levels` says. Each of
// them is proved.
#include <fmt/format.h>

#include "ir/build.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref branch;
  int64_t levels = 1;
};

/// The `if` alone in the loop around it.
Path alone(Schedule& s, const Path& path) {
  const Path around = parent(path);
  if (around.empty() || !as<For>(stmt_at(s.now(), around))) return path;
  Path at = path;
  const size_t index = path.back().index;
  if (index + 1 < block_of(s.now(), path).size()) s.apply([&](Rewrite& rw) { fission(rw, around, index + 1); });
  if (index > 0) {
    Sym rest;
    s.apply([&](Rewrite& rw) { rest = fission(rw, around, index); });
    at = child(s.loop(rest), 0);
  }
  return at;
}

void run(Schedule& s, const Args& args) {
  Path path = one_stmt(s.now(), args.branch, [&](const Path& p) { return as<If>(stmt_at(s.now(), p)) != nullptr; });
  if (args.levels < 1)
    reject(Diagnostic{"lift-if-levels", fmt::format("{} levels", args.levels), {}, {}, {}}
               .at(args.branch.text.whole())
               .help("`levels` is at least 1"));
  for (int64_t k = 0; k < args.levels; ++k) {
    path = alone(s, path);
    s.apply([&](Rewrite& rw) { lift_scope(rw, path); });
    path = parent(path);
    if (!as<If>(stmt_at(s.now(), path))) return;  // it was decided
  }
}

}  // namespace

VERB(lift_if) {
  return make_verb("lift_if", Kind::Composite, "an `if` goes outside of the loops and conditions around it",
                   Signature<Args>()
                       .verb("lift_if", &Args::branch, "statement", "the `if`")
                       .optional("levels", &Args::levels, "int", "how many of them [1]"),
                   run);
}

}  // namespace exo
