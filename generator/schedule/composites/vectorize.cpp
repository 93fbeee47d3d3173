// vectorize: run a loop in lanes of the target's vectors.
//
//     { vectorize = "j", lanes = 8, tail = "mask" }
//
// Splits the loop by the number of lanes, then takes the lane loop apart until each statement in it is one that an instruction
// of class `vector` performs: operands go into vector registers (`bind`, `expand_dim`, `lift_alloc`, `set_memory`, `fission`),
// conditions that are the same in all lanes go outside (`lift_scope`), register arithmetic runs on all lanes (`drop_guard`), a
// reduction into one place goes into a register of partial ones, which are folded behind the loop (`spread`). What no instruction
// moves between memory and registers goes through a buffer on the stack. `map` then turns the lane loops into instructions; what a
// schedule leaves is mapped at its end. The outer loop keeps the name; the lane loop is called `j_lane`. Tails: cut
// (a scalar loop for the rest), mask and guard (a condition in the lanes), cut_mask (in those of the last vector alone, which is
// a copy `tail`, and sums go into the same registers), overlap, pad (the length is rounded up), exact. The lanes
// are those of the target for the widest type that the loop computes with. On a target without vector registers the loop is
// split and left to the C compiler. Acts on every match.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analysis/linear.h"
#include "ir/build.h"
#include "ir/builtin.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/alike.h"
#include "schedule/elements.h"
#include "schedule/match.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

enum class LaneTail : uint8_t { Cut, Guard, Mask, CutMask, Overlap, Pad, Exact };

struct Args {
  std::vector<Ref> loops;
  std::optional<int64_t> lanes;
  LaneTail tail = LaneTail::Cut;
};

class Lanes {
 public:
  Lanes(Schedule& s, int64_t count) : s_(s), count_(count) {}

  /// Takes the body of the lane loop apart.
  void process(Sym lane) {
    while (binder(s_.now(), lane)) {  // until nothing is left of it
      const Path path = s_.loop(lane);
      const Block& body = block_in(s_.now(), path);
      if (as<Alloc>(body[0])) {
        widen(lane, as<Alloc>(body[0])->buffer);
      } else if (body.size() > 1) {
        Sym rest;
        s_.apply([&](Rewrite& rw) { rest = fission(rw, path, 1); });
        process(lane);
        process(rest);
        return;
      } else if (const If* branch = as<If>(body[0])) {
        if (!condition(lane, *branch, child(path, 0))) return;
      } else if (as<For>(body[0])) {
        s_.apply([&](Rewrite& rw) { interchange(rw, path); });
      } else if (!leaf(lane, child(path, 0))) {
        return;
      }
    }
  }

 private:
  Schedule& s_;
  int64_t count_;
  std::set<Sym> staged_;  // buffers on the stack, between memory and registers

  /// A buffer of one lane becomes one of all lanes, outside of the lane loop.
  void widen(Sym lane, Sym buffer) {
    const size_t depth = s_.loop(lane).size();
    const Scalar type = declarations(s_.now()).at(buffer).type.scalar;
    s_.apply([&](Rewrite& rw) { expand_dim(rw, buffer, num(count_), var(lane)); });
    const auto deep = [&] {
      const auto at = binder(s_.now(), buffer);
      return at && at->size() > depth;
    };
    while (deep()) s_.apply([&](Rewrite& rw) { lift_alloc(rw, buffer); });
    const Memory* vector = s_.target().memory_of_role("vector", type);
    const std::string memory = staged_.count(buffer) ? "stack" : vector ? vector->name : "";
    if (!memory.empty() && binder(s_.now(), buffer)) s_.apply([&](Rewrite& rw) { set_memory(rw, buffer, memory); });
  }

  /// Elements that fill a register of as many lanes. Others are converted on the way.
  bool fills_register(Scalar type) const {
    const auto known = s_.target().lanes.find(type);
    return known == s_.target().lanes.end() || known->second == count_;
  }

