#include "emit/fence.h"

#include <algorithm>

#include "emit/effects.h"
#include "emit/scratch.h"
#include "ir/build.h"
#include "ir/check.h"
#include "ir/walk.h"

namespace exo {
namespace {

/// Buffers that instructions under way may read or write.
struct Running {
  std::set<Sym> reads, writes;
  bool any() const { return !reads.empty() || !writes.empty(); }
  void add(const Running& o) {
    reads.insert(o.reads.begin(), o.reads.end());
    writes.insert(o.writes.begin(), o.writes.end());
  }
  friend bool operator==(const Running&, const Running&) = default;
};

bool meet(const std::set<Sym>& a, const std::set<Sym>& b) {
  return std::any_of(a.begin(), a.end(), [&](Sym s) { return b.count(s) > 0; });
}

class Flow {
 public:
  Flow(const Proc& proc, const Target& target) : target_(target), names_(declarations(proc)) {}
  Fences out;

  Running run(const Proc& proc) {
    Running now;
    block(proc.body, now);
    return now;
  }

 private:
  const Target& target_;
  const Declarations names_;
  bool noting_ = true;  // false while the state in front of a loop is looked for

  void wait(std::set<const Stmt*>& where, const StmtRef& s, Running& now) const {
    if (noting_) where.insert(s.get());
    now = {};
  }

  /// The buffer in ordinary memory behind a name; none where it lies elsewhere.
  Sym ordinary(Sym buffer) const {
    const auto it = names_.find(buffer);
    if (it == names_.end()) return {};
    if (it->second.alias) return ordinary(it->second.alias->buffer);
    const Memory* memory = target_.memory(it->second.memory);
    return !memory || memory->addressable ? buffer : Sym{};
  }
  std::set<Sym> ordinary(const std::set<Sym>& buffers) const {
    std::set<Sym> found;
    for (const Sym b : buffers)
      if (const Sym s = ordinary(b)) found.insert(s);
    return found;
  }

  void block(const Block& body, Running& now) {
    for (const StmtRef& s : body) statement(s, now);
    Running ends;  // what goes with the block
    for (const StmtRef& s : body)
      if (const Alloc* a = as<Alloc>(s); a && (a->memory == "stack" || a->type.shape.empty()))
        ends.reads.insert(a->buffer);
    if (meet(ends.reads, now.reads) || meet(ends.reads, now.writes)) wait(out.behind, body.back(), now);
  }

  /// What C itself reads and writes must not be under way.
  void plain(const StmtRef& s, const Effects& effects, Running& now) {
    const std::set<Sym> reads = ordinary(effects.reads), writes = ordinary(effects.writes);
    if (meet(reads, now.writes) || meet(writes, now.writes) || meet(writes, now.reads)) wait(out.before, s, now);
  }

  void call(const StmtRef& s, const Call& n, Running& now) {
    if (!target_.instruction_of(*n.callee)) {
      if (now.any()) wait(out.before, s, now);  // it waits itself before it ends
      return;
    }
    const Effects inner = effects_of(n.callee->body);
    std::set<Sym> updated;
    each_stmt(n.callee->body, [&](const StmtRef& in) {
      if (const Reduce* r = as<Reduce>(in)) updated.insert(r->buffer);
    });
    Effects scalars;  // read by C, when the instruction is issued
    Running own;
    for (size_t i = 0; i < n.args.size(); ++i) {
      const Param& p = n.callee->params[i];
      const Window* w = as<Window>(n.args[i]);
      const Sym buffer = w ? ordinary(w->buffer) : Sym{};
      if (!buffer) continue;
      if (inner.reads.count(p.name) || updated.count(p.name)) own.reads.insert(buffer);
      if (inner.writes.count(p.name)) own.writes.insert(buffer);
      if (p.type.shape.empty()) scalars.reads.insert(buffer);
    }
    plain(s, scalars, now);
    if (meet(own.reads, now.writes) || meet(own.writes, now.reads)) wait(out.before, s, now);
    now.add(own);
  }

  void loop(const StmtRef& s, const For& n, Running& now) {
    if (n.order == Order::Parallel) {  // each processor has instructions of its own
      if (now.any() && calls_instructions(n.body, target_)) wait(out.before, s, now);
      Running inside;
      block(n.body, inside);
      if (inside.any()) wait(out.behind, n.body.back(), inside);
      return;
    }
    const bool noting = noting_;
    noting_ = false;
    for (bool again = true; again;) {
      Running inside = now, before = now;
      block(n.body, inside);
      now.add(inside);
      again = !(now == before);
    }
    noting_ = noting;
    Running inside = now;
    block(n.body, inside);
    now.add(inside);
  }

  void statement(const StmtRef& s, Running& now) {
    if (const For* n = as<For>(s)) return loop(s, *n, now);
    if (const If* n = as<If>(s)) {
      plain(s, effects_of({with_node(s, If{n->cond, {}, {}})}), now);
      Running other = now;
      block(n->body, now), block(n->orelse, other);
      return now.add(other);
    }
    if (const Call* n = as<Call>(s)) return call(s, *n, now);
    if (!as<Alias>(s)) plain(s, effects_of({s}), now);
  }
};

}  // namespace

bool calls_instructions(const Block& block, const Target& target) {
  bool found = false;
  each_stmt(block, [&](const StmtRef& s) {
    const Call* n = as<Call>(s);
    found = found || (n && (target.instruction_of(*n->callee) || calls_instructions(n->callee->body, target)));
  });
  return found;
}

Fences fences(const Proc& proc, const Target& target) {
  if (target.fence.empty()) return {};
  Flow flow(proc, target);
  flow.out.at_end = flow.run(proc).any();
  return std::move(flow.out);
}

}  // namespace exo
