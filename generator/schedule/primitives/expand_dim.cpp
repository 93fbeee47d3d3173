// expand_dim: a new outermost dimension for a buffer.
//
//     { expand_dim = "t", extent = "8", index = "i" }
//
//     for i in seq(0, 8):
//         t : f32
//         t = x[i]
//         y[i] = t
//   =>
//     for i in seq(0, 8):
//         t : f32[8]
//         t[i] = x[i]
//         y[i] = t[i]
//
// The index must be in range at every access, and constant while the buffer lives: it may use only what is bound outside of
// the allocation.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
  Text extent, index;
};

void run(Schedule& s, const Args& args) {
  const Sym buffer = one_buffer(s.now(), args.buffer);
  const Path at = binder(s.now(), buffer).value_or(Path{});
  s.apply([&](Rewrite& rw) { expand_dim(rw, buffer, s.expression(args.extent, at), s.expression(args.index, at)); });
}

}  // namespace

void expand_dim(Rewrite& rw, Sym buffer, const ExprRef& extent, const ExprRef& index) {
  Spelling(rw, "expand_dim").about(buffer).key("extent", extent).key("index", index);
  const Path path = allocation(rw, buffer);
  for (const Sym used : symbols(index))
    if (const auto at = binder(rw.before(), used); at && !is_prefix(*at, path))
      rw.refuse({"expand-dim-index", fmt::format("`{}` changes while `{}` lives", used.name(), buffer.name()), *at,
                 "this loop is inside"});
  rw.prove(all_of({le(num(0), index), lt(index, extent)}),
           {"expand-dim-bounds", fmt::format("`{}` can lie outside of `0` to `{}`", print(index), print(extent)), path,
            "this buffer"});
  reshape(rw, buffer,
          {[&](Alloc& a) { a.type.shape.insert(a.type.shape.begin(), extent); },
           [&](const Exprs& at) {
             Exprs out = at;
             out.insert(out.begin(), index);
             return out;
           },
           [&](const Facts&, std::vector<Slice> slices) -> std::optional<std::vector<Slice>> {
             slices.insert(slices.begin(), {index, nullptr});
             return slices;
           }});
}

VERB(expand_dim) {
  return make_verb("expand_dim", Kind::Primitive, "a new outermost dimension for a buffer",
                   Signature<Args>()
                       .verb("expand_dim", &Args::buffer, "buffer", "the buffer, allocated in this procedure")
                       .required("extent", &Args::extent, "expression", "extent of the new dimension")
                       .required("index", &Args::index, "expression", "which element each access uses"),
                   run);
}

}  // namespace exo
