// set_precision: the type of a buffer's elements is chosen.
//
//     { set_precision = "t", to = "f64" }
//
//     t : R
//     t = x[0]
//     y[0] = t * x[1]
//   =>
//     t : f64
//     t = f64(x[0])
//     y[0] = f32(t) * x[1]
//
// Buffers and arguments of type R get any type; what meets elements of another type is converted. The type of an argument that is
// not R is the caller's, and stays. That of a local buffer may become a wider float where the contract is `reassociate`: every
// value is rounded later, never earlier. Acts on every match; several names get their types at once.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/builtin.h"
#include "ir/check.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"
#include "support/text.h"

namespace exo {
namespace {

struct Args {
  std::vector<Ref> buffers;
  Text to;
};

bool holds_all_of(Scalar wide, Scalar narrow) {
  if (wide == narrow || wide == Scalar::F64) return true;
  return wide == Scalar::F32 && (narrow == Scalar::F16 || narrow == Scalar::BF16);
}

class Retyping {
 public:
  Retyping(Rewrite& rw, const std::set<Sym>& buffers, Scalar to)
      : rw_(rw), old_(rw.names()), now_(old_), buffers_(buffers), to_(to) {
    for (const auto& [sym, declaration] : old_) {
      if (!buffers_.count(behind(old_, sym))) continue;
      Declaration retyped = declaration;
      retyped.type.scalar = to;
      now_.set(sym, std::move(retyped));
    }
  }

  Block block(const Block& b) {
    Block out;
    for (const StmtRef& s : b) out.push_back(statement(s));
    return out;
  }

 private:
  Rewrite& rw_;
  const Declarations& old_;
  Declarations now_;
  const std::set<Sym>& buffers_;
  const Scalar to_;

  bool changed(Sym sym) const { return buffers_.count(behind(old_, sym)) > 0; }

  ExprRef converted(const ExprRef& e, Scalar from, Scalar to) const {
    if (from == to || from == Scalar::R || to == Scalar::R) return e;
    if (is_float(from) && !is_float(to))
      rw_.refuse(
          {"set-precision-type", fmt::format("{} where {} is computed", scalar_name(to), scalar_name(from)), {}});
    return builtin(scalar_name(to), {e});
  }

  /// The expression in an operation of `type`, as it was before.
  ExprRef data(const ExprRef& e, Scalar type) const {
    if (const Read* r = as<Read>(e)) {
      if (!changed(r->buffer)) return e;
      const Scalar was = old_.at(r->buffer).type.scalar;
      return converted(e, to_, was == Scalar::R ? type : was);
    }
    const Builtin* call = as<Builtin>(e);
    if (call && converts_to(call->name)) {
      const Scalar from = operand_type(call->args[0], old_);
      const ExprRef inner = is_data(from) ? data(call->args[0], from) : call->args[0];
      return inner == call->args[0] ? e : builtin(call->name, {inner});
    }
    const Binary* b = as<Binary>(e);
    const Scalar inside = b && b->op >= BinaryOp::Lt && b->op <= BinaryOp::Ne ? compared_type(*b, old_) : type;
    return map_children(e, [&](const ExprRef& c) {
      const bool condition = call && call->name == "select" && c == call->args[0];
      return data(c, condition ? Scalar::R : inside);
    });
  }

  ExprRef stored(Sym buffer, const ExprRef& rhs) const {
    const Scalar target = old_.at(buffer).type.scalar;
    const Scalar own = type_of(rhs, old_, target);
    const ExprRef out = data(rhs, own == Scalar::R ? target : own);
    if (!changed(buffer)) return out;
    return converted(out, type_of(out, now_, Scalar::R), to_);
  }

