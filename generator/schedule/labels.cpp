#include "schedule/labels.h"

#include "ir/walk.h"

namespace exo {

Label loop_label(const Label& from, const std::string& name) {
  Label out = from;
  out.name = name;
  return out;
}

Block as_copy(const Block& block, const std::string& copy) {
  Block out;
  for (const StmtRef& s : block) {
    Stmt next = *map_children(
        s, [](const ExprRef& e) { return e; }, [&](const Block& b) { return as_copy(b, copy); });
    next.label.copies.push_back(copy);
    out.push_back(std::make_shared<const Stmt>(std::move(next)));
  }
  return out;
}

}  // namespace exo
