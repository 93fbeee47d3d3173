// sink_alloc: an allocation goes into the one loop or condition that uses it.
//
//     { sink_alloc = "t" }
//
//     t : f32
//     for i in seq(0, n):
//         t = x[i]
//         y[i] = t
//   =>
//     for i in seq(0, n):
//         t : f32
//         t = x[i]
//         y[i] = t
//
// Each iteration of a loop gets a buffer of its own then: none may read what an earlier one left there. Both sides of a condition
// get one where both use it.
#include <algorithm>

#include <fmt/format.h>

#include "analysis/timeline.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) { sink_alloc(rw, one_buffer(rw.before(), args.buffer)); });
}

/// The one statement that uses the buffer, which has a block.
Path only_user(Rewrite& rw, Sym buffer, const Path& path) {
  const Block scope = scope_of(rw.before(), path);
  std::vector<size_t> users;
  for (size_t k = 1; k < scope.size(); ++k)
    if (mentions(Block{scope[k]}, buffer)) users.push_back(k);
  if (users.empty())
    rw.refuse({"sink-alloc-unused",
               fmt::format("nothing uses `{}`", buffer.name()),
               path,
               "this buffer",
               {fmt::format("`{{ delete_buffer = \"{}\" }}`", buffer.name())}});
  if (users.size() > 1)
    rw.refuse({"sink-alloc-used",
               fmt::format("{} statements of this block use `{}`: it cannot go into one of them", users.size(),
                           buffer.name()),
               sibling(path, static_cast<int64_t>(users[1])), "the second of them"});
  const Path user = sibling(path, static_cast<int64_t>(users[0]));
  if (!as<For>(rw.stmt(user)) && !as<If>(rw.stmt(user)))
    rw.refuse({"sink-alloc-statement",
               fmt::format("what uses `{}` is no loop and no condition", buffer.name()),
               user,
               "this statement",
               {"a name for a part of it goes with `inline_window`"}});
  return user;
}

void prove_not_carried(Rewrite& rw, Sym buffer, const Path& loop) {
  const Timeline timeline(rw.names(), {rw.stmt(loop)});
  auto carried = timeline.exposed(rw.facts(loop), buffer, 1);
  if (!carried) return;
  const auto at = find(rw.before(), [&](const StmtRef& s) { return s.get() == carried->read.stmt; });
  rw.fail({{"sink-alloc-carried",
            fmt::format("`{}` may find what an earlier `{}` left there", print(read(buffer, carried->read.index)),
                        rw.loop(loop).iter.name()),
            at.front(), "read here"},
           std::move(carried->verdict),
           std::nullopt});
}

}  // namespace

void sink_alloc(Rewrite& rw, Sym buffer) {
  const Path path = allocation(rw, buffer);
  const Path user = only_user(rw, buffer, path);
  const StmtRef alloc = rw.stmt(path);
  if (as<For>(rw.stmt(user))) prove_not_carried(rw, buffer, user);
  const StmtRef old = rw.stmt(user);
  const auto with_alloc = [&](Block block) {
    block.insert(block.begin(), alloc);
    return block;
  };
  StmtRef next;
  if (const For* loop = as<For>(old)) {
    next = with_node(old, For{loop->iter, loop->lo, loop->hi, with_alloc(loop->body), loop->order});
  } else {
    If branch = *as<If>(old);
    const bool first = mentions(branch.body, buffer), second = mentions(branch.orelse, buffer);
    if (first) branch.body = with_alloc(branch.body);
    if (second) branch.orelse = first ? freshen(with_alloc(branch.orelse)) : with_alloc(branch.orelse);
    next = with_node(old, std::move(branch));
  }
  rw.edit.splice({user, 1}, {next});
  rw.edit.splice({path, 1}, {});
}

VERB(sink_alloc) {
  return make_verb("sink_alloc", Kind::Primitive, "an allocation goes into the one loop or condition that uses it",
                   Signature<Args>().verb("sink_alloc", &Args::buffer, "buffer", "the buffer"), run);
}

}  // namespace exo
