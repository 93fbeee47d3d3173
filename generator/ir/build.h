// Terms that read like terms: a + b, lt(a, b), num(3). Constants fold on the way.
#pragma once

#include <string>

#include "ir/ir.h"

namespace exo {

ExprRef num(int64_t value);
ExprRef real(double value);
ExprRef truth(bool value);
ExprRef var(Sym sym);
ExprRef read(Sym buffer, Exprs index);
ExprRef unary(UnaryOp op, ExprRef a);
ExprRef binary(BinaryOp op, ExprRef a, ExprRef b);
ExprRef builtin(std::string name, Exprs args);
ExprRef window(Sym buffer, std::vector<Slice> slices);
ExprRef stride(Sym buffer, int64_t dim);

// Control arithmetic; x + 0, 1 * x and operations on two constants are folded.
ExprRef operator+(const ExprRef& a, const ExprRef& b);
ExprRef operator-(const ExprRef& a, const ExprRef& b);
ExprRef operator*(const ExprRef& a, const ExprRef& b);
ExprRef operator/(const ExprRef& a, int64_t c);  // floors; c > 0
ExprRef operator%(const ExprRef& a, int64_t c);  // in [0, c)
ExprRef ceil_div(const ExprRef& a, int64_t c);
ExprRef min_of(const ExprRef& a, const ExprRef& b);
ExprRef max_of(const ExprRef& a, const ExprRef& b);

ExprRef lt(const ExprRef& a, const ExprRef& b);
ExprRef le(const ExprRef& a, const ExprRef& b);
ExprRef eq(const ExprRef& a, const ExprRef& b);
ExprRef ne(const ExprRef& a, const ExprRef& b);
ExprRef all_of(const Exprs& conditions);    // true where there is none
Exprs conjuncts(const ExprRef& condition);  // what `and` joins, from left to right
ExprRef any_of(const Exprs& conditions);    // false where there is none
ExprRef negate(
    const ExprRef&
        condition);  // pushes `not` down to the comparisons; those of data keep it, as of a NaN neither holds
ExprRef opposite(const ExprRef& condition);  // the same of a condition in which all data is whole numbers

/// The integer that `e` is, if it is a literal.
const int64_t* literal(const ExprRef& e);
const int64_t* literal(ExprRef&&) = delete;  // what it points to would be gone

int64_t floor_div(int64_t a, int64_t b);
int64_t floor_mod(int64_t a, int64_t b);

/// A statement around a node, with a label of the given name.
using StmtNode = decltype(Stmt::node);
StmtRef stmt(StmtNode node, Label label = {});
/// The same label and span, another node.
StmtRef with_node(const StmtRef& old, StmtNode node);

/// The node of a statement or expression if it is of that kind, else null.
template <class Node, class Tree>
const Node* as(const std::shared_ptr<const Tree>& tree) {
  return std::get_if<Node>(&tree->node);
}

}  // namespace exo
