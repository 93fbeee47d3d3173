// bind: a subexpression goes into a scalar of its own, in front of the statement.
//
//     { bind = "A[i]", in = "C.update", as = "a" }
//
//     for i in seq(0, n):
//         C[0] += A[i] * A[i]
//   =>
//     for i in seq(0, n):
//         a : f32
//         a = A[i]
//         C[0] += a * a
//
// Every occurrence on the right side is replaced (of a literal, those of the same type). Nothing runs between the new statement and the old one, so the value is the
// same; the scalar has the type of the expression.
#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/builtin.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/labels.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"
#include "support/text.h"

namespace exo {
namespace {

struct Args {
  Text what;
  Ref in;
  Text as;
};

using Visit = std::function<ExprRef(const ExprRef& part, Scalar type)>;  // null: look inside

/// The right side with some of its parts replaced. Visits what is data and no constant divisor, with the type it is computed in.
ExprRef map_data(const ExprRef& e, Scalar type, const Declarations& names, const Visit& visit);

/// The same for the condition of a `select`, of which only what is compared can be data.
ExprRef map_condition(const ExprRef& e, const Declarations& names, const Visit& visit) {
  const Binary* b = as<Binary>(e);
  const bool compares = b && b->op >= BinaryOp::Lt && b->op <= BinaryOp::Ne;
  if (!compares) return map_children(e, [&](const ExprRef& c) { return map_condition(c, names, visit); });
  const Scalar type = compared_type(*b, names);
  return is_data(type) ? map_children(e, [&](const ExprRef& c) { return map_data(c, type, names, visit); }) : e;
}

ExprRef map_data(const ExprRef& e, Scalar type, const Declarations& names, const Visit& visit) {
  if (const ExprRef other = visit(e, type)) return other;
  if (as<Read>(e)) return e;
  const Builtin* call = as<Builtin>(e);
  if (call && converts_to(call->name)) type = operand_type(call->args[0], names);
  const Binary* b = as<Binary>(e);
  const bool divides = b && (b->op == BinaryOp::Div || b->op == BinaryOp::Mod) && is_integer_data(type);
  const ExprRef* first = call && call->name == "select" ? &call->args[0] : nullptr;
  return map_children(e, [&](const ExprRef& c) {
    if (divides && c == b->b) return c;
    return first && c == *first ? map_condition(c, names, visit) : map_data(c, type, names, visit);
  });
}

/// The part of a right side that prints like the text: of its data, or else anywhere.
ExprRef part_of(const ExprRef& rhs, Scalar type, const Declarations& names, const std::string& wanted) {
  const auto plain = [](std::string s) {
    s.erase(std::remove(s.begin(), s.end(), ' '), s.end());
    return s;
  };
  ExprRef found;
  const auto look = [&](const ExprRef& e) {
    if (!found && plain(print(e)) == plain(wanted)) found = e;
  };
  map_data(rhs, type, names, [&](const ExprRef& e, Scalar) { return look(e), ExprRef{}; });
  if (!found) each_expr(rhs, look);
  return found;
}

/// The element type of what the statement writes.
Scalar target_type(Rewrite& rw, const Path& path) {
  const Assign* a = as<Assign>(rw.stmt(path));
  return rw.names().at(a ? a->buffer : as<Reduce>(rw.stmt(path))->buffer).type.scalar;
}

const ExprRef& right_side(Rewrite& rw, const Path& path) {
  if (const Assign* a = as<Assign>(rw.stmt(path))) return a->rhs;
  if (const Reduce* r = as<Reduce>(rw.stmt(path))) return r->rhs;
  rw.refuse({"bind-statement", "only assignments and reductions have a right side", path, "this statement"});
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    check_buffer_name(args.as);
    const Path path = one_stmt(rw.before(), args.in);
    const ExprRef rhs = right_side(rw, path);
    const ExprRef what = part_of(rhs, target_type(rw, path), rw.names(), args.what.chars);
    if (!what)
      reject(Diagnostic{"bind-absent",
                        fmt::format("`{}` does not stand in `{}`", args.what.chars, trim(print(Block{rw.stmt(path)}))),
                        {},
                        {},
                        {}}
                 .at(args.what.whole())
                 .help("write it as the program has it"));
    bind(rw, path, what, args.as.chars);
  });
}

}  // namespace

Sym bind(Rewrite& rw, const Path& path, const ExprRef& what, const std::string& as_name) {
  const StmtRef old = rw.stmt(path);
  const Sym scalar = Sym::fresh(as_name);
  const ExprRef value = read(scalar, {});
  std::optional<Scalar> type;  // of the first place where it stands: a literal may stand in places of other types too
  const ExprRef rhs =
      map_data(right_side(rw, path), target_type(rw, path), rw.names(), [&](const ExprRef& e, Scalar here) -> ExprRef {
        if (!equal(e, what)) return nullptr;
        here = type_of(e, rw.names(), here);
        if (!type) type = here;
        return *type == here ? value : nullptr;
      });
  if (!type)
    rw.refuse(
        {"bind-control", fmt::format("`{}` is no data of this statement", print(what)), path, "in this statement"});
  StmtRef next = old;
  if (const Assign* a = as<Assign>(old)) next = with_node(old, Assign{a->buffer, a->index, rhs});
  if (const Reduce* r = as<Reduce>(old)) next = with_node(old, Reduce{r->op, r->buffer, r->index, rhs});
  Label alloc{as_name + ".alloc", "", "", "", old->label.copies},
      load{as_name + ".load", "", "", "", old->label.copies};
  rw.edit.splice({path, 1},
                 {stmt(Alloc{scalar, {*type, {}, false}, ""}, alloc), stmt(Assign{scalar, {}, what}, load), next});
  return scalar;
}

VERB(bind) {
  return make_verb("bind", Kind::Primitive, "a subexpression goes into a scalar in front of the statement",
                   Schema<Args>()
                       .verb("bind", &Args::what, "expression", "the expression, as the program has it")
                       .required("in", &Args::in, "statement", "where it stands")
                       .required("as", &Args::as, "name", "name of the scalar"),
                   run);
}

}  // namespace exo
