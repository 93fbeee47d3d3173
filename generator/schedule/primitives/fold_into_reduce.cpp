// fold_into_reduce: write an assignment that reads its own target as a reduction.
//
//     { fold_into_reduce = "x.store" }
//
//     for i in seq(0, n):
//         x[i] = x[i] + y[i]
//   =>
//     for i in seq(0, n):
//         x[i] += y[i]
//
// The target must be one side of the sum, or one of its addends, of the difference (then the negative is added), or of `max` or `min`.
// Where the order of additions changes, as for `x = (x + y) + z`, the contract decides. The statement is called `x.update` from then on.
#include <fmt/format.h>

#include "analysis/same_value.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/right_side.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
};

struct Fold {
  ReduceOp op;
  ExprRef rest;
};

class Folder {
 public:
  Folder(Rewrite& rw, const Path& path, const Assign& store) : facts_(rw.facts(path)), store_(store) {}

  std::optional<Fold> fold() const {
    if (const ExprRef rest = without(store_.rhs)) return Fold{ReduceOp::Add, rest};
    const Builtin* b = as<Builtin>(store_.rhs);
    if (!b || (b->name != "max" && b->name != "min")) return std::nullopt;
    for (const size_t k : {size_t{0}, size_t{1}})
      if (is_target(b->args[k])) return Fold{b->name == "max" ? ReduceOp::Max : ReduceOp::Min, b->args[1 - k]};
    return std::nullopt;
  }

 private:
  const Facts facts_;
  const Assign& store_;

  bool is_target(const ExprRef& e) const {
    const Read* r = as<Read>(e);
    if (!r || r->buffer != store_.buffer) return false;
    Exprs same;
    for (size_t d = 0; d < r->index.size(); ++d) same.push_back(eq(r->index[d], store_.index[d]));
    return evident(facts_, all_of(same));
  }

  /// The sum without one addend that is the target; null where there is none.
  ExprRef without(const ExprRef& e) const {
    const Binary* b = as<Binary>(e);
    if (!b || (b->op != BinaryOp::Add && b->op != BinaryOp::Sub)) return nullptr;
    const bool minus = b->op == BinaryOp::Sub;
    if (is_target(b->a)) return minus ? unary(UnaryOp::Neg, b->b) : b->b;
    if (!minus && is_target(b->b)) return b->a;
    if (const ExprRef left = without(b->a)) return binary(b->op, left, b->b);
    if (minus) return nullptr;
    const ExprRef right = without(b->b);
    return right ? binary(BinaryOp::Add, b->a, right) : nullptr;
  }
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_stmt(rw.before(), args.stmt);
    const StmtRef old = rw.stmt(path);
    const Assign* store = as<Assign>(old);
    if (!store) rw.refuse({"fold-into-reduce-what", "this statement is no assignment", path, "this one"});
    const auto fold = Folder(rw, path, *store).fold();
    const ExprRef place = read(store->buffer, store->index);
    if (!fold)
      rw.refuse({"fold-into-reduce-target",
                 fmt::format("`{}` is not one of the addends of the right side", print(place)), path, "this one"});
    const ExprRef again = fold->op == ReduceOp::Add   ? binary(BinaryOp::Add, place, fold->rest)
                          : fold->op == ReduceOp::Max ? builtin("max", {place, fold->rest})
                                                      : builtin("min", {place, fold->rest});
    const Scalar type = target_type(old, rw.names());
    keep_contract(rw, path, store->rhs, again, type);
    if (!same_value(store->rhs, again, type, rw.names(), rw.facts(path), rw.context.contract))
      rw.refuse({"fold-into-reduce-target", fmt::format("`{}` is not the right side", print(again)), path, "this one"});
    Stmt next = *with_node(old, Reduce{fold->op, store->buffer, store->index, fold->rest});
    next.label.name = store->buffer.name() + ".update";
    rw.edit.update(path, [&](const StmtRef&) { return std::make_shared<const Stmt>(next); });
  });
}

}  // namespace

VERB(fold_into_reduce) {
  return make_verb("fold_into_reduce", Kind::Primitive, "write an assignment that reads its own target as a reduction",
                   Signature<Args>().verb("fold_into_reduce", &Args::stmt, "statement", "the assignment"), run);
}

}  // namespace exo
