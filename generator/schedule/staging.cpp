#include "schedule/staging.h"

#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/access_edit.h"

namespace exo {
namespace {

class Stager {
 public:
  Stager(Rewrite& rw, const Staging& plan)
      : rw_(rw),
        plan_(plan),
        type_(rw.names().at(plan.buffer).type),
        fresh_(Sym::fresh(plan.as)),
        facts_(rw.facts(plan.block.first)) {}

  void run() {
    prove_inside();
    prove_layout();
    prove_mode();
    const Block old = statements(rw_.before(), plan_.block);
    Block next = {alloc()};
    append(next, before());
    append(next, inside(old));
    append(next, after());
    prove_copies(next);
    rw_.edit.splice(plan_.block, next);
    prove_parts(rw_, fresh_, plan_.block.first);
    drop_dead_alloc();
  }

 private:
  Rewrite& rw_;
  const Staging& plan_;
  const Type& type_;
  const Sym fresh_;
  const Facts facts_;

  size_t rank() const { return plan_.sides.size(); }
  static void append(Block& to, const Block& more) { to.insert(to.end(), more.begin(), more.end()); }
  bool touches(Access::Kind kind) const {
    return std::any_of(plan_.touches.begin(), plan_.touches.end(), [&](const Access& a) { return a.kind == kind; });
  }
  Problem problem(const char* code, std::string message, std::vector<std::string> helps = {}) const {
    return {code, std::move(message), plan_.block.first, "this block", std::move(helps)};
  }

  /// An index of the old buffer as an index of the new one.
  Exprs local(const Exprs& index) const {
    Exprs at;
    for (size_t d = 0; d < rank(); ++d) at.push_back(index[d] - plan_.sides[d].lo);
    return plan_.layout.index(at);
  }

  /// The block with the new buffer in place of the old one.
  Block inside(const Block& old) const {
    const auto part = [&](const Facts& facts, std::vector<Slice> slices) {
      for (size_t d = 0; d < rank(); ++d) {
        slices[d].lo = slices[d].lo - plan_.sides[d].lo;
        if (slices[d].hi) slices[d].hi = slices[d].hi - plan_.sides[d].lo;
      }
      return plan_.layout.part(facts, slices);
    };
    check_strides(rw_, old, plan_.buffer, plan_.block.first);
    return with_accesses(rw_, old, facts_,
                         {plan_.buffer, fresh_, type_.shape, plan_.layout.extents(plan_.room),
                          [&](const Exprs& index) { return local(index); }, part,
                          [&](const Exprs& index) { return is_among(index, plan_.stays); }},
                         plan_.block.first);
  }

  /// Names for parts of the buffer that are given outside of the block go on standing for the old buffer.
  void check_names(const Block& old) const {
    std::set<Sym> given;
    each_stmt(old, [&](const StmtRef& s) { given.insert(bound_by(*s)); });
    for (const auto& [name, declaration] : rw_.names())
      if (declaration.alias && behind(rw_.names(), name) == plan_.buffer && !given.count(name) && mentions(old, name))
        rw_.refuse(problem("stage-alias",
                           fmt::format("this block also reaches `{}` as `{}`, a name for a part of it",
                                       plan_.buffer.name(), name.name()),
                           {fmt::format("`{{ inline_window = \"{}\" }}` first", name.name())}));
  }

  void prove_inside() {
    check_names(statements(rw_.before(), plan_.block));
    for (const Access& a : plan_.touches) {
      Facts facts = facts_;
      facts.add_all(a.when);
      rw_.prove(
          facts, in_window(a.index, plan_.sides),
          problem("stage-outside", fmt::format("`{}` can lie outside of the window", print(read(a.buffer, a.index)))));
    }
    for (size_t d = 0; d < rank(); ++d)
      rw_.prove(
          facts_, le(plan_.sides[d].extent, plan_.room[d]),
          problem("stage-extent", fmt::format("the window is `{}` long in dimension {}, which can be more than `{}`",
                                              print(plan_.sides[d].extent), d, print(plan_.room[d]))));
  }

