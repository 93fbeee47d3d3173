#include "schedule/producer.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/linear.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"

namespace exo {
namespace {

/// What one statement itself does with the buffer, its bounds and conditions included.
struct Mention {
  Path path;
  bool writes = false;
};

class Finder {
 public:
  Finder(const Rewrite& rw, Sym buffer) : rw_(rw), buffer_(buffer) { out_.buffer = buffer; }

  std::variant<Producer, Problem> run() {
    const auto alloc = binder(rw_.before(), buffer_);
    if (!alloc)
      return problem("producer-argument", fmt::format("`{}` belongs to the caller, who sees all of it", buffer_.name()),
                     {});
    if (const auto handed = handed_on(*alloc)) return *handed;
    for (const Path& p : find(rw_.before(), [](const StmtRef&) { return true; }))
      if (const auto m = mention(p)) mentions_.push_back(*m);
    if (std::none_of(mentions_.begin(), mentions_.end(), [](const Mention& m) { return m.writes; }))
      return problem("producer-none", fmt::format("nothing computes `{}`", buffer_.name()), *alloc);
    if (!find_place())
      return problem("producer-several", fmt::format("several nests compute `{}`", buffer_.name()), *alloc,
                     {"bring them into one with `fuse` or `join`"});
    descend();
    if (auto wrong = find_point()) return *wrong;
    if (auto wrong = find_dims()) return *wrong;
    if (auto wrong = stands_alone()) return *wrong;
    if (!find_until())
      return problem("producer-order", fmt::format("`{}` is read in front of what computes it", buffer_.name()),
                     out_.place);
    return out_;
  }

 private:
  const Rewrite& rw_;
  const Sym buffer_;
  Producer out_;
  std::vector<Mention> mentions_;

  Problem problem(const char* code, std::string message, Path where, std::vector<std::string> helps = {}) const {
    return {code, std::move(message), std::move(where), "here", std::move(helps)};
  }

  std::optional<Problem> handed_on(const Path& alloc) const {
    bool found = false;
    each_expr(rw_.before().body, [&](const ExprRef& e) {
      const Window* w = as<Window>(e);
      const Stride* s = as<Stride>(e);
      found = found || (w && w->buffer == buffer_) || (s && s->buffer == buffer_);
    });
    std::optional<Path> control;
    for (const Path& p : find(rw_.before(), [&](const StmtRef& s) { return decides(s); })) control = p;
    if (control)
      return problem("producer-control", fmt::format("a value of `{}` decides here what is done", buffer_.name()),
                     *control, {"only values that go into data can be moved"});
    if (!found) return std::nullopt;
    return problem("producer-window",
                   fmt::format("a part of `{}` is handed to a call or has a name of its own", buffer_.name()), alloc,
                   {"`inline_window` removes a name; do this step before the call is made"});
  }

  /// Does the statement read the buffer other than in a right side: in a bound, a condition, an index, an argument?
  bool decides(const StmtRef& s) const {
    bool found = false;
    const auto index = [&](const Exprs& at) {
      for (const ExprRef& e : at) found = found || mentions(e, buffer_);
    };
    const auto data = [&](const ExprRef& rhs) {
      each_expr(rhs, [&](const ExprRef& e) {
        if (const Read* r = as<Read>(e)) index(r->index);
      });
    };
    std::visit(match{
                   [&](const Assign& n) { index(n.index), data(n.rhs); },
                   [&](const Reduce& n) { index(n.index), data(n.rhs); },
                   [&](const For& n) {
                     index({n.lo, n.hi});
                   },
                   [&](const If& n) { index({n.cond}); },
                   [&](const Alloc& n) { index(n.type.shape); },
                   [&](const Alias&) {},
                   [&](const Call& n) {
                     for (const ExprRef& e : n.args)
                       if (!as<Window>(e)) index({e});
                   },
                   [&](const Configure& n) { index({n.value}); },
               },
               s->node);
    return found;
  }

  std::optional<Mention> mention(const Path& path) const {
    const StmtRef& s = rw_.stmt(path);
    const Assign* a = as<Assign>(s);
    const Reduce* r = as<Reduce>(s);
    Mention out{path, (a && a->buffer == buffer_) || (r && r->buffer == buffer_)};
    bool reads = false;
    each_child(
        s, [&](const ExprRef& e) { reads = reads || mentions(e, buffer_); }, [](const Block&) {});
    if (!out.writes && !reads) return std::nullopt;
    return out;
  }

