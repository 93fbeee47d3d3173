// Texts that diagnostics point into, and places in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace exo {

/// A file that someone can open, or a text that stands nowhere: a program that was printed so that it can be pointed at, an
/// option of the command line.
enum class SourceKind : uint8_t { File, Listing };

/// A registered text. Lives as long as the process.
struct Source {
  std::string name;
  std::string text;
  SourceKind kind = SourceKind::File;
};

/// Registers a text and returns its permanent address.
const Source* register_source(std::string name, std::string text, SourceKind kind = SourceKind::File);

/// Bytes [begin, end) of a source. A span without a source points nowhere and is not shown.
struct Span {
  const Source* source = nullptr;
  uint32_t begin = 0;
  uint32_t end = 0;
};

/// Line and column, both counted from 1; a column counts letters (code points of UTF-8), a tab is one. A byte order mark
/// does not count.
struct Position {
  uint32_t line = 1;
  uint32_t column = 1;
};
Position position(const Source& source, uint32_t offset);

/// A string that came out of a source, possibly through escapes: `at[i]` is where its i-th byte stands there.
/// `at` has one entry more than `chars`, for the end.
struct Text {
  std::string chars;
  Span span;  // the whole literal, quotes included
  std::vector<uint32_t> at;

  Span slice(size_t begin, size_t end) const;
  Span whole() const { return slice(0, chars.size()); }
};

/// A text that is its own source from the first byte to the last.
Text text_of(const Source* source);

/// Bytes [begin, end) of `text` as a text of its own, still pointing at where they came from.
Text subtext(const Text& text, size_t begin, size_t end);

/// Contents of a file; throws Rejected with code `file-not-found` or `file-unreadable` (see diagnostic.h), and `file-outside` where it
/// may not be read.
std::string read_file(const std::string& path);

/// Nothing outside of these directories is read from now on; empty: everything may be.
void read_only_below(const std::vector<std::string>& directories);
bool may_be_read(const std::string& path);

}  // namespace exo
