// Bounds of every access, and what every call asks of its caller.
#include <fmt/format.h>

#include "analysis/config.h"
#include "analysis/query.h"
#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/print.h"
#include "support/text.h"

namespace exo {
namespace {

/// The part that a window is of the buffer itself.
Window resolved(const Declarations& names, const Window& w) {
  const Window* outer = alias_of(names, w.buffer);
  return outer ? through(*outer, w) : w;
}

constexpr int kMaxSizeBits = 46;  // what the entry of a kernel lets in (EXO_MAX_SIZE)
constexpr int64_t kMaxSize = int64_t{1} << kMaxSizeBits;

/// Whether anyone reads what is wrong, and the counterexample.
enum class Wanted : uint8_t { Words, Answer };

class Checks {
 public:
  Checks(const Declarations& names, size_t limit, Wanted wanted = Wanted::Words)
      : names_(names), limit_(limit), wanted_(wanted) {}
  Checks(const Declarations& names, size_t limit, const Proc& proc) : names_(names), limit_(limit) {
    if (all_fields().empty()) return;
    flow_.emplace(proc);
    state_ = flow_->entry(proc);
  }
  std::vector<Violation> found;

  void params(const Proc& proc, const Facts& facts) {
    for (const Param& p : proc.params) extents(p.type, p.name, p.span, nullptr, facts);
  }

  /// Assertions read elements too; each may rely on those before it.
  void asserts(const Proc& proc) {
    Facts facts = size_facts(proc);
    for (const ExprRef& e : proc.asserts) assertion(e, facts), facts.add(e);
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
  Wanted wanted_ = Wanted::Words;
  std::optional<ConfigurationFlow> flow_;  // of a whole procedure; of a block, the facts say what is known
  Configuration state_;

  /// A block that begins with what is known here; afterwards that is known again.
  void inner(const Block& b, const Facts& facts, const For* loop = nullptr) {
    const Configuration before = state_;
    if (flow_ && loop) state_ = flow_->inside(state_, *loop);
    block(b, loop ? without(facts, configured(loop->body)) : facts);
    state_ = before;
  }

  void assertion(const ExprRef& e, const Facts& facts) {
    const StmtRef none;
    const Forall* n = as<Forall>(e);
    if (!n) return condition(e, none, facts);
    data(n->lo, none, facts), data(n->hi, none, facts);
    Facts inside = facts;
    inside.add_range(n->iter, n->lo, n->hi);
    assertion(n->body, inside);
  }

  template <class Problem>  // () -> Diagnostic, worded only where it is needed
  void claim(const Facts& facts, const ExprRef& what, const StmtRef* s, const Problem& problem) {
    if (found.size() >= limit_) return;
    if (wanted_ == Wanted::Answer) {
      if (!holds(facts, what)) found.emplace_back();
      return;
    }
    Verdict v = prove(facts, what);
    if (v) return;
    Diagnostic d = problem();
    if (d.helps.empty()) help_with_elements(d, v.witness);
    found.push_back({s ? s->get() : nullptr, std::move(d), std::move(v)});
  }

  /// Where the counterexample chose elements, more must be known of them.
  void help_with_elements(Diagnostic& d, const Witness& witness) const {
    if (witness.elements.empty()) return;
    const Sym tensor = witness.elements[0].tensor;
    const Type& type = names_.at(tensor).type;
    if (type.shape.size() != 1) return;
    const std::string name = tensor.name(), last = print(simplify(type.shape[0] - num(1), {}));
    d.help(fmt::format(
        "assert what `{0}` holds: where it leads through another tensor that is, as a rule, `assert {0}[0] == 0`, "
        "`assert forall i in seq(0, {1}): {0}[i] <= {0}[i + 1]` and `assert {0}[{1}] <= ...`",
        name, last));
  }

  /// The assertion that would keep an index in bounds which is an element.
  void help_with_index(Diagnostic& d, const ExprRef& index, const ExprRef& extent) const {
    const Read* r = as<Read>(index);
    if (!r || r->index.size() != 1) return;
    const std::string name = r->buffer.name();
    d.help(fmt::format("add `assert forall k in seq(0, {1}): 0 <= {0}[k] and {0}[k] < {2}`", name,
                       print(names_.at(r->buffer).type.shape[0]), print(extent)));
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
        Diagnostic out{"out-of-bounds",
                       fmt::format("`{}` can lie outside `{} : {}`: index {} is `{}`", print(read(buffer, index)),
                                   buffer.name(), print(type), d, print(index[d])),
                       {},
                       {},
                       {}};
        out.at(span);
        help_with_index(out, index[d], type.shape[d]);
        return out;
      };
      claim(facts, all_of({le(num(0), index[d]), lt(index[d], type.shape.at(d))}), &s, problem);
    }
  }

