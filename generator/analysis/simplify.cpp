#include "analysis/simplify.h"

#include <array>
#include <functional>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "analysis/facts.h"
#include "ir/build.h"
#include "ir/check.h"
#include "ir/walk.h"
#include "support/diagnostic.h"
#include "support/memo.h"
#include "support/text.h"

namespace exo {
namespace {

/// Keeps the old expression where the new one is the same.
ExprRef keep(const ExprRef& old, const ExprRef& next) {
  if (equal(old, next)) return old;
  return std::make_shared<const Expr>(Expr{next->node, old->span});
}

ExprRef integer(const ExprRef& e, const Intervals& known) {
  if (as<Int>(e) || as<Var>(e)) return e;
  return keep(e, expression(linear(e, known)));
}

bool is_condition(const ExprRef& e) {
  if (as<Bool>(e)) return true;
  if (const Unary* n = as<Unary>(e)) return n->op == UnaryOp::Not;
  const Binary* n = as<Binary>(e);
  return n && n->op >= BinaryOp::Lt;
}

/// True or false where the bounds of `gap` (left minus right) decide the comparison.
std::optional<bool> decided(BinaryOp op, const Interval& gap) {
  const auto below = [&](int64_t x) { return gap.hi && *gap.hi < x; };
  const auto above = [&](int64_t x) { return gap.lo && *gap.lo > x; };
  switch (op) {
    case BinaryOp::Lt:
      return below(0) ? std::optional(true) : above(-1) ? std::optional(false) : std::nullopt;
    case BinaryOp::Le:
      return below(1) ? std::optional(true) : above(0) ? std::optional(false) : std::nullopt;
    case BinaryOp::Gt:
      return above(0) ? std::optional(true) : below(1) ? std::optional(false) : std::nullopt;
    case BinaryOp::Ge:
      return above(-1) ? std::optional(true) : below(0) ? std::optional(false) : std::nullopt;
    case BinaryOp::Eq:
      if (below(0) || above(0)) return false;
      return gap.lo == 0 && gap.hi == 0 ? std::optional(true) : std::nullopt;
    case BinaryOp::Ne:
      if (below(0) || above(0)) return true;
      return gap.lo == 0 && gap.hi == 0 ? std::optional(false) : std::nullopt;
    case BinaryOp::Add:
    case BinaryOp::Sub:
    case BinaryOp::Mul:
    case BinaryOp::Div:
    case BinaryOp::Mod:
    case BinaryOp::And:
    case BinaryOp::Or:
      break;
  }
  return std::nullopt;
}

/// Data keeps its operations in order; only indices inside of it are rewritten.
ExprRef with_indices(const ExprRef& e, const Intervals& known) {
  if (const Read* r = as<Read>(e)) {
    Exprs index;
    for (const ExprRef& i : r->index) index.push_back(integer(i, known));
    return keep(e, read(r->buffer, std::move(index)));
  }
  return map_children(e, [&](const ExprRef& c) { return with_indices(c, known); });
}

/// Tells comparisons of data from exact ones.
using IsData = std::function<bool(const Binary&)>;

ExprRef condition(const ExprRef& e, const Intervals& known, const IsData& is_data) {
  if (const Unary* n = as<Unary>(e); n && n->op == UnaryOp::Not) {
    const ExprRef inner = condition(n->a, known, is_data);
    return inner == n->a && !as<Bool>(inner) ? e : keep(e, negate(inner));
  }
  const Binary* n = as<Binary>(e);
  if (!n) return e;
  if (n->op == BinaryOp::And || n->op == BinaryOp::Or) {
    const ExprRef a = condition(n->a, known, is_data), b = condition(n->b, known, is_data);
    const bool stops = n->op == BinaryOp::Or;  // the value of one side that decides the whole
    if (const Bool* x = as<Bool>(a)) return x->value == stops ? a : b;
    if (const Bool* y = as<Bool>(b)) return y->value == stops ? b : a;
    return keep(e, binary(n->op, a, b));
  }
  if (is_data(*n)) return with_indices(e, known);
  const Linear left = linear(n->a, known), right = linear(n->b, known);
  if (const auto answer = decided(n->op, interval(left - right, known))) return truth(*answer);
  return keep(e, binary(n->op, expression(left), expression(right)));
}

/// Bounds that hold at a place. Equal ones are one object as a rule, so that they are told apart by their address.
using Bounds = std::shared_ptr<const Intervals>;

/// What simplification found out about parts of earlier programs. A step changes little of a program, so nearly all of it is here
/// already. Entries hold what their keys point at, so that an address names nothing else.
class LoopMemory {
 public:
  /// Bounds, iterator and ends of a loop, as simple as they get.
  struct Header {
    ExprRef lo, hi;
    bool runs = true;  // perhaps
    Interval range;    // of the iterator
    Bounds inside;
  };

