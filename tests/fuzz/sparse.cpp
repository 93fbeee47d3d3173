#include "fuzz/sparse.h"

#include <fmt/format.h>

namespace exo::testing {
namespace {

/// Loops over the rows of a sparse matrix (`ptr`, `idx`, `v`), over its elements, and over vectors that are changed where they have
/// some value.
class Sparse {
 public:
  explicit Sparse(Random& random) : r_(random) {}

  RandomProgram program() {
    type_ = r_.of({"f32", "f32", "f64", "i32", "i32"});
    const std::string offsets = r_.of({"i32", "i32", "u16", "i64"}), indices = r_.of({"i32", "i32", "u8", "i64"});
    text_ = helper();
    text_ += fmt::format(
        "def kernel(n : size, m : size, l : size, ptr : {1}[n + 1], idx : {2}[l], v : {0}[l + 4], x : {0}[m + 4], "
        "y : {0}[n + 4], z : {0}[m]):\n",
        type_, offsets, indices);
    line(1, r_.chance(70) ? "assert ptr[0] == 0" : "assert 0 <= ptr[0]");
    line(1, "assert forall r in seq(0, n): ptr[r] <= ptr[r + 1]");
    line(1, r_.chance(70) ? "assert ptr[n] <= l" : "assert ptr[n] == l");
    line(1, "assert forall e in seq(0, l): 0 <= idx[e] and idx[e] < m");
    const int64_t count = r_.between(1, 3);
    for (int64_t k = 0; k < count; ++k) part(1);
    return {text_, r_.of({"portable", "avx2", "avx2", "avx512"})};
  }

 private:
  Random& r_;
  std::string type_, text_;
  bool has_helper_ = false;

  void line(int depth, const std::string& text) {
    text_ += std::string(static_cast<size_t>(4 * depth), ' ') + text + "\n";
  }
  std::string number() { return fmt::format("{}{}", r_.between(0, 3), type_ == "i32" ? "" : ".0"); }
  std::string compares() { return r_.of({"<", "<=", ">", ">=", "==", "!="}); }

  /// A procedure that decides by elements itself.
  std::string helper() {
    if (!r_.chance(25)) return {};
    has_helper_ = true;
    return fmt::format(
        "def helper(c : size, p : [{0}][c], q : [{0}][c]):\n    for e in seq(0, c):\n        if q[e] {1} {2}:\n"
        "            p[e] {3} q[e]\n\n",
        type_, compares(), number(), r_.of({"=", "+=", "max="}));
  }

  void part(int depth) {
    switch (r_.between(0, 9)) {
      case 0:
      case 1:
      case 2:
        return rows(depth);
      case 3:
        return scatter(depth);
      case 4:
        return gather(depth);
      case 5:
        return largest(depth);
      case 6:
        line(depth, fmt::format("for b in seq(0, {}):", r_.of({"2", "n", "3"})));
        return part(depth + 1);
      case 7:
        if (has_helper_) return line(depth, r_.of({"helper(m, z[0:m], x[0:m])", "helper(m, x[0:m], z[0:m])"}));
        return clip(depth);
      default:
        return clip(depth);
    }
  }

  /// y[i] += v[k] * x[idx[k]] over the rows.
  void rows(int depth) {
    line(depth, fmt::format("for i in {}(0, n):", r_.chance(15) ? "par" : "seq"));
    const bool local = r_.chance(30);
    const std::string sum = local ? "s" : "y[i]";
    if (local) line(depth + 1, "s : " + type_);
    if (local || r_.chance(60)) line(depth + 1, sum + " = " + number());
    line(depth + 1, fmt::format("for k in seq({}, ptr[i + 1]):", r_.of({"ptr[i]", "ptr[i]", "ptr[i]", "ptr[0]"})));
    int inside = depth + 2;
    if (r_.chance(30))
      line(inside++, fmt::format("if {}:", r_.of(std::vector<std::string>{
                                               "v[k] != " + number(), "idx[k] < n", "x[idx[k]] > " + number(),
                                               "k % 2 == 0", "idx[k] != idx[ptr[i]]", "y[i] < " + number()})));
    line(inside,
         fmt::format("{} {} {}", sum, r_.of({"+=", "+=", "+=", "max=", "="}),
                     r_.of({"v[k] * x[idx[k]]", "v[k] * x[idx[k]]", "v[k]", "x[idx[k]]", "v[k] + x[idx[k] + 1]"})));
    if (local) line(depth + 1, fmt::format("y[i] {} s", r_.of({"=", "+="})));
    if (r_.chance(20)) line(depth + 1, "y[i] += " + number());
  }

