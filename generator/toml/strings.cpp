#include "toml/strings.h"

#include <algorithm>

namespace exo {
namespace {

/// Walks over one literal. `out` grows by the bytes that it means.
class Scanner {
 public:
  Scanner(const Source& source, uint32_t begin) : text_(source.text), begin_(begin), pos_(begin) {
    out_.span.source = &source;
  }

  Text scan() {
    const char quote = text_[pos_];
    const bool multiline = three(quote);
    pos_ += multiline ? 3 : 1;
    if (multiline && newline() > 0) pos_ += newline();
    while (pos_ < text_.size() && !closes(quote, multiline)) {
      if (quote == '"' && text_[pos_] == '\\')
        escape();
      else if (newline() == 2)
        put(pos_, '\n'), pos_ += 2;  // both line ends mean the same
      else
        put(pos_, text_[pos_]), ++pos_;
    }
    finish(multiline ? 3 : 1);
    return std::move(out_);
  }

 private:
  /// Length of the line break that stands here, 0 where there is none.
  uint32_t newline() const {
    if (at(0) == '\r' && at(1) == '\n') return 2;
    return at(0) == '\n' ? 1 : 0;
  }
  char at(uint32_t ahead) const { return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0'; }
  bool three(char quote) const { return at(0) == quote && at(1) == quote && at(2) == quote; }

  /// Does the closing quote stand here? Up to two quotes may precede that of a multi-line string.
  bool closes(char quote, bool multiline) const {
    if (!multiline) return text_[pos_] == quote || newline() > 0;
    return three(quote) && at(3) != quote;
  }

  void escape() {
    const uint32_t start = pos_++;
    const char c = pos_ < text_.size() ? text_[pos_++] : '\\';
    switch (c) {
      case 'b':
        return put(start, '\b');
      case 't':
        return put(start, '\t');
      case 'n':
        return put(start, '\n');
      case 'f':
        return put(start, '\f');
      case 'r':
        return put(start, '\r');
      case 'u':
        return codepoint(start, 4);
      case 'U':
        return codepoint(start, 8);
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        return continuation();
      default:
        return put(start, c);
    }
  }

  void put(uint32_t start, char c) {
    out_.chars += c;
    out_.at.push_back(start);
  }

  /// A backslash at the end of a line: nothing up to the next character that is not white.
  void continuation() {
    while (pos_ < text_.size() && std::string_view(" \t\r\n").find(text_[pos_]) != std::string_view::npos) ++pos_;
  }

  void codepoint(uint32_t start, int digits) {
    uint32_t value = 0;
    for (int i = 0; i < digits && pos_ < text_.size(); ++i, ++pos_) {
      const char c = text_[pos_];
      const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
      value = value * 16 + static_cast<uint32_t>(digit);
    }
    const auto put_bits = [&](uint32_t bits) { put(start, static_cast<char>(bits)); };
    if (value < 0x80) return put_bits(value);
    if (value < 0x800) return put_bits(0xC0 | value >> 6), put_bits(0x80 | (value & 0x3F));
    if (value < 0x10000)
      put_bits(0xE0 | value >> 12);
    else
      put_bits(0xF0 | value >> 18), put_bits(0x80 | (value >> 12 & 0x3F));
    put_bits(0x80 | (value >> 6 & 0x3F)), put_bits(0x80 | (value & 0x3F));
  }

  void finish(uint32_t quotes) {
    out_.at.push_back(std::min<uint32_t>(pos_, static_cast<uint32_t>(text_.size())));
    out_.span.begin = begin_;
    out_.span.end = std::min<uint32_t>(pos_ + quotes, static_cast<uint32_t>(text_.size()));
  }

  const std::string& text_;
  const uint32_t begin_;
  uint32_t pos_;
  Text out_;
};

}  // namespace

Text string_literal(const Source& source, uint32_t begin) { return Scanner(source, begin).scan(); }

size_t longest_dotted_key(const Source& source) {
  const std::string& text = source.text;
  size_t longest = 0, dots = 0;
  for (uint32_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '#') {
      while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
    } else if (c == '"' || c == '\'') {
      i = std::max(i, string_literal(source, i).span.end - 1);
    } else if (c == '.') {
      longest = std::max(longest, ++dots);
    } else if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) {
      dots = 0;
    }
  }
  return longest;
}

}  // namespace exo
