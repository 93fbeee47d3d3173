// Parts of what a statement stores or adds.
#pragma once

#include "schedule/reference.h"
#include "schedule/rewrite.h"

namespace exo {

/// What an assignment or reduction evaluates; null where the statement is neither.
ExprRef right_side(const StmtRef& s);
/// The same statement with another right side.
StmtRef with_right_side(const StmtRef& s, const ExprRef& rhs);
/// The element type of what it writes.
Scalar target_type(const StmtRef& s, const Declarations& names);

using VisitData = std::function<ExprRef(const ExprRef& part, Scalar type)>;  // null: look inside

/// The expression with some of its parts replaced. Visits what is data and no constant divisor, with the type it is computed in.
ExprRef map_data(const ExprRef& e, Scalar type, const Declarations& names, const VisitData& visit);

/// The part that prints like the text: of the data, or else anywhere; null where there is none.
ExprRef part_called(const std::string& text, const ExprRef& rhs, Scalar type, const Declarations& names);

/// A data expression of one statement, as a step names it.
struct DataPart {
  Path path;
  ExprRef what;
  Scalar type = Scalar::R;  // in which it is computed
};
/// Rejected (`expr-absent`, `expr-statement`, `expr-control`) where it is not there, or no data.
DataPart data_part(const Rewrite& rw, const Text& what, const Ref& in);

/// Puts `to` in the place of the part, wherever it stands in the right side and is computed in that type. States that the two
/// have the same value (`expr-contract` where only the contract forbids it).
void replace_part(Rewrite& rw, const DataPart& part, const ExprRef& to);

/// The part of a float that rounding changes, if the contract is `exact`: Rejected as `expr-contract`.
void keep_contract(const Rewrite& rw, const Path& path, const ExprRef& before, const ExprRef& after, Scalar type);

}  // namespace exo
