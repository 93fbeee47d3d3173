#include "schedule/pressure.h"

#include <algorithm>

#include "analysis/linear.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

class Pressure {
 public:
  Pressure(const Target& target, const std::string& memory) : target_(target), memory_(memory) {}

  /// The most at any point of the block.
  int64_t peak(const Block& block) {
    int64_t most = 0;
    for (size_t i = 0; i < block.size(); ++i) most = std::max(most, around(block, i) + peak(block[i]));
    return most;
  }
  /// Units of the buffers of this block itself that hold values while its statement `index` runs.
  int64_t around(const Block& block, size_t index) {
    int64_t out = 0;
    for (size_t i = 0; i <= index; ++i) {
      const Alloc* a = as<Alloc>(block[i]);
      if (!a || !counts(*a)) continue;
      size_t last = i;
      for (size_t k = i + 1; k < block.size(); ++k)
        if (mentions(Block{block[k]}, a->buffer)) last = as<Alias>(block[k]) ? block.size() : k;
      if (index > i && index <= last) out += units(*a);
    }
    return out;
  }
  int64_t peak(const StmtRef& s) {
    return std::visit(match{
                          [](const Assign&) { return int64_t{0}; },
                          [](const Reduce&) { return int64_t{0}; },
                          [&](const For& n) { return peak(n.body); },
                          [&](const If& n) { return std::max(peak(n.body), peak(n.orelse)); },
                          [](const Alloc&) { return int64_t{0}; },
                          [](const Alias&) { return int64_t{0}; },
                          [](const Call&) { return int64_t{0}; },
                          [](const Configure&) { return int64_t{0}; },
                      },
                      s->node);
  }
  bool known() const { return known_; }

 private:
  const Target& target_;
  const std::string& memory_;
  bool known_ = true;

  bool counts(const Alloc& a) const {
    const Memory* m = target_.memory(a.memory);
    return a.memory == memory_ || (m && m->role == memory_);
  }
  int64_t units(const Alloc& a) {
    const Memory* m = target_.memory(a.memory);
    const bool in_lanes = m && m->lanes.count(a.type.scalar) > 0 && !a.type.shape.empty();
    int64_t out = 1;
    for (size_t d = 0; d + (in_lanes ? 1 : 0) < a.type.shape.size(); ++d) {
      const Linear extent = linear(a.type.shape[d]);
      known_ =
          known_ && extent.is_constant() && !__builtin_mul_overflow(out, std::max<int64_t>(extent.constant, 0), &out);
    }
    return out;
  }
};

}  // namespace

std::optional<int64_t> units_live(const Proc& proc, const Target& target, const Path& path, const std::string& memory) {
  Pressure pressure(target, memory);
  int64_t out = path.empty() ? pressure.peak(proc.body) : pressure.peak(stmt_at(proc, path));
  for (Path p = path; !p.empty(); p = parent(p)) out += pressure.around(block_of(proc, p), p.back().index);
  return pressure.known() ? std::optional(out) : std::nullopt;
}

}  // namespace exo