  Bounds at_entry(Intervals known) {
    for (const Bounds& b : entries_)
      if (b && *b == known) return b;
    return entries_[next_++ % entries_.size()] = std::make_shared<const Intervals>(std::move(known));
  }

  /// Is the statement as simple as it gets?
  bool settled(const StmtRef& s, const Bounds& known) const {
    const auto it = settled_.find(s.get());
    return it != settled_.end() && it->second.known == known;
  }
  void settle(const StmtRef& s, const Bounds& known) {
    if (settled_.size() >= kMost) settled_.clear();
    settled_[s.get()] = {s, known};
  }

  template <class Make>
  Header header(const For& loop, const Bounds& known, const Make& make) {
    const auto key = std::tuple(loop.lo.get(), loop.hi.get(), loop.iter.id(), known.get());
    return headers_.of(key, [&] { return Loop{loop.lo, loop.hi, known, make()}; }).made;
  }

  template <class Make>
  ExprRef condition(const ExprRef& e, const Bounds& known, const Make& make) {
    return conditions_.of({e.get(), known.get()}, [&] { return Condition{e, known, make()}; }).made;
  }

 private:
  static constexpr size_t kMost = 50'000;
  struct Statement {
    StmtRef statement;
    Bounds known;
  };
  struct Loop {
    ExprRef lo, hi;
    Bounds known;
    Header made;
  };
  struct Condition {
    ExprRef condition;
    Bounds known;
    ExprRef made;
  };
  std::array<Bounds, 16> entries_;
  size_t next_ = 0;
  std::unordered_map<const Stmt*, Statement> settled_;
  Memo<std::tuple<const Expr*, const Expr*, uint32_t, const Intervals*>, Loop> headers_{kMost};
  Memo<std::pair<const Expr*, const Intervals*>, Condition> conditions_{kMost};
};

LoopMemory& loop_memory() {
  static LoopMemory& instance = *new LoopMemory;  // never torn down, which would take as long as a step
  return instance;
}

/// The body, where parameters of which one value is asserted are that number.
Block with_known_params(const Proc& proc, const Intervals& known) {
  Substitution numbers;
  for (const Param& p : proc.params)
    if (const auto it = known.find(p.name); it != known.end() && it->second.lo && it->second.lo == it->second.hi)
      if (mentions(proc.body, p.name)) numbers[p.name] = num(*it->second.lo);
  return numbers.empty() ? proc.body : substitute(proc.body, numbers);
}

enum class Fixed : uint8_t { Kept, Numbers };  // iterators that have one value

class Simplifier {
 public:
  Simplifier(const Proc& proc, Fixed fixed) : proc_(proc), fixed_(fixed) {
    Intervals known = entry_facts(proc).known;
    for (const Sym field : all_fields()) known.erase(field);  // it may be set since
    known_ = loop_memory().at_entry(std::move(known));
  }

  Block program() { return block(with_known_params(proc_, *known_)); }

