#include "fuzz/inputs/feed.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "ir/check.h"
#include "ir/expression.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "recipe/build.h"

namespace exo::testing {
namespace {

namespace fs = std::filesystem;

/// Runs the action; what it refuses must be told as text and as JSON.
bool accepted(const std::function<void()>& action) {
  try {
    action();
    return true;
  } catch (const Rejected& rejected) {
    if (rejected.problems.empty()) throw Bug{"a refusal without a problem"};
    for (const Diagnostic& d : in_order(rejected.problems)) {
      if (d.code.empty() || d.message.empty()) throw Bug{"a problem without words"};
      render(d, Color::Always);
      if (!nlohmann::json::accept(as_json(d))) throw Bug{"this is no JSON: " + as_json(d)};
    }
    return false;
  }
}

void feed_parser(const std::string& text) {
  accepted([&] { parse_toml("input.toml", text); });
  const Text whole = text_of(register_source("input", text));
  accepted([&] { parse_expr(whole, [](const std::string&) { return std::nullopt; }, {}); });
  std::vector<ProcRef> procs;
  if (!accepted([&] { procs = parse(whole); })) return;
  Problems problems;
  for (const ProcRef& p : procs) check(*p, problems);
  if (!accepted([&] { problems.throw_if_any(); })) return;
  std::string printed;
  for (const ProcRef& p : procs) {
    verify(*p);
    printed += print(*p) + "\n";
  }
  std::vector<ProcRef> back;
  if (!accepted([&] { back = parse(text_of(register_source("printed", printed))); }) || back.size() != procs.size())
    throw Bug{"what was printed does not parse:\n" + printed};
  for (size_t i = 0; i < procs.size(); ++i)
    if (!equal(*procs[i], *back[i])) throw Bug{"what was printed is another program:\n" + printed};
}

/// A folder of this process, deleted at its end.
const fs::path& folder() {
  struct Folder {
    fs::path path = fs::temp_directory_path() / fmt::format("exo_inputs_{}", getpid());
    Folder() { fs::create_directories(path / "input"); }
    ~Folder() {
      std::error_code error;
      fs::remove_all(path, error);
    }
  };
  static const Folder own;
  return own.path;
}

void feed_recipe(const std::string& text) {
  const fs::path file = folder() / "input.toml";
  std::ofstream(file, std::ios::binary) << text;
  const std::string targets = EXO_DEFAULT_TARGETS_DIR;
  BuildOptions options;
  options.target_path = {targets};
  accepted([&] {
    for (const EmitKernel& k : build(load_recipe(file.string(), targets + "/../recipes"), options)) emit(k);
  });
}

void feed_target(const std::string& text) {
  std::ofstream(folder() / "input" / "target.toml", std::ios::binary) << text;
  accepted([&] { load_target("input", {folder().string(), EXO_DEFAULT_TARGETS_DIR}); });
}

}  // namespace

void feed(const std::string& part, const std::string& text) {
  if (part == "parser") return feed_parser(text);
  if (part == "recipe") return feed_recipe(text);
  if (part == "target") return feed_target(text);
  throw Bug{"there is no part called " + part};
}

}  // namespace exo::testing
