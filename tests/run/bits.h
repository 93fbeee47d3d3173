// Elements as the bits that C keeps them in.
#pragma once

#include <cstring>
#include <string>

#include "exo/float16.h"
#include "ir/interpret.h"

namespace exo::testing {

/// The bits of an element, in the low bytes.
inline uint64_t bits_of(Scalar type, const Cell& cell) {
  if (!is_float(type)) return static_cast<uint64_t>(cell.integer) & (~uint64_t{0} >> (64 - 8 * size_in_bytes(type)));
  if (type == Scalar::F16) return exo_f16_of(cell.real);
  if (type == Scalar::BF16) return exo_bf16_of(cell.real);
  if (type == Scalar::F64) return exo_bits_of_double(cell.real);
  const float narrow = static_cast<float>(cell.real);
  uint32_t bits = 0;
  std::memcpy(&bits, &narrow, sizeof bits);
  return bits;
}

/// Exponent bits of a float type, all set: larger ones are no numbers. 0 for integers.
inline uint64_t infinity_bits(Scalar type) {
  switch (type) {
    case Scalar::F16:
      return 0x7c00;
    case Scalar::BF16:
      return 0x7f80;
    case Scalar::F32:
      return 0x7f800000;
    case Scalar::F64:
      return 0x7ff0000000000000;
    default:
      return 0;
  }
}

/// Are the two the same number, `units` in the last place aside? What is no number equals what is none.
inline bool same_bits(Scalar type, uint64_t a, uint64_t b, int64_t units = 0) {
  const uint64_t sign = uint64_t{1} << (8 * size_in_bytes(type) - 1), infinity = infinity_bits(type);
  if (a == b) return true;
  if (infinity == 0) return false;
  const uint64_t x = a & (sign - 1), y = b & (sign - 1);
  if (x > infinity && y > infinity) return true;
  if (x > infinity || y > infinity || units == 0) return false;
  const auto place = [&](uint64_t bits, uint64_t size) { return static_cast<int64_t>(size) * (bits & sign ? -1 : 1); };
  const int64_t gap = place(a, x) - place(b, y);
  return gap >= -units && gap <= units;
}

}  // namespace exo::testing
