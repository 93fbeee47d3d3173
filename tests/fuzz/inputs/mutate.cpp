#include "fuzz/inputs/mutate.h"

#include <algorithm>
#include <cctype>

#include "support/text.h"

namespace exo::testing {
namespace {

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// [begin, end) of a run of letters and digits, or of one other byte.
std::pair<size_t, size_t> word_at(const std::string& text, size_t at) {
  size_t begin = at, end = at + 1;
  if (!in_word(text[at])) return {begin, end};
  while (begin > 0 && in_word(text[begin - 1])) --begin;
  while (end < text.size() && in_word(text[end])) ++end;
  return {begin, end};
}

std::string any_word(const std::string& text, Random& r) {
  if (text.empty()) return {};
  const auto [begin, end] = word_at(text, static_cast<size_t>(r.between(0, static_cast<int64_t>(text.size()) - 1)));
  return text.substr(begin, end - begin);
}

std::string odd_word(Random& r) {
  return r.of({"0",
               "1",
               "-1",
               "9223372036854775807",
               "-9223372036854775808",
               "4294967296",
               "1e999",
               "nan",
               "''",
               "\"\"",
               "[]",
               "{}",
               "[[",
               "]]",
               "\"",
               "'''",
               "\"\"\"",
               "=",
               ".",
               ",",
               ":",
               "#",
               "\n",
               "\t",
               "\\",
               "\\u0041",
               "\xff",
               "\xc3\xa9",
               "(",
               ")",
               "%",
               "/ 0",
               "for i in seq(0, n):",
               "if",
               "else:",
               "pass",
               "par",
               "max=",
               "@ heap",
               "assert",
               "[f32][n]",
               "size",
               "bool",
               "stride(x, 0)",
               "true",
               "1979-05-27",
               "0x7f",
               "x[0:n]",
               "select",
               "i8",
               "f16",
               "{ unroll = \"i\" }",
               "*",
               "->",
               "not ",
               "and"});
}

void mutate_words(std::string& text, const std::string& other, Random& r) {
  const auto at = static_cast<size_t>(r.between(0, static_cast<int64_t>(text.size()) - 1));
  const auto [begin, end] = word_at(text, at);
  switch (r.between(0, 5)) {
    case 0:
      text.erase(begin, end - begin);
      break;
    case 1:
      text.insert(begin, text.substr(begin, end - begin));
      break;
    case 2:
      text.replace(begin, end - begin, any_word(other, r));
      break;
    case 3:
      text.insert(end, any_word(other, r));
      break;
    case 4:
      text.replace(begin, end - begin, odd_word(r));
      break;
    default:
      text.insert(begin, odd_word(r));
      break;
  }
}

void mutate_bytes(std::string& text, Random& r) {
  const auto at = static_cast<size_t>(r.between(0, static_cast<int64_t>(text.size()) - 1));
  if (r.chance(30))
    text.erase(at, static_cast<size_t>(r.between(1, 4)));
  else if (r.chance(50))
    text[at] = static_cast<char>(r.between(0, 255));
  else
    text.insert(text.begin() + static_cast<int64_t>(at), static_cast<char>(r.between(0, 255)));
}

void mutate_lines(std::string& text, const std::string& other, Random& r) {
  std::vector<std::string> lines = split_text(text, '\n');
  const std::vector<std::string> others = split_text(other, '\n');
  const auto at = r.between(0, static_cast<int64_t>(lines.size()) - 1);
  switch (r.between(0, 5)) {
    case 0:
      lines.erase(lines.begin() + at);
      break;
    case 1:
      lines.insert(lines.begin() + at, lines[static_cast<size_t>(at)]);
      break;
    case 2:
      std::swap(lines[static_cast<size_t>(at)],
                lines[static_cast<size_t>(r.between(0, static_cast<int64_t>(lines.size()) - 1))]);
      break;
    case 3:
      lines.insert(lines.begin() + at, r.of(others));
      break;
    case 4:
      lines[static_cast<size_t>(at)].insert(0, r.of({" ", "    ", "\t", "  "}));
      break;
    default:
      lines.resize(static_cast<size_t>(at) + 1);
      break;
  }
  text = join(lines, "\n");
}

}  // namespace

std::string mutated(const std::vector<std::string>& texts, Random& r) {
  std::string text = r.of(texts);
  const std::string& other = r.of(texts);
  for (int64_t k = r.between(1, 4); k > 0 && !text.empty(); --k) {
    const int64_t kind = r.between(0, 9);
    if (kind < 6)
      mutate_words(text, other, r);
    else if (kind < 9)
      mutate_lines(text, other, r);
    else
      mutate_bytes(text, r);
  }
  return text;
}

}  // namespace exo::testing
