// The specification is walked beside the statement. Every place where both have an index, a bound or a condition is noted; then
// the unknowns (windows, sizes, scalars) are solved from the notes, one linear equation each; then the specification, with the
// solution put in, is compared again, and only what is proved equal counts.
#include "schedule/match.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/alike.h"
#include "schedule/match_solver.h"
#include "support/text.h"

namespace exo {
namespace {

class Unifier {
 public:
  Unifier(const Declarations& names, const Proc& spec) : names_(names), spec_(spec) {
    for (const Param& p : spec.params) params_[p.name] = &p;
  }
  Notes notes;
  bool explain = false;
  std::string why, help;
  StmtRef at;  // of the program: where the two part
  int agreed = 0;

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
  std::map<Sym, const Param*> params_;
  std::optional<std::set<Sym>> written_;  // by the specification, once someone asks

  bool writes(Sym buffer) {
    if (!written_) written_ = written(spec_);
    return written_->count(buffer) > 0;
  }

  template <class Reason>  // () -> std::string, worded only where someone asked
  bool differ(const Reason& reason) {
    if (explain && why.empty()) why = reason();
    return false;
  }
  bool differ(const char* reason) {
    return differ([&] { return std::string(reason); });
  }
  /// The step that would make the two agree.
  template <class Reason>
  bool differ(const Reason& reason, const std::string& step) {
    if (explain && why.empty()) help = step;
    return differ(reason);
  }

  bool statements(const StmtRef& spec, const StmtRef& here) {
    if (spec->node.index() != here->node.index())
      return differ([&] { return fmt::format("`{}` against `{}`", headline(here), headline(spec)); });
    ++agreed;
    if (explain) at = here;
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
    notes.equal.back().loop = here.iter;
    notes.iterators[spec.iter] = var(here.iter);
    around_.push_back({here.iter, here.lo, here.hi, {}, here.order});
    const bool extra_before = !notes.extra.empty();
    if (!blocks(spec.body, here.body)) return false;
    around_.pop_back();
    if (!extra_before && !notes.extra.empty())
      notes.extra = {stmt(For{here.iter, here.lo, here.hi, notes.extra, Order::Sequential})};
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
      notes.conditions.push_back({substitute(spec.cond, notes.iterators), here.cond, around_});
    }
    if (!blocks(spec.body, here.body)) return false;
    if (here.orelse.empty() && !spec.orelse.empty()) return unseen(spec, here);
    return blocks(spec.orelse, here.orelse);
  }

  /// Two control expressions that must have one value.
  void same(const ExprRef& spec, const ExprRef& here) {
    notes.equal.push_back({substitute(spec, notes.iterators), here, around_});
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
    ++agreed;
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
    if (!same || !notes.extra.empty() || own_.count(under->buffer)) return differ("the specification has an `else`");
    notes.extra = {stmt(If{negate(here.cond), {stmt(Assign{under->buffer, under->index, writes->rhs})}, {}})};
    return true;
  }

  bool touch(Sym param, const Exprs& spec, Sym buffer, const Exprs& here) {
    if (locals_.count(param)) return local(param, spec, buffer, here);
    if (!params_.count(param)) return differ("a buffer of the specification's own");
    if (own_.count(buffer)) return differ([&] { return fmt::format("`{}` is allocated inside", buffer.name()); });
    const auto entry = notes.buffers.emplace(param, buffer);
    const Sym bound = entry.first->second;
    const bool fresh = entry.second;
    if (bound != buffer)
      return differ(
          [&] { return fmt::format("`{}` would be both `{}` and `{}`", param.name(), bound.name(), buffer.name()); });
    if (fresh && !fits(*params_.at(param), buffer)) return false;
    if (std::any_of(spec.begin(), spec.end(), is_data_expr)) return differ("the specification's indices are elements");
    Touch t;
    for (const ExprRef& e : spec) t.spec.push_back(substitute(e, notes.iterators));
    t.here = here;
    ++agreed;
    notes.touches[param].push_back(std::move(t));
    return true;
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
    for (const auto& [from, to] : notes.iterators)
      if (mentions(here, as<Var>(to)->sym))
        return differ([&] { return fmt::format("`{}` is not the same in every lane", print(here)); });
    const bool is_same = (as<Read>(here) && as<Read>(here)->buffer == f) || (as<Var>(here) && as<Var>(here)->sym == f);
    if (!is_same && mentions_field(here)) return differ("another configuration field");
    const auto [it, fresh] = notes.fields.emplace(f, here);
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
    for (const auto& [from, to] : notes.iterators)
      if (mentions(here, as<Var>(to)->sym))
        return differ([&] { return fmt::format("`{}` is not the same in every lane", print(here)); });
    const auto [it, fresh] = notes.bools.emplace(v->sym, here);
    return fresh || exo::equal(it->second, here) ||
           differ([&] { return fmt::format("`{}` would be two values", v->sym.name()); });
  }

