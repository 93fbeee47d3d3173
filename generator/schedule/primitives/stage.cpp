// stage: a window of a buffer gets a buffer of its own while a block runs.
//
//     { stage = "A", at = "i", as = "t" }
//
//     for i in seq(0, 4):
//         for j in seq(0, 8):
//             x[i, j] = A[j] + 1.0
//   =>
//     for i in seq(0, 4):
//         t : f32[8]
//         for j in seq(0, 8):
//             t[j] = A[j]
//         for j in seq(0, 8):
//             x[i, j] = t[j] + 1.0
//
// The block is the part of the body of loop `at` that touches the buffer. The window is found by itself, or given
// (`window = "A[8*io:8*io+8, 0:K]"`). `mode`:
//   copy        load before, store after; the load goes if the block writes all of the window and reads nothing of it, the
//               store if it writes nothing
//   accumulate  the block only reduces: the new buffer begins at the neutral element and is added to the old one after
//   local       nothing is copied: no value of the buffer comes into the block or leaves it
// The new nests are called `t.load` (`t.init`), `t.store`, `t.fill`. `extent` makes the buffer larger than the window, `pad`
// rounds it up to multiples and fills what the window leaves of the last one with zeros, `edges = "mask"` runs the copies over the whole buffer under a
// condition, and `layout` says where each element goes.
//
// Proved: each access of the block is inside of the window, or outside of it, where it stays with the old buffer; the window is
// inside of the buffer; the layout puts no two elements into one place.
#include <fmt/format.h>
#include <algorithm>

#include "analysis/hull.h"
#include "analysis/reach.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/access_edit.h"
#include "schedule/labels.h"
#include "schedule/layout.h"
#include "schedule/primitives.h"
#include "schedule/staging.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
  Ref at;
  Text as;
  std::optional<Text> memory;
  StageMode mode = StageMode::Copy;
  std::optional<Text> window;
  std::vector<Text> extent;
  StageEdges edges = StageEdges::Guard;
  std::optional<Text> layout;
  std::vector<std::pair<Text, int64_t>> pad;
  std::optional<int64_t> align;
};

/// Does the statement reach the buffer, by its name or by one for a part that is given inside of the loop?
bool reaches(Rewrite& rw, const Path& loop, const StmtRef& statement, Sym buffer) {
  const Block block{statement};
  for (const auto& [name, declaration] : rw.names())
    if (name == buffer || (declaration.alias && behind(rw.names(), name) == buffer &&
                           is_prefix(loop, binder(rw.before(), name).value_or(Path{}))))
      if (mentions(block, name)) return true;
  return false;
}

/// A hint, such as a prefetch, is handed a part of a buffer but touches none of it: it may stay with the buffer.
bool is_hint(const StmtRef& s) {
  if (const Call* call = as<Call>(s)) return call->callee->body.empty();
  const For* loop = as<For>(s);
  return loop && std::all_of(loop->body.begin(), loop->body.end(), is_hint);
}

/// The statements of the loop's body from the first to the last that reach the buffer.
Range block_touching(Rewrite& rw, const Path& loop, Sym buffer) {
  const Block& body = block_in(rw.before(), loop);
  std::optional<size_t> first, last;
  for (size_t i = 0; i < body.size(); ++i)
    if (reaches(rw, loop, body[i], buffer) && !is_hint(body[i])) first = first.value_or(i), last = i;
  if (!first)
    rw.refuse({"stage-untouched", fmt::format("nothing in this loop touches `{}`", buffer.name()), loop, "this loop"});
  const Path begin = child(loop, *first);
  if (const auto alloc = binder(rw.before(), buffer); alloc && is_prefix(begin, *alloc))
    rw.refuse({"stage-scope",
               fmt::format("`{}` is allocated inside of the block that touches it", buffer.name()),
               *alloc,
               "here",
               {"stage it at a loop inside of its scope, or `lift_alloc` it first"}});
  return {begin, *last - *first + 1};
}

/// What the window must have room for: all that the block touches, and the parts of the buffer that calls get or that have names.
std::vector<Access> reached(Rewrite& rw, const Range& block, Sym buffer) {
  std::vector<Access> out;
  for (Access& a : accesses(rw.names(), with_reach(rw.names(), statements(rw.before(), block))))
    if (a.buffer == buffer) out.push_back(std::move(a));
  return out;
}