  /// The largest statement that contains all writes, and of the reads none but those that stand inside of the smallest such
  /// statement.
  bool find_place() {
    std::optional<Path> all;
    for (const Mention& m : mentions_) {
      if (!m.writes) continue;
      if (!all) all = m.path;
      while (!is_prefix(*all, m.path)) all->pop_back();
    }
    if (!all || all->empty()) return false;
    const auto inside = [&](const Path& p) {
      return std::count_if(mentions_.begin(), mentions_.end(), [&](const Mention& m) { return is_prefix(p, m.path); });
    };
    const auto alloc = *binder(rw_.before(), buffer_);
    while (all->size() > alloc.size() && inside(parent(*all)) == inside(*all)) all->pop_back();
    out_.place = *all;
    return true;
  }

  /// Goes down through what stands alone: the loops of the nest, and the conditions between them.
  void descend() {
    out_.body = {rw_.stmt(out_.place)};
    std::vector<std::pair<Block, size_t>>
        inside;  // what is left of the nest without its last loops, and how many conditions
    while (out_.body.size() == 1) {
      const StmtRef only = out_.body[0];
      if (const For* loop = as<For>(only); loop && !reads_elements(loop->lo) && !reads_elements(loop->hi)) {
        inside.emplace_back(out_.body, out_.conditions.size());
        out_.loops.push_back(only);
        out_.body = loop->body;
      } else if (const If* branch = as<If>(only); branch && branch->orelse.empty() && !reads_elements(branch->cond)) {
        out_.conditions.push_back(branch->cond);
        out_.body = branch->body;
      } else {
        break;
      }
    }
    // A last loop that does not say which place is computed belongs to the computation.
    const auto indexes = [&](Sym iter) {
      bool found = false;
      each_stmt(out_.body, [&](const StmtRef& s) {
        const Assign* a = as<Assign>(s);
        const Reduce* r = as<Reduce>(s);
        if ((a && a->buffer == buffer_) || (r && r->buffer == buffer_))
          for (const ExprRef& e : a ? a->index : r->index) found = found || mentions(e, iter);
      });
      return found;
    };
    while (!out_.loops.empty() && !indexes(as<For>(out_.loops.back())->iter)) {
      out_.loops.pop_back();
      out_.body = inside.back().first;
      out_.conditions.resize(inside.back().second);
      inside.pop_back();
    }
  }

  /// All that the body does with the buffer, it does at one place, which it writes first.
  std::optional<Problem> find_point() {
    bool written = false;
    const auto one_place = [&](const Exprs& index) {
      if (out_.point.empty() && !written) out_.point = index;
      for (size_t d = 0; d < index.size(); ++d)
        if (!(linear(index[d]) == linear(out_.point[d]))) return false;
      return true;
    };
    for (const StmtRef& s : out_.body) {
      bool same = true, reads = false;
      for (const Access& a : accesses(rw_.names(), {s})) {
        if (a.buffer != buffer_) continue;
        same = one_place(a.index) && same;
        reads = reads || a.kind != Access::Write;
      }
      if (!same)
        return problem(
            "producer-point",
            fmt::format("a value of `{}` is not computed by itself: this touches others of it", buffer_.name()),
            out_.place, {"a buffer whose values depend on each other is computed as a whole"});
      if (reads && !written)
        return problem("producer-first", fmt::format("`{}` is not written before it is read here", buffer_.name()),
                       out_.place, {"bring what initialises it into the same nest with `fuse`"});
      written = written || (as<Assign>(s) && as<Assign>(s)->buffer == buffer_);
    }
    if (std::any_of(out_.point.begin(), out_.point.end(), reads_elements))
      return problem("producer-point", fmt::format("data say which place of `{}` is computed", buffer_.name()),
                     out_.place);
    for (const ExprRef& e : out_.point)  // what is bound in the body itself does not say which place it is
      for (const Sym used : symbols(e))
        if (const auto at = binder(rw_.before(), used); at && is_prefix(out_.place, *at) && !walks(used))
          return problem("producer-point", fmt::format("`{}` indexes `{}` here", used.name(), buffer_.name()), *at,
                         {"take the loops apart with `fission`, so that they form one nest"});
    return std::nullopt;
  }