  void prove_layout() {
    if (Verdict v = plan_.layout.inside(facts_, plan_.room); !v)
      rw_.fail({problem("stage-layout", "the layout puts an element outside of the new buffer"), v, std::nullopt});
    if (Verdict v = plan_.layout.injective(facts_, plan_.room); !v)
      rw_.fail({problem("stage-layout", "the layout puts two elements into one place"), v, std::nullopt});
  }

  void prove_mode() {
    if (plan_.mode == StageMode::Accumulate) {
      const bool only_sums = std::all_of(plan_.touches.begin(), plan_.touches.end(), [](const Access& a) {
        return a.kind == Access::Reduce && a.op == ReduceOp::Add;
      });
      if (!only_sums)
        rw_.refuse(problem("stage-accumulate",
                           fmt::format("the block does more with `{}` than `+=`", plan_.buffer.name()),
                           {"use `mode = \"copy\"`"}));
      if (rw_.context.contract == Contract::Exact && is_float(type_.scalar))
        rw_.refuse(problem("stage-exact", "the contract `exact` keeps sums in order; accumulating apart regroups them",
                           {"use `mode = \"copy\"`"}));
    }
    if (plan_.mode == StageMode::Local) prove_local();
  }

  /// No value comes in or goes out: the buffer is touched nowhere else, and no other iteration of the loops between its allocation
  /// and the block meets this one.
  void prove_local() {
    const auto alloc = binder(rw_.before(), plan_.buffer);
    if (!alloc)
      rw_.refuse(problem("stage-local", fmt::format("`{}` belongs to the caller", plan_.buffer.name()),
                         {"use `mode = \"copy\"`"}));
    const Block& scope = block_of(rw_.before(), *alloc);
    const Block rest(scope.begin() + static_cast<std::ptrdiff_t>(alloc->back().index), scope.end());
    const auto all = accesses(rw_.names(), rest);
    if (static_cast<size_t>(std::count_if(
            all.begin(), all.end(), [&](const Access& a) { return a.buffer == plan_.buffer; })) != plan_.touches.size())
      rw_.refuse(problem("stage-local", fmt::format("`{}` is used outside of this block too", plan_.buffer.name()),
                         {"use `mode = \"copy\"`"}));
    std::vector<Sym> between;
    for (const Path& p : loops_around(rw_.before(), plan_.block.first))
      if (is_prefix(parent(*alloc), p)) between.push_back(rw_.loop(p).iter);
    Facts facts = facts_at(rw_.before(), *alloc);
    for (const Access& a : all)
      for (const Access& b : all) {
        if (a.buffer != plan_.buffer || b.buffer != plan_.buffer || a.kind == Access::Read || b.kind == Access::Write)
          continue;
        const Access other = fresh(b);
        Exprs elsewhere;
        for (const Sym s : between) {
          const auto there =
              std::find_if(other.iterators.begin(), other.iterators.end(), [&](const auto& i) { return i.first == s; });
          if (there != other.iterators.end()) elsewhere.push_back(ne(var(s), var(there->second)));
        }
        Facts apart = facts;
        apart.add(any_of(elsewhere));
        if (Verdict v = disjoint(apart, a, other); !v)
          return rw_.prove_none(
              Conflict{a, other, v},
              problem("stage-local",
                      fmt::format("another iteration reads what this one leaves in `{}`", plan_.buffer.name())));
      }
  }

  bool is_copy(const StmtRef& s) const {
    const If* branch = as<If>(s);  // around a fill
    const Label& label = branch && !branch->body.empty() ? branch->body[0]->label : s->label;
    return as<Alloc>(s) || label.nest.rfind(plan_.as + ".", 0) == 0;
  }

