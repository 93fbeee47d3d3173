// simplify: what holds around them decides conditions, minima, maxima, quotients and remainders.
//
//     { simplify = "i" }
//
//     for i in seq(0, n):
//         for j in seq(0, min(n, i + 1)):
//             if j < n:
//                 x[i, j] = 0.0
//   =>
//     for i in seq(0, n):
//         for j in seq(0, i + 1):
//             x[i, j] = 0.0
//
// Programs are brought to normal form after every step anyway; this asks in addition what the loops, conditions and assertions
// around a place imply. The object is a loop, a statement, or `proc` for all of the procedure.
#include <fmt/format.h>

#include "analysis/config.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"
#include "support/text.h"

namespace exo {
namespace {

struct Args {
  Ref where;
};

class Decider {
 public:
  Block block(const Block& old, const Facts& facts) const {
    Block out;
    Facts here = facts;
    for (const StmtRef& s : old) {
      statement(s, here, out);
      here = without(here, configured({s}));
    }
    return out;
  }

 private:
  static ExprRef control(const ExprRef& e, const Facts& facts) {
    return map_exprs(e, [&](const ExprRef& x) -> ExprRef {
      if (const Builtin* b = as<Builtin>(x); b && b->args.size() == 2 && (b->name == "min" || b->name == "max")) {
        const ExprRef &least = b->args[b->name == "min" ? 0 : 1], &most = b->args[b->name == "min" ? 1 : 0];
        if (evident(facts, le(least, most))) return b->args[0];
        if (evident(facts, le(most, least))) return b->args[1];
      }
      const Binary* b = as<Binary>(x);
      if (!b || (b->op != BinaryOp::Div && b->op != BinaryOp::Mod) || !literal(b->b)) return x;
      if (!evident(facts, all_of({le(num(0), b->a), lt(b->a, b->b)}))) return x;
      return b->op == BinaryOp::Mod ? b->a : num(0);
    });
  }

  /// Indices inside of data.
  static ExprRef data(const ExprRef& e, const Facts& facts) {
    const auto inside = [&](const ExprRef& c) {
      return as<Read>(e) || as<Window>(e) ? control(c, facts) : data(c, facts);
    };
    return map_children(e, inside);
  }

  static Exprs controls(const Exprs& list, const Facts& facts) {
    Exprs out;
    for (const ExprRef& e : list) out.push_back(control(e, facts));
    return out;
  }

  void statement(const StmtRef& s, const Facts& facts, Block& out) const {
    std::visit(match{
                   [&](const Assign& n) {
                     out.push_back(with_node(s, Assign{n.buffer, controls(n.index, facts), data(n.rhs, facts)}));
                   },
                   [&](const Reduce& n) {
                     out.push_back(with_node(s, Reduce{n.op, n.buffer, controls(n.index, facts), data(n.rhs, facts)}));
                   },
                   [&](const For& n) {
                     Facts inside = without(facts, configured(n.body));
                     inside.add_range(n.iter, n.lo, n.hi);
                     out.push_back(with_node(
                         s, For{n.iter, control(n.lo, facts), control(n.hi, facts), block(n.body, inside), n.order}));
                   },
                   [&](const If& n) { branch(s, n, facts, out); },
                   [&](const Alloc& n) {
                     Alloc next = n;
                     next.type.shape = controls(n.type.shape, facts);
                     out.push_back(with_node(s, std::move(next)));
                   },
                   [&](const Alias& n) {
                     out.push_back(with_node(s, Alias{n.name, data(n.window, facts)}));
                   },
                   [&](const Call& n) {
                     Call next = n;
                     for (size_t i = 0; i < n.args.size(); ++i)
                       next.args[i] = is_data(n.callee->params[i].type.scalar) ? data(n.args[i], facts)
                                                                               : control(n.args[i], facts);
                     out.push_back(with_node(s, std::move(next)));
                   },
                   [&](const Configure& n) {
                     const bool is_control = !is_data(n.field.field_type());
                     out.push_back(
                         with_node(s, Configure{n.field, is_control ? control(n.value, facts) : data(n.value, facts)}));
                   },
               },
               s->node);
  }

  void branch(const StmtRef& s, const If& n, const Facts& facts, Block& out) const {
    Facts yes = facts, no = facts;
    yes.add(n.cond);
    no.add(negate(n.cond));
    const bool always = evident(facts, n.cond), never = evident(facts, negate(n.cond));
    const Block body = never ? Block{} : block(n.body, yes), orelse = always ? Block{} : block(n.orelse, no);
    if (!always && !never) return out.push_back(with_node(s, If{control(n.cond, facts), body, orelse}));
    out.insert(out.end(), body.begin(), body.end());
    out.insert(out.end(), orelse.begin(), orelse.end());
  }
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Block& all = rw.before().body;
    if (args.where.str() == "proc" && !all.empty())
      return rw.edit.splice({child({}, 0), all.size()}, Decider().block(all, entry_facts(rw.before())));
    const Path path = one_place(rw.before(), args.where);
    rw.edit.splice({path, 1}, Decider().block({rw.stmt(path)}, rw.facts(path)));
  });
}

}  // namespace

VERB(simplify) {
  return make_verb("simplify", Kind::Primitive, "what holds around them decides conditions, minima, maxima",
                   Signature<Args>().verb("simplify", &Args::where, "loop or statement", "where; `proc`: everywhere"),
                   run);
}

}  // namespace exo
