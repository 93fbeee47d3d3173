// lift_constant: a factor that all terms of a sum have is multiplied once, behind the sum.
//
//     { lift_constant = "s.update" }
//
//     s = 0.0
//     for i in seq(0, n + 1):
//         s += a[0] * x[i]
//   =>
//     s = 0.0
//     for i in seq(0, n + 1):
//         s += x[i]
//     s = a[0] * s
//
// The sum starts at zero, right in front of the loop, and the update is all that the loop does. The factor is the same in every iteration.
// Exact for integers, which wrap; for floats the contract decides. Where the loop may not run, the factor is multiplied under an
// `if`: it may be infinite, or not there.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/replay.h"
#include "schedule/right_side.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
};

bool is_zero(const ExprRef& e) {
  if (const int64_t* i = literal(e)) return *i == 0;
  const Float* f = as<Float>(e);
  return f && f->value == 0 && !std::signbit(f->value);
}

void factors(const ExprRef& e, Exprs& out) {
  const Binary* b = as<Binary>(e);
  if (!b || b->op != BinaryOp::Mul) return out.push_back(e);
  factors(b->a, out), factors(b->b, out);
}

ExprRef product(const Exprs& list) {
  ExprRef out;
  for (const ExprRef& e : list) out = out ? binary(BinaryOp::Mul, out, e) : e;
  return out;
}

class Lifter {
 public:
  Lifter(Rewrite& rw, Path path) : rw_(rw), path_(std::move(path)), sum_(*as<Reduce>(rw.stmt(path_))) {}

  void run() {
    const bool starts_at_zero = find_loop();
    Exprs constant, rest;
    Exprs all;
    factors(sum_.rhs, all);
    for (const ExprRef& e : all) (is_constant(e) ? constant : rest).push_back(e);
    if (constant.empty() || rest.empty())
      rw_.refuse({"lift-constant-none",
                  fmt::format("`{}` has no factor that is the same in every iteration beside one that is not",
                              print(sum_.rhs)),
                  path_, "this update"});
    const ExprRef place = read(sum_.buffer, sum_.index), factor = product(constant);
    rw_.prove_none(reads_of_sum(product(rest)),
                   {"lift-constant-reads", fmt::format("the terms depend on `{}` as it is so far", print(place)), path_,
                    "this update"});
    const ExprRef terms = binary(BinaryOp::Add, place, sum_.rhs);
    keep_contract(rw_, path_, terms, binary(BinaryOp::Add, place, binary(BinaryOp::Mul, factor, product(rest))),
                  type());
    if (rw_.context.contract == Contract::Exact && is_float(type()))
      keep_contract(
          rw_, path_, binary(BinaryOp::Mul, factor, binary(BinaryOp::Add, place, product(rest))),
          binary(BinaryOp::Add, binary(BinaryOp::Mul, factor, place), binary(BinaryOp::Mul, factor, product(rest))),
          type());
    edit(factor, product(rest));
    if (!starts_at_zero) refuse_start(place);
  }

 private:
  Rewrite& rw_;
  const Path path_;
  const Reduce& sum_;
  Path loop_;                // the outermost loop of the sum
  std::set<Sym> iterators_;  // of it and inside

  Scalar type() const { return rw_.names().at(sum_.buffer).type.scalar; }

  void refuse_start(const ExprRef& place) {
    Failure failure{{"lift-constant-start",
                     fmt::format("`{}` is not set to zero right in front of this loop: what it starts with would be "
                                 "multiplied too",
                                 print(place)),
                     loop_, "this loop"},
                    prove(rw_.facts(path_), truth(false)),
                    std::nullopt};
    if (!replay(failure, std::make_shared<const Proc>(rw_.before()), rw_.edit.proc()).confirmed)
      rw_.refuse(failure.problem);  // it may be zero, but that is not seen from here
    rw_.fail(std::move(failure));
  }

  bool same_place(const Exprs& index) const {
    Exprs same;
    for (size_t d = 0; d < index.size(); ++d) same.push_back(eq(index[d], sum_.index[d]));
    return evident(rw_.facts(path_), all_of(same));
  }

