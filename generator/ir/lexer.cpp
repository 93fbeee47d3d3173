#include "ir/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "support/text.h"

namespace exo {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr std::array<std::string_view, 15> kKeywords = {"def", "for", "in",  "if",   "elif",  "else", "pass", "assert",
                                                        "and", "or",  "not", "True", "False", "inf",  "nan"};
constexpr std::array<std::string_view, 7> kStatementWords = {"def", "for", "if", "elif", "else", "pass", "assert"};

constexpr std::array<std::string_view, 5> kPairs = {"==", "!=", "<=", ">=", "+="};
constexpr std::string_view kSingles = "+-*/%()[],:.@=<>";

/// Spellings of other languages, longest first, and what to write here.
struct Foreign {
  std::string_view spelling, help;
};
constexpr std::array<Foreign, 12> kForeign = {{
    {"//", "write `/`: on indices it floors"},
    {"**", "write the product out"},
    {"-=", "write `+=` and change the sign of the right side"},
    {"*=", "write `x = x * ...`"},
    {"/=", "write `x = x / ...`"},
    {"%=", "write `x = x % ...`"},
    {"->", "a procedure returns nothing: it writes into its arguments"},
    {"&&", "write `and`"},
    {"||", "write `or`"},
    {"!", "write `not`"},
    {";", "write one statement on each line"},
    {"\\", "a line ends where no bracket is open: put the expression in parentheses"},
}};

constexpr std::string_view kForeignBegins = "/*-%&|!;\\";

class Lexer {
 public:
  Lexer(const Text& text, LineRule rule, Problems& problems)
      : text_(text), chars_(text.chars), rule_(rule), problems_(problems) {}

  std::vector<Token> run() {
    tokens_.reserve(chars_.size() / 3 + 8);
    if (rule_ == LineRule::Lines) start_line();
    while (at_ < chars_.size()) step();
    close_brackets();
    if (rule_ == LineRule::Lines) {
      newline();
      while (indents_.size() > 1) indents_.pop_back(), push(TokenKind::Dedent, at_);
    }
    push(TokenKind::End, at_);
    return std::move(tokens_);
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < chars_.size() ? chars_[at_ + ahead] : '\0'; }
  void push(TokenKind kind, size_t begin) { tokens_.push_back({kind, chars_.substr(begin, at_ - begin), begin, at_}); }
  void problem(std::string code, std::string message, size_t begin, size_t end, std::string help = {}) {
    if (++problem_count_ > kMaxProblems) return;
    Diagnostic d{std::move(code), std::move(message), {}, {}, {}};
    d.at(text_.slice(begin, end));
    if (!help.empty()) d.help(std::move(help));
    problems_.add(std::move(d));
  }

