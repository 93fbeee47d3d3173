// Bounds of every access, and what every call asks of its caller.
#include <fmt/format.h>

#include "analysis/config.h"
#include "analysis/query.h"
#include "ir/build.h"
#include "ir/print.h"
#include "support/text.h"

namespace exo {
namespace {

class Checker {
 public:
  Checker(const Declarations& names, size_t limit) : names_(names), limit_(limit) {}
  Checker(const Declarations& names, size_t limit, const Proc& proc) : names_(names), limit_(limit) {
    if (all_fields().empty()) return;
    flow_.emplace(proc);
    state_ = flow_->entry(proc);
  }
  std::vector<Violation> found;

  void params(const Proc& proc, const Facts& facts) {
    for (const Param& p : proc.params) extents(p.type, p.name, p.span, nullptr, facts);
  }

  void block(const Block& b, const Facts& facts) {
    if (all_fields().empty()) {
      for (const StmtRef& s : b)
        if (found.size() < limit_) statement(s, facts);
      return;
    }
    Facts here = facts;
    for (const StmtRef& s : b) {
      if (found.size() < limit_) statement(s, here);
      here = without(here, configured({s}));
      if (flow_) flow_->advance(state_, s);
    }
  }

 private:
  const Declarations& names_;
  size_t limit_;
  std::optional<ConfigurationFlow> flow_;  // of a whole procedure; of a block, the facts say what is known
  Configuration state_;

  /// A block that begins with what is known here; afterwards that is known again.
  void inner(const Block& b, const Facts& facts, const For* loop = nullptr) {
    const Configuration before = state_;
    if (flow_ && loop) state_ = flow_->inside(state_, *loop);
    block(b, loop ? without(facts, configured(loop->body)) : facts);
    state_ = before;
  }

  template <class Problem>  // () -> Diagnostic, worded only where it is needed
  void claim(const Facts& facts, const ExprRef& what, const StmtRef* s, const Problem& problem) {
    if (found.size() >= limit_) return;
    if (Verdict v = prove(facts, what); !v) found.push_back({s ? s->get() : nullptr, problem(), std::move(v)});
  }

  void extents(const Type& type, Sym buffer, Span span, const StmtRef* s, const Facts& facts) {
    for (const ExprRef& e : type.shape) {
      if (literal(e) && *literal(e) >= 0) continue;
      claim(facts, le(num(0), e), s, [&] {
        return Diagnostic{"negative-extent",
                          fmt::format("the extent `{}` of `{}` can be negative", print(e), buffer.name()),
                          {},
                          {},
                          {}}
            .at(e->span.source ? e->span : span)
            .help(fmt::format("add `assert {} >= 0`", print(e)));
      });
    }
  }

  void element(Sym buffer, const Exprs& index, Span span, const StmtRef& s, const Facts& facts) {
    const Type& type = names_.at(buffer).type;
    for (size_t d = 0; d < index.size(); ++d) {
      const auto problem = [&] {
        return Diagnostic{"out-of-bounds",
                          fmt::format("`{}` can lie outside `{} : {}`: index {} is `{}`", print(read(buffer, index)),
                                      buffer.name(), print(type), d, print(index[d])),
                          {},
                          {},
                          {}}
            .at(span);
      };
      claim(facts, all_of({le(num(0), index[d]), lt(index[d], type.shape.at(d))}), &s, problem);
    }
  }

  void data(const ExprRef& e, const StmtRef& s, const Facts& facts) {
    if (const Read* r = as<Read>(e)) element(r->buffer, r->index, e->span.source ? e->span : s->span, s, facts);
    each_child(e, [&](const ExprRef& child) {
      if (!as<Read>(e)) data(child, s, facts);
    });
  }

