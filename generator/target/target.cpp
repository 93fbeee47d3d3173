// Finding targets, and what one takes over from another.
#include "target/target.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "ir/walk.h"
#include "support/text.h"
#include "target/c_type.h"
#include "target/read.h"

namespace exo {
namespace {

namespace fs = std::filesystem;

Memory built_in(const std::string& name) {
  Memory memory;
  memory.name = memory.role = name;
  memory.alignment = 64;
  for (int i = 0; is_data(static_cast<Scalar>(i)); ++i)
    memory.ctype[static_cast<Scalar>(i)] = c_type(static_cast<Scalar>(i));
  return memory;
}

/// Items of `parent` that are not yet in `own`, before those of `own`.
void inherit(std::vector<std::string>& own, const std::vector<std::string>& parent) {
  std::vector<std::string> all;
  for (const std::vector<std::string>* list : {&parent, static_cast<const std::vector<std::string>*>(&own)})
    for (const std::string& item : *list)
      if (std::find(all.begin(), all.end(), item) == all.end()) all.push_back(item);
  own = std::move(all);
}

/// Entries of `parent` whose name `own` does not have, after those of `own`.
template <class Entry>
void inherit_named(std::vector<Entry>& own, const std::vector<Entry>& parent) {
  for (const Entry& entry : parent)
    if (std::none_of(own.begin(), own.end(), [&](const Entry& o) { return o.name == entry.name; }))
      own.push_back(entry);
}

void inherit_head(Target& own, const Target& parent) {
  if (own.arch.empty()) own.arch = parent.arch;
  inherit(own.features, parent.features);
  inherit(own.include, parent.include);
  own.prelude = parent.prelude + own.prelude;
  for (const auto member : {&Target::enter, &Target::leave, &Target::fence})
    if ((own.*member).empty()) own.*member = parent.*member;
  if (own.emulator.empty()) own.emulator = parent.emulator;
  if (own.simulator.empty()) own.simulator = parent.simulator;
  if (own.compilers.empty()) own.compilers = parent.compilers;
  for (const auto& [compiler, flags] : parent.flags) inherit(own.flags[compiler], flags);
  own.lanes.insert(parent.lanes.begin(), parent.lanes.end());
  own.facts.insert(parent.facts.begin(), parent.facts.end());
  inherit_named(own.memories, parent.memories);
  inherit(own.inputs, parent.inputs);
}

/// The file of a target, or a refusal that names what there is.
std::string find_target(const std::string& name, const TargetPath& path, const ParentName* reference) {
  const auto safe = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; };
  if (!name.empty() && std::all_of(name.begin(), name.end(), safe))
    for (const std::string& directory : path) {
      const fs::path file = fs::path(directory) / name / "target.toml";
      std::error_code error;
      if (fs::is_regular_file(file, error)) return file.string();
    }
  Diagnostic problem{"target-unknown", fmt::format("there is no target `{}`", name), {}, {}, {}};
  if (reference) problem.at(reference->span);
  reject(std::move(problem).help(suggestion(name, available_targets(path))));
}

/// Throws what was found, each problem once: a family repeats its mistakes for every entry.
void throw_distinct(Problems& problems) {
  try {
    problems.throw_if_any();
  } catch (const Rejected& rejected) {
    std::vector<Diagnostic> distinct;
    for (const Diagnostic& problem : rejected.problems) {
      const auto same = [&](const Diagnostic& other) {
        if (other.message != problem.message || other.places.size() != problem.places.size()) return false;
        return problem.places.empty() || (other.places[0].span.source == problem.places[0].span.source &&
                                          other.places[0].span.begin == problem.places[0].span.begin);
      };
      if (std::none_of(distinct.begin(), distinct.end(), same)) distinct.push_back(problem);
    }
    throw Rejected{std::move(distinct)};
  }
}

/// What a file says of the units of a vector, for vectors of `length` units (0: the shortest).
void at_length(Target& own, int64_t length) {
  if (own.vectors.units.empty()) return;
  own.length = length > 0 ? length : own.vectors.units.front();
  const auto longer = [&](std::map<Scalar, int64_t>& lanes) {
    for (auto& entry : lanes) entry.second *= own.length;
  };
  longer(own.lanes);
  for (Memory& memory : own.memories)
    if (memory.role == "vector" || memory.role == "mask") longer(memory.lanes);
  for (std::string& word : own.emulator)
    for (const auto& [hole, value] :
         {std::pair<std::string, int64_t>{"{VL}", own.length}, {"{bits}", own.length * own.vectors.bits}})
      for (size_t at = word.find(hole); at != std::string::npos; at = word.find(hole))
        word.replace(at, hole.size(), fmt::format("{}", value));
}

/// The path of another file of a target; a problem, and empty, where there is none.
std::string beside(const std::string& target_toml, const ParentName& file, Problems& problems) {
  const fs::path other = fs::path(target_toml).parent_path() / file.name;
  std::error_code error;
  if (fs::path(file.name).filename() == file.name && fs::is_regular_file(other, error)) return other.string();
  problems.add({"target-part", fmt::format("there is no file `{}` beside target.toml", file.name), {}, {}, {}})
      .at(file.span);
  return {};
}

TargetRef load(const std::string& name, const TargetPath& path, const ParentName* reference,
               std::vector<std::string>& loading, int64_t length) {
  if (std::find(loading.begin(), loading.end(), name) != loading.end()) {
    loading.push_back(name);
    Diagnostic problem{"target-cycle", fmt::format("`{}` extends itself: {}", name, join(loading, " -> ")), {}, {}, {}};
    loading.pop_back();
    if (reference) problem.at(reference->span);
    reject(std::move(problem));
  }
  const std::string place = find_target(name, path, reference);
  const TomlFile file = load_toml(place);
  Problems problems;
  TargetFile read = read_head(file, problems);
  Target target = std::move(read.own);
  if (target.name != name && !target.name.empty())
    problems
        .add({"target-name",
              fmt::format("the target in directory `{}` calls itself `{}`", name, target.name),
              {},
              {},
              {}})
        .at(read.head)
        .help(fmt::format("write `name = \"{}\"`", name));
  target.name = name;
  target.inputs = {name + "/target.toml"};

  std::vector<TargetRef> parents;
  loading.push_back(name);
  for (const ParentName& parent : read.extends) {
    target.extends.push_back(parent.name);
    problems.attempt([&] { parents.push_back(load(parent.name, path, &parent, loading, length)); });
  }
  loading.pop_back();

  for (const TargetRef& parent : parents)
    if (target.vectors.units.empty()) target.vectors = parent->vectors;
  at_length(target, length);
  for (const TargetRef& parent : parents) inherit_head(target, *parent);
  if (target.arch.empty() && read.extends.empty())
    problems.add({"missing-key", "[target] lacks `arch`", {}, {}, {}})
        .at(read.head)
        .help("\"x86_64\", \"aarch64\" .., or \"any\"");
  inherit_named(target.memories, {built_in("heap"), built_in("stack")});
  if (!target.simulator.empty())
    if (const std::string file = beside(place, {target.simulator, read.head}, problems); !file.empty())
      target.simulator = fs::absolute(file).string();
  read_configs(file, target.configs, ConfigC::Allowed, problems);
  for (const TargetRef& parent : parents) inherit_named(target.configs, parent->configs);
  read_instructions(file, target, problems);
  for (const ParentName& part : read.parts) {
    const std::string other = beside(place, part, problems);
    if (other.empty()) continue;
    const TomlFile more = load_toml(other);
    read_part(more, target, problems);
    read_instructions(more, target, problems);
    target.inputs.push_back(name + "/" + part.name);
  }
  const size_t own = target.instructions.size();
  for (const TargetRef& parent : parents) inherit_named(target.instructions, parent->instructions);
  for (size_t i = own; i < target.instructions.size(); ++i) target.instructions[i].inherited = true;
  throw_distinct(problems);
  return std::make_shared<const Target>(std::move(target));
}

}  // namespace

