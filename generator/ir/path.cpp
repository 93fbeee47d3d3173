#include "ir/path.h"

#include "ir/build.h"
#include "ir/walk.h"
#include "support/diagnostic.h"

namespace exo {
namespace {

const Block& slot_of(const StmtRef& s, Slot slot) {
  if (const For* loop = as<For>(s)) return loop->body;
  if (const If* branch = as<If>(s)) return slot == Slot::Body ? branch->body : branch->orelse;
  BUG("a path leads into a statement that has no block");
}

/// Calls `visit` on every statement, parents first, while `here` leads to it, until it says that this is enough.
template <class Visit>
bool walk(const Block& block, Path& here, Slot slot, const Visit& visit) {
  here.push_back({slot, 0});
  for (size_t i = 0; i < block.size(); ++i) {
    here.back().index = i;
    if (visit(block[i])) return true;
    if (const For* loop = as<For>(block[i]); loop && walk(loop->body, here, Slot::Body, visit)) return true;
    if (const If* branch = as<If>(block[i]))
      if (walk(branch->body, here, Slot::Body, visit) || walk(branch->orelse, here, Slot::Else, visit)) return true;
  }
  here.pop_back();
  return false;
}

}  // namespace

const Block& block_of(const Proc& proc, const Path& path) {
  if (path.empty()) BUG("the procedure itself stands in no block");
  const Block* block = &proc.body;
  for (size_t i = 0; i + 1 < path.size(); ++i) block = &slot_of(block->at(path[i].index), path[i + 1].slot);
  return *block;
}

const StmtRef& stmt_at(const Proc& proc, const Path& path) { return block_of(proc, path).at(path.back().index); }

const Block& block_in(const Proc& proc, const Path& path, Slot slot) {
  return path.empty() ? proc.body : slot_of(stmt_at(proc, path), slot);
}

Block statements(const Proc& proc, const Range& range) {
  const Block& block = block_of(proc, range.first);
  const auto begin = block.begin() + static_cast<std::ptrdiff_t>(range.first.back().index);
  return Block(begin, begin + static_cast<std::ptrdiff_t>(range.count));
}

Path child(Path parent, size_t index, Slot slot) {
  parent.push_back({slot, index});
  return parent;
}

Path parent(Path path) {
  path.pop_back();
  return path;
}

Path sibling(Path path, int64_t distance) {
  path.back().index = static_cast<size_t>(static_cast<int64_t>(path.back().index) + distance);
  return path;
}

bool is_prefix(const Path& prefix, const Path& path) {
  return prefix.size() <= path.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

std::vector<Path> find(const Proc& proc, const std::function<bool(const StmtRef&)>& wanted) {
  std::vector<Path> out;
  Path here;
  walk(proc.body, here, Slot::Body, [&](const StmtRef& s) {
    if (wanted(s)) out.push_back(here);
    return false;
  });
  return out;
}

std::optional<Path> binder(const Proc& proc, Sym sym) {
  Path here;
  const auto binds = [&](const StmtRef& s) { return bound_by(*s) == sym; };
  return walk(proc.body, here, Slot::Body, binds) ? std::optional(here) : std::nullopt;
}

std::vector<Path> loops_around(const Proc& proc, const Path& path) {
  std::vector<Path> out;
  for (size_t length = 1; length < path.size(); ++length) {
    const Path prefix(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(length));
    if (as<For>(stmt_at(proc, prefix))) out.push_back(prefix);
  }
  return out;
}

}  // namespace exo
