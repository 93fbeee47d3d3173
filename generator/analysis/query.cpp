#include "analysis/query.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/hull.h"

#include "ir/build.h"
#include "ir/edit.h"
#include "support/diagnostic.h"
#include "support/text.h"

namespace exo {

namespace {

/// Both happen, and their indices differ somewhere.
struct Meeting {
  Facts facts;
  ExprRef apart;

  Meeting(const Facts& around, const Access& a, const Access& b) : facts(around) {
    facts.add_all(a.when);
    facts.add_all(b.when);
    Exprs ways;
    for (size_t d = 0; d < a.index.size(); ++d) ways.push_back(ne(a.index[d], b.index[d]));
    apart = any_of(ways);
  }
};

}  // namespace

Verdict disjoint(const Facts& facts, const Access& a, const Access& b) {
  if (a.buffer != b.buffer) return {Verdict::Proved, {}};
  const Meeting meeting(facts, a, b);
  return prove(meeting.facts, meeting.apart);
}

bool harmless(const Access& a, const Access& b, const Declarations& names, Contract contract) {
  if (a.buffer != b.buffer || a.kind != b.kind || a.kind == Access::Write) return a.buffer != b.buffer;
  if (a.kind == Access::Read) return true;
  if (a.op != b.op) return false;
  return contract == Contract::Reassociate || is_integer_data(names.at(a.buffer).type.scalar);
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

namespace {

/// Do all accesses of one iteration to a buffer stay in a box that no other iteration's box meets? One question for each access and
/// one for the boxes, where pairs would be quadratic. False where it cannot tell.
bool boxes_apart(const Facts& two_iterations, const Facts& inside, const For& loop, Sym later,
                 const std::vector<Access>& touches) {
  const auto box = hull(inside, touches);
  if (!box) return false;
  for (const Access& a : touches) {
    Facts here = inside;
    here.add_all(a.when);
    for (size_t d = 0; d < box->size(); ++d) {
      const ExprRef at = a.index[d] - (*box)[d].lo;
      if (!evident(here, all_of({le(num(0), at), lt(at, (*box)[d].extent)}))) return false;
    }
  }
  Exprs ways;
  for (const Side& side : *box) {
    const ExprRef end = side.lo + side.extent;
    const Substitution other = {{loop.iter, var(later)}};
    ways.push_back(le(end, substitute(side.lo, other)));
    ways.push_back(le(substitute(end, other), side.lo));
  }
  return std::any_of(ways.begin(), ways.end(), [&](const ExprRef& way) { return evident(two_iterations, way); }) ||
         evident(two_iterations, any_of(ways));
}

}  // namespace

std::optional<Conflict> race(const Declarations& names, const Facts& around, const For& loop) {
  const Sym later = Sym::fresh(loop.iter.name() + "'");
  Facts inside = around;
  inside.add_range(loop.iter, loop.lo, loop.hi);
  Facts facts = inside;
  facts.add_range(later, loop.lo, loop.hi);
  facts.add(ne(var(loop.iter), var(later)));
  std::map<Sym, std::vector<Access>> by_buffer;
  std::set<Sym> written;
  for (Access& a : visible(names, loop.body)) {
    if (a.kind != Access::Read) written.insert(a.buffer);
    by_buffer[a.buffer].push_back(std::move(a));
  }
  for (const Sym buffer : written) {
    const std::vector<Access>& all = by_buffer[buffer];
    if (boxes_apart(facts, inside, loop, later, all)) continue;
    for (const Access& a : all)
      for (const Access& b : all) {
        if (a.kind == Access::Read) continue;
        Access other = fresh(substitute(b, {{loop.iter, var(later)}}));
        other.iterators.emplace_back(loop.iter, later);
        if (const Verdict v = disjoint(facts, a, other); !v) return Conflict{a, other, v};
      }
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
std::vector<Access> seen_from(const Declarations& names, const Proc& proc, const Path& alloc, const Path& region,
                              const Block& extra) {
  Editor edit(std::make_shared<const Proc>(proc));
  edit.splice({region, 1}, extra);
  const Block& block = block_of(*edit.proc(), alloc);
  std::set<const Stmt*> inside;
  each_stmt(extra, [&](const StmtRef& s) { inside.insert(s.get()); });
  std::vector<Access> out;
  for (Access& a : accesses(names, Block(block.begin() + static_cast<std::ptrdiff_t>(alloc.back().index), block.end())))
    if (inside.count(a.stmt)) out.push_back(std::move(a));
  return out;
}

}  // namespace

namespace {

/// Does linear reasoning alone show that `w` meets none of the reads (or writes) among `all`?
bool evidently_apart(const Facts& facts, const Access& w, const std::vector<Access>& all, bool reads) {
  return std::all_of(all.begin(), all.end(), [&](const Access& a) {
    if (a.buffer != w.buffer || (a.kind == Access::Read) != reads) return true;
    const Meeting meeting(facts, w, fresh(a));
    return evident(meeting.facts, meeting.apart);
  });
}

}  // namespace

std::optional<Observation> observed(const Proc& proc, const Path& region, const Block& extra) {
  const Declarations names = declarations(proc);
  std::set<Sym> written;
  for (const Access& a : visible(names, extra)) {
    if (a.kind == Access::Read || written.count(a.buffer)) continue;
    const auto scope = scope_of(proc, a.buffer);
    if (!scope) {  // the caller's: noticed wherever it happens
      Facts here = facts_at(proc, region);
      here.add_all(a.when);
      if (Verdict v = prove(here, truth(false)); !v) return Observation{a, std::nullopt, v};
      continue;
    }
    written.insert(a.buffer);
    const Facts facts = facts_at(proc, scope->path);
    const std::vector<Access> all = accesses(names, scope->rest);
    for (const Access& w : seen_from(names, proc, scope->path, region, extra)) {
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
      if (evidently_apart(facts, w, all, true) || evidently_apart(facts, w, all, false)) continue;
      if (const auto seen = meets(true); seen && meets(false)) return seen;
    }
  }
  return std::nullopt;
}

std::string counterexample(const Witness& witness) {
  std::vector<std::string> parts;
  for (const auto& [sym, value] : witness) parts.push_back(fmt::format("{} = {}", sym.name(), value));
  for (const ElementValue& e : witness.elements)
    parts.push_back(fmt::format("{}[{}] = {}", e.tensor.name(), fmt::join(e.index, ","), e.value));
  return join(parts, ", ");
}

ExprRef stride_of(const Declarations& names, Sym buffer, size_t dim) {
  const Declaration& d = names.at(buffer);
  if (d.alias) {
    for (size_t at = 0, ranged = 0; at < d.alias->slices.size(); ++at)
      if (d.alias->slices[at].hi && ranged++ == dim) return stride_of(names, d.alias->buffer, at);
    BUG("a stride of a dimension that a part does not have");
  }
  if (d.type.window) return stride(buffer, static_cast<int64_t>(dim));
  ExprRef out = num(1);
  for (size_t i = dim + 1; i < d.type.shape.size(); ++i) out = out * d.type.shape[i];
  return out;
}

}  // namespace exo
