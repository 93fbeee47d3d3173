#include "analysis/reach.h"

#include "ir/build.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

/// Loops that read each element of the part.
StmtRef reads(const Declarations& names, const Window& part) {
  std::vector<Slice> slices = part.slices;
  if (slices.empty())
    for (const ExprRef& extent : names.at(part.buffer).type.shape) slices.push_back({num(0), extent});
  std::vector<std::pair<Sym, Slice>> loops;
  Exprs index;
  for (const Slice& s : slices) {
    if (s.hi) loops.emplace_back(Sym::fresh("e"), s);
    index.push_back(s.hi ? var(loops.back().first) : s.lo);
  }
  StmtRef out = stmt(Assign{Sym::fresh("nothing"), {}, read(part.buffer, index)});
  for (size_t k = loops.size(); k-- > 0;)
    out = stmt(For{loops[k].first, loops[k].second.lo, loops[k].second.hi, {out}});
  return out;
}

}  // namespace

Block with_reach(const Declarations& names, const Block& block) {
  Block out;
  for (const StmtRef& s : block) {
    if (const Call* call = as<Call>(s))
      for (const ExprRef& arg : call->args)
        if (const Window* w = as<Window>(arg)) out.push_back(reads(names, *w));
    out.push_back(map_children(
        s, [](const ExprRef& e) { return e; }, [&](const Block& b) { return with_reach(names, b); }));
    if (const Alias* a = as<Alias>(s)) out.push_back(reads(names, *as<Window>(a->window)));
  }
  return out;
}

}  // namespace exo
