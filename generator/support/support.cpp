#include <sys/stat.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "support/diagnostic.h"
#include "support/source.h"
#include "support/text.h"

namespace exo {

const Source* register_source(std::string name, std::string text, SourceKind kind) {
  static std::deque<Source> sources;  // a deque never moves what it holds
  sources.push_back({std::move(name), std::move(text), kind});
  return &sources.back();
}

Position position(const Source& source, uint32_t offset) {
  const std::string_view before = std::string_view(source.text).substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  std::string_view line = before.substr(newline == before.npos ? 0 : newline + 1);
  if (newline == before.npos && line.substr(0, 3) == "\xEF\xBB\xBF") line.remove_prefix(3);
  const auto letters =
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return {static_cast<uint32_t>(lines + 1), static_cast<uint32_t>(letters + 1)};
}

Span Text::slice(size_t begin, size_t end) const {
  if (at.empty()) return span;
  const size_t last = at.size() - 1;
  begin = std::min(begin, last), end = std::min(std::max(begin, end), last);
  const uint32_t from = at[begin];
  const uint32_t to = end > begin ? at[end - 1] + 1 : from;
  return {span.source, from, to};
}

Text text_of(const Source* source) {
  Text text{source->text, {source, 0, static_cast<uint32_t>(source->text.size())}, {}};
  for (uint32_t i = 0; i <= source->text.size(); ++i) text.at.push_back(i);
  return text;
}

Text subtext(const Text& text, size_t begin, size_t end) {
  Text part{text.chars.substr(begin, end - begin), text.slice(begin, end), {}};
  if (!text.at.empty()) part.at.assign(text.at.begin() + begin, text.at.begin() + end + 1);
  return part;
}

namespace {
namespace fs = std::filesystem;

std::vector<fs::path>& readable() {
  static std::vector<fs::path> directories;
  return directories;
}

/// Where the file is in the end, links followed.
fs::path real_place(const std::string& path) {
  std::error_code ignored;
  return fs::weakly_canonical(path, ignored);
}

bool is_below(const fs::path& path, const fs::path& directory) {
  const auto [rest, none] = std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  return rest == directory.end();
}

}  // namespace

bool may_be_read(const std::string& path) {
  const auto below = [](const fs::path& place) {
    return std::any_of(readable().begin(), readable().end(), [&](const fs::path& d) { return is_below(place, d); });
  };
  // A link inside of a directory may lead out of it: who made the directory put it there. The name of a file may not.
  std::error_code ignored;
  const bool climbs = path.find("..") != path.npos;
  return readable().empty() || below(real_place(path)) ||
         (!climbs && below(fs::absolute(path, ignored).lexically_normal()));
}

void read_only_below(const std::vector<std::string>& directories) {
  readable().clear();
  for (const std::string& directory : directories) {
    std::error_code ignored;
    readable().push_back(real_place(directory));
    readable().push_back(fs::absolute(directory, ignored).lexically_normal());
  }
  for (fs::path& directory : readable())
    if (!directory.has_filename()) directory = directory.parent_path();
}

std::string read_file(const std::string& path) {
  if (!may_be_read(path))
    reject({"file-outside", fmt::format("`{}` is outside of the directories that may be read", path), {}, {}, {}});
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    reject({"file-not-found", fmt::format("cannot read `{}`: {}", path, std::strerror(errno)), {}, {}, {}});
  if (S_ISDIR(info.st_mode))
    reject({"file-unreadable", fmt::format("`{}` is a directory, not a file", path), {}, {}, {}});
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  if (!in || !(out << in.rdbuf() || info.st_size == 0))
    reject({"file-unreadable", fmt::format("cannot read `{}`: {}", path, std::strerror(errno)), {}, {}, {}});
  return out.str();
}

Diagnostic& Diagnostic::at(Span span, std::string words) & {
  places.push_back({span, std::move(words)});
  return *this;
}
Diagnostic& Diagnostic::note(std::string text) & {
  notes.push_back(std::move(text));
  return *this;
}
Diagnostic& Diagnostic::help(std::string text) & {
  helps.push_back(std::move(text));
  return *this;
}
Diagnostic&& Diagnostic::at(Span span, std::string words) && { return std::move(at(span, std::move(words))); }
Diagnostic&& Diagnostic::note(std::string text) && { return std::move(note(std::move(text))); }
Diagnostic&& Diagnostic::help(std::string text) && { return std::move(help(std::move(text))); }

void reject(Diagnostic problem) { throw Rejected{{std::move(problem)}}; }

bool is_file_problem(const Diagnostic& problem) { return problem.code.rfind("file-", 0) == 0; }

Diagnostic& Problems::add(Diagnostic problem) {
  list_.push_back(std::move(problem));
  return list_.back();
}

void Problems::throw_if_any() {
  if (!list_.empty()) throw Rejected{std::exchange(list_, {})};
}

void bug(const char* file, int line, const std::string& what) {
  const std::string_view path = file;
  const size_t slash = path.rfind('/');
  throw Bug{fmt::format("{}:{}: {}", path.substr(slash == path.npos ? 0 : slash + 1), line, what)};
}

namespace {
size_t distance(std::string_view a, std::string_view b) {  // Levenshtein, adjacent swaps counted once
  if (std::max(a.size(), b.size()) > 64) return SIZE_MAX;
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i)
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}
}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(word.size(), 3) / 3 + 1;
  for (const std::string& candidate : candidates) {
    if (lower(candidate) == lower(word)) return candidate;
    const size_t d = distance(word, candidate);  // at least one letter stays
    if (d < best_distance && d < std::max(word.size(), candidate.size())) best = candidate, best_distance = d;
  }
  return best;
}

/// Of names that are offered; who wants them all asks for the list.
constexpr size_t kMostListed = 80;

std::string suggestion(std::string_view word, std::vector<std::string> candidates) {
  if (const std::string near = nearest(word, candidates); !near.empty()) return fmt::format("did you mean `{}`?", near);
  if (candidates.empty()) return "there are none";
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  const size_t more = candidates.size() > kMostListed ? candidates.size() - kMostListed : 0;
  candidates.resize(candidates.size() - more);
  return fmt::format("there are: `{}`{}", join(candidates, "`, `"), more ? fmt::format(" and {} more", more) : "");
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::vector<std::string> split_text(std::string_view text, char separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i)
    if (i == text.size() || text[i] == separator) {
      parts.emplace_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  return parts;
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool begins_identifier(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_identifier(char c) { return begins_identifier(c) || (c >= '0' && c <= '9'); }
bool is_identifier(std::string_view text) {
  return !text.empty() && begins_identifier(text[0]) && std::all_of(text.begin(), text.end(), in_identifier);
}

uint64_t stable_hash(std::string_view text, uint64_t hash) {
  for (const char c : text) hash = mixed_hash(hash, static_cast<unsigned char>(c));
  return hash;
}

}  // namespace exo
