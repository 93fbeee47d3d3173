// NAME.json: what the build system needs to know.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "emit/c_files.h"

namespace exo {

std::string manifest(const Entry& entry) {
  using Json = nlohmann::ordered_json;
  const EmitKernel& kernel = entry.kernel;
  Json sources = Json::array();
  sources.push_back({{"file", kernel.name + ".dispatch.c"}});
  std::vector<std::string> targets;
  for (size_t i = 0; i < kernel.variants.size(); ++i) {
    const EmitVariant& variant = kernel.variants[i];
    Json flags = Json::object();
    for (const auto& [compiler, list] : variant.target->flags) flags[compiler] = list;
    sources.push_back({{"file", entry.variant_file(i)},
                       {"variant", variant.name},
                       {"ident", entry.idents[i]},
                       {"target", variant.target->name},
                       {"arch", variant.target->arch},
                       {"flags", flags},
                       {"emulated", variant.emulated}});
    for (const std::string& input : variant.target->inputs)
      if (std::find(targets.begin(), targets.end(), input) == targets.end()) targets.push_back(input);
  }
  Json out = {{"kernel", kernel.name}, {"brief", kernel.brief},   {"header", kernel.name + ".h"},
              {"sources", sources},    {"inputs", kernel.inputs}, {"absent", kernel.absent},
              {"targets", targets}};
  if (!kernel.report.empty()) out["report"] = kernel.name + ".report.md";
  if (kernel.plain) out["test"] = kernel.name + ".test.c";
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace exo
