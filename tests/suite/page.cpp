#include "suite/page.h"

#include <regex>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "suite/exceptions.h"
#include "suite/files.h"
#include "support/text.h"

namespace exo::testing {
namespace {

/// What a golden says about one problem: from its first line to the next problem, or the end.
std::vector<std::string> problems_of(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string& line : split_text(text, '\n')) {
    if (line.rfind("error[", 0) == 0) out.emplace_back();
    if (!out.empty()) out.back() += line + "\n";
  }
  for (std::string& problem : out) problem = std::string(trim(problem)) + "\n";
  return out;
}

std::string code_of(const std::string& problem) {
  const size_t begin = problem.find('[') + 1;
  return problem.substr(begin, problem.find(']') - begin);
}

/// The parts of the generator in the order of the page.
struct Section {
  std::string title;
  std::vector<std::string> folders;
};
const std::vector<Section> kSections = {
    {"The algorithm", {"ir/", "analysis/"}},
    {"TOML and recipes", {"toml/", "recipe/"}},
    {"Targets", {"target/"}},
    {"Steps", {"schedule/"}},
    {"C", {"emit/"}},
    {"Files and the command line", {"support/", "main.cpp"}},
};

bool belongs(const std::string& path, const Section& section) {
  for (const std::string& folder : section.folders)
    if (path.rfind("generator/" + folder, 0) == 0) return true;
  return false;
}

}  // namespace

std::map<std::string, std::string> codes(const std::filesystem::path& root) {
  // Words joined by hyphens stand for nothing else in the sources; the few codes of one word stand in a Diagnostic.
  const std::regex joined("\"([a-z]+(?:-[a-z0-9]+)+)\""),
      single("(?:Diagnostic(?: d)?\\{|\\.add\\(\\{|problem\\(|reject\\(\\{|complain\\()\\s*\"([a-z]+)\"");
  std::map<std::string, std::string> out;
  for (const File& f : files(root, "generator", {".h", ".cpp"}))
    for (const std::regex& shape : {joined, single})
      for (std::sregex_iterator it(f.text.begin(), f.text.end(), shape), end; it != end; ++it)
        out.emplace((*it)[1], f.path);
  return out;
}

std::map<std::string, Example> examples(const std::filesystem::path& root) {
  std::map<std::string, Example> out;
  std::map<std::string, std::pair<bool, size_t>> rank;  // smaller is better
  for (const char* folder : {"tests/diagnostics", "tests/primitives"})
    for (const File& f : files(root, folder, {".expected", ".test"})) {
      const size_t begin = f.text.find("error[");
      if (begin == f.text.npos) continue;
      const std::string before = f.path.find(".test") == f.path.npos ? "" : f.text.substr(0, begin);
      bool first = true;
      for (const std::string& problem : problems_of(f.text.substr(begin))) {
        const std::pair<bool, size_t> mine{!first, before.size() + problem.size()};
        const auto [it, fresh] = rank.emplace(code_of(problem), mine);
        if (fresh || mine < it->second) it->second = mine, out[it->first] = {f.path, before + problem};
        first = false;
      }
    }
  return out;
}

std::string diagnostics_page(const std::filesystem::path& root) {
  const auto all = codes(root);
  const auto found = examples(root);
  std::string out =
      "# Diagnostics\n\n"
      "Every code with an example, taken from the golden tests. `UPDATE_GOLDEN=1 ctest -R page.diagnostics` writes "
      "this page; the\n"
      "test fails where it is out of date. In examples of steps the program stands first, then the step, then what is "
      "said of it.\n";
  for (const Section& section : kSections) {
    out += fmt::format("\n## {}\n", section.title);
    for (const auto& [code, path] : all) {
      if (!belongs(path, section)) continue;
      out += fmt::format("\n### `{}`\n\n", code);
      const auto example = found.find(code);
      const auto exception = kUntestedCodes.find(code);
      if (example != found.end())
        out += fmt::format("```\n{}```\n", example->second.text);
      else
        out +=
            fmt::format("No example: {}.\n", exception == kUntestedCodes.end() ? "there is none" : exception->second);
    }
  }
  return out;
}

}  // namespace exo::testing
