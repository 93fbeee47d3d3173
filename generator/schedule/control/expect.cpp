// expect: refuses the schedule unless a condition holds of the program as it is now.
//
//     { expect = "leftover(proc) == 0", why = "nothing may run on the host core" }
//
// The condition is over params, the target, and what the program says of itself (`exo ops expect` lists the functions). It checks,
// and changes nothing.
#include <fmt/format.h>

#include "schedule/control.h"
#include "support/text.h"

namespace exo {
namespace {

struct Args {
  Text condition;
  std::optional<Text> why;
};

/// The values of the functions and names in the condition: "live(ir) = 34, target.registers = 32".
std::string values_in(const Runner& runner, const Text& condition) {
  const std::string& s = condition.chars;
  std::vector<std::string> out;
  for (size_t i = 0; i < s.size();) {
    size_t end = i;
    while (end < s.size() && (std::isalnum(static_cast<unsigned char>(s[end])) || s[end] == '_' || s[end] == '.'))
      ++end;
    if (end == i || std::isdigit(static_cast<unsigned char>(s[i]))) {
      i = std::max(end, i + 1);
      continue;
    }
    if (end < s.size() && s[end] == '(') {
      int depth = 0;
      do depth += s[end] == '(' ? 1 : s[end] == ')' ? -1 : 0;
      while (++end < s.size() && depth > 0);
    }
    const Text part = subtext(condition, i, end);
    i = end;
    if (part.chars == "and" || part.chars == "or" || part.chars == "not" || part.chars.rfind("type(", 0) == 0) continue;
    Problems ignored;  // of a part that stands in no condition by itself
    Scalar type{};
    if (scalar_named(part.chars, type)) continue;
    ignored.attempt([&] { out.push_back(fmt::format("{} = {}", part.chars, runner.integer(part))); });
  }
  return join(out, ", ");
}

void run(Runner& runner, const Args& args) {
  if (runner.integer(args.condition) != 0) return;
  Diagnostic d{"expect", fmt::format("`{}` does not hold here", args.condition.chars), {}, {}, {}};
  d.at(args.condition.whole());
  if (args.why) d.note("why: " + runner.message(*args.why));
  if (const std::string values = values_in(runner, args.condition); !values.empty()) d.note("here " + values);
  reject(std::move(d));
}

}  // namespace

CONTROL(expect) {
  return make_control("expect", "refuses the schedule unless a condition holds of the program as it is now",
                      Signature<Args>()
                          .verb("expect", &Args::condition, "condition", "over params, the target, and the program")
                          .optional("why", &Args::why, "text", "what it is good for, said where it does not hold"),
                      run);
}

}  // namespace exo
