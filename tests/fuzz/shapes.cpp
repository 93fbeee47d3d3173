#include "fuzz/shapes.h"

#include <fmt/format.h>

namespace exo::testing {
namespace {

struct Element {
  std::string type, one, two;
};
Element element(Random& r) {
  const std::string type = r.of({"f32", "f32", "f32", "f64", "i32"});
  return type == "i32" ? Element{type, "1", "2"} : Element{type, "1.0", "2.0"};
}
std::string target(Random& r) { return r.of({"avx2", "avx2", "avx512", "portable"}); }

/// y[i] = f(x[i], a[i + 1], s[0]) over part of the vectors.
RandomProgram elementwise(Random& r) {
  const Element e = element(r);
  const std::string f = r.of({"x[i]", "x[i] + a[i + 1]", "x[i] * a[i]", "x[i + 2] * 2", "s[0] * x[i]", "x[i] - y[i]", "max(x[i], a[i])", "abs(x[i])",
                              "relu(x[i] + s[0])", "-x[i]", "select(x[i] < a[i], x[i], a[i])", "x[n - 1 - i]", "x[i] + x[i + 1] + x[i + 2]", "ONE",
                              "x[i] * TWO + a[i]", "min(x[i], TWO)", "y[i] + ONE", "x[2*i]", "a[i] * 1 + x[i + 1]", "x[i] * a[i] + x[i] * a[i]"});
  std::string rhs;
  for (size_t i = 0; i < f.size(); ++i) {
    if (f.compare(i, 3, "ONE") == 0) rhs += e.one, i += 2;
    else if (f.compare(i, 3, "TWO") == 0) rhs += e.two, i += 2;
    else rhs += f[i];
  }
  const std::string op = r.of({"=", "=", "+="});
  const std::string lo = r.of({"0", "0", "0", "1", "m"}), hi = r.of({"n", "n", "n", "n - 1", "min(n, 8)", "8"});
  const std::string guard = r.chance(25) ? fmt::format("        if {}:\n    ", r.of({"i < m", "m < 3", "i + 1 < n", "i % 2 == 0"})) : "";
  std::string text = fmt::format("def kernel(n : size, m : size, s : {0}[1], a : {0}[n + 9], x : {0}[2*n + 18], y : {0}[n + 9]):\n", e.type);
  if (r.chance(30)) text += fmt::format("    assert n {}\n", r.of({"% 8 == 0", ">= 8", ">= 16", "<= 8"}));
  if (hi == "8") text += "    assert n >= 1\n";
  text += fmt::format("    for i in {}({}, {}):\n{}        y[i] {} {}\n", r.chance(10) ? "par" : "seq", lo, hi, guard, op, rhs);
  if (r.chance(25)) text += fmt::format("    for i in seq(0, n):\n        y[i] {} x[i]\n", r.of({"+=", "max="}));
  if (r.chance(25)) text += fmt::format("    for i in seq(0, n):\n        {} {} {}\n", r.of({"y[n + 1]", "y[0]", "y[0]"}), r.of({"+=", "+=", "max=", "min="}), r.of({"x[i]", "x[i] * a[i]", "a[n - i]"}));
  return {text, target(r)};
}

/// Matrix products, plain and transposed, the sum over k in any place.
RandomProgram product(Random& r) {
  const Element e = element(r);
  const bool transposed = r.chance(30);
  std::string text = fmt::format("def kernel(N : size, M : size, K : size, A : {0}[{1}], B : {0}[K, M], C : {0}[N, M]):\n", e.type, transposed ? "K, N" : "N, K");
  if (r.chance(15)) text += fmt::format("    assert M % {} == 0\n", r.of({"4", "8"}));
  const std::string order = r.of({"ijk", "ijk", "ikj", "kij", "jki"});
  std::string margin = "    ";
  for (const char c : order) {
    text += fmt::format("{}for {} in seq(0, {}):\n", margin, c, c == 'i' ? "N" : c == 'j' ? "M" : "K");
    margin += "    ";
  }
  text += fmt::format("{}C[i, j] += {} * B[k, j]\n", margin, transposed ? "A[k, i]" : "A[i, k]");
  if (r.chance(25)) text += "    for i in seq(0, N):\n        for j in seq(0, M):\n            C[i, j] = relu(C[i, j])\n";
  return {text, target(r)};
}

/// A local buffer with room to spare: what is written beyond `m` may or may not be read.
RandomProgram spare(Random& r) {
  const Element e = element(r);
  const int64_t room = r.of(std::vector<int64_t>{4, 8, 16});
  std::string text = fmt::format("def kernel(n : size, m : size, x : {0}[n + 16], y : {0}[n + 16]):\n", e.type);
  text += fmt::format("    assert m <= {}\n    assert m <= n\n", room);
  const bool outside = r.chance(40);
  const std::string alloc = fmt::format("t : {}[{}]\n", e.type, r.chance(50) ? fmt::format("{}", room) : fmt::format("2, {}", room));
  const bool two = alloc.find(',') != alloc.npos;
  const std::string t = two ? "t[" + r.of({"0", "1", "b % 2"}) + ", " : "t[";
  if (outside) text += "    " + alloc;
  text += fmt::format("    for b in seq(0, {}):\n", r.of({"2", "n", "3"}));
  if (!outside) text += "        " + alloc;
  text += fmt::format("        for i in seq(0, m):\n            {}i] = {}\n", t, r.of({"x[i]", e.one.c_str(), "x[i] + x[i + 1]"}));
  if (r.chance(50)) text += fmt::format("        for i in seq(0, m):\n            if i < {}:\n                {}i] {} y[i]\n", r.of({"n", "b", "3"}), t, r.of({"=", "+="}));
  if (r.chance(25)) text += fmt::format("        for i in seq(m, {}):\n            {}i] = {}\n", room, t, e.two);
  text += fmt::format("        for i in seq(0, m):\n            y[i] {} {}i]\n", r.of({"=", "+="}), t);
  return {text, target(r)};
}

/// Lane loops over registers, ready for map; some are not what an instruction does.
RandomProgram lanes(Random& r) {
  const bool wide = r.chance(30);
  const std::string target = wide ? "avx512" : "avx2", memory = wide ? "zmm" : "ymm";
  const int64_t lanes = wide ? 16 : 8;
  std::string text = fmt::format("def kernel(n : size, m : size, x : f32[n + {0}], y : f32[n + {0}]):\n", 2 * lanes);
  if (r.chance(60)) text += fmt::format("    assert m <= {}\n", lanes);
  for (const char* v : {"u", "v", "w"}) text += fmt::format("    {} : f32[{}] @ {}\n", v, lanes, memory);
  const auto loop = [&](const std::string& body) { text += fmt::format("    for l in seq(0, {}):\n        {}\n", r.chance(90) ? lanes : lanes / 2, body); };
  const std::string off = r.of({"", " + 1", " + n"});
  loop(fmt::format("u[l] = x[l{}]", off));
  loop(r.of({"v[l] = x[l]", "v[l] = 0.0", "v[l] = x[0]", "v[l] = x[2*l]"}));
  loop("w[l] = 1.0");
  for (int k = 0; k < 2; ++k)
    loop(r.of({"w[l] += u[l] * v[l]", "w[l] = u[l] + v[l]", "w[l] = v[l] * u[l]", "u[l] = -v[l]", "v[l] = max(u[l], w[l])", "w[l] += u[l]", "u[l] = u[l] + v[l]"}));
  if (r.chance(50)) loop("if l < m:\n            y[l] = w[l]");
  else loop("y[l] = w[l]");
  if (r.chance(30)) loop("if l < m:\n            u[l] = x[l]"), loop("if l < m:\n            y[l] = u[l]");
  return {text, target};
}

/// Stencils and recurrences in place, where the order of iterations matters.
RandomProgram stencil(Random& r) {
  const Element e = element(r);
  std::string text = fmt::format("def kernel(n : size, m : size, x : {0}[n + 4, m + 4], y : {0}[n + 4, m + 4]):\n", e.type);
  const std::string source = r.of({"x", "x", "y"});
  text += fmt::format("    for i in seq({}, n):\n        for j in seq({}, m):\n", r.of({"0", "1"}), r.of({"0", "1"}));
  if (r.chance(40)) text += fmt::format("            t : {}\n            t = y[i, j]\n            x[i, j] = t + {}\n", e.type, e.one);
  text += fmt::format("            x[i{}, j{}] {} {}[i{}, j{}] + {}\n", r.of({"", " + 1"}), r.of({"", " + 1", " + 2"}), r.of({"=", "=", "+="}), source, r.of({"", " + 1", " + 2"}),
                      r.of({"", " + 1", " + 2"}), e.one);
  if (r.chance(50)) text += fmt::format("            y[i, j] {} x[i, j{}]\n", r.of({"=", "+=", "max="}), r.of({"", " + 1"}));
  return {text, target(r)};
}

/// Rows that are computed a little ahead of where they are read, so that few of them are alive.
RandomProgram sliding(Random& r) {
  const Element e = element(r);
  const bool rows = r.chance(30);
  const std::string more = rows ? ", 3" : "", j = rows ? ", j" : "";
  std::string text = fmt::format("def kernel(n : size, m : size, x : {0}[n + 9{1}], y : {0}[n + 9{1}]):\n    t : {0}[n + 9{1}]\n", e.type, more);
  const auto put = [&](int depth, const std::string& line) {
    const std::string margin(static_cast<size_t>(4 * depth), ' ');
    text += rows ? fmt::format("{0}for j in seq(0, 3):\n{0}    {1}\n", margin, line) : margin + line + "\n";
  };
  const int64_t ahead = r.between(0, 3);
  text += fmt::format("    for p in seq(0, {}):\n", ahead + r.between(0, 1)), put(2, fmt::format("t[p{0}] = x[p{0}] * {1}", j, e.two));
  text += fmt::format("    for i in {}(0, {}):\n", r.chance(5) ? "par" : "seq", r.of({"n", "n", "n + 2", "2*m"}));
  if (text.find("2*m") != text.npos) text.insert(text.find("    t :"), "    assert 2*m <= n\n");
  const std::string k = r.of({"i", "i", "i", "i + p"});
  if (k != "i") {
    text += fmt::format("        for p in seq(0, {}):\n", r.between(1, 4)), put(3, fmt::format("t[i + p{0}] = x[i + p{0}] + {1}", j, e.one));
  } else {
    put(2, fmt::format("t[i + {2}{0}] {3} x[i + {2}{0}] + {1}", j, e.one, ahead, r.of({"=", "=", "=", "+="})));
  }
  if (r.chance(25)) put(2, fmt::format("t[i + {1}{0}] += {2}", j, r.between(0, ahead), e.two));
  if (r.chance(25)) text += fmt::format("        v = t[i:i + 4{}]\n", rows ? ", 0:3" : ""), put(2, fmt::format("y[i{0}] = v[{1}{0}]", j, r.between(0, ahead)));
  put(2, fmt::format("y[i{0}] {3} t[i + {1}{0}] - t[i + {2}{0}]", j, r.between(0, ahead), r.between(0, ahead), r.of({"=", "+="})));
  if (r.chance(15)) put(1, fmt::format("y[0{0}] = t[{1}{0}]", j, r.of({"0", "n", "1"})));
  return {text, target(r)};
}

/// Two local buffers of one shape, written and read in turns.
RandomProgram turns(Random& r) {
  const Element e = element(r);
  const std::string extent = r.of({"4", "m"});
  std::string text = fmt::format("def copy(c : size, p : [{0}][c], q : [{0}][c]):\n    for e in seq(0, c):\n        p[e] = q[e]\n\n", e.type);
  text += fmt::format("def kernel(n : size, m : size, x : {0}[n + 4, m + 4], y : {0}[n + 4, m + 4]):\n", e.type);
  const std::string t = fmt::format("t : {}[{}]\n", e.type, extent), u = fmt::format("u : {}[{}]\n", e.type, r.chance(90) ? extent : "5");
  const bool together = r.chance(40);
  if (r.chance(70)) text += "    " + t;
  if (together) text += "    " + u;
  text += "    for i in seq(0, n):\n";
  if (text.find("t :") == text.npos) text += "        " + t;
  bool has_u = together;
  const auto write = [&](const std::string& b) {
    if (r.chance(25)) text += fmt::format("        copy({0}, {1}[0:{0}], x[i, 0:{0}])\n", extent, b);
    else text += fmt::format("        for j in seq({2}, {0}):\n            {1}[j] = x[i, j]{3}\n", extent, b, r.chance(90) ? "0" : "1", r.chance(30) ? " + " + e.one : "");
  };
  const auto use = [&](const std::string& b) {
    text += fmt::format("        for j in seq(0, {0}):\n            {1}\n", extent, fmt::format(fmt::runtime(r.of({"y[i, j] = {0}[j]", "y[i, j] += {0}[j] - {0}[0]", "{0}[j] += x[i, j]", "y[i + 1, j] = {0}[j]"})), b));
  };
  if (r.chance(80)) write("t");
  for (int k = 0; k < 4; ++k) {
    if (!has_u && r.chance(50)) text += "        " + u, has_u = true, write("u");
    const std::string b = has_u && r.chance(50) ? "u" : "t";
    if (r.chance(40)) write(b);
    else use(b);
  }
  return {text, target(r)};
}

/// A stage that computes a local buffer, and one that reads a neighbourhood of it: what moves into the other's nest.
RandomProgram stages(Random& r) {
  const Element e = element(r);
  const bool flat = r.chance(50);
  std::string text = fmt::format("def kernel(n : size, m : size, a : {0}[n + 6{1}], b : {0}[n + 6{1}]):\n", e.type, flat ? "" : ", m + 6");
  const std::string at = flat ? "i" : "i, j";
  const std::string first = r.of({"0", "0", "0", "1"}), inner = r.of({"0", "0", "i"});
  text += fmt::format("    t : {}[n + 4{}]\n", e.type, flat ? "" : ", m + 4");
  std::string body = r.of({"t[AT] = a[AT] * TWO", "t[AT] = a[AT] + a[SH]", "t[AT] = a[AT]\nt[AT] += a[SH]", "t[AT] = b[AT]", "s : TYPE\ns = a[SH]\nt[AT] = s * s",
                           "t[AT] = ONE\nfor k in seq(0, 3):\n    t[AT] += a[AT]", "if i < n + 2:\n    t[AT] = a[AT]"});
  const auto fill = [&](std::string line, const std::string& margin) {
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{{"AT", at}, {"SH", flat ? "i + 1" : "i + 1, j + 2"}, {"ONE", e.one}, {"TWO", e.two}, {"TYPE", e.type}, {"\n", "\n" + margin}})
      for (size_t k = line.find(from); k != line.npos; k = line.find(from, k + to.size())) line.replace(k, from.size(), to);
    return margin + line + "\n";
  };
  text += fmt::format("    for i in seq({}, n + {}):\n", first, r.of({"4", "4", "3"}));
  if (!flat) text += "        for j in seq(0, m + 4):\n";
  text += fill(body, flat ? "        " : "            ");
  const std::string lo = first == "0" ? r.of({"0", "0", "1"}) : "1";
  text += fmt::format("    for k in seq(0, {}):\n        for i in seq({}, {}):\n", r.of({"2", "n", "3"}), lo, r.of({"n", "n", "n + 2", "4"}));
  if (!flat) text += fmt::format("            for j in seq({}, m):\n", inner);
  const std::string x = r.of({"t[i", "t[i", "t[n + 1 - i"}), y = r.of({"t[i + 1", "t[i + 2", "t[2", "t[i / 2"});
  const std::string j = flat ? "]" : r.of({", j]", ", j + 1]", ", j + 2]"});
  const std::string sum = fmt::format("{} + {}", x + j, y + (flat ? "]" : ", j]"));
  const std::string margin = flat ? "            " : "                ";
  if (r.chance(15)) text += fmt::format("{}if i < m:\n    ", margin);
  text += fmt::format("{}{}[{}] {} {}\n", margin, r.of({"b", "b", "b", "a"}), at, r.of({"=", "+="}), r.chance(25) ? x + j : sum);
  return {text, r.of({"avx2", "avx512", "portable"})};
}

/// Two planes that live one after the other, their rows by constant number.
RandomProgram planes(Random& r) {
  const Element e = element(r);
  const std::string cols = r.of({"4", "4", "m"});
  std::string text = fmt::format("def kernel(n : size, m : size, x : {0}[n + 2, m + 8], y : {0}[n + 2, m + 8]):\n", e.type);
  const auto fill = [&](const std::string& b, const std::string& margin) {
    for (const char* row : {"0", "1"})
      text += fmt::format("{0}for j in seq(0, {1}):\n{0}    {2}[{3}, j] = x[i{4}, j] {5}\n", margin, cols, b, row, r.chance(30) ? " + 1" : "", r.of({"* x[i, j]", "", "", "+ x[i, 0]"}));
  };
  const auto use = [&](const std::string& b, const std::string& margin) {
    text += fmt::format("{0}for j in seq(0, {1}):\n{0}    y[i, j] {2} {3}[0, j] {4} {3}[{5}, j]\n", margin, cols, r.of({"=", "+="}), b, r.of({"+", "-"}), r.of({"1", "1", "1", "i % 2"}));
  };
  const bool outside = r.chance(30);
  const std::string t = fmt::format("t : {}[2, {}]\n", e.type, cols), u = fmt::format("u : {}[2, {}]\n", e.type, r.chance(85) ? cols : "5");
  if (outside) text += "    " + t + "    " + u;
  text += "    for i in seq(0, n):\n";
  const std::string margin = "        ";
  if (!outside) text += margin + t + (r.chance(50) ? margin + u : "");
  fill("t", margin), use("t", margin);
  if (!outside && text.find(" u :") == text.npos) text += margin + u;
  fill("u", margin), use(r.chance(80) ? "u" : "t", margin);
  return {text, target(r)};
}

/// Sums from a start, with factors that may stand behind them, and an expression that occurs more than once.
RandomProgram sums(Random& r) {
  const Element e = element(r);
  std::string text = fmt::format("def kernel(n : size, m : size, a : {0}[n + 1], x : {0}[n + 1, m + 1], y : {0}[n + 1]):\n", e.type);
  const bool local = r.chance(60);
  const std::string s = local ? "s" : "y[i]";
  text += "    for i in seq(0, n):\n";
  if (local) text += fmt::format("        s : {}\n", e.type);
  text += fmt::format("        {} = {}\n", s, r.of({e.type == "i32" ? "0" : "0.0", e.type == "i32" ? "0" : "0.0", e.one.c_str()}));
  text += fmt::format("        for j in seq(0, {}):\n            {} {} {}\n", r.of({"m", "m + 1", "m"}), s, r.of({"+=", "+=", "+=", "max="}),
                      r.of({"a[i] * x[i, j]", "x[i, j] * a[i]", "a[i] * (x[i, j] * x[i, j])", "x[i, j] * x[i, j + 1]", "x[i, j]", "(x[i, j] + a[i]) * (x[i, j] + a[i])"}));
  if (text.find("j + 1]") != text.npos && text.find("m + 1)") != text.npos) text.insert(text.find("    for i"), "    assert n <= 0\n");
  if (local) text += fmt::format("        y[i] {} {}\n", r.of({"=", "+="}), r.of({"s", "s * a[i]", "(s + a[i]) * (s + a[i])"}));
  if (r.chance(40)) text += "    for i in seq(0, m / 2):\n        if i < n:\n            y[i] = a[i]\n    for i in seq(m / 2, m):\n        if i < n:\n            y[i] = a[i]\n";
  return {text, target(r)};
}

/// Scalars that are the same in each iteration, or live one after the other, and what is computed twice.
RandomProgram scalars(Random& r) {
  const Element e = element(r);
  std::string text = fmt::format("def kernel(n : size, m : size, s : {0}[1], x : {0}[n + 4], y : {0}[n + 4]):\n", e.type);
  if (r.chance(40)) text += "    assert n >= 1\n";
  text += fmt::format("    for i in seq(0, n):\n        c : {0}\n        c = {1}\n", e.type, r.of({"s[0]", "s[0] * s[0]", e.two.c_str(), "s[0] + x[0]", "x[i]"}));
  const std::string sum = r.of({"(x[i] + x[i + 1])", "(x[i] + c)", "(s[0] * x[i + 1])"});
  text += fmt::format("        y[i] {} {}\n", r.of({"=", "+="}), r.of(std::vector<std::string>{sum + " * " + sum, sum + " + " + sum + " * c", "c * x[i]"}));
  if (r.chance(60)) text += fmt::format("        d : {}\n        d = {}\n        y[i] += d{}\n", e.type, r.of({"x[i + 1]", "s[0]", e.one.c_str()}), r.chance(30) ? " * c" : "");
  return {text, target(r)};
}

}  // namespace

RandomProgram random_shape(Random& r) {
  switch (r.between(0, 20)) {
    case 0:
    case 1:
    case 2: return elementwise(r);
    case 3:
    case 4: return product(r);
    case 5:
    case 6: return spare(r);
    case 7: return lanes(r);
    case 8:
    case 9: return sliding(r);
    case 10:
    case 11: return turns(r);
    case 12:
    case 13: return stages(r);
    case 14:
    case 15: return planes(r);
    case 16:
    case 17: return sums(r);
    case 18: return scalars(r);
    default: return stencil(r);
  }
}

}  // namespace exo::testing
