// compute_at: what a buffer holds is computed where it is used, in the nest of its consumer.
//
//     { compute_at = "t", loop = "i" }
//
//     t : f32[n + 1, m]
//     for y in seq(0, n + 1):
//         for x in seq(0, m):
//             t[y, x] = a[y, x] * 2.0
//     for i in seq(0, n):
//         for j in seq(0, m):
//             b[i, j] = t[i, j] + t[i + 1, j]
//   =>
//     for i in seq(0, n):
//         t : f32[2, m]
//         for y in seq(0, 2):
//             for x in seq(0, m):
//                 t[y, x] = a[i + y, x] * 2.0
//         for j in seq(0, m):
//             b[i, j] = t[0, j] + t[1, j]
//
// The smallest box around what an iteration of the loop reads is computed at its beginning. `store` names a loop further out at which
// the buffer stands, so that values stay from one iteration to the next. With `slide = true` an iteration computes only what the one
// before it has not: the first iteration's share of that comes in front of the loop (copies `warmup` and `steady`). `fold = { y = 4 }`
// keeps four places of a dimension, one used again after the other.
//
// Proved: the box lies inside of what was computed before; what the values are computed from stays the same until they are used;
// the part that is stored holds the box. Sliding: the box never moves backwards, and it moves in one dimension alone. Folding: the box is at
// no time longer than the fold. The loops between the two places are not parallel, as their iterations would share the buffer.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "schedule/compute.h"
#include "schedule/verb.h"
#include "support/text.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
  Ref loop;
  std::optional<Ref> store;
  bool slide = false;
  std::vector<std::pair<Text, int64_t>> fold;
};

/// A name by which the loop alone can be called.
std::string called(const Proc& proc, const Path& path) {
  const Label& label = stmt_at(proc, path)->label;
  std::vector<std::string> names = {label.nest.empty() ? label.name : label.nest + "." + label.name};
  for (const Path& p : find(proc, [](const StmtRef& s) { return as<Assign>(s) || as<Reduce>(s); }))
    if (is_prefix(path, p)) names.push_back(stmt_at(proc, p)->label.name + "." + label.name);
  for (const std::string& name : names)
    if (find_loops(proc, name).size() == 1) return name;
  const auto all = find_loops(proc, names[0]);
  return fmt::format("{}#{}", names[0], std::find(all.begin(), all.end(), path) - all.begin());
}

/// The loops at which the buffer can be computed, as a help.
std::string legal_places(const Schedule& s, Sym buffer) {
  std::vector<std::string> names;
  for (const Path& loop : find(s.now(), [](const StmtRef& n) { return as<For>(n) != nullptr; })) {
    bool written = true;
    const Outcome outcome = attempt(s.proc(), s.context(), [&](Rewrite& rw) {
      Compute plan;
      plan.buffer = buffer, plan.loop = plan.store = loop;
      written = !compute_at(rw, plan);
    });
    if (written && outcome.failures.empty()) names.push_back(fmt::format("`{}`", called(s.now(), loop)));
  }
  if (names.empty()) return fmt::format("`{}` can be computed at no loop", buffer.name());
  return fmt::format("`{}` can be computed at {}", buffer.name(), join(names, ", "));
}

/// The dimension that `fold` means: by the loop that walks it, or by its number.
size_t dimension(const Text& name, const std::vector<std::string>& axes) {
  for (size_t d = 0; d < axes.size(); ++d)
    if (name.chars == axes[d] || name.chars == fmt::format("d{}", d)) return d;
  reject(Diagnostic{"compute-at-fold", fmt::format("`{}` is no dimension of this buffer", name.chars), {}, {}, {}}
             .at(name.span)
             .help(suggestion(name.chars, axes)));
}

void run(Schedule& s, const Args& args) {
  Compute plan;
  plan.buffer = one_buffer(s.now(), args.buffer);
  plan.slide = args.slide;
  plan.loop = plan.store = one_loop(s.now(), args.loop);
  if (args.store)
    plan.store = one_loop(s.now(), *args.store, [&](const Path& p) {
      return find_loops(s.now(), args.store->str()).size() == 1 || is_prefix(p, plan.loop);
    });
  const std::vector<std::string> axes = axes_of(s.now(), plan.buffer);
  for (const auto& [name, places] : args.fold) {
    if (places < 1 || places > INT32_MAX)
      reject(Diagnostic{"compute-at-fold", fmt::format("a fold of {} places", places), {}, {}, {}}.at(name.span).help(
          "a fold has one place or more"));
    plan.fold[dimension(name, axes)] = places;
  }
  bool written = true;
  const Outcome trial = attempt(s.proc(), s.context(), [&](Rewrite& rw) { written = !compute_at(rw, plan); });
  if (!written || !trial.failures.empty()) plan.legal = legal_places(s, plan.buffer);
  s.apply([&](Rewrite& rw) {
    if (const auto problem = compute_at(rw, plan)) rw.refuse(*problem);
  });
}

}  // namespace

VERB(compute_at) {
  return make_verb("compute_at", Kind::Primitive, "a buffer is computed where it is used, in the nest of its consumer",
                   Signature<Args>()
                       .verb("compute_at", &Args::buffer, "buffer", "the buffer")
                       .required("loop", &Args::loop, "loop", "in each iteration of this loop of its consumer")
                       .optional("store", &Args::store, "loop", "where the buffer stands: this loop or one around it")
                       .optional("slide", &Args::slide, "bool", "compute only what the last iteration did not")
                       .optional("fold", &Args::fold, "table", "places to keep of a dimension, used in turn"),
                   run);
}

}  // namespace exo