 private:
  const Proc& proc_;
  const Fixed fixed_;
  Bounds known_;
  std::optional<Declarations> names_;  // once they are needed

  Block block(const Block& b) {
    Block out;
    for (const StmtRef& s : b) unless_settled(s, out);
    return out;
  }

  ExprRef condition(const ExprRef& e) {
    if (!is_data_expr(e)) return loop_memory().condition(e, known_, [&] { return decided(e); });
    return decided(e);
  }
  ExprRef decided(const ExprRef& e) {
    return exo::condition(e, *known_, [&](const Binary& comparison) {
      if (!is_data_expr(comparison.a) && !is_data_expr(comparison.b)) return false;
      if (!names_) names_ = declarations(proc_);
      return !is_exact(comparison, *names_);
    });
  }

  Exprs integers(const Exprs& list) const {
    Exprs out;
    for (const ExprRef& e : list) out.push_back(integer(e, *known_));
    return out;
  }

  /// Data keeps its operations in order; only indices inside of it are rewritten.
  ExprRef data(const ExprRef& e) {
    if (const Read* r = as<Read>(e)) return keep(e, read(r->buffer, integers(r->index)));
    if (const Window* w = as<Window>(e)) return keep(e, window(w->buffer, slices(w->slices)));
    if (const Builtin* b = as<Builtin>(e); b && b->name == "select")
      return map_children(e, [&](const ExprRef& c) { return is_condition(c) && is_pure(c) ? condition(c) : data(c); });
    return map_children(e, [&](const ExprRef& c) { return data(c); });
  }

  static bool is_pure(const ExprRef& e) {
    bool pure = true;
    each_expr(e, [&](const ExprRef& x) {
      const Builtin* b = as<Builtin>(x);  // others compute with data, whose literals wrap
      pure = pure && !as<Read>(x) && !as<Float>(x) && (!b || b->name == "min" || b->name == "max");
    });
    return pure;
  }

  std::vector<Slice> slices(const std::vector<Slice>& list) const {
    std::vector<Slice> out;
    for (const Slice& s : list) out.push_back({integer(s.lo, *known_), s.hi ? integer(s.hi, *known_) : nullptr});
    return out;
  }

  void statement(const StmtRef& s, Block& out) {
    std::visit(match{
                   [&](const Assign& n) {
                     put(s, Assign{n.buffer, integers(n.index), data(n.rhs)}, out);
                   },
                   [&](const Reduce& n) {
                     put(s, Reduce{n.op, n.buffer, integers(n.index), data(n.rhs)}, out);
                   },
                   [&](const For& n) { loop(s, n, out); },
                   [&](const If& n) { branch(s, n, out); },
                   [&](const Alloc& n) {
                     Alloc next = n;
                     next.type.shape = integers(n.type.shape);
                     put(s, std::move(next), out);
                   },
                   [&](const Alias& n) {
                     put(s, Alias{n.name, data(n.window)}, out);
                   },
                   [&](const Call& n) {
                     Call next = n;
                     for (size_t i = 0; i < next.args.size(); ++i) {
                       const Scalar type = n.callee->params[i].type.scalar;
                       next.args[i] = type == Scalar::Bool ? condition(n.args[i])
                                      : is_data(type)      ? data(n.args[i])
                                                           : integer(n.args[i], *known_);
                     }
                     put(s, std::move(next), out);
                   },
                   [&](const Configure& n) {
                     const Scalar type = n.field.field_type();
                     put(s, Configure{n.field, is_data(type) ? data(n.value) : exo::simplify(n.value, *known_)}, out);
                   },
               },
               s->node);
  }

  void unless_settled(const StmtRef& s, Block& out) {
    const bool remembers = fixed_ == Fixed::Kept;
    if (remembers && loop_memory().settled(s, known_)) return out.push_back(s);
    const size_t before = out.size();
    statement(s, out);
    if (remembers && out.size() == before + 1 && out.back() == s) loop_memory().settle(s, known_);
  }

