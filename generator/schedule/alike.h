// Which instructions are worth a comparison.
#pragma once

#include <optional>

#include "ir/check.h"
#include "target/target.h"

namespace exo {

/// A quick look: false only where the specification is another statement for certain. Most instructions of a target end here.
bool alike(const Declarations& names, const StmtRef& statement, const Instruction& instruction);

/// Instructions by the shape of their specifications: loops and conditions around it, what the statement does, the outermost operation
/// of its right side. Whoever looks for one of many looks through a short list, and not through all specifications.
class Shapes {
 public:
  explicit Shapes(const std::vector<const Instruction*>& instructions);
  /// Those that may be alike, in their order.
  std::vector<const Instruction*> like(const StmtRef& statement) const;

 private:
  struct Entry {
    uint64_t path = 0, value = 0;  // a value of 0: anything
    const Instruction* instruction = nullptr;
  };
  std::vector<Entry> entries_;
};

/// The instructions of a class of a target, which is kept.
const Shapes& shapes_of(const TargetRef& target, const std::string& cls);

/// Memory of this name can be addressed by C on any target.
bool is_addressable(const std::string& memory);

/// The value of a literal of data.
std::optional<double> number_of(const ExprRef& e);

}  // namespace exo
