#include "schedule/alike.h"

#include <algorithm>
#include <bit>
#include <map>

#include "ir/build.h"
#include "support/text.h"

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

constexpr uint64_t kAnything = 0, kAnyPath = 0;

/// Kinds and sizes on the way to the first statement inside; that one comes back, or null where a block is empty.
const StmtRef* innermost(const StmtRef& s, uint64_t& path) {
  path = mixed_hash(path, s->node.index() + 1);
  const For* loop = as<For>(s);
  const If* branch = as<If>(s);
  if (!loop && !branch) return &s;
  const Block& body = loop ? loop->body : branch->body;
  path = mixed_hash(path, body.size());
  return body.empty() ? nullptr : innermost(body[0], path);
}

/// The outermost operation of a right side, never `kAnything`.
uint64_t operation(const ExprRef& e) {
  if (const auto value = number_of(e)) return mixed_hash(3, std::bit_cast<uint64_t>(*value == 0 ? 0.0 : *value)) | 1;
  uint64_t out = mixed_hash(5, e->node.index() + 1);
  if (const Unary* n = as<Unary>(e)) out = mixed_hash(out, static_cast<uint64_t>(n->op) + 1);
  if (const Binary* n = as<Binary>(e)) out = mixed_hash(out, static_cast<uint64_t>(n->op) + 1);
  if (const Builtin* n = as<Builtin>(e)) out = mixed_hash(out, stable_hash(n->name));
  return out | 1;
}

const ExprRef* right_side(const StmtRef* s) {
  if (!s) return nullptr;
  if (const Assign* n = as<Assign>(*s)) return &n->rhs;
  const Reduce* n = as<Reduce>(*s);
  return n ? &n->rhs : nullptr;
}

/// Control, a field, a local or a scalar by value may stand for many things.
bool is_open(const ExprRef& e, const Proc& spec) {
  if (as<Var>(e)) return true;
  const Read* r = as<Read>(e);
  return r && std::none_of(spec.params.begin(), spec.params.end(), [&](const Param& p) {
           return p.name == r->buffer && (p.type.window || !p.type.shape.empty());
         });
}

}  // namespace

Shapes::Shapes(const std::vector<const Instruction*>& instructions) {
  for (const Instruction* i : instructions) {
    Entry entry{kAnyPath, kAnything, i};
    if (i->spec->body.size() == 1) {
      const ExprRef* rhs = right_side(innermost(i->spec->body[0], entry.path));
      if (rhs && !is_open(*rhs, *i->spec)) entry.value = operation(*rhs);
    }
    entries_.push_back(entry);
  }
}

std::vector<const Instruction*> Shapes::like(const StmtRef& statement) const {
  uint64_t path = 0;
  const ExprRef* rhs = right_side(innermost(statement, path));
  const uint64_t value = rhs ? operation(*rhs) : kAnything;
  std::vector<const Instruction*> out;
  for (const Entry& e : entries_)
    if ((e.path == kAnyPath || e.path == path) && (e.value == kAnything || e.value == value))
      out.push_back(e.instruction);
  return out;
}

const Shapes& shapes_of(const TargetRef& target, const std::string& cls) {
  static auto& known = *new std::map<std::pair<TargetRef, std::string>, Shapes>;
  const auto it = known.find({target, cls});
  if (it != known.end()) return it->second;
  std::vector<const Instruction*> all;
  for (const Instruction& i : target->instructions)
    if (i.cls == cls) all.push_back(&i);
  return known.emplace(std::pair(target, cls), Shapes(all)).first->second;
}

bool alike(const Declarations& names, const StmtRef& statement, const Instruction& instruction) {
  const Proc& spec = *instruction.spec;
  return spec.body.size() != 1 || Glance(names, spec).statement(spec.body[0], statement);
}

}  // namespace exo
