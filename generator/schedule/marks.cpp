#include "schedule/marks.h"

#include <algorithm>

#include "schedule/selection.h"

namespace exo {

void mark(Schedule& s, const std::vector<Path>& places, const std::string& name) {
  s.apply([&](Rewrite& rw) {
    const auto change = [&](const Path& path, bool add) {
      rw.edit.update(path, [&](const StmtRef& old) {
        Stmt next = *old;
        auto& marks = next.label.marks;
        marks.erase(std::remove(marks.begin(), marks.end(), name), marks.end());
        if (add) marks.push_back(name);
        return std::make_shared<const Stmt>(std::move(next));
      });
    };
    const auto marked = [&](const StmtRef& stmt) {
      return std::count(stmt->label.marks.begin(), stmt->label.marks.end(), name) > 0;
    };
    for (const Path& path : find(rw.before(), marked)) change(path, false);
    for (const Path& path : places) change(path, true);
  });
}

std::vector<Path> markable(const Proc& proc, const Ref& what) {
  std::vector<Path> out = places_of(proc, what.str());
  if (!out.empty()) return out;
  for (const Sym buffer : find_buffers(proc, what.str()))
    if (const auto path = binder(proc, buffer)) out.push_back(*path);
  return out.empty() ? all_stmts(proc, what) : out;
}

}  // namespace exo
