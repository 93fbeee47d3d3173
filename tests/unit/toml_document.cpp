// Strings know where each of their bytes stands in the file; tables keep the order of the file.
#include <catch2/catch.hpp>

#include "toml/document.h"
#include "toml/schema.h"

using namespace exo;

namespace {

/// The characters of the file that stand where each byte of the string came from.
std::string origins(const TomlFile& file, const Text& text) {
  std::string out;
  for (size_t i = 0; i < text.chars.size(); ++i) out += file.source->text[text.at[i]];
  return out;
}

const Text& string_at(const TomlFile& file, const char* key) { return *file.root.find(key)->text(); }

Diagnostic refusal(const std::string& text) {
  try {
    parse_toml("x.toml", text);
  } catch (const Rejected& rejected) {
    return rejected.problems.at(0);
  }
  FAIL("accepted: " << text);
  return {};
}

}  // namespace

TEST_CASE("toml: a plain string maps byte by byte") {
  const TomlFile file = parse_toml("x.toml", "# \xC3\xA9\r\na = \"N % 4\"\nb = 'c:\\d'\n");
  CHECK(origins(file, string_at(file, "a")) == "N % 4");
  CHECK(string_at(file, "b").chars == "c:\\d");
  CHECK(origins(file, string_at(file, "b")) == "c:\\d");
  const Span whole = string_at(file, "a").span;
  CHECK(file.source->text.substr(whole.begin, whole.end - whole.begin) == "\"N % 4\"");
}

TEST_CASE("toml: escapes map to their backslash") {
  const TomlFile file = parse_toml("x.toml", R"(a = "\tx\u00e9y\U0001F600z\\\"")");
  const Text& text = string_at(file, "a");
  CHECK(text.chars == "\tx\xC3\xA9y\xF0\x9F\x98\x80z\\\"");
  CHECK(origins(file, text) == "\\x\\\\y\\\\\\\\z\\\\");
  CHECK(text.at.size() == text.chars.size() + 1);
  CHECK(file.source->text[text.at.back()] == '"');
}

TEST_CASE("toml: strings of several lines, with continuations and both line ends") {
  const TomlFile file = parse_toml(
      "x.toml", "a = '''\r\ndef f():\r\n  x'''\r\nb = \"\"\"\\\n   p\\\n\n   q\"\"\"\"\"\nc = ''''quoted' '''\n");
  const Text& a = string_at(file, "a");
  CHECK(a.chars == "def f():\n  x");
  CHECK(origins(file, a) == "def f():\r  x");
  const Text& b = string_at(file, "b");
  CHECK(b.chars == "pq\"\"");
  CHECK(origins(file, b) == "pq\"\"");
  CHECK(string_at(file, "c").chars == "'quoted' ");
}

TEST_CASE("toml: a byte order mark and characters of several bytes do not shift spans") {
  const TomlFile file = parse_toml("x.toml", "\xEF\xBB\xBFk = { \"\xC3\xA9\" = 'v' }\nw = \"\xE2\x82\xAC\"\n");
  const TomlTable& table = *file.root.find("k")->table();
  CHECK(origins(file, *table.entries[0].second.text()) == "v");
  CHECK(origins(file, string_at(file, "w")) == "\xE2\x82\xAC");
}

TEST_CASE("toml: entries stand in the order of the file") {
  const TomlFile file = parse_toml("x.toml", "z = 1\na = 2\n[t]\ny = 1\nb = 2\n[[s]]\nq = 1\nc = 2\n[[s]]\n[m.n]\n");
  std::string order;
  for (const auto& entry : file.root.entries) order += entry.first.name;
  CHECK(order == "zatsm");
  CHECK(file.root.find("t")->table()->entries[0].first.name == "y");
  CHECK(file.root.find("s")->array()->size() == 2);
  CHECK(file.root.find("s")->array()->at(0).table()->entries[0].first.name == "q");
}

TEST_CASE("toml: what is no TOML is refused where it stands") {
  const Diagnostic problem = refusal("a = 1\nb = \"no end\nc = 2\n");
  CHECK(problem.code == "toml-syntax");
  CHECK(position(*problem.places.at(0).span.source, problem.places[0].span.begin).line == 2);
  CHECK(refusal("a = 1\na = 2\n").code == "toml-syntax");
  CHECK(refusal("a = ").code == "toml-syntax");
  CHECK(refusal("a = 1979-05-27").code == "toml-date");
}

TEST_CASE("toml: hostile nesting is refused") {
  CHECK(refusal("a = " + std::string(100000, '[')).code == "toml-syntax");
  std::string dots = "a";
  for (int i = 0; i < 100000; ++i) dots += ".a";
  CHECK(refusal(dots + " = 1").code == "toml-syntax");
  CHECK(refusal("[" + dots + "]").code == "toml-syntax");
  CHECK_NOTHROW(parse_toml("x.toml", "a = \"" + std::string(1000, '.') + "\"\n"));
}

TEST_CASE("toml: a file that does not exist") {
  try {
    load_toml("/nowhere/x.toml");
    FAIL("loaded");
  } catch (const Rejected& rejected) {
    CHECK(rejected.problems.at(0).code == "file-not-found");
  }
}

TEST_CASE("toml: a schema decodes, and reports everything that is wrong at once") {
  struct Row {
    std::string name;
    int64_t by = 0;
    std::optional<bool> deep;
    std::vector<std::string> as;
  };
  const Schema<Row> schema = Schema<Row>()
                                 .required("name", &Row::name, "what it is")
                                 .key("by", &Row::by, "how far")
                                 .key("deep", &Row::deep, "?")
                                 .key("as", &Row::as, "names");

  Problems none;
  const TomlFile good = parse_toml("x.toml", "name = 'n'\nby = 3\nas = ['p', 'q']\n");
  const Row row = schema.read(good.root, {}, "a row", none);
  CHECK(none.empty());
  CHECK((row.name == "n" && row.by == 3 && !row.deep && row.as == std::vector<std::string>{"p", "q"}));

  Problems problems;
  const TomlFile bad = parse_toml("x.toml", "bye = 1\nby = 'x'\nas = 'one'\n");
  schema.read(bad.root, {}, "a row", problems);
  try {
    problems.throw_if_any();
    FAIL("accepted");
  } catch (const Rejected& rejected) {
    REQUIRE(rejected.problems.size() == 3);
    CHECK(rejected.problems[0].code == "unknown-key");
    CHECK(rejected.problems[0].helps.at(0) == "did you mean `by`?");
    CHECK(rejected.problems[1].code == "toml-type");
    CHECK(rejected.problems[2].code == "missing-key");
  }
}
