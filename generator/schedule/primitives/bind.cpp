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
// Every occurrence on the right side is replaced. Nothing runs between the new statement and the old one, so the value is the
// same; the scalar has the type of the expression.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/labels.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Text what;
  Ref in;
  Text as;
};

/// The part of the statement's right side that prints like the text.
ExprRef part_of(const ExprRef& rhs, const std::string& wanted) {
  const auto plain = [](std::string s) {
    s.erase(std::remove(s.begin(), s.end(), ' '), s.end());
    return s;
  };
  ExprRef found;
  each_expr(rhs, [&](const ExprRef& e) {
    if (!found && plain(print(e)) == plain(wanted)) found = e;
  });
  return found;
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
    const ExprRef what = part_of(right_side(rw, path), args.what.chars);
    if (!what)
      reject(Diagnostic{"bind-absent", fmt::format("`{}` does not stand in `{}`", args.what.chars, print(Block{rw.stmt(path)})), {}, {}, {}}
                 .at(args.what.whole()));
    bind(rw, path, what, args.as.chars);
  });
}

}  // namespace

Sym bind(Rewrite& rw, const Path& path, const ExprRef& what, const std::string& as_name) {
  const StmtRef old = rw.stmt(path);
  Scalar context = Scalar::F32;
  if (const Assign* a = as<Assign>(old)) context = rw.names().at(a->buffer).type.scalar;
  if (const Reduce* r = as<Reduce>(old)) context = rw.names().at(r->buffer).type.scalar;
  const Scalar type = type_of(what, rw.names(), context);
  if (!is_data(type)) rw.refuse({"bind-control", fmt::format("`{}` is a control value", print(what)), path, "in this statement"});
  const Sym scalar = Sym::fresh(as_name);
  const ExprRef value = read(scalar, {});
  const std::function<ExprRef(const ExprRef&)> replace = [&](const ExprRef& e) -> ExprRef {
    if (equal(e, what)) return value;
    return as<Read>(e) ? e : map_children(e, replace);   // an index is no data
  };
  const ExprRef rhs = replace(right_side(rw, path));
  StmtRef next = old;
  if (const Assign* a = as<Assign>(old)) next = with_node(old, Assign{a->buffer, a->index, rhs});
  if (const Reduce* r = as<Reduce>(old)) next = with_node(old, Reduce{r->op, r->buffer, r->index, rhs});
  Label alloc{as_name + ".alloc", "", "", "", old->label.copies}, load{as_name + ".load", "", "", "", old->label.copies};
  rw.edit.splice({path, 1}, {stmt(Alloc{scalar, {type, {}, false}, ""}, alloc), stmt(Assign{scalar, {}, what}, load), next});
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
