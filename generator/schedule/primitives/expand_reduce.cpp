// expand_reduce: write a reduction as an assignment.
//
//     { expand_reduce = "x.update" }
//
//     x[0] += 2.0
//   =>
//     x[0] = x[0] + 2.0
//
// The same by definition.
#include "ir/build.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) { expand_reduce(rw, one_stmt(rw.before(), args.stmt)); });
}

}  // namespace

void expand_reduce(Rewrite& rw, const Path& path) {
  const Reduce* r = as<Reduce>(rw.stmt(path));
  if (!r) rw.refuse({"expand-reduce-kind", "this statement is not a reduction", path, "this one"});
  const ExprRef old = read(r->buffer, r->index);
  ExprRef rhs;
  switch (r->op) {
    case ReduceOp::Add:
      rhs = binary(BinaryOp::Add, old, r->rhs);
      break;
    case ReduceOp::Max:
      rhs = builtin("max", {old, r->rhs});
      break;
    case ReduceOp::Min:
      rhs = builtin("min", {old, r->rhs});
      break;
  }
  const Assign next{r->buffer, r->index, rhs};
  rw.edit.update(path, [&](const StmtRef& s) { return with_node(s, next); });
}

VERB(expand_reduce) {
  return make_verb("expand_reduce", Kind::Primitive, "write a reduction as an assignment",
                   Schema<Args>().verb("expand_reduce", &Args::stmt, "statement", "the reduction"), run);
}

}  // namespace exo
