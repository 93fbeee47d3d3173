#include "schedule/finish.h"

#include <algorithm>

#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/primitives.h"

namespace exo {
namespace {

bool touches_registers(const Declarations& names, const Target& target, const StmtRef& s) {
  const auto all = accesses(names, {s});
  return std::any_of(all.begin(), all.end(), [&](const Access& a) {
    const Memory* m = target.memory(names.at(a.buffer).memory);
    return m && !m->addressable && m->role == "vector";
  });
}

bool is_leaf(const StmtRef& s) { return as<Assign>(s) || as<Reduce>(s); }

/// The innermost loop around a statement, and the conditions in it; the statement itself where a condition stands outside.
Path lanes_of(const Proc& proc, const Path& leaf) {
  Path out = leaf;
  while (out.size() > 1 && as<If>(stmt_at(proc, parent(out)))) out = parent(out);
  return out.size() > 1 && as<For>(stmt_at(proc, parent(out))) ? parent(out) : leaf;
}

}  // namespace

ProcRef finish(const ProcRef& proc, const Context& context) {
  Schedule s(proc, context);
  const Declarations names = declarations(s.now());
  std::vector<Path> regions;
  for (const Path& p : find(s.now(), is_leaf))
    if (touches_registers(names, s.target(), stmt_at(s.now(), p))) {
      const Path lanes = lanes_of(s.now(), p);
      if (regions.empty() || regions.back() != lanes) regions.push_back(lanes);
    }
  for (auto region = regions.rbegin(); region != regions.rend(); ++region)
    s.apply([&](Rewrite& rw) { map_class(rw, *region, "vector"); });
  return s.proc();
}

}  // namespace exo