  /// One step on a condition that is the whole lane loop; false if there is nothing to do.
  bool condition(Sym lane, const If& branch, const Path& path) {
    if (!mentions(branch.cond, lane)) {
      s_.apply([&](Rewrite& rw) { lift_if(rw, path); });
      if (as<If>(stmt_at(s_.now(), parent(path)))->orelse.empty()) return true;
      return false;  // the `else` has a lane loop of its own, left to the C compiler
    }
    if (!branch.orelse.empty() || branch.body.empty()) return false;
    if (const Alloc* a = as<Alloc>(branch.body[0])) return widen(lane, a->buffer), true;
    if (branch.body.size() > 1) return s_.apply([&](Rewrite& rw) { fission(rw, path, 1); }), true;
    if (const For* loop = as<For>(branch.body[0])) return past_loop(lane, *loop, child(path, 0));
    if (as<If>(branch.body[0])) return false;
    return leaf(lane, child(path, 0));
  }

  /// A loop under a mask goes outside of the lanes, so that the mask is inside of it; false where that changes anything.
  bool past_loop(Sym lane, const For& loop, const Path& path) {
    const auto fixed = [&](const ExprRef& e) { return !mentions(e, lane) && !reads_elements(e); };
    if (!fixed(loop.lo) || !fixed(loop.hi)) return false;
    const ProcRef before = s_.proc();
    if (s_.apply_if_proved([&](Rewrite& rw) { lift_scope(rw, path); }) &&
        s_.apply_if_proved([&](Rewrite& rw) { interchange(rw, *binder(rw.before(), lane)); }))
      return true;
    s_.back_to(before);
    return false;
  }

  bool in_registers(Sym buffer) const {
    const Declarations names = declarations(s_.now());
    const Memory* m = s_.target().memory(names.at(buffer).memory);
    return m && m->role == "vector";
  }

  /// Does an instruction perform the lane loop as it stands?
  bool is_instruction(Sym lane) const {
    const Path path = s_.loop(lane);
    const Facts facts = facts_at(s_.now(), path);
    const Declarations names = declarations(s_.now());
    const StmtRef& lanes = stmt_at(s_.now(), path);
    const auto choice = shapes_of(s_.context().target, "vector").like(lanes);
    return std::any_of(choice.begin(), choice.end(), [&](const Instruction* i) {
      const auto found = unify(names, facts, {lanes}, *i);
      return found && sound(names, facts, {stmt(found->call)});
    });
  }

  /// One step on the only statement of the lanes; false when it is done, or nothing helps.
  bool leaf(Sym lane, const Path& path) {
    if (divide_registers(path)) return true;
    if (is_instruction(lane)) return false;
    if (drop_mask(lane, path)) return true;
    const StmtRef s = stmt_at(s_.now(), path);
    if (const Reduce* r = as<Reduce>(s)) {
      if (std::none_of(r->index.begin(), r->index.end(), [&](const ExprRef& e) { return mentions(e, lane); }))
        return spread_out(lane, path), true;
      if (!in_registers(r->buffer)) return through_register(*r, path), true;
      if (const ExprRef part = to_bind(r->rhs, lane, true)) return bind_part(path, part), true;
      return s_.apply([&](Rewrite& rw) { expand_reduce(rw, path); }), true;
    }
    const Assign* a = as<Assign>(s);
    if (!a) return false;
    if (is_plain_copy(*a)) return false;
    const ExprRef part = to_bind(a->rhs, lane, !in_registers(a->buffer));
    if (part) return bind_part(path, part), true;
    if (through_stack(*a)) return staged_.insert(bind_part(path, a->rhs)), true;
    return refuse_registers(lane, path), false;
  }

  /// Between memory and a buffer on the stack: left to plain C.
  bool is_plain_copy(const Assign& a) const {
    const Read* from = as<Read>(a.rhs);
    return from && !in_registers(a.buffer) && !in_registers(from->buffer) &&
           (staged_.count(a.buffer) || staged_.count(from->buffer));
  }

  /// Is this a register that is filled from memory, or emptied into it, in a way that no instruction has?
  bool through_stack(const Assign& a) const {
    const Read* from = as<Read>(a.rhs);
    if (!from || in_registers(a.buffer) == in_registers(from->buffer)) return false;
    return !staged_.count(a.buffer) && !staged_.count(from->buffer);
  }

