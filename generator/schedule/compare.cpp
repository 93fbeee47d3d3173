#include "schedule/compare.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/linear.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/alike.h"
#include "support/text.h"

namespace exo {
namespace {

class Unifier {
 public:
  Unifier(const Declarations& names, const Proc& spec, Explain explain)
      : names_(names), spec_(spec), explain_(explain == Explain::Yes) {
    for (const Param& p : spec.params) params_[p.name] = &p;
  }
  Comparison out;

  bool blocks(const Block& spec, const Block& here) {
    if (spec.size() != here.size())
      return differ(
          [&] { return fmt::format("{} statements where the specification has {}", here.size(), spec.size()); },
          here.size() > spec.size() && !around_.empty()
              ? fmt::format("`{{ fission = \"{}\", after = \"{}\" }}` makes loops of their own of them",
                            around_.back().iter.name(), here.front()->label.name)
              : "");
    for (size_t i = 0; i < spec.size(); ++i)
      if (!statements(spec[i], here[i])) return false;
    return true;
  }

 private:
  const Declarations& names_;
  const Proc& spec_;
  const bool explain_;
  std::map<Sym, const Param*> params_;
  std::optional<std::set<Sym>> written_;  // by the specification, once someone asks

  bool writes(Sym buffer) {
    if (!written_) written_ = written(spec_);
    return written_->count(buffer) > 0;
  }

  template <class Reason>  // () -> std::string, worded only where someone asked
  bool differ(const Reason& reason) {
    if (explain_ && out.why.empty()) out.why = reason();
    return false;
  }
  bool differ(const char* reason) {
    return differ([&] { return std::string(reason); });
  }
  /// The step that would make the two agree.
  template <class Reason>
  bool differ(const Reason& reason, const std::string& step) {
    if (explain_ && out.why.empty()) out.help = step;
    return differ(reason);
  }

  bool statements(const StmtRef& spec, const StmtRef& here) {
    if (spec->node.index() != here->node.index())
      return differ([&] { return fmt::format("`{}` against `{}`", headline(here), headline(spec)); });
    ++out.agreed;
    if (explain_) out.at = here;
    return std::visit(match{
                          [&](const Assign& n) {
                            const Assign& m = *as<Assign>(here);
                            return touch(n.buffer, n.index, m.buffer, m.index) && data(n.rhs, m.rhs);
                          },
                          [&](const Reduce& n) {
                            const Reduce& m = *as<Reduce>(here);
                            return (n.op == m.op || differ("another reduction")) &&
                                   touch(n.buffer, n.index, m.buffer, m.index) && data(n.rhs, m.rhs);
                          },
                          [&](const For& n) { return loops(n, *as<For>(here)); },
                          [&](const If& n) { return branches(n, *as<If>(here)); },
                          [&](const Alloc& n) { return allocations(n, *as<Alloc>(here)); },
                          [&](const Alias&) { return differ("a name for a part of a buffer"); },
                          [&](const Call&) { return differ("a call"); },
                          [&](const Configure& n) {
                            const Configure& m = *as<Configure>(here);
                            if (n.field != m.field) return differ("another configuration field");
                            if (n.field.field_type() == Scalar::Bool) return control(n.value, m.value);
                            if (is_data(n.field.field_type())) return data(n.value, m.value);
                            same(n.value, m.value);
                            return true;
                          },
                      },
                      spec->node);
  }

  bool loops(const For& spec, const For& here) {
    if (here.order != Order::Sequential) return differ("a parallel loop");
    same(spec.lo, here.lo), same(spec.hi, here.hi);
    out.notes.equal.back().loop = here.iter;
    out.notes.iterators[spec.iter] = var(here.iter);
    around_.push_back({here.iter, here.lo, here.hi, {}, here.order});
    const bool extra_before = !out.notes.extra.empty();
    if (!blocks(spec.body, here.body)) return false;
    around_.pop_back();
    if (!extra_before && !out.notes.extra.empty())
      out.notes.extra = {stmt(For{here.iter, here.lo, here.hi, out.notes.extra, Order::Sequential})};
    return true;
  }

