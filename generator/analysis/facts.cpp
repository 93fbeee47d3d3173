#include "analysis/facts.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <tuple>

#include "analysis/config.h"
#include "ir/build.h"
#include "ir/check.h"
#include "support/memo.h"

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

namespace {

using FactsRef = std::shared_ptr<const Facts>;

/// Facts by what they follow from: what holds around a loop or condition, and its bounds or the condition itself. A step leaves nearly
/// all of these as they were. Entries hold what their keys point at, so that an address names nothing else.
class Followed {
 public:
  FactsRef at_entry(const Proc& proc) {
    std::map<Sym, Scalar> tensors = index_tensors(proc);
    const auto sizes = [](const Proc& of) {
      std::vector<Sym> out;
      for (const Param& p : of.params)
        if (p.type.scalar == Scalar::Size) out.push_back(p.name);
      return out;
    };
    std::vector<Sym> here = sizes(proc);
    for (const Entry& e : entries_)
      if (e.facts && e.sizes == here && e.asserts == proc.asserts && e.facts->tensors == tensors) return e.facts;
    Entry& oldest = entries_[next_++ % entries_.size()];
    oldest = {std::move(here), proc.asserts, std::make_shared<const Facts>(entry_facts(proc))};
    return oldest.facts;
  }

  FactsRef in_loop(const FactsRef& around, const For& loop) {
    const Key key{around.get(), loop.lo.get(), loop.hi.get(), loop.iter.id()};
    const auto make = [&] {
      Facts facts = *around;
      facts.add_range(loop.iter, loop.lo, loop.hi);
      return Known{around, loop.lo, loop.hi, std::make_shared<const Facts>(std::move(facts))};
    };
    return known_.of(key, make).facts;
  }

  FactsRef in_branch(const FactsRef& around, const If& branch, Slot slot) {
    const Key key{around.get(), branch.cond.get(), nullptr, slot == Slot::Body ? 1u : 0u};
    const auto make = [&] {
      Facts facts = *around;
      facts.add(slot == Slot::Body ? branch.cond : negate(branch.cond));
      return Known{around, branch.cond, nullptr, std::make_shared<const Facts>(std::move(facts))};
    };
    return known_.of(key, make).facts;
  }

 private:
  struct Entry {
    std::vector<Sym> sizes;
    Exprs asserts;
    FactsRef facts;
  };
  struct Known {
    FactsRef around;
    ExprRef first, second;
    FactsRef facts;
  };
  using Key = std::tuple<const Facts*, const Expr*, const Expr*, uint32_t>;  // a loop has a second expression
  std::array<Entry, 8> entries_;
  size_t next_ = 0;
  Memo<Key, Known> known_{10'000};
};

/// Where nothing is configured: then what holds at a place does not depend on what ran before it.
FactsRef followed(const Proc& proc, const Path& path) {
  static Followed& all = *new Followed;
  FactsRef facts = all.at_entry(proc);
  for (size_t length = 1; length < path.size(); ++length) {
    const StmtRef& s = stmt_at(proc, Path(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(length)));
    if (const For* loop = as<For>(s)) facts = all.in_loop(facts, *loop);
    if (const If* branch = as<If>(s)) facts = all.in_branch(facts, *branch, path[length].slot);
  }
  return facts;
}

}  // namespace

Facts facts_at(const Proc& proc, const Path& path) {
  if (all_fields().empty()) return *followed(proc, path);
  Facts facts = entry_facts(proc);
  for (size_t length = 1; length <= path.size(); ++length) {  // with what was set on the way here
    const Path prefix(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(length));
    const Block& block = block_of(proc, prefix);
    const auto last = block.begin() + static_cast<std::ptrdiff_t>(std::min(prefix.back().index, block.size()));
    facts = without(facts, configured(Block(block.begin(), last)));
    if (length == path.size()) break;
    const StmtRef& s = stmt_at(proc, prefix);
    if (const For* loop = as<For>(s)) {
      facts = without(facts, configured(loop->body));
      facts.add_range(loop->iter, loop->lo, loop->hi);
    }
    if (const If* branch = as<If>(s)) facts.add(path[length].slot == Slot::Body ? branch->cond : negate(branch->cond));
  }
  return with(facts, configuration_at(proc, path));
}

Facts facts_inside(const Proc& proc, const Path& path) { return facts_at(proc, child(path, 0)); }

}  // namespace exo