  /// A product is added to what stands in memory by an instruction that multiplies and adds, in a register; where sums keep their
  /// order, each operation rounds by itself.
  void through_register(const Reduce& r, const Path& path) {
    const Binary* product = as<Binary>(r.rhs);
    const bool fused = product && product->op == BinaryOp::Mul && r.op == ReduceOp::Add &&
                       s_.context().contract == Contract::Reassociate;
    const std::string name = r.buffer.name() + "_v";
    s_.apply([&](Rewrite& rw) { fused ? void(reduce_in(rw, path, name)) : expand_reduce(rw, path); });
  }

  /// Every lane gets a place of its own; they are folded behind the loop over vectors.
  void spread_out(Sym lane, const Path& path) {
    const Path lanes = s_.loop(lane);
    const Path vectors = loops_around(s_.now(), lanes).back();
    const std::string name = as<Reduce>(stmt_at(s_.now(), path))->buffer.name() + "_v";
    Spread made;
    s_.apply([&](Rewrite& rw) { made = spread(rw, path, lanes, vectors, name); });
    const Scalar type = declarations(s_.now()).at(made.part).type.scalar;
    if (const Memory* vector = s_.target().memory_of_role("vector", type))
      s_.apply([&](Rewrite& rw) { set_memory(rw, made.part, vector->name); });
    process(made.begin);
    if (is_instruction(made.end)) return;
    Sym place;  // a loop of plain C that reads the register's lanes from the stack
    s_.apply([&](Rewrite& rw) {
      const Path fold = child(*binder(rw.before(), made.end), 0);
      place = exo::bind(rw, fold, as<Reduce>(rw.stmt(fold))->rhs, name + "_lanes");
    });
    staged_.insert(place);
    widen(made.end, place);
    s_.apply([&](Rewrite& rw) { fission(rw, *binder(rw.before(), made.end), 1); });
  }

  /// A statement on registers that no instruction performs could not be emitted: better said now.
  void refuse_registers(Sym lane, const Path& path) {
    const auto touches = accesses(declarations(s_.now()), {stmt_at(s_.now(), path)});
    if (std::none_of(touches.begin(), touches.end(), [&](const Access& a) { return in_registers(a.buffer); })) return;
    const Path loop = s_.loop(lane);
    const Closest best =
        closest(declarations(s_.now()), facts_at(s_.now(), loop), stmt_at(s_.now(), loop), s_.target(), "vector");
    Diagnostic d{"vectorize-instruction",
                 fmt::format("no instruction of `{}` performs `{}` in lanes", s_.target().name,
                             headline(stmt_at(s_.now(), path))),
                 {},
                 {},
                 {}};
    point_at(d, s_.now(), loop, "these lanes");
    if (best.instruction) d.help(fmt::format("`{}` comes closest: {}", best.instruction->name, best.mismatch.why));
    reject(std::move(d));
  }

  /// A register buffer whose rows are whole multiples of the lanes becomes one of vectors.
  bool divide_registers(const Path& path) {
    for (const Access& a : accesses(declarations(s_.now()), {stmt_at(s_.now(), path)})) {
      const Type type = declarations(s_.now()).at(a.buffer).type;
      if (!in_registers(a.buffer) || type.shape.empty()) continue;
      const int64_t* row = literal(type.shape.back());
      if (!row || *row == count_ || *row % count_ != 0) continue;
      s_.apply([&](Rewrite& rw) { divide_dim(rw, a.buffer, type.shape.size() - 1, count_); });
      return true;
    }
    return false;
  }

  /// What fills a register needs no mask where the lanes that it adds are dead and read nothing out of bounds: arithmetic between
  /// registers, and values that are the same in all lanes.
  bool drop_mask(Sym lane, const Path& path) {
    const Path branch = parent(path);
    if (!as<If>(stmt_at(s_.now(), branch))) return false;
    for (const Access& a : accesses(declarations(s_.now()), {stmt_at(s_.now(), path)})) {
      const bool by_lane =
          std::any_of(a.index.begin(), a.index.end(), [&](const ExprRef& e) { return mentions(e, lane); });
      if (!in_registers(a.buffer) && (a.kind != Access::Read || by_lane)) return false;
    }
    return s_.apply_if_proved([&](Rewrite& rw) { drop_guard(rw, branch); });
  }

