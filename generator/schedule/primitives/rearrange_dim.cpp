// rearrange_dim: the dimensions of a buffer in another order.
//
//     { rearrange_dim = "t", order = [1, 0] }
//
//     t : f32[8, n]
//     for i in seq(0, 8):
//         for j in seq(0, n):
//             t[i, j] = x[i, j]
//   =>
//     t : f32[n, 8]
//     for i in seq(0, 8):
//         for j in seq(0, n):
//             t[j, i] = x[i, j]
//
// Dimension k of the new buffer is dimension `order[k]` of the old one. What a call gets must keep the order of its dimensions.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "ir/build.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
  std::vector<int64_t> order;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Sym buffer = one_buffer(rw.before(), args.buffer);
    const Path path = allocation(rw, buffer);
    std::vector<int64_t> sorted = args.order, all(rw.names().at(buffer).type.shape.size());
    std::sort(sorted.begin(), sorted.end());
    std::iota(all.begin(), all.end(), 0);
    if (sorted != all)
      rw.refuse({"rearrange-dim-order",
                 fmt::format("`{}` has rank {}: `order` names each of its dimensions once, from 0", buffer.name(),
                             all.size()),
                 path, "this buffer"});
    rearrange_dim(rw, buffer, {args.order.begin(), args.order.end()});
  });
}

}  // namespace

void rearrange_dim(Rewrite& rw, Sym buffer, const std::vector<size_t>& order) {
  const auto rearranged = [&](const auto& list) {
    auto out = list;
    for (size_t k = 0; k < order.size(); ++k) out[k] = list[order[k]];
    return out;
  };
  reshape(rw, buffer,
          {[&](Alloc& a) { a.type.shape = rearranged(a.type.shape); },
           [&](const Exprs& index) { return rearranged(index); },
           [&](const Facts&, const std::vector<Slice>& slices) -> std::optional<std::vector<Slice>> {
             std::vector<size_t> ranges;
             for (const size_t d : order)
               if (slices[d].hi) ranges.push_back(d);
             if (!std::is_sorted(ranges.begin(), ranges.end())) return std::nullopt;
             return rearranged(slices);
           }});
}

VERB(rearrange_dim) {
  return make_verb("rearrange_dim", Kind::Primitive, "the dimensions of a buffer in another order",
                   Signature<Args>()
                       .verb("rearrange_dim", &Args::buffer, "buffer", "the buffer, allocated in this procedure")
                       .required("order", &Args::order, "ints", "the old dimensions, as they stand in the new buffer"),
                   run);
}

}  // namespace exo
