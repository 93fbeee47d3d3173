#include "run/c_harness.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "ir/arguments.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo::testing {
namespace {

namespace fs = std::filesystem;

/// The part of the main program that is the same for all kernels.
constexpr const char* kGuards = R"(
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exo/float16.h"
#include "exo/runtime.h"

enum { BEHIND, BEFORE };   /* where the unreadable page is */

/* A buffer that ends (or begins) where memory does. */
static void *guarded(size_t bytes, int side)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t room = (bytes + page - 1) / page * page;
    char *const all = mmap(NULL, room + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        abort();
    mprotect(all, page, PROT_NONE);
    mprotect(all + page + room, page, PROT_NONE);
    return side == BEHIND ? all + page + (room - bytes) : all + page;
}

static void release(void *at, size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *const begin = (char *)((uintptr_t)at / page * page);
    munmap(begin - page, (bytes + page - 1) / page * page + 2 * page);
}

/* Sums of floats are exact in any order while they are small. */
#define EXACT(x) ((x) > -4000000 && (x) < 4000000)

static uint64_t state = 1;
static int64_t number(bool whole)   /* -4 to 4; or any integer, half of them at the edges of a width */
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    const uint64_t edge = UINT64_C(1) << (8u << (state >> 40 & 3u)) % 64;
    if (!whole)
        return (int64_t)((state >> 33) % 9) - 4;
    return (int64_t)(state >> 33 & 1 ? (edge >> (state >> 50 & 1)) - (state >> 45 & 1) : state);
}
)";

std::string c_name(Scalar type) { return c_type(type); }

bool is_half(Scalar type) { return type == Scalar::F16 || type == Scalar::BF16; }

/// A number of the type: a small float, any integer.
std::string filler(Scalar type) {
  if (is_half(type)) return fmt::format("exo_{}_of((double)number(false))", scalar_name(type));
  return fmt::format("({}){}", c_name(type), is_float(type) ? "number(false)" : "number(true)");
}

/// One row for each test: values of the control parameters, then the elements of each buffer.
std::string rows(const Proc& proc, const std::vector<Control>& sizes) {
  std::string out;
  for (const Control& control : sizes) {
    std::vector<std::string> numbers;
    for (const Param& p : proc.params) {
      if (!is_data(p.type.scalar)) {
        numbers.push_back(fmt::format("{}", control.at(p.name)));
        continue;
      }
      int64_t elements = 1;
      for (const ExprRef& e : p.type.shape) elements *= evaluate(e, control).value_or(0);
      numbers.push_back(fmt::format("{}", elements));
    }
    out += "    {" + join(numbers, ", ") + "},\n";
  }
  return out;
}

/// The sizes for which there are such elements, and the elements as arrays of C: all tests one behind the other.
std::string elements(const Proc& proc, std::vector<Control>& sizes) {
  const std::set<Sym> asserted = tensors_asserted(proc);
  if (asserted.empty()) return {};
  std::map<Sym, std::vector<std::string>> values, begins;
  std::vector<Control> kept;
  for (const Control& control : sizes) {
    const auto args = random_arguments(proc, control, kept.size() + 1);
    if (!args) continue;
    kept.push_back(control);
    for (const Sym tensor : asserted) {
      begins[tensor].push_back(fmt::format("{}", values[tensor].size()));
      for (const Cell& cell : std::get<Tensor>(args->at(tensor)).cells)
        values[tensor].push_back(fmt::format("{}", cell.integer));
    }
  }
  sizes = std::move(kept);
  std::string out;
  for (size_t i = 0; i < proc.params.size(); ++i) {
    const Sym tensor = proc.params[i].name;
    if (!asserted.count(tensor)) continue;
    values[tensor].push_back("0");  // where there are none
    out += fmt::format("static const int64_t begin{0}[] = {{{1}}};\nstatic const int64_t elements{0}[] = {{{2}}};\n", i,
                       join(begins[tensor], ", "), join(values[tensor], ", "));
  }
  return out;
}

/// What the variant wants of the processor; nothing where it is emulated.
std::string features_of(const EmitKernel& kernel, const std::string& variant) {
  for (const EmitVariant& v : kernel.variants)
    if (v.name == variant) return join(v.target->features, " ");
  return "";
}

