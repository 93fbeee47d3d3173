// Expressions in C.
#pragma once

#include <optional>
#include <string>

#include "emit/scope.h"
#include "ir/builtin.h"

namespace exo {

/// Binding strength of C operators, weakest first.
enum class Prec : uint8_t { Any, Choice, Or, And, Compare, Add, Mul, Unary, Primary };

/// A piece of C and how strongly its outermost operator binds.
struct CTerm {
  std::string text;
  Prec prec = Prec::Primary;
  /// With parentheses where it stands among operators of strength `around`.
  std::string in(Prec around) const { return prec < around ? "(" + text + ")" : text; }
};

class CExpr {
 public:
  CExpr(CScope& scope, CHelpers& helpers) : scope_(scope), helpers_(helpers) {}

  /// An int64_t, or a bool.
  CTerm control(const ExprRef& e);
  /// What an `if` asks, or an assertion: comparisons of whole numbers are exact.
  CTerm condition(const ExprRef& e);
  /// A value of the element type `type`.
  CTerm data(const ExprRef& e, Scalar type);
  /// One element, to read or to write.
  CTerm element(Sym buffer, const Exprs& index);
  /// The address of the first element of a window, as a pointer to elements.
  std::string address(const Window& window);
  /// The distance in elements between neighbours along a dimension of a buffer.
  ExprRef stride_of(Sym buffer, size_t dim);
  std::string name(Sym sym);

  /// `target op= rhs`, as one statement.
  std::string store(Sym buffer, const Exprs& index, const ExprRef& rhs);
  std::string reduce(ReduceOp op, Sym buffer, const Exprs& index, const ExprRef& rhs);

 private:
  CTerm control_binary(const Binary& b);
  CTerm comparison(const Binary& b);
  std::optional<bool> decided_by_type(const Binary& b) const;
  CTerm integer(const ExprRef& e, Scalar type);
  CTerm wide(const ExprRef& e, Scalar type);
  CTerm function(const Builtin& f, Scalar type);
  CTerm conversion(const Builtin& f, const FunctionInfo& info);
  /// Floats of 16 bits (c_half.cpp): the value as it is stored, and as a `float` which is the value (`rounded`) or rounds to it.
  CTerm half(const ExprRef& e, Scalar type);
  CTerm half_value(const ExprRef& e, Scalar type, bool rounded);
  CTerm half_function(const Builtin& f, Scalar type, bool rounded);
  CTerm offset(Sym buffer, const Exprs& index);
  CTerm base(Sym buffer);
  Scalar operand_type(const ExprRef& e, Scalar context);
  bool is_data(const ExprRef& e) const;

  CScope& scope_;
  CHelpers& helpers_;
  bool exact_ = false;  // inside of a condition
};

/// `a op b`, with the parentheses that it takes; and how strongly the operator binds.
CTerm c_infix(const CTerm& a, BinaryOp op, const CTerm& b);

/// Floats that C stores as their bits and computes as `float`: f16 and bf16.
inline bool is_half(Scalar type) { return type == Scalar::F16 || type == Scalar::BF16; }

/// A literal of the type: "1.5f", "(-3)".
std::string c_literal(double value, Scalar type);
std::string c_literal(int64_t value, Scalar type);

}  // namespace exo
