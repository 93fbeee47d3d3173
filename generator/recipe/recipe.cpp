#include "recipe/recipe.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "analysis/query.h"
#include "ir/check.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "schedule/control.h"
#include "target/read.h"

namespace exo {
namespace {

namespace fs = std::filesystem;

class Loader {
 public:
  Loader(const std::string& path, std::string library, TargetPath targets, Holds holds)
      : library_(std::move(library)), targets_(std::move(targets)), holds_(holds) {
    recipe_.path = path;
    recipe_.file_name = fs::path(path).filename().string();
    recipe_.inputs = {recipe_.file_name};
  }

  Recipe run() {
    const TomlFile file = load_toml(recipe_.path);
    file_ = file.source;
    recipe_.modules.push_back(own_);
    loaded_[identity(recipe_.path)] = own_;
    fields(file);
    sections(file.root);
    check_schedules();
    if (holds_ == Holds::Kernels && kernel_names_.empty())
      problem("recipe-no-kernel", "a recipe has at least one `[kernel.NAME]`", {file_, 0, 0});
    check_variants();
    problems_.throw_if_any();
    return std::move(recipe_);
  }

 private:
  Recipe recipe_;
  std::string library_;
  TargetPath targets_;
  Holds holds_;
  const Source* file_ = nullptr;
  const std::shared_ptr<Module> own_ = module();
  std::map<std::string, std::shared_ptr<Module>> loaded_;  // by canonical path
  Problems problems_;
  std::vector<std::string> kernel_names_, schedule_names_ = {"none"};  // also of those that have problems
  std::vector<std::string> broken_imports_;

  Diagnostic& problem(const char* code, std::string message, Span span) {
    return problems_.add(Diagnostic{code, std::move(message), {}, {}, {}}.at(span));
  }

  void unknown_key(const TomlKey& key, const std::string& where, const std::vector<std::string>& known) {
    problem("unknown-key", fmt::format("{} has no key `{}`", where, key.name), key.span)
        .help(suggestion(key.name, known));
  }

  const Text* text(const TomlValue& v, const std::string& key) {
    if (!v.text()) problem("value-type", fmt::format("`{}` is a string, this is {}", key, v.kind()), v.span);
    return v.text();
  }

  /// A number or an expression, as text.
  std::optional<Text> expression(const TomlValue& v, const std::string& key) {
    if (v.text()) return *v.text();
    if (v.integer()) return Text{fmt::format("{}", *v.integer()), v.span, {}};
    if (v.boolean()) return Text{*v.boolean() ? "1" : "0", v.span, {}};
    problem("value-type", fmt::format("`{}` is a number or an expression, this is {}", key, v.kind()), v.span);
    return std::nullopt;
  }

  const TomlTable* table(const TomlValue& v, const std::string& key) {
    if (!v.table()) problem("value-type", fmt::format("`{}` is a table, this is {}", key, v.kind()), v.span);
    return v.table();
  }

  /// Configuration that algorithms may speak of: that of the recipe, then that of the targets of its variants.
  void fields(const TomlFile& file) {
    std::vector<Config> groups;
    read_configs(file, groups, ConfigC::Refused, problems_);
    const TomlValue* all = file.root.find("variant");
    for (const TomlValue& v : all && all->array() ? *all->array() : TomlArray{}) {
      const TomlValue* target = v.table() ? v.table()->find("target") : nullptr;
      if (!target || !target->text()) continue;
      Problems later;  // told where the variant is built
      later.attempt([&] {
        TargetRef& loaded = recipe_.targets[target->text()->chars];
        if (loaded) return;
        loaded = load_target(target->text()->chars, targets_);
        groups.insert(groups.end(), loaded->configs.begin(), loaded->configs.end());
      });
    }
    std::erase_if(recipe_.targets, [](const auto& entry) { return !entry.second; });
    for (const Sym field : fields_of(groups))
      if (std::none_of(recipe_.fields.begin(), recipe_.fields.end(),
                       [&](Sym other) { return other.name() == field.name(); }))
        recipe_.fields.push_back(field);
  }

