// mult_dim: two dimensions of a buffer become one.
//
//     { mult_dim = "t", dims = [0, 1] }
//
//     t : f32[n, 4]
//     for i in seq(0, n):
//         for j in seq(0, 4):
//             t[i, j] = x[i, j]
//   =>
//     t : f32[4*n]
//     for i in seq(0, n):
//         for j in seq(0, 4):
//             t[4*i + j] = x[i, j]
//
// The second of the two varies fastest; the new dimension stands where the first one did. What a call gets must be at one
// index of the first.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/check.h"
#include "ir/print.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
  std::vector<int64_t> dims;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Sym buffer = one_buffer(rw.before(), args.buffer);
    const Path path = allocation(rw, buffer);
    for (const int64_t d : args.dims) check_dimension(rw, args.buffer, buffer, d);
    if (args.dims.size() != 2 || args.dims[0] == args.dims[1])
      rw.refuse({"mult-dim-two", "`dims` names two dimensions, the one that varies slowly first", path, "this buffer"});
    mult_dim(rw, buffer, static_cast<size_t>(args.dims[0]), static_cast<size_t>(args.dims[1]));
  });
}

}  // namespace

void mult_dim(Rewrite& rw, Sym buffer, size_t slow, size_t fast) {
  const ExprRef extent = rw.names().at(buffer).type.shape.at(fast);
  const auto merged = [&](auto list, auto value) {
    list[slow] = value;
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(fast));
    return list;
  };
  reshape(rw, buffer,
          {[&](Alloc& a) { a.type.shape = merged(a.type.shape, extent * a.type.shape[slow]); },
           [&](const Exprs& index) { return merged(index, extent * index[slow] + index[fast]); },
           [&](const Facts&, const std::vector<Slice>& slices) -> std::optional<std::vector<Slice>> {
             const Slice &s = slices[slow], &f = slices[fast];
             if (s.hi) return std::nullopt;  // it would be strided, or have a dimension less
             for (size_t d = std::min(slow, fast) + 1; f.hi && d < std::max(slow, fast); ++d)
               if (slices[d].hi) return std::nullopt;  // the ranges would change places
             Slice out{extent * s.lo + f.lo, f.hi ? extent * s.lo + f.hi : nullptr};
             return merged(slices, out);
           }});
}

VERB(mult_dim) {
  return make_verb("mult_dim", Kind::Primitive, "two dimensions of a buffer become one",
                   Signature<Args>()
                       .verb("mult_dim", &Args::buffer, "buffer", "the buffer, allocated in this procedure")
                       .required("dims", &Args::dims, "ints", "the two dimensions, from 0; the second varies fastest"),
                   run);
}

}  // namespace exo
