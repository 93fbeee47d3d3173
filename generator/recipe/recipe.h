// A recipe file as data: kernels, params, schedules, variants. Nothing is scheduled yet.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/query.h"
#include "schedule/procedures.h"
#include "toml/document.h"

namespace exo {

struct KernelEntry {
  std::string name;
  std::string brief;
  Span span;
  ProcRef algorithm;
  std::vector<ProcRef> defs;  // all procedures of its text
  Contract contract = Contract::Reassociate;
};

struct VariantEntry {
  std::string name;  // the target's unless it says otherwise
  Text target;
  std::optional<Text> schedule;  // the kernel's name unless it says otherwise; `none`: the algorithm
  std::map<std::string, Text> params;
  std::optional<Text> when;
  std::optional<Text> kernel;  // only for this kernel of the recipe
  Span span;
};

struct ScheduleEntry {
  TomlArray steps;
  const Module* module = nullptr;  // whose ops it can call
};

struct Recipe {
  std::string path, file_name;
  std::vector<KernelEntry> kernels;
  std::map<std::string, Text> params;
  std::vector<std::pair<std::string, Text>> require;  // name, condition
  std::map<std::string, ScheduleEntry> schedules;     // imported ones as "lib.name"
  std::vector<ProcEntry> procs;                       // [proc.NAME], and those of [[family]]
  std::vector<std::shared_ptr<Module>> modules;       // this file first, then what it imports
  std::vector<VariantEntry> variants;
  std::vector<Sym> fields;                   // of configuration: declared here, then by the targets of the variants
  std::map<std::string, TargetRef> targets;  // those of the variants, as far as they can be loaded
  std::vector<std::string> inputs;  // this file, its imports and its sources, relative to its directory or kShipped
  std::vector<std::string> absent;  // files that would have been imported first, had they been there

  const KernelEntry* kernel(const std::string& name) const;
};

/// What the names of files among the shipped recipes begin with.
inline constexpr const char* kShipped = "<recipes>/";

/// `[proc.NAME]`, and the procedures of `[[family]]`; problems that need no program are added.
void read_procs(const TomlTable& table, const std::optional<TomlValue>& each, std::vector<ProcEntry>& out,
                Problems& problems);
void read_families(const TomlValue& families, std::vector<ProcEntry>& out, Problems& problems);

/// Reads a recipe and everything that it imports. `library` holds the shipped recipes, where imports are looked for last.
/// All problems of the files are collected before it throws: TOML, unknown keys, language, types, bounds, verbs.
/// Targets are looked up for the configuration fields that they declare. A library of ops and schedules needs no kernel.
enum class Holds : uint8_t { Kernels, Library };
Recipe load_recipe(const std::string& path, const std::string& library, const TargetPath& targets = {},
                   Holds holds = Holds::Kernels);

}  // namespace exo
