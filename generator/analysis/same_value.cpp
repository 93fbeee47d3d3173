#include "analysis/same_value.h"

#include <algorithm>
#include <cstring>

#include "ir/build.h"
#include "ir/builtin.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr size_t kTerms = 200;  // of an expanded product: what is larger is not compared

/// Are these two literals the same number of a float type?
bool same_number(const ExprRef& a, const ExprRef& b) {
  const auto value = [](const ExprRef& e, double& out) {
    if (const int64_t* i = literal(e)) return out = static_cast<double>(*i), true;
    if (const Float* f = as<Float>(e)) return out = f->value, true;
    return false;
  };
  double x = 0, y = 0;
  return value(a, x) && value(b, y) && std::memcmp(&x, &y, sizeof x) == 0;
}

class ValueComparer {
 public:
  ValueComparer(const Declarations& names, const Facts& facts, Contract contract)
      : names_(names), facts_(facts), contract_(contract) {}

  bool same(const ExprRef& a, const ExprRef& b, Scalar type) {
    if (equal(a, b)) return true;
    if (is_integer_data(type)) return same_sum(a, b, type, Ring::Integer);
    if (contract_ == Contract::Reassociate) return same_sum(a, b, type, Ring::Float);
    return same_tree(a, b, type);
  }

 private:
  const Declarations& names_;
  const Facts& facts_;
  const Contract contract_;

  /// A product of atoms, by their numbers, and its factor: of a float, how often it is added minus nothing: 1 or -1.
  struct Term {
    std::vector<size_t> atoms;
    uint64_t factor = 1;
    auto operator<=>(const Term&) const = default;
  };
  using Sum = std::vector<Term>;
  enum class Ring { Integer, Float };

  /// The atoms of one comparison, in the order in which they were met.
  struct Atoms {
    Scalar type;
    Ring ring;
    Exprs list;
    bool too_many = false;
  };

  bool same_sum(const ExprRef& a, const ExprRef& b, Scalar type, Ring ring) {
    Atoms atoms{type, ring, {}};
    const Sum x = normal(expand(a, atoms), atoms), y = normal(expand(b, atoms), atoms);
    return !atoms.too_many && x == y;
  }

  Sum expand(const ExprRef& e, Atoms& atoms) {
    if (const int64_t* value = literal(e); value && atoms.ring == Ring::Integer)
      return {{{}, static_cast<uint64_t>(*value)}};
    if (const Unary* n = as<Unary>(e); n && n->op == UnaryOp::Neg) return negated(expand(n->a, atoms));
    if (const Binary* n = as<Binary>(e)) {
      if (n->op == BinaryOp::Add) return joined(expand(n->a, atoms), expand(n->b, atoms), atoms);
      if (n->op == BinaryOp::Sub) return joined(expand(n->a, atoms), negated(expand(n->b, atoms)), atoms);
      if (n->op == BinaryOp::Mul) return product(expand(n->a, atoms), expand(n->b, atoms), atoms);
    }
    return {{{number_of(e, atoms)}, 1}};
  }

  static Sum negated(Sum s) {
    for (Term& t : s) t.factor = 0 - t.factor;
    return s;
  }
  static Sum joined(Sum a, const Sum& b, Atoms& atoms) {
    a.insert(a.end(), b.begin(), b.end());
    if (a.size() > kTerms) atoms.too_many = true, a.resize(1);
    return a;
  }
  static Sum product(const Sum& a, const Sum& b, Atoms& atoms) {
    if (a.size() * b.size() > kTerms) return atoms.too_many = true, Sum{};
    Sum out;
    for (const Term& x : a)
      for (const Term& y : b) {
        Term t{x.atoms, x.factor * y.factor};
        t.atoms.insert(t.atoms.end(), y.atoms.begin(), y.atoms.end());
        out.push_back(std::move(t));
      }
    return out;
  }

  /// Terms in order; of integers, equal ones are one, modulo the width.
  static Sum normal(Sum s, const Atoms& atoms) {
    for (Term& t : s) std::sort(t.atoms.begin(), t.atoms.end());
    std::sort(s.begin(), s.end());
    if (atoms.ring == Ring::Float) return s;
    const int bits = 8 * size_in_bytes(atoms.type);
    const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
    Sum out;
    for (const Term& t : s)
      if (!out.empty() && out.back().atoms == t.atoms)
        out.back().factor += t.factor;
      else
        out.push_back(t);
    for (Term& t : out) t.factor &= mask;
    out.erase(std::remove_if(out.begin(), out.end(), [](const Term& t) { return t.factor == 0; }), out.end());
    return out;
  }

