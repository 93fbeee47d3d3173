// How the elements of a window are laid out in the buffer that holds them: "(k, j) -> (j/16, k, j%16)".
#pragma once

#include "schedule/schedule.h"

namespace exo {

/// Coordinates of the window to indices of the buffer. Without a text: the same.
class Layout {
 public:
  explicit Layout(size_t rank);
  /// `axes` are the names of the window's dimensions. Names on the left that are all axes go by name, else by position.
  Layout(const Text& text, const std::vector<std::string>& axes, const Context& context);

  Exprs index(const Exprs& coordinates) const;
  /// Extents of the buffer for a window of these extents.
  Exprs extents(const Exprs& window) const;
  /// The name that the recipe gave to a dimension of the window; empty without a text.
  const std::string& name(size_t dimension) const { return names_[dimension]; }
  bool is_identity() const { return identity_; }
  /// Each element of a window of these extents has its place inside of `extents(window)`.
  Verdict inside(const Facts& facts, const Exprs& window) const;
  /// No two elements share a place.
  Verdict injective(const Facts& facts, const Exprs& window) const;
  /// Where a part of the window stands in the buffer, if it is in one piece there: the same elements in the same order.
  std::optional<std::vector<Slice>> part(const Facts& facts, const std::vector<Slice>& slices) const;

 private:
  bool identity_ = true;
  std::vector<std::string> names_;  // by dimension of the window
  std::vector<Sym> formals_;        // by dimension of the window
  Exprs outputs_;                   // over the formals
};

}  // namespace exo
