#include "analysis/repeat.h"

#include <algorithm>

#include "ir/build.h"

namespace exo {
namespace {

/// Statements that run whenever the loops around them in the block do. Calls are left out: what happens in one is not known
/// to happen always.
void collect_unconditional(const Block& block, std::set<const Stmt*>& out) {
  for (const StmtRef& s : block) {
    if (const For* loop = as<For>(s)) collect_unconditional(loop->body, out);
    if (as<Assign>(s)) out.insert(s.get());
  }
}

/// For each access: is it a read or an update of what the same iteration of the same loops has always written before?
std::vector<bool> settled(const Facts& facts, const Block& block, const std::vector<Access>& all) {
  std::set<const Stmt*> unconditional;
  collect_unconditional(block, unconditional);
  std::vector<bool> out(all.size(), false);
  for (size_t i = 0; i < all.size(); ++i) {
    const Access& r = all[i];
    if (r.kind == Access::Write) continue;
    Facts here = facts;
    here.add_all(r.when);
    for (size_t j = 0; j < i && !out[i]; ++j) {
      const Access& w = all[j];
      if (w.kind != Access::Write || w.buffer != r.buffer || w.stmt == r.stmt || !unconditional.count(w.stmt)) continue;
      if (w.iterators.size() > r.iterators.size() || w.when.size() > r.when.size() ||
          !std::equal(w.iterators.begin(), w.iterators.end(), r.iterators.begin()))
        continue;
      Exprs same;
      for (size_t d = 0; d < r.index.size(); ++d) same.push_back(eq(r.index[d], w.index[d]));
      out[i] = evident(here, all_of(same));
    }
  }
  return out;
}

}  // namespace

std::optional<Conflict> not_idempotent(const Declarations& names, const Facts& facts, const Block& block) {
  const std::vector<Access> all = visible(names, block);
  const std::vector<bool> own = settled(facts, block, all);
  for (const Access& a : all)
    for (size_t k = 0; k < all.size(); ++k) {
      const Access& b = all[k];
      if (a.kind == Access::Read || b.kind == Access::Write || a.buffer != b.buffer || own[k]) continue;
      const Access again = fresh(b);
      if (const Verdict v = disjoint(facts, a, again); !v) return Conflict{a, again, v};
    }
  return std::nullopt;
}

std::optional<Conflict> not_recomputable(const Declarations& names, const Facts& around, const For& loop) {
  const Sym other = Sym::fresh(loop.iter.name() + "'");
  Facts facts = around;
  facts.add_range(loop.iter, loop.lo, loop.hi);
  Facts inside = facts;
  facts.add_range(other, loop.lo, loop.hi);
  Facts apart = facts;
  apart.add(ne(var(loop.iter), var(other)));
  const std::vector<Access> all = visible(names, loop.body);
  const std::vector<bool> own = settled(inside, loop.body, all);
  for (const Access& a : all)
    for (size_t k = 0; k < all.size(); ++k) {
      const Access& b = all[k];
      if (a.buffer != b.buffer || a.kind == Access::Read) continue;
      if (own[k] && b.kind == Access::Read) continue;
      Access second = fresh(substitute(b, {{loop.iter, var(other)}}));
      const bool itself = b.kind == Access::Write || own[k];  // the same iteration again writes the same
      if (const Verdict v = disjoint(itself ? apart : facts, a, second); !v) {
        second.iterators.emplace_back(loop.iter, other);
        return Conflict{a, second, v};
      }
    }
  return std::nullopt;
}

std::optional<Conflict> collision(const Facts& facts, const std::vector<Access>& a, const std::vector<Access>& b) {
  for (const Access& x : a)
    for (const Access& y : b) {
      if (x.buffer != y.buffer || (x.kind == Access::Read && y.kind == Access::Read)) continue;
      const Access other = fresh(y);
      if (const Verdict v = disjoint(facts, x, other); !v) return Conflict{x, other, v};
    }
  return std::nullopt;
}

std::vector<Access> head_accesses(const Declarations& names, const StmtRef& statement) {
  Stmt head = *statement;
  if (For* loop = std::get_if<For>(&head.node)) {
    loop->body.clear();
  } else if (If* branch = std::get_if<If>(&head.node)) {
    branch->body.clear();
    branch->orelse.clear();
  } else {
    return {};
  }
  std::vector<Access> out = accesses(names, {std::make_shared<const Stmt>(std::move(head))});
  for (Access& a : out) a.stmt = statement.get();
  return out;
}

}  // namespace exo
