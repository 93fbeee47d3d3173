#include "analysis/access.h"

#include <algorithm>

#include "analysis/query.h"
#include "ir/build.h"
#include "support/diagnostic.h"
#include "support/text.h"

namespace exo {
namespace {

/// Buffers of a callee in terms of the caller's.
using PartsOf = std::map<Sym, Window>;

class AccessCollector {
 public:
  explicit AccessCollector(const Declarations& names) : names_(names) {}
  std::vector<Access> out;

  void block(const Block& b) {
    for (const StmtRef& s : b) statement(s);
  }

 private:
  const Declarations& names_;
  Exprs when_;
  std::vector<std::pair<Sym, Sym>> iterators_;
  PartsOf bindings_;      // names of parts, and parameters of the callee that is being entered
  Substitution control_;  // of the callee that is being entered
  std::set<Sym> own_;     // what callees allocate: each call has its own
  const Stmt* call_ = nullptr;
  bool deciding_ = false;  // is what a statement reads a condition or a bound?

  /// In terms of the outermost procedure: arguments for control parameters, elements of its buffers, strides of what was passed.
  ExprRef control(const ExprRef& e) const {
    const ExprRef out = control_.empty() ? e : substitute(e, control_);
    bool buffers = false;
    if (!bindings_.empty())
      each_expr(out, [&](const ExprRef& x) { buffers = buffers || as<Stride>(x) || as<Read>(x); });
    return !buffers ? out : map_exprs(out, [&](const ExprRef& x) { return outside(x); });
  }

  ExprRef outside(const ExprRef& e) const {
    if (const Read* r = as<Read>(e)) {
      const Window* window = part(r->buffer);
      return window ? read(window->buffer, through(*window, r->index, r->index.size())) : e;
    }
    const Stride* s = as<Stride>(e);
    const auto it = s ? bindings_.find(s->buffer) : bindings_.end();
    if (it == bindings_.end()) return e;
    size_t dim = static_cast<size_t>(s->dim), ranged = 0;
    for (size_t d = 0; d < it->second.slices.size(); ++d)
      if (it->second.slices[d].hi && ranged++ == static_cast<size_t>(s->dim)) dim = d;
    return stride_of(names_, it->second.buffer, dim);
  }

  /// The same, with a number of its own for what each configuration field in it holds: two accesses, or one in two iterations,
  /// need not see the same. It counts as an iterator from here on.
  ExprRef settled(const ExprRef& e) {
    const ExprRef here = control(e);
    if (!mentions_field(here)) return here;
    Substitution by;
    for (const Sym field : symbols(here)) {
      if (!field.is_field()) continue;
      const Sym held = Sym::fresh(field.name());
      by[field] = var(held);
      iterators_.emplace_back(field, held);
    }
    return substitute(here, by);
  }

  /// The part that a name stands for; null where it is a buffer itself.
  const Window* part(Sym buffer) const {
    const auto it = bindings_.find(buffer);
    return it != bindings_.end() ? &it->second : alias_of(names_, buffer);
  }

  void touch(Access::Kind kind, ReduceOp op, Sym buffer, const Exprs& index, const StmtRef& s) {
    Exprs at;
    for (const ExprRef& e : index) at.push_back(control(e));
    const Sym written_as = buffer;
    if (const Window* window = part(buffer)) {
      at = through(*window, at, at.size());
      buffer = window->buffer;
    }
    if (own_.count(buffer)) return;
    out.push_back({kind, op, buffer, std::move(at), when_, iterators_, call_ ? call_ : s.get(), written_as, deciding_});
  }

  /// Everything that evaluating the expression reads, of data or of control.
  void data(const ExprRef& e, const StmtRef& s) {
    each_child(e, [&](const ExprRef& child) { data(child, s); });
    if (const Read* r = as<Read>(e)) touch(Access::Read, {}, r->buffer, r->index, s);
    if (const Var* v = as<Var>(e); v && v->sym.is_field()) touch(Access::Read, {}, v->sym, {}, s);
  }
  void data(const Exprs& list, const StmtRef& s) {
    for (const ExprRef& e : list) data(e, s);
  }
  void decision(const Exprs& list, const StmtRef& s) {
    deciding_ = true;
    data(list, s);
    deciding_ = false;
  }

