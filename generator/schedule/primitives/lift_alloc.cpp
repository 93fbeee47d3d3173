// lift_alloc: an allocation goes out of the loop or condition around it.
//
//     { lift_alloc = "t" }
//
//     for i in seq(0, n):
//         t : f32
//         t = x[i]
//         y[i] = t
//   =>
//     t : f32
//     for i in seq(0, n):
//         t = x[i]
//         y[i] = t
//
// The extents must not depend on the iterator, nor be negative where the loop or condition does not run. A program that has a meaning never reads what it did not write, so it cannot
// notice that the buffer now keeps old values. Iterations of a parallel loop would share it: refused.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
  int64_t levels = 1;
};

void run(Schedule& s, const Args& args) {
  const Sym buffer = one_buffer(s.now(), args.buffer);
  if (args.levels < 1)
    reject(Diagnostic{"lift-alloc-levels", fmt::format("out of {} loops and conditions", args.levels), {}, {}, {}}
               .at(args.buffer.text.whole())
               .help("`levels` is at least 1"));
  for (int64_t k = 0; k < args.levels; ++k) s.apply([&](Rewrite& rw) { lift_alloc(rw, buffer); });
}

}  // namespace

void lift_alloc(Rewrite& rw, Sym buffer) {
  Spelling(rw, "lift_alloc").about(buffer);
  const Path path = allocation(rw, buffer);
  const Path scope = parent(path);
  if (scope.empty())
    rw.refuse({"lift-alloc-top", fmt::format("`{}` stands in no loop", buffer.name()), path, "this buffer"});
  if (const For* loop = as<For>(rw.stmt(scope))) {
    for (const ExprRef& e : rw.names().at(buffer).type.shape)
      if (mentions(e, loop->iter))
        rw.refuse({"lift-alloc-extent",
                   fmt::format("the extents of `{}` depend on `{}`", buffer.name(), loop->iter.name()), path,
                   "this buffer"});
    if (loop->order == Order::Parallel)
      rw.refuse({"lift-alloc-parallel", fmt::format("iterations of a parallel loop would share `{}`", buffer.name()),
                 scope, "this loop"});
  }
  for (const ExprRef& e : rw.names().at(buffer).type.shape)
    rw.prove(le(num(0), e), {"lift-alloc-negative",
                             fmt::format("the extent `{}` of `{}` can be negative out there", print(e), buffer.name()),
                             scope,
                             "outside of this",
                             {"add an assertion to the algorithm that it is not"}});
  rw.edit.move({path, 1}, scope);
}

VERB(lift_alloc) {
  return make_verb("lift_alloc", Kind::Primitive, "an allocation goes out of the loop or condition around it",
                   Signature<Args>()
                       .verb("lift_alloc", &Args::buffer, "buffer", "the buffer")
                       .optional("levels", &Args::levels, "int", "how far [1]"),
                   run);
}

}  // namespace exo
