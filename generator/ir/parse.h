// The text form of the object language to IR.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ir/ir.h"

namespace exo {

/// Parses procedures (`def name(...):`), each of which may call those before it and those in `known`.
/// Statements get their default labels, unless a comment behind one says otherwise, with any of the words in
/// `#: j nest=Bp.load alias=d1 axis=k copies=main,tail`. No two things visible at one place have the same name.
/// Throws Rejected with every syntax problem and unknown name of the text.
/// Configuration `fields` are read and written by their dotted names.
std::vector<ProcRef> parse(const Text& text, const std::vector<ProcRef>& known = {},
                           const std::vector<Sym>& fields = {});

/// What a name in a loose expression stands for; nothing where it is not known.
using Lookup = std::function<std::optional<ExprRef>(const std::string& name)>;

/// Parses one expression. `lookup` gives the meaning of names; a name followed by `[` must be a Read without index.
/// Dots, and brackets behind a dotted name, belong to it: `target.caches.l2`, `target.lanes(f32)`.
/// `known` are offered when a name is misspelt.
ExprRef parse_expr(const Text& text, const Lookup& lookup, const std::vector<std::string>& known = {});

/// The label that a statement has when nothing else was said: "C.update", "x.init" (stores a value that reads nothing),
/// "x.store", "x.alloc", a loop's iterator, a callee's name, a configuration field's name, "if".
std::string default_label(const Stmt& statement);

}  // namespace exo
