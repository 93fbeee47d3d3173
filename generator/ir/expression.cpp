#include "ir/expression.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/builtin.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr int kMaxDepth = 200;
constexpr int kMaxOperators = 1000;

struct OperatorToken {
  std::string_view symbol;
  BinaryOp op;
};
constexpr OperatorToken kComparisons[] = {{"<", BinaryOp::Lt},  {"<=", BinaryOp::Le}, {">", BinaryOp::Gt},
                                          {">=", BinaryOp::Ge}, {"==", BinaryOp::Eq}, {"!=", BinaryOp::Ne}};

std::string described(const Token& token) {
  switch (token.kind) {
    case TokenKind::Newline:
      return "the end of the line";
    case TokenKind::Indent:
      return "an indented line";
    case TokenKind::Dedent:
      return "the end of the block";
    case TokenKind::End:
      return "the end of the text";
    case TokenKind::Name:
    case TokenKind::Integer:
    case TokenKind::Real:
    case TokenKind::String:
    case TokenKind::Symbol:
      break;
  }
  return fmt::format("`{}`", token.text);
}

}  // namespace

/// Counts one level of recursion while it lives.
class ExpressionParser::Level {
 public:
  explicit Level(ExpressionParser& parser) : parser_(parser) {
    if (++parser_.depth_ > kMaxDepth) --parser_.depth_, parser_.too_deep();
  }
  ~Level() { --parser_.depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  ExpressionParser& parser_;
};

ExpressionParser::ExpressionParser(const Text& text, LineRule rule, Names names)
    : text_(text), tokens_(lex(text, rule, problems)), names_(std::move(names)) {}

const Token& ExpressionParser::peek(size_t ahead) const { return tokens_[std::min(next_ + ahead, tokens_.size() - 1)]; }
bool ExpressionParser::at(std::string_view symbol, size_t ahead) const {
  const Token& token = peek(ahead);
  return (token.kind == TokenKind::Symbol || token.kind == TokenKind::Name) && token.text == symbol;
}
Token ExpressionParser::take() {
  const Token token = peek();
  if (next_ + 1 < tokens_.size()) ++next_;
  return token;
}
bool ExpressionParser::accept(std::string_view symbol) {
  if (!at(symbol)) return false;
  take();
  return true;
}
Token ExpressionParser::expect(std::string_view symbol) {
  if (!at(symbol)) unexpected(fmt::format("`{}`", symbol));
  return take();
}

Token ExpressionParser::name(const char* what) {
  if (at(TokenKind::Name) && is_keyword(peek().text))
    reject(Diagnostic{"syntax", fmt::format("`{}` is a word of the language", peek().text), {}, {}, {}}.at(
        span_of(peek()), fmt::format("not the name of {}", what)));
  if (!at(TokenKind::Name)) unexpected(fmt::format("the name of {}", what));
  return take();
}

void ExpressionParser::unexpected(const std::string& expected) const {
  reject(Diagnostic{"syntax", fmt::format("expected {}, found {}", expected, described(peek())), {}, {}, {}}.at(
      span_of(peek())));
}

void ExpressionParser::too_deep() const {
  reject(Diagnostic{"nesting-too-deep", "this expression is nested too deeply", {}, {}, {}}
             .at(span_of(peek()))
             .note(fmt::format("at most {} levels of brackets, and {} operators", kMaxDepth, kMaxOperators)));
}

void ExpressionParser::note(Diagnostic problem) {
  if (++noted_ <= kMaxProblems) problems.add(std::move(problem));
}

Span ExpressionParser::span_of(const Token& token) const { return text_.slice(token.begin, token.end); }

Span ExpressionParser::span_from(size_t first_token) const {
  const Token& first = tokens_[first_token];
  return text_.slice(first.begin, next_ > first_token ? tokens_[next_ - 1].end : first.end);
}

ExprRef ExpressionParser::placed(const ExprRef& e, size_t first_token) const {
  Expr copy = *e;
  copy.span = span_from(first_token);
  return std::make_shared<const Expr>(std::move(copy));
}

void ExpressionParser::unknown(const Token& token, const char* what, const std::vector<std::string>& candidates) {
  note(Diagnostic{"unknown-name", fmt::format("there is no {} called `{}`", what, token.text), {}, {}, {}}
           .at(span_of(token))
           .help(suggestion(token.text, candidates)));
}

ExprRef ExpressionParser::combine(BinaryOp op, const ExprRef& a, const ExprRef& b, size_t first_token) {
  if (++operators_ > kMaxOperators) too_deep();
  return placed(binary(op, a, b), first_token);
}

ExprRef ExpressionParser::expression() {
  if (depth_ == 0) operators_ = 0;
  const Level level(*this);
  return alternatives();
}

ExprRef ExpressionParser::alternatives() {
  const size_t first = next_;
  ExprRef e = conjunction();
  while (accept("or")) {
    const ExprRef right = conjunction();
    e = combine(BinaryOp::Or, e, right, first);
  }
  return e;
}

ExprRef ExpressionParser::conjunction() {
  const size_t first = next_;
  ExprRef e = negation();
  while (accept("and")) {
    const ExprRef right = negation();
    e = combine(BinaryOp::And, e, right, first);
  }
  return e;
}

ExprRef ExpressionParser::negation() {
  const size_t first = next_;
  if (!accept("not")) return comparison();
  const Level level(*this);
  const ExprRef operand = negation();
  return placed(unary(UnaryOp::Not, operand), first);
}

ExprRef ExpressionParser::comparison() {
  const size_t first = next_;
  ExprRef left = sum(), all;
  size_t left_token = first;
  int repeated = 0;  // operators in `left` where it stands in two comparisons
  for (;;) {
    const OperatorToken* found = nullptr;
    for (const OperatorToken& o : kComparisons)
      if (at(o.symbol)) found = &o;
    if (!found) return all ? all : left;
    take();
    const size_t right_token = next_;
    const int operators_before = operators_;
    if ((operators_ += repeated) > kMaxOperators) too_deep();
    const ExprRef right = sum();
    repeated = operators_ - operators_before;
    const ExprRef one = combine(found->op, left, right, left_token);
    all = all ? combine(BinaryOp::And, all, one, first) : one;  // 0 <= i < n is 0 <= i and i < n
    left = right, left_token = right_token;
  }
}

ExprRef ExpressionParser::sum() {
  const size_t first = next_;
  ExprRef e = product();
  while (at("+") || at("-")) {
    const BinaryOp op = take().text == "+" ? BinaryOp::Add : BinaryOp::Sub;
    const ExprRef right = product();
    e = combine(op, e, right, first);
  }
  return e;
}

ExprRef ExpressionParser::product() {
  const size_t first = next_;
  ExprRef e = sign();
  while (at("*") || at("/") || at("%")) {
    const std::string_view symbol = take().text;
    const BinaryOp op = symbol == "*" ? BinaryOp::Mul : symbol == "/" ? BinaryOp::Div : BinaryOp::Mod;
    const ExprRef right = sign();
    e = combine(op, e, right, first);
  }
  return e;
}

ExprRef ExpressionParser::sign() {
  const size_t first = next_;
  if (!accept("-")) return atom();
  if (const ExprRef literal = signed_literal(first)) return literal;
  const Level level(*this);
  const ExprRef operand = sign();
  return placed(unary(UnaryOp::Neg, operand), first);
}

/// The number behind a minus as one literal; null if it is something else.
ExprRef ExpressionParser::signed_literal(size_t first_token) {
  const Token& token = peek();
  if (token.kind == TokenKind::Integer) {
    take();
    return placed(num(static_cast<int64_t>(-token.integer)), first_token);
  }
  double value = token.real;
  if (at("inf"))
    value = std::numeric_limits<double>::infinity();
  else if (at("nan"))
    value = std::numeric_limits<double>::quiet_NaN();
  else if (token.kind != TokenKind::Real)
    return nullptr;
  take();
  return placed(real(std::copysign(value, -1.0)), first_token);
}

ExprRef ExpressionParser::atom() {
  const size_t first = next_;
  const Token& token = peek();
  if (token.kind == TokenKind::Integer) {
    take();
    if (token.integer > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
      note(Diagnostic{"number-too-large", fmt::format("`{}` does not fit 64 bits", token.text), {}, {}, {}}.at(
          span_of(token)));
    return placed(num(static_cast<int64_t>(token.integer)), first);
  }
  if (token.kind == TokenKind::Real) return take(), placed(real(token.real), first);
  if (accept("inf")) return placed(real(std::numeric_limits<double>::infinity()), first);
  if (accept("nan")) return placed(real(std::numeric_limits<double>::quiet_NaN()), first);
  if (accept("True")) return placed(truth(true), first);
  if (accept("False")) return placed(truth(false), first);
  if (accept("(")) {
    const ExprRef inside = expression();
    expect(")");
    return inside;
  }
  if (token.kind == TokenKind::Name && !is_keyword(token.text)) return named();
  if (at("not"))
    reject(Diagnostic{"syntax", "`not` binds less tightly than what stands before it", {}, {}, {}}
               .at(span_of(token))
               .help("put `(not ...)` in parentheses"));
  unexpected("an expression");
}

ExprRef ExpressionParser::named() {
  const size_t first = next_;
  const Token token = take();
  const std::string word(token.text);
  if (at(".")) return dotted(first);
  if (at("(")) return function(token, first);
  const auto meaning = names_.lookup(word);
  if (!meaning) {
    unknown(token, at("[") ? "buffer" : "name", names_.known());
    if (at("[")) slices();
    return placed(num(0), first);
  }
  return at("[") ? subscript(*meaning, first) : placed(*meaning, first);
}

ExprRef ExpressionParser::subscript(const ExprRef& base, size_t first_token) {
  const Read* buffer = as<Read>(base);
  const Span span = span_from(first_token);
  std::vector<Slice> parts = slices();
  if (!buffer || !buffer->index.empty()) {
    note(Diagnostic{"not-a-buffer", "only buffers have elements", {}, {}, {}}.at(span, "this is a control value"));
    return placed(num(0), first_token);
  }
  Exprs index;
  for (const Slice& slice : parts)
    if (!slice.hi) index.push_back(slice.lo);
  if (index.size() == parts.size()) return placed(read(buffer->buffer, std::move(index)), first_token);
  return placed(window(buffer->buffer, std::move(parts)), first_token);
}

std::vector<Slice> ExpressionParser::slices() {
  std::vector<Slice> parts;
  expect("[");
  do {
    if (at(":"))
      reject(Diagnostic{"syntax", "a range has both ends", {}, {}, {}}.at(span_of(peek())).help("write `0:n`"));
    Slice slice{expression(), nullptr};
    if (accept(":")) {
      if (at("]") || at(","))
        reject(Diagnostic{"syntax", "a range has both ends", {}, {}, {}}.at(span_of(peek())).help("write `0:n`"));
      slice.hi = expression();
    }
    parts.push_back(std::move(slice));
  } while (accept(","));
  expect("]");
  return parts;
}

ExprRef ExpressionParser::function(const Token& token, size_t first_token) {
  const std::string word(token.text);
  if (word == "stride") return stride_of(first_token);
  const bool known = function_named(word) != nullptr;
  if (!known) {
    std::vector<std::string> candidates = function_names();
    candidates.push_back("stride");
    unknown(token, "function", candidates);
  }
  Exprs args;
  expect("(");
  while (!at(")")) {
    args.push_back(expression());
    if (!accept(",")) break;
  }
  expect(")");
  return placed(builtin(word, std::move(args)), first_token);
}

ExprRef ExpressionParser::stride_of(size_t first_token) {
  expect("(");
  const Token token = name("a buffer");
  const auto meaning = names_.lookup(std::string(token.text));
  if (!meaning) unknown(token, "buffer", names_.known());
  expect(",");
  if (!at(TokenKind::Integer)) unexpected("the number of a dimension");
  const int64_t dim = static_cast<int64_t>(take().integer);
  expect(")");
  if (!meaning) return placed(num(0), first_token);
  const Read* buffer = as<Read>(*meaning);
  if (!buffer || !buffer->index.empty()) {
    note(Diagnostic{"not-a-buffer", "only buffers have strides", {}, {}, {}}.at(span_of(token),
                                                                                "this is a control value"));
    return placed(num(0), first_token);
  }
  return placed(stride(buffer->buffer, dim), first_token);
}

/// `target.caches.l2`, `target.lanes(f32)`: looked up as one name, without white space.
ExprRef ExpressionParser::dotted(size_t first_token) {
  std::string word(tokens_[first_token].text);
  while (accept(".")) word += "." + std::string(name("a fact").text);
  if (names_.dotted && at("(")) {
    int open = 0;
    do {
      if (at(TokenKind::End)) unexpected("`)`");
      open += at("(") - at(")");
      word += take().text;
    } while (open > 0);
  }
  if (const auto meaning = names_.lookup(word)) return placed(*meaning, first_token);
  note(Diagnostic{"unknown-name", fmt::format("nothing is called `{}`", word), {}, {}, {}}
           .at(span_from(first_token))
           .help(suggestion(word, names_.known())));
  return placed(num(0), first_token);
}

ExprRef parse_expr(const Text& text, const Lookup& lookup, const std::vector<std::string>& known) {
  ExpressionParser parser(text, LineRule::Flat, {lookup, [&] { return known; }, true});
  ExprRef result;
  parser.problems.attempt([&] {
    result = parser.expression();
    if (!parser.at_end()) parser.unexpected("the end of the expression");
  });
  parser.problems.throw_if_any();
  return result;
}

}  // namespace exo
