// The rows of a family of procedures.
#include <fmt/format.h>

#include "schedule/procedures.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr int64_t kMostRows = 256;

[[noreturn]] void refuse(Span span, const std::string& what) {
  reject(Diagnostic{"proc-each", what, {}, {}, {}}.at(span).help(
      "`each` is a list of tables, `[{ r = 1 }, { r = 2 }]`, or ranges by name, `{ r = \"1..MR\" }`"));
}

std::string scalar(const TomlValue& v) {
  if (v.text()) return v.text()->chars;
  if (v.integer()) return fmt::format("{}", *v.integer());
  refuse(v.span, fmt::format("a value of a row is a string or a whole number, this is {}", v.kind()));
}

/// "1..MR": both ends belong to it. A string without dots is one value.
std::vector<std::string> range(const Text& text, const Context& context) {
  const size_t dots = text.chars.find("..");
  if (dots == text.chars.npos) return {text.chars};
  const int64_t first = context.integer(subtext(text, 0, dots));
  const int64_t last = context.integer(subtext(text, dots + 2, text.chars.size()));
  if (last - first >= kMostRows) refuse(text.whole(), fmt::format("more than {} rows", kMostRows));
  std::vector<std::string> out;
  for (int64_t value = first; value <= last; ++value) out.push_back(fmt::format("{}", value));
  return out;
}

std::vector<std::string> values_of(const TomlValue& v, const Context& context) {
  if (v.text()) return range(*v.text(), context);
  if (!v.array()) return {scalar(v)};
  std::vector<std::string> out;
  for (const TomlValue& element : *v.array()) out.push_back(scalar(element));
  return out;
}

bool in_dotted_name(char c) { return c == '.' || in_identifier(c); }

}  // namespace

Text with_values(const Text& expression, const Row& row) {
  Text out{{}, expression.span, {}};
  const std::string& chars = expression.chars;
  const auto at = [&](size_t i) { return expression.at.empty() ? expression.span.begin : expression.at[i]; };
  for (size_t i = 0; i < chars.size();) {
    size_t end = i + 1;
    if (in_dotted_name(chars[i]))
      while (end < chars.size() && in_dotted_name(chars[end])) ++end;
    const auto value = row.find(chars.substr(i, end - i));
    const std::string word = value == row.end() ? chars.substr(i, end - i) : value->second;
    for (size_t k = 0; k < word.size(); ++k) out.chars += word[k], out.at.push_back(at(value == row.end() ? i + k : i));
    i = end;
  }
  out.at.push_back(expression.at.empty() ? expression.span.end : expression.at.back());
  return out;
}

std::vector<Row> rows_of(const TomlValue& each, const Context& context) {
  std::vector<Row> rows;
  if (each.array()) {
    for (const TomlValue& element : *each.array()) {
      if (!element.table()) refuse(element.span, fmt::format("a row is a table, this is {}", element.kind()));
      Row& row = rows.emplace_back();
      for (const TomlEntry& e : element.table()->entries) row[e.first.name] = scalar(e.second);
    }
    return rows;
  }
  if (!each.table()) refuse(each.span, fmt::format("`each` cannot be {}", each.kind()));
  rows = {{}};
  for (const TomlEntry& e : each.table()->entries) {
    std::vector<Row> next;
    for (const Row& row : rows)
      for (const std::string& value : values_of(e.second, context)) {
        if (static_cast<int64_t>(next.size()) >= kMostRows)
          refuse(each.span, fmt::format("more than {} rows", kMostRows));
        next.push_back(row);
        next.back()[e.first.name] = value;
      }
    rows = std::move(next);
  }
  return rows;
}

}  // namespace exo