/// "A[8*io:8*io+8, 0:K]" or "A[k, 0:8]": a point is a side of extent 1.
std::vector<Side> written_window(Schedule& s, const Text& text, const Path& where, size_t rank) {
  const size_t open = text.chars.find('['), close = text.chars.rfind(']');
  const auto wrong = [&] {
    reject(
        Diagnostic{"stage-window", fmt::format("a window reads `A[lo:hi, ...]`, here of rank {}", rank), {}, {}, {}}.at(
            text.whole()));
  };
  if (open == text.chars.npos || close == text.chars.npos || close < open) wrong();
  std::vector<Side> out;
  size_t from = open + 1;
  int depth = 0;
  std::optional<size_t> colon;
  for (size_t i = open + 1; i <= close; ++i) {
    const char c = text.chars[i];
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == ':' && depth == 0) colon = i;
    if ((c != ',' || depth != 0) && i != close) continue;
    const ExprRef lo = s.expression(subtext(text, from, colon.value_or(i)), where);
    const ExprRef hi = colon ? s.expression(subtext(text, *colon + 1, i), where) : lo + num(1);
    out.push_back({lo, expression(linear(hi - lo))});
    from = i + 1, colon.reset();
  }
  if (out.size() != rank) wrong();
  return out;
}

/// The index as the program has it.
Exprs index_there(const Access& a) {
  Substitution there;
  for (const auto& [old, here] : a.iterators) there[here] = var(old);
  return substitute(a, there).index;
}

/// Accesses that are outside of the window whenever they run stay with the old buffer. One index is in or out everywhere; what calls
/// and names for parts reach is in.
void leave_outside(Rewrite& rw, Staging& plan) {
  std::vector<Exprs> in, out;
  std::vector<Access> kept;
  for (const Access& a : plan.touches) {
    Facts facts = rw.facts(plan.block.first);
    facts.add_all(a.when);
    const ExprRef inside = in_window(a.index, plan.sides);
    const bool direct = a.written_as == plan.buffer && !std::holds_alternative<Call>(a.stmt->node);
    const bool leaves = direct && !evident(facts, inside) && prove(facts, negate(inside));
    (leaves ? out : in).push_back(index_there(a));
  }
  for (const Exprs& index : out)
    if (!is_among(index, in)) plan.stays.push_back(index);
  for (const Access& a : plan.touches)
    if (!is_among(index_there(a), plan.stays)) kept.push_back(a);
  plan.touches = std::move(kept);
}

/// What the dimensions of the buffer are called: by the loop of the algorithm that indexes them.
std::vector<std::string> axes_of(Rewrite& rw, const std::vector<Access>& touches, const Range& block) {
  std::vector<std::string> out(touches[0].index.size());
  for (size_t d = 0; d < out.size(); ++d) {
    for (const Access& a : touches)
      for (const Sym s : symbols(a.index[d])) {
        const auto at = binder(rw.before(), s);
        if (!at || !out[d].empty() || is_prefix(*at, parent(block.first))) continue;
        const Label& label = rw.stmt(*at)->label;
        out[d] = label.axis.empty() ? label.name : label.axis;
      }
    if (out[d].empty())
      for (const Sym s : symbols(touches[0].index[d]))
        if (const auto at = binder(rw.before(), s); at && out[d].empty()) out[d] = rw.stmt(*at)->label.axis;
    if (out[d].empty() || std::count(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(d), out[d]) > 0)
      out[d] = fmt::format("d{}", d);
  }
  return out;
}

void place_sides(Schedule& s, Rewrite& rw, const Args& args, Staging& plan, const Path& loop) {
  const size_t rank = plan.sides.size();
  if (!args.extent.empty() && args.extent.size() != rank)
    reject(Diagnostic{
        "stage-extent",
        fmt::format("`{}` has rank {}, and `extent` names {}", args.buffer.str(), rank, args.extent.size()),
        {},
        {},
        {}}.at(args.extent.front().span));
  for (size_t d = 0; d < rank; ++d)
    plan.room.push_back(args.extent.empty() ? plan.sides[d].extent : s.expression(args.extent[d], child(loop, 0)));
  plan.pad.assign(rank, 0);
  for (const auto& [name, multiple] : args.pad) {
    size_t d = 0;
    while (d < rank && name.chars != plan.axes[d] && name.chars != plan.layout.name(d) &&
           name.chars != fmt::format("d{}", d))
      ++d;
    if (d == rank)
      reject(Diagnostic{"stage-pad", fmt::format("`{}` is no dimension of this window", name.chars), {}, {}, {}}
                 .at(name.span)
                 .help(suggestion(name.chars, plan.axes)));
    if (multiple < 1) rw.refuse({"stage-pad", fmt::format("a multiple of {}", multiple), loop, "at this loop"});
    plan.room[d] = expression(linear(num(multiple) * ceil_div(plan.room[d], multiple)));
    plan.pad[d] = multiple;
  }
}

