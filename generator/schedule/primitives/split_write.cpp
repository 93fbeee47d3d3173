// split_write: store the first part of a sum, then add the second.
//
//     { split_write = "x.store" }
//
//     for i in seq(0, n):
//         x[i] = y[i] + z[i]
//   =>
//     for i in seq(0, n):
//         x[i] = y[i]
//         x[i] += z[i]
//
// The second part must not read what is written. A difference is split into `=` and `+=` of the negative, `max` and `min` into `=` and
// `max=`. A reduction `x += y + z` becomes two, where the contract allows it. The new statement is called `x.update`.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "schedule/primitives.h"
#include "schedule/right_side.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
};

/// x = first, then x op= second.
struct Parts {
  ReduceOp op;
  ExprRef first, second;
};

std::optional<Parts> parts_of(const ExprRef& rhs) {
  if (const Binary* b = as<Binary>(rhs)) {
    if (b->op == BinaryOp::Add) return Parts{ReduceOp::Add, b->a, b->b};
    if (b->op == BinaryOp::Sub) return Parts{ReduceOp::Add, b->a, unary(UnaryOp::Neg, b->b)};
  }
  if (const Builtin* b = as<Builtin>(rhs)) {
    if (b->name == "max") return Parts{ReduceOp::Max, b->args[0], b->args[1]};
    if (b->name == "min") return Parts{ReduceOp::Min, b->args[0], b->args[1]};
  }
  return std::nullopt;
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_stmt(rw.before(), args.stmt);
    const StmtRef old = rw.stmt(path);
    const ExprRef rhs = right_side(old);
    const auto parts = rhs ? parts_of(rhs) : std::nullopt;
    const Reduce* sum = as<Reduce>(old);
    if (!parts || (sum && sum->op != parts->op))
      rw.refuse({"split-write-sum", "this statement stores no sum, difference, `max` or `min` that could be split",
                 path, "this one"});
    const Assign* store = as<Assign>(old);
    const Sym buffer = sum ? sum->buffer : store->buffer;
    const Exprs index = sum ? sum->index : store->index;
    const ExprRef place = read(buffer, index);
    if (sum && sum->op == ReduceOp::Add)
      keep_contract(rw, path, binary(BinaryOp::Add, place, rhs),
                    binary(BinaryOp::Add, binary(BinaryOp::Add, place, parts->first), parts->second),
                    target_type(old, rw.names()));
    if (sum && sum->op != ReduceOp::Add)
      keep_contract(
          rw, path, builtin(as<Builtin>(rhs)->name, {place, rhs}),
          builtin(as<Builtin>(rhs)->name, {builtin(as<Builtin>(rhs)->name, {place, parts->first}), parts->second}),
          target_type(old, rw.names()));
    const StmtRef first = with_right_side(old, parts->first);
    const Label label{buffer.name() + ".update", "", "", "", old->label.copies};
    const StmtRef second = stmt(Reduce{parts->op, buffer, index, parts->second}, label);
    // What the second statement reads is what it read before the first one wrote.
    std::vector<Access> writes, reads;
    for (Access& a : accesses(rw.names(), {old})) (a.kind == Access::Read ? reads : writes).push_back(std::move(a));
    std::vector<Access> later;
    for (Access& a : accesses(rw.names(), {second}))
      if (a.kind == Access::Read) a.stmt = old.get(), later.push_back(std::move(a));
    rw.prove_none(conflict(rw.facts(path), writes, later, rw.names(), Contract::Exact),
                  {"split-write-reads",
                   fmt::format("`{}` is read again after the first part was stored", print(place)),
                   path,
                   "this one",
                   {"`commute` the sum if only the other part reads it"}});
    rw.edit.splice({path, 1}, {first, second});
  });
}

}  // namespace

VERB(split_write) {
  return make_verb("split_write", Kind::Primitive, "store the first part of a sum, then add the second",
                   Signature<Args>().verb("split_write", &Args::stmt, "statement", "the assignment or reduction"), run);
}

}  // namespace exo
