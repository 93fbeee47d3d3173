// commute: the two sides of `+`, `*`, `max` or `min` change places.
//
//     { commute = "a[i] * b[j]", in = "c.update" }
//
//     for i in seq(0, n):
//         for j in seq(0, n):
//             c[i, j] += a[i] * b[j]
//   =>
//     for i in seq(0, n):
//         for j in seq(0, n):
//             c[i, j] += b[j] * a[i]
//
// Exact for integers, and for `+` and `*` of floats (which of two values that are no number comes out is no part of a float's
// value). `max` and `min` of floats tell their sides apart where one is no number, so the contract `exact` refuses them.
// Acts on every place of the statement where the expression stands.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "schedule/primitives.h"
#include "schedule/right_side.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Text what;
  Ref in;
};

/// The expression with its sides swapped; null where it has no two sides that may change places.
ExprRef swapped(const ExprRef& e) {
  if (const Binary* b = as<Binary>(e); b && (b->op == BinaryOp::Add || b->op == BinaryOp::Mul))
    return binary(b->op, b->b, b->a);
  if (const Builtin* b = as<Builtin>(e); b && (b->name == "max" || b->name == "min"))
    return builtin(b->name, {b->args[1], b->args[0]});
  return nullptr;
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const DataPart part = data_part(rw, args.what, args.in);
    const ExprRef to = swapped(part.what);
    if (!to)
      rw.refuse({"commute-operation",
                 fmt::format("`{}` is no sum, product, `max` or `min`", print(part.what)),
                 part.path,
                 "in this statement",
                 {"`a - b` commutes as `a + -b`: `rewrite_expr` it first"}});
    replace_part(rw, part, to);
  });
}

}  // namespace

VERB(commute) {
  return make_verb("commute", Kind::Primitive, "the two sides of an operation change places",
                   Signature<Args>()
                       .verb("commute", &Args::what, "expression", "the sum, product, `max` or `min`")
                       .required("in", &Args::in, "statement", "where it stands"),
                   run);
}

}  // namespace exo
