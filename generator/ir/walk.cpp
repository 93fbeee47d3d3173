#include "ir/walk.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <type_traits>
#include <unordered_map>

#include "ir/build.h"
#include "support/memo.h"
#include "support/text.h"

namespace exo {
namespace {

template <class Node, class Visit>
void each_field(const Node& node, const Visit& visit) {
  std::apply([&](auto... member) { (visit(node.*member), ...); }, Node::fields);
}

using OnExpr = std::function<void(const ExprRef&)>;
using OnBlock = std::function<void(const Block&)>;
using OnStmt = std::function<void(const StmtRef&)>;

template <class VisitExpr, class VisitBlock>
struct FieldVisitor {
  const VisitExpr& on_expr;
  const VisitBlock& on_block;
  void operator()(const ExprRef& e) const {
    if (e) on_expr(e);
  }
  void operator()(const Exprs& list) const {
    for (const ExprRef& e : list) on_expr(e);
  }
  void operator()(const std::vector<Slice>& slices) const {
    for (const Slice& s : slices) (*this)(s.lo), (*this)(s.hi);
  }
  void operator()(const Type& type) const { (*this)(type.shape); }
  void operator()(const Block& block) const { on_block(block); }
  template <class Leaf>
  requires(std::is_arithmetic_v<Leaf> || std::is_enum_v<Leaf> || std::is_same_v<Leaf, std::string> ||
           std::is_same_v<Leaf, Sym> || std::is_same_v<Leaf, ProcRef>) void
  operator()(const Leaf&) const {}
};

/// Visits direct children without the cost of a std::function for each node: most time goes by in such walks.
template <class Tree, class VisitExpr, class VisitBlock>
void each_direct(const Tree& tree, const VisitExpr& on_expr, const VisitBlock& on_block) {
  std::visit(
      [&](const auto& node) {
        each_field(node, FieldVisitor<VisitExpr, VisitBlock>{on_expr, on_block});
      },
      tree.node);
}

constexpr auto kNoExprs = [](const ExprRef&) {};
constexpr auto kNoBlocks = [](const Block&) {};

using MapExpr = std::function<ExprRef(const ExprRef&)>;
using MapBlock = std::function<Block(const Block&)>;

/// What a field becomes, put down only where it differs: most fields of most nodes stay, and are not copied.
struct FieldMapper {
  const MapExpr& on_expr;
  const MapBlock& on_block;

  ExprRef next(const ExprRef& e) const { return e ? on_expr(e) : e; }
  template <class Element, class Next>
  static bool each(std::vector<Element>& out, const std::vector<Element>& list, const Next& next_of) {
    bool changed = false;
    for (size_t i = 0; i < list.size(); ++i) {
      Element next = next_of(list[i]);
      if (same(next, list[i])) continue;
      if (!changed) out = list, changed = true;
      out[i] = std::move(next);
    }
    return changed;
  }
  static bool same(const ExprRef& a, const ExprRef& b) { return a == b; }
  static bool same(const Slice& a, const Slice& b) { return a.lo == b.lo && a.hi == b.hi; }

