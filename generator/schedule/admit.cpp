#include "schedule/admit.h"

#include <set>

#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

/// Those whose conditions look at what bounds, conditions and indices read, and which random programs of this kind were tried on.
const std::set<std::string> kAdmitted = {
    "bind",       "cut",       "drop_dead",      "drop_guard", "expand_dim", "expand_reduce", "fission",
    "fuse",       "guard",     "interleave",     "lift_alloc", "lift_if",    "lift_scope",    "map",
    "nest",       "parallel",  "remove_loop",    "rename",     "reorder",    "reorder_stmts", "round_up",
    "set_memory", "shift",     "simplify",       "specialize", "split",      "spread",        "stage",
    "unroll",     "vectorize", "unroll_and_jam",
};

bool decided(const Proc& proc) {
  bool found = decided_by_elements(proc.body);
  each_stmt(proc.body, [&](const StmtRef& s) {
    if (const Call* call = as<Call>(s)) found = found || decided(*call->callee);
  });
  return found;
}

}  // namespace

void admit(const Verb& verb, const Proc& proc) {
  if (kAdmitted.count(verb.name) || !decided(proc)) return;
  std::string all;
  for (const std::string& name : kAdmitted) all += (all.empty() ? "`" : ", `") + name + "`";
  reject(Diagnostic{
      "elements-verb",
      fmt::format("`{}` does not work on programs in which elements of buffers decide what is done", verb.name),
      {},
      {},
      {}}.note("a condition, the bounds of a loop or an index reads a buffer here")
             .help("use it before such a procedure is called or such a part comes in, or use others: " + all));
}

}  // namespace exo
