// What an earlier run made of the same files: `exo generate --cache`. Nothing that was not proved is ever kept, and what is kept
// serves only while every file that it was made from has the same bytes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace exo {

/// The files of the kernels of one recipe, and what its schedules had to say.
struct Generated {
  std::vector<std::pair<std::string, std::map<std::string, std::string>>> kernels;
  std::string messages, warnings;  // as they were printed, on standard output and where problems go
  std::vector<std::string> files;  // that it was made from, those that were not there included
};

class Cache {
 public:
  /// `identity` is that of the generator: another one makes other files.
  Cache(std::string directory, std::string identity)
      : directory_(std::move(directory)), identity_(std::move(identity)) {}

  /// What was kept for the request: the recipe and all options that the result depends on. Nothing where a file has changed, has gone,
  /// or has appeared where it would have been found first; nor where a byte of what was kept has.
  std::optional<Generated> recall(const std::string& request) const;

  /// Keeps what was made from these files; those that do not exist must not exist then either. That it cannot be written is no
  /// problem of anybody.
  void keep(const std::string& request, const std::vector<std::string>& files, const Generated& made) const;

 private:
  std::string directory_, identity_;
  std::string entry(const std::string& request) const;
};

}  // namespace exo
