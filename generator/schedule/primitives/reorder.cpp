// reorder: interchange loops that stand directly inside each other.
//
//     { reorder = ["j", "i"] }
//
//     for i in seq(0, n):
//         for j in seq(0, m):
//             x[i, j] = 0.0
//   =>
//     for j in seq(0, m):
//         for i in seq(0, n):
//             x[i, j] = 0.0
//
// For iterations i < i' and j' < j, (i, j) ran before (i', j') and runs after it: the two must commute. Where the bounds of the
// inner loop move with the outer iterator, those of the new nest become minima and maxima, and both nests are proved to have the
// same iterations.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/turn.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  std::vector<Ref> order;
};

/// The loops named, outermost of the program first; they must form one nest without anything between them.
std::vector<Sym> nest_of(const Proc& proc, const std::vector<Ref>& order) {
  std::vector<Path> paths;
  for (const Ref& ref : order) paths.push_back(one_loop(proc, ref));
  std::sort(paths.begin(), paths.end(), [](const Path& a, const Path& b) { return a.size() < b.size(); });
  std::vector<Sym> out;
  for (size_t i = 0; i < paths.size(); ++i) {
    if (i > 0 && !is_prefix(paths[i - 1], paths[i])) {
      Diagnostic d{"reorder-nest", "these loops do not stand inside each other", {}, {}, {}};
      d.at(order.front().text.span);
      point_at(d, proc, paths[i], "this loop is elsewhere");
      reject(std::move(d));
    }
    out.push_back(as<For>(stmt_at(proc, paths[i]))->iter);
  }
  return out;
}

void run(Schedule& s, const Args& args) {
  std::vector<Sym> wanted;
  for (const Ref& ref : args.order) wanted.push_back(as<For>(stmt_at(s.now(), one_loop(s.now(), ref)))->iter);
  for (size_t i = 0; i < wanted.size(); ++i)
    if (std::find(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(i), wanted[i]) !=
        wanted.begin() + static_cast<std::ptrdiff_t>(i))
      reject(Diagnostic{"reorder-twice", fmt::format("`{}` is named twice", wanted[i].name()), {}, {}, {}}.at(
          args.order[i].text.whole()));
  std::vector<Sym> nest = nest_of(s.now(), args.order);
  for (size_t position = 0; position < wanted.size(); ++position) {
    auto at = std::find(nest.begin() + static_cast<std::ptrdiff_t>(position), nest.end(), wanted[position]);
    for (; at != nest.begin() + static_cast<std::ptrdiff_t>(position); --at) {
      s.apply([&](Rewrite& rw) { interchange(rw, *binder(rw.before(), *(at - 1))); });
      std::iter_swap(at, at - 1);
    }
  }
}

/// What to do about a body that is not one loop alone.
std::string way_to_perfect(const For& outer) {
  if (outer.body.size() == 1 && as<If>(outer.body[0]))
    return "take the `if` out with `lift_scope`, or into the loop in it";
  for (size_t k = 0; k < outer.body.size(); ++k)
    if (const Alloc* a = as<Alloc>(outer.body[k]))
      return fmt::format("take `{0}` out with `{{ lift_alloc = \"{0}\" }}`, then the loop apart with `fission`",
                         a->buffer.name());
  return "take it apart with `fission` first";
}

}  // namespace

void interchange(Rewrite& rw, const Path& path) {
  const StmtRef outer_stmt = rw.stmt(path);
  const For& outer = rw.loop(path);
  const For* inner = outer.body.size() == 1 ? as<For>(outer.body[0]) : nullptr;
  if (!inner)
    rw.refuse({"reorder-imperfect",
               fmt::format("the body of `{}` is not one loop alone", outer.iter.name()),
               path,
               "this loop",
               {way_to_perfect(outer)}});
  Spelling(rw, "reorder").about({child(path, 0), path});

  const Sym i2 = Sym::fresh(outer.iter.name() + "'"), j2 = Sym::fresh(inner->iter.name() + "'");
  Facts facts = rw.facts(path);
  facts.add_range(outer.iter, outer.lo, outer.hi);
  facts.add_range(i2, outer.lo, outer.hi);
  facts.add_range(inner->iter, inner->lo, inner->hi);
  facts.add_range(j2, substitute(inner->lo, {{outer.iter, var(i2)}}), substitute(inner->hi, {{outer.iter, var(i2)}}));
  facts.add(lt(var(outer.iter), var(i2)));
  facts.add(lt(var(j2), var(inner->iter)));
  const std::vector<Access> first = visible(rw.names(), inner->body);
  std::vector<Access> second;
  for (const Access& a : first) second.push_back(substitute(a, {{outer.iter, var(i2)}, {inner->iter, var(j2)}}));
  auto found = conflict(facts, first, second, rw.names(), rw.context.contract);
  if (found) found->second.iterators.insert(found->second.iterators.end(), {{outer.iter, i2}, {inner->iter, j2}});
  rw.prove_none(
      std::move(found),
      {"reorder-order", fmt::format("swapping `{}` and `{}` changes the result", outer.iter.name(), inner->iter.name()),
       path, "iterations of this nest depend on each other"});

  const StmtRef inner_stmt = outer.body[0];
  For new_inner = outer, new_outer = *inner;
  if (mentions(inner->lo, outer.iter) || mentions(inner->hi, outer.iter)) {
    const auto turned = turned_bounds(outer, *inner, rw.facts(path).known);
    if (!turned)
      rw.refuse(
          {"reorder-bounds",
           fmt::format("the bounds of `{}` depend on `{}` in a way that cannot be turned round", inner->iter.name(),
                       outer.iter.name()),
           child(path, 0),
           "this loop",
           {"they may be minima, maxima and multiples of it; `split` with `tail = \"guard\"` leaves an `if` instead"}});
    Facts was = rw.facts(path), is = rw.facts(path);
    was.add_range(outer.iter, outer.lo, outer.hi);
    was.add_range(inner->iter, inner->lo, inner->hi);
    is.add_range(inner->iter, turned->outer_lo, turned->outer_hi);
    is.add_range(outer.iter, turned->inner_lo, turned->inner_hi);
    const Problem other{"reorder-bounds", "the nest has other iterations with the loops swapped", child(path, 0),
                        "this loop"};
    const auto within = [](Sym i, const ExprRef& lo, const ExprRef& hi) {
      return all_of({le(lo, var(i)), lt(var(i), hi)});
    };
    rw.prove(was, within(inner->iter, turned->outer_lo, turned->outer_hi), other);
    rw.prove(was, within(outer.iter, turned->inner_lo, turned->inner_hi), other);
    rw.prove(is, within(outer.iter, outer.lo, outer.hi), other);
    rw.prove(is, within(inner->iter, inner->lo, inner->hi), other);
    new_inner.lo = turned->inner_lo, new_inner.hi = turned->inner_hi;
    new_outer.lo = turned->outer_lo, new_outer.hi = turned->outer_hi;
  }
  new_inner.body = inner->body;
  new_outer.body = {with_node(outer_stmt, new_inner)};
  rw.edit.splice({path, 1}, {with_node(inner_stmt, new_outer)});
}

VERB(reorder) {
  return make_verb(
      "reorder", Kind::Primitive, "interchange loops that stand directly inside each other",
      Signature<Args>().verb("reorder", &Args::order, "loops", "the loops in their new order, from outside in"), run);
}

}  // namespace exo
