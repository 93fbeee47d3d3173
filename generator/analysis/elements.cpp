#include "analysis/elements.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "ir/build.h"
#include "ir/check.h"
#include "ir/walk.h"

namespace exo {
namespace {

bool is_truth(const ExprRef& e, bool value) {
  const Bool* b = as<Bool>(e);
  return b && b->value == value;
}

}  // namespace

ExprRef decided_part(const ExprRef& condition, const std::function<bool(Sym)>& is_known, bool otherwise) {
  if (as<Forall>(condition) || as<Bool>(condition) || as<Var>(condition)) return condition;
  const auto part = [&](const ExprRef& e) { return decided_part(e, is_known, otherwise); };
  if (const Unary* n = as<Unary>(condition)) {
    if (is_fixed(n->a, is_known)) return opposite(n->a);
    const Binary* inner = as<Binary>(n->a);
    if (inner && inner->op == BinaryOp::And)
      return part(binary(BinaryOp::Or, unary(UnaryOp::Not, inner->a), unary(UnaryOp::Not, inner->b)));
    if (inner && inner->op == BinaryOp::Or)
      return part(binary(BinaryOp::And, unary(UnaryOp::Not, inner->a), unary(UnaryOp::Not, inner->b)));
    if (const Unary* twice = as<Unary>(n->a)) return part(twice->a);
    return truth(otherwise);
  }
  const Binary* n = as<Binary>(condition);
  if (!n || (n->op != BinaryOp::And && n->op != BinaryOp::Or))
    return is_fixed(condition, is_known) ? condition : truth(otherwise);
  const ExprRef a = part(n->a), b = part(n->b);
  const bool stops = n->op == BinaryOp::Or;
  if (is_truth(a, stops) || is_truth(b, stops)) return truth(stops);
  if (is_truth(a, !stops)) return b;
  if (is_truth(b, !stops)) return a;
  return a == n->a && b == n->b ? condition : binary(n->op, a, b);
}

namespace {

void add_once(Exprs& list, const ExprRef& e) {
  const auto same = [&](const ExprRef& x) { return order(x, e) == 0; };
  if (std::none_of(list.begin(), list.end(), same)) list.push_back(e);
}

/// The element with its indices in normal form.
ExprRef tidy(const ExprRef& e) { return expression(linear(e)); }

void collect(const ExprRef& e, Exprs& out) {
  if (as<Forall>(e)) return;
  each_child(e, [&](const ExprRef& child) { collect(child, out); });
  if (as<Read>(e)) add_once(out, tidy(e));
}

/// The offset c where `e` is the variable plus c.
std::optional<int64_t> offset_from(const ExprRef& e, Sym variable) {
  const Linear l = linear(e);
  if (l.terms.size() != 1 || l.terms[0].second != 1) return std::nullopt;
  const Var* v = as<Var>(l.terms[0].first);
  return v && v->sym == variable ? std::optional(l.constant) : std::nullopt;
}

/// `forall i in seq(..): forall j in seq(..): body`.
struct Rule {
  std::vector<const Forall*> ranges;
  ExprRef body;
};

Rule rule_of(const ExprRef& e) {
  Rule out;
  const Forall* n = as<Forall>(e);
  for (; n; n = as<Forall>(n->body)) out.ranges.push_back(n), out.body = n->body;
  return out;
}

/// `step` more at each next index (or at each index before): t[i + at] + step <= t[i + at + 1].
struct Sorted {
  Sym tensor;
  int64_t at = 0, step = 0;
  bool rises = true;
};

std::optional<Sorted> neighbours(const ExprRef& condition, Sym variable) {
  const Binary* n = as<Binary>(condition);
  if (!n || n->op < BinaryOp::Lt || n->op > BinaryOp::Ge) return std::nullopt;
  const bool swapped = n->op == BinaryOp::Gt || n->op == BinaryOp::Ge;
  const bool strict = n->op == BinaryOp::Lt || n->op == BinaryOp::Gt;
  const Linear gap = linear(swapped ? n->a : n->b) - linear(swapped ? n->b : n->a);  // >= strict
  if (gap.terms.size() != 2 || gap.terms[0].second + gap.terms[1].second != 0) return std::nullopt;
  const bool first_is_large = gap.terms[0].second == 1;
  if (!first_is_large && gap.terms[1].second != 1) return std::nullopt;
  const Read* large = as<Read>(gap.terms[first_is_large ? 0 : 1].first);
  const Read* small = as<Read>(gap.terms[first_is_large ? 1 : 0].first);
  if (!large || !small || large->buffer != small->buffer || large->index.size() != 1) return std::nullopt;
  const auto b = offset_from(large->index[0], variable), a = offset_from(small->index[0], variable);
  if (!a || !b || (*b != *a + 1 && *a != *b + 1)) return std::nullopt;
  return Sorted{large->buffer, std::min(*a, *b), (strict ? 1 : 0) - gap.constant, *b > *a};
}

class Instances {
 public:
  using Evident = std::function<bool(const Exprs&, const ExprRef&)>;
  Instances(const Exprs& conditions, const Exprs& more_elements, Doubtful doubtful, const Evident& evident)
      : doubtful_(doubtful), evident_(evident), known_(conditions), elements_(elements(conditions)) {
    for (const ExprRef& e : more_elements) add_once(elements_, e);
    for (const ExprRef& e : conditions)
      if (as<Forall>(e))
        rules_.push_back(rule_of(e));
      else if (!reads_elements(e))
        plain_.push_back(e);
  }

