// The statements that compute a local buffer, as a function from a place of the buffer to what computes its value.
#pragma once

#include <variant>

#include "schedule/rewrite.h"

namespace exo {

/// What a nest computes at one place of the buffer, and for which places it does so.
struct Producer {
  Sym buffer;
  Path place;                  // the outermost statement of the nest
  Range until;                 // the statements behind it, to the last that mentions the buffer
  std::vector<StmtRef> loops;  // of the nest, outermost first, each used by one dimension
  Exprs conditions;            // around the body, inside of the loops
  Block body;
  Exprs point;               // the place that the body computes, over the iterators of the loops
  std::vector<size_t> dims;  // of each loop, the dimension that it walks

  /// Values of the iterators for which the body computes this place.
  Substitution at(const Exprs& place) const;
  /// Is this place computed?
  ExprRef computes(const Exprs& place) const;
};

/// The producer of a local buffer; or why it is none: it is handed on as a window, a value needs others of the buffer, a value is
/// computed more than once, something else is computed along with it.
std::variant<Producer, Problem> producer_of(const Rewrite& rw, Sym buffer);

/// States that what the producer reads stays the same until the last value is used.
void prove_stays(Rewrite& rw, const Producer& producer, const Problem& problem);

}  // namespace exo
