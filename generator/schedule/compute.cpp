#include "schedule/compute.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/hull.h"
#include "ir/build.h"
#include "ir/print.h"
#include "schedule/access_edit.h"
#include "schedule/labels.h"
#include "schedule/producer.h"

namespace exo {
namespace {

ExprRef plain(const ExprRef& e, const Facts& facts) { return expression(linear(e, facts.known)); }

/// [lo, hi) in each dimension.
struct Box {
  Exprs lo, hi;

  ExprRef holds(const Exprs& place) const {
    Exprs out;
    for (size_t d = 0; d < lo.size(); ++d) out.push_back(le(lo[d], place[d])), out.push_back(lt(place[d], hi[d]));
    return all_of(out);
  }
};

class Mover {
 public:
  Mover(Rewrite& rw, const Compute& plan, Producer producer)
      : rw_(rw),
        plan_(plan),
        producer_(std::move(producer)),
        rank_(producer_.point.size()),
        fresh_(Sym::fresh(plan.buffer.name())),
        loop_(rw.loop(plan.loop)),
        inside_(facts_inside(rw.before(), plan.loop)) {}

  std::optional<Problem> run() {
    if (auto wrong = misplaced()) return wrong;
    const auto box = read_at(plan_.loop), stored = read_at(plan_.store);
    if (!box || !stored)
      return problem("compute-at-shape", fmt::format("the part of `{}` that is read here is no simple box", name()));
    box_ = *box, stored_ = *stored;
    if (plan_.slide)
      if (auto wrong = find_slide()) return wrong;
    place_rooms();
    prove_stays(
        rw_, producer_,
        problem("compute-at-order", fmt::format("what `{}` is computed from changes before it is used", name())));
    prove_box();
    if (slid_) prove_slide();
    prove_fold();
    edit();
    return std::nullopt;
  }

 private:
  Rewrite& rw_;
  const Compute& plan_;
  const Producer producer_;
  const size_t rank_;
  const Sym fresh_;
  const For loop_;
  const Facts inside_;
  Box box_, stored_;            // what one iteration reads; what all iterations of the store loop's body read
  Exprs rooms_;                 // extents of the new buffer
  std::optional<size_t> slid_;  // the dimension in which the box moves

  std::string name() const { return plan_.buffer.name(); }
  Problem problem(const char* code, std::string message, std::vector<std::string> helps = {}) const {
    if (!plan_.legal.empty()) helps.push_back(plan_.legal);
    return {code, std::move(message), plan_.loop, "at this loop", std::move(helps)};
  }

  /// All reads stand in the loop, behind the producer, and the store loop is the loop or around it.
  std::optional<Problem> misplaced() const {
    const Path block = parent(producer_.place);
    const size_t depth = block.size();
    const auto behind = [&](const Path& p) {
      return p.size() > depth && is_prefix(block, p) && p[depth].slot == producer_.place[depth].slot &&
             p[depth].index > producer_.place[depth].index;
    };
    if (!is_prefix(plan_.store, plan_.loop))
      return problem("compute-at-store", "the loop of `store` does not stand around the loop of `loop`");
    if (!behind(plan_.loop) || (!behind(plan_.store) && plan_.store != block))
      return problem("compute-at-place", fmt::format("this loop does not stand behind what computes `{}`", name()));
    for (const Path& p :
         find(rw_.before(), [&](const StmtRef& s) { return as<Assign>(s) || as<Reduce>(s) || as<Call>(s); }))
      if (!is_prefix(plan_.loop, p) && !is_prefix(producer_.place, p) && mentions(Block{rw_.stmt(p)}, plan_.buffer))
        return problem("compute-at-place",
                       fmt::format("`{}` is also used outside of this loop, in `{}`", name(), headline(rw_.stmt(p))));
    for (Path p = plan_.loop; p != plan_.store; p = parent(p))
      if (const For* f = as<For>(rw_.stmt(p)); f && f->order == Order::Parallel)
        return problem("compute-at-parallel",
                       fmt::format("iterations of the parallel loop `{}` would share `{}`", f->iter.name(), name()),
                       {fmt::format("store it at `{}` or further in", f->iter.name())});
    return std::nullopt;
  }

