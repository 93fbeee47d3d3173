#include "recipe/report.h"

#include <fmt/format.h>

#include "ir/print.h"
#include "recipe/show.h"
#include "support/text.h"

namespace exo {
namespace {

std::string listing(const char* language, const std::string& text) {
  return fmt::format("```{}\n{}{}```\n\n", language, text, text.empty() || text.back() == '\n' ? "" : "\n");
}

}  // namespace

void Report::add(const ScheduledVariant& v) {
  std::string out;
  if (!v.context.params.empty()) {
    std::vector<std::string> numbers;
    for (const auto& [name, value] : v.context.params) numbers.push_back(fmt::format("{} = {}", name, value));
    out += "Params: " + join(numbers, ", ") + ".\n\n";
  }
  for (const Remark& r : v.done.remarks)
    out += fmt::format("- {}{}: {}\n", r.kind == Remark::Warning ? "warning, " : "", r.where, r.text);
  if (!v.done.remarks.empty()) out += "\n";
  out += "The steps, composites and ops taken apart:\n\n" + listing("toml", flat_schedule(v));
  sections_[{v.kernel.algorithm.get(), v.variant.name}] = out;
}

std::string Report::text(const EmitKernel& kernel) const {
  std::string out = fmt::format("# {}\n\n", kernel.name);
  if (!kernel.brief.empty()) out += kernel.brief + "\n\n";
  out += fmt::format("From `{}`. Variants in the order in which they are tried.\n\n", kernel.recipe);
  out += listing("", print(*kernel.algorithm));
  for (const EmitVariant& v : kernel.variants) {
    out += fmt::format("## {}\n\nTarget `{}`", v.name, v.target->name);
    if (!v.target->features.empty()) out += ", needs " + join(v.target->features, " ");
    if (const auto flags = v.target->flags.find("gnu"); flags != v.target->flags.end() && !flags->second.empty())
      out += fmt::format(", compiled with `{}`", join(flags->second, " "));
    if (v.when) out += fmt::format(", taken when `{}`", print(v.when));
    out += ".\n\n";
    if (const auto it = sections_.find({kernel.algorithm.get(), v.name}); it != sections_.end()) out += it->second;
    out += "The program:\n\n" + listing("", print(*v.proc));
  }
  return out;
}

}  // namespace exo
