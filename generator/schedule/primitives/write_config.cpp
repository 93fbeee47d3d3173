// write_config: a configuration field gets a value.
//
//     { write_config = "ld.stride", value = "m", before = "i" }
//
//     for i in seq(0, n):
//         ld.stride = m
//         y[i] = x[i]
//   =>
//     ld.stride = m
//     for i in seq(0, n):
//         ld.stride = m
//         y[i] = x[i]
//
// The new statement stands in front of the one that `before` names. Either the field holds that value there already, or it is set
// again before anything reads it: instructions that assert something about it, their specifications, conditions, values. No loop
// around the place runs in parallel. What configuration holds where a kernel ends, nobody looks at.
#include <fmt/format.h>

#include "analysis/config.h"
#include "analysis/exposure.h"
#include "ir/build.h"
#include "ir/label.h"
#include "ir/print.h"
#include "schedule/configuration.h"
#include "schedule/places.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Text field, value;
  Ref before;
};

void run(Schedule& s, const Args& args) {
  const Sym field = one_field(s, args.field);
  const Path path = one_place(s.now(), args.before);
  const ExprRef value = s.value(args.value, path, field.field_type());
  s.apply([&](Rewrite& rw) { write_config(rw, path, field, value); });
}

void refuse_parallel(Rewrite& rw, const Path& path, Sym field) {
  for (const Path& loop : loops_around(rw.before(), path))
    if (rw.loop(loop).order == Order::Parallel)
      rw.refuse({"config-parallel",
                 fmt::format("iterations of `{}` that run at the same time would all set `{}`",
                             rw.loop(loop).iter.name(), field.name()),
                 loop,
                 "this loop",
                 {"set it in front of the loop"}});
}

}  // namespace

std::optional<std::string> unwritable(const Proc& proc, const Path& path, From from, Sym field) {
  const auto read = next_read(proc, path, from, field);
  if (!read) return std::nullopt;
  const auto at = find(proc, [&](const StmtRef& s) { return s.get() == read->stmt; });
  return headline(stmt_at(proc, at.at(0)));
}

void write_config(Rewrite& rw, const Path& path, Sym field, const ExprRef& value) {
  Spelling(rw, "write_config").key("write_config", field.name()).key("value", value).place_key("before", path);
  refuse_parallel(rw, path, field);
  const StmtRef made = stmt(Configure{field, value}, Label{field.name(), "", "", "", rw.stmt(path)->label.copies});
  const Facts facts = rw.facts(path);
  for (Violation& v : violations(rw.names(), facts, {made}, 1))
    rw.fail({{"write-config-value", v.problem.message, path, "in front of this statement"}, v.verdict, std::nullopt});
  const Configuration state = configuration_at(rw.before(), path);
  const ExprRef known = ConfigurationFlow(rw.before()).value(state, value);
  const bool held = state.count(field) && known && same_value(facts, state.at(field), known);
  if (const auto reader = held ? std::nullopt : unwritable(rw.before(), path, From::Before, field))
    rw.fail({{"write-config-seen",
              fmt::format("`{}` would hold another value where `{}` reads it", field.name(), *reader),
              path,
              "in front of this statement",
              {fmt::format("set `{}` again in front of that statement first", field.name())}},
             {Verdict::Refuted, {}},
             std::nullopt});
  rw.edit.splice({path, 0}, {made});
}

VERB(write_config) {
  return make_verb(
      "write_config", Kind::Primitive, "a configuration field gets a value",
      Signature<Args>()
          .verb("write_config", &Args::field, "field", "the field")
          .required("value", &Args::value, "expression", "what it is to hold")
          .required("before", &Args::before, "statement", "the statement or loop in front of which it is set"),
      run);
}

}  // namespace exo
