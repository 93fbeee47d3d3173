// extract: a loop or statement becomes a procedure, and a call of it.
//
//     { extract = "k", as = "dot" }
//
//     for i in seq(0, n):
//         for k in seq(0, m):
//             y[i] += a[i, k] * x[k]
//   =>
//     def dot(m : size, a : [f32][m], x : f32[m], y : f32):
//         for k in seq(0, m):
//             y += a[k] * x[k]
//     for i in seq(0, n):
//         dot(m, a[i, 0:m], x, y[i])
//
// The procedure gets of each buffer the box that the statement touches, the sizes and iterators that are left, and what is known of
// them as assertions; it is proved in bounds by itself, and the call is proved to keep its assertions. Each buffer is
// handed once, so no two arguments can overlap. Other places that do the same become calls with `map`, and `call_eqv` puts
// a procedure derived from this one in its place.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/cut_out.h"
#include "schedule/labels.h"
#include "schedule/places.h"
#include "schedule/procedures.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref what;
  Text as;
};

/// Is a procedure of that name in use, here or in the recipe?
void check_free(const Schedule& s, const Text& name) {
  check_procedure_name(name);
  bool taken = s.target().instruction(name.chars) || s.now().name == name.chars;
  each_stmt(s.now().body, [&](const StmtRef& at) {
    if (const Call* c = as<Call>(at)) taken = taken || c->callee->name == name.chars;
  });
  const Procedures& procs = *s.context().procs;
  if (taken || (procs.knows(name.chars) && !procs.extracted(name.chars)))
    reject(Diagnostic{"name-taken", fmt::format("there is already a procedure called `{}`", name.chars), {}, {}, {}}.at(
        name.whole()));
}

void run(Schedule& s, const Args& args) {
  check_free(s, args.as);
  const Path path = one_place(s.now(), args.what);
  if (const StmtRef& at = stmt_at(s.now(), path); as<Alloc>(at) || as<Alias>(at))
    s.apply([&](Rewrite& rw) {
      rw.refuse({"extract-declaration",
                 "what is declared here is used behind it",
                 path,
                 "here",
                 {"name the loop or statement that is to become a procedure"}});
    });
  ProcRef proc;
  s.apply([&](Rewrite& rw) {
    const CutOut cut = cut_out(rw, path, args.as.chars);
    proc = cut.proc;
    rw.edit.splice({path, 1}, {stmt(cut.call, Label{args.as.chars, "", "", "", rw.stmt(path)->label.copies})});
  });
  s.context().procs->add(proc);
}

}  // namespace

VERB(extract) {
  return make_verb("extract", Kind::Primitive, "a loop or statement becomes a procedure, and a call of it",
                   Signature<Args>()
                       .verb("extract", &Args::what, "place", "the loop or statement")
                       .required("as", &Args::as, "name", "the name of the procedure"),
                   run);
}

}  // namespace exo