  /// The copies read and write the old buffer inside its shape, and the new one inside its own.
  void prove_copies(const Block& next) {
    Declarations names = rw_.names();
    names.set(fresh_, {as<Alloc>(next.front())->type, plan_.memory, false, {}});
    Block copies;
    for (const StmtRef& s : next)
      if (is_copy(s)) copies.push_back(s);
    for (Violation& v : violations(names, facts_, copies, 1)) {
      Problem p = problem("stage-copy", fmt::format("copying the window would leave a buffer: {}", v.problem.message));
      rw_.fail({std::move(p), v.verdict, std::nullopt});
    }
  }

  Label label(const std::string& role) const {
    return {plan_.as + "." + role, "", "", "", stmt_at(rw_.before(), plan_.block.first)->label.copies};
  }

  StmtRef alloc() const {
    return stmt(Alloc{fresh_, {type_.scalar, plan_.layout.extents(plan_.room), false}, plan_.memory}, label("alloc"));
  }

  /// Loops over lo[d] <= d < hi[d] around one statement, named after the axes; conditions stand inside all of them.
  Block nest(const std::string& role, const Exprs& lo, const Exprs& hi, const Exprs& conditions,
             const std::function<StmtRef(const Exprs&)>& body) const {
    std::vector<Sym> iters;
    Exprs at;
    for (size_t d = 0; d < rank(); ++d) {
      iters.push_back(Sym::fresh(plan_.axes[d]));
      at.push_back(var(iters[d]));
    }
    Block inner = {body(at)};
    for (size_t d = rank(); d-- > 0;)
      if (conditions[d])
        inner = {stmt(If{lt(at[d], conditions[d]), inner, {}}, Label{"if", "", "", "", label(role).copies})};
    for (size_t d = rank(); d-- > 0;)
      inner = {
          stmt(For{iters[d], lo[d], hi[d], inner, Order::Sequential},
               Label{plan_.axes[d], plan_.as + "." + role, fmt::format("d{}", d), plan_.axes[d], label(role).copies})};
    return inner;
  }

  Exprs zeros() const { return Exprs(rank(), num(0)); }
  Exprs window_extents() const {
    Exprs out;
    for (const Side& s : plan_.sides) out.push_back(s.extent);
    return out;
  }
  ExprRef neutral() const { return is_float(type_.scalar) ? real(0.0) : num(0); }

  Exprs there(const Exprs& at) const {
    Exprs out;
    for (size_t d = 0; d < rank(); ++d) out.push_back(plan_.sides[d].lo + at[d]);
    return out;
  }
  StmtRef zero(const Exprs& at, const std::string& role) const {
    return stmt(Assign{fresh_, plan_.layout.index(at), neutral()}, label(role));
  }

  /// The copies that move the window: over the window alone, or over the whole room under conditions where the two differ.
  Block copy(const std::string& role, const std::function<StmtRef(const Exprs&)>& body) const {
    const Exprs extents = window_extents();
    if (plan_.edges == StageEdges::Guard) return nest(role, zeros(), extents, Exprs(rank()), body);
    Exprs conditions(rank());
    for (size_t d = 0; d < rank(); ++d)
      if (!(linear(extents[d]) == linear(plan_.room[d]))) conditions[d] = extents[d];
    return nest(role, zeros(), plan_.room, conditions, body);
  }

  Block before() const {
    if (plan_.mode == StageMode::Local) return {};
    if (plan_.mode == StageMode::Accumulate)
      return nest("init", zeros(), plan_.room, Exprs(rank()), [&](const Exprs& at) { return zero(at, "init"); });
    Block out;
    for (size_t d = 0; d < rank(); ++d)
      if (plan_.pad[d] > 0) append(out, fill(d));
    if (all_written_first()) return out;
    append(out, copy("load", [&](const Exprs& at) {
             return stmt(Assign{fresh_, plan_.layout.index(at), read(plan_.buffer, there(at))}, label("load"));
           }));
    return out;
  }