  std::string bind_help(const ExprRef& e) const {
    return explain && at ? fmt::format("`{{ bind = \"{}\", in = \"{}\", as = \"...\" }}` gives it a buffer of its own",
                                       print(e), at->label.name)
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
    const Notes saved = notes;
    if (data(n.a, m.a) && data(n.b, m.b)) return true;
    if (n.op != BinaryOp::Add && n.op != BinaryOp::Mul) return false;
    notes = saved;
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
    for (const auto& [from, to] : notes.iterators)
      if (mentions(here, as<Var>(to)->sym))
        return differ([&] { return fmt::format("`{}` is not the same in every lane", print(here)); });
    const auto [it, fresh] = notes.scalars.emplace(param, here);
    return fresh || exo::equal(it->second, here) ||
           differ([&] { return fmt::format("`{}` would be two values", param.name()); });
  }

  std::vector<For> around_;    // loops of the program around the place
  std::map<Sym, Sym> locals_;  // allocated by both
  std::set<Sym> own_;          // ... of the program
};

/// A window of the buffer such that each index of the specification lands on the index of the program.
std::optional<Window> window_for(const Param& p, Sym buffer, const std::vector<Touch>& touches, const Notes& notes,
                                 const Substitution& values, size_t buffer_rank) {
  const size_t rank = p.type.shape.size();
  const auto uses_iterators = [&](const ExprRef& e) {
    return std::any_of(notes.iterators.begin(), notes.iterators.end(),
                       [&](const auto& i) { return mentions(e, as<Var>(i.second)->sym); });
  };
  std::vector<bool> ranged(buffer_rank, false);  // which dimensions of the buffer the window keeps; the last ones first
  std::fill(ranged.end() - static_cast<std::ptrdiff_t>(rank), ranged.end(), true);
  do {
    std::vector<Slice> slices;
    bool good = true;
    for (size_t d = 0, k = 0; d < buffer_rank && good; ++d) {
      ExprRef first;
      for (const Touch& t : touches) {
        const Linear offset = ranged[d] ? linear(t.here[d]) - linear(substitute(t.spec[k], values)) : linear(t.here[d]);
        const ExprRef e = expression(offset);
        good = good && !uses_iterators(e) && (!first || equal(first, e));
        first = e;
      }
      if (!good) break;
      if (ranged[d]) {
        slices.push_back({first, expression(linear(first + substitute(p.type.shape[k], values)))});
        ++k;
      } else {
        slices.push_back({first, nullptr});
      }
    }
    if (good) return Window{buffer, slices};
  } while (std::next_permutation(ranged.begin(), ranged.end()));
  return std::nullopt;
}

bool holds_both_ways(const Facts& facts, const ExprRef& a, const ExprRef& b) {
  if (equal(a, b)) return true;
  Facts with_a = facts, with_b = facts;
  with_a.add(a), with_b.add(b);
  return evident(with_a, b) && evident(with_b, a);
}

/// With the solution put in, every bound and every condition must be the same for all values: the first that is not.
const Pair* unequal(const Facts& site, const Notes& notes, const Substitution& values) {
  const auto facts_of = [&](const Pair& p) {
    Facts facts = site;
    for (const For& loop : p.around) facts.add_range(loop.iter, loop.lo, loop.hi);
    return facts;
  };
  for (const Pair& p : notes.equal) {
    const Facts facts = facts_of(p);
    const ExprRef spec = substitute(p.spec, values);
    if (!(linear(spec, facts.known) == linear(p.here, facts.known)) && !evident(facts, eq(spec, p.here))) return &p;
  }
  for (const Pair& p : notes.conditions)
    if (!holds_both_ways(facts_of(p), substitute(p.spec, values), p.here)) return &p;
  return nullptr;
}

/// A dense parameter gets all of a dense buffer.
bool whole(const Declaration& d, const Window& w, const Facts& facts) {
  if (d.type.window || d.alias) return false;
  for (size_t k = 0; k < w.slices.size(); ++k)
    if (!w.slices[k].hi || !evident(facts, eq(w.slices[k].lo, num(0))) ||
        !evident(facts, eq(w.slices[k].hi, d.type.shape[k])))
      return false;
  return true;
}

/// A loop that is longer than the specification's is split.
std::string split_help(const Pair& p, const ExprRef& wanted) {
  const int64_t* lanes = literal(wanted);
  const int64_t* length = literal(p.here);
  if (!lanes || *lanes < 1 || !p.loop || (length && *length <= *lanes)) return {};
  return fmt::format("`{{ split = \"{}\", by = {}, tail = \"cut\" }}` makes loops of that length", p.loop.name(),
                     *lanes);
}

/// A scalar that is read is passed as the point where it stands; a number is passed as it is.
ExprRef as_argument(const ExprRef& scalar) {
  const Read* r = as<Read>(scalar);
  if (!r) return scalar;
  std::vector<Slice> points;
  for (const ExprRef& e : r->index) points.push_back({e, nullptr});
  return window(r->buffer, std::move(points));
}

}  // namespace