  bool branches(const If& spec, const If& here) {
    if (const Var* v = as<Var>(spec.cond); v && (v->sym.is_field() || params_.count(v->sym))) {
      if (!control(spec.cond, here.cond)) return false;
    } else if (mentions_field(here.cond) || mentions_field(spec.cond)) {
      return differ("a condition on configuration");
    } else if (!is_fixed(spec.cond, names_) || !is_fixed(here.cond, names_)) {
      return differ("a condition on data");
    } else {
      out.notes.conditions.push_back({substitute(spec.cond, out.notes.iterators), here.cond, around_});
    }
    if (!blocks(spec.body, here.body)) return false;
    if (here.orelse.empty() && !spec.orelse.empty()) return unseen(spec, here);
    return blocks(spec.orelse, here.orelse);
  }

  /// Two control expressions that must have one value.
  void same(const ExprRef& spec, const ExprRef& here) {
    out.notes.equal.push_back({substitute(spec, out.notes.iterators), here, around_});
  }

  bool allocations(const Alloc& spec, const Alloc& here) {
    if (spec.type.scalar != here.type.scalar || spec.type.shape.size() != here.type.shape.size())
      return differ([&] { return fmt::format("`{}` has another type", here.buffer.name()); });
    if (spec.memory != here.memory)
      return differ([&] { return fmt::format("`{}` lives in another memory", here.buffer.name()); });
    for (size_t d = 0; d < spec.type.shape.size(); ++d) same(spec.type.shape[d], here.type.shape[d]);
    locals_[spec.buffer] = here.buffer;
    own_.insert(here.buffer);
    return true;
  }

  /// An element of a buffer that both allocate.
  bool local(Sym spec, const Exprs& spec_index, Sym here, const Exprs& index) {
    if (locals_.at(spec) != here)
      return differ([&] { return fmt::format("`{}` where `{}` is used", here.name(), spec.name()); });
    for (size_t d = 0; d < index.size(); ++d) same(spec_index[d], index[d]);
    ++out.agreed;
    return true;
  }

  /// The specification also writes where the program does not: one element, the same that it writes under the condition.
  bool unseen(const If& spec, const If& here) {
    const Assign* writes = spec.orelse.size() == 1 ? as<Assign>(spec.orelse[0]) : nullptr;
    const Assign* under = here.body.size() == 1 ? as<Assign>(here.body[0]) : nullptr;
    const Assign* under_spec = spec.body.size() == 1 ? as<Assign>(spec.body[0]) : nullptr;
    const bool same =
        writes && under && under_spec && writes->buffer == under_spec->buffer && number_of(writes->rhs) == 0.0 &&
        std::equal(writes->index.begin(), writes->index.end(), under_spec->index.begin(), under_spec->index.end(),
                   [](const ExprRef& a, const ExprRef& b) { return exo::equal(a, b); });
    if (!same || !out.notes.extra.empty() || own_.count(under->buffer))
      return differ("the specification has an `else`");
    out.notes.extra = {stmt(If{negate(here.cond), {stmt(Assign{under->buffer, under->index, writes->rhs})}, {}})};
    return true;
  }

  bool touch(Sym param, const Exprs& spec, Sym buffer, const Exprs& here) {
    if (locals_.count(param)) return local(param, spec, buffer, here);
    if (!params_.count(param)) return differ("a buffer of the specification's own");
    if (own_.count(buffer)) return differ([&] { return fmt::format("`{}` is allocated inside", buffer.name()); });
    const auto entry = out.notes.buffers.emplace(param, buffer);
    const Sym bound = entry.first->second;
    const bool fresh = entry.second;
    if (bound != buffer)
      return differ(
          [&] { return fmt::format("`{}` would be both `{}` and `{}`", param.name(), bound.name(), buffer.name()); });
    if (fresh && !fits(*params_.at(param), buffer)) return false;
    Touch t;
    for (size_t d = 0; d < spec.size(); ++d) {
      ExprRef index = spec[d];
      if (is_data_expr(index)) {
        if (d >= here.size() || !(index = led_by(param, d, index, here[here.size() - spec.size() + d]))) return false;
      }
      t.spec.push_back(substitute(index, out.notes.iterators));
    }
    t.here = here;
    ++out.agreed;
    out.notes.touches[param].push_back(std::move(t));
    return true;
  }

