// A variant without its hardware: the C of an instruction is made from its specification.
#pragma once

#include "emit/emit.h"

namespace exo {

/// The kernel with its variants in plain C: instructions are functions with the bodies of their specifications, buffers of any
/// memory are arrays of their elements, and nothing is asked of compiler or CPU. Emulated variants stand last, so that they run
/// only where they are asked for by name. Throws Rejected where the target would refuse a variant.
EmitKernel emulated(const EmitKernel& kernel);

}  // namespace exo
