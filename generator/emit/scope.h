// What an expression needs to know about the names in it, and the helper functions that a file turns out to need.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "emit/bounds.h"
#include "emit/names.h"
#include "ir/check.h"
#include "target/target.h"

namespace exo {

/// How a buffer is held in C.
struct CStorage {
  enum Kind {
    Value,    // a variable of the element type
    Pointer,  // the first element of an array; `strides` in elements
    Window,   // a struct exo_window_T_N
    Units,    // units of an instruction-only memory
  } kind = Value;
  Type type;
  const Memory* memory = nullptr;  // null: the default one
  Exprs strides;                   // control expressions
  std::map<std::string, std::string> units =
      {};  // variables of units that cannot stand in arrays, by their indices: "_0_1"
  int64_t first = 0;               // Units that have addresses: that of the first one
};

/// Static inline functions of a file, each emitted once, in order of first use.
class CHelpers {
 public:
  /// The name of the function, whose definition is taken where it is new.
  std::string use(const std::string& name, const std::string& definition) {
    if (names_.insert(name).second) definitions_.push_back(definition);
    return name;
  }
  const std::vector<std::string>& definitions() const { return definitions_; }

 private:
  std::set<std::string> names_;
  std::vector<std::string> definitions_;
};

/// The names of one C function.
struct CScope {
  CNames names;
  Declarations types;
  std::map<Sym, CStorage> buffers;
  Ranges ranges;
  std::set<Sym> used;                  // symbols that the C mentions
  std::map<Sym, std::string> spelled;  // symbols that C spells otherwise: A.strides[0]

  explicit CScope(std::set<std::string> taken) : names(std::move(taken)) {}
  const CStorage& storage(Sym buffer) const;
};

}  // namespace exo
