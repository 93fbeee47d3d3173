// The only file that knows Z3.
#include "analysis/solver.h"

#include <z3++.h>
#include <algorithm>
#include <set>
#include <unordered_map>

#include "analysis/elements.h"
#include "analysis/refute.h"
#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "support/diagnostic.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr unsigned kEffort = 400'000;  // resource units, not seconds: the same answer on every machine
constexpr unsigned kPatience = 4000;  // in ms, for products on which the solver does not count its effort
Effort counters;

z3::context& context() {
  static z3::context z3;
  return z3;
}

/// IR to Z3. Every control variable and stride is an integer constant, bools are Z3 bools.
class Lowering {
 public:
  z3::expr condition(const ExprRef& e) {
    if (const Bool* n = as<Bool>(e)) return z3_.bool_val(n->value);
    if (const Var* n = as<Var>(e)) return z3_.bool_const(("b" + std::to_string(n->sym.id())).c_str());
    if (const Unary* n = as<Unary>(e); n && n->op == UnaryOp::Not) return !condition(n->a);
    if (const Binary* n = as<Binary>(e)) {
      switch (n->op) {
        case BinaryOp::And:
          return condition(n->a) && condition(n->b);
        case BinaryOp::Or:
          return condition(n->a) || condition(n->b);
        case BinaryOp::Lt:
          return number(n->a) < number(n->b);
        case BinaryOp::Le:
          return number(n->a) <= number(n->b);
        case BinaryOp::Gt:
          return number(n->a) > number(n->b);
        case BinaryOp::Ge:
          return number(n->a) >= number(n->b);
        case BinaryOp::Eq:
          return number(n->a) == number(n->b);
        case BinaryOp::Ne:
          return number(n->a) != number(n->b);
        case BinaryOp::Add:
        case BinaryOp::Sub:
        case BinaryOp::Mul:
        case BinaryOp::Div:
        case BinaryOp::Mod:
          break;
      }
    }
    BUG("a condition that the solver cannot read");
  }

  z3::expr number(const ExprRef& e) {
    return std::visit(
        match{
            [&](const Int& n) { return z3_.int_val(n.value); },
            [&](const Var& n) { return variable(n.sym); },
            [&](const Stride& n) {
              return z3_.int_const(("s" + std::to_string(n.buffer.id()) + "_" + std::to_string(n.dim)).c_str());
            },
            [&](const Unary& n) { return -number(n.a); },
            [&](const Binary& n) { return arithmetic(n); },
            [&](const Builtin& n) { return extreme(n); },
            [&](const Float&) -> z3::expr { BUG("data in a control expression"); },
            [&](const Bool&) -> z3::expr { BUG("a truth value where a number is needed"); },
            [&](const Read& n) { return element(e, n); },
            [&](const Window&) -> z3::expr { BUG("a window in a control expression"); },
            [&](const Forall&) -> z3::expr { BUG("a quantifier on its way to the solver"); },
        },
        e->node);
  }

  const std::map<Sym, z3::expr>& variables() const { return variables_; }

  /// An element of an index tensor: a function of its indices, about which nothing else is known.
  struct Element {
    Sym tensor;
    std::vector<z3::expr> index;
    z3::expr value;
  };
  const std::vector<Element>& elements() const { return elements_; }
  /// Elements up to here are part of a counterexample.
  void show_so_far() { shown_ = elements_.size(); }
  size_t shown() const { return shown_; }

  /// All integers that a question is about.
  std::vector<z3::expr> unknowns() const {
    std::vector<z3::expr> out;
    for (const auto& entry : variables_) out.push_back(entry.second);
    for (const Element& e : elements_) out.push_back(e.value);
    return out;
  }

