// Labels as text: what a statement is called by itself, and the comment `#: ...` that says otherwise.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ir/ir.h"

namespace exo {

/// The label of a statement about which nothing else is known, with the names of symbols as `name` gives them.
Label usual_label(const Stmt& statement, const std::function<std::string(Sym)>& name);

/// What must be said where the label is not the usual one: `j nest=Bp.load alias=d1 axis=k copies=main,tail`. Else empty.
std::string label_comment(const Label& label, const Label& usual);

/// Changes `label` as such a comment says; false where it has another form.
bool read_label_comment(std::string_view words, Label& label);

/// Can the comment hold this label? Its words have no spaces, commas or equals signs.
bool is_writable(const Label& label);

}  // namespace exo