/// The program that compares the two.
std::string main_program(const EmitKernel& kernel, const std::string& variant, const std::string& plain,
                         std::vector<Control> sizes) {
  const Proc& proc = *kernel.algorithm;
  const std::string chosen = elements(proc, sizes);
  const std::set<Sym> asserted = tensors_asserted(proc);
  const size_t count = proc.params.size();
  std::vector<std::string> mine, theirs;
  std::string fill, compare;
  for (size_t i = 0; i < count; ++i) {
    const Param& p = proc.params[i];
    if (!is_data(p.type.scalar)) {
      const std::string value = fmt::format("{}tests[t][{}]", p.type.scalar == Scalar::Bool ? "(bool)" : "", i);
      mine.push_back(value), theirs.push_back(value);
      continue;
    }
    const std::string type = c_name(p.type.scalar), bytes = fmt::format("(size_t)tests[t][{}] * sizeof({})", i, type);
    fill += fmt::format(
        "            {0} *const a{1} = guarded({2}, side), *const b{1} = guarded({2}, side);\n"
        "            for (int64_t e = 0; e < tests[t][{1}]; ++e)\n                a{1}[e] = b{1}[e] = {3};\n",
        type, i, bytes,
        asserted.count(p.name) ? fmt::format("({})elements{}[begin{}[t] + e]", type, i, i) : filler(p.type.scalar));
    compare += fmt::format(
        "            for (int64_t e = 0; e < tests[t][{0}]; ++e)\n                if ({3}a{0}[e] != b{0}[e])\n"
        "                    return fprintf(stderr, \"test %d, side %d: `{1}` differs at %d\\n\", (int)t, side, "
        "(int)e), 1;\n"
        "            release(a{0}, {2}), release(b{0}, {2});\n",
        i, p.name.name(), bytes,
        is_float(p.type.scalar) && !is_half(p.type.scalar) ? fmt::format("EXACT(b{}[e]) && ", i) : "");
    const char* by_value = p.type.shape.empty() && !written(proc).count(p.name) ? "*" : "";
    mine.push_back(fmt::format("{}a{}", by_value, i)), theirs.push_back(fmt::format("{}b{}", by_value, i));
  }
  std::string out = "/* Compares a variant with the algorithm as it stands. */";
  out += kGuards;
  out += fmt::format("\n#include \"{}.h\"\n\n", kernel.name);
  // The variants have the type of the entry, which the header declares.
  out += fmt::format("extern __typeof__({0}) {0}__{1};\nextern __typeof__({0}) {0}__{2};\n\n", kernel.name, variant,
                     plain);
  out += chosen + fmt::format("static const int64_t tests[][{}] = {{\n{}}};\n\n", count, rows(proc, sizes));
  out +=
      "extern uint64_t exo_features_named(const char *), exo_cpu_on_request(void);\nextern _Bool "
      "exo_cpu_request(uint64_t);\n\n"
      "int main(void)\n{\n    if (!exo_cpu_request(exo_cpu_on_request() & exo_features_named(\"" +
      features_of(kernel, variant) +
      "\")))\n        return 77;\n"
      "    for (size_t t = 0; t < sizeof tests / sizeof *tests; ++t)\n        for (int side = "
      "BEHIND; side <= BEFORE; ++side) {\n";
  out += fill;
  out += fmt::format(
      "            if ({0}__{1}({2}) != EXO_OK || {0}__{3}({4}) != EXO_OK)\n"
      "                return fprintf(stderr, \"test %d: a status\\n\", (int)t), 1;\n",
      kernel.name, variant, join(mine, ", "), plain, join(theirs, ", "));
  out += compare;
  return out + "        }\n    return 0;\n}\n";
}

std::string flags_of(const EmitKernel& kernel, const std::string& variant) {
  for (const EmitVariant& v : kernel.variants)
    if (v.name == variant)
      if (const auto it = v.target->flags.find("gnu"); it != v.target->flags.end()) return join(it->second, " ");
  return "";
}

}  // namespace

std::string spoken(const std::string& command, int& status) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::string out;
  std::array<char, 4096> buffer;
  while (const size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), n);
  status = ::pclose(pipe);
  return out;
}

