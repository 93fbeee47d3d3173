#include "recipe/lengths.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analysis/linear.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/diagnostic.h"
#include "support/text.h"

namespace exo {
namespace {

/// Where a number may be a function of the length: control. Data is computed alike in vectors of any length.
enum class Use : uint8_t { Control, Data };

/// Thrown where two programs are not the same.
struct Differs {
  std::string what;
  size_t at;  // the length, counted
};

/// `f` of each program's part.
template <class T, class F>
auto each(const std::vector<T>& list, const F& f) {
  std::vector<std::decay_t<decltype(f(list[0]))>> out;
  for (const T& x : list) out.push_back(f(x));
  return out;
}

class Lengths {
 public:
  Lengths(const std::vector<EmitVariant>& variants, Sym length) : variants_(variants), length_(length) {
    for (const EmitVariant& v : variants) units_.push_back(v.target->length);
    same_.resize(variants.size());
  }

  ProcRef proc(const std::vector<ProcRef>& procs) {
    for (size_t k = 1; k < procs.size(); ++k)
      if (procs[k]->name != procs[0]->name || procs[k]->params.size() != procs[0]->params.size() ||
          procs[k]->asserts.size() != procs[0]->asserts.size())
        throw Differs{fmt::format("`{}` is called, not `{}`", procs[k]->name, procs[0]->name), k};
    Proc out = *procs[0];
    for (size_t i = 0; i < out.params.size(); ++i) {
      std::vector<Type> types;
      for (const ProcRef& p : procs) types.push_back(p->params[i].type);
      bind(each(procs, [&](const ProcRef& p) { return p->params[i].name; }));
      out.params[i].type = type(types);
    }
    for (size_t i = 0; i < out.asserts.size(); ++i)
      out.asserts[i] = expr(each(procs, [&](const ProcRef& p) { return p->asserts[i]; }), Use::Control);
    out.body = block(each(procs, [](const ProcRef& p) { return p->body; }));
    return std::make_shared<const Proc>(std::move(out));
  }

  /// The target with the specifications that calls have now.
  TargetRef target() const {
    Target out = *variants_[0].target;
    out.any_length = true;
    for (Instruction& i : out.instructions)
      if (const auto it = callees_.find(i.spec.get()); it != callees_.end()) i.spec = it->second.made;
    return std::make_shared<const Target>(std::move(out));
  }

 private:
  const std::vector<EmitVariant>& variants_;
  const Sym length_;
  std::vector<int64_t> units_;
  std::vector<std::map<Sym, Sym>> same_;  // names of each program as those of the first
  struct Callee {
    std::vector<ProcRef> procs;
    ProcRef made;
  };
  std::map<const Proc*, Callee> callees_;  // by that of the first program
  std::set<std::pair<Sym, size_t>>
      always_zero_;  // iterators by name in the first program, and the program in which they are so

  void bind(const std::vector<Sym>& names) {
    for (size_t k = 1; k < names.size(); ++k) same_[k][names[k]] = names[0];
  }
  template <class T>
  static void require_same(const std::vector<T>& values, const std::string& what) {
    for (size_t k = 1; k < values.size(); ++k)
      if (!(values[k] == values[0])) throw Differs{what, k};
  }
  void require_name(const std::vector<Sym>& names, const std::string& what) const {
    for (size_t k = 1; k < names.size(); ++k) {
      const auto it = same_[k].find(names[k]);
      if ((it == same_[k].end() ? names[k] : it->second) != names[0]) throw Differs{what, k};
    }
  }

  /// a*VL + b, a/VL + b or a*VL*VL + b, whichever has these values at these lengths; null if none.
  ExprRef function(const std::vector<int64_t>& units, const std::vector<int64_t>& v) const {
    if (std::all_of(v.begin(), v.end(), [&](int64_t n) { return n == v[0]; })) return num(v.empty() ? 0 : v[0]);
    constexpr int64_t kLargest = int64_t{1} << 40;  // so that nothing overflows here
    if (std::any_of(v.begin(), v.end(), [](int64_t n) { return n <= -kLargest || n >= kLargest; })) return nullptr;
    const int64_t x = units[0], y = units[1];
    const auto fits = [&](const auto& f) {
      for (size_t k = 0; k < v.size(); ++k)
        if (f(units[k]) != v[k]) return false;
      return true;
    };
    const auto plus = [](const ExprRef& e, int64_t b) { return b == 0 ? e : b > 0 ? e + num(b) : e - num(-b); };
    const ExprRef length = var(length_);
    const int64_t rise = v[1] - v[0];
    if (rise % (y - x) == 0) {
      const int64_t a = rise / (y - x), b = v[0] - a * x;
      if (fits([&](int64_t n) { return a * n + b; })) return plus(num(a) * length, b);
    }
    if (-rise * x * y % (y - x) == 0) {
      const int64_t a = -rise * x * y / (y - x), b = v[0] - a / x;
      const bool whole = std::all_of(units.begin(), units.end(), [&](int64_t n) { return a % n == 0; });
      if (a > 0 && whole && fits([&](int64_t n) { return a / n + b; }))
        return plus(binary(BinaryOp::Div, num(a), length), b);
    }
    if (rise % (y * y - x * x) == 0) {
      const int64_t a = rise / (y * y - x * x), b = v[0] - a * x * x;
      if (fits([&](int64_t n) { return a * n * n + b; })) return plus(num(a) * length * length, b);
    }
    return nullptr;
  }