  void sections(const TomlTable& root) {
    const std::vector<std::string> known = {"format", "import", "kernel", "op",       "params", "require",
                                            "config", "proc",   "family", "schedule", "variant"};
    if (!root.find("format"))
      problem("recipe-format", "the recipe does not say its format", {file_, 0, 0}).help("begin with `format = 1`");
    for (const auto& [key, value] : root.entries) {
      if (key.name == "format") {
        if (!value.integer() || *value.integer() != 1)
          problem("recipe-format", "this generator reads `format = 1`", value.span);
      } else if (key.name == "import") {
        if (const TomlTable* t = table(value, key.name)) imports(*t, recipe_.path, *own_, Depth::Recipe);
      } else if (key.name == "op") {
        if (const TomlTable* t = table(value, key.name)) read_ops(*t, *own_, problems_);
      } else if (key.name == "kernel") {
        if (const TomlTable* t = table(value, key.name)) kernels(*t);
      } else if (key.name == "params") {
        if (const TomlTable* t = table(value, key.name)) expressions(*t, recipe_.params);
      } else if (key.name == "require") {
        if (const TomlTable* t = table(value, key.name)) requires_(*t);
      } else if (key.name == "schedule") {
        if (const TomlTable* t = table(value, key.name)) schedules(*t, "", *own_);
      } else if (key.name == "proc") {
        if (const TomlTable* t = table(value, key.name)) read_procs(*t, std::nullopt, recipe_.procs, problems_);
      } else if (key.name == "family") {
        read_families(value, recipe_.procs, problems_);
      } else if (key.name == "variant") {
        variants(value);
      } else if (key.name == "config") {
        continue;  // read already
      } else {
        unknown_key(key, "a recipe", known);
      }
    }
  }

  void expressions(const TomlTable& t, std::map<std::string, Text>& out) {
    for (const auto& [key, value] : t.entries) {
      if (!is_identifier(key.name) || key.name == "target")
        problem("param-name", fmt::format("`{}` cannot be the name of a param", key.name), key.span);
      if (auto e = expression(value, key.name)) out[key.name] = *e;
    }
  }

  void requires_(const TomlTable& t) {
    for (const auto& [key, value] : t.entries)
      if (auto e = expression(value, key.name)) recipe_.require.emplace_back(key.name, *e);
  }

  void schedules(const TomlTable& t, const std::string& prefix, const Module& module) {
    for (const auto& [name, value] : t.entries) {
      schedule_names_.push_back(prefix + name.name);
      const TomlTable* body = table(value, name.name);
      if (!body) continue;
      for (const auto& [key, v] : body->entries)
        if (key.name != "steps" && key.name != "brief") unknown_key(key, "a schedule", {"steps", "brief"});
      const TomlValue* steps = body->find("steps");
      if (!steps || !steps->array()) {
        problem("schedule-steps", fmt::format("schedule `{}` has no list of `steps`", name.name),
                steps ? steps->span : name.span);
        continue;
      }
      recipe_.schedules[prefix + name.name] = {*steps->array(), &module};
    }
  }

  /// Once all ops are known.
  void check_schedules() {
    for (const auto& [name, entry] : recipe_.schedules)
      check_steps({name.substr(name.find('.') + 1), &entry.steps, entry.module}, problems_);
    std::vector<const Module*> modules;
    for (const auto& m : recipe_.modules) modules.push_back(m.get());
    check_ops(modules, problems_);
  }

  static std::shared_ptr<Module> module() {
    auto out = std::make_shared<Module>();
    out->imports["my"] = out.get();
    return out;
  }

  static std::string identity(const std::string& path) {
    std::error_code ignored;
    return fs::weakly_canonical(path, ignored).string();
  }

  enum class Depth { Recipe, Library };