TargetRef in_simulator(const Target& target) {
  Target out = target;
  out.simulated = true;
  out.arch = "any";
  out.features.clear();
  out.compilers.clear();
  out.flags = {{"gnu", {"-DEXO_SIMULATOR"}}};
  for (Instruction& i : out.instructions) i.features.clear();
  return std::make_shared<const Target>(std::move(out));
}

const Memory* Target::memory(const std::string& wanted) const {
  for (const Memory& m : memories)
    if (m.name == wanted) return &m;
  return nullptr;
}

const Memory* Target::memory_of_role(const std::string& role, Scalar element) const {
  for (const Memory& m : memories)
    if (m.role == role && m.ctype.count(element)) return &m;
  return nullptr;
}

const Instruction* Target::instruction(const std::string& wanted) const {
  for (const Instruction& i : instructions)
    if (i.name == wanted) return &i;
  return nullptr;
}

const Instruction* Target::instruction_of(const Proc& spec) const {
  const Instruction* found = instruction(spec.name);
  return found && (found->spec.get() == &spec || equal(*found->spec, spec)) ? found : nullptr;
}

std::optional<size_t> first_unfixed(const Instruction& instruction, const Exprs& args) {
  const std::vector<Sym>& fixed = instruction.immediates;
  for (size_t i = 0; i < args.size(); ++i)
    if (std::count(fixed.begin(), fixed.end(), instruction.spec->params[i].name) && !literal(args[i]) &&
        !as<Bool>(args[i]))
      return i;
  return std::nullopt;
}

bool regroups(const Instruction& instruction) {
  const std::vector<Param>& params = instruction.spec->params;
  return !instruction.keeps_order &&
         std::any_of(params.begin(), params.end(), [](const Param& p) { return is_float(p.type.scalar); });
}

bool Target::has(const std::string& feature) const {
  return std::find(features.begin(), features.end(), feature) != features.end();
}

TargetRef load_target(const std::string& name, const TargetPath& path, int64_t length) {
  std::vector<std::string> loading;
  return load(name, path, nullptr, loading, length);
}

std::vector<TargetRef> at_each_length(const TargetRef& target, const TargetPath& path) {
  std::vector<TargetRef> out = {target};
  for (const int64_t length : target->vectors.units)
    if (length != target->length) out.push_back(load_target(target->name, path, length));
  return out;
}

std::vector<std::string> available_targets(const TargetPath& path) {
  std::set<std::string> names;
  for (const std::string& directory : path) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error))
      if (fs::is_regular_file(entry.path() / "target.toml", error)) names.insert(entry.path().filename().string());
  }
  return {names.begin(), names.end()};
}

}  // namespace exo