  /// z[idx[k]] += v[k]
  void scatter(int depth) {
    line(depth, "for k in seq(0, l):");
    if (r_.chance(25)) line(++depth, fmt::format("if {} {} {}:", r_.of({"z[idx[k]]", "v[k]"}), compares(), number()));
    line(depth + 1, fmt::format("z[idx[k]] {} {}", r_.of({"+=", "+=", "max=", "="}),
                                r_.of({"v[k]", "v[k] + v[k + 1]", "x[idx[k]]"})));
    if (r_.chance(25)) line(depth + 1, fmt::format("x[idx[k]] = {}", number()));
  }

  /// v[k] = x[idx[k]]
  void gather(int depth) {
    const std::string source = r_.of({"x[idx[k]]", "x[idx[k] + 1]", "z[idx[k]]", "x[idx[k]] + v[k + 1]"});
    line(depth, "for k in seq(0, l):");
    line(depth + 1, fmt::format("v[k] {} {}", r_.of({"=", "=", "+="}), source));
    if (r_.chance(40)) line(depth, "for k in seq(0, l):"), line(depth + 1, "z[idx[k]] = v[k]");
  }

  /// The largest element, kept in a local buffer.
  void largest(int depth) {
    line(depth, "t : " + type_);
    line(depth, fmt::format("t = {}", number()));
    line(depth, "for i in seq(0, n):");
    line(depth + 1, fmt::format("if y[i] {} t:", compares()));
    line(depth + 2, "t = y[i]");
    if (r_.chance(50)) line(depth + 2, fmt::format("y[i + 1] {} {}", r_.of({"=", "+="}), number()));
    if (r_.chance(50)) {
      line(depth, fmt::format("if t {} {}:", compares(), number()));
      line(depth + 1, "for i in seq(0, n):");
      line(depth + 2, fmt::format("y[i] {} t", r_.of({"=", "+="})));
    } else {
      line(depth, "y[0] = t");
    }
  }

  /// if y[i] < c: y[i] = c
  void clip(int depth) {
    const bool nested = r_.chance(30);
    line(depth, "for i in seq(0, n):");
    if (nested) line(++depth, fmt::format("for j in seq(0, {}):", r_.of({"m", "2", "4"})));
    const std::string place = nested ? r_.of({"x[j]", "y[i]", "y[i]"}) : r_.of({"y[i]", "y[i]", "y[i + 1]"});
    std::string condition = fmt::format("{} {} {}", r_.of(std::vector<std::string>{place, place, "y[0]", "y[i + 2]"}),
                                        compares(), r_.of(std::vector<std::string>{number(), number(), "y[i]"}));
    if (r_.chance(20)) condition += r_.of({" and i + 1 < m", " or y[i + 1] < y[i]", " and i % 2 == 0"});
    line(depth + 1, fmt::format("if {}:", condition));
    line(depth + 2, fmt::format("{} {} {}", r_.chance(80) ? place : "y[i]", r_.of({"=", "=", "+=", "min="}), number()));
    if (r_.chance(30)) line(depth + 2, "y[i + 1] = " + number());
    if (r_.chance(30))
      line(depth + 1, "else:"), line(depth + 2, fmt::format("{} = {}", r_.of(std::vector<std::string>{place, "y[i]"}),
                                                            r_.of({"y[i]", "y[i + 1]"})));
    if (r_.chance(20)) line(depth + 1, fmt::format("y[i] += {}", number()));
  }
};

}  // namespace

RandomProgram random_sparse(Random& random) { return Sparse(random).program(); }

}  // namespace exo::testing