  StmtRef statement(const StmtRef& s) {
    return std::visit(match{
                          [&](const Assign& n) {
                            return kept(s, Assign{n.buffer, n.index, stored(n.buffer, n.rhs)});
                          },
                          [&](const Reduce& n) {
                            return kept(s, Reduce{n.op, n.buffer, n.index, stored(n.buffer, n.rhs)});
                          },
                          [&](const For& n) {
                            return kept(s, For{n.iter, n.lo, n.hi, block(n.body), n.order});
                          },
                          [&](const If& n) {
                            return kept(s, If{data(n.cond, Scalar::R), block(n.body), block(n.orelse)});
                          },
                          [&](const Alloc& n) {
                            Alloc next = n;
                            if (changed(n.buffer)) next.type.scalar = to_;
                            return kept(s, std::move(next));
                          },
                          [&](const Alias&) { return s; },
                          [&](const Call&) { return s; },
                          [&](const Configure& n) {
                            return kept(s, Configure{n.field, data(n.value, n.field.field_type())});
                          },
                      },
                      s->node);
  }

  template <class Node>
  static StmtRef kept(const StmtRef& old, Node next) {
    const StmtRef made = with_node(old, std::move(next));
    return equal(Block{old}, Block{made}) && !as<Alloc>(old) ? old : made;
  }
};

void admit(Rewrite& rw, Sym buffer, Scalar to) {
  const Declaration& d = rw.names().at(buffer);
  const Scalar was = d.type.scalar;
  const Path where = binder(rw.before(), buffer).value_or(Path{});
  if (was == Scalar::R || was == to) return;
  if (d.is_param)
    rw.refuse({"set-precision-argument",
               fmt::format("`{}` is an argument of type {}, which its caller has", buffer.name(), scalar_name(was)),
               {},
               "",
               {"stage it into a local buffer, and change that"}});
  if (!is_float(was) || !is_float(to) || !holds_all_of(to, was))
    rw.refuse({"set-precision-contract",
               fmt::format("`{}` would lose values: {} does not hold every {}", buffer.name(), scalar_name(to),
                           scalar_name(was)),
               where,
               "this buffer",
               {"declare it as `R` in the algorithm, and choose its type in the schedule"}});
  if (rw.context.contract == Contract::Exact)
    rw.refuse({"set-precision-contract",
               fmt::format("the contract `exact` keeps every rounding to {} of `{}`", scalar_name(was), buffer.name()),
               where, "this buffer"});
}

void set_precision(Rewrite& rw, const std::set<Sym>& buffers, Scalar to) {
  for (const Sym buffer : buffers) admit(rw, buffer, to);
  Proc next = rw.before();
  next.body = Retyping(rw, buffers, to).block(rw.before().body);
  for (Param& p : next.params)
    if (buffers.count(p.name)) p.type.scalar = to;
  Problems problems;
  check(next, problems);
  try {
    problems.throw_if_any();
  } catch (const Rejected& rejected) {
    const Diagnostic& first = rejected.problems.front();
    rw.refuse({"set-precision-type",
               fmt::format("with {} the types no longer fit: {}", scalar_name(to), first.message),
               {},
               "",
               {"set the precision of several buffers in one step: `{ set_precision = [\"x\", \"y\"], ... }`"}});
  }
  rw.edit = Editor(std::make_shared<const Proc>(std::move(next)));
}

void run(Schedule& s, const Args& args) {
  Scalar to;
  if (!scalar_named(args.to.chars, to) || !is_data(to) || to == Scalar::R) {
    std::vector<std::string> known;
    for (int i = 0; i < static_cast<int>(Scalar::R); ++i) known.push_back(scalar_name(static_cast<Scalar>(i)));
    reject(Diagnostic{"set-precision-type", fmt::format("`{}` is no type of elements", args.to.chars), {}, {}, {}}
               .at(args.to.whole())
               .help(suggestion(args.to.chars, known)));
  }
  std::set<Sym> buffers;
  for (const Ref& ref : args.buffers) {
    const auto found = find_buffers(s.now(), ref.str());
    if (found.empty()) one_buffer(s.now(), ref);  // says what there is
    buffers.insert(found.begin(), found.end());
  }
  s.apply([&](Rewrite& rw) { set_precision(rw, buffers, to); });
}

}  // namespace

VERB(set_precision) {
  return make_verb("set_precision", Kind::Primitive, "the type of a buffer's elements is chosen",
                   Signature<Args>()
                       .verb("set_precision", &Args::buffers, "buffers", "the buffers and arguments")
                       .required("to", &Args::to, "type", "f16 bf16 f32 f64 i8 i16 i32 i64 u8 u16 u32"),
                   run);
}

}  // namespace exo
