// Every instruction of a target, run on the CPU against its specification as plain C.
#include <fmt/format.h>

#include "emit_run.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "support/text.h"
#include "target/c_type.h"

using namespace exo;

namespace {

/// Two procedures with the same parameters: one calls every instruction, the other runs its specification.
struct Bench {
  Proc calls, meaning;
  std::string arrays, fill, compare, arguments_a, arguments_b;  // pieces of the main program
};

bool is_register(const Target& target, const Param& param) {
  const Memory* memory = target.memory(param.memory);
  return memory && !memory->addressable;
}

enum class Move { Load, Store };

/// The instruction that moves a whole unit between a register like that of the parameter and ordinary memory.
const Instruction* mover(const Target& target, Move move, const Param& like) {
  for (const Instruction& i : target.instructions) {
    const std::vector<Param>& params = i.spec->params;
    if (params.size() != 2 || params[0].type.shape.size() != 1 || params[1].type.shape.size() != 1) continue;
    const Param& reg = params[move == Move::Load ? 0 : 1];
    const Param& plain = params[move == Move::Load ? 1 : 0];
    if (reg.memory == like.memory && plain.memory.empty() && reg.type.scalar == like.type.scalar &&
        plain.type.scalar == like.type.scalar && equal(reg.type.shape[0], plain.type.shape[0]))
      return &i;
  }
  return nullptr;
}

/// Adds a buffer of the main program: two copies of `count` elements.
void add_buffer(Bench& bench, const std::string& name, Scalar type, int64_t count) {
  const char* t = c_type(type);
  bench.arrays += fmt::format("static {0} {1}_a[{2}], {1}_b[{2}];\n", t, name, count);
  bench.fill += fmt::format("    for (int i = 0; i < {1}; ++i) {0}_a[i] = {0}_b[i] = ({2}){3};\n", name, count, t,
                            is_float(type) ? "value()" : "whole()");
  bench.compare += fmt::format(
      "    for (int i = 0; i < {1}; ++i) if (!(({0}_a[i] == {0}_b[i] && !signbit((double){0}_a[i]) == "
      "!signbit((double){0}_b[i])) || ({0}_a[i] != {0}_a[i] && {0}_b[i] != {0}_b[i]))) "
      "{{ printf(\"{0}[%d]: %g and %g, n = %d\\n\", i, (double){0}_a[i], (double){0}_b[i], (int)n); ++wrong; }}\n",
      name, count);
}

/// The largest extent: what the arrays of the main program need, n included.
int64_t count_of(const Type& type, int64_t lanes) {
  if (type.shape.empty()) return 1;
  const int64_t* extent = literal(type.shape.at(0));
  return extent ? *extent : lanes;
}

void add_instruction(Bench& bench, const Target& target, const Instruction& instruction, Sym n) {
  Renaming by;
  Exprs args;
  Block before, after;
  Substitution sizes;
  int64_t lanes = 1;
  for (const Param& p : instruction.spec->params)
    if (is_register(target, p)) lanes = *literal(p.type.shape[0]);
  for (const Param& p : instruction.spec->params) {
    if (!is_data(p.type.scalar)) {
      sizes[p.name] = min_of(var(n), num(lanes));
      args.push_back(sizes[p.name]);
      continue;
    }
    Param mine = p;
    mine.name = Sym::fresh(instruction.name + "_" + p.name.name());
    mine.memory.clear();
    mine.type.window = false;
    const int64_t count = count_of(p.type, lanes);
    if (!p.type.shape.empty()) mine.type.shape = {num(count)};
    by[p.name] = mine.name;
    add_buffer(bench, mine.name.name(), p.type.scalar, count);
    const char* element = p.type.shape.empty() ? "[0]" : "";  // a scalar that is only read goes by value
    bench.arguments_a += fmt::format(", {}_a{}", mine.name.name(), element);
    bench.arguments_b += fmt::format(", {}_b{}", mine.name.name(), element);
    bench.calls.params.push_back(mine);
    bench.meaning.params.push_back(mine);
    if (p.type.shape.empty()) {
      args.push_back(window(mine.name, {}));
      continue;
    }
    if (!is_register(target, p)) {
      args.push_back(
          window(mine.name,
                 {{num(0), p.type.shape[0] == mine.type.shape[0] ? num(count) : substitute(p.type.shape[0], sizes)}}));
      continue;
    }
    const Sym reg = Sym::fresh("r_" + p.name.name());
    const Exprs in = {window(reg, {{num(0), num(lanes)}}), window(mine.name, {{num(0), num(lanes)}})};
    before.push_back(stmt(Alloc{reg, {p.type.scalar, {num(lanes)}, false}, p.memory}));
    before.push_back(stmt(Call{mover(target, Move::Load, p)->spec, in}));
    after.push_back(stmt(Call{mover(target, Move::Store, p)->spec, {in[1], in[0]}}));
    args.push_back(in[0]);
  }
  Block body = before;
  body.push_back(stmt(Call{instruction.spec, args}));
  body.insert(body.end(), after.begin(), after.end());
  bench.calls.body.push_back(stmt(If{truth(true), body, {}}));
  bench.meaning.body.push_back(
      stmt(If{truth(true), freshen(rename(substitute(instruction.spec->body, sizes), by)), {}}));
}

/// A register that is only read is stored back as well; so every parameter is written by the calls.
Bench bench_of(const Target& target) {
  Bench bench;
  const Sym n = Sym::fresh("n");
  bench.calls.name = bench.meaning.name = "bench";
  bench.calls.params = bench.meaning.params = {Param{n, {Scalar::Size, {}, false}, "", {}}};
  for (const Instruction& instruction : target.instructions) add_instruction(bench, target, instruction, n);
  return bench;
}

std::string main_program(const Bench& bench, const Target& target) {
  std::string supported = "1";
  for (const std::string& feature : target.features)
    if (feature != "f16c") supported += fmt::format(" && __builtin_cpu_supports(\"{}\")", feature);
  return "#include <math.h>\n#include <stdio.h>\n#include \"bench.h\"\n" + bench.arrays +
         fmt::format("extern __typeof__(bench) bench__{0}, bench__portable;\n", target.name) +
         "static unsigned state = 1;\n"
         "static double value(void)\n{\n"
         "    static const double special[] = {0.0, -0.0, 1.0, -1.0, 2.5, -3.0, INFINITY, -INFINITY, NAN, 0.5};\n"
         "    state = state * 1664525u + 1013904223u;\n"
         "    const unsigned r = state >> 16;\n"
         "    return r % 3 == 0 ? special[r / 3 % 10] : (double)(int)(r % 64) - 32;\n}\n"
         "/* Numbers at the edges of every width, and any others. */\n"
         "static int64_t whole(void)\n{\n"
         "    state = state * 1664525u + 1013904223u;\n"
         "    const unsigned r = state >> 16, width = 8u << (r / 4 % 4);\n"
         "    const uint64_t edge = UINT64_C(1) << (width - 1 - r / 64 % 2 * (width - 1));\n"
         "    return (int64_t)(r % 4 ? edge - r / 16 % 4 % 3 : (uint64_t)state * 2862933555777941757u);\n}\n"
         "int main(void)\n{\n    int wrong = 0;\n"
         "#ifdef __x86_64__\n    if (!(" +
         supported +
         ")) { puts(\"skipped\"); return 0; }\n#endif\n"
         "    for (int round = 0; round < 400; ++round) {\n    const int64_t n = round % 18;\n" +
         bench.fill +
         fmt::format("    bench__{}(n{});\n    bench__portable(n{});\n", target.name, bench.arguments_a,
                     bench.arguments_b) +
         bench.compare + "    }\n    puts(wrong ? \"differ\" : \"equal\");\n    return wrong != 0;\n}\n";
}

/// A target, the compilers that make programs for it, and what of the runtime they are linked with.
struct Machine {
  std::string target;
  std::vector<std::string> compilers;
};

void check(const Machine& machine) {
  const TargetRef target = shipped_target(machine.target), portable = shipped_target("portable");
  const Bench bench = bench_of(*target);
  const auto calls = std::make_shared<const Proc>(bench.calls), meaning = std::make_shared<const Proc>(bench.meaning);
  const Workshop shop;
  shop.write(emit(kernel_of(calls, {{target, calls}, {portable, meaning}})));
  shop.write("main.c", main_program(bench, *target));
  int tried = 0;
  for (const std::string& compiler : machine.compilers) {
    if (!shop.run("command -v " + compiler).first ||
        (!target->emulator.empty() && !shop.run("command -v " + target->emulator[0]).first))
      continue;
    ++tried;
    const auto flags = target->flags.find("gnu");
    shop.compile(compiler, (flags == target->flags.end() ? "" : join(flags->second, " ")) + " -O1 -c",
                 "bench." + machine.target + ".c", "native.o");
    shop.compile(compiler, "-O1 -c", "bench.portable.c", "plain.o");
    const auto [linked, log] = shop.run(
        compiler + " -w -I " EXO_SOURCE_DIR "/runtime/include main.c native.o plain.o " + kRuntime + " -o bench");
    INFO(machine.target << " " << log);
    REQUIRE(linked);
    const auto [ok, out] = shop.run(join(target->emulator, " ") + " ./bench");
    INFO(machine.target << " " << compiler << "\n" << out);
    CHECK(ok);
    CHECK((out == "equal\n" || out == "skipped\n"));
    if (out == "skipped\n") WARN(machine.target << " does not run on this CPU");
  }
  if (tried == 0) WARN(machine.target << " was not run: there is no compiler or no emulator for it");
}

}  // namespace

TEST_CASE("emit: instructions of x86 do what their specification says") {
  for (const std::string target : {"avx2", "avx512"}) check({target, {"gcc", "clang"}});
}

TEST_CASE("emit: instructions of Arm do what their specification says") { check({"neon", {"aarch64-linux-gnu-gcc"}}); }
