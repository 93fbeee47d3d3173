// reuse_buffer: a buffer whose values are no longer needed serves as another one.
//
//     { reuse_buffer = "t", in_place_of = "u" }
//
//     t : f32[8]
//     for i in seq(0, 8):
//         t[i] = x[i]
//     for i in seq(0, 8):
//         y[i] = t[i]
//     u : f32[8]
//     for i in seq(0, 8):
//         u[i] = y[i]
//     for i in seq(0, 8):
//         x[i] = u[i]
//   =>
//     t : f32[8]
//     for i in seq(0, 8):
//         t[i] = x[i]
//     for i in seq(0, 8):
//         y[i] = t[i]
//     for i in seq(0, 8):
//         t[i] = y[i]
//     for i in seq(0, 8):
//         x[i] = t[i]
//
// Both have one type and memory. Between the write of an element of one of them and a read that wants to find it, nothing may write
// that element of the other; what a call writes counts.
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
  Ref in_place_of;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Sym kept = one_buffer(rw.before(), args.buffer), gone = one_buffer(rw.before(), args.in_place_of);
    if (rw.names().at(kept).is_param)
      rw.refuse({"reuse-buffer-argument",
                 fmt::format("`{}` belongs to the caller, who would find other values in it", kept.name()),
                 {},
                 "",
                 {"a buffer that this procedure allocates can be used again"}});
    reuse_buffer(rw, kept, gone);
  });
}

void check_types(Rewrite& rw, Sym kept, Sym gone, const Path& where) {
  const Declaration &a = rw.names().at(kept), &b = rw.names().at(gone);
  const auto differ = [&](const std::string& what, std::vector<std::string> helps = {}) {
    rw.refuse({"reuse-buffer-type", fmt::format("`{}` and `{}` differ in {}", kept.name(), gone.name(), what), where,
               "this buffer", std::move(helps)});
  };
  if (a.type.scalar != b.type.scalar) differ("their elements");
  if (a.memory != b.memory) differ("their memory", {"`set_memory` makes them the same"});
  if (a.type.shape.size() != b.type.shape.size()) differ("rank");
  for (size_t d = 0; d < a.type.shape.size(); ++d)
    rw.prove(eq(a.type.shape[d], b.type.shape[d]),
             {"reuse-buffer-extent",
              fmt::format("`{}` is `{}` long in dimension {}, and `{}` is `{}`", kept.name(), print(a.type.shape[d]), d,
                          gone.name(), print(b.type.shape[d])),
              where,
              "this buffer",
              {"`resize_dim` makes them the same"}});
}

/// Loops between the two allocations, of which none may be parallel: its iterations would share the buffer.
size_t loops_between(Rewrite& rw, Sym kept, const Path& from, const Path& to) {
  size_t count = 0;
  for (const Path& p : loops_around(rw.before(), to)) {
    if (p.size() < from.size()) continue;
    ++count;
    if (rw.loop(p).order == Order::Parallel)
      rw.refuse({"reuse-buffer-parallel", fmt::format("iterations of a parallel loop would share `{}`", kept.name()), p,
                 "this loop"});
  }
  return count;
}

bool stands_before(const Path& a, const Path& b) {
  const size_t last = a.size() - 1;
  return b.size() > last && std::equal(a.begin(), a.end() - 1, b.begin()) && a[last].slot == b[last].slot &&
         a[last].index < b[last].index;
}

}  // namespace

void reuse_buffer(Rewrite& rw, Sym kept, Sym gone) {
  const Path from = allocation(rw, kept), to = allocation(rw, gone);
  if (!stands_before(from, to))
    rw.refuse({"reuse-buffer-scope",
               fmt::format("`{}` is not allocated in front of `{}`", kept.name(), gone.name()),
               to,
               "this buffer",
               {fmt::format("move it there with `reorder_stmts` or `{{ lift_alloc = \"{}\" }}`", kept.name())}});
  check_types(rw, kept, gone, to);
  const size_t level = loops_between(rw, kept, from, to);
  const Timeline timeline(rw.names(), scope_of(rw.before(), from));
  std::vector<Timeline::Tenant> tenants;
  for (size_t i = 0; i < timeline.all().size(); ++i) {
    const Access& a = timeline.all()[i];
    if (a.buffer == kept || a.buffer == gone) tenants.push_back({i, a.index, a.buffer == gone ? level : 0});
  }
  if (rw.names().at(kept).type.shape.size() == rw.names().at(gone).type.shape.size())
    rw.prove_none(
        timeline.overwritten(rw.facts(from), tenants),
        {"reuse-buffer-live", fmt::format("`{}` and `{}` are needed at the same time", kept.name(), gone.name()), to,
         "this buffer"});
  const Block scope = scope_of(rw.before(), to);
  rw.edit.splice({to, scope.size()}, rename(Block(scope.begin() + 1, scope.end()), {{gone, kept}}));
  prove_parts(rw, kept, to);
}

VERB(reuse_buffer) {
  return make_verb("reuse_buffer", Kind::Primitive, "a buffer whose values are no longer needed serves as another one",
                   Signature<Args>()
                       .verb("reuse_buffer", &Args::buffer, "buffer", "the buffer that stays")
                       .required("in_place_of", &Args::in_place_of, "buffer", "the one that goes"),
                   run);
}

}  // namespace exo
