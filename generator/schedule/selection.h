// References that are more than names: a pattern, or a function of another reference.
//
//   loops(x)    the loops around a statement, or those inside a loop     parent(x)           the loop or `if` around it
//   stmts(x)    the statements inside, allocations aside                 body(x)             what stands directly inside
//   buffers(x)  the buffers that it touches                              before(x), after(x) its neighbours; `next` is `after`
//   buffer(x)   the buffer that a statement writes
//
// `x` is any reference, or `proc` for the whole program. `#n` behind any of them takes one, from 0, in program order.
#pragma once

#include <optional>

#include "ir/path.h"

namespace exo {

/// `loops(C.update)` in parts; nothing where the text has another form.
struct Application {
  std::string function;
  std::string argument;
};
std::optional<Application> application(const std::string& text);

/// Places that a pattern or a function means; nothing where the text is a plain name.
std::optional<std::vector<Path>> selected(const Proc& proc, const std::string& text);

/// Buffers that `buffers(x)` and `buffer(x)` mean; nothing where the text is neither.
std::optional<std::vector<Sym>> selected_buffers(const Proc& proc, const std::string& text);

/// All places that a reference of any kind means: statements, else loops.
std::vector<Path> places_of(const Proc& proc, const std::string& text);

}  // namespace exo
