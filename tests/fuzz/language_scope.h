// What a random program has in scope, and expressions made of it.
#pragma once

#include <string>
#include <vector>

#include "fuzz/random.h"

namespace exo::testing {

/// size + more; a plain constant where the size is empty.
struct Length {
  std::string size;
  int64_t more = 0;
  std::string text() const;
  /// The same, `by` longer.
  Length plus(int64_t by) const { return {size, more + by}; }
};

/// A control number: begin <= value < end.
struct Ranged {
  std::string text;
  int64_t begin = 0;
  Length end;
};

struct KnownTensor {
  std::string name, type;
  std::vector<Length> shape;
  bool writable = false;
  bool whole = false;      // dense: may be passed where no window is taken
  std::string base;        // the parameter or allocation behind it
  std::string first = {};  // inside a parallel loop: the only first index that may be touched
};

/// A parameter of integers, never written, that says where to look: its elements are from 0 up to `below`, and in order if they are
/// offsets of rows.
struct IndexTensor {
  std::string name;
  Length length, below;
  bool ordered = false;
};

/// Everything that is visible at one point, and expressions over it. Blocks save and restore it as a whole.
class LanguageScope {
 public:
  explicit LanguageScope(Random& random) : r_(random) {}

  std::vector<std::string> types;    // element types that this program uses
  std::vector<std::string> sizes;    // zero or more
  std::vector<std::string> numbers;  // control numbers of any value
  std::vector<std::string> flags;
  std::vector<Ranged> ranged;
  std::vector<KnownTensor> tensors;
  std::vector<IndexTensor> index_tensors;
  std::vector<std::string> names;  // everything that is taken

  /// A name that is free, now and then one that means something in C.
  std::string name(const char* stem);

  /// Any whole number.
  std::string number(int depth);
  /// A number n with 0 <= n < length.
  std::string index(const Length& length);
  std::string condition(int depth);
  /// One that may look at elements; whole numbers are exact in it, floats are of their type.
  std::string elements_condition(int depth);

  /// An element of the tensor, or nothing.
  std::string element(const KnownTensor& t);
  std::string data(const std::string& type, int depth);
  /// As `data`, at the outermost a function of the C library, which may be a few units off.
  std::string library_call(const std::string& type);
  std::string literal(const std::string& type);

 private:
  Random& r_;
  std::string looked_up(const Length& length);
  std::string whole_number();
  std::string bounded(const Ranged& i, const Length& length);
  std::string operation(const std::string& type, int depth);
  std::string function(const std::string& type, int depth);
  std::string conversion(const std::string& type, int depth);
  std::string data_condition(int depth);
};

bool is_float_name(const std::string& type);

}  // namespace exo::testing