  bool walks(Sym iter) const {
    return std::any_of(out_.loops.begin(), out_.loops.end(),
                       [&](const StmtRef& l) { return as<For>(l)->iter == iter; });
  }

  /// Each loop moves one dimension, one element at a time, and no dimension has two.
  std::optional<Problem> find_dims() {
    for (const StmtRef& l : out_.loops) {
      const Sym iter = as<For>(l)->iter;
      std::vector<size_t> moved;
      bool one = true;
      for (size_t d = 0; d < out_.point.size(); ++d) {
        if (!mentions(out_.point[d], iter)) continue;
        moved.push_back(d);
        one = one && !mentions(expression(linear(out_.point[d]) - linear(var(iter))), iter);
        for (const StmtRef& other : out_.loops)
          one = one && (other == l || !mentions(out_.point[d], as<For>(other)->iter));
      }
      if (moved.size() != 1 || !one)
        return problem(
            "producer-dims",
            fmt::format("`{}` does not move one dimension of `{}` by one element at a time", iter.name(),
                        buffer_.name()),
            out_.place,
            {"do this step before the loops of the buffer are divided; `shift` and `reverse` turn them round"});
      out_.dims.push_back(moved[0]);
    }
    return std::nullopt;
  }

  std::optional<Problem> stands_alone() const {
    for (const Access& a : visible(rw_.names(), out_.body))
      if (a.kind != Access::Read && a.buffer != buffer_)
        return problem("producer-along",
                       fmt::format("`{}` is computed along with `{}`", a.buffer.name(), buffer_.name()), out_.place,
                       {"take the two apart with `fission`"});
    return std::nullopt;
  }

  bool find_until() {
    const Block& block = block_of(rw_.before(), out_.place);
    size_t last = out_.place.back().index;
    for (const Mention& m : mentions_) {
      if (is_prefix(out_.place, m.path)) continue;
      const size_t depth = out_.place.size() - 1;
      if (m.path.size() <= depth || !is_prefix(parent(out_.place), m.path) ||
          m.path[depth].slot != out_.place[depth].slot || m.path[depth].index < out_.place[depth].index)
        return false;
      last = std::max(last, m.path[depth].index);
    }
    out_.until = {sibling(out_.place, 1), std::min(last, block.size() - 1) - out_.place.back().index};
    return true;
  }
};

}  // namespace

Substitution Producer::at(const Exprs& where) const {
  Substitution out;
  for (size_t k = 0; k < loops.size(); ++k) {
    const Sym iter = as<For>(loops[k])->iter;
    const Linear rest = linear(point[dims[k]]) - linear(var(iter));
    out[iter] = expression(linear(where[dims[k]]) - rest);
  }
  return out;
}

ExprRef Producer::computes(const Exprs& where) const {
  const Substitution by = at(where);
  Exprs out;
  for (const StmtRef& l : loops) {
    const For& loop = *as<For>(l);
    out.push_back(le(substitute(loop.lo, by), by.at(loop.iter)));
    out.push_back(lt(by.at(loop.iter), substitute(loop.hi, by)));
  }
  for (const ExprRef& c : conditions) out.push_back(substitute(c, by));
  for (size_t d = 0; d < point.size(); ++d)
    if (std::find(dims.begin(), dims.end(), d) == dims.end()) out.push_back(eq(where[d], point[d]));
  return all_of(out);
}

std::variant<Producer, Problem> producer_of(const Rewrite& rw, Sym buffer) { return Finder(rw, buffer).run(); }

void prove_stays(Rewrite& rw, const Producer& producer, const Problem& problem) {
  std::vector<Access> reads;
  for (Access& a : visible(rw.names(), {rw.stmt(producer.place)}))
    if (a.buffer != producer.buffer) reads.push_back(std::move(a));
  std::vector<Access> later;
  for (Access& a : visible(rw.names(), statements(rw.before(), producer.until)))
    if (a.kind != Access::Read) later.push_back(std::move(a));
  rw.prove_none(conflict(rw.facts(producer.place), reads, later, rw.names(), Contract::Exact), problem);
}

}  // namespace exo
