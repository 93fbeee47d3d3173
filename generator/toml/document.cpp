// The only file that knows toml++.
#include "toml/document.h"

#include <algorithm>

#define TOML_EXCEPTIONS 1
#define TOML_MAX_NESTED_VALUES 64
#include <toml++/toml.h>

#include <fmt/format.h>

#include "support/text.h"
#include "toml/strings.h"

namespace exo {
namespace {

constexpr size_t kMostDots = 64;
constexpr size_t kMostBytes = 64u << 20;
constexpr size_t kMostErrors = 20;

/// Byte offsets of line and column, which toml++ counts in characters.
class Offsets {
 public:
  explicit Offsets(const Source& source) : source_(source) {
    lines_.push_back(source.text.rfind("\xEF\xBB\xBF", 0) == 0 ? 3 : 0);
    for (uint32_t i = 0; i < source.text.size(); ++i)
      if (source.text[i] == '\n') lines_.push_back(i + 1);
  }

  uint32_t at(toml::source_position p) const {
    const std::string& text = source_.text;
    if (!p || p.line > lines_.size()) return static_cast<uint32_t>(text.size());
    uint32_t offset = lines_[p.line - 1];
    for (uint32_t column = 1; column < p.column && offset < text.size(); ++column)
      for (++offset; offset < text.size() && (text[offset] & 0xC0) == 0x80;) ++offset;
    return offset;
  }

  Span span(const toml::source_region& region) const {
    const uint32_t begin = at(region.begin), end = at(region.end);
    return {&source_, begin, std::max(begin, end)};
  }

 private:
  const Source& source_;
  std::vector<uint32_t> lines_;
};

/// toml++'s tree to ours. What has no place in our files (dates) is a problem.
class Converter {
 public:
  Converter(const Source& source, const Offsets& offsets, Problems& problems)
      : source_(source), offsets_(offsets), problems_(problems) {}

  TomlTable table(const toml::table& from) {
    TomlTable out;
    for (const auto& [key, node] : from)
      out.entries.push_back({{std::string(key.str()), offsets_.span(key.source())}, value(node)});
    std::stable_sort(out.entries.begin(), out.entries.end(),
                     [](const auto& a, const auto& b) { return a.first.span.begin < b.first.span.begin; });
    return out;
  }

 private:
  TomlValue value(const toml::node& node) {
    const Span span = offsets_.span(node.source());
    switch (node.type()) {
      case toml::node_type::table:
        return {table(*node.as_table()), span};
      case toml::node_type::array:
        return {array(*node.as_array()), span};
      case toml::node_type::string:
        return string(node, span);
      case toml::node_type::integer:
        return {node.as_integer()->get(), span};
      case toml::node_type::floating_point:
        return {node.as_floating_point()->get(), span};
      case toml::node_type::boolean:
        return {node.as_boolean()->get(), span};
      case toml::node_type::date:
      case toml::node_type::time:
      case toml::node_type::date_time:
        problems_.add({"toml-date", "dates and times have no use here", {}, {}, {}})
            .at(span)
            .help("write it as a string");
        return {false, span};
      case toml::node_type::none:
        break;
    }
    BUG("toml++ made a node without a type");
  }

  TomlArray array(const toml::array& from) {
    TomlArray out;
    for (const toml::node& element : from) out.push_back(value(element));
    return out;
  }

  TomlValue string(const toml::node& node, Span span) {
    Text text = string_literal(source_, span.begin);
    if (text.chars != node.as_string()->get()) BUG("two readings of the string at " + fmt::format("{}", span.begin));
    const Span literal = text.span;
    return {std::move(text), literal};
  }

