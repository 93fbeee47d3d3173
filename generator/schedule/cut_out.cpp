#include "schedule/cut_out.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/exposure.h"
#include "analysis/hull.h"
#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/check.h"
#include "schedule/part_edit.h"

namespace exo {
namespace {

enum class Buffers : uint8_t { Boxes, Whole };
enum class Handing : uint8_t {
  Own,
  All
};  // what is known of the parameters alone, or of all that hangs together with them

/// What the procedure gets of one buffer. No sides: all of it.
struct Handed {
  Sym buffer, param;
  std::vector<Side> sides;
  std::vector<bool> point;  // dimensions that the parameter does not have
};

class Cutter {
 public:
  Cutter(const Rewrite& rw, const Path& path, std::string name)
      : rw_(rw), facts_(rw.facts(path)), name_(std::move(name)), region_{rw.stmt(path)} {
    for (const Sym buffer : free_buffers())
      if (const Window* part = alias_of(rw.names(), buffer)) region_ = with_part(region_, buffer, *part);
  }

  std::optional<CutOut> attempt(Buffers buffers, Handing known) {
    Block body = region_;
    std::vector<Handed> handed;
    for (const Sym buffer : free_buffers()) {
      handed.push_back(hand(buffer, buffers));
      body = shifted(body, handed.back());
    }
    const std::set<Sym> controls = control_symbols(body, handed, known);
    return built(body, handed, controls);
  }

  const std::string& trouble() const { return trouble_; }

 private:
  const Rewrite& rw_;
  const Facts facts_;
  const std::string name_;
  Block region_;  // without names of parts that are given outside
  std::string trouble_;

  /// Buffers of the program that the statement uses, by age.
  std::set<Sym> free_buffers() const {
    std::set<Sym> own, out;
    each_stmt(region_, [&](const StmtRef& s) {
      if (const Sym sym = bound_by(*s)) own.insert(sym);
    });
    for (const auto& [sym, d] : rw_.names())
      if (is_data(d.type.scalar) && !sym.is_field() && !own.count(sym) && mentions(region_, sym)) out.insert(sym);
    return out;
  }

  /// Is the buffer used as a whole: by its strides, or as an argument of a call without a range?
  bool used_whole(Sym buffer) const {
    bool found = false;
    each_expr(region_, [&](const ExprRef& e) {
      if (const Stride* st = as<Stride>(e)) found = found || st->buffer == buffer;
      if (const Window* w = as<Window>(e)) found = found || (w->buffer == buffer && w->slices.empty());
    });
    const Memory* memory = rw_.context.target->memory(rw_.names().at(buffer).memory);
    return found || (memory && !memory->lanes.empty());  // registers are handed on whole
  }

  Handed hand(Sym buffer, Buffers wanted) const {
    Handed out{buffer, Sym::fresh(buffer.name()), {}, {}};
    const Declaration& d = rw_.names().at(buffer);
    if (wanted == Buffers::Whole || d.type.shape.empty() || used_whole(buffer)) return out;
    std::vector<Access> touches;
    for (const Access& a : accesses(rw_.names(), region_))
      if (a.buffer == buffer) touches.push_back(a);
    const auto box = touches.empty() ? std::nullopt : hull(facts_, touches);
    if (!box) return out;
    for (const Side& s : *box)  // elements decide how long it is: a shape is made of sizes
      if (is_data_expr(s.lo) || is_data_expr(s.extent)) return out;
    for (const Side& s : *box) out.sides.push_back({simplify(s.lo, facts_.known), simplify(s.extent, facts_.known)});
    for (size_t k = 0; k < out.sides.size(); ++k) {
      const int64_t* extent = literal(out.sides[k].extent);
      out.point.push_back(extent && *extent == 1);
    }
    each_expr(region_, [&](const ExprRef& e) {
      if (const Window* w = as<Window>(e); w && w->buffer == buffer)
        for (size_t k = 0; k < w->slices.size(); ++k) out.point[k] = out.point[k] && !w->slices[k].hi;
    });
    bool all = true;
    for (size_t k = 0; k < out.sides.size(); ++k)
      all = all && !out.point[k] && literal(out.sides[k].lo) && *literal(out.sides[k].lo) == 0 &&
            equal(out.sides[k].extent, simplify(d.type.shape[k], facts_.known));
    if (all) out.sides.clear(), out.point.clear();
    return out;
  }

