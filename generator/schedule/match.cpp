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
#include "support/text.h"

namespace exo {
namespace {

struct Touch {
  Exprs spec, here;
};

struct Notes {
  std::map<Sym, Sym> buffers;                      // parameter -> buffer
  std::map<Sym, std::vector<Touch>> touches;       // by parameter
  std::map<Sym, ExprRef> scalars;                  // data scalars by value
  std::vector<std::pair<ExprRef, ExprRef>> equal;  // integers: of the specification, of the program
  std::vector<std::pair<ExprRef, ExprRef>> conditions;
  Substitution iterators;  // of the specification -> of the program
  std::vector<For> loops;  // of the statement
  Block extra;
};

class Unifier {
 public:
  Unifier(const Declarations& names, const Proc& spec) : names_(names) {
    for (const Param& p : spec.params) params_[p.name] = &p;
    for (const Access& a : accesses(names, spec.body))
      if (a.kind != Access::Read) written_.insert(a.buffer);
  }
  Notes notes;
  bool explain = false;
  std::string why;
  int agreed = 0;

  bool blocks(const Block& spec, const Block& here) {
    if (spec.size() != here.size())
      return differ(
          [&] { return fmt::format("{} statements where the specification has {}", here.size(), spec.size()); });
    for (size_t i = 0; i < spec.size(); ++i)
      if (!statements(spec[i], here[i])) return false;
    return true;
  }

 private:
  const Declarations& names_;
  std::map<Sym, const Param*> params_;
  std::set<Sym> written_;

  template <class Reason>  // () -> std::string, worded only where someone asked
  bool differ(const Reason& reason) {
    if (explain && why.empty()) why = reason();
    return false;
  }
  bool differ(const char* reason) {
    return differ([&] { return std::string(reason); });
  }

  bool statements(const StmtRef& spec, const StmtRef& here) {
    if (spec->node.index() != here->node.index())
      return differ([&] { return fmt::format("`{}` against `{}`", headline(here), headline(spec)); });
    ++agreed;
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
                          [&](const Alloc&) { return differ("an allocation"); },
                          [&](const Alias&) { return differ("a name for a part of a buffer"); },
                          [&](const Call&) { return differ("a call"); },
                      },
                      spec->node);
  }

  bool loops(const For& spec, const For& here) {
    if (here.order != Order::Sequential) return differ("a parallel loop");
    notes.equal.emplace_back(substitute(spec.lo, notes.iterators), here.lo);
    notes.equal.emplace_back(substitute(spec.hi, notes.iterators), here.hi);
    notes.iterators[spec.iter] = var(here.iter);
    notes.loops.push_back({here.iter, here.lo, here.hi, {}, here.order});
    const bool extra_before = !notes.extra.empty();
    if (!blocks(spec.body, here.body)) return false;
    if (!extra_before && !notes.extra.empty())
      notes.extra = {stmt(For{here.iter, here.lo, here.hi, notes.extra, Order::Sequential})};
    return true;
  }

  bool branches(const If& spec, const If& here) {
    if (!is_control(spec.cond) || !is_control(here.cond)) return differ("a condition on data");
    notes.conditions.emplace_back(substitute(spec.cond, notes.iterators), here.cond);
    if (!blocks(spec.body, here.body)) return false;
    if (here.orelse.empty() && !spec.orelse.empty()) return unseen(spec, here);
    return blocks(spec.orelse, here.orelse);
  }

  /// Is the condition about numbers that never change?
  bool is_control(const ExprRef& condition) const {
    bool control = true;
    each_expr(condition, [&](const ExprRef& e) {
      const Builtin* call = as<Builtin>(e);
      if (as<Float>(e) || (call && call->name != "min" && call->name != "max")) control = false;
      if (const Read* r = as<Read>(e)) {
        const auto it = names_.find(r->buffer);
        control = control && it != names_.end() && it->second.is_index_tensor;
      }
    });
    return control;
  }

  /// The specification also writes where the program does not: one element, the same that it writes under the condition.
  bool unseen(const If& spec, const If& here) {
    const Assign* writes = spec.orelse.size() == 1 ? as<Assign>(spec.orelse[0]) : nullptr;
    const Assign* under = here.body.size() == 1 ? as<Assign>(here.body[0]) : nullptr;
    const Assign* under_spec = spec.body.size() == 1 ? as<Assign>(spec.body[0]) : nullptr;
    const bool same =
        writes && under && under_spec && writes->buffer == under_spec->buffer && number(writes->rhs) == 0.0 &&
        std::equal(writes->index.begin(), writes->index.end(), under_spec->index.begin(), under_spec->index.end(),
                   [](const ExprRef& a, const ExprRef& b) { return exo::equal(a, b); });
    if (!same || !notes.extra.empty()) return differ("the specification has an `else`");
    notes.extra = {stmt(If{negate(here.cond), {stmt(Assign{under->buffer, under->index, writes->rhs})}, {}})};
    return true;
  }