  ExprRef number(const std::vector<int64_t>& values, const ExprRef& first, Use use) const {
    const auto other = std::find_if(values.begin(), values.end(), [&](int64_t v) { return v != values[0]; });
    if (other == values.end()) return first;
    const ExprRef out = use == Use::Control ? function(units_, values) : nullptr;
    if (!out) throw Differs{fmt::format("a number is {}", fmt::join(values, ", ")), size_t(other - values.begin())};
    return out;
  }

  Exprs all(const std::vector<const Exprs*>& lists, Use use, const ExprRef& whole) {
    for (size_t k = 1; k < lists.size(); ++k)
      if (lists[k]->size() != lists[0]->size()) throw Differs{print(whole), k};
    Exprs out;
    for (size_t i = 0; i < lists[0]->size(); ++i)
      out.push_back(expr(each(lists, [&](const Exprs* l) { return (*l)[i]; }), use));
    return out;
  }

  template <class Node>
  static std::vector<const Node*> nodes(const Exprs& es) {
    return each(es, [](const ExprRef& e) { return as<Node>(e); });
  }

  /// A sum of multiples, whatever its parts stand in: where a loop runs at most once, its iterator is missing.
  ExprRef sum(const Exprs& es) {
    std::vector<int64_t> constants;
    std::map<Sym, std::vector<int64_t>> factors;
    std::vector<std::vector<std::pair<ExprRef, int64_t>>> others(es.size());
    for (size_t k = 0; k < es.size(); ++k) {
      const Linear l = linear(es[k]);
      constants.push_back(l.constant);
      for (const auto& [atom, factor] : l.terms) {
        const Var* v = as<Var>(atom);
        if (!v) {
          others[k].emplace_back(atom, factor);
          continue;
        }
        const auto same = same_[k].find(v->sym);
        std::vector<int64_t>& of = factors[same == same_[k].end() ? v->sym : same->second];
        of.resize(es.size(), 0);
        of[k] = factor;
      }
    }
    ExprRef out = function_or_differs(units_, constants);
    for (const auto& [name, of] : factors) {
      std::vector<int64_t> units, values;
      for (size_t k = 0; k < es.size(); ++k)
        if (!always_zero_.count({name, k})) units.push_back(units_[k]), values.push_back(of[k]);
      out = function_or_differs(units, values) * var(name) + out;
    }
    for (size_t i = 0; i < others[0].size(); ++i) {
      for (size_t k = 1; k < es.size(); ++k)
        if (others[k].size() != others[0].size()) throw Differs{print(es[k]), k};
      const ExprRef atom = expr(each(others, [&](const auto& o) { return o[i].first; }), Use::Control);
      out = function_or_differs(units_, each(others, [&](const auto& o) { return o[i].second; })) * atom + out;
    }
    for (size_t k = 1; k < es.size(); ++k)
      if (others[k].size() != others[0].size()) throw Differs{print(es[k]), k};
    return out;
  }
  ExprRef function_or_differs(const std::vector<int64_t>& units, const std::vector<int64_t>& values) const {
    const ExprRef out = function(units, values);
    if (!out) throw Differs{fmt::format("a number is {}", fmt::join(values, ", ")), 1};
    return out;
  }
  static bool is_number(const ExprRef& e) {
    const Binary* b = as<Binary>(e);
    const Builtin* f = as<Builtin>(e);
    return as<Int>(e) || as<Var>(e) || (b && b->op <= BinaryOp::Mod) || (f && (f->name == "min" || f->name == "max"));
  }

  ExprRef expr(const Exprs& es, Use use) {
    const bool may_lack = !always_zero_.empty() && use == Use::Control;
    if (!may_lack || !std::all_of(es.begin(), es.end(), is_number)) return alike(es, use);
    try {
      return alike(es, use);
    } catch (const Differs&) {
      return sum(es);
    }
  }

