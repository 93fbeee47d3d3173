// numeric TYPE COMPILER DIRECTORY: every operation, function, reduction and conversion of an element type on the values at its
// edges, in all pairs: what the interpreter says, and what the emitted C computes under -fsanitize=undefined. All bits must
// agree, but those of the functions of the C library, which may be a few units off.
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include "golden/case.h"
#include "golden/meaning.h"
#include "ir/check.h"
#include "ir/interpret.h"
#include "ir/parse.h"
#include "ir/values.h"
#include "run/bits.h"
#include "run/c_harness.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo::testing {
namespace {

constexpr int kSkipped = 77;

/// One output: its type, the statements that compute it, and how far C may be off.
struct Column {
  Scalar type;
  std::vector<std::string> statements;  // `@` is the output, `a b c` are the operands
  int units = 0;
};

std::vector<Scalar> element_types() {
  std::vector<Scalar> out;
  for (int i = 0; i < static_cast<int>(Scalar::R); ++i) out.push_back(static_cast<Scalar>(i));
  return out;
}

std::vector<double> edges(Scalar type) {
  std::vector<double> out = {0,   1,   2,   3,     5,     100,   126,   127,   128,   129,  254,
                             255, 256, 257, 32767, 32768, 65503, 65504, 65520, 65535, 65536};
  for (const int bits : {31, 32, 53, 62, 63, 64, 70})
    out.push_back(std::ldexp(1.0, bits)), out.push_back(std::ldexp(1.0, bits) - 1);
  if (is_float(type)) {
    const double big = 1e300, inf = std::numeric_limits<double>::infinity();
    out.insert(out.end(), {-0.0, 0.5, 1.5, 2.5, 0.25, 1 / 3.0, 126.5, 127.5, 254.5, 255.5, 65519.0, 1e-3, 1e30, 3.3e38,
                           1e-38, 1e-45, big, inf});
    for (const int e : {-149, -134, -133, -127, -126, -25, -24, -15, -14, -8, -11})
      out.push_back(std::ldexp(1.0, e)), out.push_back(std::ldexp(1.5, e)), out.push_back(std::ldexp(1 + 0x1p-7, e));
  }
  const size_t count = out.size();
  for (size_t i = 0; i < count; ++i) out.push_back(-out[i]);
  if (is_float(type)) out.push_back(std::numeric_limits<double>::quiet_NaN());
  return out;
}

std::vector<Cell> edge_cells(Scalar type) {
  std::vector<Cell> out;
  std::set<std::string> seen;
  for (const double value : edges(type)) {
    const Cell cell = is_float(type) ? real_cell(type, value)
                                     : converted(Function::Convert, Scalar::F64, type, real_cell(Scalar::F64, value));
    if (seen.insert(cell_text(type, cell)).second) out.push_back(cell);
  }
  return out;
}

std::vector<Column> columns(Scalar type) {
  const std::string t = scalar_name(type);
  std::vector<Column> out;
  const auto add = [&](const std::string& e, Scalar to, int units = 0) { out.push_back({to, {"@ = " + e}, units}); };
  for (const char* e : {"a + b",
                        "a - b",
                        "a * b",
                        "-a",
                        "a / b",
                        "a * b + c",
                        "(a - b) * c - a",
                        "max(a, b)",
                        "min(a, b)",
                        "abs(a)",
                        "relu(a)",
                        "clamp(a, b, c)",
                        "select(a < b, a, c)",
                        "select(a <= b, b, c)",
                        "select(a == b, a, -c)",
                        "select(a != b and not a > c, a, b)",
                        "2 - a",
                        "select(a < b, 1, c)",
                        "select(n > i, 100, 3)",
                        "max(a, 7)",
                        "clamp(a, 3, 100)",
                        "max(min(a, b), c) + 1",
                        "a * 3"})
    add(e, type);
  out.push_back({type, {"@ = a", "@ += b", "@ += c"}});
  out.push_back({type, {"@ = a", "@ max= b", "@ max= c"}});
  out.push_back({type, {"@ = a", "@ min= b", "@ min= c"}});
  out.push_back({type, {"@ = 1", "@ min= " + t + "(i)", "@ += " + t + "(3*i - n)"}});
  if (is_float(type)) {
    for (const char* e : {"sqrt(a)", "round(a)", "a * 0.1 + b", "round(a / b)"}) add(e, type);
    for (const char* e : {"exp(a)", "log(a)", "sin(a)", "cos(a)", "tanh(a)", "sigmoid(a)", "erf(a)"})
      add(e, type, size_in_bytes(type) == 2 ? 1 : 6);
  } else {
    for (const char* e : {"a % b", "a / 3", "a % 7", "(a + b) / 2", "a / b * b + a % b"}) add(e, type);
    if (t[0] == 'i') add("a / -1", type), add("a % -5", type), add("a / b - -c", type);
  }
  for (const Scalar to : element_types()) {
    add(fmt::format("{}(a)", scalar_name(to)), to);
    add(fmt::format("{}(i - 7)", scalar_name(to)), to);
    add(fmt::format("{}(1003*i - n)", scalar_name(to)), to);
    if (is_float(to)) continue;
    add(fmt::format("sat_{}(a)", scalar_name(to)), to);
    add(fmt::format("sat_{}(a * b)", scalar_name(to)), to);
    add(fmt::format("sat_{}(300*i - n)", scalar_name(to)), to);
  }
  return out;
}

std::string program_text(Scalar type, const std::vector<Column>& all) {
  const std::string t = scalar_name(type);
  std::string params = fmt::format("n : size, x : {0}[n], y : {0}[n], z : {0}[n]", t), body;
  for (size_t k = 0; k < all.size(); ++k) {
    params += fmt::format(", o{} : {}[n]", k, scalar_name(all[k].type));
    for (const std::string& statement : all[k].statements) {
      std::string line;
      for (size_t i = 0; i < statement.size(); ++i) {
        const auto is_word = [&](size_t at) {
          return at < statement.size() &&
                 (std::isalnum(static_cast<unsigned char>(statement[at])) || statement[at] == '_');
        };
        const char c = statement[i];
        const bool operand = c >= 'a' && c <= 'c' && !is_word(i + 1) && (i == 0 || !is_word(i - 1));
        line += c == '@'  ? fmt::format("o{}[i]", k)
                : operand ? fmt::format("{}[i]", static_cast<char>('x' + (c - 'a')))
                          : std::string(1, c);
      }
      body += "        " + line + "\n";
    }
  }
  return fmt::format("def numeric({}):\n    for i in seq(0, n):\n{}", params, body);
}

std::string table(const std::string& name, const Tensor& t) {
  std::vector<std::string> numbers;
  for (const Cell& cell : t.cells)
    numbers.push_back(fmt::format("0x{:x}u{}", bits_of(t.type, cell), size_in_bytes(t.type) == 8 ? "ll" : ""));
  return fmt::format("static const uint{}_t {}[] = {{{}}};\n", 8 * size_in_bytes(t.type), name, join(numbers, ","));
}

constexpr const char* kCheck = R"(
static int wrong;
static int64_t place(uint64_t bits, int width)   /* floats in their order, one unit apart */
{
    const uint64_t sign = UINT64_C(1) << (width - 1);
    return bits & sign ? -(int64_t)(bits & (sign - 1)) : (int64_t)bits;
}
static void check(const char *what, int64_t i, uint64_t got, uint64_t expected, int width, uint64_t infinity, int units)
{
    const uint64_t size = (UINT64_C(1) << (width - 1)) - 1;
    if (got == expected || (infinity && (got & size) > infinity && (expected & size) > infinity))
        return;
    if (units) {
        const int64_t gap = place(got, width) - place(expected, width);
        if ((got & size) <= infinity && (expected & size) <= infinity && gap >= -units && gap <= units)
            return;
    }
    if (wrong++ < 20)
        fprintf(stderr, "%s: element %d is %llx, not %llx\n", what, (int)i, (unsigned long long)got, (unsigned long long)expected);
}
)";

