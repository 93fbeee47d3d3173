// Operations that recipes define: `[op.NAME]` with typed arguments, steps and named results; and the files that hold them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "toml/document.h"

namespace exo {

/// What an argument must be: one of a kind, or a list of them.
struct OpArg {
  std::string name, type;          // as written: "loop", "ints", "mask | cut"
  std::optional<TomlValue> usual;  // what it is where the call does not say
  Span span;
};

struct Module;
struct Op {
  std::string name, doc;
  const Module* module = nullptr;
  std::optional<OpArg> on;  // the object of the call
  std::vector<OpArg> args;
  TomlArray steps;
  std::vector<std::pair<std::string, Text>> gives;  // name, reference
  Span span;
};

/// The ops that the steps of one file can name.
struct Module {
  std::map<std::string, Op> ops;
  std::map<std::string, const Module*> imports;  // `my` is the file itself
};

/// Reads `[op]` of a file. Adds what is wrong with the head of an op; steps are looked at by check_ops().
void read_ops(const TomlTable& table, Module& module, Problems& problems);

/// Looks at the steps of all ops of these files, and refuses those that come to call themselves (`op-cycle`).
void check_ops(const std::vector<const Module*>& modules, Problems& problems);

/// A step that calls an op: `{ blas.gemm = "C.update", ... }`.
struct OpCall {
  const Op* op = nullptr;
  const TomlKey* key = nullptr;
  const TomlValue* object = nullptr;
  std::string spelt;  // "blas.gemm"
};

/// The call that an entry of a step is; nothing where its key is no import of the module. `op` is null where the file has no such op.
std::optional<OpCall> op_call(const TomlEntry& entry, const Module* module);

/// Types of arguments, for documentation and suggestions.
const std::vector<std::string>& op_types();

}  // namespace exo
