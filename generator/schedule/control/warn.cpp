// warn: a warning, shown when the kernel is generated.
//
//     { warn = "no vector instructions on {target}: plain C" }
#include "schedule/control.h"

namespace exo {
namespace {

struct Args {
  Text what;
};

void run(Runner& runner, const Args& args) { runner.remark(Remark::Warning, runner.message(args.what)); }

}  // namespace

CONTROL(warn) {
  return make_control("warn", "a warning, shown when the kernel is generated",
                      Signature<Args>().verb("warn", &Args::what, "text", "a text with `{holes}`"), run);
}

}  // namespace exo
