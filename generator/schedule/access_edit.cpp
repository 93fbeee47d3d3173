#include "schedule/access_edit.h"

#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"

namespace exo {
namespace {

bool asks_for_strides(const Block& block, Sym buffer) {
  bool found = false;
  each_expr(block, [&](const ExprRef& e) {
    const Stride* s = as<Stride>(e);
    found = found || (s && s->buffer == buffer);
  });
  each_stmt(block, [&](const StmtRef& s) {
    if (const Alias* a = as<Alias>(s); a && as<Window>(a->window)->buffer == buffer)
      found = found || asks_for_strides(block, a->name);
    const Call* call = as<Call>(s);
    for (size_t i = 0; call && i < call->args.size(); ++i)  // what a callee asserts of strides is proved again
      if (const Window* w = as<Window>(call->args[i]); w && w->buffer == buffer)
        found = found || asks_for_strides(call->callee->body, call->callee->params[i].name);
  });
  return found;
}

class Substituter {
 public:
  Substituter(const Rewrite& rw, const Substitute& how, const Path& where) : rw_(rw), how_(how), where_(where) {}

  Block block(const Block& old, const Facts& facts) const {
    Block out;
    for (const StmtRef& s : old) out.push_back(statement(s, facts));
    return out;
  }

 private:
  const Rewrite& rw_;
  const Substitute& how_;
  const Path& where_;

  bool moves(Sym buffer, const Exprs& index) const {
    return buffer == how_.buffer && !(how_.stays && how_.stays(index));
  }

  StmtRef statement(const StmtRef& s, const Facts& facts) const {
    const auto on_expr = [&](const ExprRef& e) -> ExprRef {
      const Read* r = as<Read>(e);
      if (r && moves(r->buffer, r->index)) return read(how_.by, how_.index(r->index));
      const Window* w = as<Window>(e);
      return w && w->buffer == how_.buffer ? part(e, *w, s, facts) : e;
    };
    if (const If* branch = as<If>(s)) {
      Facts yes = facts, no = facts;
      yes.add(branch->cond);
      no.add(negate(branch->cond));
      return with_node(s, If{map_exprs(branch->cond, on_expr), block(branch->body, yes), block(branch->orelse, no)});
    }
    Facts inside = facts;
    if (const For* loop = as<For>(s)) inside.add_range(loop->iter, loop->lo, loop->hi);
    StmtRef next = map_children(
        s, [&](const ExprRef& e) { return map_exprs(e, on_expr); }, [&](const Block& b) { return block(b, inside); });
    if (const Assign* a = as<Assign>(next); a && moves(a->buffer, a->index))
      next = with_node(next, Assign{how_.by, how_.index(a->index), a->rhs});
    if (const Reduce* r = as<Reduce>(next); r && moves(r->buffer, r->index))
      next = with_node(next, Reduce{r->op, how_.by, how_.index(r->index), r->rhs});
    return next;
  }

  /// Is `arg` an argument for a parameter that must have all of a buffer?
  static bool dense_parameter(const StmtRef& s, const ExprRef& arg) {
    const Call* call = as<Call>(s);
    for (size_t i = 0; call && i < call->args.size(); ++i)
      if (const Type& type = call->callee->params[i].type; call->args[i] == arg && !type.shape.empty() && !type.window)
        return true;
    return false;
  }

  ExprRef part(const ExprRef& e, const Window& w, const StmtRef& s, const Facts& facts) const {
    std::vector<Slice> slices = w.slices;
    if (slices.empty())
      for (const ExprRef& extent : how_.old_shape) slices.push_back({num(0), extent});
    auto next = how_.part ? how_.part(facts, slices) : std::nullopt;
    if (next && as<Call>(s) && is_whole(*next)) next->clear();
    if (!next || (!next->empty() && dense_parameter(s, e)))
      rw_.refuse({"buffer-window",
                  fmt::format("`{}` is handed to a call or has a name of its own, which the new shape does not have in "
                              "one piece",
                              print(e)),
                  where_,
                  "this buffer",
                  {"change its shape before the call is made; `inline_window` removes a name"}});
    return window(how_.by, *next);
  }