  /// An index of the specification that elements lead, `x[2*idx[l]]`: those of the program, one after the other, in their place.
  ExprRef led_by(Sym param, size_t d, const ExprRef& spec, const ExprRef& here) {
    const Exprs theirs = elements_in(spec), ours = elements_in(here);
    if (theirs.size() != ours.size())
      return differ([&] { return fmt::format("the index `{}` against `{}`", print(here), print(spec)); }), nullptr;
    for (size_t k = 0; k < theirs.size(); ++k) {
      const Read &r = *as<Read>(theirs[k]), &m = *as<Read>(ours[k]);
      if (!touch(r.buffer, r.index, m.buffer, m.index)) return nullptr;
    }
    size_t next = 0;
    const ExprRef ours_in_place = map_exprs(spec, [&](const ExprRef& x) { return as<Read>(x) ? ours[next++] : x; });
    const ExprRef offset = expression(linear(here) - linear(substitute(ours_in_place, out.notes.iterators)));
    const bool shifts =
        !is_data_expr(offset) && std::none_of(out.notes.iterators.begin(), out.notes.iterators.end(),
                                              [&](const auto& i) { return mentions(offset, as<Var>(i.second)->sym); });
    if (!shifts)
      return differ([&] { return fmt::format("the index `{}` against `{}`", print(here), print(spec)); }), nullptr;
    out.notes.led.push_back({param, d, offset});
    return ours_in_place;
  }

  /// The elements in an index, those in whose own index they stand left out.
  static Exprs elements_in(const ExprRef& e) {
    if (as<Read>(e)) return {e};
    Exprs found;
    each_child(e, [&](const ExprRef& child) {
      for (const ExprRef& x : elements_in(child)) found.push_back(x);
    });
    return found;
  }

  bool fits(const Param& p, Sym buffer) {
    const Declaration& d = names_.at(buffer);
    if (d.type.scalar != p.type.scalar)
      return differ([&] {
        return fmt::format("`{}` holds {}, `{}` wants {}", buffer.name(), scalar_name(d.type.scalar), p.name.name(),
                           scalar_name(p.type.scalar));
      });
    if (d.type.shape.size() < p.type.shape.size())
      return differ([&] { return fmt::format("`{}` has too few dimensions for `{}`", buffer.name(), p.name.name()); });
    if (p.memory != d.memory && !(p.memory.empty() && is_addressable(d.memory)))
      return differ(
          [&] {
            return fmt::format("`{}` lives in `{}`, `{}` wants `{}`", buffer.name(),
                               d.memory.empty() ? "heap" : d.memory, p.name.name(),
                               p.memory.empty() ? "memory that C can address" : p.memory);
          },
          names_.at(buffer).is_param ? fmt::format("`stage` the part of `{}` that is used, with `memory = \"{}\"`",
                                                   buffer.name(), p.memory.empty() ? "stack" : p.memory)
                                     : fmt::format("`{{ set_memory = \"{}\", to = \"{}\" }}`", buffer.name(),
                                                   p.memory.empty() ? "stack" : p.memory));
    return true;
  }

  /// What a configuration field that the specification reads must hold.
  bool field(Sym f, const ExprRef& here) {
    for (const auto& [from, to] : out.notes.iterators)
      if (mentions(here, as<Var>(to)->sym))
        return differ([&] { return fmt::format("`{}` is not the same in every lane", print(here)); });
    const bool is_same = (as<Read>(here) && as<Read>(here)->buffer == f) || (as<Var>(here) && as<Var>(here)->sym == f);
    if (!is_same && mentions_field(here)) return differ("another configuration field");
    const auto [it, fresh] = out.notes.fields.emplace(f, here);
    return fresh || exo::equal(it->second, here) ||
           differ([&] { return fmt::format("`{}` would hold two values", f.name()); });
  }

  /// Truth values of control inside of data.
  bool control(const ExprRef& spec, const ExprRef& here) {
    const Var* v = as<Var>(spec);
    if (!v || is_data_expr(here))
      return differ([&] { return fmt::format("`{}` against `{}`", print(here), print(spec)); });
    if (v->sym.is_field()) return field(v->sym, here);
    if (mentions_field(here)) return differ("configuration");
    for (const auto& [from, to] : out.notes.iterators)
      if (mentions(here, as<Var>(to)->sym))
        return differ([&] { return fmt::format("`{}` is not the same in every lane", print(here)); });
    const auto [it, fresh] = out.notes.bools.emplace(v->sym, here);
    return fresh || exo::equal(it->second, here) ||
           differ([&] { return fmt::format("`{}` would be two values", v->sym.name()); });
  }

  std::string bind_help(const ExprRef& e) const {
    return explain_ && out.at
               ? fmt::format("`{{ bind = \"{}\", in = \"{}\", as = \"...\" }}` gives it a buffer of its own", print(e),
                             out.at->label.name)
               : "";
  }

