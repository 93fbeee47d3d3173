#include "analysis/facts.h"

#include <algorithm>

#include "analysis/config.h"
#include "ir/build.h"
#include "ir/check.h"

namespace exo {

Facts size_facts(const Proc& proc) {
  Facts facts;
  facts.tensors = index_tensors(proc);
  for (const Param& p : proc.params)
    if (p.type.scalar == Scalar::Size) facts.add(le(num(0), var(p.name)));
  return facts;
}

Facts entry_facts(const Proc& proc) {
  Facts facts = size_facts(proc);
  facts.add_all(proc.asserts);
  return facts;
}

Facts facts_at(const Proc& proc, const Path& path) {
  Facts facts = entry_facts(proc);
  const bool fields = !all_fields().empty();
  for (size_t length = 1; length <= path.size(); ++length) {
    const Path prefix(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(length));
    if (fields) {  // what was set on the way here
      const Block& block = block_of(proc, prefix);
      const auto last = block.begin() + static_cast<std::ptrdiff_t>(std::min(prefix.back().index, block.size()));
      facts = without(facts, configured(Block(block.begin(), last)));
    }
    if (length == path.size()) break;
    const StmtRef& s = stmt_at(proc, prefix);
    if (const For* loop = as<For>(s)) {
      if (fields) facts = without(facts, configured(loop->body));
      facts.add_range(loop->iter, loop->lo, loop->hi);
    }
    if (const If* branch = as<If>(s)) facts.add(path[length].slot == Slot::Body ? branch->cond : negate(branch->cond));
  }
  return fields ? with(facts, configuration_at(proc, path)) : facts;
}

Facts facts_inside(const Proc& proc, const Path& path) { return facts_at(proc, child(path, 0)); }

}  // namespace exo
