// relayout: the elements of a buffer go to other places.
//
//     { relayout = "t", layout = "(k, j) -> (j/4, k, j%4)" }
//
//     t : f32[n, 8]
//     for k in seq(0, n):
//         for j in seq(0, 8):
//             t[k, j] = x[k, j]
//   =>
//     t : f32[2, n, 4]
//     for k in seq(0, n):
//         for j in seq(0, 8):
//             t[j / 4, k, j % 4] = x[k, j]
//
// Each element has a place inside of the new buffer, and no two share one. What a call gets, or a name of a part stands for, must
// lie in one piece there.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "schedule/access_edit.h"
#include "schedule/layout.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
  Text layout;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Sym buffer = one_buffer(rw.before(), args.buffer);
    allocation(rw, buffer);
    const std::vector<std::string> axes(rw.names().at(buffer).type.shape.size());
    relayout(rw, buffer, Layout(args.layout, axes, rw.context));
  });
}

}  // namespace

void relayout(Rewrite& rw, Sym buffer, const Layout& layout) {
  const Path path = allocation(rw, buffer);
  const Exprs shape = rw.names().at(buffer).type.shape;
  const auto stated = [&](const char* message, Verdict v) {
    if (!v) rw.fail({{"relayout-place", message, path, "this buffer"}, std::move(v), std::nullopt});
  };
  stated("the layout puts an element outside of the new buffer", layout.inside(rw.facts(path), shape));
  stated("the layout puts two elements into one place", layout.injective(rw.facts(path), shape));
  for (const ExprRef& e : layout.extents(shape))
    rw.prove(le(num(0), e), {"relayout-negative",
                             fmt::format("the extent `{}` of the new buffer can be negative", print(e)),
                             path,
                             "this buffer",
                             {"add an assertion to the algorithm that it is not"}});
  reshape(
      rw, buffer,
      {[&](Alloc& a) { a.type.shape = layout.extents(shape); }, [&](const Exprs& index) { return layout.index(index); },
       [&](const Facts& facts, const std::vector<Slice>& slices) { return layout.part(facts, slices); }});
}

VERB(relayout) {
  return make_verb(
      "relayout", Kind::Primitive, "the elements of a buffer go to other places",
      Signature<Args>()
          .verb("relayout", &Args::buffer, "buffer", "the buffer, allocated in this procedure")
          .required("layout", &Args::layout, "layout", "where each element goes, `(k, j) -> (j/16, k, j%16)`"),
      run);
}

}  // namespace exo
