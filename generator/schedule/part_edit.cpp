#include "schedule/part_edit.h"

#include "analysis/access.h"
#include "ir/build.h"

namespace exo {
namespace {

/// The dimension of the buffer that dimension `dim` of the part walks.
int64_t dimension(const Window& part, int64_t dim) {
  for (size_t d = 0; d < part.slices.size(); ++d)
    if (part.slices[d].hi && dim-- == 0) return static_cast<int64_t>(d);
  BUG("a part has fewer dimensions than its strides");
}

}  // namespace

Block with_part(const Block& block, Sym name, const Window& part) {
  if (part.slices.empty()) return rename(block, {{name, part.buffer}});
  const auto index = [&](const Exprs& at) { return through(part, at, at.size()); };
  const auto on_expr = [&](const ExprRef& e) -> ExprRef {
    if (const Read* r = as<Read>(e); r && r->buffer == name) return read(part.buffer, index(r->index));
    if (const Stride* s = as<Stride>(e); s && s->buffer == name) return stride(part.buffer, dimension(part, s->dim));
    const Window* w = as<Window>(e);
    if (!w || w->buffer != name) return e;
    const Window whole = through(part, *w);
    return window(whole.buffer, whole.slices);
  };
  Block out;
  for (const StmtRef& s : block) {
    StmtRef next = map_children(
        s, [&](const ExprRef& e) { return map_exprs(e, on_expr); },
        [&](const Block& b) { return with_part(b, name, part); });
    if (const Assign* a = as<Assign>(next); a && a->buffer == name)
      next = with_node(next, Assign{part.buffer, index(a->index), a->rhs});
    if (const Reduce* r = as<Reduce>(next); r && r->buffer == name)
      next = with_node(next, Reduce{r->op, part.buffer, index(r->index), r->rhs});
    out.push_back(std::move(next));
  }
  return out;
}

}  // namespace exo