  std::vector<Access> reads(const Path& loop) const {
    std::vector<Access> out;
    for (Access& a : accesses(rw_.names(), block_in(rw_.before(), loop)))
      if (a.buffer == plan_.buffer) out.push_back(std::move(a));
    return out;
  }

  /// The box around what the body of a loop reads, as far as it was ever computed.
  std::optional<Box> read_at(const Path& loop) const {
    const Facts facts = facts_inside(rw_.before(), loop);
    const auto sides = hull(facts, reads(loop));
    if (!sides) return std::nullopt;
    Box out;
    for (const Side& s : *sides) out.lo.push_back(s.lo), out.hi.push_back(plain(s.lo + s.extent, facts));
    for (size_t k = 0; k < producer_.loops.size(); ++k) {
      const For& walk = *as<For>(producer_.loops[k]);
      if (moves_with_others(walk.lo) || moves_with_others(walk.hi)) continue;
      const size_t d = producer_.dims[k];
      const ExprRef offset = plain(producer_.point[d] - var(walk.iter), facts);
      const ExprRef first = plain(walk.lo + offset, facts), end = plain(walk.hi + offset, facts);
      if (!evident(facts, le(first, out.lo[d]))) out.lo[d] = max_of(out.lo[d], first);
      if (!evident(facts, le(out.hi[d], end))) out.hi[d] = min_of(out.hi[d], end);
    }
    return out;
  }
  bool moves_with_others(const ExprRef& bound) const {
    return std::any_of(producer_.loops.begin(), producer_.loops.end(),
                       [&](const StmtRef& l) { return mentions(bound, as<For>(l)->iter); });
  }

  /// The one dimension whose bounds change with the loop.
  std::optional<Problem> find_slide() {
    if (loop_.order == Order::Parallel)
      return problem(
          "compute-at-parallel",
          fmt::format("iterations of the parallel loop `{}` cannot use what others left", loop_.iter.name()));
    if (plan_.store == plan_.loop)
      return problem("compute-at-slide", "what one iteration leaves for the next is stored outside of the loop",
                     {"name a loop around it with `store`"});
    for (size_t d = 0; d < rank_ && !slid_; ++d)
      if (mentions(box_.lo[d], loop_.iter) || mentions(box_.hi[d], loop_.iter)) slid_ = d;
    if (!slid_)
      return problem("compute-at-slide",
                     fmt::format("each iteration of `{}` reads the same of `{}`", loop_.iter.name(), name()),
                     {"compute it at the loop around"});
    return std::nullopt;
  }

  void place_rooms() {
    const Facts facts = facts_inside(rw_.before(), plan_.store);
    for (size_t d = 0; d < rank_; ++d) {
      ExprRef room = plain(stored_.hi[d] - stored_.lo[d], facts);
      const auto most = interval(linear(room), facts.known).hi;
      if (most && is_clamped(room)) room = num(*most);
      if (!evident(facts, le(num(0), room))) room = max_of(num(0), room);
      const auto fold = plan_.fold.find(d);
      rooms_.push_back(fold == plan_.fold.end() ? room : num(fold->second));
    }
  }
  /// The last tile of several is shorter: they all get the room of a whole one.
  static bool is_clamped(const ExprRef& room) {
    bool found = false;
    each_expr(room, [&](const ExprRef& e) {
      const Builtin* b = as<Builtin>(e);
      found = found || (b && b->name == "min");
    });
    return found;
  }

  /// What is computed is in the producer's range and in the buffer; what is read is computed.
  void prove_box() {
    Exprs place;
    for (size_t d = 0; d < rank_; ++d) place.push_back(var(Sym::fresh(axis(d))));
    Facts facts = inside_;
    facts.add(box_.holds(place));
    rw_.prove(
        facts, all_of({producer_.computes(place), in_room(place)}),
        problem("compute-at-domain", fmt::format("more of `{}` would be computed here than there was before", name())));
    for (const Access& a : reads(plan_.loop)) {
      Facts here = inside_;
      here.add_all(a.when);
      rw_.prove(here, box_.holds(a.index),
                problem("compute-at-uncomputed", fmt::format("`{}` is read, which is not computed for all sizes",
                                                             print(read(a.buffer, a.index)))));
    }
  }

