// merge_writes: two neighbouring writes of one place become one.
//
//     { merge_writes = ["a.store", "a.update"] }
//
//     for i in seq(0, n):
//         a[i] = x[i]
//         a[i] += y[i]
//   =>
//     for i in seq(0, n):
//         a[i] = x[i] + y[i]
//
// Both write the same element, for all sizes, and the second does not read what the first writes. Two assignments leave the second; two
// reductions of one kind become one, where the contract allows it. Two of different kinds stay.
#include <fmt/format.h>

#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/print.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/right_side.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  std::vector<Ref> stmts;
};

ExprRef combined(ReduceOp op, const ExprRef& a, const ExprRef& b) {
  switch (op) {
    case ReduceOp::Add:
      return binary(BinaryOp::Add, a, b);
    case ReduceOp::Max:
      return builtin("max", {a, b});
    case ReduceOp::Min:
      return builtin("min", {a, b});
  }
  BUG("a reduction of no kind");
}

/// The write or update of a statement that has one.
Access write_of(Rewrite& rw, const Path& path) {
  for (Access& a : accesses(rw.names(), {rw.stmt(path)}))
    if (a.kind != Access::Read) return a;
  BUG("a statement writes nothing");
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Neighbours pair = neighbours(rw.before(), args.stmts);
    const StmtRef a = rw.stmt(pair.first), b = rw.stmt(pair.second);
    if (!right_side(a) || !right_side(b))
      rw.refuse({"merge-writes-what", "two assignments or reductions become one",
                 right_side(a) ? pair.second : pair.first, "this is neither"});
    const Access first = write_of(rw, pair.first), second = write_of(rw, pair.second);
    if (first.buffer != second.buffer)
      rw.refuse({"merge-writes-buffers",
                 fmt::format("one writes `{}` and the other one `{}`", first.buffer.name(), second.buffer.name()),
                 pair.second, "this one"});
    const Reduce *sum = as<Reduce>(a), *next = as<Reduce>(b);
    if (sum && next && sum->op != next->op)
      rw.refuse({"merge-writes-kinds", "these two update in different ways", pair.second, "this one"});
    Exprs same;
    for (size_t d = 0; d < first.index.size(); ++d) same.push_back(eq(first.index[d], second.index[d]));
    rw.prove(all_of(same), {"merge-writes-places",
                            fmt::format("`{}` and `{}` can be different places", print(read(first.buffer, first.index)),
                                        print(read(second.buffer, second.index))),
                            pair.first, "this one and the next"});
    std::vector<Access> reads;
    for (Access& x : accesses(rw.names(), {b}))
      if (x.kind == Access::Read) reads.push_back(std::move(x));
    rw.prove_none(conflict(rw.facts(pair.first), {first}, reads, rw.names(), Contract::Exact),
                  {"merge-writes-reads", "the second statement reads what the first one writes", pair.first,
                   "this one and the next"});
    if (!next) return rw.edit.splice({pair.first, 2}, {b});  // what was there is overwritten
    const ExprRef x = right_side(a), y = right_side(b), whole = combined(next->op, x, y);
    if (sum) {
      const ExprRef place = read(sum->buffer, sum->index);
      keep_contract(rw, pair.first, combined(next->op, combined(next->op, place, x), y),
                    combined(next->op, place, whole), target_type(a, rw.names()));
    }
    rw.edit.splice({pair.first, 2}, {with_right_side(a, whole)});
  });
}

}  // namespace

VERB(merge_writes) {
  return make_verb("merge_writes", Kind::Primitive, "two neighbouring writes of one place become one",
                   Signature<Args>().verb("merge_writes", &Args::stmts, "statements", "the two statements"), run);
}

}  // namespace exo
