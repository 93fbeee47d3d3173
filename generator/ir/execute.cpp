#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/machine.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

/// Statements of one unit as functions.
class Compiler {
 public:
  Compiler(Machine& machine, Unit& unit, bool outermost)
      : machine_(machine), run_(machine.run), unit_(unit), outermost_(outermost) {}

  std::vector<Code> block(const Block& block) {
    std::vector<Code> out;
    for (const StmtRef& s : block) out.push_back(statement(*s));
    return out;
  }

 private:
  Code statement(const Stmt& s) {
    const Code action =
        std::visit(match{
                       [&](const Assign& n) { return assign(n); },
                       [&](const Reduce& n) { return reduce(n); },
                       [&](const For& n) { return loop(s, n); },
                       [&](const If& n) { return branch(n); },
                       [&](const Alloc& n) { return allocate(n); },
                       [&](const Alias& n) {
                         const Window& part = *as<Window>(n.window);
                         return bind(unit_.add_view(n.name, unit_.names.at(n.name).type), part, Empties::Inside);
                       },
                       [&](const Call& n) { return call(n); },
                       [&](const Configure& n) { return configure(n); },
                   },
                   s.node);
    if (!outermost_)
      return [run = &run_, action] {
        run->spend(1);
        action();
      };
    return [run = &run_, stmt = &s, action] {
      run->stmt = stmt;
      run->spend(1);
      action();
    };
  }

  ControlCode control(const ExprRef& e) const { return control_code(e, unit_.control_names()); }

  static void store(const Element& place, Cell& cell, const Cell& value) {
    if (!value.defined && place.view->storage->argument)
      place.run->fault(Fault::Undefined,
                       fmt::format("{} gets a value that depends on an element which was never written", place.text()));
    cell = value;
  }

  /// The type in which a right side is computed: that of the target, unless it is chosen later.
  Scalar computed(const ExprRef& rhs, Scalar target) const {
    return target == Scalar::R ? type_of(rhs, unit_.names, target) : target;
  }

  Code assign(const Assign& n) {
    const Element place = access_code(n.buffer, n.index, unit_, run_);
    return [place, rhs = data_code(n.rhs, computed(n.rhs, place.view->type), unit_, run_)] {
      const Cell value = rhs();
      store(place, place.at(Event::Write), value);
    };
  }

  Code reduce(const Reduce& n) {
    const Element place = access_code(n.buffer, n.index, unit_, run_);
    const Scalar type = place.view->type;
    const DataCode rhs = data_code(n.rhs, computed(n.rhs, type), unit_, run_);
    if (n.op == ReduceOp::Add)
      return [place, rhs, type] {
        const Cell value = rhs();
        Cell& cell = place.at(Event::Reduce);
        store(place, cell, arithmetic(BinaryOp::Add, type, cell, value));
      };
    return [place, rhs, type, function = n.op == ReduceOp::Max ? Function::Max : Function::Min] {
      const Cell value = rhs();
      Cell& cell = place.at(Event::Reduce);
      store(place, cell, applied(function, type, cell, value, {}));
    };
  }

  Code loop(const Stmt& s, const For& n) {
    const ControlCode lo = control(n.lo), hi = control(n.hi);
    int64_t* const place = &unit_.integers.emplace_back();
    unit_.integer_of[n.iter] = place;
    const std::vector<Code> body = block(n.body);
    const auto iterate = [run = &run_, place, body](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        run->spend(1);
        *place = i;
        for (const Code& code : body) code();
      }
    };
    if (!outermost_) return [lo, hi, iterate] { iterate(lo(), hi()); };
    return [run = &run_, lo, hi, iterate, iter = n.iter, place, stmt = &s] {
      const int64_t begin = lo(), end = hi();
      run->iterators.emplace_back(iter, place);
      iterate(begin, end);
      run->iterators.pop_back();
      run->stmt = stmt;
    };
  }

  Code configure(const Configure& n) {
    const Scalar type = n.field.field_type();
    if (is_data(type))
      return [run = &run_, field = n.field, value = data_code(n.value, type, unit_, run_)] {
        run->configure(field, value());
      };
    return [run = &run_, field = n.field, type, value = control(n.value)] {
      const int64_t number = value();
      if (type == Scalar::Size && number < 0)
        run->fault(Fault::AssertFails, fmt::format("`{}` is a size, and gets {}", field.name(), number));
      run->configure(field, Cell{0, number, true});
    };
  }

  Code branch(const If& n) {
    return [cond = branch_code(n.cond, unit_), body = block(n.body), orelse = block(n.orelse)] {
      for (const Code& code : cond() ? body : orelse) code();
    };
  }

  Code allocate(const Alloc& n) {
    std::vector<ControlCode> extents;
    for (const ExprRef& e : n.type.shape) extents.push_back(control(e));
    View* const view = &unit_.add_view(n.buffer, n.type);
    Storage* const storage = &unit_.storages.emplace_back();
    storage->name = n.buffer;
    storage->type = n.type.scalar;
    storage->outermost = outermost_;
    return [run = &run_, extents, view, storage] {
      storage->shape.clear();
      int64_t cells = 1;
      for (const ControlCode& extent : extents) storage->shape.push_back(extent());
      storage->strides = dense_strides(storage->shape);
      for (const int64_t extent : storage->shape) cells *= extent;
      if (cells > kMaxCells)
        run->fault(Fault::TooLong, fmt::format("`{}` has {} elements", storage->name.name(), cells));
      run->spend(static_cast<uint64_t>(cells) / 64);
      storage->own.assign(static_cast<size_t>(cells), Cell{});
      storage->cells = storage->own.data();
      view_all(*view, *storage);
    };
  }

  Code call(const Call& n);
  /// May a window without elements stand outside of its buffer? As an argument: nobody touches it.
  enum class Empties : uint8_t { Inside, Anywhere };
  Code bind(View& view, const Window& window, Empties empties);
  Code bind_number(View& view, const ExprRef& number);

  Machine& machine_;
  Run& run_;
  Unit& unit_;
  const bool outermost_;
};