  ExprRef in_room(const Exprs& place) const {
    Exprs out;
    for (size_t d = 0; d < rank_; ++d)
      if (!plan_.fold.count(d))
        out.push_back(le(stored_.lo[d], place[d])), out.push_back(lt(place[d], stored_.lo[d] + rooms_[d]));
    return all_of(out);
  }

  ExprRef earlier(const ExprRef& e) const { return substitute(e, {{loop_.iter, var(loop_.iter) - num(1)}}); }
  ExprRef first(const ExprRef& e) const { return substitute(e, {{loop_.iter, loop_.lo}}); }

  /// Place by place, an iteration reads what it computes itself or what the one before it had: the box only moves forward.
  void prove_slide() {
    const size_t s = *slid_;
    rw_.prove(inside_, le(earlier(box_.hi[s]), box_.hi[s]),
              problem("compute-at-backwards",
                      fmt::format("what `{}` reads of `{}` moves backwards", loop_.iter.name(), name()),
                      {"`reverse` the loop, or compute all of it each time"}));
    Facts facts = inside_;
    facts.add(lt(loop_.lo, var(loop_.iter)));
    rw_.prove(facts, le(earlier(box_.lo[s]), box_.lo[s]),
              problem("compute-at-backwards",
                      fmt::format("what `{}` reads of `{}` moves backwards", loop_.iter.name(), name()),
                      {"`reverse` the loop, or compute all of it each time"}));
    for (size_t d = 0; d < rank_; ++d)
      if (d != s)
        rw_.prove(facts, all_of({le(earlier(box_.lo[d]), box_.lo[d]), le(box_.hi[d], earlier(box_.hi[d]))}),
                  problem("compute-at-wider",
                          fmt::format("a later `{}` reads more of dimension {} of `{}` than an earlier one computed",
                                      loop_.iter.name(), d, name()),
                          {"without `slide` each iteration computes all that it reads"}));
  }

  /// No two places that are in use at one time have one place in the fold.
  void prove_fold() {
    for (const auto& [d, places] : plan_.fold)
      rw_.prove(inside_, le(box_.hi[d] - box_.lo[d], num(places)),
                problem("compute-at-fold-window",
                        fmt::format("an iteration needs `{}` places of dimension {} of `{}`, and the fold keeps {}",
                                    print(plain(box_.hi[d] - box_.lo[d], inside_)), d, name(), places)));
  }

  std::string axis(size_t d) const {
    for (size_t k = 0; k < producer_.dims.size(); ++k)
      if (producer_.dims[k] == d) return as<For>(producer_.loops[k])->iter.name();
    return fmt::format("d{}", d);
  }

  /// Where a place of the old buffer stands in the new one.
  Exprs local(const Exprs& place) const {
    Exprs out;
    for (size_t d = 0; d < rank_; ++d) {
      const ExprRef at = place[d] - stored_.lo[d];
      const auto fold = plan_.fold.find(d);
      out.push_back(fold == plan_.fold.end() ? at : at % fold->second);
    }
    return out;
  }

  /// The statements with the new buffer in place of the old one. There are no parts: a producer's buffer is not handed on.
  Block moved(const Block& block) const {
    return with_accesses(rw_, block, inside_,
                         {plan_.buffer, fresh_, {}, {}, [&](const Exprs& index) { return local(index); }, {}},
                         plan_.loop);
  }

