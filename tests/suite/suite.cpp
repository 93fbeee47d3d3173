// suite CHECK ROOT: rules of this code base that no compiler checks. Ends with 1 where one is broken, and says where.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "schedule/control.h"
#include "suite/exceptions.h"
#include "suite/files.h"
#include "suite/page.h"

namespace exo::testing {
namespace {

namespace fs = std::filesystem;

int complaints = 0;
void complain(const std::string& text) {
  fmt::print("{}\n", text);
  ++complaints;
}

/// What a folder of the generator may include, itself and `support` aside.
const std::map<std::string, std::set<std::string>> kLayers = {
    {"support", {}},
    {"ir", {}},
    {"toml", {}},
    {"analysis", {"ir"}},
    {"target", {"ir", "toml"}},
    {"emit", {"ir", "target"}},
    {"schedule", {"ir", "toml", "analysis", "target"}},
    {"recipe", {"schedule", "emit", "target", "analysis", "toml", "ir"}},
};

void check_layers(const fs::path& root) {
  const std::regex include("#include \"([a-z_]+)/[^\"]*\"");
  for (const auto& [folder, allowed] : kLayers)
    for (const File& f : files(root, "generator/" + folder, {".h", ".cpp"}))
      for (std::sregex_iterator it(f.text.begin(), f.text.end(), include), end; it != end; ++it) {
        const std::string other = (*it)[1];
        if (other != folder && other != "support" && !allowed.count(other))
          complain(fmt::format("{} includes {}, which is not below it", f.path, (*it)[0].str()));
      }
  for (const File& f : files(root, "runtime", {".h", ".c"}))
    for (const auto& [folder, allowed] : kLayers)
      if (f.text.find("#include \"" + folder + "/") != std::string::npos)
        complain(f.path + " includes a part of the generator");
}

void check_sizes(const fs::path& root) {
  for (const char* folder : {"generator", "runtime", "targets", "recipes", "cmake", "tests", "example-project"})
    for (const File& f : files(root, folder, {".h", ".cpp", ".c", ".cmake", ".toml"}))
      if (const auto lines = std::count(f.text.begin(), f.text.end(), '\n'); lines > 500)
        complain(fmt::format("{} has {} lines, more than 500", f.path, lines));
}

void check_goldens(const fs::path& root) {
  std::set<std::string> known;
  std::vector<std::string> names;
  for (const Verb& v : verbs()) names.push_back(v.name);
  for (const Control& c : controls()) names.push_back(c.name);
  for (const std::string& name : names) {
    known.insert(name);
    bool accepted = false, refused = false;
    for (const File& f : files(root, "tests/primitives/" + name, {".test"}))
      (fs::path(f.path).filename().string().rfind("fail_", 0) == 0 ? refused : accepted) = true;
    if (!accepted) complain(fmt::format("no golden test has an accepted `{}`", name));
    if (!refused) complain(fmt::format("no golden test has a rejected `{}`", name));
  }
  for (const auto& entry : fs::directory_iterator(root / "tests/primitives"))
    if (entry.is_directory() && !known.count(entry.path().filename().string()))
      complain(fmt::format("{} is the folder of no verb", entry.path().filename().string()));
}

/// Every code has a golden: the search in the sources finds all that goldens say, and the other way round.
void check_codes(const fs::path& root) {
  const auto all = codes(root);
  const auto found = examples(root);
  for (const auto& [code, path] : all)
    if (!found.count(code) && !kUntestedCodes.count(code))
      complain(fmt::format("`{}` of {} appears in no golden", code, path));
  for (const auto& [code, example] : found) {
    if (!all.count(code)) complain(fmt::format("`{}` of {} is not found in the sources", code, example.file));
    if (kUntestedCodes.count(code)) complain(fmt::format("`{}` is an exception, but {} has it", code, example.file));
  }
  for (const auto& [code, why] : kUntestedCodes)
    if (!all.count(code)) complain(fmt::format("`{}` is an exception for a code that does not exist", code));
}

void check_page(const fs::path& root) {
  const fs::path path = root / "generator/DIAGNOSTICS.md";
  const std::string page = diagnostics_page(root);
  if (std::getenv("UPDATE_GOLDEN"))
    std::ofstream(path, std::ios::binary) << page;
  else if (read(path) != page)
    complain("generator/DIAGNOSTICS.md is out of date: UPDATE_GOLDEN=1 writes it");
}

void check_words(const fs::path& root) {
  const std::regex machine("(/home/[a-z]|/root/|/work/|/tmp/[a-z]|[A-Z]:\\\\)");
  const std::string later = std::string("TO") + "DO", fix = std::string("FIX") + "ME";
  for (const char* folder : {"generator", "runtime", "targets", "recipes", "cmake", "tests", "example-project"})
    for (const File& f :
         files(root, folder,
               {".h", ".cpp", ".c", ".cmake", ".toml", ".txt", ".md", ".sh", ".test", ".expected", ".py"})) {
      if (f.path.rfind("tests/suite/", 0) == 0) continue;
      for (const std::string& word : {later, fix})
        if (f.text.find(word) != std::string::npos) complain(fmt::format("{} has a {}", f.path, word));
      std::smatch found;
      if (std::regex_search(f.text, found, machine) && !kMachinePaths.count(f.path))
        complain(fmt::format("{} names a path of one machine: {}", f.path, found.str()));
    }
}

int run(const std::string& check, const fs::path& root) {
  const std::map<std::string, std::function<void(const fs::path&)>> checks = {
      {"layers", check_layers}, {"sizes", check_sizes}, {"goldens", check_goldens},
      {"codes", check_codes},   {"page", check_page},   {"words", check_words}};
  const auto it = checks.find(check);
  if (it == checks.end()) return fmt::print("there is no check `{}`\n", check), 2;
  it->second(root);
  return complaints > 0 ? 1 : 0;
}

}  // namespace
}  // namespace exo::testing

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("usage: suite CHECK ROOT\n", stderr), 2;
  return exo::testing::run(argv[1], argv[2]);
}
