// fuzz_language COUNT FROM DIRECTORY COMPILER FLAGS...: random programs over the whole language (fuzz/language.h), as C in one
// file, compiled with all warnings as errors and compared with the interpreter bit for bit. SEED=n takes one seed.
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "fuzz/language.h"
#include "golden/meaning.h"
#include "golden/steps.h"
#include "ir/build.h"
#include "ir/values.h"
#include "ir/walk.h"
#include "run/batch.h"
#include "support/text.h"

namespace exo::testing {
namespace {

constexpr int kSkipped = 77;
constexpr size_t kRuns = 4;  // sizes for each program

/// Any bits for integers; numbers that round, infinities and what is no number for floats.
Cell any_cell(Scalar type, Random& r) {
  if (!is_float(type)) {
    const int64_t edge =
        static_cast<int64_t>(uint64_t{1} << r.of(std::vector<int>{0, 3, 7, 8, 15, 16, 31, 32, 63})) - r.between(-1, 1);
    return integer_cell(type, r.chance(50) ? r.between(-9, 9) : r.chance(60) ? edge : static_cast<int64_t>(r.next()));
  }
  if (r.chance(30)) return real_cell(type, static_cast<double>(r.between(-40, 40)) / 4);
  if (r.chance(65)) return real_cell(type, static_cast<double>(r.between(-1000000, 1000000)) / 99991);
  const double special[] = {0.0,   -0.0,  1e300,    -3e38,     65504.0, 1e-45,        0.1,   -1 / 3.0,
                            126.5, 254.5, HUGE_VAL, -HUGE_VAL, NAN,     2147483647.5, -128.5};
  return real_cell(type, special[r.between(0, 14)]);
}

void fill(Arguments& args, const Proc& proc, Random& r) {
  std::set<Sym> asserted;  // elements of which assertions speak stay as they were made up
  for (const ExprRef& e : proc.asserts)
    each_expr(e, [&](const ExprRef& x) {
      if (const Read* r = as<Read>(x)) asserted.insert(r->buffer);
    });
  for (const Param& p : proc.params)
    if (Tensor* t = std::get_if<Tensor>(&args.at(p.name)); t && !asserted.count(p.name))
      for (Cell& cell : t->cells)
        if (cell.defined) cell = any_cell(t->type, r);
}

struct Found {
  size_t tried = 0, refused = 0;
  std::map<std::string, size_t> why;
};

/// The program of a seed with inputs and what the interpreter makes of them; nothing where it is refused.
std::optional<Trial> trial(uint64_t seed, Found& found) {
  Random random(Random(seed).next());  // neighbours have nothing in common
  const std::string name = fmt::format("k{}", seed);
  Trial out;
  out.text = fmt::format("reproduce with SEED={}\n{}", seed, random_language_program(random, name));
  ++found.tried;
  try {
    static const Setting setting("portable");
    const ProcRef proc = program(out.text.substr(out.text.find('\n') + 1), setting.target());
    inspect(*proc, {});
    out.kernel = {name, "", "fuzz.toml", proc, {}, {}};
    out.kernel.variants.push_back({"portable", proc, setting.context().target, nullptr});
    emit(out.kernel);
  } catch (const Rejected& rejected) {
    ++found.refused;
    ++found.why[rejected.problems.front().code];
    if (std::getenv("SEED"))
      for (const Diagnostic& d : rejected.problems) fmt::print("{}\n", render(d));
    return {};
  } catch (const Bug& fault) {
    throw Bug{fmt::format("{}\n{}", out.text, fault.what)};
  }
  const Proc& proc = *out.kernel.algorithm;
  for (const Param& p : proc.params)
    if (p.name.name().rfind("inexact", 0) == 0) out.inexact = p.name.name();
  std::vector<Control> at = sizes(proc, {}, 3 * kRuns, seed);
  for (size_t k = 0; k < at.size() && out.inputs.size() < kRuns; k = k < 1 ? 2 : k + 1 + (k < 4)) {
    auto args = random_arguments(proc, at[k], seed);
    if (!args) continue;
    fill(*args, proc, random);
    Arguments after = *args;
    const auto fault = interpret(proc, after, {}, 200'000);
    if (fault && fault->kind == Fault::TooLong) continue;
    if (fault) throw Bug{fmt::format("{}\nthe interpreter stops: {}", out.text, fault->what)};
    out.inputs.push_back(std::move(*args)), out.expected.push_back(std::move(after));
  }
  return out;
}

int run(uint64_t count, uint64_t from, const std::string& directory, const Compiler& compiler) {
  int status = 0;
  spoken("command -v " + compiler.name, status);
  if (status != 0) return kSkipped;
  std::vector<Trial> trials;
  Found found;
  const char* only = std::getenv("SEED");
  if (only) from = std::stoull(only), count = 1;
  for (uint64_t seed = from; trials.size() < count && found.tried < 4 * count; ++seed)
    if (auto one = trial(seed, found)) trials.push_back(std::move(*one));
  size_t runs = 0;
  for (const Trial& t : trials) runs += t.inputs.size();
  if (only)
    for (const Trial& t : trials) fmt::print("{}\n", t.text);
  std::vector<std::string> why;
  for (const auto& [code, times] : found.why) why.push_back(fmt::format("{} {}", times, code));
  fmt::print("{} programs, {} runs; {} refused ({})\n", trials.size(), runs, found.refused, join(why, ", "));
  if (trials.size() < count) return fmt::print("too many are refused\n"), 1;
  const std::string trouble = run_batch(trials, compiler, directory);
  fmt::print("{}", trouble);
  return trouble.empty() ? 0 : 1;
}

}  // namespace
}  // namespace exo::testing

int main(int argc, char** argv) {
  if (argc < 5) return std::fputs("usage: fuzz_language COUNT FROM DIRECTORY COMPILER FLAGS...\n", stderr), 2;
  exo::testing::Compiler compiler{argv[4], "-std=c11 -Wall -Wextra -Wconversion -pedantic -Werror -ffp-contract=off"};
  for (int i = 5; i < argc; ++i) compiler.flags += std::string(" ") + argv[i];
  try {
    return exo::testing::run(std::stoull(argv[1]), std::stoull(argv[2]), argv[3], compiler);
  } catch (const exo::Rejected& rejected) {
    fmt::print("{}\n", exo::render(rejected.problems.front()));
  } catch (const exo::Bug& fault) {
    fmt::print("a fault of the generator: {}\n", fault.what);
  }
  return 1;
}
