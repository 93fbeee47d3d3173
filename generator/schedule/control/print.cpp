// print: says something while the schedule runs.
//
//     { print = "{count(stmts(ir))} statements in the register tile" }
//
// `proc`, or the name of a loop or statement alone, prints the program there. Holes are names that steps know, and expressions.
#include "ir/print.h"
#include "schedule/control.h"
#include "schedule/selection.h"

namespace exo {
namespace {

struct Args {
  Text what;
};

void run(Runner& runner, const Args& args) {
  const std::string text = runner.message(args.what);
  const Proc& proc = runner.schedule().now();
  if (text == "proc") return runner.remark(Remark::Message, print(proc));
  Block places;
  for (const Path& p : places_of(proc, text)) places.push_back(stmt_at(proc, p));
  runner.remark(Remark::Message, places.empty() ? text : print(places));
}

}  // namespace

CONTROL(print) {
  return make_control("print", "says something while the schedule runs",
                      Signature<Args>().verb("print", &Args::what, "text", "a text with `{holes}`, `proc`, or a place"),
                      run);
}

}  // namespace exo
