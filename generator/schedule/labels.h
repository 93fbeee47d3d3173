// Labels of what rewrites make.
#pragma once

#include "ir/ir.h"
#include "support/diagnostic.h"

namespace exo {

/// Refuses what no loop, no buffer or no procedure of a program can be called: `step-name`.
void check_loop_name(const Text& name);
void check_procedure_name(const Text& name);
void check_buffer_name(const Text& name);

/// The label of a loop that descends from the one labelled `from` and is called `name`.
Label loop_label(const Label& from, const std::string& name);

/// The block with `copy` added to the origin of every statement in it.
Block as_copy(const Block& block, const std::string& copy);

}  // namespace exo
