// What names were declared as, and the types of expressions.
#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "ir/build.h"
#include "ir/builtin.h"
#include "ir/check.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

using MaybeType = std::optional<Scalar>;

/// The type that an expression has by itself: nothing for literals, which take it from their
/// context.
MaybeType own_type(const ExprRef& e, const Declarations& names) {
  const auto declared = [&](Sym sym) -> MaybeType {
    const auto it = names.find(sym);
    return it == names.end() ? MaybeType{} : it->second.type.scalar;
  };
  const auto either = [&](const ExprRef& a, const ExprRef& b) {
    const MaybeType type = own_type(a, names);
    if (type && *type != Scalar::R) return type;
    const MaybeType other = own_type(b, names);  // an R takes the type of what it meets
    return other ? other : type;
  };
  return std::visit(
      match{
          [&](const Int&) -> MaybeType { return {}; },
          [&](const Float&) -> MaybeType { return {}; },
          [&](const Bool&) -> MaybeType { return Scalar::Bool; },
          [&](const Var& n) { return declared(n.sym); },
          [&](const Read& n) { return declared(n.buffer); },
          [&](const Unary& n) -> MaybeType { return n.op == UnaryOp::Not ? Scalar::Bool : own_type(n.a, names); },
          [&](const Binary& n) -> MaybeType { return n.op > BinaryOp::Mod ? Scalar::Bool : either(n.a, n.b); },
          [&](const Builtin& n) -> MaybeType {
            if (const auto to = converts_to(n.name)) return to;
            MaybeType type;
            for (size_t i = n.name == "select" ? 1 : 0; i < n.args.size() && type.value_or(Scalar::R) == Scalar::R; ++i)
              if (const MaybeType own = own_type(n.args[i], names)) type = own;
            return type;
          },
          [&](const Window& n) { return declared(n.buffer); },
          [&](const Stride&) -> MaybeType { return Scalar::Stride; },
          [&](const Forall&) -> MaybeType { return Scalar::Bool; },
      },
      e->node);
}

}  // namespace

ExprRef length(const Slice& slice) {
  const Binary* sum = as<Binary>(slice.hi);
  if (sum && sum->op == BinaryOp::Add && equal(sum->a, slice.lo)) return sum->b;
  return slice.hi - slice.lo;
}

Window through(const Window& outer, const Window& inner) {
  if (inner.slices.empty()) return outer;
  Window out{outer.buffer, {}};
  if (outer.slices.empty()) return {outer.buffer, inner.slices};
  size_t next = 0;
  for (const Slice& slice : outer.slices) {
    if (!slice.hi) {
      out.slices.push_back(slice);
      continue;
    }
    const Slice& part = inner.slices.at(next++);
    out.slices.push_back({slice.lo + part.lo, part.hi ? slice.lo + part.hi : nullptr});
  }
  return out;
}

Declaration declared(const Alias& alias, const Declarations& names) {
  const Window& window = *as<Window>(alias.window);
  const auto behind = names.find(window.buffer);
  if (behind == names.end()) BUG("a part of a buffer that is declared nowhere");
  Declaration out{{behind->second.type.scalar, {}, true}, behind->second.memory, false, window, false};
  for (const Slice& slice : window.slices)
    if (slice.hi) out.type.shape.push_back(length(slice));
  if (behind->second.alias) out.alias = through(*behind->second.alias, window);
  return out;
}

const Window* alias_of(const Declarations& names, Sym buffer) {
  const auto it = names.find(buffer);
  return it != names.end() && it->second.alias ? &*it->second.alias : nullptr;
}

Sym behind(const Declarations& names, Sym buffer) {
  const Window* part = alias_of(names, buffer);
  return part ? part->buffer : buffer;
}

namespace {

bool may_be_index_tensor(const Param& p) { return is_integer_data(p.type.scalar) && !p.type.shape.empty(); }
bool may_have_index_tensors(const Proc& proc) {
  return std::any_of(proc.params.begin(), proc.params.end(), may_be_index_tensor);
}

}  // namespace

std::map<Sym, Scalar> index_tensors(const Proc& proc) {
  std::map<Sym, Scalar> out;
  if (!may_have_index_tensors(proc)) return out;
  const Declarations names = declarations(proc);
  for (const Param& p : proc.params)
    if (names.at(p.name).is_index_tensor) out[p.name] = p.type.scalar;
  return out;
}

namespace {

Declarations::Entries::const_iterator place_of(const Declarations::Entries& entries, Sym name) {
  return std::lower_bound(entries.begin(), entries.end(), name, [](const auto& e, Sym s) { return e.first < s; });
}

/// Everything that is declared, but for names of parts, which are put down as they come.
struct Collected {
  Declarations::Entries entries;
  std::vector<const Alias*> aliases;

