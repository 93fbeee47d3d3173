#include "ir/build.h"

#include <array>
#include <deque>
#include <functional>

#include "ir/walk.h"
#include "support/diagnostic.h"

namespace exo {

Sym Sym::made(Info info) {
  static std::deque<Info> infos;
  info.id = static_cast<uint32_t>(infos.size() + 1);
  infos.push_back(std::move(info));
  Sym sym;
  sym.info_ = &infos.back();
  return sym;
}

Sym Sym::fresh(const std::string& name) { return made({name, 0, false, Scalar::R}); }

namespace {
std::vector<Sym>& fields() {
  static std::vector<Sym> instance;
  return instance;
}
}  // namespace

const std::vector<Sym>& all_fields() { return fields(); }

Sym Sym::field(const std::string& name, Scalar type) {
  for (const Sym sym : fields())
    if (sym.name() == name && sym.field_type() == type) return sym;
  return fields().emplace_back(made({name, 0, true, type}));
}

namespace {
constexpr std::array<const char*, 17> kScalarNames = {"f16",  "bf16",  "f32", "f64",  "i8",    "i16",
                                                      "i32",  "i64",   "u8",  "u16",  "u32",   "R",
                                                      "size", "index", "int", "bool", "stride"};
template <class Node>
ExprRef make(Node node) {
  return std::make_shared<const Expr>(Expr{std::move(node), {}});
}
}  // namespace

bool is_float(Scalar type) { return type <= Scalar::F64 || type == Scalar::R; }
bool is_data(Scalar type) { return type <= Scalar::R; }
bool is_integer_data(Scalar type) { return type >= Scalar::I8 && type <= Scalar::U32; }
const char* scalar_name(Scalar type) { return kScalarNames[static_cast<size_t>(type)]; }

bool scalar_named(const std::string& name, Scalar& out) {
  for (size_t i = 0; i < kScalarNames.size(); ++i)
    if (name == kScalarNames[i]) return out = static_cast<Scalar>(i), true;
  return false;
}

int size_in_bytes(Scalar type) {
  switch (type) {
    case Scalar::I8:
    case Scalar::U8:
      return 1;
    case Scalar::F16:
    case Scalar::BF16:
    case Scalar::I16:
    case Scalar::U16:
      return 2;
    case Scalar::F32:
    case Scalar::I32:
    case Scalar::U32:
      return 4;
    case Scalar::F64:
    case Scalar::I64:
      return 8;
    case Scalar::R:
    case Scalar::Size:
    case Scalar::Index:
    case Scalar::Int:
    case Scalar::Bool:
    case Scalar::Stride:
      break;
  }
  BUG("a control type has no size in memory");
}

int64_t floor_div(int64_t a, int64_t b) { return a / b - ((a % b != 0) && ((a < 0) != (b < 0))); }
int64_t floor_mod(int64_t a, int64_t b) { return a - floor_div(a, b) * b; }

ExprRef num(int64_t value) { return make(Int{value}); }
ExprRef real(double value) { return make(Float{value}); }
ExprRef truth(bool value) { return make(Bool{value}); }
ExprRef var(Sym sym) { return make(Var{sym}); }
ExprRef read(Sym buffer, Exprs index) { return make(Read{buffer, std::move(index)}); }
ExprRef unary(UnaryOp op, ExprRef a) { return make(Unary{op, std::move(a)}); }
ExprRef binary(BinaryOp op, ExprRef a, ExprRef b) { return make(Binary{op, std::move(a), std::move(b)}); }
ExprRef builtin(std::string name, Exprs args) { return make(Builtin{std::move(name), std::move(args)}); }
ExprRef window(Sym buffer, std::vector<Slice> slices) { return make(Window{buffer, std::move(slices)}); }
ExprRef stride(Sym buffer, int64_t dim) { return make(Stride{buffer, dim}); }

const int64_t* literal(const ExprRef& e) {
  const Int* i = as<Int>(e);
  return i ? &i->value : nullptr;
}

ExprRef operator+(const ExprRef& a, const ExprRef& b) {
  const int64_t *x = literal(a), *y = literal(b);
  int64_t sum = 0;
  if (x && y && !__builtin_add_overflow(*x, *y, &sum)) return num(sum);
  if (x && *x == 0) return b;
  if (y && *y == 0) return a;
  return binary(BinaryOp::Add, a, b);
}

ExprRef operator-(const ExprRef& a, const ExprRef& b) {
  const int64_t *x = literal(a), *y = literal(b);
  int64_t difference = 0;
  if (x && y && !__builtin_sub_overflow(*x, *y, &difference)) return num(difference);
  if (y && *y == 0) return a;
  return binary(BinaryOp::Sub, a, b);
}

ExprRef operator*(const ExprRef& a, const ExprRef& b) {
  const int64_t *x = literal(a), *y = literal(b);
  int64_t product = 0;
  if (x && y && !__builtin_mul_overflow(*x, *y, &product)) return num(product);
  if ((x && *x == 0) || (y && *y == 1)) return a;
  if ((y && *y == 0) || (x && *x == 1)) return b;
  return binary(BinaryOp::Mul, a, b);
}

ExprRef operator/(const ExprRef& a, int64_t c) {
  if (c == 1) return a;
  if (const int64_t* x = literal(a)) return num(floor_div(*x, c));
  return binary(BinaryOp::Div, a, num(c));
}

ExprRef operator%(const ExprRef& a, int64_t c) {
  if (c == 1) return num(0);
  if (const int64_t* x = literal(a)) return num(floor_mod(*x, c));
  return binary(BinaryOp::Mod, a, num(c));
}

ExprRef ceil_div(const ExprRef& a, int64_t c) { return (a + num(c - 1)) / c; }

ExprRef min_of(const ExprRef& a, const ExprRef& b) {
  const int64_t *x = literal(a), *y = literal(b);
  if (x && y) return num(std::min(*x, *y));
  return builtin("min", {a, b});
}

ExprRef max_of(const ExprRef& a, const ExprRef& b) {
  const int64_t *x = literal(a), *y = literal(b);
  if (x && y) return num(std::max(*x, *y));
  return builtin("max", {a, b});
}

ExprRef lt(const ExprRef& a, const ExprRef& b) { return binary(BinaryOp::Lt, a, b); }
ExprRef le(const ExprRef& a, const ExprRef& b) { return binary(BinaryOp::Le, a, b); }
ExprRef eq(const ExprRef& a, const ExprRef& b) { return binary(BinaryOp::Eq, a, b); }
ExprRef ne(const ExprRef& a, const ExprRef& b) { return binary(BinaryOp::Ne, a, b); }

namespace {
ExprRef chain(BinaryOp op, const Exprs& conditions, bool neutral) {
  ExprRef result;
  for (const ExprRef& c : conditions) {
    if (const Bool* b = as<Bool>(c); b && b->value == neutral) continue;
    result = result ? binary(op, result, c) : c;
  }
  return result ? result : truth(neutral);
}
}  // namespace

Exprs conjuncts(const ExprRef& condition) {
  const Binary* b = as<Binary>(condition);
  if (!b || b->op != BinaryOp::And) return {condition};
  Exprs out = conjuncts(b->a);
  for (const ExprRef& e : conjuncts(b->b)) out.push_back(e);
  return out;
}

ExprRef all_of(const Exprs& conditions) { return chain(BinaryOp::And, conditions, true); }
ExprRef any_of(const Exprs& conditions) { return chain(BinaryOp::Or, conditions, false); }

namespace {

/// May the comparison be of numbers that are not ordered?
bool compares_data(const Binary& comparison) {
  const std::function<bool(const ExprRef&)> is_data = [&](const ExprRef& e) {
    const Builtin* call = as<Builtin>(e);
    bool found = as<Read>(e) || as<Float>(e) || (call && call->name != "min" && call->name != "max");
    each_child(e, [&](const ExprRef& child) { found = found || is_data(child); });
    return found;
  };
  return is_data(comparison.a) || is_data(comparison.b);
}

enum class Data : uint8_t { MayBeUnordered, IsWholeNumbers };

ExprRef negated(const ExprRef& condition, Data data) {
  if (const Bool* b = as<Bool>(condition)) return truth(!b->value);
  if (const Unary* u = as<Unary>(condition); u && u->op == UnaryOp::Not) return u->a;
  if (const Binary* b = as<Binary>(condition)) {
    if (data == Data::MayBeUnordered && b->op <= BinaryOp::Ne && compares_data(*b))
      return unary(UnaryOp::Not, condition);
    switch (b->op) {
      case BinaryOp::Lt:
        return le(b->b, b->a);
      case BinaryOp::Le:
        return lt(b->b, b->a);
      case BinaryOp::Gt:
        return le(b->a, b->b);
      case BinaryOp::Ge:
        return lt(b->a, b->b);
      case BinaryOp::Eq:
        return ne(b->a, b->b);
      case BinaryOp::Ne:
        return eq(b->a, b->b);
      case BinaryOp::And:
        return binary(BinaryOp::Or, negated(b->a, data), negated(b->b, data));
      case BinaryOp::Or:
        return binary(BinaryOp::And, negated(b->a, data), negated(b->b, data));
      case BinaryOp::Add:
      case BinaryOp::Sub:
      case BinaryOp::Mul:
      case BinaryOp::Div:
      case BinaryOp::Mod:
        break;
    }
  }
  return unary(UnaryOp::Not, condition);
}

}  // namespace

ExprRef negate(const ExprRef& condition) { return negated(condition, Data::MayBeUnordered); }
ExprRef opposite(const ExprRef& condition) { return negated(condition, Data::IsWholeNumbers); }

StmtRef stmt(StmtNode node, Label label) {
  return std::make_shared<const Stmt>(Stmt{std::move(node), std::move(label), {}});
}

StmtRef with_node(const StmtRef& old, StmtNode node) {
  return std::make_shared<const Stmt>(Stmt{std::move(node), old->label, old->span});
}

}  // namespace exo
