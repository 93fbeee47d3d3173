#include "ir/parse.h"

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/lexer.h"
#include "ir/program_parser.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr int kMaxForalls = 8;

}  // namespace

std::vector<ProcRef> parse(const Text& text, const std::vector<ProcRef>& known, const std::vector<Sym>& fields) {
  return ProgramParser(text, known, fields).procedures();
}

namespace {
/// Types by the names that they have elsewhere.
constexpr std::pair<std::string_view, const char*> kForeignTypes[] = {
    {"float", "f32"},   {"double", "f64"},   {"half", "f16"},    {"float16", "f16"},  {"bfloat16", "bf16"},
    {"float32", "f32"}, {"float64", "f64"},  {"char", "i8"},     {"int8", "i8"},      {"int16", "i16"},
    {"short", "i16"},   {"int32", "i32"},    {"int64", "i64"},   {"long", "i64"},     {"int8_t", "i8"},
    {"int16_t", "i16"}, {"int32_t", "i32"},  {"int64_t", "i64"}, {"uint8_t", "u8"},   {"uint8", "u8"},
    {"byte", "u8"},     {"uint16_t", "u16"}, {"uint16", "u16"},  {"uint32_t", "u32"}, {"uint32", "u32"},
    {"size_t", "size"}, {"boolean", "bool"}};
constexpr uint64_t kMostCalls = 64, kMostStatements = 20000;  // a tree of calls grows with a power of its depth
}  // namespace

ProgramParser::ProgramParser(const Text& text, const std::vector<ProcRef>& known, const std::vector<Sym>& fields)
    : ExpressionParser(text, LineRule::Lines,
                       {[this](const std::string& n) { return meaning(n); }, [this] { return visible(); }, false}),
      known_(known),
      fields_(fields) {}

std::vector<ProcRef> ProgramParser::procedures() {
  while (!at_end() && !enough()) {
    if (attempt([&] { procedure(); })) continue;
    do {  // to the next procedure
      skip_line();
      if (at(TokenKind::Indent)) skip_block();
    } while (!at_end() && !at("def"));
  }
  if (procs_.empty() && problems.empty())
    note(Diagnostic{"syntax", "there is no procedure here", {}, {}, {}}
             .at(text_.whole())
             .help("write `def name(...):`"));
  problems.throw_if_any();
  return std::move(procs_);
}

void ProgramParser::procedure() {
  const size_t first = next_;
  if (!at("def")) unexpected("`def`");
  take();
  const Token token = name("a procedure");
  Proc proc;
  proc.name = token.text;
  proc.span = span_from(first);
  open_ = proc.name;
  for (const ProcRef& other : procs_)
    if (other->name == proc.name)
      note(Diagnostic{"name-taken", fmt::format("there is already a procedure called `{}`", proc.name), {}, {}, {}}
               .at(span_of(token))
               .at(other->span, "the other one"));
  scopes_.assign(1, {});
  blocks_ = 0;
  parameters(proc);
  expect(":");
  body(proc);
  const ProcRef made = std::make_shared<const Proc>(std::move(proc));
  const Extent extent = extent_of(*made);
  if (extent.statements > kMostStatements || extent.depth > kMostCalls)
    reject(Diagnostic{"nesting-too-deep", fmt::format("`{}` calls too much", made->name), {}, {}, {}}
               .at(made->span)
               .note(fmt::format("calls go at most {} deep, and reach at most {} statements", kMostCalls,
                                 kMostStatements)));
  procs_.push_back(made);
}

ProgramParser::Extent ProgramParser::extent_of(const Proc& proc) {
  const auto known = extents_.find(&proc);
  if (known != extents_.end()) return known->second;
  Extent out;
  each_stmt(proc.body, [&](const StmtRef& s) {
    ++out.statements;
    const Call* call = as<Call>(s);
    if (!call) return;
    const Extent inner = extent_of(*call->callee);
    out.statements += inner.statements, out.depth = std::max(out.depth, inner.depth + 1);
  });
  return extents_[&proc] = out;
}

