// Types, shapes and scopes of a procedure. Bounds are a matter for analysis/.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "ir/ir.h"
#include "support/diagnostic.h"

namespace exo {

/// Adds a problem for each thing that has no meaning: data where control is needed, unequal ranks, unlike precision in
/// one operation, a division by what is not a positive constant, an assignment to a size ... (Two things of one name are
/// a matter for the parser: afterwards symbols tell them apart.)
void check(const Proc& proc, Problems& problems);

/// Declared type and memory of every buffer and control variable of a procedure, its parameters included.
struct Declaration {
  Type type;
  std::string memory;
  bool is_param = false;
  std::optional<Window> alias;   // of a name for a part: the part of the parameter or allocation that is behind it
  bool is_index_tensor = false;  // a parameter of integers that nothing writes: control may depend on its elements
};

/// What names were declared as, in the order of their symbols. Copies share their content until one of them is changed.
class Declarations {
 public:
  using Entries = std::vector<std::pair<Sym, Declaration>>;
  Declarations() = default;
  explicit Declarations(Entries entries);  // of a name that occurs twice, the last one counts

  Entries::const_iterator begin() const { return entries().begin(); }
  Entries::const_iterator end() const { return entries().end(); }
  Entries::const_iterator find(Sym name) const;
  size_t count(Sym name) const { return find(name) != end() ? 1 : 0; }
  const Declaration& at(Sym name) const;
  void set(Sym name, Declaration declaration);

 private:
  std::shared_ptr<Entries> entries_;  // changed only where nobody else holds it
  const Entries& entries() const;
};
Declarations declarations(const Proc& proc);

/// Parameters of integers that the procedure never writes: what is known of their elements at entry holds throughout.
std::map<Sym, Scalar> index_tensors(const Proc& proc);

/// Those of them whose elements decide which elements are touched: they stand in indices, bounds or assertions, here or in a callee.
std::set<Sym> deciding(const Proc& proc);

/// What an Alias declares, among the names declared before it.
Declaration declared(const Alias& alias, const Declarations& names);

/// The part that the name stands for, in terms of a parameter or allocation; null where it is one of these itself.
const Window* alias_of(const Declarations& names, Sym buffer);
/// The parameter or allocation that the name stands for a part of, or itself.
Sym behind(const Declarations& names, Sym buffer);

/// A window of a window as one window: points stay points, ranges shift.
Window through(const Window& outer, const Window& inner);

/// The extent of a range.
ExprRef length(const Slice& slice);

/// Element type of a data expression; literals take the type `context`.
Scalar type_of(const ExprRef& e, const Declarations& names, Scalar context);

/// Type in which the operand of a conversion is computed; literals alone are i64, or f64 where one of them is a Float.
Scalar operand_type(const ExprRef& operand, const Declarations& names);

/// Type of the operands of a comparison inside `select`: data, or Index where it compares control.
Scalar compared_type(const Binary& comparison, const Declarations& names);

/// Does the expression read data, or compute with it? Literals alone do not.
bool is_data_expr(const ExprRef& e);

/// Is it made of numbers that never change: control, and elements of index tensors?
bool is_fixed(const ExprRef& e, const Declarations& names);
bool is_fixed(const ExprRef& e, const std::function<bool(Sym)>& is_index_tensor);

/// A comparison in a condition of control: are both sides whole numbers (control, elements of integer buffers), so that it is exact?
bool is_exact(const Binary& comparison, const Declarations& names);

/// Calls BUG where a program breaks an invariant of ir.h: unknown symbols, one symbol bound twice, a null child, a label
/// that cannot be written, or anything that `check` would report. Run after every step in tests.
void verify(const Proc& proc);

}  // namespace exo
