// inline_assign: an assignment goes, and what it stored stands where it was read.
//
//     { inline_assign = "t.store" }
//
//     for i in seq(0, n):
//         t : f32
//         t = x[i] + y[i]
//         z[i] = t * t
//   =>
//     for i in seq(0, n):
//         t : f32
//         z[i] = (x[i] + y[i]) * (x[i] + y[i])
//
// All that reads the place stands behind the assignment in its block (up to where the place is overwritten), and nothing in between
// writes what the value is made of. Nobody else may see the place: no caller, no other iteration, no part with a name of its own.
// `delete_buffer` removes the buffer where nothing else is in it.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/primitives.h"
#include "schedule/right_side.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
};

ExprRef same_place(const Exprs& a, const Exprs& b) {
  Exprs same;
  for (size_t d = 0; d < a.size(); ++d) same.push_back(eq(a[d], b[d]));
  return all_of(same);
}

class Inliner {
 public:
  Inliner(Rewrite& rw, Path path) : rw_(rw), path_(std::move(path)), store_(*as<Assign>(rw.stmt(path_))) {
    const Block& block = block_of(rw_.before(), path_);
    for (size_t k = path_.back().index + 1; k < block.size() && !overwritten_; ++k) {
      behind_.push_back(block[k]);
      const Assign* a = as<Assign>(block[k]);
      overwritten_ = a && a->buffer == store_.buffer && evident(facts(), same_place(a->index, store_.index));
    }
  }

  void run() {
    decide_reads();
    prove_sources_stay();
    if (!overwritten_) prove_unseen_elsewhere();
    const Block next = replaced(behind_);
    rw_.edit.splice({path_, behind_.size() + 1}, next);
  }

 private:
  Rewrite& rw_;
  const Path path_;
  const Assign& store_;
  Block behind_;                                     // what may read the place, in its block
  bool overwritten_ = false;                         // by the last of these
  std::vector<std::pair<const Stmt*, Exprs>> here_;  // reads of the place: the statement and the index
  std::set<const Stmt*> readers_;

  Facts facts() const { return rw_.facts(path_); }

  Access write() const {
    for (Access& a : accesses(rw_.names(), {rw_.stmt(path_)}))
      if (a.kind == Access::Write) return a;
    BUG("an assignment writes nothing");
  }

  /// Which reads behind the assignment are of its place; each is, or is not, for all sizes.
  void decide_reads() {
    const Access written = write();
    const Stmt* last = overwritten_ ? behind_.back().get() : nullptr;
    for (const Access& a : accesses(rw_.names(), behind_)) {
      if (a.buffer != written.buffer || (a.kind != Access::Read && a.stmt == last)) continue;
      Facts when = facts();
      when.add_all(a.when);
      const bool plain = a.kind == Access::Read && a.written_as == store_.buffer && as_data(a.stmt);
      if (plain && evident(when, same_place(a.index, store_.index))) {
        here_.emplace_back(a.stmt, a.index);
        readers_.insert(a.stmt);
        continue;
      }
      Verdict v = disjoint(facts(), written, a);
      if (v) continue;
      const std::string what = a.kind == Access::Read
                                   ? plain ? "may read another place, or this one" : "reads the place in another way"
                                   : "changes the place before the last one reads it";
      rw_.fail({{"inline-assign-reads", fmt::format("a statement behind it {}", what), path_, "this assignment"},
                v,
                Conflict{written, a, v}});
    }
  }
  static bool as_data(const Stmt* s) {
    return std::holds_alternative<Assign>(s->node) || std::holds_alternative<Reduce>(s->node);
  }