void ProgramParser::body(Proc& proc) {
  if (!at(TokenKind::Newline)) return statement(proc.body);
  if (!label_here().empty()) note(Diagnostic{"syntax", "a procedure has no label", {}, {}, {}}.at(proc.span));
  take();
  if (!at(TokenKind::Indent))
    return note(Diagnostic{"indentation", "expected an indented block after this line", {}, {}, {}}.at(proc.span).help(
        "`pass` is an empty block"));
  take();
  while (at("assert"))
    if (!attempt([&] { assertion(proc); })) {
      scopes_.resize(1);
      blocks_ = 0;
      skip_line();
    }
  statements(proc.body);
}

void ProgramParser::assertion(Proc& proc) {
  take();
  const ExprRef condition = claim();
  end_of_line();
  proc.asserts.push_back(condition);
}

/// A condition, or `forall i in seq(0, n): ` before one. (`forall` is a word here alone: it may be a name elsewhere.)
ExprRef ProgramParser::claim() {
  const size_t first = next_;
  if (!at("forall") || peek(1).kind != TokenKind::Name || is_keyword(peek(1).text)) return expression();
  if (++blocks_ > kMaxForalls)
    reject(Diagnostic{"nesting-too-deep", "this assertion is nested too deeply", {}, {}, {}}
               .at(span_of(peek()))
               .note(fmt::format("at most {} levels", kMaxForalls)));
  take();
  const Token iter = name("a variable");
  expect("in"), expect("seq"), expect("(");
  Forall node{{}, expression(), nullptr, nullptr};
  expect(",");
  node.hi = expression();
  expect(")"), expect(":");
  scopes_.emplace_back();
  node.iter = declare(iter, false);
  node.body = claim();
  scopes_.pop_back();
  --blocks_;
  return std::make_shared<const Expr>(Expr{std::move(node), span_from(first)});
}

/// Declares all parameters, since the shape of one may name a later one, then reads their types.
void ProgramParser::parameters(Proc& proc) {
  expect("(");
  std::vector<Named> names;
  const size_t begin = next_;
  const size_t end = parameter_names(names);
  next_ = begin;
  for (const Named& named : names) {
    const size_t first = next_;
    take(), take();  // the name and its colon
    Param param{named.sym, type(), memory(), {}};
    param.span = span_from(first);
    proc.params.push_back(std::move(param));
    if (next_ < end) expect(",");
  }
  expect(")");
}

/// Declares the parameters and returns the token behind the last one.
size_t ProgramParser::parameter_names(std::vector<Named>& names) {
  while (!at(")")) {
    const Token token = name("a parameter");
    expect(":");
    Scalar scalar = Scalar::R;
    scalar_named(std::string(peek(at("[") ? 1 : 0).text), scalar);
    declare(token, is_data(scalar));
    names.push_back(*find(token.text));
    for (int open = 0; open > 0 || (!at(",") && !at(")"));) {
      if (at(TokenKind::Newline) || at(TokenKind::End)) unexpected("`)`");
      open += (at("[") || at("(")) - (at("]") || at(")"));
      take();
    }
    if (!accept(",")) break;
  }
  if (!at(")")) unexpected("`,` or `)`");
  return next_;
}

Type ProgramParser::type() {
  Type type;
  type.window = accept("[");
  const Token token = name("a type");
  if (!scalar_named(std::string(token.text), type.scalar)) {
    std::vector<std::string> candidates;
    for (int i = 0; i <= static_cast<int>(Scalar::Stride); ++i)
      candidates.push_back(scalar_name(static_cast<Scalar>(i)));
    const auto foreign = std::find_if(std::begin(kForeignTypes), std::end(kForeignTypes),
                                      [&](const auto& f) { return f.first == token.text; });
    if (foreign == std::end(kForeignTypes))
      unknown(token, "type", candidates);
    else
      note(Diagnostic{"unknown-name", fmt::format("there is no type called `{}`", token.text), {}, {}, {}}
               .at(span_of(token))
               .help(fmt::format("it is called `{}` here", foreign->second)));
  }
  if (type.window) expect("]");
  if (type.window && !at("[")) unexpected("the extents of the window, as in `[f32][n]`");
  if (!at("[")) return type;
  const size_t first = next_;
  for (Slice& slice : slices()) {
    if (slice.hi) reject(Diagnostic{"syntax", "an extent is one number, not a range", {}, {}, {}}.at(span_from(first)));
    type.shape.push_back(std::move(slice.lo));
  }
  return type;
}

