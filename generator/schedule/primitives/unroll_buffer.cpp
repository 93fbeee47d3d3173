// unroll_buffer: each index of one dimension becomes a buffer of its own.
//
//     { unroll_buffer = "t", dim = 0 }
//
//     t : f32[2, n]
//     for i in seq(0, n):
//         t[0, i] = x[i]
//         t[1, i] = t[0, i]
//   =>
//     t_0 : f32[n]
//     t_1 : f32[n]
//     for i in seq(0, n):
//         t_0[i] = x[i]
//         t_1[i] = t_0[i]
//
// The extent and every index of the dimension must be constants. An index that is never used gets no buffer.
#include <map>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
  int64_t dim = 0;
};

class Unroller {
 public:
  Unroller(Rewrite& rw, Sym buffer, size_t dim, const Path& where)
      : rw_(rw), buffer_(buffer), dim_(dim), where_(where) {}
  std::map<int64_t, Sym> parts;

  Block block(const Block& old) {
    Block out;
    for (const StmtRef& s : old) {
      StmtRef next = map_children(
          s, [&](const ExprRef& e) { return map_exprs(e, [&](const ExprRef& x) { return expression_of(x, s); }); },
          [&](const Block& b) { return block(b); });
      if (const Assign* a = as<Assign>(next); a && a->buffer == buffer_)
        next = with_node(next, Assign{part(a->index[dim_], s), rest(a->index), a->rhs});
      if (const Reduce* r = as<Reduce>(next); r && r->buffer == buffer_)
        next = with_node(next, Reduce{r->op, part(r->index[dim_], s), rest(r->index), r->rhs});
      out.push_back(std::move(next));
    }
    return out;
  }

 private:
  Rewrite& rw_;
  const Sym buffer_;
  const size_t dim_;
  const Path& where_;

  template <class List>
  List rest(List list) const {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(dim_));
    return list;
  }

  Sym part(const ExprRef& at, const StmtRef& s) {
    const Linear index = linear(at);
    if (!index.is_constant()) {
      const auto found = find(rw_.before(), [&](const StmtRef& other) { return other.get() == s.get(); });
      rw_.refuse({"unroll-buffer-index",
                  fmt::format("the index `{}` of dimension {} is no constant", print(at), dim_),
                  found.front(),
                  "this statement",
                  {"`unroll` the loop first"}});
    }
    Sym& out = parts[index.constant];
    if (!out) out = Sym::fresh(fmt::format("{}_{}", buffer_.name(), index.constant));
    return out;
  }

  ExprRef expression_of(const ExprRef& e, const StmtRef& s) {
    if (const Read* r = as<Read>(e); r && r->buffer == buffer_) return read(part(r->index[dim_], s), rest(r->index));
    const Window* w = as<Window>(e);
    if (!w || w->buffer != buffer_) return e;
    if (w->slices.empty() || w->slices[dim_].hi)
      rw_.refuse({"unroll-buffer-part",
                  fmt::format("`{}` has a range of dimension {}", print(e), dim_),
                  where_,
                  "this buffer",
                  {"`unroll` it before the call is made; `inline_window` removes a name"}});
    return window(part(w->slices[dim_].lo, s), rest(w->slices));
  }
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Sym buffer = one_buffer(rw.before(), args.buffer);
    allocation(rw, buffer);
    check_dimension(rw, args.buffer, buffer, args.dim);
    unroll_buffer(rw, buffer, static_cast<size_t>(args.dim));
  });
}

}  // namespace

void unroll_buffer(Rewrite& rw, Sym buffer, size_t dim) {
  const Path path = allocation(rw, buffer);
  const Block scope = scope_of(rw.before(), path);
  check_strides(rw, scope, buffer, path);
  Alloc one = *as<Alloc>(scope.front());
  if (!literal(one.type.shape.at(dim)))
    rw.refuse({"unroll-buffer-extent",
               fmt::format("the extent `{}` of dimension {} is no constant", print(one.type.shape[dim]), dim),
               path,
               "this buffer",
               {"`resize_dim` it to a constant first"}});
  one.type.shape.erase(one.type.shape.begin() + static_cast<std::ptrdiff_t>(dim));
  Unroller unroller(rw, buffer, dim, path);
  const Block rest = unroller.block(Block(scope.begin() + 1, scope.end()));
  Block next;
  for (const auto& [index, part] : unroller.parts) {
    Label label = scope.front()->label;
    label.name = part.name() + ".alloc";
    next.push_back(stmt(Alloc{part, one.type, one.memory, one.bank}, std::move(label)));
  }
  next.insert(next.end(), rest.begin(), rest.end());
  rw.edit.splice({path, scope.size()}, next);
  for (const auto& [index, part] : unroller.parts) prove_parts(rw, part, path);
}

VERB(unroll_buffer) {
  return make_verb("unroll_buffer", Kind::Primitive, "each index of one dimension becomes a buffer of its own",
                   Signature<Args>()
                       .verb("unroll_buffer", &Args::buffer, "buffer", "the buffer, allocated in this procedure")
                       .optional("dim", &Args::dim, "int", "which dimension, from 0 [0]"),
                   run);
}

}  // namespace exo
