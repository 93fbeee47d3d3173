// One program for vectors of every length that a target's machines may have.
//
// A schedule runs, and everything is proved, once for each length: a number like any other, so that no question is harder than
// for vectors of a known length. What comes out is put together here: the programs are the same but for numbers, and each of these
// is a function of the length, 4*VL, 1024/VL ..., which takes all of their values at all lengths. The program with these
// functions in place of the numbers is, at each length, the one that was proved. Where programs differ in anything else there is
// no program for all lengths, and it is refused.
#pragma once

#include "emit/emit.h"

namespace exo {

/// `variants`: one kernel's variant at each length, the shortest first. Throws Rejected `length-differs`.
EmitVariant one_for_all_lengths(const std::vector<EmitVariant>& variants);

}  // namespace exo