std::string ProgramParser::memory() {
  if (!accept("@")) return {};
  return std::string(name("a memory").text);
}

/// Behind the memory of an allocation; -1 where none is named.
int64_t ProgramParser::bank(const std::string& memory) {
  if (memory.empty() || !accept("bank")) return -1;
  if (!at(TokenKind::Integer) || peek().integer > INT32_MAX) unexpected("the number of a bank");
  return static_cast<int64_t>(take().integer);
}

std::optional<ExprRef> ProgramParser::meaning(const std::string& name) const {
  if (const Sym field = field_named(name)) return is_data(field.field_type()) ? read(field, {}) : var(field);
  const Named* named = find(name);
  if (!named) return {};
  return named->data ? read(named->sym, {}) : var(named->sym);
}

Sym ProgramParser::field_named(std::string_view name) const {
  for (const Sym field : fields_)
    if (field.name() == name) return field;
  return {};
}

const Named* ProgramParser::find(std::string_view name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    if (const auto it = scope->find(name); it != scope->end()) return &it->second;
  return nullptr;
}

std::vector<std::string> ProgramParser::visible() const {
  std::vector<std::string> names;
  for (const auto& scope : scopes_)
    for (const auto& entry : scope) names.push_back(entry.first);
  for (const Sym field : fields_) names.push_back(field.name());
  return names;
}

Sym ProgramParser::declare(const Token& token, bool data) {
  const std::string name(token.text);
  if (const Named* other = find(name))
    note(Diagnostic{"name-taken", fmt::format("there is already something called `{}` here", name), {}, {}, {}}
             .at(span_of(token))
             .at(other->declared, "the other one"));
  const Named named{Sym::fresh(name), data, span_of(token)};
  scopes_.back().insert_or_assign(name, named);
  return named.sym;
}

ProcRef ProgramParser::procedure_named(const Token& token) {
  std::vector<std::string> candidates;
  for (auto p = procs_.rbegin(); p != procs_.rend(); ++p) {
    if ((*p)->name == token.text) return *p;
    candidates.push_back((*p)->name);
  }
  for (const ProcRef& p : known_) {
    if (p->name == token.text) return p;
    candidates.push_back(p->name);
  }
  if (token.text == open_)
    reject(Diagnostic{"recursion", fmt::format("`{}` calls itself", open_), {}, {}, {}}
               .at(span_of(token))
               .help("a procedure calls those that stand before it"));
  unknown(token, "procedure", candidates);
  return nullptr;
}

Token ProgramParser::end_of_line() {
  if (!at(TokenKind::Newline) && !at(TokenKind::End)) unexpected("the end of the line");
  return take();
}

std::string_view ProgramParser::label_here() const {
  return at(TokenKind::Newline) ? peek().label : std::string_view{};
}

bool ProgramParser::attempt(const std::function<void()>& action) {
  if (problems.attempt(action)) return true;
  ++noted_;
  if (enough()) next_ = tokens_.size() - 1;
  return false;
}

void ProgramParser::skip_to_end_of_line() {
  while (!at(TokenKind::End) && !at(TokenKind::Newline)) take();
}

void ProgramParser::skip_line() {
  const bool moved = at(TokenKind::Indent) || at(TokenKind::Dedent);
  if (moved) take();
  while (!at(TokenKind::End) && !at(TokenKind::Newline) && !at(TokenKind::Indent) && !at(TokenKind::Dedent)) take();
  if (at(TokenKind::Newline)) take();
}

/// Skips an indented block and everything in it.
void ProgramParser::skip_block() {
  int depth = 0;
  do {
    depth += at(TokenKind::Indent);
    depth -= at(TokenKind::Dedent);
    take();
  } while (depth > 0 && !at_end());
}

}  // namespace exo
