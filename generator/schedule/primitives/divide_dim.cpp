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
// Where the extent is no multiple of `by`, the last block has room to spare. What a call gets must lie in one block.
#include <fmt/format.h>

#include "analysis/access.h"
#include "ir/build.h"
#include "ir/print.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
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
    allocation(rw, buffer);
    check_dimension(rw, args.buffer, buffer, args.dim);
    if (args.by < 1 || args.by > INT32_MAX)
      rw.refuse({"divide-dim-by",
                 fmt::format("blocks of {}", args.by),
                 *binder(rw.before(), buffer),
                 "this buffer",
                 {"`by` is from 1 to 2147483647"}});
    divide_dim(rw, buffer, static_cast<size_t>(args.dim), args.by);
  });
}

}  // namespace

void divide_dim(Rewrite& rw, Sym buffer, size_t dim, int64_t by) {
  Spelling(rw, "divide_dim").about(buffer).key("dim", static_cast<int64_t>(dim)).key("by", by);
  const Path path = allocation(rw, buffer);
  const ExprRef extent = rw.names().at(buffer).type.shape.at(dim);
  const bool whole = evident(rw.facts(path), eq(extent % by, num(0)));
  const ExprRef blocks = whole ? extent / by : ceil_div(extent, by);
  for (const Access& a : accesses(rw.names(), scope_of(rw.before(), path))) {
    if (a.buffer != buffer) continue;
    Facts facts = rw.facts(path);
    facts.add_all(a.when);
    rw.prove(
        facts, lt(a.index[dim] / by, blocks),
        {"divide-dim-bounds", fmt::format("`{}` must lie in one of `{}` blocks", print(a.index[dim]), print(blocks)),
         path, "this buffer"});
  }
  const auto at = static_cast<std::ptrdiff_t>(dim);
  reshape(rw, buffer,
          {[&](Alloc& a) {
             a.type.shape[dim] = blocks;
             a.type.shape.insert(a.type.shape.begin() + at + 1, num(by));
           },
           [&](const Exprs& index) {
             Exprs out = index;
             out[dim] = index[dim] / by;
             out.insert(out.begin() + at + 1, index[dim] % by);
             return out;
           },
           [&](const Facts& facts, std::vector<Slice> slices) -> std::optional<std::vector<Slice>> {
             const Slice old = slices[dim];
             const ExprRef begin = old.lo % by;
             Slice inner{begin, nullptr};
             if (old.hi) inner.hi = expression(linear(begin + length(old)));
             if (old.hi && !prove(facts, le(inner.hi, num(by)))) return std::nullopt;  // not in one block
             slices[dim] = {old.lo / by, nullptr};
             slices.insert(slices.begin() + at + 1, inner);
             return slices;
           }});
}

VERB(divide_dim) {
  return make_verb("divide_dim", Kind::Primitive, "one dimension of a buffer becomes two",
                   Signature<Args>()
                       .verb("divide_dim", &Args::buffer, "buffer", "the buffer, allocated in this procedure")
                       .required("dim", &Args::dim, "int", "which dimension, from 0")
                       .required("by", &Args::by, "int", "extent of the inner one"),
                   run);
}

}  // namespace exo
