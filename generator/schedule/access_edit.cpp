#include "schedule/access_edit.h"

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"

namespace exo {

Path allocation(Rewrite& rw, Sym buffer) {
  if (const auto path = binder(rw.before(), buffer)) return *path;
  rw.refuse({"buffer-argument",
             fmt::format("`{}` is a parameter: its shape belongs to the caller", buffer.name()),
             {},
             "",
             {fmt::format("`stage` a part of `{}` and work on that", buffer.name())}});
}

Block with_accesses(const Block& block, Sym buffer, Sym replacement, const std::function<Exprs(const Exprs&)>& index) {
  const std::function<ExprRef(const ExprRef&)> on_expr = [&](const ExprRef& e) {
    const Read* r = as<Read>(e);
    return r && r->buffer == buffer ? read(replacement, index(r->index)) : e;
  };
  Block out;
  for (const StmtRef& s : block) {
    StmtRef next = map_children(
        s, [&](const ExprRef& e) { return map_exprs(e, on_expr); },
        [&](const Block& b) { return with_accesses(b, buffer, replacement, index); });
    if (const Assign* a = as<Assign>(next); a && a->buffer == buffer)
      next = with_node(next, Assign{replacement, index(a->index), a->rhs});
    if (const Reduce* r = as<Reduce>(next); r && r->buffer == buffer)
      next = with_node(next, Reduce{r->op, replacement, index(r->index), r->rhs});
    out.push_back(std::move(next));
  }
  return out;
}

void edit_accesses(Rewrite& rw, Sym buffer, const std::function<void(Alloc&)>& declare,
                   const std::function<Exprs(const Exprs&)>& index) {
  const Path path = allocation(rw, buffer);
  const Block& whole = block_of(rw.before(), path);
  const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(path.back().index);
  const Block scope(begin, whole.end());
  each_expr(scope, [&](const ExprRef& e) {
    if (const Window* w = as<Window>(e); w && w->buffer == buffer)
      rw.refuse({"buffer-window",
                 fmt::format("a part of `{}` is handed to a call or has a name of its own", buffer.name()),
                 path,
                 "this buffer",
                 {"change its shape before the call is made; `inline_window` removes a name"}});
    if (const Stride* st = as<Stride>(e); st && st->buffer == buffer)
      rw.refuse({"buffer-stride", fmt::format("the program asks for the strides of `{}`", buffer.name()), path,
                 "this buffer"});
  });
  Block next = with_accesses(scope, buffer, buffer, index);
  Alloc alloc = *as<Alloc>(next.front());
  declare(alloc);
  next.front() = with_node(next.front(), alloc);
  rw.edit.splice({path, scope.size()}, next);
}

}  // namespace exo
