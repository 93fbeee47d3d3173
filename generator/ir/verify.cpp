// The invariants of ir.h that no user can break; a step that breaks one is a fault of ours.
#include <set>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/check.h"
#include "ir/label.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

class Verifier {
 public:
  void run(const Proc& proc) {
    for (const Param& p : proc.params) bind(p.name);
    for (const Param& p : proc.params) type(p.type);
    for (const ExprRef& e : proc.asserts) expr(e);
    block(proc.body);
  }

 private:
  void bind(Sym sym) {
    if (!sym) BUG("something binds a symbol without a name");
    if (!bound_.insert(sym).second) BUG(fmt::format("`{}` is bound twice", sym.name()));
    visible_.insert(sym);
  }
  void use(Sym sym) const {
    if (!sym) BUG("something uses a symbol without a name");
    if (!visible_.count(sym) && !sym.is_field()) BUG(fmt::format("`{}` is used where it is not known", sym.name()));
  }
  void expr(const ExprRef& e) {
    if (!e) BUG("an expression is missing");
    std::visit(match{
                   [&](const Int&) {},
                   [&](const Float&) {},
                   [&](const Bool&) {},
                   [&](const Var& n) { use(n.sym); },
                   [&](const Read& n) { use(n.buffer), exprs(n.index); },
                   [&](const Unary& n) { expr(n.a); },
                   [&](const Binary& n) { expr(n.a), expr(n.b); },
                   [&](const Builtin& n) { exprs(n.args); },
                   [&](const Window& n) {
                     use(n.buffer);
                     for (const Slice& s : n.slices) {
                       expr(s.lo);
                       if (s.hi) expr(s.hi);
                     }
                   },
                   [&](const Stride& n) { use(n.buffer); },
                   [&](const Forall& n) {
                     expr(n.lo), expr(n.hi);
                     bind(n.iter);
                     expr(n.body);
                     visible_.erase(n.iter);
                   },
               },
               e->node);
  }
  void exprs(const Exprs& list) {
    for (const ExprRef& e : list) expr(e);
  }
  void type(const Type& type) { exprs(type.shape); }

  void block(const Block& block) {
    std::vector<Sym> allocated;
    for (const StmtRef& s : block) {
      if (!s) BUG("a statement is missing");
      if (!statements_.insert(s.get()).second) BUG("one node is the statement of two places:\n" + print(Block{s}));
      if (!is_writable(s->label)) BUG(fmt::format("the label `{}` cannot be written", s->label.name));
      statement(*s);
      if (const Sym sym = bound_by(*s)) allocated.push_back(sym);
    }
    for (const Sym sym : allocated) visible_.erase(sym);
  }
  void statement(const Stmt& s) {
    std::visit(match{
                   [&](const Assign& n) { use(n.buffer), exprs(n.index), expr(n.rhs); },
                   [&](const Reduce& n) { use(n.buffer), exprs(n.index), expr(n.rhs); },
                   [&](const For& n) {
                     expr(n.lo), expr(n.hi);
                     bind(n.iter);
                     block(n.body);
                     visible_.erase(n.iter);
                   },
                   [&](const If& n) { expr(n.cond), block(n.body), block(n.orelse); },
                   [&](const Alloc& n) { type(n.type), bind(n.buffer); },
                   [&](const Alias& n) {
                     if (!n.window || !as<Window>(n.window)) BUG("a name for what is no part of a buffer");
                     expr(n.window), bind(n.name);
                   },
                   [&](const Call& n) {
                     if (!n.callee) BUG("a call of nothing");
                     exprs(n.args);
                   },
                   [&](const Configure& n) {
                     if (!n.field.is_field()) BUG("what is no configuration field is set like one");
                     expr(n.value);
                   },
               },
               s.node);
  }

  std::set<Sym> bound_, visible_;
  std::set<const Stmt*> statements_;
};

}  // namespace

void verify(const Proc& proc) {
  Verifier{}.run(proc);
  Problems problems;
  check(proc, problems);
  if (!problems.empty()) BUG("`check` refuses this program:\n" + print(proc));
}

}  // namespace exo
