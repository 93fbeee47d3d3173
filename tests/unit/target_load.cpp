// Targets: the shipped ones load; inheritance; every mistake of a file is reported where it stands.
#include <catch2/catch.hpp>

#include <unistd.h>
#include <filesystem>
#include <fstream>

#include "target/target.h"

using namespace exo;

namespace {

/// A directory of targets that lives as long as the object.
struct Targets {
  std::filesystem::path root = std::filesystem::temp_directory_path() / ("exo-targets-" + std::to_string(::getpid()));
  Targets() { std::filesystem::create_directories(root); }
  ~Targets() { std::filesystem::remove_all(root); }
  void add(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(root / name);
    std::ofstream(root / name / "target.toml") << text;
  }
  TargetPath path() const { return {root.string()}; }
  std::vector<Diagnostic> problems(const std::string& name) const {
    try {
      load_target(name, path());
    } catch (const Rejected& rejected) {
      return rejected.problems;
    }
    return {};
  }
};

const std::string kHead = "format = 1\n[target]\nname = 'toy'\narch = 'any'\n";
const std::string kMemory =
    "[memory.reg]\nrole = 'vector'\nelement = { f32 = 'v4' }\nlanes = { f32 = 4 }\naccess = 'instructions'\n"
    "alloc = '{ctype} {name}{outer_dims};'\nwindow = '{name}{outer_indices}'\n";

std::string instruction(const std::string& name, const std::string& c) {
  return "[instr." + name + "]\nclass = 'vector'\nspec = '''\ndef " + name +
         "(dst : [f32][4] @ reg, src : [f32][4]):\n    for l in seq(0, 4):\n        dst[l] = src[l]\n'''\nc = \"" + c +
         "\"\n";
}

}  // namespace

TEST_CASE("targets: the shipped ones load") {
  const TargetPath path = {EXO_SOURCE_DIR "/targets"};
  for (const std::string& name : available_targets(path)) {
    INFO(name);
    CHECK(load_target(name, path)->name == name);
  }
  const TargetRef avx2 = load_target("avx2", path), avx512 = load_target("avx512", path);
  CHECK(avx2->facts.at("registers") == 16);
  CHECK(avx2->facts.at("caches.line") == 64);
  CHECK(avx512->lanes.at(Scalar::F32) == 16);
  CHECK(avx2->memory_of_role("vector", Scalar::F64)->name == "ymm");
  CHECK(avx2->memory_of_role("vector", Scalar::F16) == nullptr);
  CHECK(avx2->memory("heap") != nullptr);
  for (const Instruction& i : avx2->instructions) {
    INFO(i.name);
    CHECK(avx512->instruction(i.name) != nullptr);  // recipes may name them on both
    CHECK(avx2->instruction_of(*i.spec) == &i);
  }
}

TEST_CASE("targets: a family fills its holes and leaves those of C") {
  const Targets targets;
  targets.add(
      "toy",
      kHead + kMemory +
          "[[family]]\neach = [ { s = 'a', L = 4 }, { s = 'b', L = 4 } ]\n[family.instr.\"copy_{s}\"]\nclass = 'move'\n"
          "spec = '''\ndef copy_{s}(n : size, dst : [f32][{L}] @ reg):\n    assert n <= {L}\n    for l in seq(0, "
          "{L}):\n"
          "        dst[l] = 0.0\n'''\nc = '{dst} = make_{s}({n}, (int[]){{{L}, 1}});'\n");
  const TargetRef toy = load_target("toy", targets.path());
  REQUIRE(toy->instructions.size() == 2);
  const Template& c = toy->instruction("copy_b")->c;
  std::string text;
  for (const Template::Piece& piece : c.pieces) text += piece.hole ? "<" + piece.text + ">" : piece.text;
  CHECK(text == "<dst> = make_b(<n>, (int[]){4, 1});");
}

TEST_CASE("targets: own entries override what is inherited") {
  const Targets targets;
  targets.add("toy", kHead +
                         "features = ['f1']\nflags = { gnu = ['-m1'] }\nregisters = 8\ndim = 3\nlanes = { f32 = 4 }\n" +
                         kMemory + instruction("load", "{dst} = old({src.ptr});") +
                         instruction("other", "{dst} = other({src.ptr});"));
  targets.add("child",
              "format = 1\n[target]\nname = 'child'\nextends = 'toy'\nfeatures = ['f2']\nflags = { gnu = ['-m2'] "
              "}\nregisters = 16\n" +
                  instruction("load", "{dst} = new({src.ptr});"));
  const TargetRef child = load_target("child", targets.path());
  CHECK(child->arch == "any");
  CHECK(child->features == std::vector<std::string>{"f1", "f2"});
  CHECK(child->flags.at("gnu") == std::vector<std::string>{"-m1", "-m2"});
  CHECK(child->facts.at("registers") == 16);
  CHECK(child->facts.at("dim") == 3);
  CHECK(child->inputs == std::vector<std::string>{"toy/target.toml", "child/target.toml"});
  REQUIRE(child->instructions.size() == 2);
  CHECK(child->instruction("load")->c.pieces.at(1).text == " = new(");
}

