// C types of elements.
#pragma once

#include "ir/ir.h"

namespace exo {

/// "float" for f32, "exo_f16" (its bits) for f16, "int64_t" for control integers; empty for R, whose precision is not chosen yet.
inline const char* c_type(Scalar type) {
  switch (type) {
    case Scalar::F16:
      return "exo_f16";
    case Scalar::BF16:
      return "exo_bf16";
    case Scalar::F32:
      return "float";
    case Scalar::F64:
      return "double";
    case Scalar::I8:
      return "int8_t";
    case Scalar::I16:
      return "int16_t";
    case Scalar::I32:
      return "int32_t";
    case Scalar::I64:
      return "int64_t";
    case Scalar::U8:
      return "uint8_t";
    case Scalar::U16:
      return "uint16_t";
    case Scalar::U32:
      return "uint32_t";
    case Scalar::Size:
    case Scalar::Index:
    case Scalar::Int:
    case Scalar::Stride:
      return "int64_t";
    case Scalar::Bool:
      return "bool";
    case Scalar::R:
      break;
  }
  return "";
}

}  // namespace exo