  void control(Sym name, Scalar type) {
    entries.emplace_back(name, Declaration{Type{type, {}, false}, {}, false, {}, false});
  }
  void block(const Block& b) {
    for (const StmtRef& s : b) {
      if (const Alloc* n = as<Alloc>(s))
        entries.emplace_back(n->buffer, Declaration{n->type, n->memory, false, {}, false});
      if (const Alias* n = as<Alias>(s)) aliases.push_back(n);
      if (const For* n = as<For>(s)) control(n->iter, Scalar::Index), block(n->body);
      if (const If* n = as<If>(s)) block(n->body), block(n->orelse);
    }
  }
};

Declarations collected(const Proc& proc) {
  Collected all;
  all.entries.reserve(128);
  for (const Sym field : all_fields()) all.control(field, field.field_type());
  const std::set<Sym> changed = may_have_index_tensors(proc) ? written(proc) : std::set<Sym>();
  for (const Param& p : proc.params)
    all.entries.emplace_back(p.name,
                             Declaration{p.type, p.memory, true, {}, may_be_index_tensor(p) && !changed.count(p.name)});
  for (const ExprRef& e : proc.asserts)
    for (const Forall* n = as<Forall>(e); n; n = as<Forall>(n->body)) all.control(n->iter, Scalar::Index);
  all.block(proc.body);
  Declarations out(std::move(all.entries));
  for (const Alias* n : all.aliases) out.set(n->name, declared(*n, out));
  return out;
}

/// The declarations of the programs that were looked at last, which are nearly always asked for again.
class Recent {
 public:
  Declarations of(const Proc& proc) {
    for (const Entry& e : entries_)
      if (e.fields == all_fields().size() && same(e.proc, proc)) return e.names;
    Entry& oldest = entries_[next_++ % entries_.size()];
    oldest = {proc, all_fields().size(), collected(proc)};
    return oldest.names;
  }

 private:
  struct Entry {
    Proc proc;  // holds the nodes, so that their addresses name nothing else
    size_t fields = 0;
    Declarations names;
  };
  std::array<Entry, 8> entries_;
  size_t next_ = 0;

  /// The very same nodes.
  static bool same(const Proc& a, const Proc& b) {
    const auto alike = [](const Param& x, const Param& y) {
      return x.name == y.name && x.type.scalar == y.type.scalar && x.type.window == y.type.window &&
             x.type.shape == y.type.shape && x.memory == y.memory;
    };
    return a.body == b.body && a.asserts == b.asserts &&
           std::equal(a.params.begin(), a.params.end(), b.params.begin(), b.params.end(), alike);
  }
};

}  // namespace

Declarations::Declarations(Entries entries) {
  std::vector<std::pair<Sym, size_t>> order;  // much smaller than what is moved
  for (size_t i = 0; i < entries.size(); ++i) order.emplace_back(entries[i].first, i);
  std::sort(order.begin(), order.end());
  entries_ = std::make_shared<Entries>();
  entries_->reserve(entries.size());
  for (size_t i = 0; i < order.size(); ++i)
    if (i + 1 == order.size() || order[i].first != order[i + 1].first)
      entries_->push_back(std::move(entries[order[i].second]));
}

const Declarations::Entries& Declarations::entries() const {
  static const Entries none;
  return entries_ ? *entries_ : none;
}

Declarations::Entries::const_iterator Declarations::find(Sym name) const {
  const auto at = place_of(entries(), name);
  return at != end() && at->first == name ? at : end();
}

const Declaration& Declarations::at(Sym name) const {
  const auto it = find(name);
  if (it == end()) BUG("a name that is declared nowhere");
  return it->second;
}

void Declarations::set(Sym name, Declaration declaration) {
  if (entries_.use_count() != 1) entries_ = std::make_shared<Entries>(entries());
  const auto at = entries_->begin() + (place_of(*entries_, name) - entries_->cbegin());
  if (at != end() && at->first == name)
    at->second = std::move(declaration);
  else
    entries_->emplace(at, name, std::move(declaration));
}

Declarations declarations(const Proc& proc) {
  static Recent& recent = *new Recent;
  return recent.of(proc);
}

Scalar type_of(const ExprRef& e, const Declarations& names, Scalar context) {
  return own_type(e, names).value_or(context);
}

