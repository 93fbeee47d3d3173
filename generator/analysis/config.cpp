#include "analysis/config.h"

#include "analysis/access.h"
#include "analysis/facts.h"
#include "analysis/linear.h"
#include "analysis/query.h"
#include "ir/build.h"
#include "support/text.h"

namespace exo {

namespace {
std::set<Sym> set_of(const std::vector<Sym>& list) { return {list.begin(), list.end()}; }
}  // namespace

std::set<Sym> configured(const Block& block) {
  std::set<Sym> out;
  if (all_fields().empty()) return out;
  each_stmt(block, [&](const StmtRef& s) {
    if (const Configure* n = as<Configure>(s)) out.insert(n->field);
    if (const Call* n = as<Call>(s)) out.merge(configured(*n->callee));
  });
  return out;
}

std::set<Sym> configured(const Proc& callee) {
  std::set<Sym> out = configured(callee.body);
  out.insert(callee.forgets.begin(), callee.forgets.end());
  return out;
}

Facts without(const Facts& facts, const std::set<Sym>& fields) {
  if (fields.empty()) return facts;
  Facts out = facts;
  std::erase_if(out.conditions, [&](const ExprRef& e) {
    const auto all = symbols(e);
    return std::any_of(all.begin(), all.end(), [&](Sym s) { return fields.count(s) > 0; });
  });
  for (const Sym field : fields) out.known.erase(field);
  return out;
}

Facts with(const Facts& facts, const Configuration& state) {
  if (state.empty()) return facts;
  Facts out = facts;
  for (const auto& [field, value] : state) {
    if (field.field_type() == Scalar::Bool)
      out.add(any_of({all_of({var(field), value}), all_of({negate(var(field)), negate(value)})}));
    else if (!is_data(field.field_type()))
      out.add(eq(var(field), value));
  }
  return out;
}

Facts with_sizes(const Facts& facts, const ExprRef& e) {
  Facts out = facts;
  for (const Sym s : symbols(e))
    if (s.is_field() && s.field_type() == Scalar::Size) out.add(le(num(0), var(s)));
  return out;
}

ConfigurationFlow::ConfigurationFlow(const Proc& proc) {
  if (all_fields().empty()) return;
  names_ = declarations(proc), written_ = written(proc), facts_ = without(entry_facts(proc), set_of(all_fields()));
}

Configuration ConfigurationFlow::entry(const Proc& proc) const {
  Configuration state;
  for (const ExprRef& e : proc.asserts) {
    const Binary* b = as<Binary>(e);
    if (!b || b->op != BinaryOp::Eq) continue;
    for (const auto& [field, given] : {std::pair(b->a, b->b), std::pair(b->b, b->a)})
      if (const Var* v = as<Var>(field); v && v->sym.is_field())
        if (const ExprRef known = value({}, given)) state.emplace(v->sym, known);
  }
  return state;
}

void ConfigurationFlow::advance(Configuration& state, const StmtRef& statement) const {
  if (!all_fields().empty()) step(state, statement, {});
}

Configuration ConfigurationFlow::inside(const Configuration& before, const For& loop) const {
  return loop_entry(before, loop, {});
}

ExprRef ConfigurationFlow::value(const Configuration& state, const ExprRef& e) const { return resolved(state, e, {}); }

void ConfigurationFlow::block(Configuration& state, const Block& b, const Inside& calls) const {
  for (const StmtRef& s : b) step(state, s, calls);
}

void ConfigurationFlow::step(Configuration& state, const StmtRef& statement, const Inside& calls) const {
  const auto forget = [&](const auto& fields) {
    for (const Sym field : fields) state.erase(field);
  };
  std::visit(match{
                 [&](const Assign&) {},
                 [&](const Reduce&) {},
                 [&](const For& n) {
                   Configuration after = loop_entry(state, n, calls);
                   const int64_t *lo = literal(n.lo), *hi = literal(n.hi);
                   if (lo && hi && *lo < *hi) {  // what the last iteration leaves
                     block(after, n.body, calls);
                     std::erase_if(after, [&](const auto& known) { return mentions(known.second, n.iter); });
                   }
                   state = std::move(after);
                 },
                 [&](const If& n) {
                   Configuration other = state;
                   block(state, n.body, calls), block(other, n.orelse, calls);
                   std::erase_if(state, [&](const auto& known) {
                     const auto it = other.find(known.first);
                     return it == other.end() || !same_value(facts_, it->second, known.second);
                   });
                 },
                 [](const Alloc&) {},
                 [](const Alias&) {},
                 [&](const Call& n) {
                   if (configured(*n.callee).empty()) return;
                   Inside inner;
                   for (size_t i = 0; i < n.args.size(); ++i) {
                     const Param& p = n.callee->params[i];
                     const Window* w = as<Window>(n.args[i]);
                     const ExprRef arg = is_data(p.type.scalar) ? nullptr : resolved(state, n.args[i], calls);
                     if (arg) inner.control[p.name] = arg;
                     if (!w) continue;
                     const auto behind = calls.buffers.find(w->buffer);
                     Window here = *w;
                     for (Slice& slice : here.slices) {
                       slice.lo = resolved(state, slice.lo, calls);
                       if (slice.hi) slice.hi = resolved(state, slice.hi, calls);
                       if (!slice.lo) return forget(configured(*n.callee));
                     }
                     inner.buffers[p.name] = behind == calls.buffers.end() ? here : through(behind->second, here);
                   }
                   block(state, n.callee->body, inner);
                   forget(n.callee->forgets);
                 },
                 [&](const Configure& n) {
                   const ExprRef value = resolved(state, n.value, calls);
                   if (value)
                     state[n.field] = value;
                   else
                     state.erase(n.field);
                 },
             },
             statement->node);
}

Configuration ConfigurationFlow::loop_entry(const Configuration& before, const For& loop, const Inside& calls) const {
  const std::set<Sym> changed = configured(loop.body);
  Configuration state = before;
  for (bool again = !changed.empty(); again;) {  // what each iteration keeps, if the others keep what they do
    again = false;
    for (const Sym field : changed)
      if (state.count(field) && !keeps(state, loop.body, field, calls)) state.erase(field), again = true;
  }
  return state;
}

/// Does every statement of the body that sets the field set it to what it holds?
bool ConfigurationFlow::keeps(const Configuration& state, const Block& body, Sym field, const Inside& calls) const {
  bool kept = true;
  each_stmt(body, [&](const StmtRef& s) {
    if (const Configure* n = as<Configure>(s); n && n->field == field) {
      const ExprRef next = mentions_field(n->value) ? nullptr : resolved({}, n->value, calls);
      kept = kept && next && same_value(facts_, next, state.at(field));
    }
    if (const Call* n = as<Call>(s); n && configured(*n->callee).count(field)) {
      Configuration after;  // without what else is known, which may not hold there
      step(after, s, calls);
      const auto it = after.find(field);
      kept = kept && it != after.end() && same_value(facts_, it->second, state.at(field));
    }
  });
  return kept;
}

ExprRef ConfigurationFlow::resolved(const Configuration& state, const ExprRef& e, const Inside& calls) const {
  bool known = true;
  const ExprRef out = map_exprs(e, [&](const ExprRef& x) -> ExprRef {
    if (const Var* v = as<Var>(x)) {
      if (const auto arg = calls.control.find(v->sym); arg != calls.control.end()) return arg->second;
      if (v->sym.is_field()) {
        const auto it = state.find(v->sym);
        if (it != state.end()) return it->second;
      }
      known = known && names_.count(v->sym) > 0 && !v->sym.is_field();
    }
    if (const Read* r = as<Read>(x)) {
      if (const auto it = state.find(r->buffer); it != state.end()) return it->second;
      const auto window = calls.buffers.find(r->buffer);
      const Sym buffer = window == calls.buffers.end() ? r->buffer : window->second.buffer;
      const auto declared = names_.find(buffer);
      known = known && declared != names_.end() && declared->second.is_param && !written_.count(buffer);
      if (window != calls.buffers.end()) return read(buffer, through(window->second, r->index, r->index.size()));
    }
    if (const Stride* n = as<Stride>(x)) {
      const auto window = calls.buffers.find(n->buffer);
      size_t dim = static_cast<size_t>(n->dim);
      const Sym buffer = window == calls.buffers.end() ? n->buffer : window->second.buffer;
      if (window != calls.buffers.end())
        for (size_t d = 0, ranged = 0; d < window->second.slices.size(); ++d)
          if (window->second.slices[d].hi && ranged++ == static_cast<size_t>(n->dim)) dim = d;
      if (!names_.count(buffer)) return known = false, x;
      return stride_of(names_, buffer, dim);
    }
    return x;
  });
  return known ? out : nullptr;
}

Configuration configuration_at(const Proc& proc, const Path& path) {
  const ConfigurationFlow flow(proc);
  Configuration state = flow.entry(proc);
  if (all_fields().empty()) return state;
  for (size_t length = 1; length <= path.size(); ++length) {
    const Path here(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(length));
    const Block& block = block_of(proc, here);
    for (size_t i = 0; i < here.back().index && i < block.size(); ++i) flow.advance(state, block[i]);
    if (length == path.size()) break;
    if (const For* loop = as<For>(stmt_at(proc, here))) state = flow.inside(state, *loop);
  }
  return state;
}

bool same_value(const Facts& facts, const ExprRef& a, const ExprRef& b) {
  if (equal(a, b)) return true;
  const auto is_number = [](const ExprRef& e) {
    bool number = true;
    each_expr(e, [&](const ExprRef& x) { number = number && !as<Read>(x) && !as<Float>(x) && !as<Bool>(x); });
    const Binary* b2 = as<Binary>(e);
    const Unary* u = as<Unary>(e);
    const Builtin* f = as<Builtin>(e);
    return number && !(b2 && b2->op > BinaryOp::Mod) && !(u && u->op == UnaryOp::Not) &&
           !(f && f->name != "min" && f->name != "max");
  };
  return is_number(a) && is_number(b) && evident(facts, eq(a, b));
}

}  // namespace exo
