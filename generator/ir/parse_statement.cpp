#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/label.h"
#include "ir/program_parser.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr int kMaxBlocks = 100;
constexpr std::array<std::string_view, 6> kReserved = {"init", "update", "load", "store", "alloc", "body"};

}  // namespace

/// What stands behind the colon of a head: an indented block, or one simple statement.
Block ProgramParser::block() {
  Block out;
  if (!at(TokenKind::Newline)) {
    simple(out);
    return out;
  }
  const Span line = span_of(tokens_[next_ - 1]);
  take();
  if (!at(TokenKind::Indent)) {
    note(Diagnostic{"indentation", "expected an indented block after this line", {}, {}, {}}.at(line).help(
        "`pass` is an empty block"));
    return out;
  }
  if (blocks_ >= kMaxBlocks) {
    note(Diagnostic{"nesting-too-deep", "these blocks are nested too deeply", {}, {}, {}}.at(line).note(
        fmt::format("at most {} levels", kMaxBlocks)));
    skip_block();
    return out;
  }
  take();
  ++blocks_;
  scopes_.emplace_back();
  statements(out);
  scopes_.pop_back();
  --blocks_;
  return out;
}

/// Statements up to the end of the block.
void ProgramParser::statements(Block& out) {
  while (!at(TokenKind::Dedent) && !at_end()) statement(out);
  if (at(TokenKind::Dedent)) take();
}

void ProgramParser::statement(Block& out) {
  const int blocks = blocks_;
  const size_t scopes = scopes_.size();
  if (at(TokenKind::Indent)) {  // goes on as if the lines were not indented
    note(Diagnostic{"indentation", "this line is indented more than the one before", {}, {}, {}}.at(
        span_of(tokens_[next_ + 1])));
    if (blocks_ >= kMaxBlocks) return skip_block();
    take();
    ++blocks_;
    statements(out);
    --blocks_;
    return;
  }
  const bool fine = attempt([&] {
    if (at("for"))
      out.push_back(loop());
    else if (at("if"))
      out.push_back(branch());
    else
      simple(out);
  });
  if (fine) return;
  blocks_ = blocks;
  scopes_.resize(scopes);
  skip_line();
  if (at(TokenKind::Indent)) skip_block();
}

void ProgramParser::simple(Block& out) {
  const size_t first = next_;
  if (accept("pass")) return void(end_of_line());
  misplaced();
  if (!at(TokenKind::Name)) unexpected("a statement");
  const StmtRef s = at(":", 1) ? allocation() : at("(", 1) ? call() : at(".", 1) ? configuration() : update();
  const Span span = span_from(first);
  const Token end = end_of_line();
  if (s) out.push_back(finish(*s, span, end.label));
}

/// Words that begin a statement, where none of that kind may stand.
void ProgramParser::misplaced() const {
  const auto problem = [&](const std::string& message) {
    return Diagnostic{"syntax", message, {}, {}, {}}.at(span_of(peek()));
  };
  if (at("assert"))
    reject(problem("an assertion after a statement").help("assertions stand at the top of a procedure"));
  if (at("elif") || at("else")) reject(problem(fmt::format("`{}` without an `if`", peek().text)));
  if (at("for") || at("if")) reject(problem("a head behind a colon").help("put it on a line of its own, indented"));
  if (at("def")) reject(problem("a procedure inside another").help("write it before this one"));
}

StmtRef ProgramParser::loop() {
  const size_t first = next_;
  take();
  const Token iter = name("an iterator");
  if (std::find(kReserved.begin(), kReserved.end(), iter.text) != kReserved.end())
    note(Diagnostic{"name-taken", fmt::format("no loop can be called `{}`", iter.text), {}, {}, {}}
             .at(span_of(iter))
             .note("recipes call statements by this word"));
  For node{{}, num(0), num(0), {}, Order::Sequential};
  const bool fine = attempt([&] {
    expect("in");
    if (!at("seq") && !at("par")) unexpected("`seq` or `par`");
    if (take().text == "par") node.order = Order::Parallel;
    expect("(");
    node.lo = expression();
    expect(",");
    node.hi = expression();
    expect(")");
    expect(":");
  });
  const Span span = span_from(first);
  if (!fine) skip_to_end_of_line();
  scopes_.emplace_back();  // the bounds do not know the iterator, the body does even where the head
                           // is broken
  node.iter = declare(iter, false);
  const std::string_view label = label_here();
  const bool has_block =
      fine || (at(TokenKind::Newline) && next_ + 1 < tokens_.size() && tokens_[next_ + 1].kind == TokenKind::Indent);
  if (has_block)
    node.body = block();
  else if (at(TokenKind::Newline))
    take();
  scopes_.pop_back();
  return finish(Stmt{std::move(node), {}, {}}, span, label);
}

StmtRef ProgramParser::branch() {
  const size_t first = next_;
  take();
  If node;
  node.cond = expression();
  expect(":");
  const Span span = span_from(first);
  const std::string_view label = label_here();
  node.body = block();
  if (at("elif")) {
    if (blocks_ >= kMaxBlocks)
      reject(Diagnostic{"nesting-too-deep", "too many branches", {}, {}, {}}
                 .at(span_of(peek()))
                 .note(fmt::format("at most {} levels", kMaxBlocks)));
    ++blocks_;
    node.orelse.push_back(branch());
    --blocks_;
  } else if (accept("else")) {
    expect(":");
    if (!label_here().empty())
      note(Diagnostic{"syntax", "`else` has no label", {}, {}, {}}.at(span_of(tokens_[next_ - 1])));
    node.orelse = block();
  }
  return finish(Stmt{std::move(node), {}, {}}, span, label);
}