  /// Files of ops and schedules. Only those that the recipe names itself give it their schedules.
  void imports(const TomlTable& t, const std::string& importer, Module& into, Depth depth) {
    for (const TomlEntry& entry : t.entries) {
      const TomlKey& alias = entry.first;
      if (!is_identifier(alias.name) || alias.name == "my" || verb_named(alias.name) || control_named(alias.name))
        problem("import-name", fmt::format("`{}` cannot be the name of an import", alias.name), alias.span)
            .help("a name that is no verb; `my` is the file itself");
      const Text* path = text(entry.second, alias.name);
      const auto found = path ? resolve(*path, importer) : std::nullopt;
      const std::string prefix = depth == Depth::Recipe ? alias.name + "." : "";
      const bool read = found && problems_.attempt([&] {
        const auto [slot, fresh] = loaded_.emplace(identity(*found), nullptr);
        if (!fresh && depth == Depth::Library) return void(into.imports[alias.name] = slot->second.get());
        if (fresh) slot->second = module(), recipe_.modules.push_back(slot->second);
        const std::shared_ptr<Module> library = slot->second;
        into.imports[alias.name] = library.get();
        library_file(load_toml(*found).root, *found, prefix, *library, fresh);
      });
      if (!read) broken_imports_.push_back(alias.name);
    }
  }

  void library_file(const TomlTable& root, const std::string& path, const std::string& prefix, Module& library,
                    bool fresh) {
    for (const auto& [key, v] : root.entries) {
      if (key.name == "schedule") {
        if (const TomlTable* s = table(v, key.name); s && !prefix.empty()) schedules(*s, prefix, library);
      } else if (key.name == "op") {
        if (const TomlTable* ops = table(v, key.name); ops && fresh) read_ops(*ops, library, problems_);
      } else if (key.name == "import") {
        if (const TomlTable* i = table(v, key.name); i && fresh) imports(*i, path, library, Depth::Library);
      } else if (key.name != "format") {
        unknown_key(key, "a library", {"format", "import", "op", "schedule"});
      }
    }
  }

  /// The file as manifests call it: relative to the recipe, or to the shipped ones, wherever these are installed.
  std::string input_name(const fs::path& file) const {
    fs::path here = fs::path(recipe_.path).parent_path();
    if (here.empty()) here = ".";
    const auto below_shipped = [&](const fs::path& path) -> std::optional<fs::path> {
      const fs::path rest = path.lexically_normal().lexically_relative(fs::path(library_).lexically_normal());
      return library_.empty() || rest.empty() || *rest.begin() == ".." ? std::nullopt : std::optional(rest);
    };
    const auto shipped = below_shipped(file);
    if (shipped && !below_shipped(here)) return std::string(kShipped) + shipped->generic_string();
    return file.lexically_proximate(here).generic_string();
  }

  /// Relative to the importing file, then to the shipped ones.
  std::optional<std::string> resolve(const Text& path, const std::string& importer) {
    for (const fs::path& base : {fs::path(importer).parent_path(), fs::path(library_)}) {
      std::error_code ignored;
      const fs::path candidate = base / path.chars;
      if (!fs::is_regular_file(candidate, ignored)) {
        recipe_.absent.push_back(input_name(candidate));
        continue;
      }
      if (outside(candidate, path)) return std::nullopt;
      const std::string input = input_name(candidate);
      if (!std::count(recipe_.inputs.begin(), recipe_.inputs.end(), input)) recipe_.inputs.push_back(input);
      return candidate.string();
    }
    problem("import-not-found",
            fmt::format("there is no file `{}` beside the importing one or among the shipped ones", path.chars),
            path.whole());
    return std::nullopt;
  }

  /// Is the file where this run may not read? A recipe reaches no further than whoever called it said.
  bool outside(const fs::path& file, const Text& name) {
    if (may_be_read(file.string())) return false;
    problem("import-outside", fmt::format("`{}` is outside of what this recipe may read", name.chars), name.whole())
        .help("keep the file in the project that has the recipe");
    return true;
  }

  void kernels(const TomlTable& t) {
    for (const auto& [name, value] : t.entries)
      if (const TomlTable* body = table(value, name.name)) kernel(name, *body);
  }

