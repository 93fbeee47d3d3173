#include "fuzz/shapes.h"

#include <fmt/format.h>

#include "support/text.h"

namespace exo::testing {
namespace {

/// A program whose configuration decides what is computed: every field is set first, then set and read again anywhere.
class Configured {
 public:
  explicit Configured(Random& random) : r_(random) {}

  std::string program() {
    out_ = "def fuzz(n : size, m : size, flag : bool, s : f32, A : f32[4, m + 4], B : f32[4, 4], x : f32[n + 8], y : f32[n + 8], z : i32[n + 8]):\n";
    for (const char* field : {"ld.stride", "ex.scale", "ex.act", "ex.n"})
      if (r_.chance(97)) set(1, field);
    block(1, 3);
    return out_;
  }

 private:
  Random& r_;
  std::string out_;
  std::vector<std::string> loops_;
  int statements_ = 0;

  void line(int depth, const std::string& text) { out_ += std::string(static_cast<size_t>(4 * depth), ' ') + text + "\n"; }
  std::string at() { return loops_.empty() || r_.chance(15) ? r_.of({"0", "3", "n"}) : r_.of(loops_) + r_.of({"", "", " + 4"}); }
  std::string condition() {
    if (loops_.empty() || r_.chance(40)) return r_.of({"flag", "n > 2", "m == 4", "not flag"});
    return fmt::format("{} {} {}", r_.of(loops_), r_.of({"<", ">", "=="}), r_.of({"1", "2", "m"}));
  }
  std::string scale() { return r_.chance(60) ? r_.of({"s", "2.0", "3.0", "s"}) : r_.chance(50) ? "x[" + at() + "]" : "s + 1.0"; }

  void set(int depth, const std::string& field) {
    if (field == "ld.stride") line(depth, "ld.stride = " + r_.of({"stride(A, 0)", "stride(A, 0)", "m + 4", "4", "n"}));
    else if (field == "ex.scale") line(depth, "ex.scale = " + scale());
    else if (field == "ex.act") line(depth, "ex.act = " + condition());
    else line(depth, "ex.n = " + (loops_.empty() || r_.chance(50) ? r_.of({"n", "3", "m"}) : r_.of(loops_)));
  }

  void compute(int depth) {
    const std::string i = at();
    switch (r_.between(0, 8)) {
      case 0:
      case 1: return line(depth, fmt::format("y[{}] = x[{}] * ex.scale", i, i));
      case 2: return line(depth, fmt::format("y[{}] += ex.scale", i));
      case 3: return line(depth, fmt::format("y[{}] = select(ex.act, relu(x[{}]), x[{}])", i, i, i));
      case 4: return line(depth, fmt::format("z[{}] += i32(ex.n)", i));
      case 5: return line(depth, fmt::format("y[{}] = s * x[{}]", i, i));
      case 6: return line(depth, fmt::format("x[{}] {} y[{}]", i, r_.of({"=", "+="}), i));
      case 7: return line(depth, fmt::format("z[{}] = i32(ld.stride)", i));
      default: break;
    }
    line(depth, "for l in seq(0, 4):");
    line(depth + 1, r_.of({"y[l] = x[l] * ex.scale", "y[l] = x[l] * s", "y[l + 4] = select(ex.act, relu(x[l]), x[l])", "y[l] = select(flag, relu(x[l]), x[l])"}));
  }

  void tile(int depth) {
    if (r_.chance(15)) {  // nothing is known of ld and ex.act afterwards
      line(depth, r_.of({"erase_tile(B[0:4, 0:4])", "erase_tile(A[0:4, 0:4])"}));
      if (r_.chance(80)) set(depth, "ex.act"), set(depth, "ld.stride");
      return;
    }
    if (r_.chance(10)) {
      line(depth, "for i5 in seq(0, 4):");
      line(depth + 1, "for j5 in seq(0, 4):");
      return line(depth + 2, "B[i5, j5] = 0.0");
    }
    if (r_.chance(70)) {
      set(depth, "ld.stride");
      return line(depth, r_.of({"ld_tile(4, 4, A[0:4, 0:4], B[0:4, 0:4])", "ld_tile(2, 4, A[1:3, m:m + 4], B[0:2, 0:4])", "ld_tile(4, 4, B[0:4, 0:4], A[0:4, 0:4])"}));
    }
    line(depth, "for i4 in seq(0, 4):");
    line(depth + 1, "for j4 in seq(0, 4):");
    line(depth + 2, r_.of({"B[i4, j4] = A[i4, j4]", "A[i4, j4] = B[i4, j4]", "B[i4, j4] = A[i4, j4 + m]"}));
  }

  void block(int depth, int budget) {
    const int64_t count = r_.between(1, depth == 1 ? 3 : 2);
    for (int64_t k = 0; k < count; ++k) {
      ++statements_;
      const int64_t kind = statements_ > 14 ? 99 : r_.between(0, 99);
      if (budget > 0 && kind < 40) {
        const std::string i = fmt::format("{}{}", "ijk"[depth % 3], statements_);
        line(depth, fmt::format("for {} in seq({}, {}):", i, r_.of({"0", "0", "1"}), r_.of({"n", "n", "min(n, 3)"})));
        loops_.push_back(i);
        block(depth + 1, budget - 1);
        loops_.pop_back();
      } else if (budget > 0 && kind < 52) {
        line(depth, fmt::format("if {}:", r_.of({"ex.act", "ex.act", "not ex.act", "ex.n > 2", "ex.n == n", "ld.stride == m + 4"})));
        block(depth + 1, budget - 1);
        if (r_.chance(25)) line(depth, "else:"), block(depth + 1, 0);
      } else if (kind < 72) {
        set(depth, r_.of({"ld.stride", "ex.scale", "ex.scale", "ex.act", "ex.act", "ex.n"}));
      } else if (kind < 84) {
        tile(depth);
      } else {
        compute(depth);
      }
    }
  }
};

}  // namespace

RandomProgram random_configured(Random& random) { return {Configured(random).program(), "accel"}; }

}  // namespace exo::testing