  std::optional<ExprRef> operator()(const ExprRef& e) const {
    ExprRef out = next(e);
    return out == e ? std::nullopt : std::optional(std::move(out));
  }
  std::optional<Exprs> operator()(const Exprs& list) const {
    Exprs out;
    return each(out, list, [&](const ExprRef& e) { return next(e); }) ? std::optional(std::move(out)) : std::nullopt;
  }
  std::optional<std::vector<Slice>> operator()(const std::vector<Slice>& slices) const {
    std::vector<Slice> out;
    const auto both = [&](const Slice& s) {
      ExprRef lo = next(s.lo);  // before `hi`: symbols are numbered in the order of the text
      return Slice{std::move(lo), next(s.hi)};
    };
    return each(out, slices, both) ? std::optional(std::move(out)) : std::nullopt;
  }
  std::optional<Type> operator()(const Type& type) const {
    auto shape = (*this)(type.shape);
    return shape ? std::optional(Type{type.scalar, std::move(*shape), type.window}) : std::nullopt;
  }
  std::optional<Block> operator()(const Block& block) const {
    Block out = on_block(block);
    return out == block ? std::nullopt : std::optional(std::move(out));
  }
  template <class Leaf>
  requires(std::is_arithmetic_v<Leaf> || std::is_enum_v<Leaf> || std::is_same_v<Leaf, std::string> ||
           std::is_same_v<Leaf, Sym> || std::is_same_v<Leaf, ProcRef>) std::optional<Leaf>
  operator()(const Leaf&) const { return std::nullopt; }
};

/// Replaces symbols wherever they stand in the fields of a node.
struct SymMapper {
  const Renaming& by;
  std::optional<Sym> operator()(Sym s) const {
    const auto it = by.find(s);
    return it == by.end() ? std::nullopt : std::optional(it->second);
  }
  template <class Other>
  std::optional<Other> operator()(const Other&) const {
    return std::nullopt;
  }
};

/// The tree with the fields of its node mapped; itself where none changed.
template <class Tree, class Mapper>
std::shared_ptr<const Tree> map_tree(const std::shared_ptr<const Tree>& tree, const Mapper& mapper) {
  return std::visit(
      [&](const auto& node) -> std::shared_ptr<const Tree> {
        using Node = std::decay_t<decltype(node)>;
        std::shared_ptr<Tree> out;
        const auto map = [&](auto member) {
          auto next = mapper(node.*member);
          if (!next) return;
          if (!out) out = std::make_shared<Tree>(*tree);
          std::get<Node>(out->node).*member = std::move(*next);
        };
        std::apply([&](auto... member) { (map(member), ...); }, Node::fields);
        return out ? std::shared_ptr<const Tree>(std::move(out)) : tree;
      },
      tree->node);
}

const MapBlock kSameBlock = [](const Block& b) { return b; };

/// Compares field by field; symbols bound on both sides correspond.
struct Equality {
  std::map<Sym, Sym> left, right;

  void bind(Sym a, Sym b) { left[a] = b, right[b] = a; }
  bool operator()(Sym a, Sym b) {
    const auto l = left.find(a);
    const auto r = right.find(b);
    if (l == left.end() && r == right.end()) return a == b;
    return l != left.end() && r != right.end() && l->second == b && r->second == a;
  }
  bool operator()(const ExprRef& a, const ExprRef& b) {
    if (!a || !b) return !a && !b;
    return (a == b && left.empty()) || nodes(a->node, b->node);
  }
  bool operator()(const StmtRef& a, const StmtRef& b) { return (a == b && left.empty()) || nodes(a->node, b->node); }
  template <class Element>
  bool operator()(const std::vector<Element>& a, const std::vector<Element>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), std::ref(*this));
  }
  bool operator()(const Slice& a, const Slice& b) { return (*this)(a.lo, b.lo) && (*this)(a.hi, b.hi); }
  bool operator()(const Type& a, const Type& b) {
    return a.scalar == b.scalar && a.window == b.window && (*this)(a.shape, b.shape);
  }
  bool operator()(const ProcRef& a, const ProcRef& b) const { return a == b || a->name == b->name; }
  bool operator()(double a, double b) const { return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b); }
  template <class Leaf>
  requires(std::is_integral_v<Leaf> || std::is_enum_v<Leaf> || std::is_same_v<Leaf, std::string>) bool operator()(
      const Leaf& a, const Leaf& b) const {
    return a == b;
  }

 private:
  template <class Variant>
  bool nodes(const Variant& a, const Variant& b) {
    if (a.index() != b.index()) return false;
    return std::visit(
        [&](const auto& x) {
          using Node = std::decay_t<decltype(x)>;
          const Node& y = std::get<Node>(b);
          if constexpr (requires { Node::binds; }) bind(x.*Node::binds, y.*Node::binds);
          return std::apply([&](auto... member) { return ((*this)(x.*member, y.*member) && ...); }, Node::fields);
        },
        a);
  }
};

}  // namespace

void each_child(const ExprRef& e, const OnExpr& visit) { each_direct(*e, visit, kNoBlocks); }

void each_child(const StmtRef& s, const OnExpr& on_expr, const OnBlock& on_block) {
  each_direct(*s, on_expr, on_block);
}

void each_expr(const ExprRef& e, const OnExpr& visit) {
  visit(e);
  each_direct(
      *e, [&](const ExprRef& child) { each_expr(child, visit); }, kNoBlocks);
}