  static Span place(const ExprRef& e, const StmtRef& s) { return e->span.source || !s ? e->span : s->span; }

  /// Everything that the expression reads.
  void data(const ExprRef& e, const StmtRef& s, const Facts& facts) {
    if (const Read* r = as<Read>(e)) {
      control(r->index, s, facts);
      return element(r->buffer, r->index, place(e, s), s, facts);
    }
    if (const Window* w = as<Window>(e)) {
      for (const Slice& slice : w->slices) {
        control(slice.lo, s, facts);
        if (slice.hi) control(slice.hi, s, facts);
      }
      return;
    }
    each_child(e, [&](const ExprRef& child) { data(child, s, facts); });
  }

  /// A number of control: what it reads, and that C can compute with it.
  void control(const ExprRef& e, const StmtRef& s, const Facts& facts) {
    if (as<Int>(e) || as<Var>(e)) return;
    data(e, s, facts);
    each_expr(e, [&](const ExprRef& x) {
      const Read* r = as<Read>(x);
      if (r && names_.at(r->buffer).type.scalar == Scalar::I64) moderate(x, s, facts);
    });
  }
  void control(const Exprs& list, const StmtRef& s, const Facts& facts) {
    for (const ExprRef& e : list) control(e, s, facts);
  }

  /// An element of 64 bits is no larger than a size can be, so that sums and products of some of them fit.
  void moderate(const ExprRef& e, const StmtRef& s, const Facts& facts) {
    Facts entry = facts;
    for (const auto& [sym, declaration] : names_)
      if (declaration.is_param && declaration.type.scalar == Scalar::Size) entry.add(le(var(sym), num(kMaxSize)));
    claim(entry, all_of({le(num(-kMaxSize), e), le(e, num(kMaxSize))}), &s, [&] {
      return Diagnostic{"index-range", fmt::format("`{}` can be too large to compute with", print(e)), {}, {}, {}}
          .at(place(e, s))
          .note(fmt::format("sizes are at most 2^{}, elements of an i64 tensor may be anything", kMaxSizeBits))
          .help("assert what they are, or use i32")
          .help(fmt::format("where it wraps on purpose, compare data: `i64({})`", print(e)));
    });
  }

  /// The condition of an `if` or an assertion, whose `and` and `or` guard what stands to their right.
  void condition(const ExprRef& e, const StmtRef& s, const Facts& facts) {
    const Binary* n = as<Binary>(e);
    if (const Unary* u = as<Unary>(e)) return condition(u->a, s, facts);
    if (!n) return data(e, s, facts);
    if (n->op != BinaryOp::And && n->op != BinaryOp::Or) {
      for (const ExprRef& side : {n->a, n->b})
        is_exact(*n, names_) && !as<Read>(side) ? control(side, s, facts) : data(side, s, facts);
      return;
    }
    condition(n->a, s, facts);
    Facts then = facts;
    then.add(n->op == BinaryOp::And ? n->a : negate(n->a));
    condition(n->b, s, then);
  }

  void store(Sym buffer, const Exprs& index, const ExprRef& rhs, const StmtRef& s, const Facts& facts) {
    data(rhs, s, facts), control(index, s, facts);
    element(buffer, index, s->span, s, facts);
  }

