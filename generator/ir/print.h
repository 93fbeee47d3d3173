// The text form of the IR. What it prints parses back to the same program.
#pragma once

#include <map>
#include <string>

#include "ir/ir.h"

namespace exo {

/// The procedure as text. Two loops of one name inside each other are told apart (`i`, `i_1`); labels that a reader
/// could not guess follow their line as comments that are read back, `#: Ct.store copies=tail`.
std::string print(const Proc& proc);
std::string print(const Block& block);
std::string print(const ExprRef& e);
std::string print(const Type& type);

/// The first line of a statement, without its label.
std::string headline(const StmtRef& statement);

/// A printed program that diagnostics can point into.
struct Listing {
  const Source* source = nullptr;
  std::map<const Stmt*, Span> spans;  // the line of each statement: of a loop its head
};
Listing listing(const Proc& proc, const std::string& title);

}  // namespace exo
