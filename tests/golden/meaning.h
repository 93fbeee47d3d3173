// Do two programs mean the same? They are run by the interpreter on many sizes.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "ir/interpret.h"

namespace exo::testing {

using Control = std::map<Sym, int64_t>;

/// Values for the control parameters of a procedure that satisfy its assertions: all small combinations, zero and one
/// included, and some around the given constants. At most `limit`; the same for the same seed.
std::vector<Control> sizes(const Proc& proc, const std::set<int64_t>& constants, size_t limit, uint64_t seed);

/// The whole numbers that occur in a text: sizes around them are worth a try.
std::set<int64_t> constants_in(const std::string& text);

/// How two programs of one parameter list compare.
struct Comparison {
  std::string difference;   // empty: none was seen
  size_t runs = 0;          // on which the first program has a meaning
  size_t meaningless = 0;   // on which it has none, so that nothing is asked of the second
};
enum class Values : uint8_t {
  Whole,   // small whole numbers: float sums are the same in any order
  Rough    // floats that round: any other order shows
};
Comparison compare(const Proc& before, const Proc& after, const std::vector<Control>& at, uint64_t seed, Values values = Values::Whole);

/// The program with every parallel loop run backwards: a program without races cannot tell.
ProcRef with_parallel_reversed(const ProcRef& proc);

/// Calls BUG where the program breaks an invariant, or does not survive being printed and parsed.
void inspect(const Proc& proc, const std::vector<ProcRef>& callable);

}  // namespace exo::testing
