// distribute: a product of a sum becomes a sum of products.
//
//     { distribute = "a[i] * (b[i] + c[i])", in = "s.store" }
//
//     for i in seq(0, n):
//         s[i] = a[i] * (b[i] + c[i])
//   =>
//     for i in seq(0, n):
//         s[i] = a[i] * b[i] + a[i] * c[i]
//
// The sum, or difference, may stand on either side. Exact for integers, which wrap; floats round differently, which the contract
// `exact` refuses. (`rewrite_expr` takes a factor out again.)
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

ExprRef distributed(const ExprRef& e) {
  const auto sum = [](const ExprRef& x) {
    const Binary* b = as<Binary>(x);
    return b && (b->op == BinaryOp::Add || b->op == BinaryOp::Sub) ? b : nullptr;
  };
  const Binary* product = as<Binary>(e);
  if (!product || product->op != BinaryOp::Mul) return nullptr;
  const auto times = [](const ExprRef& a, const ExprRef& b) { return binary(BinaryOp::Mul, a, b); };
  if (const Binary* s = sum(product->b)) return binary(s->op, times(product->a, s->a), times(product->a, s->b));
  if (const Binary* s = sum(product->a)) return binary(s->op, times(s->a, product->b), times(s->b, product->b));
  return nullptr;
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const DataPart part = data_part(rw, args.what, args.in);
    const ExprRef to = distributed(part.what);
    if (!to)
      rw.refuse({"distribute-operation", fmt::format("`{}` is no product with a sum in it", print(part.what)),
                 part.path, "in this statement"});
    replace_part(rw, part, to);
  });
}

}  // namespace

VERB(distribute) {
  return make_verb("distribute", Kind::Primitive, "a product of a sum becomes a sum of products",
                   Signature<Args>()
                       .verb("distribute", &Args::what, "expression", "the product")
                       .required("in", &Args::in, "statement", "where it stands"),
                   run);
}

}  // namespace exo
