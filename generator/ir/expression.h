// The part of the parser that reads expressions; parse.cpp builds statements on it.
#pragma once

#include <functional>

#include "ir/lexer.h"
#include "ir/parse.h"

namespace exo {

class ExpressionParser {
 public:
  /// What names mean, and which to offer where one is unknown. `text` must live on.
  struct Names {
    Lookup lookup;
    std::function<std::vector<std::string>()> known;
    bool dotted = false;  // loose expressions: `target.lanes(f32)` is one name
  };
  ExpressionParser(const Text& text, LineRule rule, Names names);

  /// Reads one expression. Throws where the syntax breaks; unknown names are noted in `problems`.
  ExprRef expression();
  bool at_end() const { return peek().kind == TokenKind::End; }
  [[noreturn]] void unexpected(const std::string& expected) const;

  Problems problems;

 protected:
  const Token& peek(size_t ahead = 0) const;
  bool at(std::string_view symbol, size_t ahead = 0) const;
  bool at(TokenKind kind) const { return peek().kind == kind; }
  Token take();
  bool accept(std::string_view symbol);
  Token expect(std::string_view symbol);
  Token name(const char* what);  // an identifier that is no keyword
  Span span_of(const Token& token) const;
  Span span_from(size_t first_token) const;  // up to the last token that was taken
  void note(Diagnostic problem);             // adds to `problems` until there are enough
  bool enough() const { return noted_ >= kMaxProblems; }
  void unknown(const Token& token, const char* what, const std::vector<std::string>& candidates);
  ExprRef placed(const ExprRef& e, size_t first_token) const;
  /// A buffer with what stands in the brackets behind it: a Read, or a Window where there is a range.
  ExprRef subscript(const ExprRef& base, size_t first_token);
  std::vector<Slice> slices();

  const Text& text_;
  std::vector<Token> tokens_;
  size_t next_ = 0;
  int noted_ = 0;

 private:
  ExprRef alternatives();  // or
  ExprRef conjunction();   // and
  ExprRef negation();      // not
  ExprRef comparison();
  ExprRef sum();
  ExprRef product();
  ExprRef sign();
  ExprRef atom();
  ExprRef signed_literal(size_t first_token);
  ExprRef named();
  ExprRef function(const Token& token, size_t first_token);
  ExprRef stride_of(size_t first_token);
  ExprRef dotted(size_t first_token);
  ExprRef combine(BinaryOp op, const ExprRef& a, const ExprRef& b, size_t first_token);
  [[noreturn]] void too_deep() const;
  class Level;

  Names names_;
  int depth_ = 0;      // of brackets and prefixes around the current token
  int operators_ = 0;  // in the expression so far: a chain is as deep as it is long
};

}  // namespace exo
