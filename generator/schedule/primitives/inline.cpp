// inline: the body of a procedure in place of a call.
//
//     { inline = "fill" }
//
//     def fill(n : size, x : [f32][n]):
//         for i in seq(0, n):
//             x[i] = 1.0
//     for j in seq(0, m):
//         fill(8, y[j, 0:8])
//   =>
//     for j in seq(0, m):
//         for i in seq(0, 8):
//             y[j, i] = 1.0
//
// Sizes are replaced by what was passed, parameters by the windows passed for them. Nothing is left to prove: the assertions of the
// procedure hold here, and its arguments do not overlap, or the call would not stand. A call of an instruction becomes its
// specification.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/part_edit.h"
#include "schedule/places.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref call;
};

/// The body with the arguments in it.
Block inlined(const Call& call) {
  Substitution values;
  Block body = freshen(call.callee->body), scalars;
  for (size_t i = 0; i < call.args.size(); ++i) {
    const Param& p = call.callee->params[i];
    if (!is_data(p.type.scalar)) {
      values[p.name] = call.args[i];
    } else if (const Window* part = as<Window>(call.args[i])) {
      body = with_part(body, p.name, *part);
    } else {  // a number, which gets a place of its own: rounded to the type of the parameter as it was
      const Sym copy = Sym::fresh(p.name.name());
      scalars.push_back(
          stmt(Alloc{copy, {p.type.scalar, {}, false}, ""}, Label{copy.name() + ".alloc", "", "", "", {}}));
      scalars.push_back(stmt(Assign{copy, {}, call.args[i]}, Label{copy.name() + ".init", "", "", "", {}}));
      body = rename(body, {{p.name, copy}});
    }
  }
  body = substitute(body, values);
  scalars.insert(scalars.end(), body.begin(), body.end());
  return scalars;
}

void run(Schedule& s, const Args& args) {
  const Path path = one_call(s.now(), args.call);
  s.apply([&](Rewrite& rw) {
    const Call& call = *as<Call>(rw.stmt(path));
    for (const ExprRef& e :
         call.args)  // it is evaluated once, before the body, which may change what it reads or use it as an index
      if (mentions_field(e))
        rw.refuse({"inline-config", fmt::format("the argument `{}` reads configuration", print(e)), path, "this call"});
    rw.edit.splice({path, 1}, inlined(call));
  });
}

}  // namespace

VERB(inline) {
  return make_verb("inline", Kind::Primitive, "the body of a procedure in place of a call",
                   Signature<Args>().verb("inline", &Args::call, "call", "the call, by the name of its procedure"),
                   run);
}

}  // namespace exo