  template <class Node>
  void put(const StmtRef& old, Node next, Block& out) const {
    const StmtRef made = with_node(old, std::move(next));
    out.push_back(equal(Block{old}, Block{made}) ? old : made);
  }

  LoopMemory::Header header(const For& n) const {
    LoopMemory::Header out{integer(n.lo, *known_), integer(n.hi, *known_), true, {}, nullptr};
    const Interval trips = interval(linear(out.hi) - linear(out.lo), *known_);
    out.runs = !trips.hi || *trips.hi > 0;
    out.range = {interval(out.lo, *known_).lo, interval(out.hi, *known_).hi};
    if (out.range.hi) out.range.hi = *out.range.hi - 1;
    Intervals inside = *known_;
    inside[n.iter] = out.range;
    out.inside = std::make_shared<const Intervals>(std::move(inside));
    return out;
  }

  void loop(const StmtRef& s, const For& n, Block& out) {
    const LoopMemory::Header h = loop_memory().header(n, known_, [&] { return header(n); });
    if (!h.runs) return;
    const Bounds around = std::exchange(known_, h.inside);
    const bool number = fixed_ == Fixed::Numbers && h.range.lo && h.range.lo == h.range.hi;
    Block body = block(number ? substitute(n.body, {{n.iter, num(*h.range.lo)}}) : n.body);
    known_ = around;
    if (body.empty()) return;
    if (body == n.body && h.lo == n.lo && h.hi == n.hi) return out.push_back(s);
    out.push_back(with_node(s, For{n.iter, h.lo, h.hi, std::move(body), n.order}));
  }

  void branch(const StmtRef& s, const If& n, Block& out) {
    const ExprRef cond = condition(n.cond);
    if (const Bool* b = as<Bool>(cond)) {
      const Block taken = block(b->value ? n.body : n.orelse);
      out.insert(out.end(), taken.begin(), taken.end());
      return;
    }
    Block body = block(n.body), orelse = block(n.orelse);
    if (body.empty() && orelse.empty()) return;
    if (body.empty()) return out.push_back(with_node(s, If{negate(cond), std::move(orelse), {}}));
    if (cond == n.cond && body == n.body && orelse == n.orelse) return out.push_back(s);
    out.push_back(with_node(s, If{cond, std::move(body), std::move(orelse)}));
  }
};

}  // namespace

ExprRef folded(const ExprRef& e) {
  return map_exprs(e, [](const ExprRef& x) -> ExprRef {
    const Binary* b = as<Binary>(x);
    if (!b || !literal(b->a) || !literal(b->b)) return x;
    const bool divides = b->op == BinaryOp::Div || b->op == BinaryOp::Mod;
    if (b->op > BinaryOp::Mod || (divides && *literal(b->b) < 1)) return x;
    const ExprRef value = b->op == BinaryOp::Add   ? b->a + b->b
                          : b->op == BinaryOp::Sub ? b->a - b->b
                          : b->op == BinaryOp::Mul ? b->a * b->b
                          : b->op == BinaryOp::Div ? b->a / *literal(b->b)
                                                   : b->a % *literal(b->b);
    return keep(x, value);
  });
}

ExprRef simplify(const ExprRef& e, const Intervals& known) {
  const auto exact = [](const Binary&) { return false; };
  return is_condition(e) ? condition(e, known, exact) : integer(e, known);
}

namespace {

ProcRef simplified(const ProcRef& proc, Fixed fixed) {
  Block body = Simplifier(*proc, fixed).program();
  if (body == proc->body) return proc;
  Proc next = *proc;
  next.body = std::move(body);
  return std::make_shared<const Proc>(std::move(next));
}

}  // namespace

ProcRef simplify(const ProcRef& proc) { return simplified(proc, Fixed::Kept); }

ProcRef without_fixed_iterators(const ProcRef& proc) { return simplified(proc, Fixed::Numbers); }

}  // namespace exo