  void statement(const StmtRef& s, const Facts& facts) {
    std::visit(match{
                   [&](const Assign& n) { store(n.buffer, n.index, n.rhs, s, facts); },
                   [&](const Reduce& n) { store(n.buffer, n.index, n.rhs, s, facts); },
                   [&](const For& n) {
                     control(n.lo, s, facts), control(n.hi, s, facts);
                     Facts inside = facts;
                     inside.add_range(n.iter, n.lo, n.hi);
                     inner(n.body, inside, &n);
                   },
                   [&](const If& n) {
                     condition(n.cond, s, facts);
                     Facts inside = facts;
                     inside.add(n.cond);
                     inner(n.body, inside);
                     if (n.orelse.empty()) return;
                     Facts otherwise = facts;
                     otherwise.add(negate(n.cond));
                     inner(n.orelse, otherwise);
                   },
                   [&](const Alloc& n) { extents(n.type, n.buffer, s->span, &s, facts); },
                   [&](const Alias& n) { data(n.window, s, facts), part(*as<Window>(n.window), n.name, s, facts); },
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
      is_data(p.type.scalar) ? data(n.args[i], s, facts) : argument(n.args[i], s, facts);
      if (const Window* w = as<Window>(n.args[i])) window(*w, p, n, s, facts, control);
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

  /// A value of control.
  void argument(const ExprRef& e, const StmtRef& s, const Facts& facts) {
    const Binary* n = as<Binary>(e);
    n && n->op > BinaryOp::Mod ? condition(e, s, facts) : control(e, s, facts);
  }

  void window(const Window& w, const Param& p, const Call& n, const StmtRef& s, const Facts& facts,
              const Substitution& control) {
    const Type& type = names_.at(w.buffer).type;
    Exprs shape;
    if (w.slices.empty()) shape = type.shape;
    Exprs empty;  // a window without elements may stand anywhere
    for (const Slice& slice : w.slices) {
      const ExprRef length = slice.hi ? slice.hi - slice.lo : num(1);
      if (!literal(length)) empty.push_back(le(slice.hi, slice.lo));
    }
    for (size_t d = 0; d < w.slices.size(); ++d) {
      const Slice& slice = w.slices[d];
      const ExprRef& extent = type.shape.at(d);
      const ExprRef inside = slice.hi ? all_of({le(num(0), slice.lo), le(slice.lo, slice.hi), le(slice.hi, extent)})
                                      : all_of({le(num(0), slice.lo), lt(slice.lo, extent)});
      if (slice.hi) shape.push_back(slice.hi - slice.lo);
      if (!empty.empty() && evident(facts, inside)) continue;
      claim(facts, empty.empty() ? inside : any_of({inside, any_of(empty)}), &s, [&] {
        return Diagnostic{"out-of-bounds",
                          fmt::format("the window of `{}` for `{}` of `{}` can lie outside `{}`", w.buffer.name(),
                                      p.name.name(), n.callee->name, print(type)),
                          {},
                          {},
                          {}}
            .at(s->span);
      });
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
        const Window a = resolved(names_, *as<Window>(n.args[i])), b = resolved(names_, *as<Window>(n.args[j]));
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
    if (const Read* r = as<Read>(e))
      for (size_t i = 0; i < call.args.size(); ++i) {
        const Window* w = as<Window>(call.args[i]);
        if (!w || call.callee->params[i].name != r->buffer) continue;
        const Window here = resolved(names, *w);
        return read(here.buffer, through(here, r->index, r->index.size()));
      }
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
  Checks checker(names, limit, proc);
  const Facts facts = entry_facts(proc);
  checker.asserts(proc);
  checker.params(proc, facts);
  checker.block(proc.body, facts);
  return std::move(checker.found);
}

ExprRef never_holds(const Proc& proc) {
  if (proc.asserts.empty() || !prove(entry_facts(proc), truth(false))) return nullptr;
  Facts facts = size_facts(proc);
  for (const ExprRef& e : proc.asserts) {
    facts.add(e);
    if (prove(facts, truth(false))) return e;
  }
  return proc.asserts.back();
}

std::vector<Violation> violations(const Declarations& names, const Facts& facts, const Block& block, size_t limit) {
  Checks checker(names, limit);
  checker.block(block, facts);
  return std::move(checker.found);
}

bool sound(const Declarations& names, const Facts& facts, const Block& block) {
  Checks checker(names, 1, Wanted::Answer);
  checker.block(block, facts);
  return checker.found.empty();
}

}  // namespace exo