  /// Zeros in the last block of a padded dimension, where the window ends inside of it. The window itself is loaded over them.
  Block fill(size_t d) const {
    const ExprRef& extent = plan_.sides[d].extent;
    const int64_t by = plan_.pad[d];
    Exprs hi = plan_.room;
    hi[d] = num(by);
    const Block zeros_in_block = nest("fill", zeros(), hi, Exprs(rank()), [&](Exprs at) {
      at[d] = num(by) * (extent / by) + at[d];
      return zero(at, "fill");
    });
    return {stmt(If{lt(num(0), extent % by), zeros_in_block, {}}, Label{"if", "", "", "", label("fill").copies})};
  }

  Block after() const {
    if (plan_.mode == StageMode::Local || (!touches(Access::Write) && !touches(Access::Reduce))) return {};
    return copy("store", [&](const Exprs& at) -> StmtRef {
      const ExprRef value = read(fresh_, plan_.layout.index(at));
      if (plan_.mode == StageMode::Accumulate)
        return stmt(Reduce{ReduceOp::Add, plan_.buffer, there(at), value}, label("store"));
      return stmt(Assign{plan_.buffer, there(at), value}, label("store"));
    });
  }

  /// The block reads nothing of the window and one of its writes covers it: index d is lo[d] plus an iterator of its own that runs
  /// over [0, extent[d]), under no other condition; or lo[d] alone, where there is only that.
  bool all_written_first() const {
    if (touches(Access::Read) || touches(Access::Reduce)) return false;
    return std::any_of(plan_.touches.begin(), plan_.touches.end(), [&](const Access& a) {
      std::set<Sym> used;
      size_t ranges = 0;
      for (size_t d = 0; d < rank(); ++d) {
        const Linear at = linear(a.index[d]) - linear(plan_.sides[d].lo);
        if (at == constant(0) && linear(plan_.sides[d].extent) == constant(1)) continue;
        const Var* v =
            at.terms.size() == 1 && at.terms[0].second == 1 && at.constant == 0 ? as<Var>(at.terms[0].first) : nullptr;
        if (!v || !used.insert(v->sym).second) return false;
        for (const ExprRef& c : a.when) {
          const Binary* b = as<Binary>(c);
          if (b && b->op == BinaryOp::Le && equal(b->b, var(v->sym)) && linear(b->a) == constant(0)) ++ranges;
          if (b && b->op == BinaryOp::Lt && equal(b->a, var(v->sym)) && linear(b->b) == linear(plan_.sides[d].extent))
            ++ranges;
        }
      }
      return ranges == a.when.size() && a.iterators.size() == used.size();
    });
  }

  void drop_dead_alloc() {
    const auto alloc = binder(*rw_.edit.proc(), plan_.buffer);
    if (!alloc) return;
    const Block& scope = block_of(*rw_.edit.proc(), *alloc);
    if (!mentions(Block(scope.begin() + static_cast<std::ptrdiff_t>(alloc->back().index) + 1, scope.end()),
                  plan_.buffer))
      rw_.edit.splice({*alloc, 1}, {});
  }
};

}  // namespace

bool is_among(const Exprs& index, const std::vector<Exprs>& list) {
  const auto same = [](const ExprRef& a, const ExprRef& b) { return equal(a, b); };
  return std::any_of(list.begin(), list.end(), [&](const Exprs& other) {
    return std::equal(index.begin(), index.end(), other.begin(), other.end(), same);
  });
}

ExprRef in_window(const Exprs& index, const std::vector<Side>& sides) {
  Exprs out;
  for (size_t d = 0; d < sides.size(); ++d) {
    const ExprRef at = index[d] - sides[d].lo;
    out.push_back(le(num(0), at));
    out.push_back(lt(at, sides[d].extent));
  }
  return all_of(out);
}

void stage(Rewrite& rw, const Staging& plan) { Stager(rw, plan).run(); }

}  // namespace exo