/// Makes `view`, a parameter of the callee or a name for a part, see the window.
Code Compiler::bind(View& view, const Window& window, Empties empties) {
  const View* const from = unit_.view_of.at(window.buffer);
  if (window.slices.empty())
    return [from, &view] {
      view.storage = from->storage, view.offset = from->offset, view.base = from->base;
      std::copy(from->dims.begin(), from->dims.end(),
                view.dims.begin());  // the strides keep their places
    };
  struct Part {
    ControlCode lo, hi;
  };
  std::vector<Part> parts;
  for (const Slice& s : window.slices) parts.push_back({control(s.lo), s.hi ? control(s.hi) : ControlCode{}});
  return [run = &run_, from, &view, parts, empties] {
    view.storage = from->storage, view.offset = from->offset, view.base = from->base;
    const bool anywhere = empties == Empties::Anywhere && std::any_of(parts.begin(), parts.end(), [](const Part& p) {
                            return p.hi && p.hi() == p.lo();
                          });
    size_t dim = 0;
    for (size_t d = 0; d < parts.size(); ++d) {
      const View::Dim& source = from->dims[d];
      const int64_t lo = parts[d].lo(), hi = parts[d].hi ? parts[d].hi() : lo + 1;
      if (anywhere && hi >= lo) {
        if (parts[d].hi) view.dims[dim++] = {hi - lo, source.stride, source.of};
        continue;
      }
      if (lo < 0 || hi < lo || hi > source.extent)
        run->fault(Fault::OutOfBounds, fmt::format("`{}` has {} elements along dimension {}, and {}:{} is taken",
                                                   from->name.name(), source.extent, d, lo, hi));
      view.offset += lo * source.stride;
      view.base[source.of] += lo;
      if (parts[d].hi) view.dims[dim++] = {hi - lo, source.stride, source.of};
    }
  };
}

/// Makes `view`, a scalar that the callee only reads, see a number.
Code Compiler::bind_number(View& view, const ExprRef& number) {
  Storage* const storage = &unit_.storages.emplace_back();
  storage->name = view.name;
  storage->type = view.type;
  return [storage, &view, value = data_code(number, view.type, unit_, run_)] {
    storage->own.assign(1, value());
    storage->cells = storage->own.data();
    view_all(view, *storage);
  };
}

/// Do the two see an element in common? A window is a box in its storage.
bool overlap(const View& a, const View& b) {
  if (a.storage != b.storage) return false;
  const auto extents = [](const View& view) {
    std::vector<int64_t> out(view.base.size(), 1);
    for (const View::Dim& dim : view.dims) out[dim.of] = dim.extent;
    return out;
  };
  const std::vector<int64_t> x = extents(a), y = extents(b);
  for (size_t d = 0; d < x.size(); ++d)
    if (x[d] == 0 || y[d] == 0 || a.base[d] + x[d] <= b.base[d] || b.base[d] + y[d] <= a.base[d]) return false;
  return true;
}

/// Faults where an argument that is written meets another one.
void check_overlap(const Run& run, const Proc& callee, const std::vector<const View*>& written,
                   const std::vector<const View*>& all) {
  for (const View* a : written)
    for (const View* b : all)
      if (a != b && overlap(*a, *b))
        run.fault(Fault::AssertFails, fmt::format("`{}` and `{}` of `{}` overlap, and one of them is written",
                                                  a->name.name(), b->name.name(), callee.name));
}

