#include "fuzz/writes.h"

#include <fmt/format.h>

namespace exo::testing {
namespace {

/// Sums, stores and copies of values that rewrites of expressions are about, right and nearly right.
RandomProgram writes(Random& r) {
  const std::string type = r.of({"f32", "f32", "f64", "i32", "i8", "u8"});
  const bool whole = type[0] == 'i' || type[0] == 'u';
  const auto number = [&](int64_t lo, int64_t hi) { return fmt::format("{}{}", r.between(lo, hi), whole ? "" : ".0"); };
  std::string text;
  const bool calls = r.chance(25);
  if (calls) text += fmt::format("def touch(c : size, p : [{0}][c]):\n    for e in seq(0, c):\n        p[e] {1} {2}\n\n", type, r.of({"=", "+="}), number(0, 2));
  text += fmt::format("def kernel(n : size, m : size, a : {0}[n + 4], b : {0}[m + 4], x : {0}[n + 4], y : {0}[n + 4]):\n", type);
  const bool named = r.chance(30);
  if (named) text += fmt::format("    w = x[{}:n + 3]\n", r.of({"0", "1"}));
  const bool outside = r.chance(25);
  if (outside) text += fmt::format("    t : {}\n    t = {}\n", type, number(0, 2));
  const std::string lo = r.of({"0", "0", "1", "2"});
  text += fmt::format("    for i in seq({}, n):\n", lo);
  const auto line = [&](const std::string& s) { text += "        " + s + "\n"; };
  const auto value = [&] {
    return r.of(std::vector<std::string>{"a[i]", "a[i + 1]", "y[i]", "x[i]", "x[i + 1]", named ? "w[i]" : "x[i]", number(0, 3)});
  };
  const auto compound = [&] {
    const std::string p = value(), q = value(), s = value();
    return r.of(std::vector<std::string>{p + " + " + q, p + " * " + q, fmt::format("{} * ({} + {})", number(1, 2), p, q), fmt::format("{} + ({} - {})", p, q, s), fmt::format("max({}, {})", p, q), p, fmt::format("({} - {}) * {}", p, q, number(1, 3)),
                                         fmt::format("max({}, min({}, {}))", p, q, s)});
  };
  for (int count = static_cast<int>(r.between(1, 3)); count > 0; --count) switch (r.between(0, 6)) {
      case 0:   // a sum with a factor
        if (r.chance(85)) line(fmt::format("y[i{}] = {}", r.chance(90) ? "" : " + 1", r.chance(80) ? number(0, 0) : number(1, 1)));
        line(fmt::format("for j in seq({}, {}):", r.of({"0", "0", "1"}), r.of({"m", "m + 1", "4"})));
        line(fmt::format("    y[i] += {} * {}", r.of(std::vector<std::string>{"a[i]", number(2, 3), "x[i]", "b[j]"}), r.of({"b[j % 4]", "b[j % 4]", "y[i]", "x[i + 1]"})));
        break;
      case 1: line(fmt::format("x[i] = x[i{}] {} {}", r.chance(85) ? "" : " + 1", r.of({"+", "-"}), value())); break;
      case 2: line(fmt::format("x[i] = {} + x[i]", value())); break;
      case 3:   // twice the same place
        line(fmt::format("{}[i] {} {}", named && r.chance(30) ? "w" : "x", r.of({"=", "=", "+=", "max="}), value()));
        line(fmt::format("x[i{}] {} {}", r.chance(85) ? "" : " + 1", r.of({"+=", "+=", "=", "max="}), value()));
        break;
      case 4:
      case 5:   // a value of its own
        if (!outside || r.chance(30)) line(fmt::format("t{} : {}", count, type));
        else if (r.chance(50)) line("y[i] = t");
        if (text.find(fmt::format("t{} : ", count)) != text.npos) {
          line(fmt::format("t{} = {}", count, compound()));
          if (r.chance(40)) line(fmt::format("{}[i] = {}", r.of({"x", "y"}), value()));
          if (calls && r.chance(40)) line("touch(n - i, x[i:n])");
          if (r.chance(20)) line(fmt::format("if i < 3:\n            t{} = {}", count, value()));
          line(fmt::format("{0}[i] {1} t{2} * {3}", r.of({"x", "y"}), r.of({"=", "+="}), count, r.chance(50) ? fmt::format("t{}", count) : number(1, 2)));
        } else {
          line("t = " + compound());
          line(fmt::format("y[i] {} t + {}", r.of({"=", "+="}), value()));
        }
        break;
      default: line(fmt::format("{}[i] {} {}", r.of({"x", "y"}), r.of({"=", "+=", "max="}), compound())); break;
    }
  return {text, r.of({"portable", "avx2"})};
}

/// One loop in two halves, or nearly.
RandomProgram halves(Random& r) {
  const std::string type = r.of({"f32", "f32", "f64", "i32"}), one = type == "i32" ? "1" : "1.0", two = type == "i32" ? "2" : "2.0";
  std::string text = fmt::format("def kernel(n : size, m : size, x : {0}[n + 4], y : {0}[n + 4]):\n", type);
  if (r.chance(85)) text += "    assert m <= n\n";
  const std::string lo = r.of({"0", "0", "1", "-1"}), middle = r.of({"m", "m", "max(1, m)", "1"}), more = lo == "-1" ? " + 1" : "";
  const std::string body = fmt::format("x[i{0}] {1} {2}", more, r.of({"=", "+=", "max="}), r.of(std::vector<std::string>{"y[i" + more + "]", one, "x[i" + more + "] + " + two}));
  text += fmt::format("    for i in seq({}, {}):\n        {}\n", lo, middle, body);
  text += fmt::format("    for i in seq({}, {}):\n        {}\n", r.chance(85) ? middle : "m", r.of({"n", "n", "n + 1", "m"}), r.chance(90) ? body : "y[i] = " + one);
  return {text, r.of({"portable", "avx2"})};
}

}  // namespace

RandomProgram random_writes(Random& r) { return r.chance(80) ? writes(r) : halves(r); }

}  // namespace exo::testing
