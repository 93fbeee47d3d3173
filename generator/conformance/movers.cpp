#include "conformance/movers.h"

#include <algorithm>

#include "ir/walk.h"

namespace exo {
namespace {

/// Do all that it asserts, strides, hold of a dense array?
bool asks_for_dense(const Proc& spec, Sym buffer, const std::vector<int64_t>& shape) {
  return std::all_of(spec.asserts.begin(), spec.asserts.end(), [&](const ExprRef& e) {
    const Binary* b = as<Binary>(e);
    const Stride* s = b && b->op == BinaryOp::Eq ? as<Stride>(b->a) : nullptr;
    const int64_t* wanted = b ? literal(b->b) : nullptr;
    if (!s || s->buffer != buffer || !wanted) return false;
    int64_t pitch = 1;
    for (size_t d = static_cast<size_t>(s->dim) + 1; d < shape.size(); ++d) pitch *= shape[d];
    return *wanted == pitch;
  });
}

/// Does it, when it runs, leave in its first operand what is in the second one, whatever was there before?
bool moves_all(const Proc& spec, const Setting& sizes, const Param& from) {
  Arguments args;
  for (const Param& p : spec.params)
    if (is_control(p))
      args[p.name] = sizes.at(p.name);
    else
      args[p.name] = tensor_of(p, sizes, [&](int64_t k) { return p.name == from.name ? k % 100 + 1 : 101; });
  if (interpret(spec, args)) return false;
  std::vector<const std::vector<Cell>*> cells;
  for (const Param& p : spec.params)
    if (!is_control(p)) cells.push_back(&std::get<Tensor>(args.at(p.name)).cells);
  return std::equal(cells[0]->begin(), cells[0]->end(), cells[1]->begin(), [&](const Cell& a, const Cell& b) {
    return a.defined && (is_float(from.type.scalar) ? a.real == b.real : a.integer == b.integer);
  });
}

/// What an instruction moves from or to such a register file, apart from its sizes: the register's side first.
struct Sides {
  const Param *reg, *plain, *from;
};

std::optional<Sides> sides_of(const Instruction& i, bool load, const std::string& memory, Scalar type) {
  std::vector<const Param*> tensors;
  for (const Param& p : i.spec->params)
    if (!is_control(p)) tensors.push_back(&p);
  if (!i.features.empty() || tensors.size() != 2) return std::nullopt;
  const Sides out{tensors[load ? 0 : 1], tensors[load ? 1 : 0], tensors[1]};
  const bool fits = out.reg->memory == memory && out.plain->memory.empty() && out.reg->type.scalar == type &&
                    out.plain->type.scalar == type && !out.reg->type.shape.empty() && !out.plain->type.shape.empty();
  return fits ? std::optional(out) : std::nullopt;
}

/// Without sizes: a unit, from or to ordinary memory of any shape.
std::optional<Mover> whole_mover(const Instruction& i, bool load, const std::string& memory, Scalar type,
                                 int64_t lanes) {
  const auto sides = sides_of(i, load, memory, type);
  if (!sides || i.spec->params.size() != 2) return std::nullopt;
  Mover out{&i, {}, {}, 0};
  int64_t elements = 1;
  for (const ExprRef& e : sides->plain->type.shape) {
    const int64_t* n = literal(e);
    if (!n || *n < 1 || *n > lanes) return std::nullopt;
    out.unit.push_back(*n), elements *= *n;
  }
  const Exprs& reg = sides->reg->type.shape;
  if (reg.size() != 1 || !literal(reg[0]) || *literal(reg[0]) != lanes || elements != lanes ||
      !asks_for_dense(*i.spec, sides->plain->name, out.unit) || !moves_all(*i.spec, {}, *sides->from))
    return std::nullopt;
  return out;
}

/// With sizes, at values of which it moves a unit.
Mover sized_mover(const Target& target, bool load, const std::string& memory, Scalar type, int64_t lanes,
                  size_t most_rank, int64_t largest) {
  for (const Instruction& i : target.instructions) {
    const auto sides = sides_of(i, load, memory, type);
    if (!sides || i.spec->params.size() == 2) continue;
    const size_t rank = sides->reg->type.shape.size();
    if (rank > most_rank || sides->plain->type.shape.size() != rank ||
        !asks_for_neighbours(*i.spec, sides->plain->name))
      continue;
    const auto is_unit = [&](const Param& p, const Setting& sizes) {
      for (size_t d = 0; d < rank; ++d)
        if (evaluate(p.type.shape[d], sizes) != (d + 1 == rank ? lanes : 1)) return false;
      return true;
    };
    for (const Setting& sizes : settings_of(*i.spec, target, largest))
      if (is_unit(*sides->reg, sizes) && is_unit(*sides->plain, sizes) && moves_all(*i.spec, sizes, *sides->from))
        return {&i, sizes, {lanes}, rank};
  }
  return {};
}

}  // namespace

Movers movers_of(const Target& target, const std::string& memory, Scalar type, int64_t lanes, size_t most_rank,
                 int64_t largest) {
  for (const Instruction& i : target.instructions)
    if (const auto load = whole_mover(i, true, memory, type, lanes))
      for (const Instruction& other : target.instructions)
        if (const auto store = whole_mover(other, false, memory, type, lanes); store && store->unit == load->unit)
          return {*load, *store};
  return {sized_mover(target, true, memory, type, lanes, most_rank, largest),
          sized_mover(target, false, memory, type, lanes, most_rank, largest)};
}

std::optional<Filler> filler_of(const Target& target, const std::string& memory, Scalar type, int64_t lanes,
                                int64_t largest) {
  for (const Instruction& i : target.instructions) {
    if (!i.features.empty()) continue;
    for (const Param& p : i.spec->params) {
      if (is_control(p) || p.memory != memory || p.type.scalar != type || p.type.shape.size() != 1) continue;
      std::vector<Setting> all = settings_of(*i.spec, target, largest);
      for (auto sizes = all.rbegin(); sizes != all.rend(); ++sizes)
        if (evaluate(p.type.shape[0], *sizes) == lanes && fills(*i.spec, p, *sizes)) return Filler{&i, p.name, *sizes};
    }
  }
  return std::nullopt;
}

bool asks_for_neighbours(const Proc& spec, Sym buffer) {
  return std::any_of(spec.asserts.begin(), spec.asserts.end(), [&](const ExprRef& e) {
    const Binary* b = as<Binary>(e);
    const Stride* s = b && b->op == BinaryOp::Eq ? as<Stride>(b->a) : nullptr;
    const int64_t* one = b ? literal(b->b) : nullptr;
    return s && s->buffer == buffer && one && *one == 1;
  });
}

}  // namespace exo