  void statement(const StmtRef& s, const Facts& facts) {
    std::visit(match{
                   [&](const Assign& n) { data(n.rhs, s, facts), element(n.buffer, n.index, s->span, s, facts); },
                   [&](const Reduce& n) { data(n.rhs, s, facts), element(n.buffer, n.index, s->span, s, facts); },
                   [&](const For& n) {
                     Facts inside = facts;
                     inside.add_range(n.iter, n.lo, n.hi);
                     inner(n.body, inside, &n);
                   },
                   [&](const If& n) {
                     Facts inside = facts;
                     inside.add(n.cond);
                     inner(n.body, inside);
                     if (n.orelse.empty()) return;
                     Facts otherwise = facts;
                     otherwise.add(negate(n.cond));
                     inner(n.orelse, otherwise);
                   },
                   [&](const Alloc& n) { extents(n.type, n.buffer, s->span, &s, facts); },
                   [&](const Alias& n) { part(*as<Window>(n.window), n.name, s, facts); },
                   [&](const Call& n) { call(n, s, facts); },
                   [&](const Configure& n) {
                     if (n.field.field_type() == Scalar::Size)
                       claim(with_sizes(with(facts, state_), n.value), le(num(0), n.value), &s, [&] {
                         return Diagnostic{
                             "config-size",
                             fmt::format("`{}` is a size, and `{}` can be negative", n.field.name(), print(n.value)),
                             {},
                             {},
                             {}}
                             .at(s->span);
                       });
                     data(n.value, s, facts);
                   },
               },
               s->node);
  }

  /// What a name stands for lies inside the buffer, and its extents are not negative.
  void part(const Window& w, Sym name, const StmtRef& s, const Facts& facts) {
    const Type& type = names_.at(w.buffer).type;
    for (size_t d = 0; d < w.slices.size(); ++d) {
      const Slice& slice = w.slices[d];
      const ExprRef& extent = type.shape.at(d);
      const ExprRef inside = slice.hi ? all_of({le(num(0), slice.lo), le(slice.lo, slice.hi), le(slice.hi, extent)})
                                      : all_of({le(num(0), slice.lo), lt(slice.lo, extent)});
      claim(facts, inside, &s, [&] {
        return Diagnostic{"out-of-bounds",
                          fmt::format("`{}`, which `{}` names, can lie outside `{} : {}`: dimension {} is `{}`",
                                      print(window_of(w)), name.name(), w.buffer.name(), print(type), d,
                                      slice.hi ? print(slice.lo) + ":" + print(slice.hi) : print(slice.lo)),
                          {},
                          {},
                          {}}
            .at(s->span);
      });
    }
  }
  static ExprRef window_of(const Window& w) { return exo::window(w.buffer, w.slices); }

  /// An argument in terms of parameters and allocations.
  Window resolved(const Window& w) const {
    const Window* outer = alias_of(names_, w.buffer);
    return outer ? through(*outer, w) : w;
  }

  void call(const Call& n, const StmtRef& s, const Facts& around) {
    const Facts facts = with(around, state_);
    Substitution control;
    for (size_t i = 0; i < n.args.size(); ++i)
      if (const Param& p = n.callee->params[i]; !is_data(p.type.scalar)) control[p.name] = n.args[i];
    const auto problem = [&](const char* code, std::string message) {
      return Diagnostic{code, std::move(message), {}, {}, {}}.at(s->span);
    };
    for (size_t i = 0; i < n.args.size(); ++i) {
      const Param& p = n.callee->params[i];
      if (p.type.scalar == Scalar::Size)
        claim(facts, le(num(0), n.args[i]), &s, [&] {
          return problem("call-precondition", fmt::format("`{}` gets `{}` for the size `{}`, which can be negative",
                                                          n.callee->name, print(n.args[i]), p.name.name()));
        });
      if (const Window* w = as<Window>(n.args[i])) {
        window(*w, p, n, s, facts, control);
      } else if (is_data(p.type.scalar)) {
        data(n.args[i], s, facts);
      }
    }
    for (const ExprRef& condition : n.callee->asserts) {
      const ExprRef here = at_site(names_, n, condition);
      claim(facts, here, &s, [&] {
        return problem("call-precondition", fmt::format("`{}` asserts `{}`, here `{}`, which does not hold",
                                                        n.callee->name, print(condition), print(here)));
      });
    }
    overlaps(n, s, facts);
  }

