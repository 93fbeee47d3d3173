// transpose: the two dimensions of a buffer change places.
//
//     { transpose = "t" }
//
//     t : f32[n, 4]
//     for i in seq(0, n):
//         for j in seq(0, 4):
//             t[i, j] = 1.0
//   =>
//     t : f32[4, n]
//     for i in seq(0, n):
//         for j in seq(0, 4):
//             t[j, i] = 1.0
//
// Of a parameter only in `[proc.NAME]`, which makes another procedure: one whose argument is the transposed one. Every access is
// rewritten; a buffer of which a part is handed to a call keeps its shape.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/procedures.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
};

Exprs swapped(const Exprs& index) { return {index.at(1), index.at(0)}; }

/// Every read with its two indices swapped.
ExprRef with_swapped(const ExprRef& e, Sym buffer) {
  return map_exprs(e, [&](const ExprRef& x) {
    const Read* r = as<Read>(x);
    return r && r->buffer == buffer ? read(buffer, swapped(r->index)) : x;
  });
}

/// Every access with its two indices swapped.
Block with_swapped(const Block& block, Sym buffer) {
  Block out;
  for (const StmtRef& s : block) {
    StmtRef next = map_children(
        s, [&](const ExprRef& e) { return with_swapped(e, buffer); },
        [&](const Block& b) { return with_swapped(b, buffer); });
    if (const Assign* a = as<Assign>(next); a && a->buffer == buffer)
      next = with_node(next, Assign{buffer, swapped(a->index), a->rhs});
    if (const Reduce* r = as<Reduce>(next); r && r->buffer == buffer)
      next = with_node(next, Reduce{r->op, buffer, swapped(r->index), r->rhs});
    out.push_back(std::move(next));
  }
  return out;
}

/// The expression with the strides of the parameter in their new places.
ExprRef with_strides(const ExprRef& e, Sym buffer) {
  return map_exprs(e, [&](const ExprRef& x) {
    const Stride* st = as<Stride>(x);
    return st && st->buffer == buffer ? stride(buffer, 1 - st->dim) : x;
  });
}

void transpose_param(Rewrite& rw, Sym buffer) {
  only_in_proc(rw, "transpose");
  each_expr(rw.before().body, [&](const ExprRef& e) {
    if (const Window* w = as<Window>(e); w && w->buffer == buffer)
      rw.refuse({"buffer-window",
                 fmt::format("a part of `{}` is handed to a call or has a name of its own", buffer.name()),
                 {},
                 "",
                 {"transpose it before the call is made; `inline_window` removes a name"}});
  });
  rw.another();
  Block body = with_swapped(rw.before().body, buffer);
  body = map_exprs(body, [&](const ExprRef& e) {
    const Stride* st = as<Stride>(e);
    return st && st->buffer == buffer ? stride(buffer, 1 - st->dim) : e;
  });
  if (!body.empty()) rw.edit.splice({{PathStep{Slot::Body, 0}}, body.size()}, body);
  rw.edit.head([&](Proc& proc) {
    for (Param& p : proc.params)
      if (p.name == buffer) p.type.shape = swapped(p.type.shape);
    for (ExprRef& e : proc.asserts) e = with_strides(with_swapped(e, buffer), buffer);
  });
}

void transpose(Rewrite& rw, Sym buffer) {
  const Declaration& d = rw.names().at(buffer);
  if (d.type.shape.size() != 2)
    rw.refuse({"transpose-rank",
               fmt::format("`{}` has {} dimension{}, not two", buffer.name(), d.type.shape.size(),
                           d.type.shape.size() == 1 ? "" : "s"),
               {},
               "",
               {"`rearrange_dim` brings any number of dimensions into another order"}});
  if (d.is_param) return transpose_param(rw, buffer);
  rearrange_dim(rw, buffer, {1, 0});
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) { transpose(rw, one_buffer(rw.before(), args.buffer)); });
}

}  // namespace

VERB(transpose) {
  return make_verb(
      "transpose", Kind::Primitive, "the two dimensions of a buffer change places",
      Signature<Args>().verb("transpose", &Args::buffer, "buffer", "the buffer; a parameter in `[proc.NAME]`"), run);
}

}  // namespace exo
