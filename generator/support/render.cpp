// Diagnostics as text: the message, an excerpt for each place, notes and helps.
#include <algorithm>

#include <fmt/format.h>

#include "support/diagnostic.h"
#include "support/text.h"

namespace exo {
namespace {

struct Paint {
  Color color;
  std::string operator()(const char* code, std::string_view text) const {
    return color == Color::Never ? std::string(text) : fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }
};
constexpr const char* kRed = "1;31";
constexpr const char* kBlue = "1;34";
constexpr const char* kBold = "1";

std::string_view line_of(const Source& source, uint32_t offset) {
  const std::string_view text = source.text;
  const size_t from = offset == 0 ? 0 : text.rfind('\n', offset - 1);
  const size_t begin = offset == 0 || from == text.npos ? 0 : from + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

size_t gutter(const Diagnostic& problem) {
  size_t width = 1;
  for (const Note& place : problem.places)
    if (place.span.source)
      width = std::max(width, fmt::format("{}", position(*place.span.source, place.span.begin).line).size());
  return width;
}

/// The line under an excerpt: blanks up to the column (tabs kept), then carets.
std::string underline(std::string_view line, uint32_t column, size_t length, char mark) {
  std::string out;
  for (size_t i = 0; i + 1 < column && i < line.size(); ++i)
    if (line[i] == '\t')
      out += '\t';
    else if ((static_cast<unsigned char>(line[i]) & 0xC0) != 0x80)
      out += ' ';  // one column for each UTF-8 letter
  const size_t room = line.size() >= column ? line.size() - (column - 1) : 0;
  return out + std::string(std::max<size_t>(1, std::min(length, room)), mark);
}

std::string excerpt(const Note& place, bool first, size_t width, const Paint& paint) {
  const Source& source = *place.span.source;
  const Position at = position(source, place.span.begin);
  const std::string_view line = line_of(source, place.span.begin);
  const std::string pad(width, ' ');
  const std::string marks = underline(line, at.column, place.span.end - place.span.begin, first ? '^' : '-');
  std::string out = fmt::format("{}{} {}:{}:{}\n", pad, paint(kBlue, "-->"), source.name, at.line, at.column);
  out += fmt::format("{} {}\n", pad, paint(kBlue, "|"));
  out += fmt::format("{:>{}} {} {}\n", at.line, width, paint(kBlue, "|"), line);
  out += fmt::format("{} {} {}{}{}\n", pad, paint(kBlue, "|"), paint(first ? kRed : kBlue, marks),
                     place.words.empty() ? "" : " ", paint(first ? kRed : kBlue, place.words));
  return out;
}

std::string remark(const std::string& kind, const std::string& text, size_t width, const Paint& paint) {
  const std::string head = fmt::format("{} {} ", std::string(width, ' '), paint(kBlue, "="));
  const std::string indent(width + 3 + kind.size() + 2, ' ');
  std::string body;
  for (const std::string& line : split_text(text, '\n')) body += (body.empty() ? "" : "\n" + indent) + line;
  return fmt::format("{}{}: {}\n", head, paint(kBold, kind), body);
}

}  // namespace

std::string render(const Diagnostic& problem, Color color) {
  const Paint paint{color};
  const size_t width = gutter(problem);
  std::string out =
      fmt::format("{}: {}\n", paint(kRed, fmt::format("error[{}]", problem.code)), paint(kBold, problem.message));
  bool first = true;
  for (const Note& place : problem.places) {
    if (!place.span.source) continue;
    out += excerpt(place, first, width, paint);
    first = false;
  }
  for (const std::string& note : problem.notes) {
    const bool model = note.rfind("counterexample: ", 0) == 0;
    out += model ? remark("counterexample", note.substr(16), width, paint) : remark("note", note, width, paint);
  }
  for (const std::string& help : problem.helps) out += remark("help", help, width, paint);
  return out;
}

}  // namespace exo
