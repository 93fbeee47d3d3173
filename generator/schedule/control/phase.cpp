// phase: a heading for the steps behind it. It does nothing.
//
//     { phase = "register tile" }
#include "schedule/control.h"

namespace exo {
namespace {

struct Args {
  std::string heading;
};

void run(Runner&, const Args&) {}

}  // namespace

CONTROL(phase) {
  return make_control("phase", "a heading for the steps behind it",
                      Signature<Args>().verb("phase", &Args::heading, "text", "the heading"), run);
}

}  // namespace exo
