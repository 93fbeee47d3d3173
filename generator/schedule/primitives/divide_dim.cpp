// divide_dim: one dimension of a buffer becomes two, the inner one of constant extent.
//
//     { divide_dim = "t", dim = 0, by = 4 }
//
//     t : f32[8]
//     for i in seq(0, 8):
//         t[i] = 0.0
//   =>
//     t : f32[2, 4]
//     for i in seq(0, 8):
//         t[i / 4, i % 4] = 0.0
//
// The extent must be a multiple of `by` for every size.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
  int64_t dim = 0;
  int64_t by = 0;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Sym buffer = one_buffer(rw.before(), args.buffer);
    const size_t rank = rw.names().at(buffer).type.shape.size();
    if (args.dim < 0 || args.dim >= static_cast<int64_t>(rank) || args.by < 1)
      reject(Diagnostic{
          "divide-dim-which",
          fmt::format("`{}` has rank {}: `dim` counts from 0, and `by` is at least 1", args.buffer.str(), rank),
          {},
          {},
          {}}.at(args.buffer.text.whole()));
    divide_dim(rw, buffer, static_cast<size_t>(args.dim), args.by);
  });
}

}  // namespace

void divide_dim(Rewrite& rw, Sym buffer, size_t dim, int64_t by) {
  const Path path = allocation(rw, buffer);
  const ExprRef extent = rw.names().at(buffer).type.shape.at(dim);
  rw.prove(eq(extent % by, num(0)),
           {"divide-dim-tail", fmt::format("the extent `{}` is not a multiple of {}", print(extent), by), path,
            "this buffer"});
  const auto at = static_cast<std::ptrdiff_t>(dim);
  edit_accesses(
      rw, buffer,
      [&](Alloc& a) {
        a.type.shape[dim] = extent / by;
        a.type.shape.insert(a.type.shape.begin() + at + 1, num(by));
      },
      [&](const Exprs& index) {
        Exprs out = index;
        out[dim] = index[dim] / by;
        out.insert(out.begin() + at + 1, index[dim] % by);
        return out;
      });
}

VERB(divide_dim) {
  return make_verb("divide_dim", Kind::Primitive, "one dimension of a buffer becomes two",
                   Schema<Args>()
                       .verb("divide_dim", &Args::buffer, "buffer", "the buffer, allocated in this procedure")
                       .required("dim", &Args::dim, "int", "which dimension, from 0")
                       .required("by", &Args::by, "int", "extent of the inner one"),
                   run);
}

}  // namespace exo