  /// Of expressions that are the same but for numbers.
  ExprRef alike(const Exprs& es, Use use) {
    for (size_t k = 1; k < es.size(); ++k)
      if (es[k]->node.index() != es[0]->node.index())
        throw Differs{fmt::format("`{}` is not `{}`", print(es[k]), print(es[0])), k};
    const auto differs = [&] { return print(es[0]); };
    const ExprRef& first = es[0];
    const auto at = [&](ExprRef e) {
      if (e == first) return e;
      return std::make_shared<const Expr>(Expr{e->node, first->span});
    };
    return std::visit(
        match{
            [&](const Int&) { return number(each(nodes<Int>(es), [](const Int* n) { return n->value; }), first, use); },
            [&](const Float&) {
              require_same(each(es, [](const ExprRef& e) { return print(e); }), differs());
              return first;
            },
            [&](const Bool&) {
              require_same(each(nodes<Bool>(es), [](const Bool* n) { return n->value; }), differs());
              return first;
            },
            [&](const Var&) {
              require_name(each(nodes<Var>(es), [](const Var* n) { return n->sym; }), differs());
              return first;
            },
            [&](const Read& n) {
              require_name(each(nodes<Read>(es), [](const Read* r) { return r->buffer; }), differs());
              return at(read(n.buffer,
                             all(each(nodes<Read>(es), [](const Read* r) { return &r->index; }), Use::Control, first)));
            },
            [&](const Unary& n) {
              require_same(each(nodes<Unary>(es), [](const Unary* u) { return u->op; }), differs());
              return at(unary(n.op, expr(each(nodes<Unary>(es), [](const Unary* u) { return u->a; }), use)));
            },
            [&](const Binary& n) {
              require_same(each(nodes<Binary>(es), [](const Binary* b) { return b->op; }), differs());
              const Use inside = reads_elements(first) ? Use::Data : use;  // such a comparison may be of data
              const ExprRef a =
                  expr(each(nodes<Binary>(es), [](const Binary* b) { return b->a; }), logic(n.op) ? use : inside);
              const ExprRef b =
                  expr(each(nodes<Binary>(es), [](const Binary* x) { return x->b; }), logic(n.op) ? use : inside);
              return at(binary(n.op, a, b));
            },
            [&](const Builtin& n) {
              require_same(each(nodes<Builtin>(es), [](const Builtin* b) { return b->name; }), differs());
              return at(builtin(n.name,
                                all(each(nodes<Builtin>(es), [](const Builtin* b) { return &b->args; }), use, first)));
            },
            [&](const Window& n) {
              const auto windows = nodes<Window>(es);
              require_name(each(windows, [](const Window* w) { return w->buffer; }), differs());
              require_same(each(windows, [](const Window* w) { return w->slices.size(); }), differs());
              std::vector<Slice> slices;
              for (size_t d = 0; d < n.slices.size(); ++d) {
                require_same(each(windows, [&](const Window* w) { return w->slices[d].hi == nullptr; }), differs());
                Slice& s = slices.emplace_back();
                s.lo = expr(each(windows, [&](const Window* w) { return w->slices[d].lo; }), Use::Control);
                if (n.slices[d].hi)
                  s.hi = expr(each(windows, [&](const Window* w) { return w->slices[d].hi; }), Use::Control);
              }
              return at(window(n.buffer, std::move(slices)));
            },
            [&](const Stride&) {
              require_name(each(nodes<Stride>(es), [](const Stride* s) { return s->buffer; }), differs());
              require_same(each(nodes<Stride>(es), [](const Stride* s) { return s->dim; }), differs());
              return first;
            },
            [&](const Forall& n) {
              const auto some = nodes<Forall>(es);
              const ExprRef lo = expr(each(some, [](const Forall* f) { return f->lo; }), use);
              const ExprRef hi = expr(each(some, [](const Forall* f) { return f->hi; }), use);
              bind(each(some, [](const Forall* f) { return f->iter; }));
              const ExprRef body = expr(each(some, [](const Forall* f) { return f->body; }), use);
              return at(std::make_shared<const Expr>(Expr{Forall{n.iter, lo, hi, body}, first->span}));
            },
        },
        first->node);
  }
  static bool logic(BinaryOp op) { return op == BinaryOp::And || op == BinaryOp::Or; }

