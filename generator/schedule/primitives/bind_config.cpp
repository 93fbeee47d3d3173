// bind_config: an expression goes through a configuration field.
//
//     { bind_config = "s[0]", in = "y.store", to = "ex.scale" }
//
//     for i in seq(0, n):
//         y[i] = s[0] * x[i]
//   =>
//     for i in seq(0, n):
//         ex.scale = s[0]
//         y[i] = ex.scale * x[i]
//
// The field is set in front of the statement, and read in place of the expression wherever it stands there: in data, in the
// condition of an `if`, in an argument of a call (not in an index or in the bounds of a loop). In a call of an instruction which
// asserts that the field holds that value, nothing is replaced. As for `write_config`, nothing may read what the field held before.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/configuration.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"
#include "support/text.h"

namespace exo {
namespace {

struct Args {
  Text what;
  Ref in;
  Text to;
};

std::string plain(std::string s) {
  s.erase(std::remove(s.begin(), s.end(), ' '), s.end());
  return s;
}

/// Replaces the expression where a field may stand in its place.
struct Replacement {
  const std::string wanted;
  const ExprRef by;
  ExprRef found;

  ExprRef operator()(const ExprRef& e) {
    if (plain(print(e)) == wanted && (!found || equal(found, e))) return found = e, by;
    if (as<Read>(e) || as<Window>(e)) return e;
    return map_children(e, [&](const ExprRef& c) { return (*this)(c); });
  }
};

StmtRef replaced(const StmtRef& old, Replacement& replace) {
  const auto args = [&](Exprs list) {
    for (ExprRef& e : list) e = replace(e);
    return list;
  };
  return std::visit(match{
                        [&](const Assign& n) {
                          return with_node(old, Assign{n.buffer, n.index, replace(n.rhs)});
                        },
                        [&](const Reduce& n) {
                          return with_node(old, Reduce{n.op, n.buffer, n.index, replace(n.rhs)});
                        },
                        [&](const For&) { return old; },
                        [&](const If& n) {
                          return with_node(old, If{replace(n.cond), n.body, n.orelse});
                        },
                        [&](const Alloc&) { return old; },
                        [&](const Alias&) { return old; },
                        [&](const Call& n) {
                          return with_node(old, Call{n.callee, args(n.args)});
                        },
                        [&](const Configure& n) {
                          return with_node(old, Configure{n.field, replace(n.value)});
                        },
                    },
                    old->node);
}

/// Does the callee assert something of the field?
bool asserts(const Call& call, Sym field) {
  const Exprs& all = call.callee->asserts;
  return std::any_of(all.begin(), all.end(), [&](const ExprRef& e) { return mentions(e, field); });
}

/// Has the field the type for it?
bool holds(Sym field, const ExprRef& e, const Declarations& names) {
  const Scalar type = field.field_type();
  if (as<Float>(e)) return is_float(type);
  const Scalar own = type_of(e, names, is_data_expr(e) || is_data(type) ? type : Scalar::Index);
  if (is_data(type) || is_data(own)) return own == type && !as<Int>(e);
  return (own == Scalar::Bool) == (type == Scalar::Bool);
}

void run(Schedule& s, const Args& args) {
  const Sym field = one_field(s, args.to);
  const Path path = one_stmt(s.now(), args.in);
  s.apply([&](Rewrite& rw) {
    const StmtRef old = rw.stmt(path);
    const ExprRef by = is_data(field.field_type()) ? read(field, {}) : var(field);
    Replacement replace{plain(args.what.chars), by, nullptr};
    const StmtRef next = replaced(old, replace);
    ExprRef value = replace.found;
    const Call* call = as<Call>(old);
    if (!value && call && asserts(*call, field)) value = s.value(args.what, path, field.field_type());
    if (!value)
      reject(Diagnostic{"bind-config-absent",
                        fmt::format("`{}` does not stand in `{}` where `{}` could take its place", args.what.chars,
                                    headline(old), field.name()),
                        {},
                        {},
                        {}}
                 .at(args.what.whole())
                 .help("write it as the program has it"));
    if (!holds(field, value, rw.names()))
      rw.refuse(
          {"bind-config-type",
           fmt::format("`{}` is {}, and cannot hold `{}`", field.name(), scalar_name(field.field_type()), print(value)),
           path, "in this statement"});
    write_config(rw, path, field, value);
    if (replace.found) rw.edit.splice({sibling(path, 1), 1}, {next});
  });
}

}  // namespace

VERB(bind_config) {
  return make_verb("bind_config", Kind::Primitive, "an expression goes through a configuration field",
                   Signature<Args>()
                       .verb("bind_config", &Args::what, "expression", "the expression, as the program has it")
                       .required("in", &Args::in, "statement", "where it stands")
                       .required("to", &Args::to, "field", "the configuration field"),
                   run);
}

}  // namespace exo
