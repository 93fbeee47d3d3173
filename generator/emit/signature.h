// Parameters of a procedure as parameters of a C function.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "emit/names.h"
#include "emit/scope.h"
#include "ir/ir.h"

namespace exo {

struct CParam {
  enum Form {
    Control,  // int64_t N, bool b
    Value,    // float a: a scalar that is only read
    Scalar,   // float *a: a scalar that is written
    Dense,    // const float *A
    Window,   // struct exo_window_const_f32_2 A
  } form;
  Sym name;
  Type type;
  bool written;
  Span span;

  bool is_pointer() const { return form == Scalar || form == Dense || form == Window; }
};

/// The parameters of `proc`, of which `writes` are written.
std::vector<CParam> c_params(const Proc& proc, const std::set<Sym>& writes);

/// "const float *A".
std::string c_declaration(const CParam& param, const std::string& name);

/// "int64_t N, const float *A"; "void" for none. Declares the names.
std::string c_parameter_list(const std::vector<CParam>& params, CNames& names);

/// "struct exo_window_const_f32_2" and its guarded definition.
std::string window_type(exo::Scalar type, size_t rank, bool written);
std::string window_definition(exo::Scalar type, size_t rank, bool written);

/// How a parameter is held. The strides of a dense tensor that are no constant and no variable are new symbols, as is
/// each stride of a window.
CStorage storage_of(const CParam& param, CScope& scope);

/// Row-major strides of a shape.
Exprs dense_strides(const Exprs& shape);

}  // namespace exo
