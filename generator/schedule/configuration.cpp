#include "schedule/configuration.h"

#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "support/text.h"

namespace exo {

Sym one_field(const Schedule& s, const Text& name) {
  std::vector<std::string> known;
  for (const std::vector<Sym>& fields : {s.context().fields, fields_of(s.target().configs)})
    for (const Sym field : fields) {
      if (field.name() == name.chars) return field;
      known.push_back(field.name());
    }
  Diagnostic d{"unknown-field", fmt::format("there is no configuration field `{}`", name.chars), {}, {}, {}};
  d.at(name.whole())
      .help(known.empty() ? "fields are declared by `[config.NAME]` in the recipe or its targets"
                          : suggestion(name.chars, known));
  reject(std::move(d));
}

std::vector<Path> find_configures(const Proc& proc, const std::string& name) {
  const size_t hash = name.find('#');
  const std::string wanted(trim(name.substr(0, hash)));
  const bool group = wanted.size() > 2 && wanted.compare(wanted.size() - 2, 2, ".*") == 0;
  auto found = find(proc, [&](const StmtRef& s) {
    const Configure* n = as<Configure>(s);
    if (!n) return false;
    const std::string& field = n->field.name();
    return wanted == "*" || wanted == field || (group && field.rfind(wanted.substr(0, wanted.size() - 1), 0) == 0);
  });
  if (hash == name.npos) return found;
  const std::string digits = name.substr(hash + 1);
  const bool number = !digits.empty() && digits.size() < 9 && digits.find_first_not_of("0123456789") == digits.npos;
  const size_t at = number ? std::stoul(digits) : found.size();
  return at < found.size() ? std::vector<Path>{found[at]} : std::vector<Path>{};
}

std::vector<Path> all_configures(const Proc& proc, const Ref& ref) {
  auto found = find_configures(proc, ref.str());
  if (!found.empty()) return found;
  std::vector<std::string> known;
  for (const Path& p : find_configures(proc, "*")) known.push_back(as<Configure>(stmt_at(proc, p))->field.name());
  Diagnostic d{"unknown-reference", fmt::format("no statement sets `{}` here", ref.str()), {}, {}, {}};
  d.at(ref.text.whole());
  if (!known.empty()) d.help(suggestion(ref.str(), known));
  reject(std::move(d));
}

}  // namespace exo
