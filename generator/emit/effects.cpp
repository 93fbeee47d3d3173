#include "emit/effects.h"

#include "ir/build.h"
#include "ir/walk.h"

namespace exo {
namespace {

void add_call(const Call& call, Effects& out) {
  const Effects inner = effects_of(call.callee->body);
  for (size_t i = 0; i < call.args.size(); ++i) {
    const Window* window = as<Window>(call.args[i]);
    if (!window) continue;
    const Sym param = call.callee->params[i].name;
    if (inner.reads.count(param)) out.reads.insert(window->buffer);
    if (inner.writes.count(param)) out.writes.insert(window->buffer);
  }
}

}  // namespace

Effects effects_of(const Block& block) {
  Effects out;
  std::vector<const Alias*> aliases;
  each_stmt(block, [&](const StmtRef& s) {
    if (const Assign* assign = as<Assign>(s)) out.writes.insert(assign->buffer), out.mentions.insert(assign->buffer);
    if (const Reduce* reduce = as<Reduce>(s)) out.writes.insert(reduce->buffer), out.mentions.insert(reduce->buffer);
    if (const Alias* alias = as<Alias>(s)) aliases.push_back(alias);
    if (const Call* call = as<Call>(s)) add_call(*call, out);
  });
  each_expr(block, [&](const ExprRef& e) {
    if (const Read* read = as<Read>(e)) out.reads.insert(read->buffer), out.mentions.insert(read->buffer);
    if (const Window* window = as<Window>(e)) out.mentions.insert(window->buffer);
  });
  for (auto it = aliases.rbegin(); it != aliases.rend(); ++it) {  // a name of a part of a part stands behind that
    const Sym behind = as<Window>((*it)->window)->buffer;
    if (out.reads.count((*it)->name)) out.reads.insert(behind);
    if (out.writes.count((*it)->name)) out.writes.insert(behind);
  }
  return out;
}

}  // namespace exo
