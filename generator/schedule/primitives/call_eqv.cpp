// call_eqv: a call goes over to an equivalent procedure.
//
//     { call_eqv = "fill", to = "fill_8" }
//
//     def fill(n : size, x : [f32][n]):
//         for i in seq(0, n):
//             x[i] = 1.0
//     [proc.fill_8] from = "fill", steps = [{ partial_eval = "proc", with = { n = 8 } }, { unroll = "i" }]
//     for j in seq(0, m):
//         fill(8, y[j, 0:8])
//   =>
//     for j in seq(0, m):
//         fill_8(y[j, 0:8])
//
// Both come from one procedure by steps, each of which was proved to keep the meaning wherever the assertions hold. So the new one
// does the same where its own assertions hold, which is proved here, and where the parameters that `partial_eval` took away
// have the values that it gave them. What either leaves in configuration must be the same, or set again before it is read.
#include <fmt/format.h>

#include "analysis/config.h"
#include "analysis/exposure.h"
#include "ir/build.h"
#include "ir/print.h"
#include "schedule/places.h"
#include "schedule/procedures.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref call;
  Text to;
};

void check_class(const Rewrite& rw, const Path& path, const Origin& from, const Origin& to) {
  if (from.root == to.root) return;
  rw.refuse(
      {"call-eqv-class",
       fmt::format("`{}` is not equivalent to `{}`", to.proc->name, from.proc->name),
       path,
       "this call",
       {fmt::format("it comes from `{}`, the other from `{}`; a procedure is equivalent to those that `[proc.NAME]` "
                    "derives from it, while its parameters keep their types and shapes",
                    to.root->name, from.root->name)}});
}

/// Both leave the same in every field that is looked at afterwards.
void prove_configuration(Rewrite& rw, const Path& path, const Call& next) {
  const StmtRef& old = rw.stmt(path);
  const StmtRef made = stmt(next);
  std::set<Sym> fields = configured({old});
  fields.merge(configured({made}));
  if (fields.empty()) return;
  const ConfigurationFlow flow(rw.before());
  Configuration a = configuration_at(rw.before(), path), b = a;
  flow.advance(a, old), flow.advance(b, made);
  for (const Sym field : fields) {
    if (a.count(field) && b.count(field) && same_value(rw.facts(path), a.at(field), b.at(field))) continue;
    const auto read = next_read(rw.before(), path, From::Behind, field);
    if (!read) continue;
    const auto at = find(rw.before(), [&](const StmtRef& s) { return s.get() == read->stmt; });
    rw.fail({{"call-eqv-config",
              fmt::format("`{}` may leave another `{}` than `{}`, and `{}` reads it", next.callee->name, field.name(),
                          as<Call>(old)->callee->name, headline(rw.stmt(at.at(0)))),
              path,
              "this call",
              {fmt::format("set `{}` behind the call, with `write_config`", field.name())}},
             {Verdict::Refuted, {}},
             std::nullopt});
  }
}

ExprRef is_value(const ExprRef& passed, const ExprRef& value) {
  const Bool* truth = as<Bool>(value);
  return !truth ? eq(passed, value) : truth->value ? passed : negate(passed);
}

/// What was passed, by the parameters of the root.
Substitution passed(const Call& call, const Origin& from) {
  Substitution out = from.fixed;
  for (const auto& [root, own] : from.params)
    for (size_t i = 0; i < call.args.size(); ++i)
      if (call.callee->params[i].name == own) out[root] = call.args[i];
  return out;
}

void call_eqv(Rewrite& rw, const Path& path, const ProcRef& to) {
  const Call& call = *as<Call>(rw.stmt(path));
  const Origin from = rw.context.procs->origin(call.callee), other = rw.context.procs->origin(to);
  check_class(rw, path, from, other);
  const Substitution values = passed(call, from);
  for (const auto& [root, value] : other.fixed)
    rw.prove(is_value(values.at(root), value),
             {"call-eqv-value", fmt::format("`{}` is made for `{}` = {}", to->name, root.name(), print(value)), path,
              fmt::format("`{}` is `{}` here", root.name(), print(values.at(root)))});
  Call next{to, {}};
  for (const Param& p : to->params)
    for (const auto& [root, own] : other.params)
      if (own == p.name) next.args.push_back(values.at(root));
  Label label = rw.stmt(path)->label;
  label.name = to->name;
  for (Violation& v : violations(rw.names(), rw.facts(path), {stmt(next)}, 1))
    rw.fail({{"call-eqv-precondition", v.problem.message, path, "this call"}, v.verdict, std::nullopt});
  prove_configuration(rw, path, next);
  rw.edit.splice({path, 1}, {stmt(next, label)});
}

void run(Schedule& s, const Args& args) {
  const Path path = one_call(s.now(), args.call);
  const ProcRef to = s.context().procs->wanted(args.to, s.context());
  s.apply([&](Rewrite& rw) { call_eqv(rw, path, to); });
}

}  // namespace

VERB(call_eqv) {
  return make_verb("call_eqv", Kind::Primitive, "a call goes over to an equivalent procedure",
                   Signature<Args>()
                       .verb("call_eqv", &Args::call, "call", "the call, by the name of its procedure")
                       .required("to", &Args::to, "procedure", "a procedure that comes from the same one"),
                   run);
}

}  // namespace exo
