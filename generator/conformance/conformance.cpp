#include "conformance/conformance.h"

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "emit/emulate.h"
#include "support/text.h"

namespace exo {
namespace {

namespace fs = std::filesystem;

/// A directory for the files of a run.
class Workplace {
 public:
  Workplace() {
    std::string pattern = (fs::temp_directory_path() / "exo-check-XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
      reject({"file-unwritable",
              fmt::format("no directory can be made in `{}`", fs::temp_directory_path().string()),
              {},
              {},
              {}});
    root_ = pattern;
  }
  ~Workplace() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  void write(const std::string& name, const std::string& text) const { std::ofstream(root_ / name) << text; }

  /// Runs a command of the shell there: what it says on both outputs, and whether it succeeds.
  std::pair<bool, std::string> run(const std::string& command) const {
    FILE* pipe = ::popen(fmt::format("cd '{}' && ({}) 2>&1", root_.string(), command).c_str(), "r");
    std::string out;
    std::array<char, 4096> buffer;
    if (!pipe) return {false, out};
    while (const size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), n);
    return {::pclose(pipe) == 0, out};
  }

 private:
  fs::path root_;
};

constexpr const char* kHere =
#if defined(__x86_64__)
    "x86_64";
#elif defined(__aarch64__)
    "aarch64";
#elif defined(__riscv) && __riscv_xlen == 64
    "riscv64";
#else
    "unknown";
#endif

/// The bench for the target, and once more as its specifications say.
EmitKernel kernel_of(const Bench& bench, const TargetRef& target) {
  EmitKernel kernel;
  kernel.name = bench.program->name;
  kernel.recipe = "bench";
  kernel.algorithm = bench.program;
  kernel.variants = {{target->name, bench.program, target, nullptr}};
  EmitVariant meaning = emulated(kernel).variants.back();
  meaning.name = "meaning";
  kernel.variants.push_back(std::move(meaning));
  return kernel;
}

/// The number of the trial in which a line of the emitted bench stands; none in front of the first one.
std::optional<size_t> trial_at(const std::vector<std::string>& lines, size_t line) {
  const std::string begin = "if (which == ";
  for (size_t k = std::min(line, lines.size()); k-- > 0;) {
    const size_t at = lines[k].find(begin);
    if (at != std::string::npos) return std::stoul(lines[k].substr(at + begin.size()));
  }
  return std::nullopt;
}

/// The C does not compile: each complaint of the compiler, at the instruction whose C it is about. `file` is what was compiled.
[[noreturn]] void reject_c(const Bench& bench, const Target& target, const std::string& file, const std::string& text,
                           const std::string& said) {
  std::vector<std::string> lines;
  std::istringstream emitted(text), complaints(said);
  for (std::string line; std::getline(emitted, line);) lines.push_back(line);
  std::map<size_t, std::string> first;  // complaint about each trial
  for (std::string line; std::getline(complaints, line);) {
    const size_t colon = file.size(), error = line.find(": error: ");
    if (line.compare(0, colon + 1, file + ":") != 0 || error == line.npos) continue;
    if (const auto trial = trial_at(lines, std::strtoul(line.c_str() + colon + 1, nullptr, 10)))
      first.emplace(*trial, line.substr(error + 9));
  }
  Problems problems;
  for (const auto& [trial, complaint] : first) {
    const Instruction& i = *bench.trials.at(trial).instruction;
    problems.add({"target-c", fmt::format("the C of `{}` does not compile", i.name), {}, {}, {}})
        .at(i.c.span)
        .note("the compiler says: " + complaint);
  }
  problems.throw_if_any();
  reject(Diagnostic{"target-c", fmt::format("the C of `{}` does not compile", target.name), {}, {}, {}}.note(
      said.substr(0, 2000)));
}

Conformance unexecuted(const Bench& bench, const std::string& why) {
  Conformance out;
  for (const Trial& t : bench.trials) out.findings.push_back({Finding::NotExecuted, t.instruction->name, why});
  out.where = why;
  return out;
}

std::string common_flags(const std::string& cc, const std::string& runtime) {
  return fmt::format("{} -std=gnu11 -O1 -fno-inline -w -ffp-contract=off -I '{}/include'", cc, runtime);
}

std::string flags_of(const Target& target) {
  const auto flags = target.flags.find("gnu");
  return flags == target.flags.end() ? "" : join(flags->second, " ");
}

void compile_bench(const Bench& bench, const TargetRef& target, const std::string& common, const Workplace& place) {
  const auto files = emit(kernel_of(bench, target));
  for (const auto& [name, text] : files) place.write(name, text);
  const std::string native = fmt::format("instruction_bench.{}.c", target->name);
  const auto [made, said] =
      place.run(fmt::format("LC_ALL=C {} {} -c {} -o native.o", common, flags_of(*target), native));
  if (!made)
    for (const auto& [name, text] : files)
      if (name == native) reject_c(bench, *target, native, text, said);
}

/// Where nothing executes it the C is compiled nevertheless, if the compiler has the headers.
void compile_only(const TargetRef& target, const std::string& cc, const std::string& runtime, const Workplace& place) {
  const std::string common = common_flags(cc, runtime);
  std::string headers;
  for (const std::string& header : target->include) headers += fmt::format("#include <{}>\n", header);
  place.write("headers.c", headers);
  if (place.run(fmt::format("{} {} -fsyntax-only headers.c", common, flags_of(*target))).first)
    compile_bench(bench_of(*target, false, Moves::No), target, common, place);
}

}  // namespace

Conformance conformance(const TargetRef& real, bool own_only, const std::string& compiler, const std::string& runtime) {
  const Bench bench = bench_of(*real, own_only);
  if (bench.trials.empty()) return unexecuted(bench, "it has no instructions");
  const bool nothing_else = real->arch != kHere && real->emulator.empty();
  const TargetRef target = nothing_else && !real->simulator.empty() ? in_simulator(*real) : real;
  const bool foreign = target->arch != "any" && target->arch != kHere;
  const std::string emulator = foreign ? join(target->emulator, " ") : "";

  const Workplace place;
  std::vector<std::string> compilers = {compiler};
  if (compiler.empty()) compilers = target->compilers;
  if (compilers.empty()) compilers = {foreign ? target->arch + "-linux-gnu-gcc" : "cc"};
  const auto found = std::find_if(compilers.begin(), compilers.end(), [&](const std::string& c) {
    return place.run("command -v " + c.substr(0, c.find(' '))).first;
  });
  if (found == compilers.end())
    return unexecuted(bench, fmt::format("there is no compiler `{}`", join(compilers, "`, nor `")));
  const std::string cc = *found;
  if (foreign && (emulator.empty() || !place.run("command -v " + target->emulator.front()).first)) {
    compile_only(target, cc, runtime, place);
    return unexecuted(bench, emulator.empty() ? fmt::format("it has no `emulator`, and this machine is {}", kHere)
                                              : fmt::format("there is no emulator `{}`", target->emulator.front()));
  }
  place.write("main.c", main_program(bench, *target));
  const std::string common = common_flags(cc, runtime);
  compile_bench(bench, target, common, place);
  const std::string simulator = target->simulated ? "'" + target->simulator + "'" : "";
  const auto [linked, complaint] = place.run(fmt::format(
      "{} instruction_bench.meaning.c instruction_bench.dispatch.c main.c native.o {} '{}'/*.c -lm -lpthread -o bench",
      common, simulator, runtime));
  if (!linked)
    reject(
        Diagnostic{"target-c", fmt::format("the program that checks `{}` does not compile", target->name), {}, {}, {}}
            .note(complaint.substr(0, 2000)));
  const auto [ended, spoken] = place.run(emulator + " ./bench");
  if (spoken.rfind("cannot: ", 0) == 0)
    return unexecuted(bench, "this machine cannot: " + spoken.substr(8, spoken.find('\n') - 8));

  Conformance out{{},
                  target->simulated ? "in its simulator"
                  : foreign         ? "in " + target->emulator.front()
                                    : "here",
                  true};
  if (!target->vectors.units.empty())
    out.where += fmt::format(" with vectors of {} bits", target->length * target->vectors.bits);
  std::map<std::string, Finding> said_of;
  std::istringstream lines(spoken);
  for (std::string line; std::getline(lines, line);) {
    const bool well = line.rfind("ok ", 0) == 0;
    if (!well && line.rfind("differs ", 0) != 0) continue;
    const std::string rest = line.substr(well ? 3 : 8);
    const size_t colon = rest.find(": ");
    const std::string name = rest.substr(0, colon);
    said_of[name] = {well ? Finding::Agrees : Finding::Differs, name, colon == rest.npos ? "" : rest.substr(colon + 2)};
  }
  for (const Trial& t : bench.trials) {
    const auto it = said_of.find(t.instruction->name);
    if (!t.untried.empty())
      out.findings.push_back({Finding::NotExecuted, t.instruction->name, t.untried});
    else
      out.findings.push_back(
          it != said_of.end() ? it->second
                              : Finding{Finding::Differs, t.instruction->name, "the program ended before it was done"});
  }
  return out;
}

}  // namespace exo