TEST_CASE("targets: parts stand beside target.toml") {
  const Targets targets;
  targets.add("toy", kHead + "prelude = 'int a;'\nparts = ['more.toml']\n" + kMemory +
                         instruction("load", "{dst} = one({src.ptr});"));
  std::ofstream(targets.root / "toy" / "more.toml")
      << "format = 1\nprelude = 'int b;'\n" + instruction("copy", "{dst} = two({src.ptr});");
  const TargetRef toy = load_target("toy", targets.path());
  REQUIRE(toy->instructions.size() == 2);
  CHECK(toy->instructions[1].name == "copy");
  CHECK(toy->prelude == "int a;\nint b;");
  CHECK(toy->inputs == std::vector<std::string>{"toy/target.toml", "toy/more.toml"});

  targets.add(
      "other",
      "format = 1\n[target]\nname = 'other'\narch = 'any'\nparts = ['../toy/more.toml', 'none.toml', 'odd.toml']\n");
  std::ofstream(targets.root / "other" / "odd.toml") << "prelude = 1\n[target]\nname = 'odd'\n";
  std::vector<std::string> codes;
  for (const Diagnostic& d : targets.problems("other")) codes.push_back(d.code);
  CHECK(codes == std::vector<std::string>{"target-part", "target-part", "unknown-key", "format-version", "toml-type"});
}

TEST_CASE("targets: names that do not exist, and circles") {
  const Targets targets;
  targets.add("toy", kHead);
  targets.add("a", "format = 1\n[target]\nname = 'a'\nextends = 'b'\n");
  targets.add("b", "format = 1\n[target]\nname = 'b'\nextends = 'a'\n");
  CHECK(targets.problems("toys").at(0).code == "target-unknown");
  CHECK(targets.problems("toys").at(0).helps.at(0) == "did you mean `toy`?");
  CHECK(targets.problems("../toy").at(0).code == "target-unknown");
  const auto circle = targets.problems("a");
  REQUIRE(!circle.empty());
  CHECK(circle[0].code == "target-cycle");
  CHECK(circle[0].message == "`a` extends itself: a -> b -> a");
}

TEST_CASE("targets: all mistakes of a file are reported") {
  const Targets targets;
  targets.add(
      "toy",
      kHead +
          "register = 'x'\n[memory.reg]\nrole = 'vektor'\nelement = { f32 = 'v4', f64 = 'v2' }\nlanes = { f32 = 4 }\n"
          "access = 'instructions'\nwindow = '{name}{outer_index}'\n" +
          instruction("load", "{dst} = f({sorc.ptr});") + instruction("move", "{dst} = f({src.ptr}) }"));
  std::vector<std::string> codes;
  for (const Diagnostic& problem : targets.problems("toy")) {
    codes.push_back(problem.code);
    CHECK(problem.places.at(0).span.source != nullptr);
  }
  CHECK(codes == std::vector<std::string>{"unknown-key", "missing-key", "target-choice", "target-lanes", "target-hole",
                                          "target-hole", "target-brace"});
}

TEST_CASE("targets: the place of a mistake inside a specification") {
  const Targets targets;
  targets.add("toy", kHead + kMemory +
                         "[instr.load]\nclass = 'vector'\nc = '{dst} = x;'\nspec = '''\ndef load(dst : [f32][4] @ "
                         "reg):\n    for l in seq(0, 4):\n        dzt[l] = 0.0\n'''\n");
  const auto problems = targets.problems("toy");
  REQUIRE(problems.size() == 1);
  const Span span = problems[0].places.at(0).span;
  CHECK(span.source->text.substr(span.begin, 3) == "dzt");
}

TEST_CASE("targets: a family repeats no mistake") {
  const Targets targets;
  targets.add("toy", kHead + kMemory +
                         "[[family]]\neach = [ { s = 'a' }, { s = 'b' } ]\n[family.instr.\"z_{s}\"]\nclass = 'vector'\n"
                         "c = 'z;'\nspec = '''\ndef z_{s}(d : [f32][4] @ reg):\n    for l in seq(0, 4):\n"
                         "        d[l] = e\n'''\n");
  CHECK(targets.problems("toy").size() == 1);
}

TEST_CASE("targets: instructions that do not fit their target") {
  const Targets targets;
  targets.add(
      "toy",
      kHead + kMemory +
          "[[family]]\neach = [ { s = 'a' }, { s = 'a' } ]\n[family.instr.\"z_{s}\"]\nclass = 'vector'\nc = '{d} = "
          "z;'\nspec = '''\ndef z_{s}(d : [f32][4] @ reg):\n    for l in seq(0, 4):\n        d[l] = 0.0\n'''\n"
          "[instr.w]\nclass = 'vector'\nc = '{d} = z;'\nspec = '''\ndef w(d : [f32][8] @ reg, e : [f64][4] @ reg, f : "
          "[f32][4] @ rag):\n    for l in seq(0, 4):\n        d[l] = f[l]\n'''\n"
          "[instr.v]\nclass = 'vector'\nc = ''\nspec = '''\ndef w():\n    pass\n'''\n");
  std::vector<std::string> codes;
  for (const Diagnostic& problem : targets.problems("toy")) codes.push_back(problem.code);
  CHECK(codes == std::vector<std::string>{"target-duplicate", "target-lanes", "target-element", "unknown-memory",
                                          "target-spec-name"});
}
