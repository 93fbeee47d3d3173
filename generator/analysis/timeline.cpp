// "There is a write before it" is answered by naming the iteration that writes: its iterators are solved from the index. Which write
// a read finds is left open: it is one of those after the iteration named, so that only these need to be looked at.
#include "analysis/timeline.h"

#include <algorithm>

#include "ir/build.h"

namespace exo {
namespace {

bool is_call(const Access& a) { return a.stmt && std::holds_alternative<Call>(a.stmt->node); }

/// Lower bound of an iterator among the conditions of an access.
ExprRef first_iteration(const Access& a, Sym iter) {
  for (const ExprRef& c : a.when)
    if (const Binary* b = as<Binary>(c); b && b->op == BinaryOp::Le && equal(b->b, var(iter))) return b->a;
  return nullptr;
}

/// Values of `unknown` with which `index` is `wanted`, for sums like 4*io + ii; those found go into `by`.
void solve(const ExprRef& index, const ExprRef& wanted, const std::set<Sym>& unknown, Substitution& by) {
  std::vector<std::pair<Sym, int64_t>> terms;
  Linear rest = linear(substitute(index, by));
  const Linear whole = rest;
  for (const auto& [x, n] : whole.terms) {
    const Var* v = as<Var>(x);
    if (!v || !unknown.count(v->sym) || by.count(v->sym)) continue;
    terms.emplace_back(v->sym, n);
    rest = rest - n * linear(x);
  }
  std::stable_sort(terms.begin(), terms.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  ExprRef left = expression(linear(wanted) - rest);
  if (terms.size() == 1 && terms[0].second == -1) {
    by[terms[0].first] = num(0) - left;
    return;
  }
  for (size_t k = 0; k < terms.size(); ++k) {
    const auto [sym, n] = terms[k];
    if (n < 1) return;
    by[sym] = n == 1 ? left : left / n;
    if (k + 1 < terms.size()) left = n == 1 ? num(0) : left % n;
  }
}

bool mentions_any(const ExprRef& e, const std::set<Sym>& syms) {
  return std::any_of(syms.begin(), syms.end(), [&](Sym s) { return mentions(e, s); });
}

}  // namespace

Timeline::Timeline(const Declarations& names, const Block& block) : all_(accesses(names, block)) {
  each_stmt(block, [&](const StmtRef& s) {
    if (const For* loop = as<For>(s)) {
      loops_.insert(loop->iter);
      if (loop->order == Order::Parallel) parallel_.insert(loop->iter);
    }
  });
}

size_t Timeline::depth(size_t i) const {
  size_t out = 0;
  for (const auto& [original, here] : all_[i].iterators) out += loops_.count(original);
  return out;
}

bool Timeline::in_parallel(Sym buffer) const {
  return std::any_of(all_.begin(), all_.end(), [&](const Access& a) {
    return a.buffer == buffer && std::any_of(a.iterators.begin(), a.iterators.end(),
                                             [&](const auto& i) { return parallel_.count(i.first) > 0; });
  });
}

/// Loops of a procedure that is called are the same ones in each call of it: they are never common.
size_t Timeline::common(const Access& a, const Access& b) const {
  size_t k = 0;
  while (k < a.iterators.size() && k < b.iterators.size() && a.iterators[k].first == b.iterators[k].first &&
         loops_.count(a.iterators[k].first))
    ++k;
  return k;
}

/// A copy whose iterators are called apart from those of others.
Timeline::Moment Timeline::moment(size_t i, const char* prime) const {
  Substitution by;
  auto iterators = all_[i].iterators;
  for (auto& [original, here] : iterators) {
    const Sym next = Sym::fresh(original.name() + prime);
    by[here] = var(next);
    here = next;
  }
  Moment out{substitute(all_[i], by), i};
  out.access.iterators = std::move(iterators);
  return out;
}

ExprRef Timeline::may_precede(const Moment& a, const Moment& b) const {
  Exprs ways, same;
  const size_t shared = common(a.access, b.access);
  for (size_t k = 0; k < shared; ++k) {
    const ExprRef x = var(a.access.iterators[k].second), y = var(b.access.iterators[k].second);
    Exprs way = same;
    way.push_back(parallel_.count(a.access.iterators[k].first) ? ne(x, y) : lt(x, y));
    ways.push_back(all_of(way));
    same.push_back(eq(x, y));
  }
  const bool inside_one_call = a.access.stmt == b.access.stmt && is_call(a.access);
  if (a.position < b.position || inside_one_call) ways.push_back(all_of(same));
  return any_of(ways);
}

/// Conditions of which each one says that what `read` finds was written by `write` before.
Exprs Timeline::written_by(size_t write, size_t read, size_t level) const {
  const Access &w = all_[write], &r = all_[read];
  if (w.stmt == r.stmt && is_call(w)) return {};
  Exprs out;
  const size_t shared = common(w, r);
  for (size_t m = shared + 1; m-- > level;) {
    // The two share m iterations, and the write is at an earlier one of the next loop, or stands in front where there is none.
    if (m == shared ? write > read : parallel_.count(w.iterators[m].first) > 0) continue;
    const Access there = fresh(w);
    Substitution by;
    std::set<Sym> unknown;
    for (size_t k = 0; k < there.iterators.size(); ++k) {
      if (k < m)
        by[there.iterators[k].second] = var(r.iterators[k].second);
      else
        unknown.insert(there.iterators[k].second);
    }
    for (size_t d = 0; d < there.index.size(); ++d) solve(there.index[d], r.index[d], unknown, by);
    for (const auto& [original, here] : there.iterators)
      if (!by.count(here))
        if (const ExprRef lo = first_iteration(there, here)) by[here] = substitute(lo, by);
    const Access named = substitute(there, by);
    Exprs claim = named.when;
    for (size_t d = 0; d < named.index.size(); ++d) claim.push_back(eq(named.index[d], r.index[d]));
    if (m < shared) claim.push_back(lt(by[there.iterators[m].second], var(r.iterators[m].second)));
    if (std::none_of(claim.begin(), claim.end(), [&](const ExprRef& e) { return mentions_any(e, unknown); }))
      out.push_back(all_of(claim));
  }
  return out;
}

Verdict Timeline::finds_own(const Facts& facts, size_t i, size_t level) const {
  const Access& r = all_[i];
  Facts here = facts;
  here.add_all(r.when);
  Exprs ways;
  for (size_t w = 0; w < all_.size(); ++w) {
    if (all_[w].buffer != r.buffer || all_[w].kind != Access::Write) continue;
    for (const ExprRef& way : written_by(w, i, level)) {
      if (evident(here, way)) return {Verdict::Proved, {}};
      ways.push_back(way);
    }
  }
  return prove(here, any_of(ways));
}

std::optional<Timeline::Exposed> Timeline::exposed(const Facts& facts, Sym buffer, size_t level) const {
  for (size_t i = 0; i < all_.size(); ++i) {
    if (all_[i].buffer != buffer || all_[i].kind == Access::Write) continue;
    if (Verdict v = finds_own(facts, i, level); !v) return Exposed{all_[i], std::move(v)};
  }
  return std::nullopt;
}

std::optional<Conflict> Timeline::overwritten(const Facts& facts, const std::vector<Tenant>& tenants) const {
  const auto equal_indices = [](const Exprs& a, const Exprs& b) {
    Exprs same;
    for (size_t d = 0; d < std::min(a.size(), b.size()); ++d) same.push_back(eq(a[d], b[d]));
    return all_of(same);
  };
  const auto place = [&](const Tenant& t, const Access& fresh_copy) {  // of the copy's iteration
    Substitution by;
    const Access& original = all_[t.access];
    for (size_t k = 0; k < original.iterators.size(); ++k)
      by[original.iterators[k].second] = var(fresh_copy.iterators[k].second);
    Exprs out;
    for (const ExprRef& e : t.place) out.push_back(substitute(e, by));
    return out;
  };
  for (const Tenant& reader : tenants) {
    if (all_[reader.access].kind == Access::Write) continue;
    size_t level = depth(reader.access);  // the read finds a write of this iteration of so many loops
    while (level > reader.level && !finds_own(facts, reader.access, level)) --level;
    const Moment r = moment(reader.access, "'");
    for (const Tenant& writer : tenants) {
      if (all_[writer.access].kind == Access::Read) continue;
      const Moment w = moment(writer.access, "");
      const bool other = w.access.buffer != r.access.buffer;
      Facts meet = facts;
      meet.add_all(r.access.when);
      meet.add_all(w.access.when);
      meet.add(may_precede(w, r));
      meet.add(equal_indices(place(writer, w.access), place(reader, r.access)));
      const ExprRef unharmed = other ? truth(false) : equal_indices(w.access.index, r.access.index);
      if (evident(meet, unharmed)) continue;
      for (const Tenant& definer : tenants) {
        if (all_[definer.access].kind == Access::Read || all_[definer.access].buffer != r.access.buffer) continue;
        const Moment d = moment(definer.access, "''");
        if (common(d.access, r.access) < level) continue;
        Facts between = meet;
        between.add_all(d.access.when);
        for (size_t k = 0; k < level; ++k)
          between.add(eq(var(d.access.iterators[k].second), var(r.access.iterators[k].second)));
        between.add(equal_indices(d.access.index, r.access.index));
        between.add(may_precede(d, w));
        if (Verdict v = prove(between, unharmed); !v) return Conflict{w.access, r.access, std::move(v)};
      }
    }
  }
  return std::nullopt;
}

}  // namespace exo
