// Every code of a diagnostic, with an example out of the golden tests.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace exo::testing {

/// Codes as the sources of the generator have them, each with a file that does.
std::map<std::string, std::string> codes(const std::filesystem::path& root);

/// An example of a code: the shortest golden that says it first, else the shortest that says it.
struct Example {
  std::string file;  // relative to the root
  std::string text;  // program and step, if the golden has them, and what is said
};
std::map<std::string, Example> examples(const std::filesystem::path& root);

/// generator/DIAGNOSTICS.md as it should be.
std::string diagnostics_page(const std::filesystem::path& root);

}  // namespace exo::testing
