#include "schedule/alike.h"

#include <algorithm>

#include "ir/build.h"

namespace exo {

bool is_addressable(const std::string& memory) { return memory.empty() || memory == "heap" || memory == "stack"; }

std::optional<double> number_of(const ExprRef& e) {
  if (const Int* n = as<Int>(e)) return static_cast<double>(n->value);
  if (const Float* n = as<Float>(e)) return n->value;
  return std::nullopt;
}

namespace {

/// Tells what cannot be unified from what may be, by kinds, names, literals, and types and memories of buffers.
class Glance {
 public:
  Glance(const Declarations& names, const Proc& spec) : names_(names), spec_(spec) {}

  bool statement(const StmtRef& spec, const StmtRef& here) const {
    if (spec->node.index() != here->node.index()) return false;
    if (const For* f = as<For>(spec)) {
      const For& g = *as<For>(here);
      return literals(f->lo, g.lo) && literals(f->hi, g.hi) && block(f->body, g.body);
    }
    if (const If* f = as<If>(spec)) return block(f->body, as<If>(here)->body);
    if (const Assign* n = as<Assign>(spec))
      return touch(n->buffer, as<Assign>(here)->buffer) && data(n->rhs, as<Assign>(here)->rhs);
    const Reduce* n = as<Reduce>(spec);
    return !n || (touch(n->buffer, as<Reduce>(here)->buffer) && data(n->rhs, as<Reduce>(here)->rhs));
  }

 private:
  const Declarations& names_;
  const Proc& spec_;

  bool block(const Block& spec, const Block& here) const {
    return spec.size() == here.size() && (spec.empty() || statement(spec[0], here[0]));
  }
  static bool literals(const ExprRef& spec, const ExprRef& here) {
    const int64_t *a = literal(spec), *b = literal(here);
    return !a || !b || *a == *b;
  }
  const Param* param(Sym name) const {
    const auto it =
        std::find_if(spec_.params.begin(), spec_.params.end(), [&](const Param& p) { return p.name == name; });
    return it == spec_.params.end() ? nullptr : &*it;
  }
  /// Type and memory of the buffer, where it is declared outside of both.
  bool touch(Sym spec, Sym here) const {
    const Param* p = param(spec);
    const auto d = p ? names_.find(here) : names_.end();
    if (d == names_.end()) return true;
    return d->second.type.scalar == p->type.scalar &&
           (d->second.memory == p->memory || (p->memory.empty() && is_addressable(d->second.memory)));
  }
  bool data(const ExprRef& spec, const ExprRef& here) const {
    if (as<Var>(spec)) return true;  // control
    if (const Read* r = as<Read>(spec)) {
      const Param* p = param(r->buffer);
      if (!p || (!p->type.window && p->type.shape.empty())) return true;  // a field, a local, or by value
      const Read* m = as<Read>(here);
      return m && (m->buffer.is_field() || touch(r->buffer, m->buffer));
    }
    if (const auto value = number_of(spec)) return number_of(here) == value;
    if (spec->node.index() != here->node.index()) return false;
    if (const Unary* n = as<Unary>(spec)) return n->op == as<Unary>(here)->op && data(n->a, as<Unary>(here)->a);
    if (const Builtin* n = as<Builtin>(spec)) {
      const Builtin& m = *as<Builtin>(here);
      return n->name == m.name && std::equal(n->args.begin(), n->args.end(), m.args.begin(), m.args.end(),
                                             [&](const ExprRef& a, const ExprRef& b) { return data(a, b); });
    }
    const Binary* n = as<Binary>(spec);
    if (!n) return true;
    const Binary& m = *as<Binary>(here);
    if (n->op != m.op) return false;
    const bool commutes = n->op == BinaryOp::Add || n->op == BinaryOp::Mul;
    return (data(n->a, m.a) && data(n->b, m.b)) || (commutes && data(n->a, m.b) && data(n->b, m.a));
  }
};

}  // namespace

bool alike(const Declarations& names, const StmtRef& statement, const Instruction& instruction) {
  const Proc& spec = *instruction.spec;
  return spec.body.size() != 1 || Glance(names, spec).statement(spec.body[0], statement);
}

}  // namespace exo