  Type type(const std::vector<Type>& types) {
    require_same(each(types, [](const Type& t) { return t.scalar; }), "an element type");
    require_same(each(types, [](const Type& t) { return t.shape.size(); }), "a rank");
    require_same(each(types, [](const Type& t) { return t.window; }), "a window");
    Type out = types[0];
    for (size_t d = 0; d < out.shape.size(); ++d)
      out.shape[d] = expr(each(types, [&](const Type& t) { return t.shape[d]; }), Use::Control);
    return out;
  }

  Block block(const std::vector<Block>& blocks) {
    for (size_t k = 1; k < blocks.size(); ++k)
      if (blocks[k].size() != blocks[0].size())
        throw Differs{fmt::format("{} statements in place of {}", blocks[k].size(), blocks[0].size()), k};
    Block out;
    for (size_t i = 0; i < blocks[0].size(); ++i)
      out.push_back(statement(each(blocks, [&](const Block& b) { return b[i]; })));
    return out;
  }

  template <class Node>
  static std::vector<const Node*> nodes(const Block& all) {
    return each(all, [](const StmtRef& s) { return as<Node>(s); });
  }

  StmtRef statement(const Block& all_of_them) {
    const StmtRef& first = all_of_them[0];
    const auto what = [&] { return headline(first); };
    const auto a_loop =
        std::find_if(all_of_them.begin(), all_of_them.end(), [](const StmtRef& s) { return as<For>(s); });
    if (a_loop != all_of_them.end())
      if (const Block loops = as_loops(all_of_them, *a_loop); loops != all_of_them) return statement(loops);
    for (size_t k = 1; k < all_of_them.size(); ++k)
      if (all_of_them[k]->node.index() != first->node.index())
        throw Differs{fmt::format("`{}` in place of `{}`", headline(all_of_them[k]), what()), k};
    try {
      return with_node(first, node(all_of_them));
    } catch (const Differs& d) {
      if (d.what.find("\n") != std::string::npos) throw;
      throw Differs{fmt::format("{}\n{}\nis\n{}", d.what, what(), headline(all_of_them[d.at])), d.at};
    }
  }

  /// A loop that would run once is not there in the programs for short vectors.
  Block as_loops(const Block& all_of_them, const StmtRef& loop) {
    Block out = all_of_them;
    for (StmtRef& s : out) {
      if (as<For>(s)) continue;
      s = with_node(loop, For{Sym::fresh(as<For>(loop)->iter.name()), num(0), num(1), {s}, as<For>(loop)->order});
    }
    return out;
  }

  /// Is zero all that the iterator can be? Then expressions do not mention it.
  static bool is_zero(const For& loop) {
    const int64_t* lo = literal(loop.lo);
    const Interval hi = interval(loop.hi, {});
    return lo && *lo == 0 && hi.hi && *hi.hi <= 1;
  }

  static std::string headline(const StmtRef& s) {
    const std::string text = print({s});
    return std::string(trim(text.substr(0, text.find('\n'))));
  }

