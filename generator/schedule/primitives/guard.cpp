// guard: put a statement under a condition that holds there.
//
//     { guard = "x.init", by = "i < n" }
//
//     for i in seq(0, n):
//         x[i] = 0.0
//   =>
//     for i in seq(0, n):
//         if i < n:
//             x[i] = 0.0
//
// The condition must hold each time that the statement is reached.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
  Text by;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_place(rw.before(), args.stmt);
    const ExprRef condition = s.condition(args.by, path);
    const StmtRef old = rw.stmt(path);
    if (!declared_by(old).empty())
      rw.refuse({"guard-alloc", "what is declared here is used behind the condition", path, "this one"});
    rw.prove(condition, {"guard-false", fmt::format("`{}` does not always hold here", print(condition)), path, "here"});
    rw.edit.wrap({path, 1}, [&](Block body) {
      return stmt(If{condition, std::move(body), {}}, Label{"if", "", "", "", old->label.copies});
    });
  });
}

}  // namespace

VERB(guard) {
  return make_verb("guard", Kind::Primitive, "put a statement under a condition that holds there",
                   Signature<Args>()
                       .verb("guard", &Args::stmt, "statement", "the statement, or loop")
                       .required("by", &Args::by, "condition", "what holds there"),
                   run);
}

}  // namespace exo
