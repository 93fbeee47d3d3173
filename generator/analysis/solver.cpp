// Questions about control values: what is evident, what is remembered, and what Z3 is asked.
#include "analysis/solver.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "analysis/elements.h"
#include "analysis/question.h"
#include "analysis/refute.h"
#include "analysis/simplify.h"
#include "analysis/small_values.h"
#include "analysis/z3.h"
#include "ir/build.h"
#include "ir/values.h"
#include "ir/walk.h"
#include "support/diagnostic.h"
#include "support/text.h"

namespace exo {
namespace {

Effort counters;

/// The variables of facts, which are the same nodes in many questions.
class SymbolsOfFacts {
 public:
  std::vector<const std::vector<Sym>*> of(const Exprs& facts) {
    if (known_.size() > kMost) known_.clear();
    std::vector<const std::vector<Sym>*> out;
    for (const ExprRef& fact : facts) {
      const auto [it, is_new] = known_.try_emplace(fact.get());
      if (is_new) it->second = {fact, symbols(fact)};
      out.push_back(&it->second.second);
    }
    return out;
  }

 private:
  static constexpr size_t kMost = 20'000;
  std::unordered_map<const Expr*, std::pair<ExprRef, std::vector<Sym>>> known_;  // holds the nodes
};

/// The facts that share a variable with the claim, directly or through other facts.
Exprs relevant(const Exprs& facts, const ExprRef& claim) {
  std::vector<Sym> reached = symbols(claim);
  const auto is_reached = [&](Sym s) { return std::find(reached.begin(), reached.end(), s) != reached.end(); };
  static SymbolsOfFacts& symbols_of_facts = *new SymbolsOfFacts;
  const std::vector<const std::vector<Sym>*> used = symbols_of_facts.of(facts);
  std::vector<char> taken(facts.size(), 0);
  for (bool grew = true; grew;) {
    grew = false;
    for (size_t i = 0; i < facts.size(); ++i) {
      if (taken[i]) continue;
      if (!used[i]->empty() && std::none_of(used[i]->begin(), used[i]->end(), is_reached)) continue;
      taken[i] = 1, grew = true;
      for (const Sym s : *used[i])
        if (!is_reached(s)) reached.push_back(s);
    }
  }
  Exprs out;
  for (size_t i = 0; i < facts.size(); ++i)
    if (taken[i]) out.push_back(facts[i]);
  return out;
}

void narrow(Intervals& known, const ExprRef& condition) {
  const Binary* n = as<Binary>(condition);
  if (!n) return;
  const auto bound = [&](const ExprRef& x, const ExprRef& y, int64_t slack) {  // x <= y + slack
    if (const Var* v = as<Var>(x))
      if (const Interval range = interval(y, known); range.hi) {
        auto& hi = known[v->sym].hi;
        if (!hi || *range.hi + slack < *hi) hi = *range.hi + slack;
      }
    if (const Var* v = as<Var>(y))
      if (const Interval range = interval(x, known); range.lo) {
        auto& lo = known[v->sym].lo;
        if (!lo || *range.lo - slack > *lo) lo = *range.lo - slack;
      }
  };
  switch (n->op) {
    case BinaryOp::Lt:
      return bound(n->a, n->b, -1);
    case BinaryOp::Le:
      return bound(n->a, n->b, 0);
    case BinaryOp::Gt:
      return bound(n->b, n->a, -1);
    case BinaryOp::Ge:
      return bound(n->b, n->a, 0);
    case BinaryOp::Eq:
      return bound(n->a, n->b, 0), bound(n->b, n->a, 0);
    case BinaryOp::And:
      return narrow(known, n->a), narrow(known, n->b);
    case BinaryOp::Ne:
    case BinaryOp::Or:
    case BinaryOp::Add:
    case BinaryOp::Sub:
    case BinaryOp::Mul:
    case BinaryOp::Div:
    case BinaryOp::Mod:
      return;
  }
}

/// Is it an index tensor of these facts?
std::function<bool(Sym)> known_tensors(const Facts& facts) {
  return [&](Sym sym) { return facts.tensors.count(sym) > 0; };
}
}  // namespace

void Facts::add(const ExprRef& stated) {
  const ExprRef condition = decided_part(stated, known_tensors(*this), true);
  if (const Bool* b = as<Bool>(condition); b && b->value) return;
  conditions.push_back(condition);
  narrow(known, condition);
}

Exprs Facts::decided(const Exprs& all) const {
  Exprs out;
  for (const ExprRef& c : all) out.push_back(decided_part(c, known_tensors(*this), true));
  return out;
}

void Facts::add_all(const Exprs& all) {
  for (const ExprRef& c : all) add(c);
}

void Facts::add_range(Sym iter, const ExprRef& lo, const ExprRef& hi) {
  add(le(lo, var(iter)));
  add(lt(var(iter), hi));
}

const Effort& effort() {
  counters.solver = z3_questions();
  return counters;
}

namespace {

/// What linear reasoning said of questions that were asked before.
std::unordered_map<Question, bool, Question::Hash>& answers() {
  static auto& instance = *new std::unordered_map<Question, bool, Question::Hash>;
  return instance;
}

/// By the given facts alone, without what an assertion says about elements.
bool plainly(const Exprs& facts, const ExprRef& claim, const Intervals& known) {
  if (const Binary* n = as<Binary>(claim); n && n->op == BinaryOp::And)
    return plainly(facts, n->a, known) && plainly(facts, n->b, known);
  const ExprRef simple = simplify(claim, known);
  if (const Bool* b = as<Bool>(simple); b && b->value) return true;
  return infeasible(relevant(facts, simple), opposite(simple), known);
}

/// What their types say of the elements in a question.
Exprs ranges_of_elements(const Facts& facts, Exprs question, const ExprRef& claim) {
  Exprs out;
  if (facts.tensors.empty()) return out;
  question.push_back(claim);
  for (const ExprRef& e : elements(question)) {
    const auto it = facts.tensors.find(as<Read>(e)->buffer);
    if (it == facts.tensors.end()) continue;
    if (it->second == Scalar::I64) continue;
    out.push_back(le(num(lowest(it->second)), e));
    out.push_back(le(e, num(highest(it->second))));
  }
  return out;
}

/// What assertions say of the elements in the question.
Exprs instances_in(const Exprs& question, const ExprRef& claim, const Intervals& known, Doubtful doubtful) {
  if (std::none_of(question.begin(), question.end(), [](const ExprRef& e) { return as<Forall>(e); })) return {};
  return instances(question, elements({claim}), doubtful,
                   [&](const Exprs& given, const ExprRef& x) { return plainly(given, x, known); });
}

/// The claim for one more number, of which nothing is known but its range.
Facts chosen(const Facts& facts, const Forall& claim, ExprRef& body) {
  Facts out = facts;
  const Sym any = Sym::fresh(claim.iter.name());
  out.add_range(any, claim.lo, claim.hi);
  body = substitute(claim.body, {{claim.iter, var(any)}});
  return out;
}

/// A comparison of two numbers that holds.
bool is_plainly_true(const ExprRef& claim) {
  const Binary* n = as<Binary>(claim);
  const int64_t *a = n ? literal(n->a) : nullptr, *b = n ? literal(n->b) : nullptr;
  if (!a || !b) return false;
  return (n->op == BinaryOp::Le && *a <= *b) || (n->op == BinaryOp::Lt && *a < *b) ||
         (n->op == BinaryOp::Eq && *a == *b);
}

/// A variable that is true or false, as a fact says. There is nothing to reckon with.
bool is_stated(const Exprs& facts, const ExprRef& claim) {
  const Unary* negated = as<Unary>(claim);
  if (!as<Var>(negated && negated->op == UnaryOp::Not ? negated->a : claim)) return false;
  const std::function<bool(const ExprRef&)> states = [&](const ExprRef& fact) {
    const Binary* both = as<Binary>(fact);
    if (both && both->op == BinaryOp::And) return states(both->a) || states(both->b);
    return equal(fact, claim);
  };
  return std::any_of(facts.begin(), facts.end(), states);
}

/// Of a claim without data that may change.
bool evident_part(const Facts& facts, const ExprRef& claim) {
  if (const Binary* n = as<Binary>(claim); n && n->op == BinaryOp::And)
    return evident_part(facts, n->a) && evident_part(facts, n->b);
  if (as<Forall>(claim)) return evident(facts, claim);
  if (is_plainly_true(claim)) return true;
  const ExprRef simple = simplify(claim, facts.known);  // bounds of the variables alone decide many
  if (const Bool* b = as<Bool>(simple); b && b->value) return true;
  if (is_stated(facts.conditions, simple)) return true;
  Exprs question = relevant(facts.conditions, simple);
  for (ExprRef& e : ranges_of_elements(facts, question, simple)) question.push_back(std::move(e));
  const auto [known, is_new] = answers().try_emplace(Question({&question}, simple, facts.known), false);
  if (!is_new) return known->second;
  bool& proved = known->second;  // stays where it is
  ++counters.linear;
  Exprs all = question;
  for (ExprRef& e : instances_in(question, simple, facts.known, Doubtful::LeaveOut)) all.push_back(std::move(e));
  return proved = infeasible(all, opposite(simple), facts.known);
}

}  // namespace

bool evident(const Facts& facts, const ExprRef& stated) {
  if (const Forall* n = as<Forall>(stated)) {
    ExprRef body;
    const Facts inside = chosen(facts, *n, body);
    return evident(inside, body);
  }
  return evident_part(facts, decided_part(stated, known_tensors(facts), false));
}

namespace {

/// The question as Z3 gets it: `more` follows from the facts.
struct Asked {
  Exprs facts, more;
  ExprRef claim;
};
Asked asked(const Facts& facts, const ExprRef& claim) {
  Asked out{facts.conditions, {}, claim};
  for (ExprRef& e : ranges_of_elements(facts, out.facts, claim)) out.facts.push_back(std::move(e));
  out.more = instances_in(out.facts, claim, facts.known, Doubtful::AsCases);
  return out;
}

/// A refutation has a counterexample where one is `wanted`.
Verdict answered(const Facts& facts, const ExprRef& stated, Witnessed wanted) {
  if (const Forall* n = as<Forall>(stated)) {
    ExprRef body;
    const Facts inside = chosen(facts, *n, body);
    return answered(inside, body, wanted);
  }
  ++counters.questions;
  const ExprRef claim = decided_part(stated, known_tensors(facts), false);
  if (evident_part(facts, claim)) return {Verdict::Proved, {}};
  const Asked question = asked(facts, claim);
  if (wanted == Witnessed::No) {
    if (fails_for_small_values(question.facts, claim)) return {Verdict::Refuted, {}};
  } else if (auto witness = small_counterexample(question.facts, claim)) {
    return {Verdict::Refuted, std::move(*witness)};
  }
  return ask_z3(question.facts, question.more, claim, wanted);
}

}  // namespace

Verdict prove(const Facts& facts, const ExprRef& claim) { return answered(facts, claim, Witnessed::Smallest); }

bool holds(const Facts& facts, const ExprRef& claim) {
  return answered(facts, claim, Witnessed::No).answer == Verdict::Proved;
}

}  // namespace exo