  bool is_register_read(const ExprRef& e) const {
    const Read* r = as<Read>(e);
    return r && in_registers(r->buffer);
  }

  /// The next part of a right side that should have a register: elements in memory first, those that differ by lane before
  /// the others, then literals, then innermost operations. An element that does not fill a register is bound with the conversion
  /// around it. Nothing if the whole is one plain value already.
  ExprRef to_bind(const ExprRef& rhs, Sym lane, bool whole_too) const {
    ExprRef by_lane, same, number, operation;
    const auto moves = [&](const Read& r) {
      return std::any_of(r.index.begin(), r.index.end(), [&](const ExprRef& i) { return mentions(i, lane); });
    };
    const Declarations names = declarations(s_.now());
    const std::function<void(const ExprRef&)> scan = [&](const ExprRef& e) {
      const bool bindable = whole_too || e != rhs;
      const Builtin* call = as<Builtin>(e);
      const auto to = call ? converts_to(call->name) : std::nullopt;
      if (to && !reads_elements(call->args[0])) return;  // of a size or an iterator
      const Read* r = as<Read>(to ? call->args[0] : e);
      if (r && !in_registers(r->buffer) && (!to || !fills_register(names.at(r->buffer).type.scalar))) {
        if (!bindable) return;
        ExprRef& slot = moves(*r) ? by_lane : same;
        if (!slot) slot = e;
        return;
      }
      if (as<Read>(e)) return;
      if (as<Int>(e) || as<Float>(e)) {
        if (bindable && !number) number = e;
        return;
      }
      const ExprRef fixed = divisor(e, names);
      bool operands_ready = true;
      each_child(e, [&](const ExprRef& c) {
        if (c == fixed) return;
        scan(c);
        operands_ready = operands_ready && (is_register_read(c) || is_condition(c));
      });
      if (as<Binary>(e) && is_condition(e)) return;  // of a `select`, which is bound with it
      if (bindable && operands_ready && (!to || fills_register(*to)) && !operation) operation = e;
    };
    scan(rhs);
    return by_lane ? by_lane : same ? same : number ? number : operation;
  }

  /// A constant by which whole numbers are divided: it belongs to the instruction.
  static ExprRef divisor(const ExprRef& e, const Declarations& names) {
    const Binary* b = as<Binary>(e);
    const bool divides = b && (b->op == BinaryOp::Div || b->op == BinaryOp::Mod) && as<Int>(b->b);
    return divides && is_integer_data(operand_type(b->a, names)) ? b->b : nullptr;
  }

  /// A comparison, or several of them, all of whose operands are in registers.
  bool is_condition(const ExprRef& e) const {
    const Binary* b = as<Binary>(e);
    if (!b || b->op < BinaryOp::Lt) return false;
    if (b->op == BinaryOp::And || b->op == BinaryOp::Or) return is_condition(b->a) && is_condition(b->b);
    return is_register_read(b->a) && is_register_read(b->b);
  }

  Sym bind_part(const Path& path, const ExprRef& part) {
    const Builtin* call = as<Builtin>(part);
    const Read* r = as<Read>(call && converts_to(call->name) ? call->args[0] : part);
    const std::string name = r ? r->buffer.name() + "_v" : "v";
    Sym out;
    s_.apply([&](Rewrite& rw) { out = bind(rw, path, part, name); });
    return out;
  }
};

Tail split_tail(LaneTail tail) {
  switch (tail) {
    case LaneTail::Cut:
      return Tail::Cut;
    case LaneTail::Guard:
    case LaneTail::Mask:
    case LaneTail::CutMask:
      return Tail::Guard;
    case LaneTail::Overlap:
      return Tail::Overlap;
    case LaneTail::Pad:
    case LaneTail::Exact:
      return Tail::Exact;
  }
  BUG("a tail that is none");
}

/// The loop over vectors, the lanes of one, and how many vectors are whole; nothing where the loop does nothing.
struct Vectors {
  Sym outer, lane;
  ExprRef whole;  // null where all are
};

