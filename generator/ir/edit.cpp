#include "ir/edit.h"

#include "ir/build.h"
#include "support/diagnostic.h"

namespace exo {
namespace {

/// `block` with the statements at `path` (relative to it, from `depth` on) replaced.
Block replaced(const Block& block, const Path& path, size_t depth, size_t count, const Block& with) {
  Block out = block;
  const auto index = static_cast<std::ptrdiff_t>(path[depth].index);
  if (depth + 1 == path.size()) {
    if (path[depth].index + count > block.size()) BUG("an edit reaches beyond its block");
    out.erase(out.begin() + index, out.begin() + index + static_cast<std::ptrdiff_t>(count));
    out.insert(out.begin() + index, with.begin(), with.end());
    return out;
  }
  const StmtRef& s = block.at(path[depth].index);
  if (const For* loop = as<For>(s)) {
    For next = *loop;
    next.body = replaced(loop->body, path, depth + 1, count, with);
    out[path[depth].index] = with_node(s, std::move(next));
  } else if (const If* branch = as<If>(s)) {
    If next = *branch;
    Block& inner = path[depth + 1].slot == Slot::Body ? next.body : next.orelse;
    inner = replaced(inner, path, depth + 1, count, with);
    out[path[depth].index] = with_node(s, std::move(next));
  } else {
    BUG("a path leads into a statement that has no block");
  }
  return out;
}

}  // namespace

void Editor::splice(const Range& range, const Block& replacement) {
  log_.push_back({range.first, statements(*proc_, range), replacement});
  Proc next = *proc_;
  next.body = replaced(proc_->body, range.first, 0, range.count, replacement);
  proc_ = std::make_shared<const Proc>(std::move(next));
}

void Editor::head(const std::function<void(Proc&)>& change) {
  Proc next = *proc_;
  change(next);
  next.body = proc_->body;
  proc_ = std::make_shared<const Proc>(std::move(next));
}

void Editor::update(const Path& path, const std::function<StmtRef(const StmtRef&)>& change) {
  splice({path, 1}, {change(stmt_at(*proc_, path))});
}

void Editor::wrap(const Range& range, const std::function<StmtRef(Block)>& shell) {
  splice(range, {shell(statements(*proc_, range))});
}

void Editor::move(const Range& range, const Path& before) {
  const Block moved = statements(*proc_, range);
  const Path& from = range.first;
  Path to = before;
  // Taking the range out shifts what stands behind it in the same block.
  const size_t level = from.size() - 1;
  if (to.size() > level && is_prefix(parent(from), to) && to[level].slot == from[level].slot &&
      to[level].index >= from[level].index + range.count)
    to[level].index -= range.count;
  splice(range, {});
  splice({to, 0}, moved);
}

}  // namespace exo
