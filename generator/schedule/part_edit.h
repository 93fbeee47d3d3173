// A buffer in place of a name for a part of it, or of a parameter that such a part is passed for.
#pragma once

#include "ir/walk.h"

namespace exo {

/// The block with `part` for `name`: indices shift, strides are those of the buffer. A part without slices is the whole buffer.
Block with_part(const Block& block, Sym name, const Window& part);

}  // namespace exo