  void kernel(const TomlKey& name, const TomlTable& body) {
    kernel_names_.push_back(name.name);
    KernelEntry out;
    out.name = name.name;
    out.span = name.span;
    if (!is_identifier(name.name))
      problem("kernel-name", fmt::format("`{}` cannot be the name of a C function", name.name), name.span);
    const TomlValue *algorithm = nullptr, *source = nullptr;
    for (const auto& [key, value] : body.entries) {
      if (key.name == "brief") {
        if (const Text* b = text(value, key.name)) out.brief = b->chars;
      } else if (key.name == "algorithm") {
        algorithm = &value;
      } else if (key.name == "source") {
        source = &value;
      } else if (key.name == "contract") {
        if (const TomlTable* c = table(value, key.name)) contract(*c, out);
      } else {
        unknown_key(key, "a kernel", {"brief", "algorithm", "source", "contract"});
      }
    }
    if (!algorithm == !source) {
      Diagnostic& d = problem(
          "kernel-algorithm",
          fmt::format("kernel `{}` has {}", name.name, source ? "an `algorithm` and a `source`" : "no `algorithm`"),
          source ? source->span : name.span);
      if (source) d.at(algorithm->span, "the algorithm").help("take one of them away");
      if (!source) d.help("write it here as `algorithm`, or in a file that `source` names");
      return;
    }
    problems_.attempt([&] {
      const auto code = algorithm ? algorithm_text(*algorithm) : source_file(*source);
      if (!code) return;
      out.algorithm = parsed_algorithm(name, *code, out.defs);
      recipe_.kernels.push_back(out);
    });
  }

  std::optional<Text> algorithm_text(const TomlValue& v) {
    const Text* t = text(v, "algorithm");
    return t ? std::optional(*t) : std::nullopt;
  }

  /// The text of an algorithm in a file of its own, beside the recipe.
  std::optional<Text> source_file(const TomlValue& v) {
    const Text* name = text(v, "source");
    if (!name) return std::nullopt;
    const fs::path here = fs::path(recipe_.path).parent_path();
    const fs::path path = here / name->chars;
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) {
      problem("source-not-found", fmt::format("there is no file `{}` beside this recipe", name->chars), name->whole());
      return std::nullopt;
    }
    if (outside(path, *name)) return std::nullopt;
    const std::string input = input_name(path);
    if (std::find(recipe_.inputs.begin(), recipe_.inputs.end(), input) == recipe_.inputs.end())
      recipe_.inputs.push_back(input);
    const Source* source = register_source(path.string(), read_file(path.string()));
    const Text all = text_of(source);
    const bool marked = source->text.rfind("\xEF\xBB\xBF", 0) == 0;  // some editors begin files with it
    return marked ? subtext(all, 3, source->text.size()) : all;
  }

  void contract(const TomlTable& t, KernelEntry& out) {
    for (const auto& [key, value] : t.entries) {
      if (key.name != "fp") {
        unknown_key(key, "a contract", {"fp"});
      } else if (const Text* fp = text(value, key.name)) {
        if (fp->chars == "exact")
          out.contract = Contract::Exact;
        else if (fp->chars != "reassociate")
          problem("contract-fp", fmt::format("`fp` cannot be `{}`", fp->chars), fp->whole())
              .help("it is `exact` or `reassociate`");
      }
    }
  }

  /// Parsed, checked, and proved in bounds for all sizes.
  ProcRef parsed_algorithm(const TomlKey& name, const Text& source, std::vector<ProcRef>& procs) const {
    procs = parse(source, {}, recipe_.fields);
    const auto it = std::find_if(procs.begin(), procs.end(), [&](const ProcRef& p) { return p->name == name.name; });
    if (it == procs.end())
      reject(Diagnostic{
          "kernel-def", fmt::format("the algorithm of kernel `{}` has no `def {}`", name.name, name.name), {}, {}, {}}
                 .at(procs.empty() ? source.span : procs.front()->span)
                 .at(name.span, "this kernel"));
    Problems problems;
    for (const ProcRef& p : procs) check(*p, problems);
    problems.throw_if_any();
    for (const ProcRef& p : procs) {
      if (const ExprRef never = never_holds(*p))
        problems.add(Diagnostic{"assertion-never",
                                fmt::format("`{}` cannot hold{}", print(never),
                                            never == p->asserts[0] ? "" : " together with what is asserted before it"),
                                {},
                                {},
                                {}}
                         .at(never->span)
                         .note("no call of this procedure would be in order"));
      problems.attempt([&] { check_program(*p); });
    }
    problems.attempt([&] { check_configuration(**it); });
    problems.throw_if_any();
    return *it;
  }