std::string main_program(const Proc& proc, const Arguments& before, const Arguments& after,
                         const std::vector<Column>& all, int64_t n) {
  std::string out =
                  "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include \"numeric.h\"\nextern "
                  "__typeof__(numeric) numeric__portable;\n",
              run, compare;
  out += kCheck;
  std::vector<std::string> args = {fmt::format("{}", n)};
  for (size_t i = 1; i < proc.params.size(); ++i) {
    const Param& p = proc.params[i];
    const std::string name = p.name.name(), type = c_type(p.type.scalar);
    const bool output = i > 3;
    out += table(output ? "expected_" + name : "given_" + name, std::get<Tensor>((output ? after : before).at(p.name)));
    run += fmt::format("    {0} *const {1} = malloc({2} * sizeof({0}));\n", type, name, n);
    if (!output) run += fmt::format("    memcpy({0}, given_{0}, sizeof given_{0});\n", name);
    args.push_back(name);
    if (!output) continue;
    const Column& column = all[i - 4];
    std::string what = join(column.statements, "; ");
    compare += fmt::format(
        "    for (int64_t i = 0; i < {0}; ++i) {{\n        uint{1}_t got;\n        memcpy(&got, {2} + i, sizeof got);\n"
        "        check(\"{3}\", i, got, expected_{2}[i], {1}, {4}, {5});\n    }}\n",
        n, 8 * size_in_bytes(p.type.scalar), name, what, fmt::format("0x{:x}u", infinity_bits(p.type.scalar)),
        column.units);
  }
  return out + "int main(void)\n{\n" + run +
         fmt::format("    if (numeric__portable({}) != EXO_OK)\n        return 1;\n", join(args, ", ")) + compare +
         "    return wrong != 0;\n}\n";
}

