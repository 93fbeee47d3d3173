#include "recipe/cache.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "recipe/output.h"
#include "support/diagnostic.h"

namespace exo {
namespace {

namespace fs = std::filesystem;

/// FNV-1a, twice: 128 bits.
std::string digest(const std::string& bytes) {
  uint64_t a = 0xcbf29ce484222325, b = 0x84222325cbf29ce4;
  for (const char c : bytes) {
    a = (a ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    b = (b + static_cast<unsigned char>(c)) * 0x9e3779b97f4a7c15, b ^= b >> 29;
  }
  return fmt::format("{:016x}{:016x}", a, b);
}

std::optional<std::string> bytes_of(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return in ? std::optional(out.str()) : std::nullopt;
}

/// The bytes of a file as a digest; "-" where there is none.
std::string state_of(const std::string& path) {
  const auto bytes = bytes_of(path);
  return bytes ? digest(*bytes) : "-";
}

}  // namespace

namespace {

/// Entries that a directory may have. Beyond them the older half goes.
constexpr size_t kMostEntries = 2000;

void forget_old(const std::string& directory) {
  std::error_code ignored;
  std::vector<std::pair<fs::file_time_type, fs::path>> entries;
  for (const auto& e : fs::directory_iterator(directory, ignored))
    if (e.path().extension() == ".json") entries.emplace_back(e.last_write_time(ignored), e.path());
  if (entries.size() <= kMostEntries) return;
  std::sort(entries.begin(), entries.end());
  for (size_t i = 0; i < entries.size() / 2; ++i) fs::remove(entries[i].second, ignored);
}

}  // namespace

std::string Cache::entry(const std::string& request) const {
  return (fs::path(directory_) / (digest(identity_ + "\n" + request) + ".json")).string();
}

std::optional<Generated> Cache::recall(const std::string& request) const {
  const auto bytes = bytes_of(entry(request));
  if (!bytes) return std::nullopt;
  const size_t newline = bytes->find('\n');  // the digest of what follows
  if (newline == bytes->npos || digest(bytes->substr(newline + 1)) != bytes->substr(0, newline)) return std::nullopt;
  const auto json = nlohmann::json::parse(bytes->substr(newline + 1), nullptr, false);
  try {
    if (json.is_discarded() || json.at("identity") != identity_ || json.at("request") != request) return std::nullopt;
    Generated out;
    for (const auto& [path, state] : json.at("made_from").items()) {
      if (state_of(path) != state) return std::nullopt;
      out.files.push_back(path);
    }
    for (const auto& kernel : json.at("kernels"))
      out.kernels.emplace_back(kernel.at("name"), kernel.at("files").get<std::map<std::string, std::string>>());
    out.messages = json.at("messages"), out.warnings = json.at("warnings");
    return out;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // not written by this program, or not to its end
  }
}

void Cache::keep(const std::string& request, const std::vector<std::string>& files, const Generated& made) const {
  nlohmann::ordered_json json = {{"identity", identity_}, {"request", request}};
  for (const std::string& path : files) json["made_from"][path] = state_of(path);
  json["kernels"] = nlohmann::ordered_json::array();
  for (const auto& [name, texts] : made.kernels) json["kernels"].push_back({{"name", name}, {"files", texts}});
  json["messages"] = made.messages, json["warnings"] = made.warnings;
  std::error_code error;
  fs::create_directories(directory_, error);
  forget_old(directory_);
  Problems ignored;
  const std::string text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  ignored.attempt([&] { put_file(entry(request), digest(text) + "\n" + text); });
}

}  // namespace exo
