// Control expressions: whole numbers and truth values made of sizes, iterators and strides.
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/check_expr.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr double kLargestFactor = 0x1p31, kLargestNumber = 0x1p62;

/// The largest number by which a variable in the expression is multiplied.
double factor(const ExprRef& e) {
  if (const int64_t* value = literal(e)) return std::fabs(static_cast<double>(*value));
  if (const Binary* b = as<Binary>(e)) {
    const double x = factor(b->a), y = factor(b->b);
    return b->op == BinaryOp::Mul ? x * y : std::max(x, b->op == BinaryOp::Div || b->op == BinaryOp::Mod ? 1.0 : y);
  }
  double most = 1;
  each_child(e, [&](const ExprRef& child) { most = std::max(most, factor(child)); });
  return most;
}

}  // namespace

std::string kind_of(const Type& type) {
  const std::string name = scalar_name(type.scalar);
  if (is_data(type.scalar)) return "a buffer of " + name;
  return (type.scalar == Scalar::Index || type.scalar == Scalar::Int ? "an " : "a ") + name;
}

ExpressionChecker::ExpressionChecker(const Proc& proc, Problems& problems)
    : names_(declarations(proc)), problems_(problems) {
  for (const Param& p : proc.params) places_[p.name] = p.span;
  each_stmt(proc.body, [&](const StmtRef& s) {
    if (const Sym sym = bound_by(*s)) places_[sym] = s->span;
  });
}

const Declaration& ExpressionChecker::declared(Sym sym) const {
  const auto it = names_.find(sym);
  if (it == names_.end()) BUG(fmt::format("`{}` is used but nowhere declared", sym ? sym.name() : "?"));
  return it->second;
}

Diagnostic& ExpressionChecker::problem(const char* code, std::string message, Span span, std::string words) {
  return problems_.add(Diagnostic{code, std::move(message), {{span, std::move(words)}}, {}, {}});
}

void ExpressionChecker::point_at_declaration(Diagnostic& d, Sym sym) const {
  const auto it = places_.find(sym);
  if (it != places_.end() && it->second.source) d.at(it->second, fmt::format("`{}` is declared here", sym.name()));
}

void ExpressionChecker::integer(const ExprRef& e) {
  std::visit(match{
                 [&](const Int& n) {
                   if (std::fabs(static_cast<double>(n.value)) > kLargestNumber)
                     problem("control-range", fmt::format("`{}` is too large for a size or iterator", print(e)),
                             e->span)
                         .help("whole numbers of control are at most 4611686018427387904");
                 },
                 [&](const Float&) { data_in_control(e); },
                 [&](const Bool&) { not_a_number(e); },
                 [&](const Var& n) { control_variable(e, n.sym); },
                 [&](const Read& n) { element_in_control(e, n); },
                 [&](const Unary& n) { n.op == UnaryOp::Neg ? integer(n.a) : not_a_number(e); },
                 [&](const Binary& n) { control_operation(e, n); },
                 [&](const Builtin& n) {
                   if (n.name != "min" && n.name != "max") return data_in_control(e);
                   if (arity(e, n)) integer(n.args[0]), integer(n.args[1]);
                 },
                 [&](const Window&) { misplaced_window(e); },
                 [&](const Stride& n) { stride_of(e, n); },
                 [&](const Forall&) { misplaced_forall(e); },
             },
             e->node);
}

void ExpressionChecker::condition(const ExprRef& e) {
  std::visit(match{
                 [&](const Int&) { not_a_condition(e); },
                 [&](const Float&) { not_a_condition(e); },
                 [&](const Bool&) {},
                 [&](const Var& n) {
                   field_in_place(e, n.sym);
                   if (declared(n.sym).type.scalar != Scalar::Bool) not_a_condition(e);
                 },
                 [&](const Read&) { not_a_condition(e); },
                 [&](const Unary& n) { n.op == UnaryOp::Not ? condition(n.a) : not_a_condition(e); },
                 [&](const Binary& n) {
                   if (n.op <= BinaryOp::Mod) return not_a_condition(e);
                   if (n.op == BinaryOp::And || n.op == BinaryOp::Or) return condition(n.a), condition(n.b);
                   comparison(n);
                 },
                 [&](const Builtin&) { is_data_expr(e) ? data_in_control(e) : not_a_condition(e); },
                 [&](const Window&) { misplaced_window(e); },
                 [&](const Stride&) { not_a_condition(e); },
                 [&](const Forall&) { misplaced_forall(e); },
             },
             e->node);
}

void ExpressionChecker::branch_condition(const ExprRef& e) {
  reads_all_ = true;
  condition(e);
  reads_all_ = false;
}

void ExpressionChecker::assertion(const ExprRef& e) {
  const Forall* n = as<Forall>(e);
  if (!n) return condition(e);
  integer(n->lo), integer(n->hi);
  assertion(n->body);
}

void ExpressionChecker::comparison(const Binary& node) {
  if (reads_all_ && !is_exact(node, names_)) return operands({node.a, node.b}, compared_type(node, names_));
  const size_t before = problems_.size();
  integer(node.a);
  if (problems_.size() == before) integer(node.b);  // one problem is enough
}

