#include "schedule/value.h"

#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr int kMaxNesting = 200;

/// Recursive descent, evaluating on the way.
class Evaluator {
 public:
  Evaluator(const Text& text, const Values& values) : text_(text), s_(text.chars), values_(values) {}

  int64_t run() {
    const int64_t value = either();
    skip();
    if (at_ != s_.size()) fail(at_, at_ + 1, fmt::format("unexpected `{}`", s_[at_]));
    return value;
  }

 private:
  const Text& text_;
  const std::string& s_;
  const Values& values_;
  size_t at_ = 0;
  int depth_ = 0;
  int decided_ = 0;  // inside what cannot change the result any more

  [[noreturn]] void fail(size_t begin, size_t end, const std::string& what, const std::string& help = {}) const {
    Diagnostic d{"param-expression", what, {}, {}, {}};
    d.at(text_.slice(begin, end));
    if (!help.empty()) d.help(help);
    reject(std::move(d));
  }

  void skip() {
    while (at_ < s_.size() && s_[at_] == ' ') ++at_;
  }
  bool take(const std::string& symbol) {
    skip();
    if (s_.compare(at_, symbol.size(), symbol) != 0) return false;
    at_ += symbol.size();
    return true;
  }
  bool take_word(const std::string& word) {
    skip();
    const size_t end = at_ + word.size();
    if (s_.compare(at_, word.size(), word) != 0 ||
        (end < s_.size() && (std::isalnum(static_cast<unsigned char>(s_[end])) || s_[end] == '_')))
      return false;
    at_ = end;
    return true;
  }
  std::string name() {
    skip();
    const size_t begin = at_;
    while (at_ < s_.size() && (std::isalnum(static_cast<unsigned char>(s_[at_])) || s_[at_] == '_')) ++at_;
    if (begin == at_)
      fail(at_, at_ + 1,
           at_ < s_.size() ? fmt::format("unexpected `{}`", s_[at_]) : std::string("the expression ends too early"));
    return s_.substr(begin, at_ - begin);
  }
  int64_t fitted(__int128 value) const {
    if (decided_ > 0) return 1;
    if (value > INT64_MAX || value < INT64_MIN) fail(0, s_.size(), "a value exceeds 64 bits");
    return static_cast<int64_t>(value);
  }