void run(Schedule& s, const Args& args) {
  check_buffer_name(args.as);
  if (!find_buffers(s.now(), args.as.chars).empty())
    reject(Diagnostic{"stage-name", fmt::format("there is a buffer `{}` already", args.as.chars), {}, {}, {}}.at(
        args.as.whole()));
  if (args.align && (*args.align < 1 || *args.align > 64 || (*args.align & (*args.align - 1)) != 0))
    reject(Diagnostic{
        "stage-align", "buffers are aligned to 64 bytes; `align` can ask for a power of two up to that", {}, {}, {}}
               .at(args.buffer.text.span));
  s.apply([&](Rewrite& rw) {
    const Sym buffer = one_buffer(rw.before(), args.buffer);
    const auto touching = [&](const Path& p) { return mentions(block_in(rw.before(), p), buffer); };
    const auto named = find_loops(rw.before(), args.at.str());
    const bool any = std::any_of(named.begin(), named.end(), touching);
    const bool everything = args.at.str() == "proc" && named.empty();
    const Path loop = everything ? Path{} : one_loop(rw.before(), args.at, any ? Admits(touching) : Admits());
    Staging plan;
    plan.buffer = buffer;
    plan.block = block_touching(rw, loop, buffer);
    plan.mode = args.mode, plan.edges = args.edges, plan.as = args.as.chars;
    for (const Access& a : accesses(rw.names(), statements(rw.before(), plan.block)))
      if (a.buffer == buffer) plan.touches.push_back(a);
    if (plan.touches.empty())
      rw.refuse(
          {"stage-untouched", fmt::format("nothing in this loop touches `{}`", buffer.name()), loop, "this loop"});
    const size_t rank = rw.names().at(buffer).type.shape.size();
    if (args.window) {
      plan.sides = written_window(s, *args.window, child(loop, 0), rank);
      leave_outside(rw, plan);
      if (plan.touches.empty())
        rw.refuse({"stage-untouched", fmt::format("nothing in this loop touches this part of `{}`", buffer.name()),
                   loop, "this loop"});
    } else if (const auto found = hull(rw.facts(plan.block.first), reached(rw, plan.block, buffer))) {
      plan.sides = *found;
    } else {
      rw.refuse({"stage-window-shape",
                 fmt::format("the part of `{}` that this loop touches is not a simple box", buffer.name()),
                 loop,
                 "this loop",
                 {"say which one with `window = \"" + args.buffer.str() + "[lo:hi, ...]\"`"}});
    }
    plan.axes = axes_of(rw, plan.touches, plan.block);
    if (args.layout)
      plan.layout = Layout(*args.layout, plan.axes, rw.context);
    else
      plan.layout = Layout(rank);
    place_sides(s, rw, args, plan, loop);
    if (args.memory) plan.memory = s.memory(*args.memory, rw.names().at(buffer).type.scalar);
    stage(rw, plan);
  });
}

}  // namespace

VERB(stage) {
  return make_verb(
      "stage", Kind::Primitive, "a window of a buffer gets a buffer of its own while a block runs",
      Signature<Args>()
          .verb("stage", &Args::buffer, "buffer", "the buffer")
          .required("at", &Args::at, "loop", "in each iteration of this loop; `proc`: once, around everything")
          .required("as", &Args::as, "name", "name of the new buffer")
          .optional("memory", &Args::memory, "memory", "where it lives, by name or by role [heap]")
          .choice("mode", &Args::mode,
                  {{"copy", StageMode::Copy}, {"accumulate", StageMode::Accumulate}, {"local", StageMode::Local}},
                  "what is copied in and out [copy]")
          .optional("window", &Args::window, "window",
                    "the part of the buffer, `A[lo:hi, ...]` [what the block touches]")
          .optional("extent", &Args::extent, "expressions",
                    "extents of the new buffer, one for each dimension [those of the window]")
          .choice("edges", &Args::edges, {{"guard", StageEdges::Guard}, {"mask", StageEdges::Mask}},
                  "copies run over the window, or over the whole buffer under a condition [guard]")
          .optional("layout", &Args::layout, "layout", "where each element goes, `(k, j) -> (j/16, k, j%16)`")
          .optional("pad", &Args::pad, "table", "round these dimensions up to multiples, and fill with zeros")
          .optional("align", &Args::align, "int", "alignment in bytes, at most 64"),
      run);
}

}  // namespace exo
