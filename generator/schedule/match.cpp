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
#include "schedule/compare.h"
#include "support/text.h"

namespace exo {
namespace {

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

/// Elements may lead anywhere: where only the shape of a window says how far, `x : [f32][m]`, it goes to the end of the buffer.
void add_whole_extents(const Declarations& names, const Proc& spec, Notes& notes) {
  for (const Led& led : notes.led) {
    const auto p =
        std::find_if(spec.params.begin(), spec.params.end(), [&](const Param& x) { return x.name == led.param; });
    const Exprs& extents = names.at(notes.buffers.at(led.param)).type.shape;
    const Var* size = as<Var>(p->type.shape[led.dim]);
    if (size && !mentions(spec.body, size->sym))
      notes.equal.push_back(
          {p->type.shape[led.dim], extents[extents.size() - p->type.shape.size() + led.dim] - led.offset});
  }
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
  Comparison beside = compare(names, spec, statements, mismatch ? Explain::Yes : Explain::No);
  const auto fail = [&](std::string why, std::string help = {}) -> std::optional<Match> {
    if (mismatch) *mismatch = {std::move(why), beside.agreed, beside.at, std::move(help)};
    return std::nullopt;
  };
  if (!beside.agrees) return fail(beside.why, beside.help);
  if (mismatch) mismatch->agreed = beside.agreed;
  Notes& notes = beside.notes;
  if (scalar_is_written(names, spec, notes)) return fail("it reads a scalar from a buffer that it writes");
  add_whole_extents(names, spec, notes);
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