  /// The block with the parameter for the buffer: indices count from the corner of the box.
  Block shifted(const Block& block, const Handed& h) const {
    if (h.sides.empty()) return rename(block, {{h.buffer, h.param}});
    const auto index = [&](const Exprs& at) {
      Exprs out;
      for (size_t k = 0; k < at.size(); ++k)
        if (!h.point[k]) out.push_back(simplify(at[k] - h.sides[k].lo, {}));
      return out;
    };
    const auto on_expr = [&](const ExprRef& e) -> ExprRef {
      if (const Read* r = as<Read>(e); r && r->buffer == h.buffer) return read(h.param, index(r->index));
      const Window* w = as<Window>(e);
      if (!w || w->buffer != h.buffer) return e;
      std::vector<Slice> slices;
      for (size_t k = 0; k < w->slices.size(); ++k) {
        const Slice& s = w->slices[k];
        const auto moved = [&](const ExprRef& x) { return x ? simplify(x - h.sides[k].lo, {}) : nullptr; };
        if (!h.point[k]) slices.push_back({moved(s.lo), moved(s.hi)});
      }
      return window(h.param, std::move(slices));
    };
    Block out;
    for (const StmtRef& s : block) {
      StmtRef next = map_children(
          s, [&](const ExprRef& e) { return map_exprs(e, on_expr); }, [&](const Block& b) { return shifted(b, h); });
      if (const Assign* a = as<Assign>(next); a && a->buffer == h.buffer)
        next = with_node(next, Assign{h.param, index(a->index), a->rhs});
      if (const Reduce* r = as<Reduce>(next); r && r->buffer == h.buffer)
        next = with_node(next, Reduce{r->op, h.param, index(r->index), r->rhs});
      out.push_back(std::move(next));
    }
    return out;
  }

  /// The shape of the parameter, in terms of the program.
  Type type_of(const Handed& h) const {
    Type out = rw_.names().at(h.buffer).type;
    if (h.sides.empty()) return out;
    out.shape.clear();
    for (size_t k = 0; k < h.sides.size(); ++k)
      if (!h.point[k]) out.shape.push_back(h.sides[k].extent);
    out.window = !out.shape.empty();
    return out;
  }

  /// Only control variables of the program, which a procedure can be told?
  bool about_control(const ExprRef& condition) const {
    for (const Sym s : symbols(condition)) {
      const auto it = rw_.names().find(s);
      if (it == rw_.names().end() || is_data(it->second.type.scalar)) return false;
    }
    return true;
  }

  std::set<Sym> control_symbols(const Block& body, const std::vector<Handed>& handed, Handing known) const {
    std::set<Sym> out;
    const auto add = [&](const ExprRef& e) {
      each_expr(e, [&](const ExprRef& x) {
        const Var* v = as<Var>(x);
        if (v && !v->sym.is_field() && rw_.names().count(v->sym)) out.insert(v->sym);
      });
    };
    std::set<Sym> own;
    each_stmt(body, [&](const StmtRef& s) {
      if (const Sym sym = bound_by(*s)) own.insert(sym);
    });
    each_expr(body, add);
    for (const Handed& h : handed)
      for (const ExprRef& e : type_of(h).shape) add(e);
    for (const Sym s : own) out.erase(s);
    for (size_t before = 0; known == Handing::All && before != out.size();) {
      before = out.size();
      for (const ExprRef& c : facts_.conditions) {
        const std::vector<Sym> all = symbols(c);
        if (about_control(c) && std::any_of(all.begin(), all.end(), [&](Sym s) { return out.count(s) > 0; })) add(c);
      }
    }
    return out;
  }

