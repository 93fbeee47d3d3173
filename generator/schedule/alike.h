// Which instructions are worth a comparison.
#pragma once

#include <optional>

#include "ir/check.h"
#include "target/target.h"

namespace exo {

/// A quick look: false only where the specification is another statement for certain. Most instructions of a target end here.
bool alike(const Declarations& names, const StmtRef& statement, const Instruction& instruction);

/// Memory of this name can be addressed by C on any target.
bool is_addressable(const std::string& memory);

/// The value of a literal of data.
std::optional<double> number_of(const ExprRef& e);

}  // namespace exo
