#include "emit/configuration.h"

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "target/c_type.h"

namespace exo {
namespace {

/// Fields that statements set, and fields that expressions of plain C read.
struct Touched {
  std::set<Sym> set, read;
};

Touched touched(const Block& block) {
  Touched out;
  each_stmt(block, [&](const StmtRef& s) {
    if (const Configure* n = as<Configure>(s)) out.set.insert(n->field);
  });
  each_expr(block, [&](const ExprRef& e) {
    for (const Sym sym : symbols(e))
      if (sym.is_field()) out.read.insert(sym);
  });
  return out;
}

std::set<Sym> variables_of(const Target& target, const Proc& proc, Configurations::Of of) {
  const Touched own = touched(proc.body);
  std::set<Sym> out = own.read;
  for (const Sym field : own.set) {
    if (of == Configurations::Of::Callee) out.insert(field);
    const Config* group = target.config_of(field);
    if (!group || group->c.pieces.empty() || group->fields.size() < 2) continue;
    out.insert(group->fields.begin(), group->fields.end());
  }
  each_stmt(proc.body, [&](const StmtRef& s) {
    const Call* n = as<Call>(s);
    if (n && !target.instruction_of(*n->callee))
      out.merge(variables_of(target, *n->callee, Configurations::Of::Callee));
  });
  return out;
}

std::string c_type_of(Sym field) {
  const Scalar type = field.field_type();
  return is_data(type) ? c_type(type) : type == Scalar::Bool ? "bool" : "int64_t";
}

}  // namespace

Configurations::Configurations(const Target& target, const Proc& proc, Of of) : target_(target), of_(of) {
  if (!all_fields().empty()) variables_ = variables_of(target, proc, of);
}

const std::string& Configurations::name(Sym field, CScope& scope) {
  std::string& name = names_[field];
  name = scope.names.fresh(c_identifier("config_" + field.name()));
  scope.spelled[field] = of_ == Of::Callee ? "(*" + name + ")" : name;
  return name;
}

std::vector<std::string> Configurations::parameters(CScope& scope) {
  std::vector<std::string> out;
  for (const Sym field : variables_) out.push_back(fmt::format("{} *const {}", c_type_of(field), name(field, scope)));
  return out;
}

void Configurations::declare(CScope& scope, CWriter& out) {
  for (const Sym field : variables_) {
    scope.buffers[field] = CStorage{CStorage::Value, Type{field.field_type(), {}, false}, nullptr, {}};
    const char* const zero = field.field_type() == Scalar::Bool ? "false" : "0";
    if (of_ != Of::Callee) out.line(fmt::format("{} {} = {};", c_type_of(field), name(field, scope), zero));
    out.line(fmt::format("(void){};", names_.at(field)));  // what only the hardware reads is set and not read here
  }
}

std::string Configurations::value(Sym field, const ExprRef& e, CExpr& expr) const {
  return is_data(field.field_type()) ? expr.data(e, field.field_type()).text : expr.control(e).text;
}

void Configurations::write(const Configure& configure, bool last, CExpr& expr, CWriter& out) const {
  const bool kept = variables_.count(configure.field) > 0;
  if (kept)
    out.line(fmt::format("{} = {};", expr.name(configure.field), value(configure.field, configure.value, expr)));
  const Config* group = target_.config_of(configure.field);
  if (!group || group->c.pieces.empty() || !last) return;
  std::string c;
  for (const Template::Piece& piece : group->c.pieces) {
    const bool own = piece.hole && group->name + "." + piece.text == configure.field.name();
    if (!piece.hole)
      c += piece.text;
    else if (own && !kept)
      c += value(configure.field, configure.value, expr);
    else
      for (const Sym field : group->fields)
        if (group->name + "." + piece.text == field.name()) c += expr.name(field);
  }
  out.line(c);
}

std::vector<std::string> Configurations::arguments(const Proc& callee) const {
  std::vector<std::string> out;
  if (all_fields().empty()) return out;
  for (const Sym field : variables_of(target_, callee, Of::Callee))
    out.push_back((of_ == Of::Callee ? "" : "&") + names_.at(field));
  return out;
}

void Configurations::after_instruction(const Call& call, CExpr& expr, CWriter& out) const {
  if (variables_.empty()) return;
  const auto refuse = [&](Sym field) {
    reject(Diagnostic{
        "emit-config",
        fmt::format("`{}` sets `{}` to what C cannot follow here", call.callee->name, field.name()),
        {},
        {},
        {}}.help("set the field with a statement, and let no other part of the program read it"));
  };
  Substitution arguments;
  for (size_t i = 0; i < call.args.size(); ++i)
    if (!is_data(call.callee->params[i].type.scalar)) arguments[call.callee->params[i].name] = call.args[i];
  for (const StmtRef& s : call.callee->body) {
    const Configure* n = as<Configure>(s);
    if (!n) {
      for (const Sym field : touched({s}).set)
        if (variables_.count(field)) refuse(field);
      continue;
    }
    if (!variables_.count(n->field)) continue;
    const ExprRef value_here = substitute(n->value, arguments);
    bool plain = !mentions_field(value_here);
    each_expr(n->value, [&](const ExprRef& e) { plain = plain && !as<Read>(e) && !as<Stride>(e); });
    if (!plain) refuse(n->field);
    out.line(fmt::format("{} = {};", expr.name(n->field), value(n->field, value_here, expr)));
  }
}

}  // namespace exo