std::optional<Vectors> split_lanes(Schedule& s, Sym loop, int64_t lanes, LaneTail wanted) {
  const Path path = s.loop(loop);
  const StmtRef old = stmt_at(s.now(), path);
  const For& f = *as<For>(old);
  const ExprRef length = f.hi - f.lo;
  const Facts facts = facts_at(s.now(), path);
  const bool divisible = evident(facts, all_of({eq(length % lanes, num(0)), le(f.lo, f.hi)}));
  if (wanted == LaneTail::Pad && !divisible)
    s.apply([&](Rewrite& rw) { round_up(rw, path, f.lo + num(lanes) * ceil_div(length, lanes)); });
  if (!binder(s.now(), loop)) return {};  // it did nothing
  const Tail tail = divisible ? Tail::Exact : split_tail(wanted);
  Vectors out;
  s.apply([&](Rewrite& rw) {
    const std::string name = old->label.name;
    const Halves made = split(rw, path, lanes, tail, name, name + "_lane", tail == Tail::Cut ? name : "");
    out = {made.outer, made.inner, nullptr};
  });
  if (!binder(s.now(), out.lane)) return {};
  if (wanted == LaneTail::CutMask && !divisible)
    out.whole = evident(facts, le(f.lo, f.hi)) ? length / lanes : max_of(length / lanes, num(0));
  return out;
}

/// Takes the last vector, which is not whole, out of the loop. The others need no masks then.
void cut_last(Schedule& s, const Vectors& vectors) {
  if (!vectors.whole || !binder(s.now(), vectors.outer)) return;
  s.apply([&](Rewrite& rw) { cut(rw, *binder(rw.before(), vectors.outer), vectors.whole); });
  const auto decided = [&]() -> std::optional<Path> {
    const auto main = binder(s.now(), vectors.outer);
    if (!main) return std::nullopt;
    for (const Path& p : find(s.now(), [](const StmtRef& x) { return as<If>(x) != nullptr; }))
      if (is_prefix(*main, p) && evident(facts_at(s.now(), p), as<If>(stmt_at(s.now(), p))->cond)) return p;
    return std::nullopt;
  };
  while (const auto branch = decided()) s.apply([&](Rewrite& rw) { drop_dead(rw, *branch); });
}

void vectorize(Schedule& s, Sym loop, const Args& args, const Ref& ref) {
  const Scalar element = widest_element(declarations(s.now()), s.loop_at(loop).body);
  const auto known = s.target().lanes.find(element);
  const int64_t lanes = args.lanes.value_or(known == s.target().lanes.end() ? 1 : known->second);
  if (lanes < 1)
    reject(Diagnostic{"vectorize-lanes", fmt::format("{} lanes", lanes), {}, {}, {}}
               .at(ref.text.whole())
               .help("`lanes` is at least 1"));
  const auto vectors = split_lanes(s, loop, lanes, args.tail);
  if (!vectors) return;
  if (s.target().memory_of_role("vector", element)) Lanes(s, lanes).process(vectors->lane);
  cut_last(s, *vectors);
}

void run(Schedule& s, const Args& args) {
  for (const Ref& ref : args.loops) {
    std::vector<Sym> targets;
    for (const Path& p : all_loops(s.now(), ref)) targets.push_back(as<For>(stmt_at(s.now(), p))->iter);
    for (const Sym loop : targets) {
      const auto here = binder(s.now(), loop);
      if (here && !block_in(s.now(), *here).empty()) vectorize(s, loop, args, ref);  // else it does nothing
    }
  }
}

}  // namespace

VERB(vectorize) {
  return make_verb(
      "vectorize", Kind::Composite, "run a loop in lanes of the target's vectors",
      Signature<Args>()
          .verb("vectorize", &Args::loops, "loops", "the loops")
          .optional("lanes", &Args::lanes, "int", "lanes of a vector [those of the target for the element type]")
          .choice("tail", &Args::tail,
                  {{"cut", LaneTail::Cut},
                   {"guard", LaneTail::Guard},
                   {"mask", LaneTail::Mask},
                   {"cut_mask", LaneTail::CutMask},
                   {"overlap", LaneTail::Overlap},
                   {"pad", LaneTail::Pad},
                   {"exact", LaneTail::Exact}},
                  "what happens to the remainder [cut]"),
      run);
}

}  // namespace exo
