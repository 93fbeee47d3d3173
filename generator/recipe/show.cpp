#include "recipe/show.h"

#include <fmt/format.h>

#include "ir/print.h"
#include "schedule/expand.h"
#include "support/difference.h"
#include "toml/write.h"

namespace exo {
namespace {

std::string heading(const ScheduledVariant& variant) {
  return fmt::format("# {}, variant {}\n", variant.kernel.name, variant.variant.name);
}

std::string heading(const AppliedStep& step) {
  return fmt::format("\n# {}\n# {}\n", step.where, write_toml(step.step));
}

}  // namespace

std::string every_step(const ScheduledVariant& variant) {
  std::string out = heading(variant);
  if (!variant.done.steps.empty()) out += "\n# before the first step\n" + print(*variant.done.steps.front().before);
  for (const AppliedStep& step : variant.done.steps) out += heading(step) + print(*step.after);
  return out + "\n";
}

std::string every_change(const ScheduledVariant& variant) {
  std::string out = heading(variant);
  for (const AppliedStep& step : variant.done.steps) {
    const std::string changed = difference(print(*step.before), print(*step.after));
    out += heading(step) + (changed.empty() ? "# changes nothing\n" : changed);
  }
  return out + "\n";
}

std::string flat_schedule(const ScheduledVariant& v) {
  std::string out = heading(v) + fmt::format("[schedule.{}_{}]\nsteps = [\n", v.kernel.name, v.variant.name);
  for (const std::string& line : expand(v.algorithm, v.context, v.done)) out += "  " + line + ",\n";
  return out + "]\n\n";
}

}  // namespace exo
