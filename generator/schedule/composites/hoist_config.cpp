// hoist_config: statements that set configuration go out of loops and conditions as far as is legal.
//
//     { hoist_config = "ld.*", to = "outermost", drop_repeats = true }
//
// Each such statement is set once more in front of the scope around it (`write_config`) and then deleted where it stood
// (`delete_config`), scope by scope, as long as both are proved; with the name of a loop in `to`, no further than in front of that
// loop. With `drop_repeats`, statements that set a field to what it holds already go.
#include <algorithm>

#include <fmt/format.h>

#include "analysis/config.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/configuration.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref which;
  Text to{"outermost", {}, {}};
  bool drop_repeats = false;
};

/// The program after the primitive; nothing where something that it states is not proved.
ProcRef tried(const Schedule& s, const ProcRef& before, const std::function<void(Rewrite&)>& primitive) {
  try {
    Outcome outcome = attempt(before, s.context(), primitive);
    return outcome.failures.empty() ? outcome.after : nullptr;
  } catch (const Rejected&) {  // a loop that runs in parallel
    return nullptr;
  }
}

/// Does everything that the expression names exist in front of the scope?
bool known_outside(const StmtRef& scope, const ExprRef& value) {
  std::vector<Sym> inside;
  each_stmt({scope}, [&](const StmtRef& s) {
    if (const Sym sym = bound_by(*s)) inside.push_back(sym);
  });
  return std::none_of(inside.begin(), inside.end(), [&](Sym sym) { return mentions(value, sym); });
}

/// Out of the scope around it; the new place if that is legal.
std::optional<Path> outward(Schedule& s, const Path& path) {
  const Path scope = parent(path);
  if (scope.empty()) return std::nullopt;
  const Configure old = *as<Configure>(stmt_at(s.now(), path));
  if (!known_outside(stmt_at(s.now(), scope), old.value)) return std::nullopt;
  const auto set = [&](Rewrite& rw) { write_config(rw, scope, old.field, old.value); };
  Path behind = path;
  ++behind[scope.size() - 1].index;
  const auto drop = [&](Rewrite& rw) { delete_config(rw, behind); };
  const ProcRef between = tried(s, s.proc(), set);
  if (!between || !tried(s, between, drop)) return std::nullopt;
  s.apply(set);
  s.apply(drop);
  return scope;
}

/// Statements that set a field to what it holds already.
void drop_repeats(Schedule& s, const std::string& name) {
  for (bool again = true; again;) {
    again = false;
    for (const Path& path : find_configures(s.now(), name)) {
      const Configure& old = *as<Configure>(stmt_at(s.now(), path));
      const Configuration state = configuration_at(s.now(), path);
      const ExprRef value = ConfigurationFlow(s.now()).value(state, old.value);
      const auto held = state.find(old.field);
      if (held == state.end() || !value || !same_value(facts_at(s.now(), path), held->second, value)) continue;
      const auto drop = [&](Rewrite& rw) { delete_config(rw, path); };
      if (!tried(s, s.proc(), drop)) continue;
      s.apply(drop);
      again = true;
      break;
    }
  }
}

void run(Schedule& s, const Args& args) {
  all_configures(s.now(), args.which);
  std::optional<Sym> limit;
  if (args.to.chars != "outermost") limit = as<For>(stmt_at(s.now(), one_loop(s.now(), Ref{args.to})))->iter;
  if (args.drop_repeats) drop_repeats(s, args.which.str());
  const size_t count = find_configures(s.now(), args.which.str()).size();
  for (size_t i = 0; i < count; ++i) {
    std::optional<Path> path = find_configures(s.now(), args.which.str())[i];
    while (path) {
      if (limit) {  // it stands in front of that loop, or somewhere else
        const auto around = loops_around(s.now(), *path);
        const auto at_limit = [&](const Path& p) { return as<For>(stmt_at(s.now(), p))->iter == *limit; };
        if (std::none_of(around.begin(), around.end(), at_limit)) break;
      }
      path = outward(s, *path);
    }
  }
  if (args.drop_repeats) drop_repeats(s, args.which.str());
}

}  // namespace

VERB(hoist_config) {
  return make_verb("hoist_config", Kind::Composite, "statements that set configuration go outward as far as is legal",
                   Signature<Args>()
                       .verb("hoist_config", &Args::which, "field", "a field, a group `ld.*`, or `*`")
                       .optional("to", &Args::to, "loop", "in front of which loop at the outermost [outermost]")
                       .optional("drop_repeats", &Args::drop_repeats, "bool", "what is set to what it holds goes"),
                   run);
}

}  // namespace exo
