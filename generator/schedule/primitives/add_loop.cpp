// add_loop: a statement runs again and again.
//
//     { add_loop = "x.init", as = "r", extent = "4" }
//
//     x[0] = 1.0
//   =>
//     for r in seq(0, 4):
//         x[0] = 1.0
//
// The loop must have an iteration, and running the statement twice must be running it once. With `guarded` only the first iteration
// runs it, under an `if`, and it may be any statement.
#include <fmt/format.h>

#include "analysis/repeat.h"
#include "ir/build.h"
#include "ir/print.h"
#include "schedule/labels.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
  Text as, extent;
  bool guarded = false;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_place(rw.before(), args.stmt);
    check_loop_name(args.as);
    const StmtRef old = rw.stmt(path);
    if (!declared_by(old).empty())
      rw.refuse({"add-loop-alloc", "what is declared here is used behind the loop", path, "this one"});
    const ExprRef extent = s.expression(args.extent, path);
    rw.prove(le(num(1), extent),
             {"add-loop-never", fmt::format("`{}` can be less than 1: the loop would not run", print(extent)), path,
              "here"});
    if (!args.guarded) {
      Facts twice = rw.facts(path);
      twice.add(lt(num(1), extent));
      rw.prove_none(not_idempotent(rw.names(), twice, {old}),
                    {"add-loop-repeats",
                     "to run this again and again is not to run it once",
                     path,
                     "this one",
                     {"say `guarded = true`: only the first iteration runs it"}});
    }
    const Sym iter = Sym::fresh(args.as.chars);
    Block body = {old};
    const Label label{iter.name(), "", "", iter.name(), old->label.copies};
    if (args.guarded)
      body = {stmt(If{eq(var(iter), num(0)), std::move(body), {}}, Label{"if", "", "", "", old->label.copies})};
    rw.edit.splice({path, 1}, {stmt(For{iter, num(0), extent, std::move(body), Order::Sequential}, label)});
  });
}

}  // namespace

VERB(add_loop) {
  return make_verb("add_loop", Kind::Primitive, "a statement runs again and again",
                   Signature<Args>()
                       .verb("add_loop", &Args::stmt, "statement", "the statement, or loop")
                       .required("as", &Args::as, "name", "the iterator")
                       .required("extent", &Args::extent, "expression", "how many iterations, at least one")
                       .optional("guarded", &Args::guarded, "bool", "only the first iteration runs it [false]"),
                   run);
}

}  // namespace exo
