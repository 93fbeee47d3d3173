// Arguments for runs of the interpreter: making them up, and comparing them afterwards.
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "ir/arguments.h"
#include "ir/build.h"
#include "ir/machine.h"
#include "ir/walk.h"

namespace exo {
namespace {

/// How far apart the elements of a window are laid; an assertion about strides may ask for the
/// later ones.
enum class Spacing : uint8_t { Everywhere, Rows, None };

std::vector<int64_t> spaced_strides(const std::vector<int64_t>& shape, Spacing spacing) {
  std::vector<int64_t> strides = dense_strides(shape);
  if (spacing == Spacing::None) return strides;
  int64_t step = spacing == Spacing::Everywhere ? 2 : 1;
  for (size_t d = shape.size(); d-- > 0;) strides[d] = step, step = step * std::max<int64_t>(shape[d], 1) + 1;
  return strides;
}

size_t cells_of(const Tensor& tensor) {
  int64_t cells = 1;
  for (size_t d = 0; d < tensor.shape.size(); ++d)
    cells += std::max<int64_t>(tensor.shape[d] - 1, 0) * tensor.strides[d];
  return static_cast<size_t>(cells);
}

void fill(Tensor& tensor, Random& random) {
  tensor.cells.assign(cells_of(tensor), Cell{});
  const bool is_unsigned = tensor.type >= Scalar::U8 && tensor.type <= Scalar::U32;
  each_index(tensor.shape, [&](const std::vector<int64_t>& index) {
    const int64_t value = random.between(is_unsigned ? 0 : -4, is_unsigned ? 8 : 4);
    tensor.cells[static_cast<size_t>(offset_of(tensor, index))] =
        is_float(tensor.type) ? real_cell(tensor.type, static_cast<double>(value)) : integer_cell(tensor.type, value);
  });
}

/// Values that the assertions give to configuration fields: `load.stride == stride(src, 0)`.
Substitution asserted_fields(const Proc& proc) {
  Substitution out;
  for (const ExprRef& e : proc.asserts) {
    const Binary* b = as<Binary>(e);
    if (!b || b->op != BinaryOp::Eq) continue;
    for (const auto& [field, value] : {std::pair(b->a, b->b), std::pair(b->b, b->a)})
      if (const Var* v = as<Var>(field); v && v->sym.is_field() && !mentions_field(value)) out.emplace(v->sym, value);
  }
  return out;
}

/// Chooses the strides: as much space as the assertions allow. False where they cannot hold.
bool choose_strides(const Proc& proc, const std::map<Sym, int64_t>& control, std::map<Sym, Tensor>& tensors,
                    Arguments& args) {
  const Substitution fields = asserted_fields(proc);
  std::map<Sym, Spacing> spacing;
  for (const Param& p : proc.params) spacing[p.name] = p.type.window ? Spacing::Everywhere : Spacing::None;
  const auto variable = [&](Sym sym) -> const int64_t* {
    const auto it = control.find(sym);
    return it == control.end() ? nullptr : &it->second;
  };
  const auto stride_place = [&](Sym sym, int64_t dim) -> const int64_t* {
    const auto it = tensors.find(sym);
    if (it == tensors.end() || static_cast<size_t>(dim) >= it->second.strides.size()) return nullptr;
    return &it->second.strides[static_cast<size_t>(dim)];
  };
  for (;;) {
    for (auto& entry : tensors) entry.second.strides = spaced_strides(entry.second.shape, spacing.at(entry.first));
    bool changed = false, holds = true;
    for (const ExprRef& e : proc.asserts) {
      if (is_about_elements(e)) continue;
      if (control_code(substitute(e, fields), {variable, stride_place})()) continue;
      holds = false;
      for (const Sym sym : symbols(e))
        if (tensors.count(sym) && spacing.at(sym) != Spacing::None)
          spacing[sym] = static_cast<Spacing>(static_cast<int>(spacing.at(sym)) + 1), changed = true;
    }
    if (!holds && changed) continue;
    for (const auto& [field, value] : fields) args[field] = control_code(value, {variable, stride_place, {}})();
    return holds;
  }
}

}  // namespace

std::optional<Arguments> random_arguments(const Proc& proc, const std::map<Sym, int64_t>& control, uint64_t seed,
                                          const std::vector<ElementValue>& wishes) {
  Arguments args;
  std::map<Sym, Tensor> tensors;
  for (const Param& p : proc.params) {
    if (is_data(p.type.scalar)) {
      Tensor tensor{p.type.scalar, {}, {}, {}};
      for (const ExprRef& e : p.type.shape) {
        const auto extent = evaluate(e, control);
        if (!extent || *extent < 0) return {};
        tensor.shape.push_back(*extent);
      }
      if (std::accumulate(tensor.shape.begin(), tensor.shape.end(), 1.0, std::multiplies<>()) > kMaxCells) return {};
      tensors[p.name] = std::move(tensor);
      continue;
    }
    const auto it = control.find(p.name);
    if (it == control.end() || (p.type.scalar == Scalar::Size && it->second < 0)) return {};
    args[p.name] = it->second;
  }
  try {
    if (!choose_strides(proc, control, tensors, args)) return {};
  } catch (const NoValue&) {
    return {};
  }
  Random random(seed);
  for (const Param& p : proc.params)
    if (is_data(p.type.scalar)) fill(tensors.at(p.name), random);
  if (!choose_elements(proc, control, wishes, random, tensors)) return {};
  for (auto& entry : tensors) args[entry.first] = std::move(entry.second);
  return args;
}

namespace {
/// The same elements, further apart.
Tensor spread(const Tensor& from, const std::vector<int64_t>& strides) {
  Tensor out{from.type, from.shape, strides, {}};
  out.cells.assign(cells_of(out), Cell{});
  each_index(from.shape, [&](const std::vector<int64_t>& index) {
    out.cells[static_cast<size_t>(offset_of(out, index))] = from.cells[static_cast<size_t>(offset_of(from, index))];
  });
  return out;
}

void give_type(Tensor& tensor, Scalar type) {
  tensor.type = type;
  for (Cell& cell : tensor.cells)
    if (cell.defined)
      cell = is_float(type) ? real_cell(type, cell.real) : integer_cell(type, static_cast<int64_t>(cell.real));
}
}  // namespace

Arguments passed_on(const Arguments& args, const Proc& from, const Proc& to) {
  Arguments out = args;
  std::map<Sym, Tensor> tensors;  // with the strides that `to` lets them have
  std::map<Sym, int64_t> control;
  for (const auto& [sym, value] : args)
    if (const Tensor* tensor = std::get_if<Tensor>(&value))
      tensors[sym] = {tensor->type, tensor->shape, {}, {}};
    else
      control[sym] = std::get<int64_t>(value);
  const auto was_dense = [&](Sym name) {
    return std::any_of(from.params.begin(), from.params.end(),
                       [&](const Param& p) { return p.name == name && !p.type.window; });
  };
  bool spaced = false;
  for (const Param& p : to.params) {
    const auto it = out.find(p.name);
    Tensor* tensor = it == out.end() ? nullptr : std::get_if<Tensor>(&it->second);
    if (!tensor) continue;
    if (tensor->type != p.type.scalar && tensor->type == Scalar::R) give_type(*tensor, p.type.scalar);
    if (!p.type.window || !was_dense(p.name)) continue;
    Arguments fields;
    if (!spaced) spaced = choose_strides(to, control, tensors, fields);
    if (spaced) *tensor = spread(*tensor, tensors.at(p.name).strides);
  }
  return out;
}

std::string first_difference(const Proc& a_proc, const Arguments& a, const Proc& b_proc, const Arguments& b) {
  for (size_t i = 0; i < a_proc.params.size(); ++i) {
    const Param& param = a_proc.params[i];
    if (!is_data(param.type.scalar)) continue;
    const Tensor& x = std::get<Tensor>(a.at(param.name));
    const bool alike =
        a_proc.params.size() == b_proc.params.size();  // else parameters went, and the others kept their symbols
    const Tensor& y = std::get<Tensor>(b.at(alike ? b_proc.params[i].name : param.name));
    const bool chosen = x.type != y.type && (x.type == Scalar::R || y.type == Scalar::R);
    if (x.shape != y.shape || (x.type != y.type && !chosen))
      return fmt::format("`{}` has two types", param.name.name());
    std::string found;
    each_index(x.shape, [&](const std::vector<int64_t>& index) {
      if (!found.empty()) return;
      Cell p = x.cells[static_cast<size_t>(offset_of(x, index))];
      Cell q = y.cells[static_cast<size_t>(offset_of(y, index))];
      if (chosen && !is_float(x.type)) p.real = static_cast<double>(std::exchange(p.integer, 0));
      if (chosen && !is_float(y.type)) q.real = static_cast<double>(std::exchange(q.integer, 0));
      const bool both_nan = p.defined && q.defined && std::isnan(p.real) && std::isnan(q.real);
      const bool same = p.defined == q.defined && p.integer == q.integer && (p.real == q.real || both_nan);
      if (same || (!p.defined && !q.defined)) return;
      const std::string place = index.empty() ? "" : fmt::format("[{}]", fmt::join(index, ","));
      found = fmt::format("{}{}: {} and {}", param.name.name(), place, cell_text(x.type, p), cell_text(y.type, q));
    });
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace exo