std::optional<Match> unify(const Declarations& names, const Facts& facts, const Block& statements,
                           const Instruction& instruction, Mismatch* mismatch) {
  const Proc& spec = *instruction.spec;
  const bool single = spec.body.size() == 1 && statements.size() == 1;
  if (!mismatch && single && !alike(names, statements[0], instruction)) return std::nullopt;
  Unifier unifier(names, spec);
  unifier.explain = mismatch != nullptr;
  const auto fail = [&](std::string why, std::string help = {}) -> std::optional<Match> {
    if (mismatch) *mismatch = {std::move(why), unifier.agreed, unifier.at, std::move(help)};
    return std::nullopt;
  };
  if (!unifier.blocks(spec.body, statements)) return fail(unifier.why, unifier.help);
  if (mismatch) mismatch->agreed = unifier.agreed;
  Notes& notes = unifier.notes;
  if (scalar_is_written(names, spec, notes)) return fail("it reads a scalar from a buffer that it writes");
  MatchSolver solver(names, spec, notes);
  if (const Sym unknown = solver.unsolved())
    return fail(fmt::format("the size `{}` cannot be read off", unknown.name()));
  clamp_sizes(spec, notes, facts, solver.values);
  if (const Pair* p = unequal(facts, notes, solver.values)) {
    const ExprRef wanted = substitute(p->spec, solver.values);
    return fail(fmt::format("it has `{}` where here is `{}`", print(wanted), print(p->here)), split_help(*p, wanted));
  }

  Match out{{instruction.spec, {}}, notes.extra, {notes.fields.begin(), notes.fields.end()}};
  for (const Param& p : spec.params) {
    const std::string& name = p.name.name();
    if (!is_data(p.type.scalar)) {
      out.call.args.push_back(solver.values.at(p.name));
    } else if (const auto value = notes.scalars.find(p.name); value != notes.scalars.end()) {
      out.call.args.push_back(as_argument(value->second));
    } else if (const auto it = notes.buffers.find(p.name); it != notes.buffers.end()) {
      const Declaration& d = names.at(it->second);
      auto w = window_for(p, it->second, notes.touches.at(p.name), notes, solver.values, d.type.shape.size());
      if (!w) return fail(fmt::format("no window of `{}` serves as `{}`", it->second.name(), name));
      if (!p.type.window && !p.type.shape.empty()) {
        if (!whole(d, *w, facts))
          return fail(fmt::format("`{}` is dense, and here it would be a part of `{}`", name, it->second.name()),
                      fmt::format("make it a window: `{} : {}`", name, print(Type{p.type.scalar, p.type.shape, true})));
        w->slices.clear();
      }
      out.call.args.push_back(window(w->buffer, w->slices));
    } else {
      return fail(fmt::format("nothing tells what `{}` is", name));
    }
  }
  solve_asserted(names, facts, out.call);
  for (size_t i = 0; i < spec.params.size(); ++i)
    if (const Var* v = as<Var>(out.call.args[i]); v && v->sym == spec.params[i].name)
      return fail(fmt::format("the size `{}` cannot be read off", v->sym.name()));
  return out;
}

Closest closest(const Declarations& names, const Facts& facts, const StmtRef& statement, const Target& target,
                const std::string& cls) {
  Closest best;
  for (const Instruction& i : target.instructions) {
    if (i.cls != cls) continue;
    Mismatch here;
    if (const auto found = unify(names, facts, {statement}, i, &here))
      for (const Violation& v : violations(names, facts, {stmt(found->call)}, 1))
        here = {v.problem.message, 1 << 20, nullptr, {}};
    if (here.agreed > best.mismatch.agreed) best = {&i, here};
  }
  return best;
}

}  // namespace exo