Scalar operand_type(const ExprRef& operand, const Declarations& names) {
  bool has_float = false;
  each_expr(operand, [&](const ExprRef& e) { has_float = has_float || as<Float>(e); });
  return type_of(operand, names, has_float ? Scalar::F64 : Scalar::I64);
}

Scalar compared_type(const Binary& comparison, const Declarations& names) {
  if (!is_data_expr(comparison.a) && !is_data_expr(comparison.b)) return Scalar::Index;
  const auto untyped = [&](const ExprRef& e) { return operand_type(e, names); };  // matters where neither has a type
  const bool real = untyped(comparison.a) == Scalar::F64 || untyped(comparison.b) == Scalar::F64;
  const Scalar type = type_of(comparison.a, names, type_of(comparison.b, names, real ? Scalar::F64 : Scalar::I64));
  return type == Scalar::R ? type_of(comparison.b, names, type) : type;
}

std::set<Sym> deciding(const Proc& proc) {
  std::set<Sym> out;
  const std::map<Sym, Scalar> tensors = index_tensors(proc);
  if (tensors.empty()) return out;
  const auto control = [&](const ExprRef& e) {
    each_expr(e, [&](const ExprRef& x) {
      if (const Read* r = as<Read>(x); r && tensors.count(r->buffer)) out.insert(r->buffer);
    });
  };
  const auto indices = [&](const ExprRef& e) {
    each_expr(e, [&](const ExprRef& x) {
      if (as<Read>(x) || as<Window>(x)) each_child(x, control);
    });
  };
  for (const ExprRef& e : proc.asserts) control(e);
  each_stmt(proc.body, [&](const StmtRef& s) {
    const Assign* assign = as<Assign>(s);
    const Reduce* reduce = as<Reduce>(s);
    const ExprRef rhs = assign ? assign->rhs : reduce ? reduce->rhs : nullptr;
    const Call* call = as<Call>(s);
    each_child(
        s, [&](const ExprRef& e) { e == rhs || as<Window>(e) || as<If>(s) ? indices(e) : control(e); },
        [](const Block&) {});
    if (!call) return;
    const std::set<Sym> inner = deciding(*call->callee);
    for (size_t i = 0; i < call->args.size() && i < call->callee->params.size(); ++i)
      if (const Window* w = as<Window>(call->args[i]); w && inner.count(call->callee->params[i].name))
        out.insert(w->buffer);
  });
  return out;
}

bool is_exact(const Binary& comparison, const Declarations& names) {
  bool exact = true;
  const std::function<void(const ExprRef&)> look = [&](const ExprRef& e) {
    const Builtin* call = as<Builtin>(e);
    if (as<Float>(e) || (call && call->name != "min" && call->name != "max")) exact = false;
    if (const Read* r = as<Read>(e)) {  // its indices are control
      const auto it = names.find(r->buffer);
      exact = exact && it != names.end() && is_integer_data(it->second.type.scalar);
    } else {
      each_child(e, look);
    }
  };
  look(comparison.a), look(comparison.b);
  return exact;
}

namespace {
bool is_extreme(const Builtin& n) { return n.name == "min" || n.name == "max"; }
}  // namespace

bool is_fixed(const ExprRef& e, const std::function<bool(Sym)>& is_index_tensor) {
  const auto fixed = [&](const ExprRef& x) { return is_fixed(x, is_index_tensor); };
  const auto all = [&](const Exprs& list) { return std::all_of(list.begin(), list.end(), fixed); };
  return std::visit(match{
                        [](const Int&) { return true; },
                        [](const Float&) { return false; },
                        [](const Bool&) { return true; },
                        [](const Var&) { return true; },
                        [&](const Read& n) { return is_index_tensor(n.buffer) && all(n.index); },
                        [&](const Unary& n) { return fixed(n.a); },
                        [&](const Binary& n) { return fixed(n.a) && fixed(n.b); },
                        [&](const Builtin& n) { return is_extreme(n) && all(n.args); },
                        [&](const Window& n) {
                          return std::all_of(n.slices.begin(), n.slices.end(),
                                             [&](const Slice& s) { return fixed(s.lo) && (!s.hi || fixed(s.hi)); });
                        },
                        [](const Stride&) { return true; },
                        [&](const Forall& n) { return fixed(n.lo) && fixed(n.hi) && fixed(n.body); },
                    },
                    e->node);
}

bool is_fixed(const ExprRef& e, const Declarations& names) {
  return is_fixed(e, [&](Sym buffer) {
    const auto it = names.find(buffer);
    return it != names.end() && it->second.is_index_tensor;
  });
}

bool is_data_expr(const ExprRef& e) {
  return !is_fixed(e, [](Sym) { return false; });
}

}  // namespace exo