StmtRef ProgramParser::allocation() {
  const Token token = name("a buffer");
  expect(":");
  Scalar scalar = Scalar::R;
  scalar_named(std::string(peek(at("[") ? 1 : 0).text), scalar);
  Alloc node;
  const bool fine = attempt([&] { node.type = type(), node.memory = memory(), node.bank = bank(node.memory); });
  node.buffer = declare(token, is_data(scalar));  // also where the type is wrong, so that its uses are known
  if (!fine) skip_to_end_of_line();
  return stmt(std::move(node));
}

StmtRef ProgramParser::call() {
  const Token token = name("a procedure");
  const ProcRef callee = procedure_named(token);
  Call node{callee, {}};
  expect("(");
  while (!at(")")) {
    const bool has_param = callee && node.args.size() < callee->params.size();
    node.args.push_back(argument(has_param ? &callee->params[node.args.size()] : nullptr));
    if (!accept(",")) break;
  }
  expect(")");
  return callee ? stmt(std::move(node)) : nullptr;
}

/// A buffer is passed as a window of it, so `A` and `A[i,k]` are no reads here.
ExprRef ProgramParser::argument(const Param* param) {
  const ExprRef e = expression();
  const Read* buffer = as<Read>(e);
  if (!buffer || !param || !is_data(param->type.scalar) || buffer->buffer.is_field()) return e;
  std::vector<Slice> points;
  for (const ExprRef& index : buffer->index) points.push_back({index, nullptr});
  Expr copy{Window{buffer->buffer, std::move(points)}, e->span};
  return std::make_shared<const Expr>(std::move(copy));
}

StmtRef ProgramParser::update() {
  const Token token = name("a statement");
  const Named* const target = find(token.text);
  if (!target && at("=")) return named_part(token);
  if (!target) unknown(token, "buffer", visible());
  const Sym buffer = target ? target->sym : Sym{};
  Exprs index;
  if (at("["))
    for (Slice& slice : slices()) {
      if (slice.hi)
        reject(Diagnostic{"syntax", "a statement writes one element, not a range", {}, {}, {}}
                   .at(slice.hi->span)
                   .help("write a loop"));
      index.push_back(std::move(slice.lo));
    }
  std::optional<ReduceOp> op;
  if (accept("+="))
    op = ReduceOp::Add;
  else if (at("max") && at("=", 1))
    take(), take(), op = ReduceOp::Max;
  else if (at("min") && at("=", 1))
    take(), take(), op = ReduceOp::Min;
  else if (!accept("="))
    unexpected("`=`, `+=`, `max=` or `min=`");
  const ExprRef rhs = expression();
  if (!buffer) return nullptr;
  if (op) return stmt(Reduce{*op, buffer, std::move(index), rhs});
  return stmt(Assign{buffer, std::move(index), rhs});
}

/// `load.stride = e`.
StmtRef ProgramParser::configuration() {
  const size_t first = next_;
  const Token group = name("a statement");
  expect(".");
  const std::string field = std::string(group.text) + "." + std::string(name("a configuration field").text);
  const Span span = span_from(first);
  expect("=");
  const ExprRef value = expression();
  if (const Sym sym = field_named(field)) return stmt(Configure{sym, value});
  std::vector<std::string> known;
  for (const Sym sym : fields_) known.push_back(sym.name());
  Diagnostic d{"unknown-name", fmt::format("there is no configuration field `{}`", field), {}, {}, {}};
  d.at(span).help(known.empty() ? "fields are declared by `[config.NAME]` in the recipe or its targets"
                                : suggestion(field, known));
  note(std::move(d));
  return nullptr;
}

/// `y = x[0:4]` where `y` is new.
StmtRef ProgramParser::named_part(const Token& token) {
  const std::vector<std::string> before = visible();
  take();
  const ExprRef rhs = expression();
  const Window* window = as<Window>(rhs);
  if (!window)
    note(Diagnostic{"unknown-name", fmt::format("there is no buffer called `{}`", token.text), {}, {}, {}}
             .at(span_of(token))
             .help(suggestion(token.text, before))
             .help(fmt::format("a new one is declared first, as in `{} : f32`", token.text)));
  const Sym name = declare(token, true);
  if (!window || !window->buffer) return nullptr;
  return stmt(Alias{name, rhs});
}

StmtRef ProgramParser::finish(Stmt s, Span span, std::string_view label) {
  s.label = usual_label(s, [](Sym sym) { return sym.name(); });
  s.span = span;
  if (!read_label_comment(label, s.label))
    note(Diagnostic{"syntax", "this comment is no label", {}, {}, {}}
             .at(text_.slice(label.data() - text_.chars.data() - 2, label.data() + label.size() - text_.chars.data()))
             .help("a label is `#: name nest=... alias=... axis=... copies=a,b`; other comments "
                   "begin with `# `"));
  return std::make_shared<const Stmt>(std::move(s));
}

}  // namespace exo
