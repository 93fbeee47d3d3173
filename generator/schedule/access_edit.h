// Changing the shape of a buffer and every access to it.
#pragma once

#include "schedule/reference.h"
#include "schedule/rewrite.h"

namespace exo {

/// Where the buffer is allocated; refuses where it is a parameter.
Path allocation(Rewrite& rw, Sym buffer);

/// The statements from the allocation at `path` to the end of its block: all that can reach the buffer.
Block scope_of(const Proc& proc, const Path& path);

/// How a buffer changes.
struct Reshape {
  std::function<void(Alloc&)> declare;
  std::function<Exprs(const Exprs&)> index;
  /// A part of the buffer in the new shape: the same elements in the same order, by as many ranges. Nothing where it is no such
  /// part. Without this no part can be kept.
  using Part = std::function<std::optional<std::vector<Slice>>(const Facts&, const std::vector<Slice>&)>;
  Part part = {};
};

/// Rewrites the allocation and all that reaches the buffer: accesses, the parts that calls get, names for parts. A part that has no
/// place in the new shape is refused, and so is a question for strides. States that what calls ask for still holds.
void reshape(Rewrite& rw, Sym buffer, const Reshape& how);

/// States that the calls and names of parts that reach the buffer in the program as it is now stay inside of it, and that calls get
/// what they ask for.
void prove_parts(Rewrite& rw, Sym buffer, const Path& where);

/// Refuses where the program, or what it calls, asks for the strides of the buffer or of a part of it. (What a callee asserts of them
/// is proved again.)
void check_strides(const Rewrite& rw, const Block& block, Sym buffer, const Path& where);

/// Refuses a dimension that the buffer does not have.
void check_dimension(const Rewrite& rw, const Ref& ref, Sym buffer, int64_t dim);

/// Another buffer, or another shape of the same one, in some statements.
struct Substitute {
  Sym buffer, by;
  Exprs old_shape, new_shape;
  std::function<Exprs(const Exprs&)> index;
  Reshape::Part part;
  std::function<bool(const Exprs&)> stays = {};  // an index whose accesses are left alone
};
/// The block, of which `facts` hold at the beginning, with all that reaches the buffer rewritten; refuses parts that have no place in
/// the new one. `where` is underlined.
Block with_accesses(const Rewrite& rw, const Block& block, const Facts& facts, const Substitute& how,
                    const Path& where);

}  // namespace exo
