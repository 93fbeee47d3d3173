// prefetch: ask for the lines of a buffer before they are needed.
//
//     { prefetch = "x", at = "i", level = 1 }
//
//     for i in seq(0, n):
//         for j in seq(0, m):
//             y[i, j] = x[i, j]
//   =>
//     for i in seq(0, n):
//         for d0 in seq(0, 1):
//             for line in seq(0, (m + 15)/16):
//                 prefetch1_f32(x[i + d0, 16*line:16*line + 1])
//         for j in seq(0, m):
//             y[i, j] = x[i, j]
//
// At the beginning of each iteration of loop `at` every line of the window that the iteration touches is prefetched, or the
// window of the iteration `ahead` further on, if there is one. The instruction is the target's, of class `prefetch1` (nearest)
// to `prefetch3`; it must do nothing, and its window must be inside of the buffer. A target without such an instruction runs
// the program as it is.
#include <fmt/format.h>

#include "analysis/hull.h"
#include "ir/build.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

constexpr int64_t kLine = 64;  // bytes

struct Args {
  Ref buffer;
  Ref at;
  int64_t ahead = 0;
  int64_t level = 1;
};

/// The target's instruction of the class for elements of this type; null if there is none.
const Instruction* instruction_for(const Target& target, const std::string& cls, Scalar element) {
  for (const Instruction& i : target.instructions)
    if (i.cls == cls && i.spec->params.size() == 1 && i.spec->params[0].type.shape.size() == 1 &&
        i.spec->params[0].type.scalar == element)
      return &i;
  return nullptr;
}

/// Loops over the window, by rows and within the innermost dimension by lines, around one call.
StmtRef nest_of(const Instruction& instruction, Sym buffer, const std::vector<Side>& sides, int64_t per_line) {
  const std::string nest = buffer.name() + ".prefetch";
  const size_t last = sides.size() - 1;
  std::vector<Slice> slices;
  std::vector<std::pair<Sym, ExprRef>> loops;
  for (size_t d = 0; d < sides.size(); ++d) {
    const Sym iter = Sym::fresh(d == last ? "line" : fmt::format("d{}", d));
    loops.emplace_back(iter, d == last ? ceil_div(sides[d].extent, per_line) : sides[d].extent);
    const ExprRef at = sides[d].lo + (d == last ? num(per_line) * var(iter) : var(iter));
    slices.push_back({at, d == last ? at + num(1) : nullptr});
  }
  StmtRef out = stmt(Call{instruction.spec, {window(buffer, slices)}}, Label{nest, "", "", "", {}});
  for (size_t d = sides.size(); d-- > 0;)
    out = stmt(For{loops[d].first, num(0), loops[d].second, {out}, Order::Sequential},
               Label{loops[d].first.name(), nest, fmt::format("d{}", d), loops[d].first.name(), {}});
  return out;
}

void prefetch(Rewrite& rw, const Path& path, Sym buffer, int64_t ahead, int64_t level) {
  const For& loop = rw.loop(path);
  const Type& type = rw.names().at(buffer).type;
  if (type.shape.empty())
    rw.refuse({"prefetch-scalar", fmt::format("`{}` is a scalar", buffer.name()), path, "in this loop"});
  if (const auto alloc = binder(rw.before(), buffer); alloc && is_prefix(path, *alloc))
    rw.refuse({"prefetch-scope", fmt::format("`{}` is allocated inside of this loop", buffer.name()), *alloc, "here"});
  const Instruction* instruction = instruction_for(*rw.context.target, fmt::format("prefetch{}", level), type.scalar);
  if (!instruction) return;
  if (!instruction->spec->body.empty())
    rw.refuse({"prefetch-acts", fmt::format("`{}` does something, a prefetch does nothing", instruction->name), path,
               "in this loop"});
  std::vector<Access> touches;
  for (const Access& a : accesses(rw.names(), loop.body))
    if (a.buffer == buffer) touches.push_back(a);
  const Facts inside = facts_inside(rw.before(), path);
  const auto found = hull(inside, touches);
  if (!found)
    rw.refuse({"prefetch-window",
               fmt::format("the part of `{}` that an iteration touches is not a simple box", buffer.name()), path,
               "this loop"});
  std::vector<Side> sides = *found;
  for (Side& s : sides)
    for (ExprRef* e : {&s.lo, &s.extent}) *e = substitute(*e, {{loop.iter, var(loop.iter) + num(ahead)}});

  Block call = {nest_of(*instruction, buffer, sides, kLine / size_in_bytes(type.scalar))};
  if (ahead > 0) call = {stmt(If{lt(var(loop.iter) + num(ahead), loop.hi), call, {}}, Label{"if", "", "", "", {}})};
  for (Violation& v : violations(rw.names(), inside, call, 1))
    rw.fail({{"prefetch-bounds", v.problem.message, path, "in this loop"}, v.verdict, std::nullopt});
  rw.edit.splice({child(path, 0), 0}, call);
}

void run(Schedule& s, const Args& args) {
  if (args.ahead < 0 || args.level < 1 || args.level > 3)
    reject(Diagnostic{"prefetch-arguments", "`ahead` is not negative, `level` is 1, 2 or 3", {}, {}, {}}.at(
        args.buffer.text.span));
  s.apply([&](Rewrite& rw) {
    const Sym buffer = one_buffer(rw.before(), args.buffer);
    const Path path =
        one_loop(rw.before(), args.at, [&](const Path& p) { return mentions(block_in(rw.before(), p), buffer); });
    prefetch(rw, path, buffer, args.ahead, args.level);
  });
}

}  // namespace

VERB(prefetch) {
  return make_verb("prefetch", Kind::Primitive, "ask for the lines of a buffer before they are needed",
                   Signature<Args>()
                       .verb("prefetch", &Args::buffer, "buffer", "the buffer")
                       .required("at", &Args::at, "loop", "at the beginning of each iteration of this loop")
                       .optional("ahead", &Args::ahead, "int", "for the iteration so much further on [0]")
                       .optional("level", &Args::level, "int", "nearest cache wanted, 1 to 3 [1]"),
                   run);
}

}  // namespace exo
