// The text of the object language as a list of tokens. Blocks come out as Indent and Dedent, as in Python.
#pragma once

#include <string_view>
#include <vector>

#include "support/diagnostic.h"

namespace exo {

enum class TokenKind : uint8_t { Name, Integer, Real, String, Symbol, Newline, Indent, Dedent, End };

/// `text` and `label` point into the lexed text, which must live on.
struct Token {
  TokenKind kind;
  std::string_view text;
  size_t begin = 0, end = 0;  // bytes of the text
  uint64_t integer = 0;       // at most 2^63, which only a minus in front makes meaningful
  double real = 0;
  std::string_view label = {};  // of a Newline: what follows `#:` on its line
};

/// Of one text; who has more begins at the top.
constexpr int kMaxProblems = 50;

/// Lines: ends of lines and indentation are tokens, outside of brackets. Flat: all white space is alike.
enum class LineRule : uint8_t { Lines, Flat };

/// Reads the whole text; what cannot be read is added to `problems` and left out.
std::vector<Token> lex(const Text& text, LineRule rule, Problems& problems);

/// Words of the language that cannot be names.
bool is_keyword(std::string_view word);

}  // namespace exo
