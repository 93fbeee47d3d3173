// Many independent pieces of work, shared by processes.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace exo {

/// Runs `work(0)` ... `work(count - 1)`, in as many processes as the machine has processors, and returns what each returned; `lost` for
/// one whose process ended before. What they write to standard error comes out in their order.
std::vector<int> run_each(size_t count, const std::function<int(size_t)>& work, int lost);

/// From now on this process ends when the one that started it does.
void end_with_parent();

}  // namespace exo