 private:
  z3::expr variable(Sym sym) {
    const auto it = variables_.find(sym);
    if (it != variables_.end()) return it->second;
    return variables_.emplace(sym, z3_.int_const(("v" + std::to_string(sym.id())).c_str())).first->second;
  }
  z3::expr element(const ExprRef& e, const Read& n) {
    for (size_t i = 0; i < read_.size(); ++i)
      if (order(read_[i], e) == 0) return elements_[i].value;
    z3::expr_vector index(z3_);
    z3::sort_vector sorts(z3_);
    Element made{n.buffer, {}, z3_.int_val(0)};
    for (const ExprRef& i : n.index) {
      made.index.push_back(number(i));
      index.push_back(made.index.back());
      sorts.push_back(z3_.int_sort());
    }
    made.value = z3_.function(("t" + std::to_string(n.buffer.id())).c_str(), sorts, z3_.int_sort())(index);
    read_.push_back(e);
    elements_.push_back(std::move(made));
    return elements_.back().value;
  }
  z3::expr arithmetic(const Binary& n) {
    const z3::expr a = number(n.a), b = number(n.b);
    switch (n.op) {
      case BinaryOp::Add:
        return a + b;
      case BinaryOp::Sub:
        return a - b;
      case BinaryOp::Mul:
        return a * b;
      case BinaryOp::Div:
        return a / b;  // floors, because the divisor is positive
      case BinaryOp::Mod:
        return z3::mod(a, b);
      case BinaryOp::Lt:
      case BinaryOp::Le:
      case BinaryOp::Gt:
      case BinaryOp::Ge:
      case BinaryOp::Eq:
      case BinaryOp::Ne:
      case BinaryOp::And:
      case BinaryOp::Or:
        break;
    }
    BUG("a condition where a number is needed");
  }
  z3::expr extreme(const Builtin& n) {
    if (n.name != "min" && n.name != "max") BUG("a function of data in a control expression");
    z3::expr out = number(n.args.at(0));
    for (size_t i = 1; i < n.args.size(); ++i) {
      const z3::expr x = number(n.args[i]);
      out = z3::ite(n.name == "min" ? out <= x : out >= x, out, x);
    }
    return out;
  }

  z3::context& z3_ = context();
  std::map<Sym, z3::expr> variables_;
  Exprs read_;
  std::vector<Element> elements_;
  size_t shown_ = 0;
};

Witness values(const z3::model& model, const Lowering& lower) {
  Witness out;
  for (const auto& [sym, constant] : lower.variables()) {
    int64_t value = 0;
    if (model.eval(constant, true).is_numeral_i64(value)) out[sym] = value;
  }
  for (size_t k = 0; k < lower.shown(); ++k) {
    const Lowering::Element& e = lower.elements()[k];
    ElementValue element{e.tensor, {}, 0};
    bool known = model.eval(e.value, true).is_numeral_i64(element.value);
    for (const z3::expr& i : e.index) {
      element.index.push_back(0);
      known = known && model.eval(i, true).is_numeral_i64(element.index.back());
    }
    const auto same = [&](const ElementValue& x) { return x.tensor == element.tensor && x.index == element.index; };
    if (known && std::none_of(out.elements.begin(), out.elements.end(), same)) out.elements.push_back(element);
  }
  return out;
}

/// Makes one variable after the other as small as it can be, so that the counterexample does not depend on how Z3 searches.
Witness settled(z3::solver& query, const Lowering& lower, Witness found) {
  constexpr int64_t kTries = 16;
  std::vector<int64_t> now;
  const auto look = [&] {
    const z3::model model = query.get_model();
    now.clear();
    for (const z3::expr& unknown : lower.unknowns()) {
      int64_t value = 0;
      if (!model.eval(unknown, true).is_numeral_i64(value)) return false;
      now.push_back(value);
    }
    found = values(model, lower);
    return true;
  };
  if (!look()) return found;
  const std::vector<z3::expr> unknowns = lower.unknowns();
  for (size_t u = 0; u < unknowns.size(); ++u) {
    for (int64_t k = 0; k <= kTries; ++k) {
      const int64_t value = k == kTries ? now[u] : k % 2 == 1 ? (k + 1) / 2 : -k / 2;  // 0, 1, -1, 2, -2 ...
      query.push();
      query.add(unknowns[u] == context().int_val(value));
      if (value == now[u]) break;  // what was pushed stays: the others must fit it
      if (query.check() == z3::sat) {
        if (!look()) return found;
        break;
      }
      query.pop();
    }
  }
  return found;
}

/// Asks again with all variables near zero, and keeps the first model that there is: small counterexamples are read.
Witness smallest(z3::solver& query, const Lowering& lower, Witness found) {
  for (const int64_t bound : {1, 2, 3, 4, 6, 8, 16, 32, 64, 128, 1024}) {
    query.push();
    for (const z3::expr& constant : lower.unknowns())
      query.add(constant <= context().int_val(bound) && constant >= context().int_val(-bound));
    const bool sat = query.check() == z3::sat;
    if (sat) return settled(query, lower, values(query.get_model(), lower));
    query.pop();
  }
  return found;
}

/// `more` follows from the facts: what it speaks of besides is not part of a counterexample.
Verdict ask_z3(const Exprs& facts, const Exprs& more, const ExprRef& claim) {
  ++counters.solver;
  Lowering lower;
  z3::solver query(context(), z3::solver::simple());
  query.set("rlimit", kEffort);
  query.set("timeout", kPatience);
  for (const ExprRef& fact : facts)
    if (!as<Forall>(fact)) query.add(lower.condition(fact));
  query.add(!lower.condition(claim));
  lower.show_so_far();
  for (const ExprRef& fact : more) query.add(lower.condition(fact));
  switch (query.check()) {
    case z3::unsat:
      return {Verdict::Proved, {}};
    case z3::unknown:
      return {Verdict::Unknown, {}};
    case z3::sat:
      return {Verdict::Refuted, smallest(query, lower, values(query.get_model(), lower))};
  }
  BUG("Z3 returned a fourth answer");
}

