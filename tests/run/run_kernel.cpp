// run_kernel RECIPE KERNEL VARIANT COMPILER DIRECTORY [K=V...] [@SIZE,SIZE,..]...: generates the kernel, compiles it and runs the
// variant beside the algorithm as it stands, on small sizes and on those that are given, in the order of the parameters. VARIANT may
// be `NAME.emulated`, and end with `@UNITS`: with vectors of that length. The compiler `cross` is the first one of the target that is
// there. Ends with 77 where this machine has not the compiler or the instructions.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "emit/emulate.h"
#include "recipe/build.h"
#include "run/c_harness.h"
#include "support/text.h"

namespace exo::testing {
namespace {

constexpr int kSkipped = 77;

/// The target in the emulator of another one.
TargetRef in_emulator(const TargetRef& target, const TargetRef& other) {
  Target out = *target;
  out.emulator = other->emulator;
  return std::make_shared<const Target>(std::move(out));
}

std::string first_there(const std::vector<std::string>& compilers) {
  for (const std::string& compiler : compilers) {
    int status = 0;
    spoken("command -v " + compiler.substr(0, compiler.find(' ')), status);
    if (status == 0) return compiler;
  }
  return "no-compiler";
}

/// `32,64,64` for the sizes of the kernel.
Control sizes_of(const Proc& proc, const std::string& text) {
  Control out;
  const std::vector<std::string> numbers = split_text(text, ',');
  size_t next = 0;
  for (const Param& p : proc.params)
    if (!is_data(p.type.scalar) && next < numbers.size()) out[p.name] = std::stoll(numbers[next++]);
  return out;
}

int run(int argc, char** argv) {
  const std::string recipe = argv[1], name = argv[2], directory = argv[5];
  const std::string asked = argv[3], wanted = asked.substr(0, asked.find('@'));
  const std::string units = wanted == asked ? "" : asked.substr(wanted.size() + 1);
  const std::string variant = wanted.substr(0, wanted.find('.'));
  const std::string way = variant == wanted ? "" : wanted.substr(variant.size() + 1);
  const bool emulate = way == "emulated";
  Compiler compiler{argv[4]};
  BuildOptions options;
  options.kernels = {name};
  options.target_path = {EXO_DEFAULT_TARGETS_DIR};
  std::set<int64_t> tiles = {3, 6, 8, 16, 31};
  std::vector<std::string> given;
  for (int i = 6; i < argc; ++i) {
    const std::string param = argv[i];
    if (param[0] == '@') {
      given.push_back(param.substr(1));
      continue;
    }
    const size_t equals = param.find('=');
    options.params[param.substr(0, equals)] = param.substr(equals + 1);
  }
  std::filesystem::remove_all(directory);
  const Recipe loaded = load_recipe(recipe, "", options.target_path);
  for (const VariantEntry& v : loaded.variants)  // others need not be made
    if (v.name == variant && v.target.chars != "portable") options.targets = {v.target.chars};
  for (const EmitKernel& native : build(loaded, options)) {
    EmitKernel kernel = emulate ? emulated(native) : native;
    for (EmitVariant& v : kernel.variants) {
      if (v.name != variant) continue;
      if (emulate && !units.empty()) compiler.flags += " -DEXO_VECTOR_LENGTH=" + units;
      if (!emulate && !units.empty())
        v.target = in_emulator(v.target, load_target(v.target->name, options.target_path, std::stoll(units)));
      if (way == "simulated") v.target = in_simulator(*v.target);
      if (compiler.name == "cross") compiler.name = first_there(v.target->compilers);
      if (!runs_here(*v.target, compiler)) return kSkipped;
      const Proc& admits = v.when ? *v.proc : *kernel.algorithm;  // the sizes for which the variant is taken
      auto at = translated(sizes(admits, tiles, 150, 1), admits, *kernel.algorithm);
      for (const std::string& sizes : given) at.push_back(sizes_of(*kernel.algorithm, sizes));
      const std::string trouble = run_in_c(kernel, variant, at, compiler, directory);
      if (trouble.empty()) return std::filesystem::remove_all(directory), 0;
      return fmt::print("{}\n", trouble), trouble.rfind("skipped", 0) == 0 ? kSkipped : 1;
    }
  }
  fmt::print("there is no variant `{}` of `{}`\n", variant, name);
  return 1;
}

}  // namespace
}  // namespace exo::testing

int main(int argc, char** argv) {
  if (argc < 6) return std::fputs("usage: run_kernel RECIPE KERNEL VARIANT COMPILER DIRECTORY [K=V...]\n", stderr), 2;
  try {
    return exo::testing::run(argc, argv);
  } catch (const exo::Rejected& rejected) {
    for (const exo::Diagnostic& d : rejected.problems) fmt::print("{}\n", exo::render(d));
  } catch (const exo::Bug& fault) {
    fmt::print("a fault of the generator: {}\n", fault.what);
  }
  return 1;
}
