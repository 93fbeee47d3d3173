// fission: distribute a loop over two parts of its body.
//
//     { fission = "i", after = "x.init" }
//
//     for i in seq(0, n):
//         x[i] = 1.0
//         y[i] = 2.0
//   =>
//     for i in seq(0, n):
//         x[i] = 1.0
//     for i in seq(0, n):
//         y[i] = 2.0
//
// All of the first part now runs before all of the second: the first part in a later iteration must commute with the second
// part in an earlier one. Nothing that the first part allocates may be used by the second. An `if` is distributed
// too, in the way or named itself: both halves get its condition, which the first one must not change.
#include <fmt/format.h>

#include "analysis/repeat.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref loop;
  Ref after;
  int64_t levels = 1;
};

void prove_no_alloc_crosses(Rewrite& rw, const Path& around, const Block& first, const Block& second) {
  for (const StmtRef& s : first) {
    if (const Alias* a = as<Alias>(s); a && mentions(second, a->name))
      rw.refuse({"fission-part",
                 fmt::format("`{}` is a name given in the first part and used in the second", a->name.name()),
                 around,
                 "both parts stand in this loop",
                 {fmt::format("apply `{{ inline_window = \"{}\" }}` first", a->name.name())}});
    if (const Alloc* a = as<Alloc>(s); a && mentions(second, a->buffer))
      rw.refuse({"fission-alloc",
                 fmt::format("`{}` is allocated in the first part and used in the second", a->buffer.name()),
                 around,
                 "both parts stand in this loop",
                 {fmt::format("apply `{{ lift_alloc = \"{}\" }}` first", a->buffer.name())}});
  }
}

/// The loops of this name, else the conditions.
std::vector<Path> scopes_called(const Proc& proc, const std::string& name) {
  const auto loops = find_loops(proc, name);
  if (!loops.empty()) return loops;
  std::vector<Path> out;
  for (const Path& p : find_stmts(proc, name))
    if (as<If>(stmt_at(proc, p))) out.push_back(p);
  return out;
}

/// The last statement in a loop or condition, itself no loop.
Path last_in(const Proc& proc, Path place) {
  while (true) {
    const StmtRef& s = stmt_at(proc, place);
    const For* loop = as<For>(s);
    const If* branch = as<If>(s);
    if (loop && !loop->body.empty())
      place = child(place, loop->body.size() - 1);
    else if (branch && !branch->orelse.empty())
      place = child(place, branch->orelse.size() - 1, Slot::Else);
    else if (branch && !branch->body.empty())
      place = child(place, branch->body.size() - 1);
    else
      return place;
  }
}

void run(Schedule& s, const Args& args) {
  const auto around = scopes_called(s.now(), args.loop.str());
  const Path gap = one_stmt(s.now(), args.after, [&](const Path& p) {
    return around.empty() || std::any_of(around.begin(), around.end(), [&](const Path& l) { return is_prefix(l, p); });
  });
  const bool is_if = !around.empty() && as<If>(stmt_at(s.now(), around.front()));
  const Path loop = (is_if ? one_stmt : one_loop)(s.now(), args.loop, [&](const Path& p) { return is_prefix(p, gap); });
  // From the gap outward: each scope between the gap and the loop, then `levels` - 1 more.
  if (args.levels < 1 || static_cast<size_t>(args.levels) > loop.size())
    reject(Diagnostic{
        "fission-levels",
        fmt::format("{} loops and conditions around `{}` cannot be distributed, there are {} in all", args.levels,
                    args.after.str(), loop.size()),
        {},
        {},
        {}}.at(args.loop.text.whole()));
  const size_t depth = loop.size() - (static_cast<size_t>(args.levels) - 1);
  Path at = gap;
  bool apart = false;
  while (at.size() > depth) {
    const Path scope = parent(at);
    const size_t count = at.back().index + 1;
    const Slot slot = at.back().slot;
    if (count < block_in(s.now(), scope, slot).size())
      s.apply([&](Rewrite& rw) { fission(rw, scope, count, slot); }), apart = true;
    at = scope;
  }
  if (!apart)
    reject(Diagnostic{
        "fission-nothing",
        fmt::format("nothing stands behind `{}` in `{}`", args.after.str(), args.loop.str()),
        {},
        {},
        {}}.at(args.after.text.whole()));
}

}  // namespace

Sym fission(Rewrite& rw, const Path& around, size_t count, Slot slot) {
  const StmtRef old = rw.stmt(around);
  const Block& body = block_in(rw.before(), around, slot);
  const auto middle = body.begin() + static_cast<std::ptrdiff_t>(count);
  const Block first(body.begin(), middle), second(middle, body.end());
  Spelling(rw, "fission").about(around).place_key("after", last_in(rw.before(), child(around, count - 1, slot)));
  prove_no_alloc_crosses(rw, around, first, second);

  if (const If* branch = as<If>(old)) {
    const If a = slot == Slot::Body ? If{branch->cond, first, {}} : If{branch->cond, branch->body, first};
    const If b = slot == Slot::Body ? If{branch->cond, second, branch->orelse} : If{branch->cond, {}, second};
    rw.prove_none(conflict(rw.facts(around), visible(rw.names(), {with_node(old, a)}), head_accesses(rw.names(), old),
                           rw.names(), Contract::Exact),
                  {"fission-order", "the first part changes what the condition reads", around, "this condition"});
    rw.edit.splice({around, 1}, {with_node(old, a), with_node(old, b)});
    return {};
  }
  const For& loop = rw.loop(around);
  const Sym later = Sym::fresh(loop.iter.name() + "'");
  Facts facts = rw.facts(around);
  facts.add_range(loop.iter, loop.lo, loop.hi);
  facts.add_range(later, loop.lo, loop.hi);
  facts.add(lt(var(loop.iter), var(later)));
  std::vector<Access> ahead;
  for (const Access& a : visible(rw.names(), first)) ahead.push_back(substitute(a, {{loop.iter, var(later)}}));
  auto found = conflict(facts, visible(rw.names(), second), ahead, rw.names(), rw.context.contract);
  if (found) found->second.iterators.emplace_back(loop.iter, later);
  rw.prove_none(std::move(found),
                {"fission-order", "splitting this loop changes the result", around,
                 fmt::format("the first part in a later `{}` would run before the second part in an earlier one",
                             loop.iter.name())});

  const Sym again = Sym::fresh(loop.iter.name());
  const Block moved = substitute(second, {{loop.iter, var(again)}});
  rw.edit.splice({around, 1}, {with_node(old, For{loop.iter, loop.lo, loop.hi, first, loop.order}),
                               with_node(old, For{again, loop.lo, loop.hi, moved, loop.order})});
  return again;
}

VERB(fission) {
  return make_verb(
      "fission", Kind::Primitive, "distribute a loop over two parts of its body",
      Signature<Args>()
          .verb("fission", &Args::loop, "loop", "the loop or `if` to distribute")
          .required("after", &Args::after, "statement", "the last statement of the first part")
          .optional("levels", &Args::levels, "int", "how many loops and conditions, from this one outward [1]"),
      run);
}

}  // namespace exo