int run(const std::string& type_name, const std::string& compiler, const std::string& directory) {
  if (std::system(fmt::format("command -v {} >/dev/null", compiler).c_str()) != 0) return kSkipped;
  Scalar type = Scalar::F32;
  if (!scalar_named(type_name, type)) malformed("there is no type " + type_name);
  const std::vector<Column> all = columns(type);
  const ProcRef proc = parse(text_of(register_source("numeric", program_text(type, all)))).back();
  Problems problems;
  check(*proc, problems);
  problems.throw_if_any();

  const std::vector<Cell> values = edge_cells(type);
  const size_t pairs = std::min<size_t>(values.size() * values.size(), 4096);
  const bool all_pairs = pairs == values.size() * values.size();
  const auto n = static_cast<int64_t>(pairs);
  Arguments before;
  for (const Param& p : proc->params) {
    if (!is_data(p.type.scalar)) {
      before[p.name] = n;
      continue;
    }
    Tensor t{p.type.scalar, {n}, {1}, std::vector<Cell>(static_cast<size_t>(n))};
    const std::string& name = p.name.name();
    for (size_t i = 0; i < t.cells.size() && name.size() == 1; ++i)
      t.cells[i] = values[name == "x"   ? i % values.size()
                          : name == "y" ? (i / values.size() + (all_pairs ? 0 : 3 * i)) % values.size()
                                        : (i * 7 + i / 5) % values.size()];
    before[p.name] = std::move(t);
  }
  Arguments after = before;
  if (const auto fault = interpret(*proc, after, {}, 1'000'000'000)) malformed("the interpreter stops: " + fault->what);

  EmitKernel kernel{proc->name, "", "numeric.toml", proc, {}, {}};
  kernel.variants.push_back({"portable", proc, load_target("portable", {EXO_DEFAULT_TARGETS_DIR}), nullptr});
  const Compiler how{compiler,
                     "-std=c11 -O0 -Wall -Wextra -Wconversion -pedantic -Werror -ffp-contract=off "
                     "-fsanitize=undefined,float-cast-overflow "
                     "-fno-sanitize-recover=all"};
  std::map<std::string, std::string> files = emit(kernel);
  files.erase("numeric.dispatch.c");  // it would compare each array with each other one
  const std::string trouble = compile_and_run(files, main_program(*proc, before, after, all, n), how, directory);
  if (!trouble.empty()) fmt::print("{}\n", trouble);
  return trouble.empty() ? 0 : 1;
}

}  // namespace
}  // namespace exo::testing

int main(int argc, char** argv) {
  if (argc < 4) return std::fputs("usage: numeric TYPE COMPILER DIRECTORY\n", stderr), 2;
  try {
    return exo::testing::run(argv[1], argv[2], argv[3]);
  } catch (const exo::Rejected& rejected) {
    for (const exo::Diagnostic& d : rejected.problems) fmt::print("{}\n", exo::render(d));
  } catch (const exo::Bug& fault) {
    fmt::print("a fault of the generator: {}\n", fault.what);
  } catch (const std::exception& fault) {
    fmt::print("{}\n", fault.what());
  }
  return 1;
}
