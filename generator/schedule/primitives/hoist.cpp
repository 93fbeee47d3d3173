// hoist: a statement that does the same in every iteration goes in front of a loop.
//
//     { hoist = "a.store", out_of = "k" }
//
//     for k in seq(0, n):
//         a : f32
//         a = x[0]
//         y[k] = a * z[k]
//   =>
//     a : f32
//     if 0 < n:
//         a = x[0]
//     for k in seq(0, n):
//         y[k] = a * z[k]
//
// What the statement writes is allocated outside first, and it goes to the front of each scope around it. It must not depend on the
// iterator, running it twice must be running it once, and the rest of the loop must leave alone what it reads and what it writes.
// Where the loop always has an iteration, no condition is left.
#include <algorithm>

#include <fmt/format.h>

#include "analysis/repeat.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
  Ref out_of;
};

/// Where the statement stands now, which no step has changed.
Path place_of(const Proc& proc, const StmtRef& statement) {
  const auto found = find(proc, [&](const StmtRef& s) { return s == statement; });
  if (found.size() != 1) BUG("a statement that is hoisted is gone");
  return found.front();
}

/// Takes the buffers that the statement writes out of the loop, so that what it writes is still there behind it.
void lift_allocations(Schedule& s, const StmtRef& statement, Sym loop) {
  std::set<Sym> written;
  for (const Access& a : visible(declarations(s.now()), {statement}))
    if (a.kind != Access::Read) written.insert(a.buffer);
  for (const Sym buffer : written)
    for (;;) {
      const auto at = binder(s.now(), buffer);
      if (!at || !is_prefix(s.loop(loop), *at)) break;
      s.apply([&](Rewrite& rw) { lift_alloc(rw, buffer); });
    }
}

/// Out of the `if` or loop around the statement at `path`, which is the first one there. Gives where it stands then, alone or under
/// the condition.
Path out_of_scope(Schedule& s, const Args& args, const Path& path) {
  const Path scope = parent(path);
  const If* branch = as<If>(stmt_at(s.now(), scope));
  if (!branch) {
    s.apply([&](Rewrite& rw) { hoist(rw, path); });
    return scope;
  }
  if (path.back().slot == Slot::Else)
    reject(Diagnostic{
        "hoist-else", fmt::format("`{}` stands on the other side of a condition", args.stmt.str()), {}, {}, {}}
               .at(args.stmt.text.whole())
               .help("split the condition with `fission`, or make copies with `specialize`"));
  if (branch->body.size() > 1 || !branch->orelse.empty()) s.apply([&](Rewrite& rw) { fission(rw, scope, 1); });
  return scope;
}

void run(Schedule& s, const Args& args) {
  const auto loops = find_loops(s.now(), args.out_of.str());
  const auto within = [](const Path& loop, const Path& p) { return p.size() > loop.size() && is_prefix(loop, p); };
  const Path first = one_place(s.now(), args.stmt, [&](const Path& p) {
    return loops.empty() || std::any_of(loops.begin(), loops.end(), [&](const Path& l) { return within(l, p); });
  });
  const Path around = one_loop(s.now(), args.out_of, [&](const Path& p) { return within(p, first); });
  const Sym loop = as<For>(stmt_at(s.now(), around))->iter;
  const size_t depth = around.size();
  const StmtRef statement = stmt_at(s.now(), first);
  lift_allocations(s, statement, loop);
  Path at = place_of(s.now(), statement);
  while (at.size() > depth) {
    for (; at.back().index > 0; at = sibling(at, -1))
      s.apply([&](Rewrite& rw) { swap_with_next(rw, sibling(at, -1)); });
    at = out_of_scope(s, args, at);
  }
}

}  // namespace

void hoist(Rewrite& rw, const Path& path) {
  const Path around = parent(path);
  Spelling(rw, "hoist").about(path).place_key("out_of", around);
  const StmtRef old = rw.stmt(around), statement = rw.stmt(path);
  const For& loop = rw.loop(around);
  if (mentions(Block{statement}, loop.iter))
    rw.refuse({"hoist-depends", fmt::format("this statement depends on `{}`", loop.iter.name()), path, "this one"});
  for (const Sym declared : declared_by(statement))
    if (mentions(loop.body, declared))
      rw.refuse({"hoist-declares",
                 fmt::format("this statement declares `{}`", declared.name()),
                 path,
                 "this one",
                 {"`lift_alloc` takes an allocation out of a loop"}});
  Facts inside = rw.facts(around);
  inside.add_range(loop.iter, loop.lo, loop.hi);
  if (loop.order == Order::Sequential) inside.add(lt(var(loop.iter) + num(1), loop.hi));  // another iteration follows
  const Block rest(loop.body.begin() + 1, loop.body.end());
  rw.prove_none(not_idempotent(rw.names(), inside, {statement}),
                {"hoist-repeats", "to run this statement once is not to run it again and again", path, "this one"});
  std::vector<Access> changes;
  for (Access& a : visible(rw.names(), rest))
    if (a.kind != Access::Read) changes.push_back(std::move(a));
  rw.prove_none(
      collision(inside, changes, accesses(rw.names(), {statement})),
      {"hoist-changes", "the rest of the loop changes what this statement reads or writes", path, "this one"});
  const ExprRef runs = lt(loop.lo, loop.hi);
  const bool always = prove(rw.facts(around), runs).answer == Verdict::Proved;
  const StmtRef guarded =
      always ? statement : stmt(If{runs, {statement}, {}}, Label{"if", "", "", "", statement->label.copies});
  rw.edit.splice({around, 1}, {guarded, with_node(old, For{loop.iter, loop.lo, loop.hi, rest, loop.order})});
}

VERB(hoist) {
  return make_verb("hoist", Kind::Primitive,
                   "a statement that does the same in every iteration goes in front of a loop",
                   Signature<Args>()
                       .verb("hoist", &Args::stmt, "statement", "the statement, or a loop")
                       .required("out_of", &Args::out_of, "loop", "the loop that it leaves"),
                   run);
}

}  // namespace exo
