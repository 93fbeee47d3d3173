// What expressions of a recipe can ask of the program under way: `extent(i)`, `live(ir) <= target.registers`.
#pragma once

#include <string>
#include <vector>

#include "target/target.h"

namespace exo {

/// One function, for the reference.
struct InspectionDoc {
  std::string form, doc;
};
const std::vector<InspectionDoc>& inspections();

/// The value of `name(args)`. Rejects what is not there, and what is no constant.
int64_t inspect(const Proc& proc, const Target& target, const std::string& name, const std::vector<Text>& args,
                Span where);

/// Element type of a buffer, or of what a statement writes.
Scalar type_of(const Proc& proc, const Text& what);

}  // namespace exo
