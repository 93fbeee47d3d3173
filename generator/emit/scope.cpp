#include "emit/scope.h"

#include "support/diagnostic.h"

namespace exo {

const CStorage& CScope::storage(Sym buffer) const {
  const auto it = buffers.find(buffer);
  if (it == buffers.end()) BUG("the buffer `" + buffer.name() + "` is used where it is not declared");
  return it->second;
}

}  // namespace exo
