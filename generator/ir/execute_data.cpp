#include <fmt/format.h>

#include "ir/build.h"
#include "ir/machine.h"
#include "ir/print.h"
#include "support/text.h"

namespace exo {
namespace {

std::string numbers(const std::vector<int64_t>& list) { return fmt::format("{}", fmt::join(list, ",")); }

/// Data expressions of one unit as functions.
class DataCompiler {
 public:
  DataCompiler(const Unit& unit, Run& run) : unit_(unit), run_(run) {}

  DataCode data(const ExprRef& e, Scalar type) const {
    const auto control = []() -> DataCode { BUG("a control expression where data is computed"); };
    return std::visit(
        match{
            [&](const Int& n) -> DataCode {
              const Cell cell = converted(Function::Convert, Scalar::I64, type, integer_cell(Scalar::I64, n.value));
              return [cell] { return cell; };
            },
            [&](const Float& n) -> DataCode {
              const Cell cell = real_cell(type, n.value);
              return [cell] { return cell; };
            },
            [&](const Bool&) { return control(); },
            [&](const Var&) { return control(); },
            [&](const Read& n) -> DataCode {
              if (n.buffer.is_field()) return [run = &run_, field = n.buffer] { return run->configured(field); };
              return [access = access_code(n.buffer, n.index, unit_, run_)] { return access.at(Event::Read); };
            },
            [&](const Unary& n) -> DataCode { return [a = data(n.a, type), type] { return negated(type, a()); }; },
            [&](const Binary& n) { return operation(n, type); },
            [&](const Builtin& n) { return function(n, type); },
            [&](const Window&) { return control(); },
            [&](const Stride&) { return control(); },
            [&](const Forall&) { return control(); },
        },
        e->node);
  }

  ControlCode branch(const ExprRef& e) const {
    if (const Unary* n = as<Unary>(e)) return [a = branch(n->a)] { return int64_t{!a()}; };
    const Binary* n = as<Binary>(e);
    if (n && n->op == BinaryOp::And) return [a = branch(n->a), b = branch(n->b)] { return int64_t{a() && b()}; };
    if (n && n->op == BinaryOp::Or) return [a = branch(n->a), b = branch(n->b)] { return int64_t{a() || b()}; };
    if (!n || is_exact(*n, unit_.names)) return control_code(e, unit_.control_names());
    return [compares = truth(e), e] {
      const Truth t = compares();
      if (t == Truth::Unknown) throw NoValue{fmt::format("`{}` has no value, and decides what runs", print(e))};
      return int64_t{t == Truth::True};
    };
  }

 private:
  DataCode operation(const Binary& n, Scalar type) const {
    const DataCode a = data(n.a, type), b = data(n.b, type);
    const BinaryOp op = n.op;
    if (type == Scalar::F32 && op == BinaryOp::Mul)  // most of what is run
      return [a, b] {
        const Cell x = a(), y = b();
        return Cell{static_cast<float>(x.real * y.real), 0, x.defined && y.defined};
      };
    return [a, b, op, type] {
      const Cell x = a(), y = b();
      return arithmetic(op, type, x, y);
    };
  }

  DataCode function(const Builtin& n, Scalar type) const {
    const FunctionInfo& info = *function_named(n.name);
    if (info.function == Function::Convert || info.function == Function::Saturate) {
      const Scalar from = operand_type(n.args[0], unit_.names);
      if (!is_data(from))
        return [a = control_code(n.args[0], unit_.control_names()), kind = info.function, to = info.to] {
          return converted(kind, Scalar::I64, to, integer_cell(Scalar::I64, a()));
        };
      return [a = data(n.args[0], from), kind = info.function, from, to = info.to] {
        return converted(kind, from, to, a());
      };
    }
    if (info.function == Function::Select) {
      return [c = truth(n.args[0]), a = data(n.args[1], type), b = data(n.args[2], type)] {
        const Truth chosen = c();
        const Cell x = a(), y = b();
        return chosen == Truth::Unknown ? Cell{} : chosen == Truth::True ? x : y;
      };
    }
    std::vector<DataCode> args;
    for (const ExprRef& e : n.args) args.push_back(data(e, type));
    return [args, function = info.function, type] {
      Cell values[3];
      for (size_t i = 0; i < args.size(); ++i) values[i] = args[i]();
      return applied(function, type, values[0], values[1], values[2]);
    };
  }

  /// The condition of a `select`.
  TruthCode truth(const ExprRef& e) const {
    if (!is_data_expr(e)) {
      return [code = control_code(e, unit_.control_names())] { return code() ? Truth::True : Truth::False; };
    }
    if (const Unary* n = as<Unary>(e)) {
      return [a = truth(n->a)] {
        const Truth t = a();
        return t == Truth::Unknown ? t : t == Truth::True ? Truth::False : Truth::True;
      };
    }
    const Binary* n = as<Binary>(e);
    if (!n) BUG("a condition that compares nothing");
    if (n->op == BinaryOp::And || n->op == BinaryOp::Or) {
      const Truth decides = n->op == BinaryOp::And ? Truth::False : Truth::True;  // without the right side
      return [a = truth(n->a), b = truth(n->b), decides] {
        const Truth left = a();
        return left == decides || left == Truth::Unknown ? left : b();
      };
    }
    const Scalar type = compared_type(*n, unit_.names);
    return [a = data(n->a, type), b = data(n->b, type), op = n->op, type] {
      const Cell x = a(), y = b();
      if (!x.defined || !y.defined) return Truth::Unknown;
      return compare(op, type, x, y) ? Truth::True : Truth::False;
    };
  }

  const Unit& unit_;
  Run& run_;
};

}  // namespace

DataCode data_code(const ExprRef& e, Scalar type, const Unit& unit, Run& run) {
  return DataCompiler(unit, run).data(e, type);
}

ControlCode branch_code(const ExprRef& e, const Unit& unit) { return DataCompiler(unit, *unit.run).branch(e); }

Element access_code(Sym buffer, const Exprs& index, const Unit& unit, Run& run) {
  const auto it = unit.view_of.find(buffer);
  if (it == unit.view_of.end() || (it->second->dims.size() != index.size() && !index.empty()))
    BUG(fmt::format("`{}` is accessed as what it is not", buffer ? buffer.name() : "?"));
  Element access{it->second, {}, &run};
  for (const ExprRef& e : index) access.index.push_back(control_code(e, unit.control_names()));
  return access;
}

std::string Element::text() const {
  if (index.empty()) return view->name.name();
  std::vector<int64_t> values;
  for (const ControlCode& code : index) values.push_back(code());
  return fmt::format("{}[{}]", view->name.name(), numbers(values));
}

void Element::outside() const {
  std::vector<int64_t> shape;
  for (const View::Dim& dim : view->dims) shape.push_back(dim.extent);
  const std::string element = view->window ? fmt::format("[{}]", scalar_name(view->type)) : scalar_name(view->type);
  run->fault(Fault::OutOfBounds, fmt::format("{} is outside {}[{}]", text(), element, numbers(shape)));
}

void Element::report(Event::Kind kind) const {
  Event event{kind, run->stmt, run->iterator_values(), view->storage->name, view->base};
  for (size_t d = 0; d < index.size(); ++d) event.index[view->dims[d].of] += index[d]();
  (*run->trace)(event);
}

}  // namespace exo
