#include "ir/interpret.h"

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/machine.h"

namespace exo {

void view_all(View& view, Storage& storage) {
  if (view.dims.size() != storage.shape.size())
    BUG(fmt::format("`{}` has another rank than its storage", view.name.name()));
  view.storage = &storage;
  view.offset = 0;
  view.base.assign(storage.shape.size(), 0);
  for (size_t d = 0; d < view.dims.size(); ++d) view.dims[d] = {storage.shape[d], storage.strides[d], d};
}

std::vector<int64_t> dense_strides(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t cells = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    strides[d] = cells;
    if (shape[d] < 0) throw NoValue{fmt::format("an extent of {}", shape[d])};
    if (__builtin_mul_overflow(cells, shape[d], &cells)) throw NoValue{"a shape with more elements than fit 64 bits"};
  }
  return strides;
}

std::vector<std::pair<Sym, int64_t>> Run::iterator_values() const {
  std::vector<std::pair<Sym, int64_t>> values;
  for (const auto& iterator : iterators) values.emplace_back(iterator.first, *iterator.second);
  return values;
}

void Run::fault(Fault::Kind kind, std::string what) const {
  throw Fault{kind, stmt, iterator_values(), inside ? fmt::format("in `{}`: {}", inside->name, what) : std::move(what)};
}

const Cell& Run::configured(Sym field) const {
  const auto it = fields.find(field);
  if (it == fields.end()) fault(Fault::Undefined, fmt::format("`{}` is read before it is set", field.name()));
  if (trace) (*trace)({Event::Read, stmt, iterator_values(), field, {}});
  return it->second;
}

void Run::configure(Sym field, const Cell& value) {
  if (trace) (*trace)({Event::Write, stmt, iterator_values(), field, {}});
  fields[field] = value;
}

void Run::forget(Sym field) {
  if (trace) (*trace)({Event::Write, stmt, iterator_values(), field, {}});
  fields.erase(field);
}

namespace {

void bind_arguments(const Proc& proc, Arguments& args, Unit& unit) {
  const auto argument = [&](const Param& p) -> Argument& {
    const auto it = args.find(p.name);
    if (it == args.end()) BUG(fmt::format("no value is given for `{}`", p.name.name()));
    if (std::holds_alternative<Tensor>(it->second) != is_data(p.type.scalar))
      BUG(fmt::format("the value of `{}` is of the wrong kind", p.name.name()));
    return it->second;
  };
  for (const Param& p : proc.params)
    if (!is_data(p.type.scalar)) *unit.integer_of.at(p.name) = std::get<int64_t>(argument(p));
  for (const Param& p : proc.params) {
    if (!is_data(p.type.scalar)) continue;
    Tensor& tensor = std::get<Tensor>(argument(p));
    Storage& storage = unit.storages.emplace_back();
    storage.name = p.name, storage.type = tensor.type;
    storage.shape = tensor.shape, storage.strides = tensor.strides;
    storage.cells = tensor.cells.data();
    storage.argument = storage.outermost = true;
    view_all(*unit.view_of.at(p.name), storage);
    int64_t last = 0;
    bool empty = false;
    for (size_t d = 0; d < tensor.shape.size(); ++d)
      last += (tensor.shape[d] - 1) * tensor.strides[d], empty = empty || tensor.shape[d] == 0;
    if (tensor.type != p.type.scalar || (!empty && last >= static_cast<int64_t>(tensor.cells.size())))
      BUG(fmt::format("the storage of `{}` does not fit its type", p.name.name()));
  }
  for (size_t i = 0; i < proc.params.size(); ++i) {
    if (!is_data(proc.params[i].type.scalar)) continue;
    const View& view = *unit.view_of.at(proc.params[i].name);
    for (size_t d = 0; d < view.dims.size(); ++d)
      if (unit.shapes[i][d]() != view.dims[d].extent)
        BUG(fmt::format("the storage of `{}` has another shape than its type", proc.params[i].name.name()));
  }
}

}  // namespace

std::optional<Fault> interpret(const Proc& proc, Arguments& args, const std::function<void(const Event&)>& trace,
                               uint64_t limit) {
  Machine machine;
  machine.run.remaining = limit;
  if (trace) machine.run.trace = &trace;
  try {
    Unit& unit = machine.unit(proc, true);
    bind_arguments(proc, args, unit);
    for (const auto& [field, value] : args)
      if (field.is_field()) machine.run.fields[field] = Cell{0, std::get<int64_t>(value), true};
    unit.execute();
  } catch (const Fault& fault) {
    return fault;
  } catch (const NoValue& none) {
    return Fault{Fault::Undefined, machine.run.stmt, machine.run.iterator_values(), none.what};
  }
  return {};
}

std::optional<int64_t> evaluate(const ExprRef& e, const std::map<Sym, int64_t>& control) {
  const ControlNames names{[&](Sym sym) -> const int64_t* {
                             const auto it = control.find(sym);
                             return it == control.end() ? nullptr : &it->second;
                           },
                           [](Sym, int64_t) -> const int64_t* { return nullptr; }};
  try {
    return control_code(e, names)();
  } catch (const NoValue&) {
    return {};
  }
}

}  // namespace exo