  StmtNode node(const Block& all_of_them) {
    return std::visit(
        match{
            [&](const Assign& n) -> StmtNode {
              const auto some = nodes<Assign>(all_of_them);
              require_name(each(some, [](const Assign* a) { return a->buffer; }), "a buffer");
              Exprs index = all(each(some, [](const Assign* a) { return &a->index; }), Use::Control, n.rhs);
              return Assign{n.buffer, std::move(index),
                            expr(each(some, [](const Assign* a) { return a->rhs; }), Use::Data)};
            },
            [&](const Reduce& n) -> StmtNode {
              const auto some = nodes<Reduce>(all_of_them);
              require_same(each(some, [](const Reduce* r) { return r->op; }), "an operation");
              require_name(each(some, [](const Reduce* r) { return r->buffer; }), "a buffer");
              Exprs index = all(each(some, [](const Reduce* r) { return &r->index; }), Use::Control, n.rhs);
              return Reduce{n.op, n.buffer, std::move(index),
                            expr(each(some, [](const Reduce* r) { return r->rhs; }), Use::Data)};
            },
            [&](const For& n) -> StmtNode {
              const auto some = nodes<For>(all_of_them);
              require_same(each(some, [](const For* f) { return f->order; }), "an order");
              const ExprRef lo = expr(each(some, [](const For* f) { return f->lo; }), Use::Control);
              const ExprRef hi = expr(each(some, [](const For* f) { return f->hi; }), Use::Control);
              bind(each(some, [](const For* f) { return f->iter; }));
              for (size_t k = 0; k < some.size(); ++k)
                if (is_zero(*some[k])) always_zero_.insert({n.iter, k});
              return For{n.iter, lo, hi, block(each(some, [](const For* f) { return f->body; })), n.order};
            },
            [&](const If&) -> StmtNode {
              const auto some = nodes<If>(all_of_them);
              const ExprRef cond = expr(each(some, [](const If* i) { return i->cond; }), Use::Control);
              Block then = block(each(some, [](const If* i) { return i->body; }));
              return If{cond, std::move(then), block(each(some, [](const If* i) { return i->orelse; }))};
            },
            [&](const Alloc& n) -> StmtNode {
              const auto some = nodes<Alloc>(all_of_them);
              require_same(each(some, [](const Alloc* a) { return a->memory; }), "a memory");
              Type shape = type(each(some, [](const Alloc* a) { return a->type; }));
              require_units(some);
              bind(each(some, [](const Alloc* a) { return a->buffer; }));
              return Alloc{n.buffer, std::move(shape), n.memory};
            },
            [&](const Alias& n) -> StmtNode {
              const auto some = nodes<Alias>(all_of_them);
              const ExprRef part = expr(each(some, [](const Alias* a) { return a->window; }), Use::Control);
              bind(each(some, [](const Alias* a) { return a->name; }));
              return Alias{n.name, part};
            },
            [&](const Call& n) -> StmtNode {
              const auto some = nodes<Call>(all_of_them);
              const ProcRef called = callee(each(some, [](const Call* c) { return c->callee; }));
              Exprs args;
              for (size_t i = 0; i < n.args.size(); ++i) {
                const bool control = !is_data(n.callee->params.at(i).type.scalar);
                args.push_back(
                    expr(each(some, [&](const Call* c) { return c->args[i]; }), control ? Use::Control : Use::Data));
              }
              return Call{called, std::move(args)};
            },
            [&](const Configure& n) -> StmtNode {
              const auto some = nodes<Configure>(all_of_them);
              require_same(each(some, [](const Configure* c) { return c->field.name(); }), "a field");
              return Configure{n.field, expr(each(some, [](const Configure* c) { return c->value; }), Use::Data)};
            },
        },
        all_of_them[0]->node);
  }

  /// A buffer of vectors has whole ones, at each length.
  void require_units(const std::vector<const Alloc*>& some) const {
    for (size_t k = 0; k < some.size(); ++k) {
      const Memory* memory = variants_[k].target->memory(some[k]->memory);
      const auto lanes =
          memory ? memory->lanes.find(some[k]->type.scalar) : std::map<Scalar, int64_t>::const_iterator{};
      if (!memory || memory->addressable || lanes == memory->lanes.end()) continue;
      const int64_t* inner = some[k]->type.shape.empty() ? nullptr : literal(some[k]->type.shape.back());
      if (!inner || *inner != lanes->second)
        throw Differs{fmt::format("the innermost extent of `{}` is not the {} elements of one unit of `{}`",
                                  some[k]->buffer.name(), lanes->second, memory->name),
                      k};
    }
  }

  ProcRef callee(const std::vector<ProcRef>& procs) {
    const auto known = callees_.find(procs[0].get());
    if (known == callees_.end()) {
      const ProcRef made = proc(procs);
      return (callees_[procs[0].get()] = {procs, made}).made;
    }
    for (size_t k = 1; k < procs.size(); ++k)
      if (procs[k] != known->second.procs[k]) throw Differs{fmt::format("another `{}` is called", procs[k]->name), k};
    return known->second.made;
  }
};

}  // namespace

EmitVariant one_for_all_lengths(const std::vector<EmitVariant>& variants) {
  EmitVariant out = variants[0];
  out.length = Sym::fresh("VL");
  Lengths lengths(variants, out.length);
  std::vector<ProcRef> procs;
  for (const EmitVariant& v : variants) {
    if ((v.when == nullptr) != (out.when == nullptr) || (v.when && !equal(v.when, out.when)))
      reject(Diagnostic{
          "length-differs", fmt::format("when `{}` is taken depends on the length of vectors", v.name), {}, {}, {}}
                 .help("the sizes for which a variant is taken are the same on every machine"));
    procs.push_back(v.proc);
  }
  try {
    out.proc = lengths.proc(procs);
  } catch (const Differs& d) {
    const VectorLengths& of = out.target->vectors;
    const auto bits = [&](size_t k) { return variants[k].target->length * of.bits; };
    reject(Diagnostic{"length-differs",
                      fmt::format("vectors of {} bits make another program than those of {}", bits(d.at), bits(0)),
                      {},
                      {},
                      {}}
               .note(d.what)
               .help("one program serves all lengths: what is unrolled, and what is chosen, must not depend on "
                     "`target.lanes`"));
  }
  out.target = lengths.target();
  return out;
}

}  // namespace exo
