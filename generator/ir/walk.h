// What follows from the list of fields of each node: children, rewriting, equality, renaming.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "ir/ir.h"

namespace exo {

/// Calls `visit` on each direct child expression.
void each_child(const ExprRef& e, const std::function<void(const ExprRef&)>& visit);

/// Calls `on_expr` on each direct child expression and `on_block` on each direct child block, in program order.
void each_child(const StmtRef& s, const std::function<void(const ExprRef&)>& on_expr,
                const std::function<void(const Block&)>& on_block);

/// Calls `visit` on `e` and everything in it, parents first.
void each_expr(const ExprRef& e, const std::function<void(const ExprRef&)>& visit);

/// Calls `visit` on every statement of the block at any depth, parents first.
void each_stmt(const Block& block, const std::function<void(const StmtRef&)>& visit);

/// Calls `visit` on every expression in the block at any depth.
void each_expr(const Block& block, const std::function<void(const ExprRef&)>& visit);

/// The node with its direct children replaced; the same pointer where nothing changed.
ExprRef map_children(const ExprRef& e, const std::function<ExprRef(const ExprRef&)>& f);
StmtRef map_children(const StmtRef& s, const std::function<ExprRef(const ExprRef&)>& on_expr,
                     const std::function<Block(const Block&)>& on_block);

/// Replaces expressions bottom-up everywhere in a block.
Block map_exprs(const Block& block, const std::function<ExprRef(const ExprRef&)>& f);
ExprRef map_exprs(const ExprRef& e, const std::function<ExprRef(const ExprRef&)>& f);

using Substitution = std::map<Sym, ExprRef>;  // of control variables
ExprRef substitute(const ExprRef& e, const Substitution& by);
Block substitute(const Block& block, const Substitution& by);
StmtRef substitute(const StmtRef& s, const Substitution& by);

/// Another symbol for each occurrence of a buffer or binder, in every place where it stands.
using Renaming = std::map<Sym, Sym>;
Block rename(const Block& block, const Renaming& by);
ExprRef rename(const ExprRef& e, const Renaming& by);

/// The symbol that the statement introduces (an iterator, a buffer, a name for a part of one); none if it introduces none.
Sym bound_by(const Stmt& s);

/// A copy of the block in which everything that is bound has a new symbol of the same name.
Block freshen(const Block& block);

/// Equality up to the choice of bound symbols; labels and spans do not count. Free symbols must be the same.
bool equal(const ExprRef& a, const ExprRef& b);
bool equal(const Block& a, const Block& b);
bool equal(const Proc& a, const Proc& b);

/// Does the symbol occur, as a variable or as a buffer?
bool mentions(const ExprRef& e, Sym sym);
bool mentions(const Block& block, Sym sym);

/// Buffers that the procedure writes, those that it hands to a call which does so and those behind a name of a part included.
std::set<Sym> written(const Proc& proc);

/// Does the expression depend on what configuration holds?
bool mentions_field(const ExprRef& e);
bool mentions_stride(const ExprRef& e);
/// Does the expression read an element, anywhere in it?
bool reads_elements(const ExprRef& e);
/// Does an element of a buffer decide what runs or what is touched: in a condition, a bound, an index?
bool decided_by_elements(const Block& block);

/// Symbols that occur in the expression, in order of first occurrence.
std::vector<Sym> symbols(const ExprRef& e);

}  // namespace exo