  Exprs run() {
    if (elements_.empty() || rules_.empty()) return {};
    for (int round = 0; round < kRounds; ++round) {  // what one rule says may show that another applies
      const size_t before = out_.size();
      all_rules(Doubtful::LeaveOut);
      if (out_.size() == before) break;
    }
    if (doubtful_ == Doubtful::AsCases) all_rules(Doubtful::AsCases);
    return out_;
  }

 private:
  static constexpr int kRounds = 4;
  static constexpr size_t kMost = 24;  // choices of indices for one rule

  const Doubtful doubtful_;
  const Evident& evident_;
  Exprs known_;  // the conditions, and what was found
  Exprs plain_;  // the conditions that speak of no element
  Exprs elements_;
  std::vector<Rule> rules_;
  Exprs out_;

  struct Earlier {
    bool holds;
    size_t known;  // how many facts there were
  };
  struct Before {
    bool operator()(const ExprRef& a, const ExprRef& b) const { return order(a, b) < 0; }
  };
  std::map<ExprRef, Earlier, Before> asked_;
  std::set<ExprRef, Before> tried_;

  /// What elements are says nothing of numbers that are none, so that those are asked about once.
  bool holds(const ExprRef& applies) {
    const Exprs& facts = reads_elements(applies) ? known_ : plain_;
    const auto [it, fresh] = asked_.emplace(applies, Earlier{false, facts.size()});
    if (fresh || (!it->second.holds && it->second.known != facts.size()))
      it->second = {evident_(facts, applies), facts.size()};
    return it->second.holds;
  }

  void all_rules(Doubtful doubtful) {
    for (const Rule& rule : rules_) {
      apply(rule, doubtful);
      if (rule.ranges.size() == 1) compare(rule.body, *rule.ranges[0], doubtful);
    }
  }

  /// `fact` holds where `applies` does.
  void add(const ExprRef& applies, const ExprRef& fact, Doubtful doubtful) {
    const ExprRef whole = any_of({opposite(applies), fact});
    if (tried_.count(whole)) return;
    const bool always = holds(applies);
    if (!always && doubtful == Doubtful::LeaveOut) return;
    tried_.insert(whole);
    learn(always ? fact : whole);
  }

  void learn(const ExprRef& fact) {
    if (const Binary* n = as<Binary>(fact); n && n->op == BinaryOp::And) return learn(n->a), learn(n->b);
    out_.push_back(fact), known_.push_back(fact);
  }

  /// The body for each choice of indices that makes one of its elements one of ours.
  void apply(const Rule& rule, Doubtful doubtful) {
    std::vector<Substitution> choices = {{}};
    for (const Forall* range : rule.ranges) {
      Exprs values;
      const auto patterns = [&](const ExprRef& e) {
        each_expr(e, [&](const ExprRef& x) {
          if (const Read* r = as<Read>(x)) candidates(*r, range->iter, values);
        });
      };
      patterns(rule.body);
      for (const Forall* other : rule.ranges) patterns(other->lo), patterns(other->hi);
      std::vector<Substitution> next;
      for (const Substitution& choice : choices)
        for (const ExprRef& value : values) {
          next.push_back(choice);
          next.back()[range->iter] = value;
        }
      choices = std::move(next);
      if (choices.size() > kMost) choices.resize(kMost);
    }
    for (const Substitution& choice : choices) {
      Exprs applies;
      for (const Forall* range : rule.ranges) {
        const ExprRef& value = choice.at(range->iter);
        applies.push_back(le(substitute(range->lo, choice), value));
        applies.push_back(lt(value, substitute(range->hi, choice)));
      }
      add(all_of(applies), substitute(rule.body, choice), doubtful);
    }
  }

  /// The values of the variable for which `pattern` is one of our elements.
  void candidates(const Read& pattern, Sym variable, Exprs& values) const {
    for (size_t d = 0; d < pattern.index.size(); ++d) {
      const auto offset = offset_from(pattern.index[d], variable);
      if (!offset) continue;
      for (const ExprRef& element : elements_)
        if (const Read* r = as<Read>(element); r->buffer == pattern.buffer)
          add_once(values, expression(linear(r->index[d]) - constant(*offset)));
    }
  }

  /// Neighbours in order are elements in order, as far as the range goes.
  void compare(const ExprRef& body, const Forall& range, Doubtful doubtful) {
    if (const Binary* n = as<Binary>(body); n && n->op == BinaryOp::And)
      return compare(n->a, range, doubtful), compare(n->b, range, doubtful);
    const auto found = neighbours(body, range.iter);
    if (!found) return;
    for (const ExprRef& a : elements_)
      for (const ExprRef& b : elements_) {
        const Read *x = as<Read>(a), *y = as<Read>(b);
        if (a == b || x->buffer != found->tensor || y->buffer != found->tensor) continue;
        const ExprRef &u = x->index[0], &v = y->index[0];  // u <= v
        const ExprRef growth = num(found->step) * (v - u);
        add(all_of({le(range.lo + num(found->at), u), le(u, v), le(v, range.hi + num(found->at))}),
            found->rises ? le(a + growth, b) : le(b + growth, a), doubtful);
      }
  }
};

}  // namespace

Exprs elements(const Exprs& conditions) {
  Exprs out;
  for (const ExprRef& e : conditions) collect(e, out);
  return out;
}

Exprs instances(const Exprs& conditions, const Exprs& more_elements, Doubtful doubtful,
                const std::function<bool(const Exprs& facts, const ExprRef& claim)>& evident) {
  return Instances(conditions, more_elements, doubtful, evident).run();
}

}  // namespace exo
