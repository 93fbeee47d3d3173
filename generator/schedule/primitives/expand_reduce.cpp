// expand_reduce: write a reduction as an assignment.
//
//     { expand_reduce = "x.update" }
//
//     x[0] += 2.0
//   =>
//     x[0] = x[0] + 2.0
//
// The same by definition. With `as`, the sum is taken in a scalar of that name, so that the reduction stays one:
//
//     t = x[0]
//     t += 2.0
//     x[0] = t
#include "ir/build.h"
#include "schedule/labels.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
  std::optional<Text> as;
};

void run(Schedule& s, const Args& args) {
  if (args.as) check_buffer_name(*args.as);
  s.apply([&](Rewrite& rw) {
    const Path path = one_stmt(rw.before(), args.stmt);
    if (args.as)
      reduce_in(rw, path, args.as->chars);
    else
      expand_reduce(rw, path);
  });
}

const Reduce& reduction(const Rewrite& rw, const Path& path) {
  const Reduce* r = as<Reduce>(rw.stmt(path));
  if (!r) rw.refuse({"expand-reduce-kind", "this statement is not a reduction", path, "this one"});
  return *r;
}

}  // namespace

void expand_reduce(Rewrite& rw, const Path& path) {
  Spelling(rw, "expand_reduce").about(path);
  const Reduce* r = &reduction(rw, path);
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

Sym reduce_in(Rewrite& rw, const Path& path, const std::string& as_name) {
  Spelling(rw, "expand_reduce").about(path).key("as", as_name);
  const StmtRef old = rw.stmt(path);
  const Reduce& r = reduction(rw, path);
  const Sym scalar = Sym::fresh(as_name);
  const auto label = [&](const char* role) { return Label{as_name + role, "", "", "", old->label.copies}; };
  rw.edit.splice({path, 1}, {stmt(Alloc{scalar, {rw.names().at(r.buffer).type.scalar, {}, false}, ""}, label(".alloc")),
                             stmt(Assign{scalar, {}, read(r.buffer, r.index)}, label(".load")),
                             with_node(old, Reduce{r.op, scalar, {}, r.rhs}),
                             stmt(Assign{r.buffer, r.index, read(scalar, {})}, label(".store"))});
  return scalar;
}

VERB(expand_reduce) {
  return make_verb("expand_reduce", Kind::Primitive, "write a reduction as an assignment",
                   Signature<Args>()
                       .verb("expand_reduce", &Args::stmt, "statement", "the reduction")
                       .optional("as", &Args::as, "name", "a scalar that takes the sum"),
                   run);
}

}  // namespace exo
