#include "ir/values.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "support/diagnostic.h"

namespace exo {
namespace {

/// The nearest number with `bits` significant bits whose exponent lies in the range of the format.
double to_format(double value, int bits, int min_exponent, double largest) {
  if (!std::isfinite(value) || value == 0) return value;
  const int exponent = std::max(std::ilogb(value), min_exponent) - (bits - 1);
  const double nearest = std::ldexp(std::nearbyint(std::ldexp(value, -exponent)), exponent);
  return std::fabs(nearest) > largest ? std::copysign(std::numeric_limits<double>::infinity(), value) : nearest;
}

int bits_of(Scalar type) { return 8 * size_in_bytes(type); }
bool is_signed(Scalar type) { return type <= Scalar::I64; }

/// An integer as a double that rounds to any narrower float as the integer itself does: what does
/// not fit is made sticky.
double for_narrow_float(int64_t value) {
  constexpr int64_t kLow = (1 << 11) - 1;
  const bool negative = value < 0;
  uint64_t size = negative ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  if (size >= (uint64_t{1} << 53) && (size & kLow)) size = (size & ~static_cast<uint64_t>(kLow)) | (kLow + 1);
  return negative ? -static_cast<double>(size) : static_cast<double>(size);
}

int64_t saturated(Scalar to, double value) {
  if (std::isnan(value)) return 0;
  const double whole = std::nearbyint(value);
  if (whole <= static_cast<double>(lowest(to))) return lowest(to);
  if (whole >= static_cast<double>(highest(to))) return highest(to);
  return static_cast<int64_t>(whole);
}

/// The whole part modulo 2^64; 0 of what has none.
int64_t truncated(double value) {
  if (!std::isfinite(value)) return 0;
  const double size = std::fmod(std::trunc(std::fabs(value)), 0x1p64);
  const auto bits = static_cast<uint64_t>(size);
  return static_cast<int64_t>(value < 0 ? -bits : bits);
}

double float_operation(BinaryOp op, double a, double b) {
  switch (op) {
    case BinaryOp::Add:
      return a + b;
    case BinaryOp::Sub:
      return a - b;
    case BinaryOp::Mul:
      return a * b;
    case BinaryOp::Div:
      return a / b;
    case BinaryOp::Mod:
    case BinaryOp::Lt:
    case BinaryOp::Le:
    case BinaryOp::Gt:
    case BinaryOp::Ge:
    case BinaryOp::Eq:
    case BinaryOp::Ne:
    case BinaryOp::And:
    case BinaryOp::Or:
      break;
  }
  BUG("this operation is not for floats");
}

int64_t integer_operation(BinaryOp op, int64_t a, int64_t b) {
  const auto x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
  switch (op) {
    case BinaryOp::Add:
      return static_cast<int64_t>(x + y);
    case BinaryOp::Sub:
      return static_cast<int64_t>(x - y);
    case BinaryOp::Mul:
      return static_cast<int64_t>(x * y);
    case BinaryOp::Div:
      return b == 0 ? 0 : b == -1 ? static_cast<int64_t>(-x) : a / b;
    case BinaryOp::Mod:
      return b == 0 ? a : b == -1 ? 0 : a % b;
    case BinaryOp::Lt:
    case BinaryOp::Le:
    case BinaryOp::Gt:
    case BinaryOp::Ge:
    case BinaryOp::Eq:
    case BinaryOp::Ne:
    case BinaryOp::And:
    case BinaryOp::Or:
      break;
  }
  BUG("this operation is not for integers");
}

template <class Number>
bool ordered(BinaryOp op, Number a, Number b) {
  switch (op) {
    case BinaryOp::Lt:
      return a < b;
    case BinaryOp::Le:
      return a <= b;
    case BinaryOp::Gt:
      return a > b;
    case BinaryOp::Ge:
      return a >= b;
    case BinaryOp::Eq:
      return a == b;
    case BinaryOp::Ne:
      return a != b;
    case BinaryOp::Add:
    case BinaryOp::Sub:
    case BinaryOp::Mul:
    case BinaryOp::Div:
    case BinaryOp::Mod:
    case BinaryOp::And:
    case BinaryOp::Or:
      break;
  }
  BUG("this operation is no comparison");
}

double float_function(Function function, double x) {
  switch (function) {
    case Function::Sqrt:
      return std::sqrt(x);
    case Function::Exp:
      return std::exp(x);
    case Function::Log:
      return std::log(x);
    case Function::Sin:
      return std::sin(x);
    case Function::Cos:
      return std::cos(x);
    case Function::Tanh:
      return std::tanh(x);
    case Function::Erf:
      return std::erf(x);
    case Function::Round:
      return std::nearbyint(x);
    case Function::Sigmoid:
    case Function::Relu:
    case Function::Select:
    case Function::Abs:
    case Function::Max:
    case Function::Min:
    case Function::Clamp:
    case Function::Convert:
    case Function::Saturate:
      break;
  }
  BUG("this function is not one of a single float");
}

const Cell kUndefined{};

}  // namespace

int64_t lowest(Scalar type) { return is_signed(type) ? -(int64_t{1} << (bits_of(type) - 2)) * 2 : 0; }
int64_t highest(Scalar type) {
  const int bits = bits_of(type) - (is_signed(type) ? 1 : 0);
  return bits == 63 ? std::numeric_limits<int64_t>::max() : (int64_t{1} << bits) - 1;
}

double rounded(Scalar type, double value) {
  switch (type) {
    case Scalar::F64:
    case Scalar::R:
      return value;
    case Scalar::F32:
      return static_cast<float>(value);
    case Scalar::F16:
      return to_format(value, 11, -14, 65504.0);
    case Scalar::BF16:
      return to_format(value, 8, -126, 0x1.fep127);
    case Scalar::I8:
    case Scalar::I16:
    case Scalar::I32:
    case Scalar::I64:
    case Scalar::U8:
    case Scalar::U16:
    case Scalar::U32:
    case Scalar::Size:
    case Scalar::Index:
    case Scalar::Int:
    case Scalar::Bool:
    case Scalar::Stride:
      break;
  }
  BUG("this type is no float");
}

int64_t wrapped(Scalar type, int64_t value) {
  switch (type) {
    case Scalar::I8:
      return static_cast<int8_t>(value);
    case Scalar::I16:
      return static_cast<int16_t>(value);
    case Scalar::I32:
      return static_cast<int32_t>(value);
    case Scalar::I64:
      return value;
    case Scalar::U8:
      return static_cast<uint8_t>(value);
    case Scalar::U16:
      return static_cast<uint16_t>(value);
    case Scalar::U32:
      return static_cast<uint32_t>(value);
    case Scalar::F16:
    case Scalar::BF16:
    case Scalar::F32:
    case Scalar::F64:
    case Scalar::R:
    case Scalar::Size:
    case Scalar::Index:
    case Scalar::Int:
    case Scalar::Bool:
    case Scalar::Stride:
      break;
  }
  BUG("this type is no integer of data");
}

Cell real_cell(Scalar type, double value) { return {rounded(type, value), 0, true}; }
Cell integer_cell(Scalar type, int64_t value) { return {0, wrapped(type, value), true}; }

Cell negated(Scalar type, const Cell& a) {
  if (!a.defined) return kUndefined;
  if (is_float(type)) return {-a.real, 0, true};
  return integer_cell(type, static_cast<int64_t>(-static_cast<uint64_t>(a.integer)));
}

Cell arithmetic(BinaryOp op, Scalar type, const Cell& a, const Cell& b) {
  if (!a.defined || !b.defined) return kUndefined;
  if (is_float(type)) return real_cell(type, float_operation(op, a.real, b.real));
  return integer_cell(type, integer_operation(op, a.integer, b.integer));
}

bool compare(BinaryOp op, Scalar type, const Cell& a, const Cell& b) {
  return is_float(type) ? ordered(op, a.real, b.real) : ordered(op, a.integer, b.integer);
}

Cell converted(Function kind, Scalar from, Scalar to, const Cell& a) {
  if (!a.defined) return kUndefined;
  if (is_float(from) && is_float(to)) return real_cell(to, a.real);
  if (is_float(from)) return integer_cell(to, kind == Function::Saturate ? saturated(to, a.real) : truncated(a.real));
  if (to == Scalar::F64) return real_cell(to, static_cast<double>(a.integer));
  if (is_float(to)) return real_cell(to, for_narrow_float(a.integer));
  if (kind == Function::Convert) return integer_cell(to, a.integer);
  return integer_cell(to, std::clamp(a.integer, lowest(to), highest(to)));
}

/// Like the C of it: each operation rounds, those of halves as floats.
double sigmoid(Scalar type, double x) {
  const Scalar as = type == Scalar::F64 ? type : Scalar::F32;
  const double e = rounded(as, std::exp(-std::fabs(x)));
  return rounded(as, (x < 0 ? e : 1) / rounded(as, 1 + e));
}

Cell applied(Function function, Scalar type, const Cell& a, const Cell& b, const Cell& c) {
  const Cell zero = is_float(type) ? real_cell(type, 0) : integer_cell(type, 0);
  if (!a.defined) return kUndefined;
  switch (function) {
    case Function::Relu:
      return compare(BinaryOp::Gt, type, a, zero) ? a : zero;
    case Function::Abs:
      if (is_float(type)) return {std::fabs(a.real), 0, true};
      return a.integer < 0 ? negated(type, a) : a;
    case Function::Max:
      return !b.defined ? kUndefined : compare(BinaryOp::Gt, type, a, b) ? a : b;
    case Function::Min:
      return !b.defined ? kUndefined : compare(BinaryOp::Lt, type, a, b) ? a : b;
    case Function::Clamp:
      return applied(Function::Min, type, applied(Function::Max, type, a, b, zero), c, zero);
    case Function::Select:
    case Function::Convert:
    case Function::Saturate:
      BUG("this function is not applied to plain values");
    case Function::Sigmoid:
      return real_cell(type, sigmoid(type, a.real));
    case Function::Sqrt:
    case Function::Exp:
    case Function::Log:
    case Function::Sin:
    case Function::Cos:
    case Function::Tanh:
    case Function::Erf:
    case Function::Round:
      break;
  }
  return real_cell(type, float_function(function, a.real));
}

std::string cell_text(Scalar type, const Cell& cell) {
  if (!cell.defined) return "no value";
  return is_float(type) ? fmt::format("{}", cell.real) : fmt::format("{}", cell.integer);
}

}  // namespace exo
