// Which verbs may be used where elements of buffers decide what runs or what is touched.
#pragma once

#include "schedule/verb.h"

namespace exo {

/// Refuses a verb that is not known to be right on such a program: its own, or that of a procedure which it calls.
void admit(const Verb& verb, const Proc& proc);

}  // namespace exo
