#include "schedule/layout.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/check.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

[[noreturn]] void malformed_layout(const Text& text, const std::string& what) {
  reject(
      Diagnostic{"stage-layout", what, {}, {}, {}}.at(text.whole()).help("a layout reads `(k, j) -> (j/16, k, j%16)`"));
}

/// The parts of "(a, b/2, (c + 1)%4)" between the outer parentheses.
std::vector<Text> tuple(const Text& text, size_t begin, size_t end) {
  const std::string& s = text.chars;
  while (begin < end && s[begin] == ' ') ++begin;
  while (end > begin && s[end - 1] == ' ') --end;
  if (end - begin < 2 || s[begin] != '(' || s[end - 1] != ')')
    malformed_layout(text, "both sides of a layout are in parentheses");
  std::vector<Text> out;
  size_t from = begin + 1;
  int depth = 0;
  for (size_t i = begin + 1; i < end; ++i) {
    if (s[i] == '(') ++depth;
    if (s[i] == ')') --depth;
    if ((s[i] == ',' && depth == 0) || i + 1 == end) {
      size_t a = from, b = i;
      while (a < b && s[a] == ' ') ++a;
      while (b > a && s[b - 1] == ' ') --b;
      out.push_back(subtext(text, a, b));
      from = i + 1;
    }
  }
  return out;
}

enum class End { Smallest, Largest };

/// A bound, exact for the layouts that people write: x, x/c, x%c and sums of them. That it is one is proved afterwards.
ExprRef bound(const ExprRef& e, const Substitution& last, End end) {
  Linear out = constant(linear(e).constant);
  for (const auto& [x, n] : linear(e).terms) {
    const End side = (n > 0) == (end == End::Largest) ? End::Largest : End::Smallest;
    const Binary* b = as<Binary>(x);
    ExprRef value = side == End::Largest ? substitute(x, last) : num(0);
    if (b && b->op == BinaryOp::Mod && side == End::Largest) value = num(*literal(b->b) - 1);
    if (b && b->op == BinaryOp::Div) value = bound(b->a, last, side) / *literal(b->b);
    out = out + n * linear(value);
  }
  return expression(out);
}

/// Refuses what is no whole number of control.
void check_part(const ExprRef& e, const Text& text) {
  each_expr(e, [&](const ExprRef& x) {
    const Binary* b = as<Binary>(x);
    const Builtin* call = as<Builtin>(x);
    const bool divides = b && (b->op == BinaryOp::Div || b->op == BinaryOp::Mod);
    if (divides && (!literal(b->b) || *literal(b->b) < 1))
      malformed_layout(text, fmt::format("the divisor `{}` is not a positive constant", print(b->b)));
    const bool number = as<Int>(x) || as<Var>(x) || (as<Unary>(x) && as<Unary>(x)->op == UnaryOp::Neg) ||
                        (b && b->op <= BinaryOp::Mod) || (call && (call->name == "min" || call->name == "max"));
    if (!number) malformed_layout(text, fmt::format("`{}` is no whole number", print(x)));
  });
}

}  // namespace

Layout::Layout(size_t rank) : names_(rank) {
  for (size_t d = 0; d < rank; ++d) {
    formals_.push_back(Sym::fresh(fmt::format("d{}", d)));
    outputs_.push_back(var(formals_.back()));
  }
}

Layout::Layout(const Text& text, const std::vector<std::string>& axes, const Context& context)
    : identity_(false), names_(axes.size()) {
  const size_t arrow = text.chars.find("->");
  if (arrow == text.chars.npos) malformed_layout(text, "a layout has an arrow");
  const auto left = tuple(text, 0, arrow);
  if (left.size() != axes.size())
    malformed_layout(text, fmt::format("this window has {} dimensions, the layout names {}", axes.size(), left.size()));
  const bool by_name = std::all_of(left.begin(), left.end(),
                                   [&](const Text& t) { return std::count(axes.begin(), axes.end(), t.chars) == 1; });
  std::map<std::string, ExprRef> scope;
  std::vector<std::string> known;
  for (const auto& [name, value] : context.params) scope[name] = num(value);
  formals_.resize(axes.size());
  for (size_t i = 0; i < left.size(); ++i) {
    const std::string& name = left[i].chars;
    if (!is_identifier(name)) malformed_layout(left[i], fmt::format("`{}` is not a name", name));
    const size_t dim = by_name ? static_cast<size_t>(std::find(axes.begin(), axes.end(), name) - axes.begin()) : i;
    if (!names_[dim].empty()) malformed_layout(left[i], fmt::format("`{}` stands twice", name));
    names_[dim] = name;
    formals_[dim] = Sym::fresh(name);
    scope[name] = var(formals_[dim]);
    known.push_back(name);
  }
  for (const Text& part : tuple(text, arrow + 2, text.chars.size())) {
    outputs_.push_back(folded(parse_expr(
        part,
        [&](const std::string& name) -> std::optional<ExprRef> {
          const auto it = scope.find(name);
          return it == scope.end() ? std::nullopt : std::optional(it->second);
        },
        known)));
    check_part(outputs_.back(), part);
  }
}

