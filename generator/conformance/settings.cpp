#include "conformance/settings.h"

#include <cmath>
#include <set>

#include "ir/build.h"
#include "ir/walk.h"

namespace exo {
namespace {

constexpr int64_t kOneSize = 11;

/// Sizes on which a stride inside of a register file depends, `stride(src, 0) == 16*n`: these have one value each, since the
/// registers of an operand lie side by side.
std::set<Sym> sizes_in_strides(const Proc& spec, const Target& target) {
  std::set<Sym> out;
  for (const Param& p : spec.params)
    for (const ExprRef& e : spec.asserts) {
      bool about = false;
      each_expr(e, [&](const ExprRef& x) {
        const Stride* s = as<Stride>(x);
        about = about || (s && s->buffer == p.name && is_opaque(target, p));
      });
      if (about && as<Binary>(e) && as<Binary>(e)->op == BinaryOp::Eq)
        for (const Sym s : symbols(e))
          if (s != p.name) out.insert(s);
    }
  return out;
}

/// What the assertions say of the chosen sizes alone, and did not say without the last one.
Exprs decided_by(const Proc& spec, Sym last, const std::set<Sym>& chosen) {
  Exprs out;
  for (const ExprRef& assertion : spec.asserts)
    for (const ExprRef& e : conjuncts(assertion)) {
      bool decided = mentions(e, last) && !mentions_stride(e);
      for (const Sym s : symbols(e)) decided = decided && chosen.count(s) > 0;
      if (decided) out.push_back(e);
    }
  return out;
}

}  // namespace

bool is_opaque(const Target& target, const Param& p) {
  const Memory* memory = target.memory(p.memory);
  return memory && !memory->addressable;
}

std::vector<Setting> settings_of(const Proc& spec, const Target& target, int64_t largest) {
  std::vector<Setting> out = {{}};
  const std::set<Sym> fixed = sizes_in_strides(spec, target);
  std::set<Sym> chosen;
  for (const Param& p : spec.params) {
    if (!is_control(p)) continue;
    chosen.insert(p.name);
    const Exprs decided = decided_by(spec, p.name, chosen);
    std::vector<Setting> next;
    const bool truth = p.type.scalar == Scalar::Bool;
    const bool one = fixed.count(p.name) > 0;
    const int64_t lo = one                                      ? kOneSize
                       : truth || p.type.scalar == Scalar::Size ? 0
                       : p.type.scalar == Scalar::Stride        ? 1
                                                                : -largest;
    for (const Setting& so_far : out)
      for (int64_t v = lo; v <= (one ? kOneSize : truth ? 1 : largest); ++v) {
        Setting c = so_far;
        c[p.name] = v;
        const bool allowed = std::all_of(decided.begin(), decided.end(), [&](const ExprRef& e) {
          const auto holds = evaluate(e, c);
          return !holds || *holds != 0;
        });
        if (allowed) next.push_back(std::move(c));
      }
    out = spread(next, 4 * kMostSettings);
  }
  return out;
}

std::vector<Setting> spread(const std::vector<Setting>& all, size_t most) {
  if (all.size() <= most) return all;
  constexpr double kGolden = 0.6180339887498949;
  std::set<size_t> taken = {0, all.size() - 1};
  for (size_t k = 1; taken.size() < most; ++k) {
    const double turn = static_cast<double>(k) * kGolden;
    taken.insert(static_cast<size_t>((turn - std::floor(turn)) * static_cast<double>(all.size())));
  }
  std::vector<Setting> out;
  for (const size_t k : taken) out.push_back(all[k]);
  return out;
}

Tensor tensor_of(const Param& p, const Setting& sizes, const std::function<int64_t(int64_t)>& value) {
  Tensor out{p.type.scalar, {}, {}, {}};
  int64_t elements = 1;
  for (const ExprRef& e : p.type.shape) out.shape.push_back(evaluate(e, sizes).value_or(0));
  for (size_t d = out.shape.size(); d-- > 0; elements *= out.shape[d])
    out.strides.insert(out.strides.begin(), elements);
  for (int64_t k = 0; k < elements; ++k) out.cells.push_back({static_cast<double>(value(k)), value(k), true});
  return out;
}

namespace {

/// The operands after it ran, where it made nothing of what this one held before.
std::optional<Arguments> run_without(const Proc& spec, const Param& operand, const Setting& sizes) {
  Arguments args;
  for (const Param& p : spec.params) {
    if (is_control(p))
      args[p.name] = sizes.at(p.name);
    else
      args[p.name] = tensor_of(p, sizes, [](int64_t) { return 1; });
    if (p.name == operand.name)
      for (Cell& cell : std::get<Tensor>(args[p.name]).cells) cell.defined = false;
  }
  if (interpret(spec, args)) return std::nullopt;
  return args;
}

}  // namespace

bool only_writes(const Proc& spec, const Param& operand, const Setting& sizes) {
  return run_without(spec, operand, sizes).has_value();
}

bool fills(const Proc& spec, const Param& operand, const Setting& sizes) {
  const auto args = run_without(spec, operand, sizes);
  if (!args) return false;
  const std::vector<Cell>& cells = std::get<Tensor>(args->at(operand.name)).cells;
  return std::all_of(cells.begin(), cells.end(), [](const Cell& c) { return c.defined; });
}

}  // namespace exo