  size_t number_of(const ExprRef& e, Atoms& atoms) {
    for (size_t k = 0; k < atoms.list.size(); ++k)
      if (same_atom(atoms.list[k], e, atoms.type)) return k;
    atoms.list.push_back(e);
    return atoms.list.size() - 1;
  }

  /// The operation is the same, and so are its operands.
  bool same_atom(const ExprRef& a, const ExprRef& b, Scalar type) {
    if (equal(a, b) || same_number(a, b)) return true;
    if (a->node.index() != b->node.index()) return false;
    return std::visit(match{
                          [&](const Int&) { return false; },
                          [&](const Float&) { return false; },
                          [&](const Bool&) { return false; },
                          [&](const Var&) { return false; },
                          [&](const Read& x) { return same_place(x, *as<Read>(b)); },
                          [&](const Unary&) { return false; },
                          [&](const Binary& x) {
                            const Binary& y = *as<Binary>(b);
                            return x.op == y.op && x.op <= BinaryOp::Mod && same(x.a, y.a, type) &&
                                   same(x.b, y.b, type);
                          },
                          [&](const Builtin& x) { return same_call(x, *as<Builtin>(b), type); },
                          [&](const Window&) { return false; },
                          [&](const Stride&) { return false; },
                          [&](const Forall&) { return false; },
                      },
                      a->node);
  }

  bool same_place(const Read& x, const Read& y) const {
    if (x.buffer != y.buffer) return false;
    Exprs same;
    for (size_t d = 0; d < x.index.size(); ++d) same.push_back(eq(x.index[d], y.index[d]));
    return evident(facts_, all_of(same));
  }

  bool same_call(const Builtin& x, const Builtin& y, Scalar type) {
    if (x.name != y.name) return false;
    if (converts_to(x.name)) {
      const Scalar from = operand_type(x.args[0], names_);
      if (from != operand_type(y.args[0], names_)) return false;
      if (is_data(from)) return same(x.args[0], y.args[0], from);
      return !is_data_expr(x.args[0]) && !is_data_expr(y.args[0]) && evident(facts_, eq(x.args[0], y.args[0]));
    }
    if (x.name == "select")
      return equal(x.args[0], y.args[0]) && same(x.args[1], y.args[1], type) && same(x.args[2], y.args[2], type);
    const bool any_order =
        (x.name == "max" || x.name == "min") && (is_integer_data(type) || contract_ == Contract::Reassociate);
    if (any_order) return same_set(x, y, type);
    for (size_t k = 0; k < x.args.size(); ++k)
      if (!same(x.args[k], y.args[k], type)) return false;
    return true;
  }

  /// max(a, max(b, c)) and max(c, max(a, b)): each operand of one is one of the other, as often.
  bool same_set(const Builtin& x, const Builtin& y, Scalar type) {
    Exprs left, right;
    operands(x, left), operands(y, right);
    if (left.size() != right.size()) return false;
    for (const ExprRef& e : left) {
      const auto it = std::find_if(right.begin(), right.end(), [&](const ExprRef& f) { return same(e, f, type); });
      if (it == right.end()) return false;
      right.erase(it);
    }
    return true;
  }
  static void operands(const Builtin& call, Exprs& out) {
    for (const ExprRef& e : call.args)
      if (const Builtin* inner = as<Builtin>(e); inner && inner->name == call.name)
        operands(*inner, out);
      else
        out.push_back(e);
  }

  /// `exact`: each operation rounds, so only the two sides of one may change places. a - b is a + -b.
  bool same_tree(const ExprRef& a, const ExprRef& b, Scalar type) {
    if (equal(a, b)) return true;
    const auto addition = [](const ExprRef& e) -> std::optional<Binary> {
      const Binary* n = as<Binary>(e);
      if (n && n->op == BinaryOp::Sub) return Binary{BinaryOp::Add, n->a, unary(UnaryOp::Neg, n->b)};
      if (n && (n->op == BinaryOp::Add || n->op == BinaryOp::Mul)) return *n;
      return std::nullopt;
    };
    const auto x = addition(a), y = addition(b);
    if (x && y)
      return x->op == y->op && ((same_tree(x->a, y->a, type) && same_tree(x->b, y->b, type)) ||
                                (same_tree(x->a, y->b, type) && same_tree(x->b, y->a, type)));
    const Unary *m = as<Unary>(a), *n = as<Unary>(b);
    if (m && n) return m->op == n->op && same_tree(m->a, n->a, type);
    return same_atom(a, b, type);
  }
};

}  // namespace

bool same_value(const ExprRef& a, const ExprRef& b, Scalar type, const Declarations& names, const Facts& facts,
                Contract contract) {
  return ValueComparer(names, facts, contract).same(a, b, type);
}

}  // namespace exo
