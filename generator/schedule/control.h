// What runs other steps, or says something about them: `for`, `try`, `first`, `repeat`, `phase`, `expect`, `print`, `warn`. Each file
// of control/ defines one: `CONTROL(repeat) { return make_control(...); }`.
#pragma once

#include "schedule/runner.h"

namespace exo {

struct Control {
  std::string name, brief;
  std::vector<KeyDoc> keys;  // the control itself first
  std::function<void(Runner&, const TomlTable&)> run;
};

template <class Args>
Control make_control(const char* name, const char* brief, const Signature<Args>& signature,
                     void (*run)(Runner&, const std::type_identity_t<Args>&)) {
  return {name, brief, signature.keys.docs(), [keys = signature.keys, run](Runner& r, const TomlTable& step) {
            Args args;
            keys.read(step, r.schedule().context(), &args);
            run(r, args);
          }};
}

const std::vector<Control>& controls();
const Control* control_named(const std::string& name);

#define CONTROL(name) ::exo::Control control_##name()

}  // namespace exo
