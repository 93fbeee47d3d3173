// Parameter expressions: integers, truth values, params, and what the target says of itself.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/diagnostic.h"
#include "target/target.h"

namespace exo {

/// What the names of an expression mean.
struct Values {
  const Target* target = nullptr;
  std::function<int64_t(const std::string& name, Span where)> param;  // rejects names that it does not know
  /// Functions that look at the program under way, `extent(i)`; empty where there is none. Rejects what it does not know.
  std::function<int64_t(const std::string& name, const std::vector<Text>& args, Span where)> function = {};
  std::function<Scalar(const Text& what)> type = {};  // of a buffer or statement
};

/// Value of "4*VL", "target.lanes(f32)", "MR*(NR/VL) + 1 <= target.registers", "type(C.update) == f32", "'{tail}' == 'mask'" ...;
/// a condition is 1 or 0. `/` and `%` floor. What stands behind a decided `and` or `or` is not evaluated.
int64_t evaluate(const Text& text, const Values& values);

/// The params of a recipe for one variant: each may use others, in any order. Rejects cycles and unknown names.
class Params {
 public:
  Params(std::map<std::string, Text> expressions, const Target* target)
      : expressions_(std::move(expressions)), target_(target) {}

  int64_t value(const Text& expression);
  /// All of them, evaluated.
  std::map<std::string, int64_t> all();

 private:
  std::map<std::string, Text> expressions_;
  const Target* target_;
  std::map<std::string, int64_t> known_;
  std::vector<std::string> open_;  // being evaluated, for cycles

  int64_t named(const std::string& name, Span where);
};

}  // namespace exo
