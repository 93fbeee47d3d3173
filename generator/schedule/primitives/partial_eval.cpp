// partial_eval: a procedure for given values of some of its sizes.
//
// In `[proc.NAME]`, whose callers then need not pass them: the values are proved where a call goes over to it.
//
//     { partial_eval = "proc", with = { n = 4 } }
//
//     for i in seq(0, n):
//         x[i] = 1.0
//   =>
//     for i in seq(0, 4):
//         x[i] = 1.0
//
// The parameters go and their values stand in their place: in the body, in the shapes of the others, in the assertions.
#include <algorithm>

#include <fmt/format.h>

#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/procedures.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref proc;
  std::vector<std::pair<Text, Text>> with;
};

const Param& control_param(const Rewrite& rw, const Text& name) {
  std::vector<std::string> known;
  for (const Param& p : rw.before().params) {
    if (is_data(p.type.scalar)) continue;
    if (p.name.name() == name.chars) return p;
    known.push_back(p.name.name());
  }
  reject(Diagnostic{"partial-eval-name",
                    fmt::format("`{}` has no size, index or bool `{}`", rw.before().name, name.chars),
                    {},
                    {},
                    {}}
             .at(name.span)
             .help(known.empty() ? "only these can have a value" : suggestion(name.chars, known)));
}

ExprRef value_of(const Rewrite& rw, const Param& p, const Text& text) {
  if (p.type.scalar == Scalar::Bool) {
    if (text.chars == "True" || text.chars == "true") return truth(true);
    if (text.chars == "False" || text.chars == "false") return truth(false);
    return truth(rw.context.integer(text) != 0);
  }
  const int64_t value = rw.context.integer(text);
  if (value < 0 && p.type.scalar == Scalar::Size)
    reject(Diagnostic{
        "partial-eval-size", fmt::format("`{}` is a size, and cannot be {}", p.name.name(), value), {}, {}, {}}
               .at(text.span));
  return num(value);
}

void partial_eval(Rewrite& rw, const Args& args) {
  only_in_proc(rw, "partial_eval");
  Substitution values;
  for (const auto& [name, text] : args.with) {
    const Param& p = control_param(rw, name);
    const ExprRef value = value_of(rw, p, text);
    values[p.name] = value;
    rw.assume(binary(BinaryOp::Eq, var(p.name), value));
  }
  if (!rw.before().body.empty())
    rw.edit.splice({{PathStep{Slot::Body, 0}}, rw.before().body.size()}, substitute(rw.before().body, values));
  rw.edit.head([&](Proc& proc) {
    proc.params.erase(std::remove_if(proc.params.begin(), proc.params.end(),
                                     [&](const Param& p) { return values.count(p.name) > 0; }),
                      proc.params.end());
    for (Param& p : proc.params)
      for (ExprRef& e : p.type.shape) e = simplify(substitute(e, values), {});
    Exprs left;
    for (const ExprRef& e : proc.asserts) {
      const ExprRef now = simplify(substitute(e, values), {});
      if (const Bool* b = as<Bool>(now); !b || !b->value) left.push_back(now);
    }
    proc.asserts = std::move(left);
  });
}

void run(Schedule& s, const Args& args) {
  check_is_proc(s.now(), args.proc);
  s.apply([&](Rewrite& rw) { partial_eval(rw, args); });
}

}  // namespace

VERB(partial_eval) {
  return make_verb("partial_eval", Kind::Primitive, "a procedure for given values of some of its sizes",
                   Signature<Args>()
                       .verb("partial_eval", &Args::proc, "procedure", "`proc`: the one that is being derived")
                       .required("with", &Args::with, "table", "sizes, indices and bools by name, and their values"),
                   run);
}

}  // namespace exo
