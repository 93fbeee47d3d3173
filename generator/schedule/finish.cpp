#include "schedule/finish.h"

#include <algorithm>
#include <map>

#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/procedures.h"

namespace exo {
namespace {

bool touches_registers(const Declarations& names, const Target& target, const StmtRef& s) {
  const auto all = accesses(names, {s});
  return std::any_of(all.begin(), all.end(), [&](const Access& a) {
    const Memory* m = target.memory(names.at(a.buffer).memory);
    return m && !m->addressable && m->role == "vector";
  });
}

bool is_write(const StmtRef& s) { return as<Assign>(s) || as<Reduce>(s); }

/// The innermost loop around a statement, and the conditions in it; the statement itself where a condition stands outside.
Path lanes_of(const Proc& proc, const Path& leaf) {
  Path out = leaf;
  while (out.size() > 1 && as<If>(stmt_at(proc, parent(out)))) out = parent(out);
  return out.size() > 1 && as<For>(stmt_at(proc, parent(out))) ? parent(out) : leaf;
}

/// Does none of them stand in another one?
bool are_apart(const std::vector<Path>& regions) {
  for (size_t i = 0; i < regions.size(); ++i)
    for (size_t j = 0; j < regions.size(); ++j)
      if (i != j && is_prefix(regions[i], regions[j])) return false;
  return true;
}

/// Iterators with one value as numbers, in the program and in the procedures that it calls; instructions stay what they are.
class Numbers {
 public:
  explicit Numbers(const Context& context) : target_(*context.target), made_(context.procs->made()) {}

  ProcRef of(const ProcRef& proc) {
    ProcRef& out = done_[proc.get()];
    if (out) return out;
    Proc next = *without_fixed_iterators(proc);
    next.body = calls(next.body);
    return out = next.body == proc->body ? proc : std::make_shared<const Proc>(std::move(next));
  }

 private:
  const Target& target_;
  const std::vector<Instruction> made_;
  std::map<const Proc*, ProcRef> done_;

  bool is_instruction(const Proc& proc) const {
    return target_.instruction_of(proc) ||
           std::any_of(made_.begin(), made_.end(), [&](const Instruction& i) { return i.spec.get() == &proc; });
  }

  Block calls(const Block& block) {
    Block out;
    for (const StmtRef& s : block) {
      const Call* call = as<Call>(s);
      if (!call || is_instruction(*call->callee)) {
        out.push_back(map_children(
            s, [](const ExprRef& e) { return e; }, [&](const Block& b) { return calls(b); }));
      } else {
        const ProcRef callee = of(call->callee);
        out.push_back(callee == call->callee ? s : with_node(s, Call{callee, call->args}));
      }
    }
    return out;
  }
};

}  // namespace

ProcRef finish(const ProcRef& proc, const Context& context) {
  Schedule s(proc, context);
  const Declarations names = declarations(s.now());
  std::vector<Path> regions;
  for (const Path& p : find(s.now(), is_write))
    if (touches_registers(names, s.target(), stmt_at(s.now(), p))) {
      const Path lanes = lanes_of(s.now(), p);
      if (regions.empty() || regions.back() != lanes) regions.push_back(lanes);
    }
  if (all_fields().empty() && are_apart(regions)) {
    if (!regions.empty()) s.apply([&](Rewrite& rw) { map_class(rw, regions, "vector"); });
  } else {  // one step for each, from the last on
    for (auto region = regions.rbegin(); region != regions.rend(); ++region)
      s.apply([&](Rewrite& rw) { map_class(rw, {*region}, "vector"); });
  }
  return Numbers(context).of(s.proc());
}

}  // namespace exo