/// Faults where the shape of an argument is not what the callee declares.
void check_shape(const Run& run, const Proc& callee, const View& view, const std::vector<ControlCode>& shape) {
  int64_t dense = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    const View::Dim& dim = view.dims[d];
    if (const int64_t declared = shape[d](); declared != dim.extent)
      run.fault(Fault::AssertFails, fmt::format("`{}` of `{}` has {} elements along dimension {}, and {} are passed",
                                                view.name.name(), callee.name, declared, d, dim.extent));
    if (!view.window && dim.extent > 1 && dim.stride != dense)
      run.fault(Fault::AssertFails,
                fmt::format("`{}` of `{}` is dense, and a strided part is passed", view.name.name(), callee.name));
    dense *= dim.extent;
  }
}

Code Compiler::call(const Call& n) {
  Unit& callee = machine_.unit(*n.callee, false);
  const Proc& proc = *n.callee;
  if (proc.params.size() != n.args.size())
    BUG(fmt::format("`{}` is called with {} arguments", proc.name, n.args.size()));
  std::vector<Code> arguments;
  std::vector<std::pair<const View*, const std::vector<ControlCode>*>> shapes;
  for (size_t i = 0; i < n.args.size(); ++i) {
    const Param& param = proc.params[i];
    if (is_data(param.type.scalar)) {
      View& view = *callee.view_of.at(param.name);
      const Window* window = as<Window>(n.args[i]);
      arguments.push_back(window ? bind(view, *window, Empties::Anywhere) : bind_number(view, n.args[i]));
      shapes.emplace_back(&view, &callee.shapes[i]);
    } else {
      arguments.push_back([value = control(n.args[i]), place = callee.integer_of.at(param.name)] { *place = value(); });
    }
  }
  std::vector<const View*> all, changed;
  const std::set<Sym> names = written(proc);
  for (const auto& shape : shapes) {
    all.push_back(shape.first);
    if (names.count(shape.first->name)) changed.push_back(shape.first);
  }
  return [run = &run_, &callee, &proc, arguments, shapes, all, changed] {
    for (const Code& argument : arguments) argument();
    check_overlap(*run, proc, changed, all);
    const Proc* const outside = std::exchange(run->inside, &proc);
    for (const auto& shape : shapes) check_shape(*run, proc, *shape.first, *shape.second);
    const auto* const trace = std::exchange(run->trace, nullptr);  // checking is no access
    for (size_t i = 0; i < callee.asserts.size(); ++i)
      if (!callee.asserts[i]())
        run->fault(Fault::AssertFails, fmt::format("`{}` does not hold", print(proc.asserts[i])));
    run->trace = trace;
    callee.execute();
    for (const Sym field : proc.forgets) run->forget(field);
    run->inside = outside;
  };
}

}  // namespace

Unit& Machine::unit(const Proc& proc, bool outermost) {
  std::unique_ptr<Unit>& unit = units_[&proc];
  if (unit) return *unit;
  unit = std::make_unique<Unit>();
  Unit& made = *unit;
  made.proc = &proc;
  made.run = &run;
  made.names = declarations(proc);
  for (const Param& p : proc.params) {
    if (is_data(p.type.scalar))
      made.add_view(p.name, p.type);
    else
      made.integer_of[p.name] = &made.integers.emplace_back();
  }
  const ControlNames names = made.control_names();
  for (const Param& p : proc.params) {
    std::vector<ControlCode>& shape = made.shapes.emplace_back();
    for (const ExprRef& e : p.type.shape) shape.push_back(control_code(e, names));
  }
  for (const ExprRef& e : proc.asserts) made.asserts.push_back(control_code(e, names));
  made.body = Compiler(*this, made, outermost).block(proc.body);
  return made;
}

ControlNames Unit::control_names() const {
  return {[this](Sym sym) -> const int64_t* {
            const auto it = integer_of.find(sym);
            return it == integer_of.end() ? nullptr : it->second;
          },
          [this](Sym sym, int64_t dim) -> const int64_t* {
            const auto it = view_of.find(sym);
            if (it == view_of.end() || dim < 0 || static_cast<size_t>(dim) >= it->second->dims.size()) return nullptr;
            return &it->second->dims[static_cast<size_t>(dim)].stride;
          },
          [from = run](Sym field) -> ControlCode { return [from, field] { return from->configured(field).integer; }; },
          [this](const Read& n, const ControlNames& names) -> ControlCode {
            if (n.buffer.is_field()) return [from = run, field = n.buffer] { return from->configured(field).integer; };
            Element place = access_code(n.buffer, {}, *this, *run);
            for (const ExprRef& e : n.index) place.index.push_back(control_code(e, names));
            return [place] {
              const Cell& cell = place.at(Event::Read);
              if (!cell.defined) throw NoValue{place.text() + ", which was never written, decides what runs"};
              return cell.integer;
            };
          }};
}

View& Unit::add_view(Sym sym, const Type& type) {
  View& view = views.emplace_back();
  view.name = sym;
  view.type = type.scalar;
  view.window = type.window;
  view.dims.resize(type.shape.size());
  return *(view_of[sym] = &view);
}

}  // namespace exo
