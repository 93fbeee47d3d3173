// With what values of its sizes an instruction is tried, and what its specification makes of operands.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "ir/interpret.h"
#include "target/target.h"

namespace exo {

using Setting = std::map<Sym, int64_t>;

inline constexpr size_t kMostSettings = 160;

inline bool is_control(const Param& p) { return !is_data(p.type.scalar); }

/// Is the memory one whose elements only instructions touch?
bool is_opaque(const Target& target, const Param& p);

/// Values of the control parameters that the assertions allow, up to `largest`; those about strides and configuration are seen to
/// elsewhere.
std::vector<Setting> settings_of(const Proc& spec, const Target& target, int64_t largest);

/// At most so many of them, the first and the last among them, at distances of no period: whatever repeats in the list is hit in all
/// its phases.
std::vector<Setting> spread(const std::vector<Setting>& all, size_t most);

/// A dense operand with these elements.
Tensor tensor_of(const Param& p, const Setting& sizes, const std::function<int64_t(int64_t)>& value);

/// Does it, when it runs, make nothing of what such an operand held before?
bool only_writes(const Proc& spec, const Param& operand, const Setting& sizes);

/// ... and leave something in all of it?
bool fills(const Proc& spec, const Param& operand, const Setting& sizes);

}  // namespace exo