  void window(const Window& w, const Param& p, const Call& n, const StmtRef& s, const Facts& facts,
              const Substitution& control) {
    const Type& type = names_.at(w.buffer).type;
    Exprs shape;
    if (w.slices.empty()) shape = type.shape;
    Exprs empty;  // a window without elements may stand anywhere
    for (const Slice& slice : w.slices)
      if (slice.hi && !literal(slice.hi - slice.lo)) empty.push_back(le(slice.hi, slice.lo));
    for (size_t d = 0; d < w.slices.size(); ++d) {
      const Slice& slice = w.slices[d];
      const ExprRef& extent = type.shape.at(d);
      const ExprRef inside = slice.hi ? all_of({le(num(0), slice.lo), le(slice.lo, slice.hi), le(slice.hi, extent)})
                                      : all_of({le(num(0), slice.lo), lt(slice.lo, extent)});
      claim(facts, empty.empty() || evident(facts, inside) ? inside : any_of({inside, any_of(empty)}), &s, [&] {
        return Diagnostic{"out-of-bounds",
                          fmt::format("the window of `{}` for `{}` of `{}` can lie outside `{}`", w.buffer.name(),
                                      p.name.name(), n.callee->name, print(type)),
                          {},
                          {},
                          {}}
            .at(s->span);
      });
      if (slice.hi) shape.push_back(slice.hi - slice.lo);
    }
    for (size_t d = 0; d < shape.size(); ++d) {
      const ExprRef wanted = substitute(p.type.shape.at(d), control);
      claim(facts, eq(shape[d], wanted), &s, [&] {
        return Diagnostic{"call-shape",
                          fmt::format("`{}` wants extent `{}` for `{}`, and gets `{}`", n.callee->name, print(wanted),
                                      p.name.name(), print(shape[d])),
                          {},
                          {},
                          {}}
            .at(s->span);
      });
    }
  }

  /// No argument that is written may meet another one.
  void overlaps(const Call& n, const StmtRef& s, const Facts& facts) {
    const std::set<Sym> written = exo::written(*n.callee);
    for (size_t i = 0; i < n.args.size(); ++i)
      for (size_t j = 0; j < n.args.size(); ++j) {
        if (i == j || !as<Window>(n.args[i]) || !as<Window>(n.args[j])) continue;
        const Window a = resolved(*as<Window>(n.args[i])), b = resolved(*as<Window>(n.args[j]));
        if (a.buffer != b.buffer || !written.count(n.callee->params[i].name)) continue;
        if (j < i && written.count(n.callee->params[j].name)) continue;  // seen the other way round
        claim(facts, apart(a, b), &s, [&] {
          return Diagnostic{
              "call-alias",
              fmt::format("`{}` and `{}` of `{}` both get parts of `{}` that can overlap, and one is written",
                          n.callee->params[i].name.name(), n.callee->params[j].name.name(), n.callee->name,
                          a.buffer.name()),
              {},
              {},
              {}}
              .at(s->span);
        });
      }
  }

  static ExprRef apart(const Window& a, const Window& b) {
    Exprs ways;
    for (size_t d = 0; d < std::min(a.slices.size(), b.slices.size()); ++d) {
      const Slice &x = a.slices[d], &y = b.slices[d];
      ways.push_back(le(x.hi ? x.hi : x.lo + num(1), y.lo));
      ways.push_back(le(y.hi ? y.hi : y.lo + num(1), x.lo));
    }
    return any_of(ways);
  }
};

}  // namespace

ExprRef at_site(const Declarations& names, const Call& call, const ExprRef& condition) {
  Substitution control;
  for (size_t i = 0; i < call.args.size(); ++i)
    if (const Param& p = call.callee->params[i]; !is_data(p.type.scalar)) control[p.name] = call.args[i];
  return map_exprs(substitute(condition, control), [&](const ExprRef& e) {
    const Stride* st = as<Stride>(e);
    if (!st) return e;
    for (size_t i = 0; i < call.args.size(); ++i) {
      const Window* w = as<Window>(call.args[i]);
      if (!w || call.callee->params[i].name != st->buffer) continue;
      size_t dim = static_cast<size_t>(st->dim);
      for (size_t d = 0, ranged = 0; d < w->slices.size(); ++d)
        if (w->slices[d].hi && ranged++ == static_cast<size_t>(st->dim)) dim = d;
      return stride_of(names, w->buffer, dim);
    }
    return e;
  });
}

std::vector<Violation> violations(const Proc& proc, size_t limit) {
  const Declarations names = declarations(proc);
  Checker checker(names, limit, proc);
  const Facts facts = entry_facts(proc);
  checker.params(proc, facts);
  checker.block(proc.body, facts);
  return std::move(checker.found);
}

std::vector<Violation> violations(const Declarations& names, const Facts& facts, const Block& block, size_t limit) {
  Checker checker(names, limit);
  checker.block(block, facts);
  return std::move(checker.found);
}

}  // namespace exo