Exprs Layout::index(const Exprs& coordinates) const {
  Substitution by;
  for (size_t d = 0; d < formals_.size(); ++d) by[formals_[d]] = coordinates[d];
  Exprs out;
  for (const ExprRef& e : outputs_) out.push_back(substitute(e, by));
  return out;
}

Exprs Layout::extents(const Exprs& window) const {
  if (identity_) return window;
  Substitution last;
  for (size_t d = 0; d < formals_.size(); ++d) last[formals_[d]] = window[d] - num(1);
  Exprs out;
  for (const ExprRef& e : outputs_) out.push_back(expression(linear(bound(e, last, End::Largest) + num(1))));
  return out;
}

Verdict Layout::inside(const Facts& facts, const Exprs& window) const {
  if (identity_) return {Verdict::Proved, {}};
  Facts here = facts;
  for (size_t d = 0; d < formals_.size(); ++d) here.add_range(formals_[d], num(0), window[d]);
  const Exprs room = extents(window);
  Exprs claims;
  for (size_t i = 0; i < outputs_.size(); ++i)
    claims.push_back(le(num(0), outputs_[i])), claims.push_back(lt(outputs_[i], room[i]));
  return prove(here, all_of(claims));
}

Verdict Layout::injective(const Facts& facts, const Exprs& window) const {
  if (identity_) return {Verdict::Proved, {}};
  Facts both = facts;
  Substitution primed;
  Exprs same;
  for (size_t d = 0; d < formals_.size(); ++d) {
    const Sym other = Sym::fresh(formals_[d].name() + "'");
    primed[formals_[d]] = var(other);
    both.add_range(formals_[d], num(0), window[d]);
    both.add_range(other, num(0), window[d]);
    same.push_back(eq(var(formals_[d]), var(other)));
  }
  for (const ExprRef& e : outputs_) both.add(eq(e, substitute(e, primed)));
  return prove(both, all_of(same));
}

std::optional<std::vector<Slice>> Layout::part(const Facts& facts, const std::vector<Slice>& slices) const {
  Substitution first, any;  // the first element of the part, and any one
  Facts inside = facts;
  std::vector<std::pair<Sym, size_t>> ranges;
  for (size_t d = 0; d < formals_.size(); ++d) {
    first[formals_[d]] = any[formals_[d]] = slices[d].lo;
    if (!slices[d].hi) continue;
    ranges.emplace_back(formals_[d], d);
    any[formals_[d]] = var(formals_[d]);
    inside.add_range(formals_[d], slices[d].lo, slices[d].hi);
  }
  std::vector<Slice> out;
  size_t next = 0;  // of the ranges: each one walks a dimension, in their order
  for (const ExprRef& e : outputs_) {
    const ExprRef begin = substitute(e, first), here = substitute(e, any);
    const bool walks = next < ranges.size() && linear(e) - linear(var(ranges[next].first)) ==
                                                   linear(substitute(e, {{ranges[next].first, num(0)}}));
    if (!walks && prove(inside, eq(here, begin))) {
      out.push_back({begin, nullptr});
      continue;
    }
    if (next == ranges.size()) return std::nullopt;
    const auto& [formal, d] = ranges[next++];
    if (!prove(inside, eq(here - begin, var(formal) - slices[d].lo))) return std::nullopt;
    out.push_back({begin, expression(linear(begin + length(slices[d])))});
  }
  return next == ranges.size() ? std::optional(out) : std::nullopt;
}

}  // namespace exo
