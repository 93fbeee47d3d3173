// reassociate: group a sum or product of three the other way.
//
//     { reassociate = "x[i] + (y[i] + z[i])", in = "s.store" }
//
//     for i in seq(0, n):
//         s[i] = x[i] + (y[i] + z[i])
//   =>
//     for i in seq(0, n):
//         s[i] = x[i] + y[i] + z[i]
//
// What is grouped to the right goes to the left, else what is grouped to the left goes to the right. `+` and `-` mix, and `max` and
// `min` are grouped as well. Exact for integers, which wrap; floats round in another order, which the contract `exact` refuses.
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

bool is_additive(BinaryOp op) { return op == BinaryOp::Add || op == BinaryOp::Sub; }

/// op, under a minus if `outer` is one.
BinaryOp signed_by(BinaryOp outer, BinaryOp op) {
  if (outer == BinaryOp::Add) return op;
  return op == BinaryOp::Add ? BinaryOp::Sub : BinaryOp::Add;
}

ExprRef regrouped(const Binary& e) {
  const auto fits = [&](const Binary* inner) {
    if (!inner) return false;
    return is_additive(e.op) ? is_additive(inner->op) : e.op == BinaryOp::Mul && inner->op == BinaryOp::Mul;
  };
  const bool adds = is_additive(e.op);
  if (const Binary* right = as<Binary>(e.b); fits(right))  // a - (b - c) is (a - b) + c
    return binary(adds ? signed_by(e.op, right->op) : e.op, binary(e.op, e.a, right->a), right->b);
  if (const Binary* left = as<Binary>(e.a); fits(left))  // (a - b) + c is a - (b - c)
    return binary(left->op, left->a, binary(adds ? signed_by(left->op, e.op) : e.op, left->b, e.b));
  return nullptr;
}

ExprRef regrouped(const Builtin& e) {
  if (e.name != "max" && e.name != "min") return nullptr;
  if (const Builtin* right = as<Builtin>(e.args[1]); right && right->name == e.name)
    return builtin(e.name, {builtin(e.name, {e.args[0], right->args[0]}), right->args[1]});
  if (const Builtin* left = as<Builtin>(e.args[0]); left && left->name == e.name)
    return builtin(e.name, {left->args[0], builtin(e.name, {left->args[1], e.args[1]})});
  return nullptr;
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const DataPart part = data_part(rw, args.what, args.in);
    const Binary* operation = as<Binary>(part.what);
    const Builtin* function = as<Builtin>(part.what);
    const ExprRef to = operation ? regrouped(*operation) : function ? regrouped(*function) : nullptr;
    if (!to)
      rw.refuse({"reassociate-operation", fmt::format("`{}` is no sum or product of three", print(part.what)),
                 part.path, "in this statement"});
    replace_part(rw, part, to);
  });
}

}  // namespace

VERB(reassociate) {
  return make_verb("reassociate", Kind::Primitive, "group a sum or product of three the other way",
                   Signature<Args>()
                       .verb("reassociate", &Args::what, "expression", "the sum, product, `max` or `min`")
                       .required("in", &Args::in, "statement", "where it stands"),
                   run);
}

}  // namespace exo
