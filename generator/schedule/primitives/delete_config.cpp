// delete_config: a statement that sets a configuration field goes.
//
//     { delete_config = "ld.stride#1" }
//
//     ld.stride = m
//     for i in seq(0, n):
//         ld.stride = m
//         y[i] = x[i]
//   =>
//     ld.stride = m
//     for i in seq(0, n):
//         y[i] = x[i]
//
// Either the field holds that value already wherever the statement runs, or it is set again before anything reads it.
#include <algorithm>

#include <fmt/format.h>

#include "analysis/config.h"
#include "analysis/exposure.h"
#include "ir/build.h"
#include "ir/print.h"
#include "schedule/configuration.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"
#include "support/text.h"

namespace exo {
namespace {

struct Args {
  Ref which;
};

void run(Schedule& s, const Args& args) {
  const auto found = all_configures(s.now(), args.which);
  if (found.size() > 1)
    reject(Diagnostic{
        "ambiguous-reference", fmt::format("`{}` is set by {} statements", args.which.str(), found.size()), {}, {}, {}}
               .at(args.which.text.whole())
               .help(fmt::format("say which one: `{0}#0` to `{0}#{1}`", args.which.str(), found.size() - 1)));
  s.apply([&](Rewrite& rw) { delete_config(rw, found.front()); });
}

}  // namespace

void delete_config(Rewrite& rw, const Path& path) {
  const Configure& old = *as<Configure>(rw.stmt(path));
  const auto all = find_configures(rw.before(), old.field.name());
  Spelling(rw, "delete_config")
      .key("delete_config",
           fmt::format("{}#{}", old.field.name(), std::find(all.begin(), all.end(), path) - all.begin()));
  const Configuration state = configuration_at(rw.before(), path);
  const ExprRef known = ConfigurationFlow(rw.before()).value(state, old.value);
  const bool held = state.count(old.field) && known && same_value(rw.facts(path), state.at(old.field), known);
  rw.edit.splice({path, 1}, {});
  if (held) return;
  if (const auto reader = unwritable(*rw.edit.proc(), path, From::Before, old.field))
    rw.fail({{"delete-config-seen",
              fmt::format("`{}` would hold another value where `{}` reads it", old.field.name(), *reader), path,
              "without this statement"},
             {Verdict::Refuted, {}},
             std::nullopt});
}

VERB(delete_config) {
  return make_verb("delete_config", Kind::Primitive, "a statement that sets a configuration field goes",
                   Signature<Args>().verb("delete_config", &Args::which, "field",
                                          "the field, with `#n` where several statements set it"),
                   run);
}

}  // namespace exo