  void step() {
    const char c = peek();
    if (c == '\n') return end_of_line();
    if (c == ' ' || c == '\r') return void(++at_);
    if (c == '#') return comment();
    if (begins_identifier(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (c == '"' || c == '\'') return string(c);
    symbol();
  }

  void end_of_line() {
    if (rule_ == LineRule::Flat) return void(++at_);
    if (!open_.empty()) {
      ++at_;
      if (statement_follows()) close_brackets();
      if (!open_.empty()) return;
      --at_;
    }
    newline();
    ++at_;
    start_line();
  }

  /// Ends the line if there is anything on it.
  void newline() {
    const bool blank = tokens_.empty() || tokens_.back().kind == TokenKind::Newline ||
                       tokens_.back().kind == TokenKind::Indent || tokens_.back().kind == TokenKind::Dedent;
    if (!blank) push(TokenKind::Newline, at_), tokens_.back().label = label_;
    label_ = {};
  }

  /// A bracket that is open where a statement begins was never closed; what follows is read as if
  /// it were.
  bool statement_follows() const {
    size_t i = chars_.find_first_not_of(" \t\r", at_);
    if (i == chars_.npos) return false;
    const size_t begin = i;
    while (i < chars_.size() && begins_identifier(chars_[i])) ++i;
    const std::string_view word = chars_.substr(begin, i - begin);
    return !word.empty() && std::find(kStatementWords.begin(), kStatementWords.end(), word) != kStatementWords.end();
  }

  void close_brackets() {
    if (open_.empty()) return;
    const size_t where = open_.back();
    problem("syntax", fmt::format("this `{}` is never closed", chars_[where]), where, where + 1);
    open_.clear();
  }

  /// Skips blank lines, then turns the indentation of the next one into tokens.
  void start_line() {
    for (;;) {
      const size_t begin = at_;
      size_t tab = chars_.npos;
      while (peek() == ' ' || peek() == '\t' || peek() == '\r') {
        if (peek() == '\t' && tab == chars_.npos) tab = at_;
        ++at_;
      }
      const size_t width = at_ - begin;
      if (at_ >= chars_.size()) return;
      if (peek() == '\n') {
        ++at_;
        continue;
      }
      if (peek() == '#') {
        at_ = std::min(chars_.find('\n', at_), chars_.size());
        continue;
      }
      if (tab != chars_.npos) problem("indentation", "a tab in the indentation", tab, tab + 1, "indent with spaces");
      return indent(width);
    }
  }

  void indent(size_t width) {
    if (indents_.empty()) return indents_.push_back(width);  // the whole text may be indented
    if (width > indents_.back()) {
      indents_.push_back(width);
      return push(TokenKind::Indent, at_);
    }
    while (indents_.size() > 1 && width < indents_.back()) indents_.pop_back(), push(TokenKind::Dedent, at_);
    if (width != indents_.back()) {
      problem("indentation", "this line is not aligned with any line before it", at_ - width, at_ + 1,
              "give all statements of a block the same indentation");
    }
  }

  void comment() {
    const size_t begin = at_;
    at_ = std::min(chars_.find('\n', at_), chars_.size());
    if (chars_.substr(begin, 2) == "#:" && open_.empty()) label_ = chars_.substr(begin + 2, at_ - begin - 2);
  }

  void word() {
    const size_t begin = at_;
    while (in_identifier(peek())) ++at_;
    push(TokenKind::Name, begin);
  }

  void string(char quote) {
    const size_t begin = at_++;
    while (at_ < chars_.size() && peek() != quote && peek() != '\n') ++at_;
    if (peek() != quote) return problem("syntax", "this string is never closed", begin, at_);
    ++at_;
    push(TokenKind::String, begin);
  }

  void number() {
    const size_t begin = at_;
    bool real = false;
    while (is_digit(peek())) ++at_;
    if (peek() == '.') real = true, ++at_;
    while (is_digit(peek())) ++at_;
    const size_t sign = peek(1) == '+' || peek(1) == '-';
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
      real = true, at_ += 1 + sign;
      while (is_digit(peek())) ++at_;
    }
    if (begins_identifier(peek())) {
      while (in_identifier(peek())) ++at_;
      problem("syntax", fmt::format("`{}` is neither a number nor a name", chars_.substr(begin, at_ - begin)), begin,
              at_);
      return push(TokenKind::Integer, begin);
    }
    push(real ? TokenKind::Real : TokenKind::Integer, begin);
    value(tokens_.back());
  }

  void value(Token& token) {
    const char* const first = chars_.data() + token.begin;
    const char* const last = chars_.data() + token.end;
    if (token.kind == TokenKind::Real) {
      if (std::from_chars(first, last, token.real).ec != std::errc{})
        problem("number-too-large", fmt::format("`{}` is outside the range of f64", token.text), token.begin,
                token.end);
    } else if (std::from_chars(first, last, token.integer).ec != std::errc{} || token.integer > (uint64_t{1} << 63)) {
      token.integer = 0;
      problem("number-too-large", fmt::format("`{}` does not fit 64 bits", token.text), token.begin, token.end);
    }
  }

  void symbol() {
    const size_t begin = at_;
    if (kForeignBegins.find(peek()) != kForeignBegins.npos)
      for (const Foreign& f : kForeign)
        if (chars_.substr(at_, f.spelling.size()) == f.spelling && chars_.substr(at_, 2) != "!=") {
          at_ += f.spelling.size();
          return problem("syntax", fmt::format("there is no `{}` in this language", f.spelling), begin, at_,
                         std::string(f.help));
        }
    if (peek(1) == '=' && std::find(kPairs.begin(), kPairs.end(), chars_.substr(at_, 2)) != kPairs.end()) {
      at_ += 2;
      return push(TokenKind::Symbol, begin);
    }
    if (kSingles.find(peek()) == kSingles.npos) return unexpected();
    bracket(chars_[at_++]);
    push(TokenKind::Symbol, begin);
  }

  void bracket(char c) {
    if (c == '(' || c == '[') open_.push_back(at_ - 1);
    if (c != ')' && c != ']') return;
    const char opener = c == ')' ? '(' : '[';
    if (open_.empty() || chars_[open_.back()] != opener)
      problem("syntax", fmt::format("this `{}` closes no `{}`", c, opener), at_ - 1, at_);
    if (!open_.empty()) open_.pop_back();
  }

  void unexpected() {
    const size_t begin = at_++;
    while (at_ < chars_.size() && (chars_[at_] & 0xC0) == 0x80) ++at_;  // the rest of a UTF-8 character
    if (chars_[begin] == '\t') return problem("indentation", "a tab between words", begin, at_, "write spaces");
    const auto byte = static_cast<unsigned char>(chars_[begin]);
    const std::string shown = byte < 0x20 || byte == 0x7F || (byte >= 0x80 && at_ == begin + 1)
                                  ? fmt::format("byte 0x{:02x}", byte)
                                  : fmt::format("character `{}`", chars_.substr(begin, at_ - begin));
    problem("syntax", "unexpected " + shown, begin, at_);
  }

  const Text& text_;
  const std::string_view chars_;
  const LineRule rule_;
  Problems& problems_;
  size_t at_ = 0;
  int problem_count_ = 0;
  std::vector<size_t> open_;     // where the open brackets stand
  std::vector<size_t> indents_;  // of the enclosing blocks; the first is that of the whole text
  std::string_view label_;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> lex(const Text& text, LineRule rule, Problems& problems) {
  return Lexer(text, rule, problems).run();
}

bool is_keyword(std::string_view word) {
  return std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
}

}  // namespace exo