  /// From the update outward through what holds nothing else: the loop behind an assignment of zero, else the last that fits.
  bool find_loop() {
    Path at = path_;
    while (at.size() > 1 && block_of(rw_.before(), at).size() == 1) {
      at = parent(at);
      if (const If* branch = as<If>(rw_.stmt(at))) {
        if (!branch->orelse.empty()) break;
        continue;
      }
      const For& loop = rw_.loop(at);
      if (std::any_of(sum_.index.begin(), sum_.index.end(), [&](const ExprRef& e) { return mentions(e, loop.iter); }))
        break;
      loop_ = at;
      iterators_.insert(loop.iter);
      if (at.back().index == 0) continue;
      const Assign* start = as<Assign>(rw_.stmt(sibling(at, -1)));
      if (start && start->buffer == sum_.buffer && is_zero(start->rhs) && same_place(start->index)) return true;
    }
    if (loop_.empty())
      rw_.refuse({"lift-constant-loop",
                  "the update is not all that a loop does",
                  path_,
                  "this update",
                  {"take the loop apart with `fission` first"}});
    return false;
  }

  /// A read of the sum in the expression, which would then be another one.
  std::optional<Conflict> reads_of_sum(const ExprRef& e) const {
    const StmtRef probe = with_right_side(rw_.stmt(path_), e);
    std::vector<Access> reads, writes;
    for (Access& a : accesses(rw_.names(), {probe})) {
      a.stmt = rw_.stmt(path_).get();
      (a.kind == Access::Read ? reads : writes).push_back(std::move(a));
    }
    return conflict(rw_.facts(path_), writes, reads, rw_.names(), Contract::Exact);
  }

  bool is_constant(const ExprRef& e) const {
    for (const Sym iter : iterators_)
      if (mentions(e, iter)) return false;
    return !reads_of_sum(e);
  }

  /// Every loop inside of the outermost runs, and no condition holds the update back.
  bool inner_runs() const {
    for (size_t length = loop_.size() + 1; length < path_.size(); ++length) {
      const Path at(path_.begin(), path_.begin() + static_cast<std::ptrdiff_t>(length));
      if (as<If>(rw_.stmt(at))) return false;
      const For& loop = rw_.loop(at);
      if (!evident(rw_.facts(at), lt(loop.lo, loop.hi))) return false;
    }
    return true;
  }

  /// Can the factor be read wherever the loop stands, and has it a value there?
  bool always_there(const StmtRef& scaled) const {
    if (is_float(type())) return false;
    for (const Access& a : accesses(rw_.names(), {scaled}))
      if (a.kind == Access::Read && a.buffer != behind(rw_.names(), sum_.buffer) && !rw_.names().at(a.buffer).is_param)
        return false;
    return sound(rw_.names(), rw_.facts(loop_), {scaled});
  }

  void edit(const ExprRef& factor, const ExprRef& rest) {
    const StmtRef old = rw_.stmt(path_);
    const Label label{sum_.buffer.name() + ".store", "", "", "", old->label.copies};
    // The place does not move with the iterators, so it can be named outside.
    const StmtRef scaled =
        stmt(Assign{sum_.buffer, sum_.index, binary(BinaryOp::Mul, factor, read(sum_.buffer, sum_.index))}, label);
    StmtRef last = scaled;
    const For& loop = rw_.loop(loop_);
    if (!always_there(scaled)) {
      if (!inner_runs())
        rw_.refuse({"lift-constant-empty",
                    fmt::format("`{}` may never run though `{}` does, and the factor may have no value then",
                                headline(old), loop.iter.name()),
                    path_, "this update"});
      if (!evident(rw_.facts(loop_), lt(loop.lo, loop.hi)))
        last = stmt(If{lt(loop.lo, loop.hi), {scaled}, {}}, Label{"if", "", "", "", old->label.copies});
    }
    rw_.edit.update(path_, [&](const StmtRef& s) { return with_right_side(s, rest); });
    rw_.edit.splice({sibling(loop_, 1), 0}, {last});
  }
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_stmt(rw.before(), args.stmt);
    const Reduce* sum = as<Reduce>(rw.stmt(path));
    if (!sum || sum->op != ReduceOp::Add)
      rw.refuse({"lift-constant-what", "this statement adds to nothing", path, "this one"});
    Lifter(rw, path).run();
  });
}

}  // namespace

VERB(lift_constant) {
  return make_verb("lift_constant", Kind::Primitive, "a factor of all terms of a sum is multiplied once, behind it",
                   Signature<Args>().verb("lift_constant", &Args::stmt, "statement", "the update `x += a * ...`"), run);
}

}  // namespace exo