  std::optional<CutOut> built(const Block& body, const std::vector<Handed>& handed, const std::set<Sym>& controls) {
    Proc proc;
    proc.name = name_;
    CutOut out;
    Renaming copies;
    Facts sizes;
    for (const Sym s : controls) {
      Type type = rw_.names().at(s).type;
      if (type.scalar == Scalar::Index && evident(facts_, le(num(0), var(s)))) type.scalar = Scalar::Size;
      if (type.scalar == Scalar::Size) sizes.add(le(num(0), var(s)));
      copies[s] = Sym::fresh(s.name());
      proc.params.push_back({copies[s], type, {}, {}});
      out.call.args.push_back(var(s));
    }
    for (const Handed& h : handed) {
      Type type = type_of(h);
      for (ExprRef& e : type.shape) e = rename(e, copies);
      const std::string& memory = rw_.names().at(h.buffer).memory;
      proc.params.push_back({h.param, type, memory == "stack" || memory == "heap" ? "" : memory, {}});
      std::vector<Slice> slices;
      for (size_t k = 0; k < h.sides.size(); ++k)
        slices.push_back(
            {h.sides[k].lo, h.point[k] ? nullptr : simplify(h.sides[k].lo + h.sides[k].extent, facts_.known)});
      out.call.args.push_back(window(h.buffer, std::move(slices)));
    }
    for (const ExprRef& c : facts_.conditions) {
      const std::vector<Sym> all = symbols(c);
      const bool known = std::all_of(all.begin(), all.end(), [&](Sym s) {
        return s.is_field() ? exposure(region_, s).read.has_value() : controls.count(s) > 0;
      });
      if (all.empty() || !known || !about_control(c) || evident(sizes, c)) continue;
      const ExprRef here = rename(c, copies);
      if (std::none_of(proc.asserts.begin(), proc.asserts.end(), [&](const ExprRef& e) { return equal(e, here); }))
        proc.asserts.push_back(here);
    }
    proc.body = freshen(rename(body, copies));
    out.proc = out.call.callee = std::make_shared<const Proc>(std::move(proc));
    return holds(out) ? std::optional(out) : std::nullopt;
  }

  /// Is the procedure well-formed and in bounds, and does the call do what it asks for?
  bool holds(const CutOut& cut) {
    Problems problems;
    check(*cut.proc, problems);
    try {
      problems.throw_if_any();
    } catch (const Rejected& rejected) {
      return failed(rejected.problems.front().message);
    }
    for (const Violation& v : violations(*cut.proc, 1)) return failed(v.problem.message);
    for (const Violation& v : violations(rw_.names(), facts_, {stmt(cut.call)}, 1)) return failed(v.problem.message);
    for (const ExprRef& arg : cut.call.args)  // an empty box too: C makes a pointer to it
      if (const Window* w = as<Window>(arg)) {
        const Exprs& shape = rw_.names().at(w->buffer).type.shape;
        for (size_t k = 0; k < w->slices.size(); ++k) {
          const Slice& s = w->slices[k];
          if (s.hi && !prove(facts_, all_of({le(num(0), s.lo), le(s.hi, shape[k])})))
            return failed(fmt::format("the box of `{}` can lie outside of it", w->buffer.name()));
        }
      }
    return true;
  }

  bool failed(const std::string& why) {
    trouble_ = why;
    return false;
  }
};

}  // namespace

CutOut cut_out(const Rewrite& rw, const Path& path, const std::string& name) {
  Cutter cutter(rw, path, name);
  for (const Buffers buffers : {Buffers::Boxes, Buffers::Whole})
    for (const Handing known : {Handing::Own, Handing::All})
      if (auto cut = cutter.attempt(buffers, known)) return *cut;
  rw.refuse({"extract-bounds",
             fmt::format("`{}` would not be a procedure that stands for itself: {}", name, cutter.trouble()),
             path,
             "this statement",
             {"what bounds the indices must be sizes: `assert` it in the algorithm, or extract a loop further out"}});
}

}  // namespace exo