  /// The producer's nest over a box.
  Block nest(const Box& box) const {
    Exprs place = producer_.point;
    std::vector<Sym> iters;
    for (size_t k = 0; k < producer_.loops.size(); ++k) {
      const size_t d = producer_.dims[k];
      iters.push_back(Sym::fresh(as<For>(producer_.loops[k])->iter.name()));
      place[d] = box.lo[d] + var(iters[k]);
    }
    Block out = freshen(substitute(producer_.body, producer_.at(place)));
    out = moved(out);
    for (size_t k = producer_.loops.size(); k-- > 0;) {
      const size_t d = producer_.dims[k];
      out = {with_node(producer_.loops[k], For{iters[k], num(0), plain(box.hi[d] - box.lo[d], inside_), std::move(out),
                                               Order::Sequential})};
    }
    return out;
  }

  /// The share of the first iteration that the earlier ones would have computed.
  Box warmup() const {
    Box out;
    for (size_t d = 0; d < rank_; ++d) {
      out.lo.push_back(first(box_.lo[d]));
      out.hi.push_back(first(d == *slid_ ? earlier(box_.hi[d]) : box_.hi[d]));
    }
    return out;
  }
  Box steady() const {
    Box out = box_;
    const ExprRef done = plain(earlier(box_.hi[*slid_]), inside_);
    out.lo[*slid_] = evident(inside_, le(box_.lo[*slid_], done)) ? done : max_of(box_.lo[*slid_], done);
    return out;
  }

  void edit() {
    const StmtRef old_alloc = rw_.stmt(*binder(rw_.before(), plan_.buffer));
    Alloc alloc = *as<Alloc>(old_alloc);
    alloc.buffer = fresh_, alloc.type.shape = rooms_;
    const Block allocation = {with_node(old_alloc, alloc)};

    const Block& old = block_in(rw_.before(), plan_.loop);
    size_t at = 0;
    while (!mentions(Block{old[at]}, plan_.buffer)) ++at;
    Block body(old.begin(), old.begin() + static_cast<std::ptrdiff_t>(at));
    const auto append = [&](const Block& more) { body.insert(body.end(), more.begin(), more.end()); };
    if (plan_.store == plan_.loop) append(allocation);
    append(slid_ ? as_copy(nest(steady()), "steady") : nest(box_));
    append(moved(Block(old.begin() + static_cast<std::ptrdiff_t>(at), old.end())));
    For next = loop_;
    next.body = std::move(body);
    Block around = {with_node(rw_.stmt(plan_.loop), next)};
    if (slid_) {
      Block before = as_copy(nest(warmup()), "warmup");
      const bool runs = evident(rw_.facts(plan_.loop), lt(loop_.lo, loop_.hi));
      if (!runs) before = {stmt(If{lt(loop_.lo, loop_.hi), before, {}}, Label{"if", "", "", "", {"warmup"}})};
      around.insert(around.begin(), before.begin(), before.end());
    }
    rw_.edit.splice({plan_.loop, 1}, around);
    if (plan_.store != plan_.loop) {
      const Path child_of_store(plan_.loop.begin(),
                                plan_.loop.begin() + static_cast<std::ptrdiff_t>(plan_.store.size()) + 1);
      rw_.edit.splice({child_of_store, 0}, allocation);
    }
    rw_.edit.splice({producer_.place, 1}, {});
    rw_.edit.splice({*binder(rw_.before(), plan_.buffer), 1}, {});
  }
};

}  // namespace

std::optional<Problem> compute_at(Rewrite& rw, const Compute& plan) {
  auto found = producer_of(rw, plan.buffer);
  if (Problem* problem = std::get_if<Problem>(&found)) {
    if (!plan.legal.empty()) problem->helps.push_back(plan.legal);
    return *problem;
  }
  return Mover(rw, plan, std::get<Producer>(std::move(found))).run();
}

std::vector<std::string> axes_of(const Proc& proc, Sym buffer) {
  std::vector<std::string> out;
  each_stmt(proc.body, [&](const StmtRef& s) {
    const Assign* a = as<Assign>(s);
    if (!a || a->buffer != buffer || !out.empty()) return;
    for (const ExprRef& e : a->index) {
      std::string name;
      for (const Sym used : symbols(e))
        if (const auto at = binder(proc, used); at && name.empty()) name = stmt_at(proc, *at)->label.name;
      out.push_back(name);
    }
  });
  return out;
}

}  // namespace exo