/// The facts that share a variable with the claim, directly or through other facts.
Exprs relevant(const Exprs& facts, const ExprRef& claim) {
  std::set<Sym> reached;
  for (const Sym s : symbols(claim)) reached.insert(s);
  std::vector<std::vector<Sym>> used;
  for (const ExprRef& f : facts) used.push_back(symbols(f));
  std::vector<char> taken(facts.size(), 0);
  for (bool grew = true; grew;) {
    grew = false;
    for (size_t i = 0; i < facts.size(); ++i) {
      if (taken[i]) continue;
      const bool touches =
          used[i].empty() || std::any_of(used[i].begin(), used[i].end(), [&](Sym s) { return reached.count(s) > 0; });
      if (!touches) continue;
      taken[i] = 1, grew = true;
      reached.insert(used[i].begin(), used[i].end());
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

}  // namespace

namespace {
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

const Effort& effort() { return counters; }

namespace {

/// Questions asked before, with their answers. Two questions are one if they read the same, variables included.
class Memory {
 public:
  /// The answer to this question, asking `refute` only the first time.
  template <class Refute>
  bool answer(const Exprs& facts, const ExprRef& claim, const Refute& refute) {
    const uint64_t key = hash(facts, claim);
    const auto [begin, end] = known_.equal_range(key);
    for (auto it = begin; it != end; ++it)
      if (same(it->second, facts, claim)) return it->second.proved;
    const bool proved = refute();
    known_.emplace(key, Entry{facts, claim, proved});
    return proved;
  }

 private:
  struct Entry {
    Exprs facts;
    ExprRef claim;
    bool proved;
  };
  std::unordered_multimap<uint64_t, Entry> known_;

  static uint64_t hash(const Exprs& facts, const ExprRef& claim) {
    uint64_t h = structural_hash(claim);
    for (const ExprRef& f : facts) h = h * 1099511628211ull + structural_hash(f);
    return h;
  }
  static bool same(const Entry& e, const Exprs& facts, const ExprRef& claim) {
    return order(e.claim, claim) == 0 &&
           std::equal(facts.begin(), facts.end(), e.facts.begin(), e.facts.end(),
                      [](const ExprRef& a, const ExprRef& b) { return order(a, b) == 0; });
  }
};

}  // namespace

namespace {

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
    const Scalar type = it->second;
    const int bits = 8 * size_in_bytes(type);
    if (bits == 64) continue;
    const bool is_signed = type <= Scalar::I64;
    const int64_t hi = (int64_t{1} << (is_signed ? bits - 1 : bits)) - 1;
    out.push_back(le(num(is_signed ? -hi - 1 : 0), e));
    out.push_back(le(e, num(hi)));
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

}  // namespace

bool evident(const Facts& facts, const ExprRef& stated) {
  if (const Forall* n = as<Forall>(stated)) {
    ExprRef body;
    const Facts inside = chosen(facts, *n, body);
    return evident(inside, body);
  }
  const ExprRef claim = decided_part(stated, known_tensors(facts), false);
  if (const Binary* n = as<Binary>(claim); n && n->op == BinaryOp::And)
    return evident(facts, n->a) && evident(facts, n->b);
  const ExprRef simple = simplify(claim, facts.known);  // bounds of the variables alone decide many
  if (const Bool* b = as<Bool>(simple); b && b->value) return true;
  static Memory memory;
  Exprs question = relevant(facts.conditions, simple);
  for (ExprRef& e : ranges_of_elements(facts, question, simple)) question.push_back(std::move(e));
  return memory.answer(question, simple, [&] {
    Exprs all = question;
    for (ExprRef& e : instances_in(question, simple, facts.known, Doubtful::LeaveOut)) all.push_back(std::move(e));
    return infeasible(all, opposite(simple), facts.known);
  });
}

Verdict prove(const Facts& facts, const ExprRef& stated) {
  if (const Forall* n = as<Forall>(stated)) {
    ExprRef body;
    const Facts inside = chosen(facts, *n, body);
    return prove(inside, body);
  }
  ++counters.questions;
  const ExprRef claim = decided_part(stated, known_tensors(facts), false);
  if (evident(facts, claim)) return {Verdict::Proved, {}};
  Exprs question = facts.conditions;
  for (ExprRef& e : ranges_of_elements(facts, question, claim)) question.push_back(std::move(e));
  return ask_z3(question, instances_in(question, claim, facts.known, Doubtful::AsCases), claim);
}

}  // namespace exo
