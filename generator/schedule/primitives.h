// What composites call: primitives by place instead of by name. Each is defined in the file of its verb.
#pragma once

#include "analysis/exposure.h"
#include "schedule/rewrite.h"

namespace exo {

enum class Tail : uint8_t { Clamp, Cut, CutGuard, Guard, Exact, Overlap };

/// The two loops that came out of one.
struct Halves {
  Sym outer, inner;
};

/// Loop i -> blocks of `by`; a remainder is called as the inner loop is, or `rest` (split.cpp).
Halves split(Rewrite& rw, const Path& loop, int64_t by, Tail tail, const std::string& outer, const std::string& inner,
             const std::string& rest = "");

/// Swaps a loop with the loop that is its whole body (reorder.cpp).
void interchange(Rewrite& rw, const Path& outer);

/// Distributes a loop, or one side of an `if`, over its first `count` statements and the rest (fission.cpp).
/// Gives the iterator of the second loop; nothing for an `if`.
Sym fission(Rewrite& rw, const Path& around, size_t count, Slot slot = Slot::Body);

/// Copies of the body for each iteration (unroll.cpp).
void unroll(Rewrite& rw, const Path& loop, int64_t max);

/// More iterations than asked for: up to `to` (round_up.cpp).
void round_up(Rewrite& rw, const Path& loop, const ExprRef& to);

/// A loop whose iterations may run at the same time (parallel.cpp).
void parallel(Rewrite& rw, const Path& loop);

/// An `if` without else that the body of the loop around it consists of goes outside of the loop (lift_scope.cpp).
void lift_if(Rewrite& rw, const Path& branch);

/// A loop or `if` goes outside of the loop or `if` of which it is the whole body (lift_scope.cpp).
void lift_scope(Rewrite& rw, const Path& inner);

/// A name for a part of a buffer goes, and the buffer stands in its place (inline_window.cpp).
void inline_window(Rewrite& rw, Sym name);

/// A decided `if` -> the part that runs; a loop that never runs goes (drop_dead.cpp).
void drop_dead(Rewrite& rw, const Path& place);

/// if c: body -> body; what runs in addition is never observed (drop_guard.cpp).
void drop_guard(Rewrite& rw, const Path& branch);

/// A subexpression of the statement's right side goes into a new scalar in front of it (bind.cpp).
Sym bind(Rewrite& rw, const Path& stmt, const ExprRef& what, const std::string& as);

/// x += e -> x = x + e (expand_reduce.cpp).
void expand_reduce(Rewrite& rw, const Path& stmt);

/// x += e -> t = x; t += e; x = t (expand_reduce.cpp).
Sym reduce_in(Rewrite& rw, const Path& stmt, const std::string& as);

/// A reduction into one place for each iteration of `over`, folded behind `at` (spread.cpp).
struct Spread {
  Sym part;        // the places
  Sym begin, end;  // iterators of the loops that begin and fold them
};
Spread spread(Rewrite& rw, const Path& stmt, const Path& over, const Path& at, const std::string& as);

/// Every statement under the regions, which are apart and in program order, that an instruction of the class performs becomes a call
/// to the first that fits (map.cpp).
void map_class(Rewrite& rw, const std::vector<Path>& regions, const std::string& cls);

/// A new outermost dimension of a buffer, of which every access uses element `index` (expand_dim.cpp).
void expand_dim(Rewrite& rw, Sym buffer, const ExprRef& extent, const ExprRef& index);

/// One dimension into two, the inner one of extent `by` (divide_dim.cpp).
void divide_dim(Rewrite& rw, Sym buffer, size_t dim, int64_t by);

/// Dimension k becomes what dimension order[k] was (rearrange_dim.cpp).
void rearrange_dim(Rewrite& rw, Sym buffer, const std::vector<size_t>& order);

/// One dimension gets another extent, and its element `offset` becomes the first (resize_dim.cpp).
void resize_dim(Rewrite& rw, Sym buffer, size_t dim, const ExprRef& extent, const ExprRef& offset);

/// One dimension becomes circular: index i stands at (i - offset) % extent (resize_dim.cpp).
void fold_dim(Rewrite& rw, Sym buffer, size_t dim, int64_t extent, const ExprRef& offset);

/// Two dimensions become one, of which `fast` varies fastest (mult_dim.cpp).
void mult_dim(Rewrite& rw, Sym buffer, size_t slow, size_t fast);

/// A buffer of its own for each index of a dimension (unroll_buffer.cpp).
void unroll_buffer(Rewrite& rw, Sym buffer, size_t dim);

/// The elements of a buffer go to other places (relayout.cpp).
class Layout;
void relayout(Rewrite& rw, Sym buffer, const Layout& layout);

/// An allocation into the one loop or condition that uses it (sink_alloc.cpp).
void sink_alloc(Rewrite& rw, Sym buffer);

/// `kept` serves as `gone` too (reuse_buffer.cpp).
void reuse_buffer(Rewrite& rw, Sym kept, Sym gone);

/// A buffer that nothing reads goes, with what writes it (delete_buffer.cpp).
void delete_buffer(Rewrite& rw, Sym buffer);

/// An allocation out of the loop or `if` around it (lift_alloc.cpp).
void lift_alloc(Rewrite& rw, Sym buffer);

/// Where a buffer lives, and in which bank of it; -1: any (set_memory.cpp).
void set_memory(Rewrite& rw, Sym buffer, const std::string& memory, int64_t bank = -1);

/// A statement becomes a call to an instruction (map.cpp). The call's own asserts are proved at the site.
void map_to(Rewrite& rw, const Path& stmt, const Instruction& instruction);

/// Two loops that meet at `at` (cut.cpp).
void cut(Rewrite& rw, const Path& loop, const ExprRef& at);

/// lo .. middle and middle .. hi are lo .. hi: the middle lies in the range, or neither has an iteration (cut.cpp).
ExprRef covers(const ExprRef& lo, const ExprRef& middle, const ExprRef& hi);

/// A statement and the one behind it change places (reorder_stmts.cpp).
void swap_with_next(Rewrite& rw, const Path& first);

/// A statement that does the same in every iteration, the first of its loop, goes in front of it (hoist.cpp).
void hoist(Rewrite& rw, const Path& stmt);

/// A configuration field gets a value before the statement at `path` (write_config.cpp).
void write_config(Rewrite& rw, const Path& path, Sym field, const ExprRef& value);

/// What stands in the way of setting the field there: the statement that would see another value. Nothing if none does.
std::optional<std::string> unwritable(const Proc& proc, const Path& path, From from, Sym field);

/// A statement that sets a configuration field goes (delete_config.cpp).
void delete_config(Rewrite& rw, const Path& path);

/// A loop that does the same each time runs once (remove_loop.cpp).
void remove_loop(Rewrite& rw, const Path& loop);

}  // namespace exo
