#include "emit/signature.h"

#include <fmt/format.h>

#include "ir/build.h"
#include "support/diagnostic.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo {

std::vector<CParam> c_params(const Proc& proc, const std::set<Sym>& writes) {
  std::vector<CParam> out;
  for (const Param& param : proc.params) {
    const bool written = writes.count(param.name) > 0;
    CParam::Form form = CParam::Control;
    if (is_data(param.type.scalar)) {
      if (std::string(c_type(param.type.scalar)).empty())
        reject(Diagnostic{
            "emit-type",
            fmt::format("`{}` is of type {}, which has no C type", param.name.name(), scalar_name(param.type.scalar)),
            {},
            {},
            {}}.at(param.span)
                   .help("choose f32, f64 or an integer type"));
      form = param.type.shape.empty() ? (written ? CParam::Scalar : CParam::Value)
             : param.type.window      ? CParam::Window
                                      : CParam::Dense;
    }
    out.push_back({form, param.name, param.type, written, param.span});
  }
  return out;
}

std::string c_declaration(const CParam& param, const std::string& name) {
  const std::string type = c_type(param.type.scalar);
  switch (param.form) {
    case CParam::Control:
    case CParam::Value:
      return type + " " + name;
    case CParam::Scalar:
    case CParam::Dense:
      return fmt::format("{}{} *{}", param.written ? "" : "const ", type, name);
    case CParam::Window:
      return window_type(param.type.scalar, param.type.shape.size(), param.written) + " " + name;
  }
  BUG("a parameter of no form");
}

std::string c_parameter_list(const std::vector<CParam>& params, CNames& names) {
  std::vector<std::string> list;
  for (const CParam& param : params) list.push_back(c_declaration(param, names.declare(param.name)));
  return list.empty() ? "void" : join(list, ", ");
}

namespace {
std::string window_tag(Scalar type, size_t rank, bool written) {
  return fmt::format("exo_window_{}{}_{}", written ? "" : "const_", scalar_name(type), rank);
}
}  // namespace

std::string window_type(Scalar type, size_t rank, bool written) { return "struct " + window_tag(type, rank, written); }

std::string window_definition(Scalar type, size_t rank, bool written) {
  const std::string tag = window_tag(type, rank, written);
  std::string guard = tag;
  for (char& c : guard) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return fmt::format(
      "#ifndef {0}\n#define {0}\nstruct {1} {{\n    {2}{3} *data;\n    int64_t strides[{4}]; /* in elements "
      "*/\n}};\n#endif\n",
      guard, tag, written ? "" : "const ", c_type(type), rank);
}

Exprs dense_strides(const Exprs& shape) {
  Exprs strides(shape.size());
  ExprRef product = num(1);
  for (size_t d = shape.size(); d-- > 0;) {
    strides[d] = product;
    product = shape[d] * product;
  }
  return strides;
}

CStorage storage_of(const CParam& param, CScope& scope) {
  CStorage out;
  out.type = param.type;
  const std::string name = scope.names[param.name];
  switch (param.form) {
    case CParam::Control:
      BUG("a control parameter has no storage");
    case CParam::Value:
      return out;
    case CParam::Scalar:
      out.kind = CStorage::Pointer;
      return out;
    case CParam::Dense:
      out.kind = CStorage::Pointer;
      out.strides = dense_strides(param.type.shape);
      return out;
    case CParam::Window:
      out.kind = CStorage::Window;
      for (size_t d = 0; d < param.type.shape.size(); ++d) {
        const Sym stride = Sym::fresh(fmt::format("{}_stride{}", param.name.name(), d));
        scope.spelled[stride] = fmt::format("{}.strides[{}]", name, d);
        out.strides.push_back(var(stride));
      }
      return out;
  }
  BUG("a parameter of no form");
}

}  // namespace exo
