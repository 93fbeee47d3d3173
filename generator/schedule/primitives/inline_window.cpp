// inline_window: a name for a part of a buffer goes, and the buffer itself stands in its place.
//
//     { inline_window = "w" }
//
//     for i in seq(0, 8):
//         w = x[4*i:4*i + 4]
//         for j in seq(0, 4):
//             w[j] = 0.0
//   =>
//     for i in seq(0, 8):
//         for j in seq(0, 4):
//             x[4*i + j] = 0.0
//
// Nothing is left to prove: what the name is made of are control values, which do not change while it lives.
#include <fmt/format.h>

#include "ir/build.h"
#include "schedule/part_edit.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref name;
};

void run(Schedule& s, const Args& args) {
  std::vector<Sym> found;
  for (const Path& p : find(s.now(), [](const StmtRef& at) { return as<Alias>(at) != nullptr; }))
    if (const Sym name = as<Alias>(stmt_at(s.now(), p))->name; name.name() == args.name.str()) found.push_back(name);
  if (found.empty())
    reject(Diagnostic{
        "inline-window-absent", fmt::format("`{}` is no name for a part of a buffer", args.name.str()), {}, {}, {}}
               .at(args.name.text.whole())
               .help("such a name is given by a statement like `w = x[0:4]`"));
  for (const Sym name : found) s.apply([&](Rewrite& rw) { inline_window(rw, name); });
}

}  // namespace

void inline_window(Rewrite& rw, Sym name) {
  Spelling(rw, "inline_window").key("inline_window", name.name());
  const Path path = *binder(rw.before(), name);
  const Window& part = *as<Window>(as<Alias>(rw.stmt(path))->window);
  const Block& whole = block_of(rw.before(), path);
  const Block rest(whole.begin() + static_cast<std::ptrdiff_t>(path.back().index) + 1, whole.end());
  rw.edit.splice({path, rest.size() + 1}, with_part(rest, name, part));
}

VERB(inline_window) {
  return make_verb("inline_window", Kind::Primitive, "a buffer itself in place of a name for a part of it",
                   Signature<Args>().verb("inline_window", &Args::name, "name", "the name; each one that is called so"),
                   run);
}

}  // namespace exo
