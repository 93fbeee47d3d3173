// Configuration fields in C: variables that say what the hardware holds, and the statements that tell it.
#pragma once

#include "emit/c_expr.h"
#include "emit/c_writer.h"

namespace exo {

/// Of one C function. A field has a variable where plain C reads it, where its group has other fields, whose values the C of the
/// target wants too, and where a function that is called needs it, which gets its address. A field that no statement has set yet
/// counts as 0 there, which nothing looks at.
class Configurations {
 public:
  enum class Of : uint8_t { Kernel, Callee };
  Configurations(const Target& target, const Proc& proc, Of of);

  /// Of a kernel: declares the variables. Of a callee: the parameters, and what makes their names known.
  void declare(CScope& scope, CWriter& out);
  std::vector<std::string> parameters(CScope& scope);

  /// The statements for `configure`; `last`: the next statement sets no other field of its group, so that the hardware is told.
  void write(const Configure& configure, bool last, CExpr& expr, CWriter& out) const;
  /// What a call of another function gets.
  std::vector<std::string> arguments(const Proc& callee) const;
  /// What a call of an instruction leaves in the variables.
  void after_instruction(const Call& call, CExpr& expr, CWriter& out) const;
  bool same_group(Sym a, Sym b) const { return target_.config_of(a) && target_.config_of(a) == target_.config_of(b); }

 private:
  const std::string& name(Sym field, CScope& scope);
  std::string value(Sym field, const ExprRef& e, CExpr& expr) const;

  const Target& target_;
  Of of_;
  std::set<Sym> variables_;
  std::map<Sym, std::string> names_;
};

}  // namespace exo
