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
constexpr const char* kYellow = "1;33";
constexpr const char* kBlue = "1;34";
constexpr const char* kBold = "1";

std::string_view line_of(const Source& source, uint32_t offset) {
  const std::string_view text = source.text;
  const size_t from = offset == 0 ? text.npos : text.rfind('\n', offset - 1);
  const size_t begin = from == text.npos ? 0 : from + 1;
  std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

size_t gutter(const Diagnostic& problem) {
  size_t width = 1;
  for (const Note& place : problem.places)
    if (place.span.source)
      width = std::max(width, fmt::format("{}", position(*place.span.source, place.span.begin).line).size());
  return width;
}

constexpr size_t kWidest = 160;  // letters of a line that are shown; of a longer one, a part around the place

bool begins_letter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

size_t letters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), begins_letter));
}

/// A line as it is shown: what would move the cursor or colour the terminal is a question mark.
struct Excerpt {
  std::string before, marked, after;
};

std::string shown(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) c = '?';
  return out;
}

/// Cut at both ends where the line is long.
Excerpt excerpt_of(const Span& span) {
  const std::string_view text = span.source->text;
  const std::string_view line = line_of(*span.source, span.begin);
  const size_t line_begin = static_cast<size_t>(line.data() - text.data());
  const size_t begin = std::min<size_t>(span.begin - line_begin, line.size());
  const size_t end = std::min<size_t>(std::max(span.end, span.begin) - line_begin, line.size());
  Excerpt out{shown(line.substr(0, begin)), shown(line.substr(begin, end - begin)), shown(line.substr(end))};
  if (out.before.rfind("\xEF\xBB\xBF", 0) == 0) out.before.erase(0, 3);
  if (letters(line) <= kWidest) return out;
  const auto from = [](std::string& part, size_t keep) {
    size_t at = part.size() > keep ? part.size() - keep : 0;
    while (at < part.size() && !begins_letter(part[at])) ++at;
    if (at > 0) part = "..." + part.substr(at);
  };
  const auto up_to = [](std::string& part, size_t keep) {
    if (part.size() <= keep) return;
    while (keep > 0 && !begins_letter(part[keep])) --keep;
    part = part.substr(0, keep) + "...";
  };
  from(out.before, kWidest / 3), up_to(out.marked, kWidest / 3), up_to(out.after, kWidest / 3);
  return out;
}

/// The line under an excerpt: blanks up to the column (tabs kept), then carets.
std::string underline(const Excerpt& line, char mark) {
  std::string out;
  for (const char c : line.before)
    if (c == '\t')
      out += '\t';
    else if (begins_letter(c))
      out += ' ';
  return out + std::string(std::max<size_t>(1, letters(line.marked)), mark);
}

std::string excerpt(const Note& place, bool first, size_t width, const Paint& paint) {
  const Source& source = *place.span.source;
  const Position at = position(source, place.span.begin);
  const Excerpt line = excerpt_of(place.span);
  const std::string pad(width, ' ');
  const std::string marks = underline(line, first ? '^' : '-');
  std::string out = fmt::format("{}{} {}:{}:{}\n", pad, paint(kBlue, "-->"), source.name, at.line, at.column);
  out += fmt::format("{} {}\n", pad, paint(kBlue, "|"));
  out += fmt::format("{:>{}} {} {}{}{}\n", at.line, width, paint(kBlue, "|"), line.before, line.marked, line.after);
  out +=
      fmt::format("{} {} {}{}{}\n", pad, paint(kBlue, "|"), paint(first ? kRed : kBlue, marks),
                  place.words.empty() ? "" : " ", place.words.empty() ? "" : paint(first ? kRed : kBlue, place.words));
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
  const bool error = problem.severity == Severity::Error;
  const std::string head = fmt::format("{}[{}]", error ? "error" : "warning", problem.code);
  std::string out = fmt::format("{}: {}\n", paint(error ? kRed : kYellow, head), paint(kBold, problem.message));
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
