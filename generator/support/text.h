// Small helpers for text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace exo {

/// Overloaded lambdas for std::visit.
template <class... Cases>
struct match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
match(Cases...) -> match<Cases...>;

/// The candidate closest to `word`, or an empty string where none is near enough to be meant.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "did you mean `x`?" or "known: a, b, c", for a help line.
std::string suggestion(std::string_view word, std::vector<std::string> candidates);

std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::vector<std::string> split_text(std::string_view text, char separator);
std::string_view trim(std::string_view text);
/// The characters of identifiers: letters of ASCII and `_` in front, digits behind.
bool begins_identifier(char c);
bool in_identifier(char c);
bool is_identifier(std::string_view text);

/// 64-bit FNV-1a: stable over machines and runs.
/// One step of that hash.
constexpr uint64_t mixed_hash(uint64_t hash, uint64_t next) { return (hash ^ next) * 1099511628211ull; }
uint64_t stable_hash(std::string_view text, uint64_t seed = 14695981039346656037ull);

}  // namespace exo
