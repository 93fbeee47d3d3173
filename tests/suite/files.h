// Files of the repository, for the checks of the suite.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace exo::testing {

struct File {
  std::string path;  // relative to the root
  std::string text;
};

inline std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// All files below a folder with one of the endings, in the order of their paths.
inline std::vector<File> files(const std::filesystem::path& root, const std::string& folder,
                               const std::set<std::string>& endings) {
  namespace fs = std::filesystem;
  std::vector<File> out;
  if (!fs::exists(root / folder)) return out;
  for (const auto& entry : fs::recursive_directory_iterator(root / folder))
    if (entry.is_regular_file() && endings.count(entry.path().extension().string()))
      out.push_back({fs::relative(entry.path(), root).generic_string(), read(entry.path())});
  std::sort(out.begin(), out.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return out;
}

}  // namespace exo::testing