  /// A read that the value takes the place of.
  bool is_here(const Access& r) const {
    return r.kind == Access::Read && r.written_as == store_.buffer &&
           std::any_of(here_.begin(), here_.end(),
                       [&](const auto& place) { return place.first == r.stmt && equal_all(place.second, r.index); });
  }
  static bool equal_all(const Exprs& a, const Exprs& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const ExprRef& x, const ExprRef& y) { return equal(x, y); });
  }

  bool reads_it(const StmtRef& s) const {
    bool found = false;
    each_stmt({s}, [&](const StmtRef& inner) { found = found || readers_.count(inner.get()); });
    return found;
  }

  /// Nothing up to the last reader writes what the value is made of. That one may, if it is a single statement: it reads first.
  void prove_sources_stay() {
    size_t count = behind_.size();
    while (count > 0 && !reads_it(behind_[count - 1])) --count;
    if (count == 0) return;
    const bool single = as<Assign>(behind_[count - 1]) || as<Reduce>(behind_[count - 1]);
    const Block between(behind_.begin(), behind_.begin() + static_cast<std::ptrdiff_t>(single ? count - 1 : count));
    std::vector<Access> sources;
    for (Access& a : accesses(rw_.names(), {rw_.stmt(path_)}))
      if (a.kind == Access::Read) sources.push_back(std::move(a));
    rw_.prove_none(
        conflict(facts(), sources, accesses(rw_.names(), between), rw_.names(), Contract::Exact),
        {"inline-assign-order", "what the value is made of changes before it is read", path_, "this assignment"});
  }

  /// Other reads in the life of the buffer, of any iteration: in front of the assignment, behind its block, of a neighbouring place.
  void prove_unseen_elsewhere() {
    const Sym buffer = write().buffer;
    const auto alloc = binder(rw_.before(), buffer);
    if (!alloc) {
      const Verdict v = prove(facts(), truth(false));
      if (!v)
        rw_.fail({{"inline-assign-argument",
                   fmt::format("`{}` belongs to the caller, who sees what is stored", buffer.name()), path_,
                   "this assignment"},
                  v,
                  std::nullopt});
      return;
    }
    if (parent(*alloc) == parent(path_) && alloc->back().slot == path_.back().slot) return;
    const Block& whole = block_of(rw_.before(), *alloc);
    const Block scope(whole.begin() + static_cast<std::ptrdiff_t>(alloc->back().index), whole.end());
    const std::vector<Access> all = accesses(rw_.names(), scope);
    const Facts outside = rw_.facts(*alloc);
    for (const Access& w : all) {
      if (w.stmt != rw_.stmt(path_).get() || w.kind != Access::Write) continue;
      for (const Access& r : all) {
        if (r.buffer != w.buffer || r.kind == Access::Write || is_here(r)) continue;
        const Access other = fresh(r);
        if (const Verdict v = disjoint(outside, w, other); !v) {
          rw_.fail({{"inline-assign-elsewhere",
                     "the place is read elsewhere too: by another iteration, or outside of this block", path_,
                     "this assignment"},
                    v,
                    Conflict{w, other, v}});
          return;
        }
      }
    }
  }

  /// The value, of the type of the buffer wherever it stands.
  ExprRef value(bool converted) const {
    const Scalar type = rw_.names().at(store_.buffer).type.scalar;
    const bool typed = is_data(type_of(store_.rhs, rw_.names(), Scalar::Stride));  // numbers alone are not
    return !converted || typed || type == Scalar::R ? store_.rhs : builtin(scalar_name(type), {store_.rhs});
  }

  Block replaced(const Block& block) const {
    Block out;
    for (const StmtRef& s : block) {
      if (!readers_.count(s.get())) {
        out.push_back(map_children(
            s, [](const ExprRef& e) { return e; }, [&](const Block& b) { return replaced(b); }));
        continue;
      }
      out.push_back(with_right_side(s, inlined(right_side(s), s.get(), false)));
    }
    return out;
  }

  /// `converted`: a number alone would take another type here, under a conversion or in a comparison.
  ExprRef inlined(const ExprRef& e, const Stmt* s, bool converted) const {
    if (const Read* r = as<Read>(e); r && r->buffer == store_.buffer)
      for (const auto& [stmt, index] : here_)
        if (stmt == s && equal_all(index, r->index)) return value(converted);
    const bool types_anew = as<Builtin>(e) || is_comparison(e);
    return map_children(e, [&](const ExprRef& c) { return inlined(c, s, converted || types_anew); });
  }
  static bool is_comparison(const ExprRef& e) {
    const Binary* b = as<Binary>(e);
    return b && b->op > BinaryOp::Mod;
  }
};

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const Path path = one_stmt(rw.before(), args.stmt);
    const Assign* store = as<Assign>(rw.stmt(path));
    if (!store) rw.refuse({"inline-assign-what", "this statement is no assignment", path, "this one"});
    if (rw.names().at(store->buffer).alias)
      rw.refuse({"inline-assign-part",
                 fmt::format("`{}` is a name for a part of a buffer", store->buffer.name()),
                 path,
                 "this one",
                 {fmt::format("apply `{{ inline_window = \"{}\" }}` first", store->buffer.name())}});
    Inliner(rw, path).run();
  });
}

}  // namespace

VERB(inline_assign) {
  return make_verb("inline_assign", Kind::Primitive, "an assignment goes, and what it stored stands where it was read",
                   Signature<Args>().verb("inline_assign", &Args::stmt, "statement", "the assignment"), run);
}

}  // namespace exo