  void variants(const TomlValue& value) {
    if (!value.array()) {
      problem("value-type", "variants are written `[[variant]]`", value.span);
      return;
    }
    for (const TomlValue& v : *value.array())
      if (const TomlTable* t = table(v, "variant")) variant(v.span, *t);
  }

  void variant(Span span, const TomlTable& t) {
    VariantEntry out;
    out.span = t.entries.empty() ? span : t.entries.front().first.span;
    for (const auto& [key, value] : t.entries) {
      const Text* s = nullptr;
      if (key.name == "params") {
        if (const TomlTable* p = table(value, key.name)) expressions(*p, out.params);
      } else if (key.name == "target" || key.name == "name" || key.name == "schedule" || key.name == "when" ||
                 key.name == "kernel") {
        if (!(s = text(value, key.name))) continue;
        if (key.name == "target") out.target = *s;
        if (key.name == "name") out.name = s->chars;
        if (key.name == "schedule") out.schedule = *s;
        if (key.name == "when") out.when = *s;
        if (key.name == "kernel") out.kernel = *s;
      } else {
        unknown_key(key, "a variant", {"target", "name", "schedule", "params", "when", "kernel"});
      }
    }
    if (out.target.chars.empty()) {
      problem("variant-target", "this variant names no `target`", out.span);
      return;
    }
    if (out.name.empty()) out.name = out.target.chars;
    if (!std::all_of(out.name.begin(), out.name.end(),
                     [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; }))
      problem("variant-name", fmt::format("`{}` cannot name a variant: letters, digits, `_` and `-`", out.name),
              out.span);
    recipe_.variants.push_back(std::move(out));
  }

  /// Is it a schedule of a library that could not be read? That is told already.
  bool broken_import(const std::string& schedule) const {
    return std::any_of(broken_imports_.begin(), broken_imports_.end(),
                       [&](const std::string& alias) { return schedule.rfind(alias + ".", 0) == 0; });
  }

  void check_variants() {
    for (size_t i = 0; i < recipe_.variants.size(); ++i) {
      const VariantEntry& v = recipe_.variants[i];
      for (const auto& [name, e] : v.params)
        if (!recipe_.params.count(name)) {
          std::vector<std::string> names;
          for (const auto& [known, text] : recipe_.params) names.push_back(known);
          problem("unknown-param", fmt::format("there is no param `{}` to override", name), e.span)
              .help(suggestion(name, names));
        }
      if (v.kernel && !std::count(kernel_names_.begin(), kernel_names_.end(), v.kernel->chars))
        problem("variant-kernel", fmt::format("there is no kernel `{}` in this recipe", v.kernel->chars),
                v.kernel->whole())
            .help(suggestion(v.kernel->chars, kernel_names_));
      if (v.schedule && !std::count(schedule_names_.begin(), schedule_names_.end(), v.schedule->chars) &&
          !broken_import(v.schedule->chars))
        problem("unknown-schedule", fmt::format("there is no schedule `{}`", v.schedule->chars), v.schedule->whole())
            .help(suggestion(v.schedule->chars, schedule_names_));
      for (size_t j = 0; j < i; ++j)
        if (recipe_.variants[j].name == v.name &&
            (!v.kernel || !recipe_.variants[j].kernel || v.kernel->chars == recipe_.variants[j].kernel->chars))
          problem("variant-twice", fmt::format("two variants are called `{}`", v.name), v.span)
              .help("give one of them another `name`");
    }
  }
};

}  // namespace

const KernelEntry* Recipe::kernel(const std::string& name) const {
  for (const KernelEntry& k : kernels)
    if (k.name == name) return &k;
  return nullptr;
}

Recipe load_recipe(const std::string& path, const std::string& library, const TargetPath& targets, Holds holds) {
  return Loader(path, library, targets, holds).run();
}

}  // namespace exo