  const Source& source_;
  const Offsets& offsets_;
  Problems& problems_;
};

[[noreturn]] void syntax(const Source* source, uint32_t begin, uint32_t end, std::string message) {
  reject(Diagnostic{"toml-syntax", std::move(message), {}, {}, {}}.at({source, begin, end}));
}

/// "Error while parsing string: unescaped ..." to "unescaped ...", in lower case.
std::string tidy(std::string_view description) {
  constexpr std::string_view kPrefix = "Error while parsing ";
  if (description.rfind(kPrefix, 0) == 0) description.remove_prefix(kPrefix.size());
  return std::string(description);
}

/// Makes the section around a mistake blank, so that those of other sections are seen too; false where there is no further
/// section, or where nobody can tell where this one ends, since a string of several lines may be open.
bool blank_section(std::string& text, size_t where) {
  const size_t before = where == 0 ? text.npos : text.rfind("\n[", where - 1);
  const size_t begin = before == text.npos ? 0 : before + 1;
  const size_t after = text.find("\n[", std::max(where, begin + 1));
  if (after == text.npos || text.find_first_not_of(" \r\n", begin) >= after) return false;
  const std::string_view section = std::string_view(text).substr(begin, after - begin);
  for (const char* quotes : {"\"\"\"", "'''"})
    for (size_t at = section.find(quotes), count = 1; at != section.npos; ++count) {
      at = section.find(quotes, at + 3);
      if (at == section.npos && count % 2 == 1) return false;
    }
  for (size_t i = begin; i < after; ++i)
    if (text[i] != '\n') text[i] = ' ';
  return true;
}

}  // namespace

Text text_of(const TomlKey& key) {
  Text text{key.name, key.span, {}};
  const Source& source = *key.span.source;
  const bool quoted = key.span.begin < source.text.size() &&
                      (source.text[key.span.begin] == '"' || source.text[key.span.begin] == '\'');
  for (uint32_t i = 0; i <= key.name.size(); ++i)
    text.at.push_back(std::min(key.span.begin + quoted + i, key.span.end));
  return text;
}

const TomlValue* TomlTable::find(const std::string& name) const {
  for (const auto& entry : entries)
    if (entry.first.name == name) return &entry.second;
  return nullptr;
}

const TomlKey* TomlTable::key(const std::string& name) const {
  for (const auto& entry : entries)
    if (entry.first.name == name) return &entry.first;
  return nullptr;
}

std::string TomlValue::kind() const {
  return std::visit(match{
                        [](bool) { return "true or false"; },
                        [](int64_t) { return "a whole number"; },
                        [](double) { return "a number with a fraction"; },
                        [](const Text&) { return "a string"; },
                        [](const TomlArray&) { return "an array"; },
                        [](const TomlTable&) { return "a table"; },
                    },
                    value);
}

TomlFile parse_toml(std::string name, std::string text) {
  const Source* source = register_source(std::move(name), std::move(text));
  if (source->text.size() > kMostBytes) syntax(source, 0, 1, "the file is larger than 64 MiB");
  if (longest_dotted_key(*source) > kMostDots)
    syntax(source, 0, 1, fmt::format("a key has more than {} dots", kMostDots));

  const Offsets offsets(*source);
  Problems problems;
  TomlFile file{source, {}};
  std::string rest = source->text;  // blank where it was not understood
  for (size_t errors = 0; errors < kMostErrors; ++errors) try {
      const toml::table root = toml::parse(std::string_view(rest));
      if (problems.empty()) file.root = Converter(*source, offsets, problems).table(root);
      break;
    } catch (const toml::parse_error& error) {
      const Span span = offsets.span(error.source());
      const auto size = static_cast<uint32_t>(source->text.size());
      const Span marked = {source, span.begin, std::max(span.end, std::min(span.begin + 1, size))};
      problems.add(Diagnostic{"toml-syntax", tidy(error.description()), {}, {}, {}}).at(marked);
      if (!blank_section(rest, span.begin)) break;
    }
  problems.throw_if_any();
  return file;
}

TomlFile load_toml(const std::string& path) {
  std::string text = read_file(path);
  return parse_toml(path, std::move(text));
}

}  // namespace exo
