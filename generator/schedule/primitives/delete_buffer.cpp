// delete_buffer: a buffer that nothing reads goes, with all that writes it.
//
//     { delete_buffer = "t" }
//
//     t : f32[8]
//     for i in seq(0, 8):
//         t[i] = x[i]
//         y[i] = x[i] + 1.0
//   =>
//     for i in seq(0, 8):
//         y[i] = x[i] + 1.0
//
// A statement that computes an element of the buffer may read others. A call that gets a part of the buffer keeps it alive, whether
// it reads or writes: what else it does is its own.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) { delete_buffer(rw, one_buffer(rw.before(), args.buffer)); });
}

/// The buffer and every name for a part of it.
std::set<Sym> names_of(const Declarations& names, Sym buffer) {
  std::set<Sym> out;
  for (const auto& [sym, declaration] : names)
    if (behind(names, sym) == buffer) out.insert(sym);
  return out;
}

bool writes(const StmtRef& s, const std::set<Sym>& own) {
  const Assign* a = as<Assign>(s);
  const Reduce* r = as<Reduce>(s);
  return (a && own.count(a->buffer)) || (r && own.count(r->buffer));
}

/// The block without what writes the buffer.
Block without_writes(const Block& block, const std::set<Sym>& own) {
  Block out;
  for (const StmtRef& s : block)
    if (!writes(s, own))
      out.push_back(map_children(
          s, [](const ExprRef& e) { return e; }, [&](const Block& b) { return without_writes(b, own); }));
  return out;
}

/// The block without declarations that nothing uses any more.
Block without_declarations(const Block& block, const std::set<Sym>& own) {
  Block out;
  for (size_t k = block.size(); k-- > 0;) {
    const StmtRef s = map_children(
        block[k], [](const ExprRef& e) { return e; }, [&](const Block& b) { return without_declarations(b, own); });
    if (const Sym declared = bound_by(*s); own.count(declared) && !mentions(out, declared)) continue;
    out.insert(out.begin(), s);
  }
  return out;
}

}  // namespace

void delete_buffer(Rewrite& rw, Sym buffer) {
  const Path path = allocation(rw, buffer);
  const Block scope = scope_of(rw.before(), path);
  const std::set<Sym> own = names_of(rw.names(), buffer);
  for (const Path& p : find(rw.before(), [](const StmtRef& s) { return as<Call>(s) != nullptr; }))
    if (std::any_of(own.begin(), own.end(), [&](Sym name) { return mentions(Block{rw.stmt(p)}, name); }))
      rw.refuse({"delete-buffer-call", fmt::format("a call gets a part of `{}`", buffer.name()), p, "this call"});
  for (const Access& a : accesses(rw.names(), scope)) {
    if (a.buffer != buffer || a.kind != Access::Read) continue;
    const auto at = find(rw.before(), [&](const StmtRef& s) { return s.get() == a.stmt; });
    if (writes(rw.stmt(at.front()), own)) continue;
    const std::string what = print(read(buffer, a.index));
    Facts facts = rw.facts(path);
    facts.add_all(a.when);
    Verdict v = prove(facts, truth(false));
    if (v)
      rw.refuse({"delete-buffer-dead",
                 fmt::format("`{}` is read where nothing ever runs", what),
                 at.front(),
                 "this statement",
                 {"`drop_dead` it first"}});
    rw.fail({{"delete-buffer-read", fmt::format("`{}` is read", what), at.front(), "this statement"}, v, std::nullopt});
  }
  rw.edit.splice({path, scope.size()}, without_declarations(without_writes(scope, own), own));
}

VERB(delete_buffer) {
  return make_verb("delete_buffer", Kind::Primitive, "a buffer that nothing reads goes, with all that writes it",
                   Signature<Args>().verb("delete_buffer", &Args::buffer, "buffer", "the buffer"), run);
}

}  // namespace exo
