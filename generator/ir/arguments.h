// The inside of making up arguments.
#pragma once

#include <set>

#include "ir/interpret.h"

namespace exo {

/// Numbers that depend on the seed alone (splitmix64).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  int64_t between(int64_t lo, int64_t hi) {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return lo + static_cast<int64_t>((z ^ (z >> 31)) % static_cast<uint64_t>(hi - lo + 1));
  }

 private:
  uint64_t state_;
};

/// Calls `visit` with each index of a shape, in order.
inline void each_index(const std::vector<int64_t>& shape,
                       const std::function<void(const std::vector<int64_t>&)>& visit) {
  for (const int64_t extent : shape)
    if (extent <= 0) return;
  std::vector<int64_t> index(shape.size());
  for (;;) {
    visit(index);
    size_t d = shape.size();
    while (d > 0 && ++index[d - 1] == shape[d - 1]) index[--d] = 0;
    if (d == 0) return;
  }
}

inline int64_t offset_of(const Tensor& tensor, const std::vector<int64_t>& index) {
  int64_t offset = 0;
  for (size_t d = 0; d < index.size(); ++d) offset += index[d] * tensor.strides[d];
  return offset;
}

/// Does the assertion speak of elements of tensors?
bool is_about_elements(const ExprRef& assertion);

/// The tensors of which assertions speak: elements must be made up for them, so that these hold.
std::set<Sym> tensors_asserted(const Proc& proc);

/// Gives those elements that assertions speak of values for which they hold, `wishes` first. False where it finds none.
bool choose_elements(const Proc& proc, const std::map<Sym, int64_t>& control, const std::vector<ElementValue>& wishes,
                     Random& random, std::map<Sym, Tensor>& tensors);

}  // namespace exo
