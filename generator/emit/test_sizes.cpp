#include "emit/test_sizes.h"

#include <algorithm>
#include <set>

#include "ir/arguments.h"
#include "ir/build.h"
#include "ir/interpret.h"
#include "ir/walk.h"

namespace exo {
namespace {

/// Elements of one buffer, and what the sizes multiplied with each other say about the time of a call.
constexpr int64_t kMostElements = 1 << 17, kMostWork = 3'000'000;

/// Can it be decided by sizes alone? Elements are chosen so that assertions about them hold; the program sees to strides.
bool is_about_sizes(const ExprRef& assertion) {
  return !is_about_elements(assertion) && !mentions_field(assertion) && !mentions_stride(assertion);
}

/// Moves sizes to where equations hold that say what one of them is: `O == W + 1 - R`, `C % 8 == 0`.
void obey(const Exprs& conditions, Sizes& sizes) {
  for (const ExprRef& e : conditions) {
    const Binary* b = as<Binary>(e);
    if (!b || b->op != BinaryOp::Eq) continue;
    for (const auto& [one, other] : {std::pair(b->a, b->b), std::pair(b->b, b->a)}) {
      const auto value = evaluate(other, sizes);
      if (!value) continue;
      const Binary* rest = as<Binary>(one);
      const Var* v = as<Var>(rest && rest->op == BinaryOp::Mod ? rest->a : one);
      if (!v || !sizes.count(v->sym)) continue;
      int64_t& size = sizes[v->sym];
      if (!rest)
        size = *value;
      else if (const int64_t* by = literal(rest->b); by && *by > 0)
        size = std::max<int64_t>(1, size / *by) * *by + *value;
      break;
    }
  }
}

/// How much a test costs; nothing where the sizes are not admitted, or too large.
std::optional<int64_t> cost(const Proc& proc, const Sizes& sizes) {
  for (const ExprRef& assertion : proc.asserts)
    if (is_about_sizes(assertion) && evaluate(assertion, sizes) != 1) return std::nullopt;
  int64_t work = 1, all = 0;
  for (const Param& p : proc.params) {
    if (!is_data(p.type.scalar)) {
      if (p.type.scalar == Scalar::Size) work *= std::max<int64_t>(1, sizes.at(p.name));
      if (work > kMostWork) return std::nullopt;
      continue;
    }
    int64_t elements = 1;
    for (const ExprRef& extent : p.type.shape) {
      const auto n = evaluate(extent, sizes);
      if (!n || *n < 0 || *n > kMostElements) return std::nullopt;
      elements *= *n;
      if (elements > kMostElements) return std::nullopt;
    }
    all += elements;
  }
  return all;
}

}  // namespace

std::vector<int64_t> edges_of(const std::vector<ProcRef>& programs) {
  std::map<int64_t, int> seen;
  const auto take = [&](const ExprRef& e) {
    each_expr(e, [&](const ExprRef& x) {
      if (const int64_t* n = literal(x); n && *n >= 2 && *n <= 8192) ++seen[*n];
    });
  };
  for (const ProcRef& proc : programs) {
    each_stmt(proc->body, [&](const StmtRef& s) {
      if (const For* loop = as<For>(s)) take(loop->lo), take(loop->hi);
      if (const Alloc* alloc = as<Alloc>(s))
        for (const ExprRef& extent : alloc->type.shape) take(extent);
      if (const If* branch = as<If>(s)) take(branch->cond);
    });
  }
  std::vector<int64_t> out;
  for (const auto& [n, times] : seen) out.push_back(n);
  return out;
}

std::vector<Sizes> test_sizes(const Proc& proc, const std::vector<int64_t>& edges, size_t limit) {
  std::set<int64_t> small = {0, 1, 2, 3, 5, 7, 13}, large;
  for (const int64_t e : edges)
    for (const int64_t v : {e - 1, e, e + 1, 2 * e, 2 * e + 1, 3 * e - 1}) (v < 40 ? small : large).insert(v);
  struct Axis {
    Sym name;
    std::vector<int64_t> small, large;
  };
  std::vector<Axis> axes;
  for (const Param& p : proc.params) {
    if (is_data(p.type.scalar)) continue;
    Axis axis{p.name, {small.begin(), small.end()}, {large.begin(), large.end()}};
    if (p.type.scalar == Scalar::Bool) axis.small = {0, 1}, axis.large.clear();
    if (p.type.scalar != Scalar::Size && p.type.scalar != Scalar::Bool)
      axis.small.insert(axis.small.end(), {-1, -2, -5});
    axes.push_back(std::move(axis));
  }
  Exprs conditions;
  for (const ExprRef& assertion : proc.asserts)
    if (is_about_sizes(assertion))
      for (const ExprRef& e : conjuncts(assertion)) conditions.push_back(e);
  std::map<Sizes, int64_t> found;
  const auto offer = [&](Sizes sizes) {
    obey(conditions, sizes);
    if (const auto c = cost(proc, sizes)) found.emplace(sizes, *c);
  };
  // All alike: what asserts that sizes are equal has these.
  for (const auto* values : {&small, &large})
    for (const int64_t v : *values) {
      Sizes sizes;
      for (const Axis& a : axes)
        sizes[a.name] = std::count(a.small.begin(), a.small.end(), v) || v > 1 ? v : a.small[0];
      offer(sizes);
    }
  // Each large one once for each size, the others small.
  Random random(1);
  const auto pick = [&](const std::vector<int64_t>& of) {
    return of[static_cast<size_t>(random.between(0, static_cast<int64_t>(of.size()) - 1))];
  };
  for (const Axis& wide : axes)
    for (const int64_t v : wide.large) {
      Sizes sizes;
      for (const Axis& a : axes) sizes[a.name] = pick({1, 2, 3, 5});
      sizes[wide.name] = v;
      offer(sizes);
    }
  // The rest is drawn.
  const size_t kept = found.size();
  for (size_t tries = 0; !axes.empty() && tries < 60 * limit && found.size() < kept + limit; ++tries) {
    Sizes sizes;
    for (const Axis& a : axes) sizes[a.name] = pick(a.small);
    offer(sizes);
  }
  if (axes.empty()) offer({});
  std::vector<std::pair<int64_t, Sizes>> ordered;
  for (const auto& [sizes, c] : found) ordered.emplace_back(c, sizes);
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Sizes> out;
  const size_t step = std::max<size_t>(1, (ordered.size() + limit - 1) / limit);
  for (size_t i = 0; i < ordered.size(); ++i)
    if (i % step == 0 || i + 1 == ordered.size() || i < limit / 3) out.push_back(ordered[i].second);
  return out;
}

}  // namespace exo
