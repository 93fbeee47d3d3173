// specialize: copies of a statement or loop, one for each of some cases.
//
//     { specialize = "i", cases = ["n == 8"] }
//
//     for i in seq(0, n):
//         x[i] = 0.0
//   =>
//     if n == 8:
//         for i in seq(0, n):
//             x[i] = 0.0
//     else:
//         for i in seq(0, n):
//             x[i] = 0.0
//
// Every copy is the same program, so nothing needs to be proved. The copies are called `case0`, `case1` ... and `otherwise`.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/labels.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
  std::vector<Text> cases;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_place(rw.before(), args.stmt);
    const StmtRef old = rw.stmt(path);
    if (!declared_by(old).empty())
      rw.refuse({"specialize-alloc", "what is declared here is used behind the cases", path, "this one"});
    if (args.cases.empty()) rw.refuse({"specialize-cases", "no cases are given", path, "this one"});
    Block rest = as_copy(freshen({old}), "otherwise");
    for (size_t i = args.cases.size(); i-- > 0;) {
      const Block copy = as_copy(i == 0 ? Block{old} : freshen({old}), fmt::format("case{}", i));
      rest = {stmt(If{s.condition(args.cases[i], path), copy, rest}, Label{"if", "", "", "", old->label.copies})};
    }
    rw.edit.splice({path, 1}, rest);
  });
}

}  // namespace

VERB(specialize) {
  return make_verb("specialize", Kind::Primitive, "copies of a statement or loop, one for each of some cases",
                   Signature<Args>()
                       .verb("specialize", &Args::stmt, "statement", "the statement, or loop")
                       .required("cases", &Args::cases, "conditions", "one copy for each, the first that holds runs"),
                   run);
}

}  // namespace exo
