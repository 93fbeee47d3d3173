// rewrite_expr: put something equal in the place of an expression.
//
//     { rewrite_expr = "i/8", in = "x.store", to = "io" }
//
//     for io in seq(0, n):
//         for i in seq(8*io, 8*io + 8):
//             x[i/8] = y[i]
//   =>
//     for io in seq(0, n):
//         for i in seq(8*io, 8*io + 8):
//             x[io] = y[i]
//
// Of sizes and iterators (in an index, a bound or a condition): both have the same value at the place, for all sizes. Of data on the
// right side: both are the same by the rules of arithmetic, integers at the width of their type, floats as far as the contract
// allows. Acts on every place of the statement, or of the head of the loop or `if`, where the expression stands.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/builtin.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/right_side.h"
#include "schedule/verb.h"
#include "support/text.h"

namespace exo {
namespace {

struct Args {
  Text what;
  Ref in;
  Text to;
};

/// A data expression with the sizes and iterators in it replaced: indices, and what is converted.
ExprRef map_indices(const ExprRef& e, const Declarations& names, const std::function<ExprRef(const ExprRef&)>& f) {
  if (as<Read>(e) || as<Window>(e)) return map_children(e, f);
  const Builtin* call = as<Builtin>(e);
  const bool converts = call && converts_to(call->name) && !is_data(operand_type(call->args[0], names));
  return map_children(e, [&](const ExprRef& c) { return converts ? f(c) : map_indices(c, names, f); });
}

/// The statement, without those inside of it, with its expressions of sizes and iterators replaced.
StmtRef map_control(const StmtRef& s, const Declarations& names, const std::function<ExprRef(const ExprRef&)>& f) {
  const auto all = [&](const Exprs& list) {
    Exprs out;
    for (const ExprRef& e : list) out.push_back(f(e));
    return out;
  };
  return std::visit(
      match{
          [&](const Assign& n) {
            return with_node(s, Assign{n.buffer, all(n.index), map_indices(n.rhs, names, f)});
          },
          [&](const Reduce& n) {
            return with_node(s, Reduce{n.op, n.buffer, all(n.index), map_indices(n.rhs, names, f)});
          },
          [&](const For& n) {
            return with_node(s, For{n.iter, f(n.lo), f(n.hi), n.body, n.order});
          },
          [&](const If& n) {
            return with_node(s, If{f(n.cond), n.body, n.orelse});
          },
          [&](const Alloc& n) {
            return with_node(s, Alloc{n.buffer, {n.type.scalar, all(n.type.shape), n.type.window}, n.memory, n.bank});
          },
          [&](const Alias& n) {
            return with_node(s, Alias{n.name, map_indices(n.window, names, f)});
          },
          [&](const Configure& n) {
            const bool data = is_data(n.field.field_type());
            return with_node(s, Configure{n.field, data ? map_indices(n.value, names, f) : f(n.value)});
          },
          [&](const Call& n) {
            Call next = n;
            for (size_t k = 0; k < n.args.size(); ++k)
              next.args[k] = is_data(n.callee->params[k].type.scalar) ? map_indices(n.args[k], names, f) : f(n.args[k]);
            return with_node(s, std::move(next));
          },
      },
      s->node);
}

bool is_truth(const ExprRef& e) {
  if (as<Bool>(e)) return true;
  if (const Unary* n = as<Unary>(e)) return n->op == UnaryOp::Not;
  const Binary* n = as<Binary>(e);
  return n && n->op > BinaryOp::Mod;
}

/// The expression of sizes and iterators that prints like the text; null where there is none.
ExprRef control_called(const std::string& text, const StmtRef& s, const Declarations& names) {
  const auto plain = [](std::string t) {
    t.erase(std::remove(t.begin(), t.end(), ' '), t.end());
    return t;
  };
  ExprRef found;
  map_control(s, names, [&](const ExprRef& root) {
    each_expr(root, [&](const ExprRef& e) {
      if (!found && plain(print(e)) == plain(text)) found = e;
    });
    return root;
  });
  return found;
}

void rewrite_control(const Schedule& s, Rewrite& rw, const Path& path, const ExprRef& what, const Text& text) {
  const bool truth_value = is_truth(what);
  const ExprRef to = truth_value ? s.condition(text, path) : s.expression(text, path);
  bool reads = false;
  each_expr(to, [&](const ExprRef& e) { reads = reads || as<Read>(e); });
  each_expr(what, [&](const ExprRef& e) { reads = reads || as<Read>(e); });
  if (reads)
    rw.refuse(
        {"rewrite-expr-differs", "what depends on data is not compared for all sizes", path, "in this statement"});
  const ExprRef same = truth_value ? any_of({all_of({what, to}), all_of({negate(what), negate(to)})}) : eq(what, to);
  rw.prove(same, {"rewrite-expr-differs", fmt::format("`{}` and `{}` can differ here", print(what), print(to)), path,
                  "in this statement"});
  rw.edit.update(path, [&](const StmtRef& old) {
    return map_control(old, rw.names(), [&](const ExprRef& root) {
      return map_exprs(root, [&](const ExprRef& e) { return equal(e, what) ? to : e; });
    });
  });
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_place(rw.before(), args.in);
    const StmtRef old = rw.stmt(path);
    if (const ExprRef what = control_called(args.what.chars, old, rw.names()))
      return rewrite_control(s, rw, path, what, args.to);
    if (!right_side(old))
      reject(Diagnostic{
          "expr-absent", fmt::format("`{}` does not stand in `{}`", args.what.chars, headline(old)), {}, {}, {}}
                 .at(args.what.whole())
                 .help("write it as the program has it"));
    const DataPart part = data_part(rw, args.what, args.in);
    replace_part(rw, part, s.data(args.to, path, part.type));
  });
}

}  // namespace

VERB(rewrite_expr) {
  return make_verb("rewrite_expr", Kind::Primitive, "put something equal in the place of an expression",
                   Signature<Args>()
                       .verb("rewrite_expr", &Args::what, "expression", "the expression, as the program has it")
                       .required("in", &Args::in, "statement", "where it stands: a statement, loop or `if`")
                       .required("to", &Args::to, "expression", "what takes its place"),
                   run);
}

}  // namespace exo
