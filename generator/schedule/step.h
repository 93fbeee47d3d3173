// The shape of a step: one verb with keys that it has. Looked at before anything runs.
#pragma once

#include "schedule/op.h"
#include "schedule/verb.h"

namespace exo {

struct Control;

/// Keys that any step may have.
const std::set<std::string>& keys_of_any_step();

/// Problems that need no program, in a list of steps and the steps inside them: a step without a verb, with two, with a key that
/// its verb does not have; a call of an op that lacks an argument. `title` is what the list is called: "`sgemm`", "op `gemm`".
void check_list(const TomlArray& steps, const std::string& title, const Module* module, Problems& problems);

/// What a step does.
struct Action {
  const TomlKey* key = nullptr;  // of the verb
  const Verb* verb = nullptr;    // one of these three
  const Control* control = nullptr;
  OpCall call;
};
/// Of a step that check_list() has seen.
Action action_of(const TomlTable& step, const Module* module);

}  // namespace exo
