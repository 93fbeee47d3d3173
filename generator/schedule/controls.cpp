// The table of controls, written by the build from the names of the files.
#include "schedule/control.h"

namespace exo {

#define EXO_CONTROL(name) Control control_##name();
#include "exo_controls.inc"
#undef EXO_CONTROL

const std::vector<Control>& controls() {
  static const std::vector<Control> all = {
#define EXO_CONTROL(name) control_##name(),
#include "exo_controls.inc"
#undef EXO_CONTROL
  };
  return all;
}

const Control* control_named(const std::string& name) {
  for (const Control& control : controls())
    if (control.name == name) return &control;
  return nullptr;
}

}  // namespace exo
