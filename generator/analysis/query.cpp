#include "analysis/query.h"

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/edit.h"
#include "support/text.h"
#include "support/diagnostic.h"

namespace exo {

Verdict disjoint(const Facts& facts, const Access& a, const Access& b) {
  if (a.buffer != b.buffer) return {Verdict::Proved, {}};
  Facts both = facts;
  both.add_all(a.when);
  both.add_all(b.when);
  Exprs apart;
  for (size_t d = 0; d < a.index.size(); ++d) apart.push_back(ne(a.index[d], b.index[d]));
  return prove(both, any_of(apart));
}

bool harmless(const Access& a, const Access& b, const Declarations& names, Contract contract) {
  if (a.buffer != b.buffer || a.kind != b.kind || a.kind == Access::Write) return a.buffer != b.buffer;
  if (a.kind == Access::Read) return true;
  if (a.op != b.op) return false;
  const Scalar type = names.at(a.buffer).type.scalar;
  return contract == Contract::Reassociate || a.op != ReduceOp::Add || is_integer_data(type);
}

std::optional<Conflict> conflict(const Facts& facts, const std::vector<Access>& a, const std::vector<Access>& b,
                                 const Declarations& names, Contract contract) {
  for (const Access& x : a)
    for (const Access& y : b) {
      if (harmless(x, y, names, contract)) continue;
      const Access other = fresh(y);
      if (const Verdict v = disjoint(facts, x, other); !v) return Conflict{x, other, v};
    }
  return std::nullopt;
}

std::optional<Conflict> iterations_conflict(const Facts& around, const For& loop, const Declarations& names, Contract contract) {
  const Sym later = Sym::fresh(loop.iter.name() + "'");
  Facts facts = around;
  facts.add_range(loop.iter, loop.lo, loop.hi);
  facts.add_range(later, loop.lo, loop.hi);
  facts.add(lt(var(loop.iter), var(later)));
  const std::vector<Access> first = visible(loop.body);
  std::vector<Access> second;
  for (const Access& a : first) second.push_back(substitute(a, {{loop.iter, var(later)}}));
  auto found = conflict(facts, first, second, names, contract);
  if (found) found->second.iterators.emplace_back(loop.iter, later);
  return found;
}

std::optional<Conflict> race(const Facts& around, const For& loop) {
  const Sym later = Sym::fresh(loop.iter.name() + "'");
  Facts facts = around;
  facts.add_range(loop.iter, loop.lo, loop.hi);
  facts.add_range(later, loop.lo, loop.hi);
  facts.add(ne(var(loop.iter), var(later)));
  const std::vector<Access> first = visible(loop.body);
  for (const Access& a : first)
    for (const Access& b : first) {
      if (a.kind == Access::Read || a.buffer != b.buffer) continue;
      Access other = fresh(substitute(b, {{loop.iter, var(later)}}));
      other.iterators.emplace_back(loop.iter, later);
      if (const Verdict v = disjoint(facts, a, other); !v) return Conflict{a, other, v};
    }
  return std::nullopt;
}

namespace {

/// The block in which a buffer is allocated, from the allocation on, and where.
struct Scope {
  Path path;
  Block rest;
};

std::optional<Scope> scope_of(const Proc& proc, Sym buffer) {
  const auto at = binder(proc, buffer);
  if (!at) return std::nullopt;
  const Block& block = block_of(proc, *at);
  return Scope{*at, Block(block.begin() + static_cast<std::ptrdiff_t>(at->back().index), block.end())};
}

/// The accesses of `extra` as seen from the allocation: with the loops and conditions between the two.
std::vector<Access> seen_from(const Proc& proc, const Path& alloc, const Path& region, const Block& extra) {
  Editor edit(std::make_shared<const Proc>(proc));
  edit.splice({region, 1}, extra);
  const Block& block = block_of(*edit.proc(), alloc);
  std::set<const Stmt*> inside;
  each_stmt(extra, [&](const StmtRef& s) { inside.insert(s.get()); });
  std::vector<Access> out;
  for (Access& a : accesses(Block(block.begin() + static_cast<std::ptrdiff_t>(alloc.back().index), block.end())))
    if (inside.count(a.stmt)) out.push_back(std::move(a));
  return out;
}

}  // namespace

std::optional<Observation> observed(const Proc& proc, const Path& region, const Block& extra) {
  std::set<Sym> written;
  for (const Access& a : visible(extra)) {
    if (a.kind == Access::Read || written.count(a.buffer)) continue;
    written.insert(a.buffer);
    const auto scope = scope_of(proc, a.buffer);
    if (!scope) return Observation{a, std::nullopt, {Verdict::Refuted, {}}};
    const Facts facts = facts_at(proc, scope->path);
    const std::vector<Access> all = accesses(scope->rest);
    for (const Access& w : seen_from(proc, scope->path, region, extra)) {
      if (w.buffer != a.buffer || w.kind == Access::Read) continue;
      const auto meets = [&](bool reads) -> std::optional<Observation> {
        for (const Access& a2 : all) {
          if (a2.buffer != w.buffer || (a2.kind == Access::Read) != reads) continue;
          const Access other = fresh(a2);
          if (const Verdict v = disjoint(facts, w, other); !v) return Observation{w, other, v};
        }
        return std::nullopt;
      };
      // A place that is never read, or one that nothing else writes: without `extra` it has no value, and may get any.
      if (const auto seen = meets(true); seen && meets(false)) return seen;
    }
  }
  return std::nullopt;
}

std::string counterexample(const Witness& witness) {
  std::vector<std::string> parts;
  for (const auto& [sym, value] : witness) parts.push_back(fmt::format("{} = {}", sym.name(), value));
  return join(parts, ", ");
}

ExprRef stride_of(const Declarations& names, Sym buffer, size_t dim) {
  const Declaration& d = names.at(buffer);
  if (d.type.window) return stride(buffer, static_cast<int64_t>(dim));
  ExprRef out = num(1);
  for (size_t i = dim + 1; i < d.type.shape.size(); ++i) out = out * d.type.shape[i];
  return out;
}

}  // namespace exo
