// Checks expressions for check.cpp: control and data have different rules.
#pragma once

#include "ir/builtin.h"
#include "ir/check.h"

namespace exo {

class ExpressionChecker {
 public:
  ExpressionChecker(const Proc& proc, Problems& problems);

  void integer(const ExprRef& e);            // a whole number of control
  void condition(const ExprRef& e);          // a truth value of control
  void branch_condition(const ExprRef& e);   // of an `if`: it may read any buffer
  void assertion(const ExprRef& e);          // a condition, for all of some numbers
  void data(const ExprRef& e, Scalar type);  // computed in `type`, which its parts must have
  /// Indices of an element; `span` is the whole access.
  void index(Span span, Sym buffer, const Exprs& index);

 protected:
  const Declaration& declared(Sym sym) const;
  /// A new problem, its first place the given one.
  Diagnostic& problem(const char* code, std::string message, Span span, std::string words = {});
  void point_at_declaration(Diagnostic& d, Sym sym) const;
  /// Reports that `e` has another type than its surroundings, and the conversion to write.
  void unlike(const ExprRef& e, Scalar type, const std::string& because, Scalar wanted);

  const Declarations names_;
  bool fields_ = false;  // may what is being checked depend on configuration?

 private:
  void comparison(const Binary& node);
  void not_a_number(const ExprRef& e);
  void data_in_control(const ExprRef& e);
  void element_in_control(const ExprRef& e, const Read& node);
  void not_a_condition(const ExprRef& e);
  void control_variable(const ExprRef& e, Sym sym);
  void field_in_place(const ExprRef& e, Sym sym);
  void control_operation(const ExprRef& e, const Binary& node);
  void stride_of(const ExprRef& e, const Stride& node);
  void divisor(const ExprRef& e);

  void control_in_data(const ExprRef& e, Scalar type);
  void element(const ExprRef& e, const Read& node);
  void constant(const ExprRef& e, Scalar type);
  void operation(const ExprRef& e, const Binary& node, Scalar type);
  void function(const ExprRef& e, const Builtin& node, Scalar type);
  void conversion(const ExprRef& e, const Builtin& node, const FunctionInfo& info);
  void data_condition(const ExprRef& e);
  void operands(const Exprs& operands, Scalar type);
  bool arity(const ExprRef& e, const Builtin& node);
  void misplaced_window(const ExprRef& e);
  void misplaced_forall(const ExprRef& e);

  Problems& problems_;
  bool reads_all_ = false;      // a condition that may read any buffer is being checked
  std::map<Sym, Span> places_;  // of declarations
};

/// "a size", "an index", "a buffer of f32": what the name of such a declaration is.
std::string kind_of(const Type& type);

}  // namespace exo
