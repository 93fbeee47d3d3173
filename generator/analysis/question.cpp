#include "analysis/question.h"

#include <algorithm>
#include <bit>

#include "ir/build.h"
#include "ir/walk.h"
#include "support/diagnostic.h"
#include "support/text.h"

namespace exo {
namespace {

void collect(const ExprRef& e, std::vector<Sym>& out) {
  each_expr(e, [&](const ExprRef& x) {
    if (const Var* n = as<Var>(x)) out.push_back(n->sym);
    if (const Read* n = as<Read>(x)) out.push_back(n->buffer);
    if (const Window* n = as<Window>(x)) out.push_back(n->buffer);
    if (const Stride* n = as<Stride>(x)) out.push_back(n->buffer);
    if (const Forall* n = as<Forall>(x)) out.push_back(n->iter);
  });
}

}  // namespace

Question::Question(const std::vector<const Exprs*>& facts, const ExprRef& claim, const Intervals& known) {
  for (const Exprs* group : facts)
    for (const ExprRef& e : *group) collect(e, symbols_);
  collect(claim, symbols_);
  std::sort(symbols_.begin(), symbols_.end());
  symbols_.erase(std::unique(symbols_.begin(), symbols_.end()), symbols_.end());
  for (const Exprs* group : facts) {
    form_.push_back(static_cast<int64_t>(group->size()));
    for (const ExprRef& e : *group) write(e);
  }
  write(claim);
  for (const Sym sym : symbols_) {
    const auto it = known.find(sym);
    const Interval range = it == known.end() ? Interval{} : it->second;
    form_.push_back((range.lo ? 1 : 0) + (range.hi ? 2 : 0));
    if (range.lo) form_.push_back(*range.lo);
    if (range.hi) form_.push_back(*range.hi);
  }
}

size_t Question::number(Sym sym) const {
  const auto it = std::lower_bound(symbols_.begin(), symbols_.end(), sym);
  if (it == symbols_.end() || *it != sym) BUG("a variable that is not in the question");
  return static_cast<size_t>(it - symbols_.begin());
}

/// Kind of the node, how many parts follow where that is not fixed, then the parts.
void Question::write(const ExprRef& e) {
  const auto put = [&](auto value) { form_.push_back(static_cast<int64_t>(value)); };
  const auto list = [&](const Exprs& all) {
    put(all.size());
    for (const ExprRef& x : all) write(x);
  };
  put(e->node.index());
  std::visit(match{
                 [&](const Int& n) { put(n.value); },
                 [&](const Float& n) { put(std::bit_cast<int64_t>(n.value)); },
                 [&](const Bool& n) { put(n.value); },
                 [&](const Var& n) { put(number(n.sym)); },
                 [&](const Read& n) { put(number(n.buffer)), list(n.index); },
                 [&](const Unary& n) { put(n.op), write(n.a); },
                 [&](const Binary& n) { put(n.op), write(n.a), write(n.b); },
                 [&](const Builtin& n) {
                   put(n.name.size());
                   for (const char c : n.name) put(c);
                   list(n.args);
                 },
                 [&](const Window& n) {
                   put(number(n.buffer)), put(n.slices.size());
                   for (const Slice& s : n.slices) {
                     put(s.hi != nullptr), write(s.lo);
                     if (s.hi) write(s.hi);
                   }
                 },
                 [&](const Stride& n) { put(number(n.buffer)), put(n.dim); },
                 [&](const Forall& n) { put(number(n.iter)), write(n.lo), write(n.hi), write(n.body); },
             },
             e->node);
}

size_t Question::Hash::operator()(const Question& q) const {
  uint64_t h = stable_hash("");
  for (const int64_t x : q.form_) h = mixed_hash(h, static_cast<uint64_t>(x));
  return static_cast<size_t>(h ^ h >> 32);
}

}  // namespace exo