  void statement(const StmtRef& s) {
    std::visit(match{
                   [&](const Assign& n) {
                     data(n.rhs, s), data(n.index, s);
                     touch(Access::Write, {}, n.buffer, n.index, s);
                   },
                   [&](const Reduce& n) {
                     data(n.rhs, s), data(n.index, s);
                     touch(Access::Reduce, n.op, n.buffer, n.index, s);
                   },
                   [&](const For& n) {
                     decision({n.lo, n.hi}, s);
                     const size_t mark = when_.size();
                     iterators_.emplace_back(n.iter, n.iter);
                     when_.push_back(le(control(n.lo), var(n.iter)));
                     when_.push_back(lt(var(n.iter), control(n.hi)));
                     block(n.body);
                     when_.resize(mark);
                     iterators_.pop_back();
                   },
                   [&](const If& n) {
                     decision({n.cond}, s);
                     const size_t mark = iterators_.size();
                     const ExprRef cond = settled(n.cond);
                     when_.push_back(cond);
                     block(n.body);
                     when_.back() = negate(cond);
                     block(n.orelse);
                     when_.pop_back();
                     iterators_.resize(mark);
                   },
                   [&](const Alloc& n) { data(n.type.shape, s); },
                   [&](const Alias& n) { data(n.window, s), bindings_[n.name] = resolved(*as<Window>(n.window)); },
                   [&](const Call& n) { call(n, s); },
                   [&](const Configure& n) {
                     data(n.value, s);
                     touch(Access::Write, {}, n.field, {}, s);
                   },
               },
               s->node);
  }

  void call(const Call& n, const StmtRef& s) {
    PartsOf bindings;
    Substitution control_args;
    const size_t mark = iterators_.size();
    for (size_t i = 0; i < n.args.size(); ++i) {
      const Param& p = n.callee->params[i];
      if (!is_data(p.type.scalar)) {
        data(n.args[i], s);
        control_args[p.name] = settled(n.args[i]);
      } else if (const Window* w = as<Window>(n.args[i])) {
        data(n.args[i], s);  // its indices
        bindings[p.name] = resolved(*w);
      } else {
        data(n.args[i], s);  // a data scalar by value
      }
    }
    std::swap(bindings_, bindings), std::swap(control_, control_args);
    const Stmt* outer = std::exchange(call_, call_ ? call_ : s.get());
    data(n.callee->asserts, s);
    own_.merge(allocated(n.callee->body));
    const size_t first = out.size();
    block(n.callee->body);
    for (const Sym field : n.callee->forgets) touch(Access::Write, {}, field, {}, s);
    call_ = outer;
    iterators_.resize(mark);
    std::swap(bindings_, bindings), std::swap(control_, control_args);
    const std::set<Sym> own = allocated(n.callee->body);  // nobody else sees these
    out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                             [&](const Access& a) { return own.count(a.buffer) > 0; }),
              out.end());
  }

  /// A window in terms of the outermost buffers.
  Window resolved(const Window& w) const {
    Window out = w;
    for (Slice& slice : out.slices) {
      slice.lo = control(slice.lo);
      if (slice.hi) slice.hi = control(slice.hi);
    }
    const Window* outer = part(w.buffer);
    return outer ? through(*outer, out) : out;
  }
};

}  // namespace

Exprs through(const Window& window, const Exprs& index, size_t rank) {
  if (window.slices.empty()) return index;
  Exprs out;
  size_t next = 0;
  for (const Slice& slice : window.slices) out.push_back(slice.hi ? slice.lo + index.at(next++) : slice.lo);
  if (next != rank) BUG("a window and the indices into it differ in rank");
  return out;
}

std::vector<Access> accesses(const Declarations& names, const Block& block) {
  AccessCollector collector(names);
  collector.block(block);
  return std::move(collector.out);
}

std::set<Sym> allocated(const Block& block) {
  std::set<Sym> out;
  each_stmt(block, [&](const StmtRef& s) {
    if (const Alloc* a = as<Alloc>(s)) out.insert(a->buffer);
  });
  return out;
}

std::vector<Access> visible(const Declarations& names, const Block& block) {
  const std::set<Sym> own = allocated(block);
  std::vector<Access> out;
  for (Access& a : accesses(names, block))
    if (!own.count(a.buffer)) out.push_back(std::move(a));
  return out;
}

Access substitute(const Access& access, const Substitution& by) {
  Access out = access;
  for (ExprRef& e : out.index) e = substitute(e, by);
  for (ExprRef& e : out.when) e = substitute(e, by);
  return out;
}

Access fresh(const Access& access) {
  Substitution by;
  Access out = access;
  for (auto& [original, here] : out.iterators) {
    const Sym next = Sym::fresh(original.name() + "'");
    by[here] = var(next);
    here = next;
  }
  const auto iterators = out.iterators;
  out = substitute(out, by);
  out.iterators = iterators;
  return out;
}

}  // namespace exo