  bool data(const ExprRef& spec, const ExprRef& here) {
    if (const Var* v = as<Var>(spec); v && (v->sym.is_field() || params_.count(v->sym))) return control(spec, here);
    if (const Read* r = as<Read>(spec)) {
      if (r->buffer.is_field()) {
        const Read* m = as<Read>(here);
        if ((!m && !number_of(here)) || (m && !m->buffer.is_field() && !is_addressable(names_.at(m->buffer).memory)))
          return differ([&] { return fmt::format("`{}` is not a plain value", print(here)); });
        return field(r->buffer, here);
      }
      if (const Read* m = as<Read>(here); m && m->buffer.is_field()) return differ("configuration");
      const auto param = params_.find(r->buffer);
      if (param != params_.end() && !param->second->type.window && param->second->type.shape.empty() &&
          !writes(r->buffer))
        return scalar(r->buffer, here);
      const Read* m = as<Read>(here);
      return m ? touch(r->buffer, r->index, m->buffer, m->index)
               : differ([&] { return fmt::format("`{}` where an element is read", print(here)); }, bind_help(here));
    }
    if (const auto value = number_of(spec))
      return (number_of(here) == value) ||
             differ([&] { return fmt::format("`{}` against `{}`", print(here), print(spec)); });
    if (spec->node.index() != here->node.index())
      return differ([&] { return fmt::format("`{}` against `{}`", print(here), print(spec)); });
    if (const Unary* n = as<Unary>(spec))
      return n->op == as<Unary>(here)->op ? data(n->a, as<Unary>(here)->a) : differ("another operation");
    if (const Builtin* n = as<Builtin>(spec)) return builtins(*n, *as<Builtin>(here));
    if (const Binary* n = as<Binary>(spec))
      return binaries(*n, *as<Binary>(here)) ||
             differ([&] { return fmt::format("`{}` against `{}`", print(here), print(spec)); });
    return differ([&] { return fmt::format("`{}` against `{}`", print(here), print(spec)); });
  }

  bool builtins(const Builtin& n, const Builtin& m) {
    if (n.name != m.name || n.args.size() != m.args.size())
      return differ([&] { return fmt::format("`{}` against `{}`", m.name, n.name); });
    for (size_t i = 0; i < n.args.size(); ++i)
      if (!data(n.args[i], m.args[i])) return false;
    return true;
  }

  /// Sums and products are tried in both orders: they commute to the bit.
  bool binaries(const Binary& n, const Binary& m) {
    if (n.op != m.op) return false;
    const Notes saved = out.notes;
    if (data(n.a, m.a) && data(n.b, m.b)) return true;
    if (n.op != BinaryOp::Add && n.op != BinaryOp::Mul) return false;
    out.notes = saved;
    return data(n.a, m.b) && data(n.b, m.a);
  }

  /// A scalar passed by value is read once, before the instruction runs.
  bool scalar(Sym param, const ExprRef& here) {
    const Read* r = as<Read>(here);
    if (!r && !number_of(here))
      return differ([&] { return fmt::format("`{}` is not a plain value", print(here)); }, bind_help(here));
    if (r && own_.count(r->buffer))
      return differ([&] { return fmt::format("`{}` is allocated inside", r->buffer.name()); });
    if (r && !is_addressable(names_.at(r->buffer).memory))
      return differ([&] { return fmt::format("`{}` is not in memory that C can address", r->buffer.name()); });
    for (const auto& [from, to] : out.notes.iterators)
      if (mentions(here, as<Var>(to)->sym))
        return differ([&] { return fmt::format("`{}` is not the same in every lane", print(here)); });
    const auto [it, fresh] = out.notes.scalars.emplace(param, here);
    return fresh || exo::equal(it->second, here) ||
           differ([&] { return fmt::format("`{}` would be two values", param.name()); });
  }

  std::vector<For> around_;    // loops of the program around the place
  std::map<Sym, Sym> locals_;  // allocated by both
  std::set<Sym> own_;          // ... of the program
};

}  // namespace

Comparison compare(const Declarations& names, const Proc& spec, const Block& statements, Explain explain) {
  Unifier unifier(names, spec, explain);
  unifier.out.agrees = unifier.blocks(spec.body, statements);
  return std::move(unifier.out);
}

}  // namespace exo
