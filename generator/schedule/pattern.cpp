#include "schedule/pattern.h"

#include <algorithm>

#include "ir/build.h"
#include "ir/print.h"
#include "support/text.h"

namespace exo {
namespace {

using Words = std::vector<std::string>;

/// Names, numbers and symbols; operators of two letters are one word.
Words split_words(const std::string& text) {
  Words out;
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    if (std::isspace(static_cast<unsigned char>(text[i]))) {
      ++i;
      continue;
    }
    if (in_identifier(text[i])) {
      while (i < text.size() && (in_identifier(text[i]) || text[i] == '.')) ++i;
    } else {
      for (const char* two : {"+=", "<=", ">=", "==", "!="})
        if (text.compare(i, 2, two) == 0) ++i;
      ++i;
    }
    out.push_back(text.substr(begin, i - begin));
  }
  return out;
}

int nesting(const std::string& word) {
  if (word == "(" || word == "[") return 1;
  return word == ")" || word == "]" ? -1 : 0;
}

/// Does the pattern, from `p`, fit the words, from `w`? A `_` takes one word or more, whole brackets only.
bool fits(const Words& pattern, size_t p, const Words& words, size_t w) {
  if (p == pattern.size()) return w == words.size();
  if (pattern[p] != "_") return w < words.size() && words[w] == pattern[p] && fits(pattern, p + 1, words, w + 1);
  int depth = 0;
  for (size_t end = w; end < words.size(); ++end) {
    depth += nesting(words[end]);
    if (depth < 0) return false;
    if (depth == 0 && fits(pattern, p + 1, words, end + 1)) return true;
  }
  return false;
}

bool is_scope(const Words& pattern) { return pattern[0] == "for" || pattern[0] == "if"; }

/// Where the head of a loop or `if` ends: its `:` outside of brackets.
size_t colon(const Words& pattern) {
  int depth = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    depth += nesting(pattern[i]);
    if (depth == 0 && pattern[i] == ":") return i;
  }
  return pattern.size();
}

bool looks_like(const StmtRef& s, const Words& pattern) {
  if (pattern.empty() || pattern == Words{"_"}) return true;
  Words words = split_words(headline(s));
  if (!is_scope(pattern)) return fits(pattern, 0, words, 0);
  if (!as<For>(s) && !as<If>(s)) return false;
  const size_t end = colon(pattern);
  if (!words.empty() && words.back() == ":") words.pop_back();
  if (!fits(Words(pattern.begin(), pattern.begin() + static_cast<int64_t>(end)), 0, words, 0)) return false;
  if (end + 1 >= pattern.size()) return true;
  const Block& body = as<For>(s) ? as<For>(s)->body : as<If>(s)->body;
  const Words inner(pattern.begin() + static_cast<int64_t>(end) + 1, pattern.end());
  return inner == Words{"_"} || (!body.empty() && looks_like(body.front(), inner));
}

}  // namespace

bool is_pattern(const std::string& text) {
  const Words words = split_words(text);
  if (words.size() < 2) return false;  // `if` alone is a name
  return is_scope(words) || std::any_of(words.begin(), words.end(), [](const std::string& w) {
           return w == "_" || w == "=" || w == "+=" || w == ":";
         });
}

std::vector<Path> find_pattern(const Proc& proc, const std::string& pattern) {
  const Words words = split_words(pattern);
  return find(proc, [&](const StmtRef& s) { return looks_like(s, words); });
}

}  // namespace exo
