// [config.NAME], of targets and of recipes.
#include <algorithm>

#include <fmt/format.h>

#include "support/text.h"
#include "target/read.h"
#include "target/template.h"
#include "toml/schema.h"

namespace exo {
namespace {

struct ConfigTable {
  const TomlValue* fields = nullptr;
  std::optional<Text> c;
};

const Schema<ConfigTable>& schema(ConfigC c) {
  static const Schema<ConfigTable> without =
      Schema<ConfigTable>().required("fields", &ConfigTable::fields, "their types, { stride = \"stride\" }");
  static const Schema<ConfigTable> with = Schema<ConfigTable>(without).key("c", &ConfigTable::c, "C that writes them");
  return c == ConfigC::Allowed ? with : without;
}

std::optional<Scalar> type_of_field(const TomlKey& key, const TomlValue& value, Problems& problems) {
  Scalar type;
  Text name;
  decode("fields." + key.name, value, name, problems);
  if (scalar_named(name.chars, type) && type != Scalar::R) return type;
  std::vector<std::string> known;
  for (int i = 0; i <= static_cast<int>(Scalar::Stride); ++i)
    if (static_cast<Scalar>(i) != Scalar::R) known.push_back(scalar_name(static_cast<Scalar>(i)));
  problems.add({"config-type", fmt::format("a configuration field cannot be `{}`", name.chars), {}, {}, {}})
      .at(value.span)
      .help(suggestion(name.chars, known));
  return std::nullopt;
}

void read_config(const TomlKey& key, const TomlValue& value, std::vector<Config>& configs, ConfigC c,
                 Problems& problems) {
  const std::string what = fmt::format("[config.{}]", key.name);
  if (!value.table()) return wrong_kind(what, "a table", value, problems);
  const ConfigTable in = schema(c).read(*value.table(), key.span, what, problems);
  Config out{key.name, {}, {}, key.span};
  std::vector<std::string> names;
  const auto bad_name = [&](const TomlKey& name) {
    problems.add({"config-name", fmt::format("no configuration can be called `{}`", name.name), {}, {}, {}})
        .at(name.span)
        .help("a name is made of letters, digits and `_`, and does not begin with a digit");
  };
  if (!is_identifier(key.name)) return bad_name(key);
  if (in.fields && !in.fields->table()) wrong_kind(what + " fields", "a table of types", *in.fields, problems);
  if (!in.fields || !in.fields->table()) return;
  for (const auto& [field, type] : in.fields->table()->entries) {
    if (!is_identifier(field.name)) {
      bad_name(field);
    } else if (const auto scalar = type_of_field(field, type, problems)) {
      names.push_back(field.name);
      out.fields.push_back(Sym::field(key.name + "." + field.name, *scalar));
    }
  }
  if (in.c) out.c = parse_template(*in.c, names, problems);
  configs.push_back(std::move(out));
}

}  // namespace

void read_configs(const TomlFile& file, std::vector<Config>& configs, ConfigC c, Problems& problems) {
  const TomlValue* all = file.root.find("config");
  if (!all) return;
  if (!all->table()) return wrong_kind("config", "a table of groups of fields", *all, problems);
  for (const auto& [key, value] : all->table()->entries) read_config(key, value, configs, c, problems);
}

std::vector<Sym> fields_of(const std::vector<Config>& configs) {
  std::vector<Sym> out;
  for (const Config& config : configs) out.insert(out.end(), config.fields.begin(), config.fields.end());
  return out;
}

const Config* Target::config_of(Sym field) const {
  for (const Config& config : configs)
    if (std::find(config.fields.begin(), config.fields.end(), field) != config.fields.end()) return &config;
  return nullptr;
}

}  // namespace exo