bool runs_here(const Target& target, const Compiler& compiler) {
  int status = 0;
  spoken("command -v " + compiler.name.substr(0, compiler.name.find(' ')), status);
  if (status != 0) return false;
  if (compiler.makes_other_code()) {
    spoken(target.emulator.empty() ? "false" : "command -v " + target.emulator.front(), status);
    return status == 0;
  }
  std::ifstream in("/proc/cpuinfo");
  std::ostringstream text;
  text << in.rdbuf();
  for (const std::string& feature : target.features)
    if (text.str().find(" " + feature + " ") == std::string::npos) return false;
  return true;
}

std::vector<Control> translated(const std::vector<Control>& sizes, const Proc& from, const Proc& to) {
  std::vector<Control> out;
  for (const Control& control : sizes) {
    Control next;
    for (size_t i = 0; i < from.params.size(); ++i)
      if (const auto it = control.find(from.params[i].name); it != control.end()) next[to.params[i].name] = it->second;
    out.push_back(std::move(next));
  }
  return out;
}

std::string run_in_c(const EmitKernel& all, const std::string& variant, const std::vector<Control>& sizes,
                     const Compiler& compiler, const std::string& directory) {
  auto plain =
      std::find_if(all.variants.rbegin(), all.variants.rend(), [](const EmitVariant& v) { return !v.emulated; });
  if (plain == all.variants.rend()) plain = all.variants.rbegin();  // all of them call instructions of their own
  EmitKernel kernel = all;
  std::erase_if(kernel.variants, [&](const EmitVariant& v) { return v.name != variant && v.name != plain->name; });
  fs::create_directories(directory);
  for (const auto& [name, text] : emit(kernel)) std::ofstream(fs::path(directory) / name) << text;
  std::ofstream(fs::path(directory) / "main.c") << main_program(kernel, variant, plain->name, sizes);
  const std::string runtime = EXO_RUNTIME_DIR;
  int status = 0;
  std::string objects, said;
  for (const EmitVariant& v : kernel.variants)
    if (v.name == variant && v.target->simulated) objects += fmt::format(" '{}'", v.target->simulator);
  const auto compile = [&](const std::string& source, const std::string& flags) {
    said = spoken(fmt::format("cd '{}' && {} {} {} -I '{}/include' -c '{}' -o '{}.o'", directory, compiler.name,
                              compiler.flags, flags, runtime, source, source),
                  status);
    objects += " " + source + ".o";
    return status == 0;
  };
  for (const EmitVariant& v : kernel.variants)
    if (!compile(fmt::format("{}.{}.c", kernel.name, v.name), flags_of(kernel, v.name))) return said;
  if (!compile(kernel.name + ".dispatch.c", "") || !compile("main.c", "")) return said;
  const bool foreign = compiler.makes_other_code();
  const std::string library =
      foreign ? fmt::format("-I '{0}/include' '{0}'/*.c", runtime) : fmt::format("'{}'", EXO_RUNTIME_LIBRARY);
  said = spoken(fmt::format("cd '{}' && {} {} {} -lm -lpthread -o run", directory, compiler.name, objects, library),
                status);
  if (status != 0) return said;
  std::string emulator;
  for (const EmitVariant& v : kernel.variants)
    if (foreign && v.name == variant) emulator = join(v.target->emulator, " ");
  said = spoken(fmt::format("{} '{}/run'", emulator, directory), status);
  if (status == 77 << 8) return "skipped: the operating system does not lend what it needs";
  return status == 0 ? std::string() : fmt::format("the program ends with status {}\n{}", status, said);
}

std::string compile_and_run(const std::map<std::string, std::string>& files, const std::string& main_program,
                            const Compiler& compiler, const std::string& directory) {
  fs::create_directories(directory);
  std::string sources = "main.c";
  for (const auto& [name, text] : files) {
    std::ofstream(fs::path(directory) / name) << text;
    if (fs::path(name).extension() == ".c") sources += " " + name;
  }
  std::ofstream(fs::path(directory) / "main.c") << main_program;
  int status = 0;
  std::string said = spoken(fmt::format("cd '{}' && {} {} -I '{}/include' {} '{}' -lm -lpthread -o run", directory,
                                        compiler.name, compiler.flags, EXO_RUNTIME_DIR, sources, EXO_RUNTIME_LIBRARY),
                            status);
  if (status != 0) return said;
  said = spoken(fmt::format("'{}/run'", directory), status);
  return status == 0 ? std::string() : fmt::format("the program ends with status {}\n{}", status, said);
}

}  // namespace exo::testing