  int64_t either() {
    int64_t a = both();
    while (take_word("or")) {
      const bool decided = a != 0;
      decided_ += decided;
      const int64_t b = both();
      decided_ -= decided;
      a = decided || b != 0;
    }
    return a;
  }
  int64_t both() {
    int64_t a = negation();
    while (take_word("and")) {
      const bool decided = a == 0;
      decided_ += decided;
      const int64_t b = negation();
      decided_ -= decided;
      a = !decided && b != 0;
    }
    return a;
  }
  int64_t negation() {
    if (++depth_ > kMaxNesting) fail(at_, at_ + 1, "nested too deeply");
    const int64_t value = take_word("not") ? negation() == 0 : comparison();
    --depth_;
    return value;
  }
  int64_t comparison() {
    if (at_word()) return comparison_of_words();
    if (at_type()) return comparison_of_types();
    int64_t a = sum();
    int64_t holds = 1;
    bool any = false;
    while (true) {
      int64_t result = 0;
      const auto compare = [&](const auto& op) {
        const int64_t b = sum();
        result = op(a, b);
        a = b;
      };
      if (take("<="))
        compare(std::less_equal<>{});
      else if (take(">="))
        compare(std::greater_equal<>{});
      else if (take("=="))
        compare(std::equal_to<>{});
      else if (take("!="))
        compare(std::not_equal_to<>{});
      else if (take("<"))
        compare(std::less<>{});
      else if (take(">"))
        compare(std::greater<>{});
      else
        return any ? holds : a;
      any = true;
      holds = holds && result;
    }
  }
  int64_t sum() {
    int64_t a = product();
    while (true) {
      if (take("+"))
        a = fitted(static_cast<__int128>(a) + product());
      else if (take("-"))
        a = fitted(static_cast<__int128>(a) - product());
      else
        return a;
    }
  }
  int64_t product() {
    int64_t a = sign();
    while (true) {
      skip();
      const size_t where = at_;
      if (take("*")) {
        a = fitted(static_cast<__int128>(a) * sign());
      } else if (take("/") || take("%")) {
        const bool quotient = s_[at_ - 1] == '/';
        const int64_t b = sign();
        if (decided_ > 0) continue;
        if (b == 0) fail(where, at_, "division by zero");
        if (b < 0) fail(where, at_, "division by a negative number");
        a = quotient ? floor_div(a, b) : floor_mod(a, b);
      } else {
        return a;
      }
    }
  }
  int64_t sign() {
    if (++depth_ > kMaxNesting) fail(at_, at_ + 1, "nested too deeply");
    const int64_t value = take("-") ? fitted(-static_cast<__int128>(sign())) : atom();
    --depth_;
    return value;
  }
  int64_t atom() {
    if (take("(")) {
      const int64_t value = either();
      if (!take(")")) fail(at_, at_ + 1, "a `)` is missing");
      return value;
    }
    skip();
    if (at_ < s_.size() && std::isdigit(static_cast<unsigned char>(s_[at_]))) return number();
    const size_t begin = at_;
    const std::string id = name();
    if (id == "true" || id == "false") return id == "true";
    if (id == "min" || id == "max") return extreme(id);
    if (id == "target") return of_target(begin);
    const size_t end = at_;
    if (take("(")) return function(id, begin, end);
    return decided_ > 0 ? 1 : values_.param(id, text_.slice(begin, end));
  }
  int64_t number() {
    const size_t begin = at_;
    int64_t value = 0;
    while (at_ < s_.size() && std::isdigit(static_cast<unsigned char>(s_[at_])))
      if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, s_[at_++] - '0', &value))
        fail(begin, at_, "this number exceeds 64 bits");
    return value;
  }
  int64_t extreme(const std::string& id) {
    if (!take("(")) fail(at_, at_ + 1, fmt::format("`{}` wants arguments in parentheses", id));
    int64_t value = either();
    while (take(",")) value = id == "min" ? std::min(value, either()) : std::max(value, either());
    if (!take(")")) fail(at_, at_ + 1, "a `)` is missing");
    return value;
  }

  /// Arguments up to the closing parenthesis, as they stand: names of loops and statements are no expressions.
  std::vector<Text> arguments() {
    std::vector<Text> out;
    size_t begin = at_;
    int depth = 0;
    const auto add = [&] {
      size_t from = begin, to = at_;
      while (from < to && s_[from] == ' ') ++from;
      while (to > from && s_[to - 1] == ' ') --to;
      if (from < to) out.push_back(subtext(text_, from, to));
      begin = at_ + 1;
    };
    for (; at_ < s_.size(); ++at_) {
      const char c = s_[at_];
      if (depth == 0 && (c == ',' || c == ')')) add();
      if (depth == 0 && c == ')') return ++at_, out;
      depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
    }
    fail(at_, at_ + 1, "a `)` is missing");
  }

  int64_t function(const std::string& id, size_t begin, size_t end) {
    const std::vector<Text> args = arguments();
    if (decided_ > 0) return 1;
    if (!values_.function) fail(begin, end, fmt::format("there is no program yet that `{}` could look at", id));
    return values_.function(id, args, text_.slice(begin, end));
  }

  /// Does a type stand here: `f32`, `type(A)`?
  bool at_type() {
    skip();
    size_t end = at_;
    while (end < s_.size() && (std::isalnum(static_cast<unsigned char>(s_[end])) || s_[end] == '_')) ++end;
    const std::string word = s_.substr(at_, end - at_);
    Scalar ignored{};
    return (word == "type" && s_.compare(end, 1, "(") == 0) ||
           (word != "R" && scalar_named(word, ignored) && is_data(ignored));
  }
  Scalar type() {
    const size_t where = at_;
    const std::string word = name();
    Scalar out{};
    if (word == "type" && take("(")) {
      const std::vector<Text> args = arguments();
      if (args.size() != 1) fail(where, at_, "`type` wants one buffer or statement");
      if (decided_ > 0) return out;
      if (!values_.type) fail(where, at_, "there is no program yet that `type` could look at");
      return values_.type(args.front());
    }
    if (!scalar_named(word, out)) fail(where, at_, fmt::format("`{}` is no element type", word));
    return out;
  }
  /// Does a word in quotes stand here: `'mask'`? Choices that were given to an op are compared so.
  bool at_word() {
    skip();
    return at_ < s_.size() && s_[at_] == '\'';
  }
  std::string word() {
    if (!at_word()) fail(at_, at_ + 1, "a word in quotes is compared with a word in quotes");
    const size_t close = s_.find('\'', at_ + 1);
    if (close == s_.npos) fail(at_, s_.size(), "this string does not end");
    const std::string out = s_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    return out;
  }
  int64_t comparison_of_words() {
    const std::string a = word();
    const bool equal = take("==");
    if (!equal && !take("!=")) fail(at_, at_ + 1, "a word can be compared by `==` and `!=` alone");
    return (a == word()) == equal;
  }
  int64_t comparison_of_types() {
    const Scalar a = type();
    const bool equal = take("==");
    if (!equal && !take("!=")) fail(at_, at_ + 1, "a type can be compared by `==` and `!=` alone");
    if (!at_type()) fail(at_, at_ + 1, "a type is compared with a type");
    return (a == type()) == equal;
  }

  /// target.KEY, target.TABLE.KEY, target.lanes(TYPE), target.has("feature")
  int64_t of_target(size_t begin) {
    std::string key;
    while (take(".")) key += (key.empty() ? "" : ".") + name();
    if (key.empty()) fail(begin, at_, "`target` alone is no number");
    if (!values_.target) fail(begin, at_, "there is no target here");
    const Target& target = *values_.target;
    if (key == "lanes" && take("(")) {
      const Scalar scalar = type();
      if (!take(")")) fail(at_, at_ + 1, "a `)` is missing");
      const auto it = target.lanes.find(scalar);
      return it == target.lanes.end() ? 1 : it->second;
    }
    if (key == "has" && take("(")) {
      skip();
      const char quote = at_ < s_.size() ? s_[at_] : ' ';
      if (quote != '"' && quote != '\'') fail(at_, at_ + 1, "`target.has` wants a feature in quotes");
      const size_t close = s_.find(quote, at_ + 1);
      if (close == s_.npos) fail(at_, s_.size(), "this string does not end");
      const std::string feature = s_.substr(at_ + 1, close - at_ - 1);
      at_ = close + 1;
      if (!take(")")) fail(at_, at_ + 1, "a `)` is missing");
      return target.has(feature);
    }
    const auto it = target.facts.find(key);
    if (it != target.facts.end()) return it->second;
    std::vector<std::string> known;
    for (const auto& [fact, value] : target.facts) known.push_back(fact);
    fail(begin, at_, fmt::format("target `{}` says nothing of `{}`", target.name, key), suggestion(key, known));
  }
};

}  // namespace

int64_t evaluate(const Text& text, const Values& values) { return Evaluator(text, values).run(); }

int64_t Params::value(const Text& expression) {
  return evaluate(expression, {target_, [this](const std::string& name, Span where) { return named(name, where); }});
}

int64_t Params::named(const std::string& name, Span where) {
  if (const auto it = known_.find(name); it != known_.end()) return it->second;
  const auto it = expressions_.find(name);
  if (it == expressions_.end()) {
    std::vector<std::string> names;
    for (const auto& [known, text] : expressions_) names.push_back(known);
    reject(Diagnostic{"unknown-param", fmt::format("there is no param `{}`", name), {}, {}, {}}.at(where).help(
        suggestion(name, names)));
  }
  if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
    open_.push_back(name);
    reject(Diagnostic{
        "param-cycle", fmt::format("param `{}` depends on itself: {}", name, join(open_, " -> ")), {}, {}, {}}
               .at(where));
  }
  open_.push_back(name);
  const int64_t result = value(it->second);
  open_.pop_back();
  return known_[name] = result;
}

std::map<std::string, int64_t> Params::all() {
  std::map<std::string, int64_t> out;
  for (const auto& [name, text] : expressions_) out[name] = named(name, text.whole());
  return out;
}

}  // namespace exo
