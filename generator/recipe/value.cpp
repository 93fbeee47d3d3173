#include "recipe/value.h"

#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr int kMaxDepth = 200;

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
    if (value > INT64_MAX || value < INT64_MIN) fail(0, s_.size(), "a value exceeds 64 bits");
    return static_cast<int64_t>(value);
  }

  int64_t either() {
    int64_t a = both();
    while (take_word("or")) {
      const int64_t b = both();
      a = a != 0 || b != 0;
    }
    return a;
  }
  int64_t both() {
    int64_t a = negation();
    while (take_word("and")) {
      const int64_t b = negation();
      a = a != 0 && b != 0;
    }
    return a;
  }
  int64_t negation() {
    if (++depth_ > kMaxDepth) fail(at_, at_ + 1, "nested too deeply");
    const int64_t value = take_word("not") ? negation() == 0 : comparison();
    --depth_;
    return value;
  }
  int64_t comparison() {
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
        if (b == 0) fail(where, at_, "division by zero");
        if (b < 0) fail(where, at_, "division by a negative number");
        a = quotient ? floor_div(a, b) : floor_mod(a, b);
      } else {
        return a;
      }
    }
  }
  int64_t sign() {
    if (++depth_ > kMaxDepth) fail(at_, at_ + 1, "nested too deeply");
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
    return values_.param(id, text_.slice(begin, at_));
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

  /// target.KEY, target.TABLE.KEY, target.lanes(TYPE), target.has("feature")
  int64_t of_target(size_t begin) {
    std::string key;
    while (take(".")) key += (key.empty() ? "" : ".") + name();
    if (key.empty()) fail(begin, at_, "`target` alone is no number");
    if (!values_.target) fail(begin, at_, "there is no target here");
    const Target& target = *values_.target;
    if (key == "lanes" && take("(")) {
      const size_t where = at_;
      const std::string type = name();
      Scalar scalar{};
      if (!scalar_named(type, scalar)) fail(where, at_, fmt::format("`{}` is no element type", type));
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