void each_stmt(const Block& block, const OnStmt& visit) {
  for (const StmtRef& s : block) {
    visit(s);
    each_direct(*s, kNoExprs, [&](const Block& inner) { each_stmt(inner, visit); });
  }
}

void each_expr(const Block& block, const OnExpr& visit) {
  for (const StmtRef& s : block) {
    each_direct(
        *s, [&](const ExprRef& e) { each_expr(e, visit); }, kNoBlocks);
    each_direct(*s, kNoExprs, [&](const Block& inner) { each_expr(inner, visit); });
  }
}

ExprRef map_children(const ExprRef& e, const MapExpr& f) { return map_tree(e, FieldMapper{f, kSameBlock}); }

StmtRef map_children(const StmtRef& s, const MapExpr& on_expr, const MapBlock& on_block) {
  return map_tree(s, FieldMapper{on_expr, on_block});
}

ExprRef map_exprs(const ExprRef& e, const MapExpr& f) {
  return f(map_children(e, [&](const ExprRef& child) { return map_exprs(child, f); }));
}

Block map_exprs(const Block& block, const MapExpr& f) {
  Block out;
  for (const StmtRef& s : block)
    out.push_back(map_children(
        s, [&](const ExprRef& e) { return map_exprs(e, f); }, [&](const Block& b) { return map_exprs(b, f); }));
  return out;
}

ExprRef substitute(const ExprRef& e, const Substitution& by) {
  if (const Var* v = as<Var>(e)) {
    const auto it = by.find(v->sym);
    return it == by.end() ? e : it->second;
  }
  return map_children(e, [&](const ExprRef& child) { return substitute(child, by); });
}

StmtRef substitute(const StmtRef& s, const Substitution& by) {
  return map_children(
      s, [&](const ExprRef& e) { return substitute(e, by); }, [&](const Block& b) { return substitute(b, by); });
}

Block substitute(const Block& block, const Substitution& by) {
  if (by.empty()) return block;
  Block out;
  for (const StmtRef& s : block) out.push_back(substitute(s, by));
  return out;
}

ExprRef rename(const ExprRef& e, const Renaming& by) {
  return map_exprs(e, [&](const ExprRef& x) { return map_tree(x, SymMapper{by}); });
}

Block rename(const Block& block, const Renaming& by) {
  if (by.empty()) return block;
  Block out;
  for (const StmtRef& s : block)
    out.push_back(
        map_tree(map_children(
                     s, [&](const ExprRef& e) { return rename(e, by); }, [&](const Block& b) { return rename(b, by); }),
                 SymMapper{by}));
  return out;
}

Sym bound_by(const Stmt& s) {
  return std::visit(
      [](const auto& node) -> Sym {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (requires { Node::binds; })
          return node.*Node::binds;
        else
          return {};
      },
      s.node);
}

Block freshen(const Block& block) {
  Renaming by;
  each_stmt(block, [&](const StmtRef& s) {
    if (const Sym sym = bound_by(*s)) by[sym] = Sym::fresh(sym.name());
  });
  return rename(block, by);
}

bool equal(const ExprRef& a, const ExprRef& b) { return Equality{}(a, b); }
bool equal(const Block& a, const Block& b) { return Equality{}(a, b); }

bool equal(const Proc& a, const Proc& b) {
  Equality same;
  if (a.name != b.name || a.params.size() != b.params.size() || a.forgets != b.forgets) return false;
  for (size_t i = 0; i < a.params.size(); ++i) same.bind(a.params[i].name, b.params[i].name);
  for (size_t i = 0; i < a.params.size(); ++i)
    if (a.params[i].memory != b.params[i].memory || !same(a.params[i].type, b.params[i].type)) return false;
  return same(a.asserts, b.asserts) && same(a.body, b.body);
}

