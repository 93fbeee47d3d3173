// A statement as a procedure of its own.
#pragma once

#include "schedule/rewrite.h"

namespace exo {

/// The procedure whose body the statement is, and the call that stands for it.
struct CutOut {
  ProcRef proc;
  Call call;
};

/// Of each buffer the procedure gets the smallest box that the statement touches, or all of it where there is no simple box; and the
/// sizes and iterators that it uses, with what is known of them as assertions. Refuses where these do not suffice to prove that
/// the procedure stays in bounds.
CutOut cut_out(const Rewrite& rw, const Path& path, const std::string& name);

}  // namespace exo
