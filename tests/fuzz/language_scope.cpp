#include "fuzz/language_scope.h"

#include <algorithm>

#include <fmt/format.h>

#include "support/text.h"

namespace exo::testing {

bool is_float_name(const std::string& type) { return type[0] == 'f' || type[0] == 'b'; }

std::string Length::text() const {
  if (size.empty()) return fmt::format("{}", more);
  return more == 0 ? size : fmt::format("{} {} {}", size, more < 0 ? "-" : "+", more < 0 ? -more : more);
}

std::string LanguageScope::name(const char* stem) {
  const auto taken = [&](const std::string& n) { return std::find(names.begin(), names.end(), n) != names.end(); };
  std::string out = r_.chance(12)
                        ? r_.of({"int",     "double", "exo_max", "restrict",     "errno", "I",
                                 "main",    "x_s0",   "n_1",     "printf",       "NULL",  "exo_scratch_acquire",
                                 "uint8_t", "true",   "_Bool",   "EXO_OK",       "c",     "w_stride0",
                                 "auto",    "fabsf",  "rint",    "exo_relu_f32", "bool",  "static"})
                        : std::string(stem);
  for (int k = 0; taken(out); ++k) out = fmt::format("{}{}", stem, k);
  names.push_back(out);
  return out;
}

std::string LanguageScope::number(int depth) {
  std::vector<std::string> leaves = numbers;
  leaves.insert(leaves.end(), sizes.begin(), sizes.end());
  for (const Ranged& i : ranged) leaves.push_back(i.text);
  if (depth == 0 || r_.chance(25))
    return leaves.empty() || r_.chance(20) ? fmt::format("{}", r_.between(0, 9)) : r_.of(leaves);
  const auto inner = [&] { return number(depth - 1); };
  switch (r_.between(0, 9)) {
    case 0:
      return fmt::format("({} + {})", inner(), inner());
    case 1:
      return fmt::format("({} - {})", inner(), inner());
    case 2:
      return fmt::format("{}*{}", r_.between(-3, 5), inner());
    case 3:
    case 4:
      return fmt::format("({} / {})", inner(), r_.between(1, 7));
    case 5:
    case 6:
      return fmt::format("({} % {})", inner(), r_.between(1, 7));
    case 7:
      return fmt::format("(-{})", inner());
    case 8:
      return fmt::format("{}({}, {})", r_.of({"min", "max"}), inner(), inner());
    default:
      return fmt::format("({} - {})", inner(), r_.between(0, 9));
  }
}

/// In terms of a number whose range fits, or nothing.
std::string LanguageScope::bounded(const Ranged& i, const Length& length) {
  if (i.end.size != length.size) return {};
  const int64_t lowest = -i.begin, highest = length.more - i.end.more;  // what may be added
  if (i.begin >= 0 && highest >= 0 && r_.chance(20)) return fmt::format("{} - 1 - {}", length.text(), i.text);
  if (i.begin >= 0 && highest >= 0 && r_.chance(10)) return fmt::format("{} / {}", i.text, r_.between(2, 3));
  if (lowest > highest) return {};
  const int64_t by = lowest <= 0 && highest >= 0 && r_.chance(50) ? 0 : r_.between(lowest, highest);
  return by == 0 ? i.text : fmt::format("{} {} {}", i.text, by < 0 ? "-" : "+", by < 0 ? -by : by);
}

/// An element of an index tensor that fits, or nothing.
std::string LanguageScope::looked_up(const Length& length) {
  for (const IndexTensor& t : index_tensors) {
    if (t.ordered || t.below.size != length.size || t.below.more > length.more) continue;
    for (const Ranged& i : ranged)
      if (std::string at = bounded(i, t.length); !at.empty() && r_.chance(70)) return fmt::format("{}[{}]", t.name, at);
    if (t.length.more > 0 && r_.chance(50)) return fmt::format("{}[{}]", t.name, r_.between(0, t.length.more - 1));
  }
  return {};
}

std::string LanguageScope::index(const Length& length) {
  if (r_.chance(50))
    if (std::string i = looked_up(length); !i.empty()) return i;
  for (int attempt = 0; attempt < 4 && !ranged.empty(); ++attempt)
    if (std::string i = bounded(r_.of(ranged), length); !i.empty()) return i;
  if (length.more < 1) return {};
  switch (r_.between(0, 4)) {
    case 0:
      return fmt::format("{}", r_.between(0, length.more - 1));
    case 1:
      return fmt::format("max(0, min({}, {}))", number(2), length.plus(-1).text());
    default:
      return fmt::format("{} % {}", number(2), r_.between(1, length.more));
  }
}

std::string LanguageScope::condition(int depth) {
  if (depth > 0 && r_.chance(30))
    return fmt::format("({} {} {})", condition(depth - 1), r_.of({"and", "or"}), condition(depth - 1));
  if (depth > 0 && r_.chance(10)) return fmt::format("(not {})", condition(depth - 1));
  if (!flags.empty() && r_.chance(25)) return r_.of(flags);
  if (r_.chance(4)) return r_.of({"True", "False"});
  if (r_.chance(15)) return fmt::format("({} <= {} < {})", number(1), number(1), number(1));
  return fmt::format("({} {} {})", number(2), r_.of({"<", "<=", ">", ">=", "==", "!="}), number(1));
}

std::string LanguageScope::whole_number() {
  std::vector<const KnownTensor*> some;
  for (const KnownTensor& t : tensors)
    if (!is_float_name(t.type)) some.push_back(&t);
  const std::string e = some.empty() || r_.chance(25) ? "" : element(*r_.of(some));
  if (e.empty()) return number(1);
  switch (r_.between(0, 7)) {
    case 0:
      return fmt::format("({} + {})", e, number(1));
    case 1:
      return fmt::format("({} - {})", number(0), e);
    case 2:
      return fmt::format("{}*{}", r_.between(-3, 5), e);
    case 3:
      return fmt::format("({} {} {})", e, r_.of({"/", "%"}), r_.between(1, 7));
    default:
      return e;
  }
}

std::string LanguageScope::elements_condition(int depth) {
  if (depth > 0 && r_.chance(30))
    return fmt::format("({} {} {})", elements_condition(depth - 1), r_.of({"and", "or"}),
                       elements_condition(depth - 1));
  if (depth > 0 && r_.chance(10)) return fmt::format("(not {})", elements_condition(depth - 1));
  if (r_.chance(20)) return condition(1);
  const std::string compares = r_.of({"<", "<=", ">", ">=", "==", "!="});
  const std::string type = r_.of(types);
  if (!is_float_name(type)) return fmt::format("({} {} {})", whole_number(), compares, whole_number());
  return fmt::format("({} {} {})", data(type, 1), compares, data(type, 1));
}

std::string LanguageScope::element(const KnownTensor& t) {
  std::vector<std::string> at;
  for (const Length& length : t.shape) {
    at.push_back(at.empty() && !t.first.empty() ? t.first : index(length));
    if (at.back().empty()) return {};
  }
  return at.empty() ? t.name : fmt::format("{}[{}]", t.name, join(at, ", "));
}

std::string LanguageScope::literal(const std::string& type) {
  if (type == "f16" || type == "bf16") return r_.of({"0.0", "1.0", "-2.5", "0.1", "1000.0", "3", "6e-8"});
  if (is_float_name(type))
    return r_.of({"0.0", "1.0", "-0.5", "2.25", "0.1", "3", "1e10", "-7.0", "1e-30", "inf", "-0.0", "nan"});
  if (type == "u8") return r_.of({"0", "1", "3", "128", "255", "200"});
  if (type == "i8") return r_.of({"0", "1", "-3", "127", "-128", "100"});
  if (type == "u16") return r_.of({"0", "1", "7", "32768", "65535"});
  if (type == "i16") return r_.of({"0", "-1", "7", "32767", "-32768"});
  if (type == "u32") return r_.of({"0", "1", "9", "2147483648", "4294967295"});
  if (type == "i32") return r_.of({"0", "1", "-9", "2147483647", "-2147483648"});
  return r_.of({"0", "1", "-9", "9223372036854775807", "-9223372036854775808", "4294967296"});
}

std::string LanguageScope::data(const std::string& type, int depth) {
  if (depth > 0 && r_.chance(70)) {
    const int64_t kind = r_.between(0, 9);
    return kind < 5 ? operation(type, depth) : kind < 8 ? function(type, depth) : conversion(type, depth);
  }
  std::vector<const KnownTensor*> some;
  for (const KnownTensor& t : tensors)
    if (t.type == type) some.push_back(&t);
  if (some.empty() || r_.chance(15)) return literal(type);
  const std::string e = element(*r_.of(some));
  return e.empty() ? literal(type) : e;
}

std::string LanguageScope::operation(const std::string& type, int depth) {
  const auto inner = [&] { return data(type, depth - 1); };
  switch (r_.between(0, is_float_name(type) ? 4 : 6)) {
    case 0:
      return fmt::format("({} + {})", inner(), inner());
    case 1:
      return fmt::format("({} - {})", inner(), inner());
    case 2:
      return fmt::format("({} * {})", inner(), inner());
    case 3:
      return fmt::format("(-({}))", inner());
    case 4:
      if (is_float_name(type)) return fmt::format("({} / {})", inner(), inner());
      return fmt::format("({} {} {})", inner(), r_.of({"/", "%"}), r_.of({"1", "2", "3", "7", "64"}));
    default: {  // by what is not a number that could be zero as it stands
      std::vector<std::string> some;
      for (const KnownTensor& t : tensors)
        if (t.type == type)
          if (std::string e = element(t); !e.empty()) some.push_back(e);
      return fmt::format("({} {} {})", inner(), r_.of({"/", "%"}), some.empty() ? "5" : r_.of(some));
    }
  }
}

std::string LanguageScope::function(const std::string& type, int depth) {
  const auto inner = [&] { return data(type, depth - 1); };
  switch (r_.between(0, is_float_name(type) ? 9 : 7)) {
    case 0:
      return fmt::format("relu({})", inner());
    case 1:
      return fmt::format("abs({})", inner());
    case 2:
    case 3:
      return fmt::format("{}({}, {})", r_.of({"max", "min"}), inner(), inner());
    case 4:
      return fmt::format("clamp({}, {}, {})", inner(), inner(), inner());
    case 5:
    case 6:
    case 7:
      return fmt::format("select({}, {}, {})", r_.chance(60) ? data_condition(depth) : condition(1), inner(), inner());
    case 8:
      return fmt::format("sqrt({})", inner());
    default:
      return fmt::format("round({})", inner());
  }
}

std::string LanguageScope::conversion(const std::string& type, int depth) {
  const std::string saturating = is_float_name(type) || r_.chance(50) ? "" : "sat_";
  if (r_.chance(25)) return fmt::format("{}{}({})", saturating, type, number(2));
  return fmt::format("{}{}({})", saturating, type, data(r_.of(types), depth - 1));
}

std::string LanguageScope::data_condition(int depth) {
  const auto compared = [&] {
    const std::string type = r_.of(types);
    return fmt::format("({} {} {})", data(type, depth - 1), r_.of({"<", "<=", ">", ">=", "==", "!="}),
                       data(type, depth - 1));
  };
  switch (r_.between(0, 5)) {
    case 0:
      return fmt::format("({} {} {})", compared(), r_.of({"and", "or"}), r_.chance(50) ? compared() : condition(1));
    case 1:
      return fmt::format("not {}", compared());
    default:
      return compared();
  }
}

std::string LanguageScope::library_call(const std::string& type) {
  return fmt::format("{}({})", r_.of({"exp", "log", "sin", "cos", "tanh", "sigmoid", "erf"}), data(type, 1));
}

}  // namespace exo::testing
