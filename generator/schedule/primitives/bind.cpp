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
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/labels.h"
#include "schedule/primitives.h"
#include "schedule/right_side.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"
#include "support/text.h"

namespace exo {
namespace {

struct Args {
  Text what;
  Ref in;
  Text as;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    check_buffer_name(args.as);
    const Path path = one_stmt(rw.before(), args.in);
    const ExprRef rhs = right_side(rw.stmt(path));
    if (!rhs)
      rw.refuse({"bind-statement", "only assignments and reductions have a right side", path, "this statement"});
    const ExprRef what = part_called(args.what.chars, rhs, target_type(rw.stmt(path), rw.names()), rw.names());
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
  Spelling(rw, "bind").about(what).place_key("in", path).key("as", as_name);
  const StmtRef old = rw.stmt(path);
  const Sym scalar = Sym::fresh(as_name);
  const ExprRef value = read(scalar, {});
  std::optional<Scalar> type;  // of the first place where it stands: a literal may stand in places of other types too
  const ExprRef rhs = map_data(right_side(old), target_type(old, rw.names()), rw.names(),
                               [&](const ExprRef& e, Scalar here) -> ExprRef {
                                 if (!equal(e, what)) return nullptr;
                                 here = type_of(e, rw.names(), here);
                                 if (!type) type = here;
                                 return *type == here ? value : nullptr;
                               });
  if (!type || !is_data(*type))
    rw.refuse(
        {"bind-control", fmt::format("`{}` is no data of this statement", print(what)), path, "in this statement"});
  Label alloc{as_name + ".alloc", "", "", "", old->label.copies},
      load{as_name + ".load", "", "", "", old->label.copies};
  rw.edit.splice({path, 1}, {stmt(Alloc{scalar, {*type, {}, false}, ""}, alloc), stmt(Assign{scalar, {}, what}, load),
                             with_right_side(old, rhs)});
  return scalar;
}

VERB(bind) {
  return make_verb("bind", Kind::Primitive, "a subexpression goes into a scalar in front of the statement",
                   Signature<Args>()
                       .verb("bind", &Args::what, "expression", "the expression, as the program has it")
                       .required("in", &Args::in, "statement", "where it stands")
                       .required("as", &Args::as, "name", "name of the scalar"),
                   run);
}

}  // namespace exo