  bool is_whole(const std::vector<Slice>& slices) const {
    for (size_t d = 0; d < slices.size(); ++d)
      if (!slices[d].hi || !(linear(slices[d].lo) == constant(0)) ||
          !(linear(slices[d].hi) == linear(how_.new_shape[d])))
        return false;
    return true;
  }
};

}  // namespace

Path allocation(Rewrite& rw, Sym buffer) {
  if (const auto path = binder(rw.before(), buffer)) return *path;
  rw.refuse({"buffer-argument",
             fmt::format("`{}` is a parameter: its shape belongs to the caller", buffer.name()),
             {},
             "",
             {fmt::format("`stage` a part of `{}` and work on that", buffer.name())}});
}

Block scope_of(const Proc& proc, const Path& path) {
  const Block& whole = block_of(proc, path);
  return Block(whole.begin() + static_cast<std::ptrdiff_t>(path.back().index), whole.end());
}

Block with_accesses(const Rewrite& rw, const Block& block, const Facts& facts, const Substitute& how,
                    const Path& where) {
  return Substituter(rw, how, where).block(block, facts);
}

void check_strides(const Rewrite& rw, const Block& block, Sym buffer, const Path& where) {
  if (asks_for_strides(block, buffer))
    rw.refuse({"buffer-stride", fmt::format("the program asks for the strides of `{}`", buffer.name()), where,
               "this buffer"});
}

void check_dimension(const Rewrite& rw, const Ref& ref, Sym buffer, int64_t dim) {
  const size_t rank = rw.names().at(buffer).type.shape.size();
  if (dim >= 0 && dim < static_cast<int64_t>(rank)) return;
  reject(Diagnostic{
      "buffer-dimension",
      fmt::format("`{}` has rank {}, and dimension {} is asked for; the first one is 0", buffer.name(), rank, dim),
      {},
      {},
      {}}.at(ref.text.whole()));
}

void reshape(Rewrite& rw, Sym buffer, const Reshape& how) {
  const Path path = allocation(rw, buffer);
  const Block scope = scope_of(rw.before(), path);
  if (asks_for_strides(scope, buffer))
    rw.refuse(
        {"buffer-stride", fmt::format("the program asks for the strides of `{}`", buffer.name()), path, "this buffer"});
  const Alloc before = *as<Alloc>(scope.front());
  Alloc after = before;
  how.declare(after);
  Block next = {with_node(scope.front(), after)};
  const Block rest = with_accesses(rw, Block(scope.begin() + 1, scope.end()), rw.facts(path),
                                   {buffer, buffer, before.type.shape, after.type.shape, how.index, how.part}, path);
  next.insert(next.end(), rest.begin(), rest.end());
  rw.edit.splice({path, scope.size()}, next);
  prove_parts(rw, buffer, path);
}

void prove_parts(Rewrite& rw, Sym buffer, const Path& where) {
  const Proc& now = *rw.edit.proc();
  const Declarations names = declarations(now);
  const auto reaches = [&](const StmtRef& s) {
    const auto is_part = [&](const ExprRef& e) {
      const Window* w = as<Window>(e);
      return w && behind(names, w->buffer) == buffer;
    };
    if (const Alias* a = as<Alias>(s)) return is_part(a->window);
    const Call* call = as<Call>(s);
    return call && std::any_of(call->args.begin(), call->args.end(), is_part);
  };
  for (const Path& p : find(now, reaches))
    for (Violation& v : violations(names, facts_at(now, p), {stmt_at(now, p)}, 1))
      rw.fail({{"buffer-part", fmt::format("a part of `{}` would not do here: {}", buffer.name(), v.problem.message),
                where, "here"},
               v.verdict,
               std::nullopt});
}

}  // namespace exo
