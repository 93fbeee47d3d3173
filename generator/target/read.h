// One target file as it stands, before inheritance.
#pragma once

#include "target/target.h"
#include "toml/document.h"

namespace exo {

/// A name and where it was written.
struct ParentName {
  std::string name;
  Span span;
};

struct TargetFile {
  Target own;  // what the file itself says; `extends` as written
  std::vector<ParentName> extends, parts;
  Span head;  // of [target]
};

/// The part of a file that needs nothing else: [target] and the memories.
TargetFile read_head(const TomlFile& file, Problems& problems);

/// [config.NAME] of a target or of a recipe; `c` is for targets.
enum class ConfigC : uint8_t { Allowed, Refused };
void read_configs(const TomlFile& file, std::vector<Config>& configs, ConfigC c, Problems& problems);
/// What another file of the directory adds to the head: a prelude. Its other tables are instructions.
void read_part(const TomlFile& file, Target& target, Problems& problems);

/// Adds the instructions of the file to `target`, whose memories are complete.
void read_instructions(const TomlFile& file, Target& target, Problems& problems);

}  // namespace exo