  bool touch(Sym param, const Exprs& spec, Sym buffer, const Exprs& here) {
    if (!params_.count(param)) return differ("a buffer of the specification's own");
    const auto entry = notes.buffers.emplace(param, buffer);
    const Sym bound = entry.first->second;
    const bool fresh = entry.second;
    if (bound != buffer)
      return differ(
          [&] { return fmt::format("`{}` would be both `{}` and `{}`", param.name(), bound.name(), buffer.name()); });
    if (fresh && !fits(*params_.at(param), buffer)) return false;
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
    if (p.memory != d.memory && !(p.memory.empty() && plain_.count(d.memory)))
      return differ([&] {
        return fmt::format("`{}` lives in `{}`, `{}` wants `{}`", buffer.name(), d.memory.empty() ? "heap" : d.memory,
                           p.name.name(), p.memory.empty() ? "memory that C can address" : p.memory);
      });
    return true;
  }

  bool data(const ExprRef& spec, const ExprRef& here) {
    if (const Read* r = as<Read>(spec)) {
      const auto param = params_.find(r->buffer);
      if (param != params_.end() && !param->second->type.window && param->second->type.shape.empty() &&
          !written_.count(r->buffer))
        return scalar(r->buffer, here);
      const Read* m = as<Read>(here);
      return m ? touch(r->buffer, r->index, m->buffer, m->index)
               : differ([&] { return fmt::format("`{}` where an element is read", print(here)); });
    }
    if (const auto value = number(spec))
      return (number(here) == value) ||
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
    if (!r && !number(here)) return differ([&] { return fmt::format("`{}` is not a plain value", print(here)); });
    if (r && !plain_.count(names_.at(r->buffer).memory))
      return differ([&] { return fmt::format("`{}` is not in memory that C can address", r->buffer.name()); });
    for (const auto& [from, to] : notes.iterators)
      if (mentions(here, as<Var>(to)->sym))
        return differ([&] { return fmt::format("`{}` is not the same in every lane", print(here)); });
    const auto [it, fresh] = notes.scalars.emplace(param, here);
    return fresh || exo::equal(it->second, here) ||
           differ([&] { return fmt::format("`{}` would be two values", param.name()); });
  }

  static std::optional<double> number(const ExprRef& e) {
    if (const Int* n = as<Int>(e)) return static_cast<double>(n->value);
    if (const Float* n = as<Float>(e)) return n->value;
    return std::nullopt;
  }

  const std::set<std::string> plain_ = {"", "heap", "stack"};
};

/// Is a scalar that is passed by value read from a buffer that the instruction writes?
bool scalar_is_written(const Declarations& names, const Proc& spec, const Notes& notes) {
  std::set<Sym> written;
  for (const Access& a : accesses(names, spec.body))
    if (const auto it = notes.buffers.find(a.buffer); a.kind != Access::Read && it != notes.buffers.end())
      written.insert(behind(names, it->second));
  return std::any_of(notes.scalars.begin(), notes.scalars.end(), [&](const auto& s) {
    const Read* r = as<Read>(s.second);
    return r && written.count(behind(names, r->buffer)) > 0;
  });
}

/// Sizes and indices from one linear equation each.
class Solver {
 public:
  Solver(const Proc& spec, const Notes& notes) : notes_(notes) {
    for (const Param& p : spec.params)
      if (!is_data(p.type.scalar)) unknown_.insert(p.name);
  }
  Substitution values;

  bool sizes() {
    std::vector<std::pair<ExprRef, ExprRef>> equations = notes_.equal;
    for (const auto& [spec, here] : notes_.conditions)
      if (const auto e = difference(spec, here)) equations.push_back(*e);
    for (bool progress = true; progress;) {
      progress = false;
      for (const auto& [spec, here] : equations) progress = solve(linear(spec) - linear(here)) || progress;
    }
    return std::all_of(unknown_.begin(), unknown_.end(), [&](Sym s) { return values.count(s) > 0; });
  }

 private:
  const Notes& notes_;
  std::set<Sym> unknown_;

  /// Two comparisons as `x < 0` and `y < 0`: then x and y should be equal.
  static std::optional<std::pair<ExprRef, ExprRef>> difference(const ExprRef& spec, const ExprRef& here) {
    const auto below_zero = [](const ExprRef& e) -> ExprRef {
      const Binary* b = as<Binary>(e);
      if (!b) return nullptr;
      if (b->op == BinaryOp::Lt) return b->a - b->b;
      if (b->op == BinaryOp::Le) return b->a - b->b - num(1);
      if (b->op == BinaryOp::Gt) return b->b - b->a;
      if (b->op == BinaryOp::Ge) return b->b - b->a - num(1);
      return nullptr;
    };
    const ExprRef x = below_zero(spec), y = below_zero(here);
    if (!x || !y) return std::nullopt;
    return std::pair{x, y};
  }

