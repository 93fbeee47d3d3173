// The table of the documentation: which instructions of a target were run beside their specifications, and how they were compared.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "conformance/conformance.h"
#include "support/text.h"

namespace exo {
namespace {

/// How the two were compared, in the order of the table.
std::string comparison(const Instruction& i) {
  std::vector<std::string> parts;
  if (i.ulp > 0) parts.push_back(fmt::format("within {} ulp", i.ulp));
  if (!i.keeps_order) parts.push_back("summed in any order");
  if (!i.keeps_denormals) parts.push_back("denormal numbers as zero");
  return parts.empty() ? "bit for bit" : join(parts, ", ");
}

/// What holds at all lengths of vectors: an instruction was executed if it was at each of them.
Conformance at_all(const std::vector<Conformance>& lengths) {
  Conformance out = lengths.front();
  for (const Conformance& one : lengths) {
    out.executed = out.executed && one.executed;
    for (size_t k = 0; k < out.findings.size(); ++k)
      if (out.findings[k].kind == Finding::Agrees) out.findings[k] = one.findings.at(k);
  }
  if (lengths.size() > 1 && out.executed)
    out.where = fmt::format("{} to {}", lengths.front().where,
                            lengths.back().where.substr(lengths.back().where.rfind(" of ") + 4));
  return out;
}

}  // namespace

std::string conformance_table(const Target& target, const std::vector<Conformance>& lengths) {
  const Conformance found = at_all(lengths);
  std::map<std::string, std::vector<std::string>> rows;  // names by what was done
  size_t executed = 0;
  const auto inherited = std::count_if(target.instructions.begin(), target.instructions.end(),
                                       [](const Instruction& i) { return i.inherited; });
  for (const Finding& f : found.findings) {
    const Instruction& i = *target.instruction(f.instruction);
    executed += f.kind == Finding::Agrees;
    if (i.inherited && f.kind != Finding::Differs) continue;
    const std::string how = f.kind == Finding::NotExecuted ? "*not executed*: " + f.detail
                            : f.kind == Finding::Differs   ? "*contradicts its specification*: " + f.detail
                                                           : comparison(i);
    rows[how].push_back(f.instruction);
  }
  std::string out =
      fmt::format("## {}\n\n{} of {} instructions executed", target.name, executed, found.findings.size());
  if (found.executed) out += found.where == "here" ? fmt::format(" on {}", target.arch) : " " + found.where;
  if (inherited > 0) out += fmt::format("; {} more are those of {}", inherited, join(target.extends, ", "));
  out += ".\n";
  if (!rows.empty()) out += "\n| compared | instructions |\n|---|---|\n";
  for (const auto& [how, names] : rows) out += fmt::format("| {} | `{}` |\n", how, join(names, "` `"));
  return out;
}

}  // namespace exo
