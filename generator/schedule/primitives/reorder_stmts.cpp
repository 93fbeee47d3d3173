// reorder_stmts: two neighbouring statements change places.
//
//     { reorder_stmts = ["x.init", "y.init"] }
//
//     x[0] = 1.0
//     y[0] = 2.0
//   =>
//     y[0] = 2.0
//     x[0] = 1.0
//
// They must commute, and the second must not use what the first declares.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  std::vector<Ref> stmts;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) { swap_with_next(rw, neighbours(rw.before(), args.stmts).first); });
}

}  // namespace

void swap_with_next(Rewrite& rw, const Path& path) {
  const StmtRef first = rw.stmt(path), second = rw.stmt(sibling(path, 1));
  for (const Sym declared : declared_by(first))
    if (mentions(Block{second}, declared))
      rw.refuse({"reorder-stmts-alloc", fmt::format("the second uses `{}`, which the first declares", declared.name()),
                 path, "declared here"});
  rw.prove_none(conflict(rw.facts(path), accesses(rw.names(), {first}), accesses(rw.names(), {second}), rw.names(),
                         rw.context.contract),
                {"reorder-stmts-order", "to swap these statements changes the result", path, "this one and the next"});
  rw.edit.splice({path, 2}, {second, first});
}

VERB(reorder_stmts) {
  return make_verb("reorder_stmts", Kind::Primitive, "two neighbouring statements change places",
                   Signature<Args>().verb("reorder_stmts", &Args::stmts, "statements", "the two statements, or loops"),
                   run);
}

}  // namespace exo