std::set<Sym> written(const Proc& proc) {
  std::set<Sym> out;
  std::map<Sym, Sym> behind;  // a name of a part -> the buffer
  const auto write = [&](Sym buffer) {
    out.insert(buffer);
    for (auto it = behind.find(buffer); it != behind.end(); it = behind.find(it->second)) out.insert(it->second);
  };
  each_stmt(proc.body, [&](const StmtRef& s) {
    if (const Alias* n = as<Alias>(s)) behind[n->name] = as<Window>(n->window)->buffer;
    if (const Assign* n = as<Assign>(s)) write(n->buffer);
    if (const Reduce* n = as<Reduce>(s)) write(n->buffer);
    const Call* call = as<Call>(s);
    if (!call) return;
    const std::set<Sym> inner = written(*call->callee);
    for (size_t i = 0; i < call->args.size() && i < call->callee->params.size(); ++i)
      if (const Window* w = as<Window>(call->args[i]); w && inner.count(call->callee->params[i].name)) write(w->buffer);
  });
  return out;
}

namespace {

template <class Visit>
bool any_child(const ExprRef& e, const Visit& holds) {
  bool found = false;
  each_direct(
      *e, [&](const ExprRef& child) { found = found || holds(child); }, kNoBlocks);
  return found;
}

bool reads_in_index(const ExprRef& e) {
  if ((as<Read>(e) || as<Window>(e)) && any_child(e, reads_elements)) return true;
  return any_child(e, reads_in_index);
}

bool decides_by_elements(const StmtRef& s) {
  const Assign* assign = as<Assign>(s);
  const Reduce* reduce = as<Reduce>(s);
  const Configure* configure = as<Configure>(s);
  const ExprRef* rhs = assign ? &assign->rhs : reduce ? &reduce->rhs : nullptr;
  const bool all_data = as<Alias>(s) || (configure && is_data(configure->field.field_type()));
  bool found = false;
  each_direct(
      *s,
      [&](const ExprRef& e) {
        const bool data = all_data || (rhs && e == *rhs) || (as<Call>(s) && as<Window>(e));
        found = found || (data ? reads_in_index(e) : reads_elements(e));
      },
      [&](const Block& inner) { found = found || decided_by_elements(inner); });
  return found;
}

}  // namespace

bool reads_elements(const ExprRef& e) { return as<Read>(e) || any_child(e, reads_elements); }

bool decided_by_elements(const Block& block) {
  // Of loops and conditions it is remembered, and the nodes are held so that their addresses name nothing else: a step leaves most of
  // a program as it was.
  using Decided = std::pair<StmtRef, bool>;
  static auto& known = *new Memo<const Stmt*, Decided, std::unordered_map<const Stmt*, Decided>>(20'000);
  return std::any_of(block.begin(), block.end(), [&](const StmtRef& s) {
    if (!as<For>(s) && !as<If>(s)) return decides_by_elements(s);
    return known.of(s.get(), [&] { return Decided(s, decides_by_elements(s)); }).second;
  });
}

std::vector<Sym> symbols(const ExprRef& e) {
  std::vector<Sym> out;
  const auto add = [&](Sym s) {
    if (std::find(out.begin(), out.end(), s) == out.end()) out.push_back(s);
  };
  each_expr(e, [&](const ExprRef& x) {
    if (const Var* n = as<Var>(x)) add(n->sym);
    if (const Read* n = as<Read>(x)) add(n->buffer);
    if (const Window* n = as<Window>(x)) add(n->buffer);
    if (const Stride* n = as<Stride>(x)) add(n->buffer);
  });
  return out;
}

bool mentions_field(const ExprRef& e) {
  const auto all = symbols(e);
  return std::any_of(all.begin(), all.end(), [](Sym s) { return s.is_field(); });
}

bool mentions_stride(const ExprRef& e) {
  bool found = false;
  each_expr(e, [&](const ExprRef& x) { found = found || as<Stride>(x); });
  return found;
}

bool mentions(const ExprRef& e, Sym sym) {
  const auto all = symbols(e);
  return std::find(all.begin(), all.end(), sym) != all.end();
}

bool mentions(const Block& block, Sym sym) {
  bool found = false;
  each_stmt(block, [&](const StmtRef& s) {
    if (const Assign* n = as<Assign>(s)) found = found || n->buffer == sym;
    if (const Reduce* n = as<Reduce>(s)) found = found || n->buffer == sym;
    if (const Configure* n = as<Configure>(s)) found = found || n->field == sym;
    each_child(
        s, [&](const ExprRef& e) { found = found || mentions(e, sym); }, kNoBlocks);
  });
  return found;
}

}  // namespace exo