  /// gap == 0 with one unknown left, which has coefficient 1 or -1.
  bool solve(const Linear& gap) {
    Linear rest = gap;
    std::optional<std::pair<Sym, int64_t>> unknown;
    for (const auto& [e, n] : gap.terms) {
      const Var* v = as<Var>(e);
      if (v && unknown_.count(v->sym)) {
        if (const auto it = values.find(v->sym); it != values.end()) {
          rest = rest - n * linear(e) + n * linear(it->second);
        } else if (unknown || (n != 1 && n != -1)) {
          return false;
        } else {
          unknown = {v->sym, n};
          rest = rest - n * linear(e);
        }
      }
    }
    if (!unknown) return false;
    const ExprRef value = expression(-unknown->second * rest);
    for (const auto& [iter, here] : notes_.iterators)
      if (mentions(value, as<Var>(here)->sym)) return false;
    values[unknown->first] = value;
    return true;
  }
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

/// With the solution put in, every bound and every condition must be the same for all values.
bool verified(const Facts& around, const Notes& notes, const Substitution& values) {
  Facts facts = around;
  for (const For& loop : notes.loops) facts.add_range(loop.iter, loop.lo, loop.hi);
  for (const auto& [spec, here] : notes.equal)
    if (!(linear(substitute(spec, values), facts.known) == linear(here, facts.known)) &&
        !evident(facts, eq(substitute(spec, values), here)))
      return false;
  return std::all_of(notes.conditions.begin(), notes.conditions.end(),
                     [&](const auto& c) { return holds_both_ways(facts, substitute(c.first, values), c.second); });
}

/// A mask size solved from `l < n` may exceed the lanes or be negative; clamped to the asserted range it selects the same lanes.
void clamp_sizes(const Proc& spec, const Notes& notes, const Facts& site, Substitution& values) {
  for (const ExprRef& a : spec.asserts) {
    const Binary* b = as<Binary>(a);
    const Var* v = b && b->op == BinaryOp::Le ? as<Var>(b->a) : nullptr;
    const int64_t* most = b ? literal(b->b) : nullptr;
    if (!v || !most || !values.count(v->sym) || notes.conditions.empty()) continue;
    ExprRef& value = values[v->sym];
    if (!evident(site, le(value, b->b))) value = min_of(value, b->b);
    if (!evident(site, le(num(0), value))) value = max_of(num(0), value);
    value = simplify(value, site.known);
  }
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

std::optional<Match> unify(const Declarations& names, const Facts& facts, const StmtRef& statement,
                           const Instruction& instruction, Mismatch* mismatch) {
  const Proc& spec = *instruction.spec;
  const auto fail = [&](std::string why) -> std::optional<Match> {
    if (mismatch) mismatch->why = std::move(why);
    return std::nullopt;
  };
  Unifier unifier(names, spec);
  unifier.explain = mismatch != nullptr;
  const bool alike = unifier.blocks(spec.body, {statement});
  if (mismatch) mismatch->agreed = unifier.agreed;
  if (!alike) return fail(unifier.why);
  Notes& notes = unifier.notes;
  if (scalar_is_written(names, spec, notes)) return fail("it reads a scalar from a buffer that it writes");
  Solver solver(spec, notes);
  if (!solver.sizes()) return fail("a size of the instruction cannot be read off");
  clamp_sizes(spec, notes, facts, solver.values);
  if (!verified(facts, notes, solver.values)) return fail("its bounds or conditions differ");

  Match out{{instruction.spec, {}}, notes.extra};
  for (const Param& p : spec.params) {
    if (!is_data(p.type.scalar)) {
      out.call.args.push_back(solver.values.at(p.name));
    } else if (const auto value = notes.scalars.find(p.name); value != notes.scalars.end()) {
      out.call.args.push_back(as_argument(value->second));
    } else if (const auto it = notes.buffers.find(p.name); it != notes.buffers.end()) {
      const size_t rank = names.at(it->second).type.shape.size();
      const auto w = window_for(p, it->second, notes.touches.at(p.name), notes, solver.values, rank);
      if (!w) return fail(fmt::format("no window of `{}` serves as `{}`", it->second.name(), p.name.name()));
      out.call.args.push_back(window(w->buffer, w->slices));
    } else {
      return fail(fmt::format("nothing tells what `{}` is", p.name.name()));
    }
  }
  return out;
}

Closest closest(const Declarations& names, const Facts& facts, const StmtRef& statement, const Target& target,
                const std::string& cls) {
  Closest best;
  for (const Instruction& i : target.instructions) {
    if (i.cls != cls) continue;
    Mismatch here;
    if (const auto found = unify(names, facts, statement, i, &here))
      for (const Violation& v : violations(names, facts, {stmt(found->call)}, 1)) here = {v.problem.message, 1 << 20};
    if (here.agreed > best.mismatch.agreed) best = {&i, here};
  }
  return best;
}

}  // namespace exo
