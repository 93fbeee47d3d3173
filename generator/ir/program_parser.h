// The part of the parser that reads procedures (parse.cpp) and statements (parse_statement.cpp).
// A statement that cannot be read is reported and left out, and reading goes on after it.
#pragma once

#include <map>

#include "ir/expression.h"

namespace exo {

/// A name of the program: a buffer, or a control variable.
struct Named {
  Sym sym;
  bool data = false;
  Span declared;
};

class ProgramParser : public ExpressionParser {
 public:
  ProgramParser(const Text& text, const std::vector<ProcRef>& known, const std::vector<Sym>& fields);
  std::vector<ProcRef> procedures();

 private:
  // procedures
  void procedure();
  void body(Proc& proc);
  void parameters(Proc& proc);
  size_t parameter_names(std::vector<Named>& names);
  void assertion(Proc& proc);
  ExprRef claim();
  Type type();
  std::string memory();
  int64_t bank(const std::string& memory);

  // statements
  Block block();
  void statements(Block& out);
  void statement(Block& out);
  void simple(Block& out);
  void misplaced() const;
  StmtRef loop();
  StmtRef branch();
  StmtRef allocation();
  StmtRef call();
  StmtRef update();
  StmtRef named_part(const Token& token);
  StmtRef configuration();
  ExprRef argument(const Param* param);
  StmtRef finish(Stmt s, Span span, std::string_view label);

  // names
  std::optional<ExprRef> meaning(const std::string& name) const;
  std::vector<std::string> visible() const;
  const Named* find(std::string_view name) const;
  Sym declare(const Token& token, bool data);
  ProcRef procedure_named(const Token& token);

  // lines
  Token end_of_line();
  std::string_view label_here() const;
  bool attempt(const std::function<void()>& action);  // notes what it throws
  void skip_to_end_of_line();
  void skip_line();
  void skip_block();

  Sym field_named(std::string_view name) const;

  const std::vector<ProcRef>& known_;
  const std::vector<Sym>& fields_;
  std::vector<ProcRef> procs_;
  std::string open_;  // the procedure that is being read
  std::vector<std::map<std::string, Named, std::less<>>> scopes_;
  int blocks_ = 0;

  /// Statements with those of what is called, and how deep calls go.
  struct Extent {
    uint64_t statements = 0, depth = 0;
  };
  std::map<const Proc*, Extent> extents_;
  Extent extent_of(const Proc& proc);
};

}  // namespace exo
