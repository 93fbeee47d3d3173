// The only file that knows Z3.
#include "analysis/z3.h"

#include <z3++.h>
#include <algorithm>
#include <optional>
#include <unordered_map>

#include "analysis/question.h"
#include "ir/build.h"
#include "support/diagnostic.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr unsigned kEffort = 400'000;  // resource units, not seconds: the same answer on every machine
constexpr unsigned kPatience = 4000;   // in ms, for products on which the solver does not count its effort
uint64_t questions = 0;

/// IR to Z3. Every control variable and stride is an integer constant, bools are Z3 bools. They are called by their number in the
/// question, and each question has a context of its own: the answer does not depend on what was asked before.
class Lowering {
 public:
  explicit Lowering(const Question& question) : question_(question) {}
  z3::context& context() { return z3_; }

  z3::expr condition(const ExprRef& e) {
    if (const Bool* n = as<Bool>(e)) return z3_.bool_val(n->value);
    if (const Var* n = as<Var>(e)) return z3_.bool_const(name("b", n->sym).c_str());
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
            [&](const Stride& n) { return z3_.int_const((name("s", n.buffer) + "_" + std::to_string(n.dim)).c_str()); },
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
  std::string name(const char* kind, Sym sym) const { return kind + std::to_string(question_.number(sym)); }
  z3::expr variable(Sym sym) {
    const auto it = variables_.find(sym);
    if (it != variables_.end()) return it->second;
    return variables_.emplace(sym, z3_.int_const(name("v", sym).c_str())).first->second;
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
    made.value = z3_.function(name("t", n.buffer).c_str(), sorts, z3_.int_sort())(index);
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

  const Question& question_;
  z3::context z3_;
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
Witness settled(z3::solver& query, Lowering& lower, Witness found) {
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
      query.add(unknowns[u] == lower.context().int_val(value));
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
Witness smallest(z3::solver& query, Lowering& lower, Witness found) {
  for (const int64_t bound : {1, 2, 3, 4, 6, 8, 16, 32, 64, 128, 1024}) {
    query.push();
    for (const z3::expr& constant : lower.unknowns())
      query.add(constant <= lower.context().int_val(bound) && constant >= lower.context().int_val(-bound));
    const bool sat = query.check() == z3::sat;
    if (sat) return settled(query, lower, values(query.get_model(), lower));
    query.pop();
  }
  return found;
}

/// An answer, with values by the numbers that their variables have in the question.
struct Answer {
  Verdict::Answer answer = Verdict::Unknown;
  Witnessed witnessed = Witnessed::No;
  std::vector<std::pair<size_t, int64_t>> values;
  std::vector<std::pair<size_t, ElementValue>> elements;

  void remember(const Witness& witness, const Question& question) {
    for (const auto& [sym, value] : witness) values.emplace_back(question.number(sym), value);
    for (const ElementValue& e : witness.elements) elements.emplace_back(question.number(e.tensor), e);
    witnessed = Witnessed::Smallest;
  }
  Verdict about(const Question& question) const {
    Verdict out{answer, {}};
    for (const auto& [number, value] : values) out.witness[question.symbols()[number]] = value;
    for (const auto& [number, element] : elements) {
      out.witness.elements.push_back(element);
      out.witness.elements.back().tensor = question.symbols()[number];
    }
    return out;
  }
};

Answer asked(const Question& question, const Exprs& facts, const Exprs& more, const ExprRef& claim,
             Witnessed witnessed) {
  ++questions;
  Lowering lower(question);
  z3::solver query(lower.context(), z3::solver::simple());
  query.set("rlimit", kEffort);
  query.set("timeout", kPatience);
  for (const ExprRef& fact : facts)
    if (!as<Forall>(fact)) query.add(lower.condition(fact));
  query.add(!lower.condition(claim));
  lower.show_so_far();
  for (const ExprRef& fact : more) query.add(lower.condition(fact));
  Answer out;
  const z3::check_result found = query.check();
  if (found == z3::unsat) out.answer = Verdict::Proved;
  if (found == z3::sat) out.answer = Verdict::Refuted;
  if (found == z3::sat && witnessed == Witnessed::Smallest)
    out.remember(smallest(query, lower, values(query.get_model(), lower)), question);
  return out;
}

}  // namespace

Verdict ask_z3(const Exprs& facts, const Exprs& more, const ExprRef& claim, Witnessed witnessed) {
  static std::unordered_map<Question, Answer, Question::Hash> known;
  const Question question({&facts, &more}, claim);
  const auto it = known.find(question);
  const bool suffices =
      it != known.end() && (it->second.answer != Verdict::Refuted || it->second.witnessed >= witnessed);
  if (suffices) return it->second.about(question);
  return (known[question] = asked(question, facts, more, claim, witnessed)).about(question);
}

uint64_t z3_questions() { return questions; }

}  // namespace exo