/// Only what never changes may decide which elements are touched; the condition of an `if` decides by any value.
void ExpressionChecker::element_in_control(const ExprRef& e, const Read& node) {
  const Declaration& declaration = declared(node.buffer);
  if (!is_integer_data(declaration.type.scalar)) return data_in_control(e);
  index(e->span, node.buffer, node.index);
  if (reads_all_ || declaration.is_index_tensor) return;
  Diagnostic& d =
      problem("index-tensor", fmt::format("`{}` decides here which elements are touched", print(e)), e->span);
  d.note("index tensors are parameters of integers that the procedure only reads, by their own name");
  d.help(declaration.is_param && !declaration.type.shape.empty()
             ? fmt::format("compute `{}` in another kernel, and pass it to this one", node.buffer.name())
             : fmt::format("pass `{}` as a tensor", node.buffer.name()));
  point_at_declaration(d, node.buffer);
}

void ExpressionChecker::control_variable(const ExprRef& e, Sym sym) {
  field_in_place(e, sym);
  const Scalar type = declared(sym).type.scalar;
  if (is_data(type)) return data_in_control(e);
  if (type == Scalar::Bool) not_a_number(e);
}

/// Bounds, extents and indices are the same wherever they are evaluated; what configuration holds is not.
void ExpressionChecker::field_in_place(const ExprRef& e, Sym sym) {
  if (!sym.is_field() || fields_) return;
  problem("config-place", fmt::format("`{}` can change while this is in use", sym.name()), e->span)
      .note("bounds of loops, extents, indices and windows never depend on configuration")
      .help("pass the value to a procedure that takes it as a size, or test it with `if`");
}

void ExpressionChecker::control_operation(const ExprRef& e, const Binary& node) {
  if (node.op > BinaryOp::Mod) return not_a_number(e);
  integer(node.a);
  if (node.op == BinaryOp::Div || node.op == BinaryOp::Mod) return divisor(node.b);
  integer(node.b);
  if (node.op == BinaryOp::Mul && factor(e) > kLargestFactor)
    problem("control-range", fmt::format("`{}` may not fit 64 bits", print(e)), e->span)
        .help("sizes and iterators are multiplied by at most 2147483647");
}

void ExpressionChecker::divisor(const ExprRef& e) {
  const int64_t* value = literal(e);
  if (value && *value > 0) return;
  problem("divisor", fmt::format("the divisor `{}` is not a positive constant", print(e)), e->span)
      .help("divide by a number such as `4`");
}

void ExpressionChecker::stride_of(const ExprRef& e, const Stride& node) {
  const Declaration& buffer = declared(node.buffer);
  const size_t rank = buffer.type.shape.size();
  if (node.dim >= 0 && static_cast<size_t>(node.dim) < rank) return;
  Diagnostic& d = problem("rank", fmt::format("`{}` has no dimension {}", node.buffer.name(), node.dim), e->span,
                          fmt::format("its rank is {}; dimensions count from 0", rank));
  point_at_declaration(d, node.buffer);
}

void ExpressionChecker::not_a_number(const ExprRef& e) {
  problem("kind", fmt::format("`{}` is true or false, but a number is needed here", print(e)), e->span);
}

void ExpressionChecker::not_a_condition(const ExprRef& e) {
  problem("kind", fmt::format("`{}` is a number, but a condition is needed here", print(e)), e->span)
      .help(fmt::format("compare it, as in `{} > 0`", print(e)));
}

void ExpressionChecker::data_in_control(const ExprRef& e) {
  Diagnostic& d = problem("data-in-control", fmt::format("`{}` is data", print(e)), e->span,
                          "a size, an iterator or a whole number is needed here");
  d.note("bounds of loops and indices are made of sizes, iterators and elements of index tensors");
  if (const Read* n = as<Read>(e)) point_at_declaration(d, n->buffer);
}

void ExpressionChecker::misplaced_forall(const ExprRef& e) {
  problem("kind", fmt::format("`{}` stands outside of an assertion", print(e)), e->span);
}

void ExpressionChecker::misplaced_window(const ExprRef& e) {
  problem("window", fmt::format("`{}` is a part of a buffer, not a value", print(e)), e->span)
      .help("ranges stand in the arguments of a call and behind a new name, as in `y = x[0:4]`; else write a loop");
}

void ExpressionChecker::index(Span span, Sym buffer, const Exprs& index) {
  const Declaration& declaration = declared(buffer);
  const size_t rank = declaration.type.shape.size();
  const bool fields = std::exchange(fields_, false), all = std::exchange(reads_all_, false);
  for (const ExprRef& e : index) integer(e);
  fields_ = fields, reads_all_ = all;
  if (index.size() == rank) return;
  const std::string message =
      index.empty()
          ? fmt::format("`{}` is a whole tensor, one element is needed here", buffer.name())
          : fmt::format("`{}` has {} dimension{}, not {}", buffer.name(), rank, rank == 1 ? "" : "s", index.size());
  point_at_declaration(problem("rank", message, span), buffer);
}

}  // namespace exo
