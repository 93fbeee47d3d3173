// The only way to change a procedure. Each edit is recorded as plain data.
#pragma once

#include <functional>

#include "ir/path.h"

namespace exo {

/// What one edit took out and what it put there.
struct Edit {
  Path where;
  Block out, in;
};

class Editor {
 public:
  explicit Editor(ProcRef proc) : proc_(std::move(proc)) {}

  /// Same place, new contents; the number of statements in the block stays.
  void update(const Path& path, const std::function<StmtRef(const StmtRef&)>& change);
  /// Replaces a range (possibly empty) by other statements (possibly none).
  void splice(const Range& range, const Block& replacement);
  /// Puts a range under a new statement.
  void wrap(const Range& range, const std::function<StmtRef(Block)>& shell);
  /// Takes a range out and puts it in front of the statement at `before`, which is not inside it.
  void move(const Range& range, const Path& before);
  /// Another name, parameters or assertions; the body stays.
  void head(const std::function<void(Proc&)>& change);

  const ProcRef& proc() const { return proc_; }
  const std::vector<Edit>& log() const { return log_; }

 private:
  ProcRef proc_;
  std::vector<Edit> log_;
};

}  // namespace exo
