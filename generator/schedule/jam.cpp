#include "schedule/jam.h"

#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/primitives.h"

namespace exo {
namespace {

class Jammer {
 public:
  Jammer(Schedule& s, int64_t by, Jam depth) : s_(s), by_(by), depth_(depth) {}

  /// Each statement of the loop gets a loop of its own, which is unrolled where it can go no further in.
  void process(Sym copy) {
    while (true) {
      const auto path = binder(s_.now(), copy);
      if (!path) return;  // it had no iterations
      const Block& body = block_in(s_.now(), *path);
      if (const Alloc* a = as<Alloc>(body[0])) {
        if (!share(copy, a->buffer, *path)) widen(copy, a->buffer);
      } else if (const Alias* a = as<Alias>(body[0])) {
        s_.apply([&](Rewrite& rw) { inline_window(rw, a->name); });
      } else if (body.size() > 1) {
        Sym rest;
        s_.apply([&](Rewrite& rw) { rest = fission(rw, *path, 1); });
        process(copy);
        process(rest);
        return;
      } else if (!go_in(copy, body[0], *path)) {
        s_.apply([&](Rewrite& rw) { unroll(rw, *binder(rw.before(), copy), by_); });
        return;
      }
    }
  }

 private:
  Schedule& s_;
  const int64_t by_;
  const Jam depth_;

  /// Does the statement write the buffer, read nothing of it, and do nothing else?
  bool fills(const StmtRef& s, Sym buffer) const {
    const auto all = accesses(declarations(s_.now()), {s});
    return !as<Alloc>(s) && !all.empty() && std::all_of(all.begin(), all.end(), [&](const Access& a) {
      return a.kind == Access::Read ? a.buffer != buffer : a.kind == Access::Write && a.buffer == buffer;
    });
  }

  /// A buffer that is filled in the same way in all iterations is filled once, in front of them; false where that changes anything.
  bool share(Sym copy, Sym buffer, const Path& path) {
    const Block& body = block_in(s_.now(), path);
    size_t end = 1;  // of the statements that fill it
    while (end < body.size() && !mentions(Block{body[end]}, copy) && fills(body[end], buffer)) ++end;
    if (end == 1 || end == body.size() || mentions(Block{body[0]}, copy)) return false;
    const auto rest =
        accesses(declarations(s_.now()), Block(body.begin() + static_cast<std::ptrdiff_t>(end), body.end()));
    if (std::any_of(rest.begin(), rest.end(),
                    [&](const Access& a) { return a.buffer == buffer && a.kind != Access::Read; }))
      return false;
    const ProcRef before = s_.proc();
    if (!s_.apply_if_proved([&](Rewrite& rw) { lift_alloc(rw, buffer); })) return false;
    for (size_t k = 1; k < end; ++k)
      if (!s_.apply_if_proved([&](Rewrite& rw) { hoist(rw, child(*binder(rw.before(), copy), 0)); }))
        return s_.back_to(before), false;
    return true;
  }

  /// A buffer of one iteration becomes one of all copies, in front of them; a variable stays on the stack.
  void widen(Sym copy, Sym buffer) {
    const size_t depth = s_.loop(copy).size();
    const Declaration old = declarations(s_.now()).at(buffer);
    s_.apply([&](Rewrite& rw) { expand_dim(rw, buffer, num(by_), var(copy)); });
    if (old.type.shape.empty() && old.memory.empty()) s_.apply([&](Rewrite& rw) { set_memory(rw, buffer, "stack"); });
    while (binder(s_.now(), buffer)->size() > depth) s_.apply([&](Rewrite& rw) { lift_alloc(rw, buffer); });
  }

  /// Does the loop run over the lanes of registers? Such a one stays whole: an instruction performs it.
  bool walks_lanes(const For& loop) const {
    const Declarations names = declarations(s_.now());
    bool found = false;
    each_stmt(loop.body, [&](const StmtRef& s) {
      if (as<For>(s)) return;
      for (const Access& a : accesses(names, {s})) {
        if (!names.count(a.buffer)) continue;  // a number that an instruction gets
        const Memory* memory = s_.target().memory(names.at(a.buffer).memory);
        found =
            found || (memory && memory->role == "vector" && !a.index.empty() && mentions(a.index.back(), loop.iter));
      }
    });
    return found;
  }

  /// Past a loop or condition that is the same in all copies; false where there is none.
  bool go_in(Sym copy, const StmtRef& only, const Path& path) {
    if (depth_ != Jam::Nests) return false;
    if (const For* loop = as<For>(only)) {
      if (walks_lanes(*loop)) return false;
      if (mentions(loop->lo, copy) || mentions(loop->hi, copy)) return false;
      s_.apply([&](Rewrite& rw) { interchange(rw, path); });
      return true;
    }
    const If* branch = as<If>(only);
    if (!branch || !branch->orelse.empty() || mentions(branch->cond, copy)) return false;
    s_.apply([&](Rewrite& rw) { lift_if(rw, child(path, 0)); });
    return true;
  }
};

}  // namespace

void jam(Schedule& s, Sym loop, int64_t by, bool exact, Jam depth) {
  Sym copy;
  s.apply([&](Rewrite& rw) {
    const Path path = *binder(rw.before(), loop);
    const For& f = rw.loop(path);
    const bool divisible = evident(rw.facts(path), all_of({eq((f.hi - f.lo) % by, num(0)), le(f.lo, f.hi)}));
    const std::string name = rw.stmt(path)->label.name;
    copy = split(rw, path, by, exact || divisible ? Tail::Exact : Tail::Cut, name, name).inner;
  });
  if (binder(s.now(), copy)) Jammer(s, by, depth).process(copy);
}

}  // namespace exo
