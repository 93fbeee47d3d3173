#include "schedule/right_side.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/same_value.h"
#include "ir/build.h"
#include "ir/builtin.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/replay.h"
#include "support/text.h"

namespace exo {
namespace {

/// The same for the condition of a `select`, of which only what is compared can be data.
ExprRef map_condition(const ExprRef& e, const Declarations& names, const VisitData& visit) {
  const Binary* b = as<Binary>(e);
  const bool compares = b && b->op >= BinaryOp::Lt && b->op <= BinaryOp::Ne;
  if (!compares) return map_children(e, [&](const ExprRef& c) { return map_condition(c, names, visit); });
  const Scalar type = compared_type(*b, names);
  return is_data(type) ? map_children(e, [&](const ExprRef& c) { return map_data(c, type, names, visit); }) : e;
}

/// Values for which an order of float operations shows.
std::string rounding_example(const ExprRef& e, Scalar type) {
  bool product = false, sum = false, extremum = false;
  each_expr(e, [&](const ExprRef& x) {
    if (const Binary* b = as<Binary>(x)) (b->op == BinaryOp::Mul ? product : sum) = true;
    if (const Builtin* b = as<Builtin>(x)) extremum = extremum || b->name == "max" || b->name == "min";
  });
  const char* small = type == Scalar::F64 ? "1e-300" : type == Scalar::F16 ? "0.001" : "1e-30";
  const char* large = type == Scalar::F64 ? "1e300" : type == Scalar::F16 ? "1000" : "1e30";
  if (product && sum)
    return fmt::format("with {0}, {0} and -{0} one of them is 0 and the other one is no number", large);
  if (product)
    return fmt::format("with {}, {} and {} one of them is {} and the other one is infinite", small, large, large,
                       large);
  if (extremum && !sum) return "with 1 and what is no number one of them is 1 and the other one is no number";
  const char* big = type == Scalar::F64 ? "2^54" : type == Scalar::F16 ? "4096" : "2^25";
  return fmt::format("with {0}, -{0} and 1 one of them is 1 and the other one is 0", big);
}

}  // namespace

ExprRef right_side(const StmtRef& s) {
  if (const Assign* a = as<Assign>(s)) return a->rhs;
  if (const Reduce* r = as<Reduce>(s)) return r->rhs;
  return nullptr;
}

StmtRef with_right_side(const StmtRef& s, const ExprRef& rhs) {
  if (const Assign* a = as<Assign>(s)) return with_node(s, Assign{a->buffer, a->index, rhs});
  if (const Reduce* r = as<Reduce>(s)) return with_node(s, Reduce{r->op, r->buffer, r->index, rhs});
  BUG("this statement has no right side");
}

Scalar target_type(const StmtRef& s, const Declarations& names) {
  const Assign* a = as<Assign>(s);
  return names.at(a ? a->buffer : as<Reduce>(s)->buffer).type.scalar;
}

ExprRef map_data(const ExprRef& e, Scalar type, const Declarations& names, const VisitData& visit) {
  if (const ExprRef other = visit(e, type)) return other;
  if (as<Read>(e)) return e;
  const Builtin* call = as<Builtin>(e);
  if (call && converts_to(call->name)) type = operand_type(call->args[0], names);
  const Binary* b = as<Binary>(e);
  const bool divides = b && (b->op == BinaryOp::Div || b->op == BinaryOp::Mod) && is_integer_data(type);
  const ExprRef* first = call && call->name == "select" ? &call->args[0] : nullptr;
  return map_children(e, [&](const ExprRef& c) {
    if (divides && c == b->b) return c;
    return first && c == *first ? map_condition(c, names, visit) : map_data(c, type, names, visit);
  });
}

ExprRef part_called(const std::string& text, const ExprRef& rhs, Scalar type, const Declarations& names) {
  const auto plain = [](std::string s) {
    s.erase(std::remove(s.begin(), s.end(), ' '), s.end());
    return s;
  };
  ExprRef found;
  const auto look = [&](const ExprRef& e) {
    if (!found && plain(print(e)) == plain(text)) found = e;
  };
  map_data(rhs, type, names, [&](const ExprRef& e, Scalar) { return look(e), ExprRef{}; });
  if (!found) each_expr(rhs, look);
  return found;
}

DataPart data_part(const Rewrite& rw, const Text& what, const Ref& in) {
  const Path path = one_stmt(rw.before(), in);
  const ExprRef rhs = right_side(rw.stmt(path));
  if (!rhs) rw.refuse({"expr-statement", "only assignments and reductions have a right side", path, "this statement"});
  const Scalar type = target_type(rw.stmt(path), rw.names());
  const ExprRef found = part_called(what.chars, rhs, type, rw.names());
  if (!found)
    reject(Diagnostic{"expr-absent",
                      fmt::format("`{}` does not stand in `{}`", what.chars, trim(print(Block{rw.stmt(path)}))),
                      {},
                      {},
                      {}}
               .at(what.whole())
               .help("write it as the program has it"));
  std::optional<Scalar> here;
  map_data(rhs, type, rw.names(), [&](const ExprRef& e, Scalar t) -> ExprRef {
    if (!here && equal(e, found)) here = type_of(e, rw.names(), t);
    return nullptr;
  });
  if (!here || !is_data(*here))
    rw.refuse({"expr-control",
               fmt::format("`{}` is no data of this statement", print(found)),
               path,
               "in this statement",
               {"sizes and iterators stand in normal form after every step; `rewrite_expr` puts something equal"}});
  return {path, found, *here};
}

void keep_contract(const Rewrite& rw, const Path& path, const ExprRef& before, const ExprRef& after, Scalar type) {
  if (rw.context.contract != Contract::Exact || !is_float(type)) return;
  const Facts facts = rw.facts(path);
  if (same_value(before, after, type, rw.names(), facts, Contract::Exact)) return;
  if (!same_value(before, after, type, rw.names(), facts, Contract::Reassociate)) return;
  Diagnostic d{"expr-contract",
               fmt::format("`{}` and `{}` round in another order, which the contract `exact` keeps", print(before),
                           print(after)),
               {},
               {},
               {}};
  point_at(d, rw.before(), path, "this statement");
  d.note("counterexample: " + rounding_example(before, type));
  reject(std::move(d).help("say `contract = { fp = \"reassociate\" }` in the kernel if a sum is a set"));
}

void replace_part(Rewrite& rw, const DataPart& part, const ExprRef& to) {
  const StmtRef old = rw.stmt(part.path);
  const Scalar type = target_type(old, rw.names());
  const ExprRef rhs = map_data(right_side(old), type, rw.names(), [&](const ExprRef& e, Scalar t) -> ExprRef {
    return equal(e, part.what) && type_of(e, rw.names(), t) == part.type ? to : nullptr;
  });
  keep_contract(rw, part.path, part.what, to, part.type);
  rw.edit.update(part.path, [&](const StmtRef& s) { return with_right_side(s, rhs); });
  if (same_value(part.what, to, part.type, rw.names(), rw.facts(part.path), rw.context.contract)) return;
  Failure failure{{"expr-differs",
                   fmt::format("`{}` and `{}` are not the same {}", print(part.what), print(to),
                               is_float(part.type) ? "sum of products" : scalar_name(part.type)),
                   part.path, "in this statement"},
                  {Verdict::Refuted, {}},
                  std::nullopt};
  const auto after = rw.edit.proc();
  if (!replay(failure, std::make_shared<const Proc>(rw.before()), after).confirmed)
    failure.verdict.answer = Verdict::Unknown;
  rw.fail(std::move(failure));
}

}  // namespace exo
