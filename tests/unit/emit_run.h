// Writes emitted files and a main program into a directory, compiles them with both compilers and runs the result.
#pragma once

#include <catch2/catch.hpp>

#include <unistd.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "emit/emit.h"
#include "ir/parse.h"
#include "target/target.h"

namespace exo {

/// A directory of its own for a test, gone with the object.
class Workshop {
 public:
  Workshop() {
    std::string pattern = (std::filesystem::temp_directory_path() / "exo-emit-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root_ = pattern;
  }
  ~Workshop() { std::filesystem::remove_all(root_); }
  Workshop(const Workshop&) = delete;

  void write(const std::string& name, const std::string& text) const { std::ofstream(root_ / name) << text; }
  void write(const std::map<std::string, std::string>& files) const {
    for (const auto& [name, text] : files) write(name, text);
  }

  /// Runs a command in the directory; what it prints, and whether it succeeded.
  std::pair<bool, std::string> run(const std::string& command) const {
    const std::string line = "cd " + root_.string() + " && (" + command + ") 2>&1";
    FILE* pipe = ::popen(line.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string out;
    std::array<char, 4096> buffer;
    while (const size_t n = ::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), n);
    return {::pclose(pipe) == 0, out};
  }

  /// Compiles files with all warnings as errors.
  void compile(const std::string& compiler, const std::string& flags, const std::string& files,
               const std::string& output) const {
    const auto [ok, text] =
        run(compiler +
            " -std=c11 -Wall -Wextra -Wconversion -pedantic -Wshadow -Werror -ffp-contract=off -I " EXO_SOURCE_DIR
            "/runtime/include " +
            flags + " " + files + " -o " + output);
    INFO(compiler << " " << flags << " " << files << "\n" << text);
    REQUIRE(ok);
  }

  /// The compilers that exist here.
  std::vector<std::string> compilers() const {
    std::vector<std::string> out;
    for (const char* compiler : {"gcc", "clang"})
      if (run(std::string("command -v ") + compiler).first) out.emplace_back(compiler);
    return out;
  }

 private:
  std::filesystem::path root_;
};

/// The runtime that generated code links with.
inline const std::string kRuntime = EXO_SOURCE_DIR "/runtime/*.c -lm -lpthread";

inline TargetRef shipped_target(const std::string& name) { return load_target(name, {EXO_SOURCE_DIR "/targets"}); }

/// The last procedure of a text, which may call the instructions of a target.
inline ProcRef proc_of(const std::string& text, const Target* target = nullptr) {
  std::vector<ProcRef> known;
  if (target)
    for (const Instruction& instruction : target->instructions) known.push_back(instruction.spec);
  return parse(text_of(register_source("test", text)), known).back();
}

/// A kernel of one procedure and its variants, named like their targets.
inline EmitKernel kernel_of(const ProcRef& algorithm, const std::vector<std::pair<TargetRef, ProcRef>>& variants) {
  EmitKernel kernel;
  kernel.name = algorithm->name;
  kernel.recipe = "test.toml";
  kernel.algorithm = algorithm;
  for (const auto& [target, proc] : variants) kernel.variants.push_back({target->name, proc, target, nullptr});
  return kernel;
}

}  // namespace exo
