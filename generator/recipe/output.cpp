#include "recipe/output.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "support/diagnostic.h"

namespace exo {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void unwritable(const fs::path& path, const std::string& why) {
  reject({"file-unwritable", fmt::format("cannot write `{}`: {}", path.string(), why), {}, {}, {}});
}

bool holds(const fs::path& path, const std::string& bytes) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return false;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str() == bytes;
}

/// A finished file beside its final place, removed again unless it is put there.
class NewFile {
 public:
  NewFile(fs::path target, const std::string& bytes)
      : target_(std::move(target)), temporary_(fmt::format("{}.{}.tmp", target_.string(), ::getpid())) {
    std::ofstream out(temporary_, std::ios::binary | std::ios::trunc);
    out << bytes;
    out.close();
    if (!out) {
      const std::string why = std::strerror(errno);
      std::error_code ignored;
      fs::remove(temporary_, ignored);
      unwritable(target_, why);
    }
  }
  NewFile(NewFile&& other) noexcept
      : target_(std::move(other.target_)), temporary_(std::move(other.temporary_)), done_(other.done_) {
    other.done_ = true;
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile() {
    std::error_code ignored;
    if (!done_) fs::remove(temporary_, ignored);
  }
  void put() {
    std::error_code error;
    fs::rename(temporary_, target_, error);
    if (error) unwritable(target_, error.message());
    done_ = true;
  }

 private:
  fs::path target_, temporary_;
  bool done_ = false;
};

/// Keeps other processes from writing into a directory at the same time, as long as it lives; and what a process that was killed
/// left there, half written, is removed. Where the file system has no locks there is none.
class Turn {
 public:
  explicit Turn(const fs::path& directory) : handle_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (handle_ < 0 || ::flock(handle_, LOCK_EX) != 0) return;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(directory, ignored))
      if (entry.path().extension() == ".tmp") fs::remove(entry.path(), ignored);
  }
  ~Turn() {
    if (handle_ >= 0) ::close(handle_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  int handle_;
};

/// Names of the files that an older run made, from its manifest; empty where there is none or it cannot be read.
std::vector<std::string> files_of_manifest(const fs::path& path) {
  std::ifstream in(path);
  const auto json = nlohmann::json::parse(in, nullptr, false);
  std::vector<std::string> out;
  if (!json.is_object() || !json.contains("sources") || !json["sources"].is_array()) return out;
  for (const char* extra : {"report", "test"})
    if (json.contains(extra) && json[extra].is_string()) out.push_back(json[extra]);
  for (const auto& source : json["sources"])
    if (source.is_object() && source.contains("file") && source["file"].is_string()) out.push_back(source["file"]);
  return out;
}

}  // namespace

void put_file(const std::string& path, const std::string& bytes) { NewFile(path, bytes).put(); }

Written write_files(const std::string& directory, const std::map<std::string, std::string>& files) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) unwritable(directory, error.message());
  const Turn turn(directory);
  Written out;
  for (const auto& [name, bytes] : files) {
    const bool same = holds(fs::path(directory) / name, bytes);
    if (!same) put_file((fs::path(directory) / name).string(), bytes);
    ++(same ? out.same : out.changed);
  }
  return out;
}

Written write_kernel(const std::string& directory, const std::string& kernel,
                     const std::map<std::string, std::string>& files) {
  const fs::path root(directory);
  std::error_code error;
  fs::create_directories(root, error);
  if (error) unwritable(root, error.message());
  const Turn turn(root);
  const std::string manifest = kernel + ".json";
  const auto before = files_of_manifest(root / manifest);

  Written out;
  std::vector<NewFile> pending;  // everything is on the disk before anything is replaced
  for (const auto& [name, bytes] : files) {
    if (name == manifest) continue;
    if (holds(root / name, bytes))
      ++out.same;
    else
      pending.emplace_back(root / name, bytes);
  }
  if (const auto it = files.find(manifest); it != files.end()) {
    if (holds(root / manifest, it->second))
      ++out.same;
    else
      pending.emplace_back(root / manifest, it->second);
  }
  out.changed = static_cast<int>(pending.size());
  for (NewFile& p : pending) p.put();
  for (const std::string& old : before)
    if (!files.count(old) && old.rfind(kernel + ".", 0) == 0 && old.find('/') == old.npos &&
        fs::remove(root / old, error))
      ++out.removed;
  return out;
}

}  // namespace exo
