#include "schedule/elements.h"

#include "ir/builtin.h"
#include "ir/walk.h"

namespace exo {

Scalar widest_element(const Declarations& names, const Block& block) {
  std::optional<Scalar> widest;
  const auto meet = [&](Scalar type) {
    if (is_data(type) && type != Scalar::R && (!widest || size_in_bytes(type) > size_in_bytes(*widest))) widest = type;
  };
  for (const Access& a : accesses(names, block)) meet(names.at(a.buffer).type.scalar);
  each_expr(block, [&](const ExprRef& e) {
    const Builtin* b = as<Builtin>(e);
    if (const auto to = b ? converts_to(b->name) : std::nullopt) meet(*to);
  });
  return widest.value_or(Scalar::F32);
}

}  // namespace exo
