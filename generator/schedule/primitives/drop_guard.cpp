// drop_guard: run a guarded block always.
//
//     { drop_guard = "t.init" }
//
//     assert m <= 8
//     t : f32[8]
//     for i in seq(0, 8):
//         if i < m:
//             t[i] = 1.0
//     for i in seq(0, m):
//         x[i] = t[i]
//   =>
//     assert m <= 8
//     t : f32[8]
//     for i in seq(0, 8):
//         t[i] = 1.0
//     for i in seq(0, m):
//         x[i] = t[i]
//
// What runs in addition must stay inside every buffer and write only places of a local buffer that no statement reads.
#include "ir/build.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    Path path = one_stmt(rw.before(), args.stmt);
    while (!path.empty() && !as<If>(rw.stmt(path))) path = parent(path);
    if (path.empty())
      reject(
          Diagnostic{"drop-guard-none", "no `if` stands around this statement", {}, {}, {}}.at(args.stmt.text.whole()));
    drop_guard(rw, path);
  });
}

}  // namespace

void drop_guard(Rewrite& rw, const Path& path) {
  Spelling(rw, "drop_guard").about(path);
  const If& branch = *as<If>(rw.stmt(path));
  if (!branch.orelse.empty()) rw.refuse({"drop-guard-else", "this `if` has an `else`", path, "this one"});
  prove_unobserved(rw, path, {with_node(rw.stmt(path), If{negate(branch.cond), branch.body, {}})},
                   "what the guard held back");
  rw.edit.splice({path, 1}, branch.body);
}

VERB(drop_guard) {
  return make_verb("drop_guard", Kind::Primitive, "run a guarded block always, for nothing where the guard was false",
                   Signature<Args>().verb("drop_guard", &Args::stmt, "statement", "the `if`, or a statement under it"),
                   run);
}

}  // namespace exo
