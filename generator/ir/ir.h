// The intermediate representation: every node with its meaning. Nodes are immutable and shared; a rewrite makes new
// nodes on the way to the root and shares the rest. `fields` is the one list of members of a node: walk.h derives
// children, rewriting, equality and hashing from it. `binds` names the member that introduces a symbol.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "support/source.h"

namespace exo {

/// Element types of data, then the types of control. `R` is a number whose precision is chosen later.
/// A `Size` is a control integer that is zero or more; `Index` and `Int` may be negative.
enum class Scalar : uint8_t { F16, BF16, F32, F64, I8, I16, I32, I64, U8, U16, U32, R, Size, Index, Int, Bool, Stride };

/// A name with identity: two loops called `i` hold different symbols. Numbered in order of creation.
/// A configuration field, `load.stride`, is one symbol wherever it stands, and its type belongs to it.
class Sym {
 public:
  Sym() = default;
  static Sym fresh(const std::string& name);
  static Sym field(const std::string& name, Scalar type);
  const std::string& name() const { return info_->name; }
  bool is_field() const { return info_ && info_->is_field; }
  Scalar field_type() const { return info_->type; }
  uint32_t id() const { return info_ ? info_->id : 0; }
  explicit operator bool() const { return info_ != nullptr; }
  friend bool operator==(Sym a, Sym b) { return a.info_ == b.info_; }
  friend std::strong_ordering operator<=>(Sym a, Sym b) { return a.id() <=> b.id(); }

 private:
  struct Info {
    std::string name;
    uint32_t id;
    bool is_field = false;
    Scalar type = Scalar::R;
  };
  static Sym made(Info info);
  const Info* info_ = nullptr;
};

/// Every configuration field that there is, in order of creation.
const std::vector<Sym>& all_fields();

bool is_float(Scalar type);         // F16 .. F64, and R
bool is_data(Scalar type);          // F16 .. R
bool is_integer_data(Scalar type);  // I8 .. U32
int size_in_bytes(Scalar type);     // of a data type
const char* scalar_name(Scalar type);
bool scalar_named(const std::string& name, Scalar& out);

struct Expr;
using ExprRef = std::shared_ptr<const Expr>;
using Exprs = std::vector<ExprRef>;

/// A literal of control or data; data literals take the type of their context.
struct Int {
  int64_t value;
  static constexpr auto fields = std::tuple(&Int::value);
};
struct Float {
  double value;
  static constexpr auto fields = std::tuple(&Float::value);
};
struct Bool {
  bool value;
  static constexpr auto fields = std::tuple(&Bool::value);
};

/// The value of a control variable: a size, an index, a bool, an iterator; or what a configuration field of such a type holds at
/// that moment, which only conditions of `if`, arguments of calls, asserts, data and values of Configure may depend on.
struct Var {
  Sym sym;
  static constexpr auto fields = std::tuple(&Var::sym);
};

/// One element of a buffer; no index for a scalar. An index outside the shape has no meaning and is never accepted.
/// A configuration field of a data type is read like a scalar.
/// In a control expression it is an element of an index tensor: a parameter of integers that the procedure never writes. The
/// condition of an `if` may read any buffer.
struct Read {
  Sym buffer;
  Exprs index;
  static constexpr auto fields = std::tuple(&Read::buffer, &Read::index);
};

enum class UnaryOp : uint8_t { Neg, Not };
struct Unary {
  UnaryOp op;
  ExprRef a;
  static constexpr auto fields = std::tuple(&Unary::op, &Unary::a);
};

/// On control integers Div and Mod floor (-1 / 2 is -1, -1 % 2 is 1) and the divisor is a positive constant.
/// On integer data arithmetic wraps at the width of the type; Div truncates, a / 0 is 0, and a % b is a - (a / b) * b, so that
/// a % 0 is a; the lowest number / -1 wraps to itself. On floats each operation rounds once, to nearest even.
/// Both operands are always evaluated, except that And and Or guard their right side.
enum class BinaryOp : uint8_t { Add, Sub, Mul, Div, Mod, Lt, Le, Gt, Ge, Eq, Ne, And, Or };
struct Binary {
  BinaryOp op;
  ExprRef a, b;
  static constexpr auto fields = std::tuple(&Binary::op, &Binary::a, &Binary::b);
};

/// A function by name (builtin.h): min, max, select, relu, sqrt ..., and conversions named by their type.
/// `min` and `max` also stand in control expressions.
struct Builtin {
  std::string name;
  Exprs args;
  static constexpr auto fields = std::tuple(&Builtin::name, &Builtin::args);
};

/// One dimension of a window: the point `lo` where `hi` is null, else [lo, hi).
struct Slice {
  ExprRef lo, hi;
};

/// A part of a buffer as an argument of a call, or what an Alias names. No slices: the whole buffer.
struct Window {
  Sym buffer;
  std::vector<Slice> slices;
  static constexpr auto fields = std::tuple(&Window::buffer, &Window::slices);
};

/// `body` holds for each `iter` in [lo, hi). Stands only in an assertion, on the outside or as the body of another one.
struct Forall {
  Sym iter;
  ExprRef lo, hi, body;
  static constexpr auto binds = &Forall::iter;
  static constexpr auto fields = std::tuple(&Forall::iter, &Forall::lo, &Forall::hi, &Forall::body);
};

/// Distance in elements between neighbours of a buffer along one dimension.
struct Stride {
  Sym buffer;
  int64_t dim;
  static constexpr auto fields = std::tuple(&Stride::buffer, &Stride::dim);
};

/// `span` is where the expression was written; it takes no part in equality.
struct Expr {
  std::variant<Int, Float, Bool, Var, Read, Unary, Binary, Builtin, Window, Stride, Forall> node;
  Span span;
};

/// What recipes call a loop or statement by, and where it came from. Copied with the statement by every rewrite.
struct Label {
  std::string name;                     // loops: "j"; statements: "C.update", "Bp.load"
  std::string nest;                     // loops made by staging: the nest they form, "Bp.load"
  std::string alias;                    // ... and the dimension that they walk, "d1"
  std::string axis;                     // loops: the loop of the algorithm that they descend from, "j"
  std::vector<std::string> copies;      // what made this copy, outermost first: "main", "tail", "case0"
  std::vector<std::string> marks = {};  // further names that a recipe gave it: by `find`, as a result of an op
};

struct Stmt;
using StmtRef = std::shared_ptr<const Stmt>;
using Block = std::vector<StmtRef>;  // may be empty: there is no node for `pass`

/// Element type and extents, outermost first. A `window` argument may be strided; other tensors are dense, row-major.
struct Type {
  Scalar scalar = Scalar::F32;
  Exprs shape;
  bool window = false;
};

/// Evaluates `rhs`, then stores it: buffer[index] = rhs.
struct Assign {
  Sym buffer;
  Exprs index;
  ExprRef rhs;
  static constexpr auto fields = std::tuple(&Assign::buffer, &Assign::index, &Assign::rhs);
};

/// buffer[index] = buffer[index] op rhs. A chain of Add over floats has the meaning that the contract of the kernel says.
enum class ReduceOp : uint8_t { Add, Max, Min };
struct Reduce {
  ReduceOp op;
  Sym buffer;
  Exprs index;
  ExprRef rhs;
  static constexpr auto fields = std::tuple(&Reduce::op, &Reduce::buffer, &Reduce::index, &Reduce::rhs);
};

/// Runs `body` once for each `iter` in [lo, hi), in increasing order unless Parallel; not at all where hi <= lo.
/// `lo` and `hi` are control expressions, so the body cannot change them.
enum class Order : uint8_t { Sequential, Parallel };
struct For {
  Sym iter;
  ExprRef lo, hi;
  Block body;
  Order order = Order::Sequential;
  static constexpr auto binds = &For::iter;
  static constexpr auto fields = std::tuple(&For::iter, &For::lo, &For::hi, &For::body, &For::order);
};

/// Runs `body` where `cond` holds, else `orelse` (which may be empty). The condition is evaluated once, before either. In it a
/// comparison of whole numbers (control, and elements of integer buffers) is exact: nothing wraps, and `/` and `%` floor as in
/// control. One that has a float, a fraction or a function of data in it compares data, in their type.
struct If {
  ExprRef cond;
  Block body;
  Block orelse;
  static constexpr auto fields = std::tuple(&If::cond, &If::body, &If::orelse);
};

/// A buffer that lives from here to the end of the enclosing block. Its elements have no value until they are written;
/// a value that depends on one has no meaning and never reaches an argument. `memory` names a memory of the target, or nothing;
/// `bank` the part of it in which all of the buffer lies, or -1.
struct Alloc {
  Sym buffer;
  Type type;
  std::string memory;
  int64_t bank = -1;
  static constexpr auto binds = &Alloc::buffer;
  static constexpr auto fields = std::tuple(&Alloc::buffer, &Alloc::type, &Alloc::memory, &Alloc::bank);
};

/// From here to the end of the enclosing block `name` is that part of a buffer, and its strides come along. What is done to it
/// is done to the buffer: there is no copy. At least one dimension is a range; `lo <= hi`, inside the buffer.
struct Alias {
  Sym name;
  ExprRef window;  // a Window
  static constexpr auto binds = &Alias::name;
  static constexpr auto fields = std::tuple(&Alias::name, &Alias::window);
};

struct Proc;
using ProcRef = std::shared_ptr<const Proc>;

/// Runs the body of `callee` with its parameters bound. Buffer arguments are Window expressions, others are values; a number
/// may stand for a scalar that the callee only reads.
/// No two arguments overlap where one of them is written.
struct Call {
  ProcRef callee;
  Exprs args;
  static constexpr auto fields = std::tuple(&Call::callee, &Call::args);
};

/// Stores a value in a configuration field: a register of the hardware outside of all procedures. A field has no value before
/// the first store: nothing is known of it where a kernel begins, and nobody looks at it where the kernel ends.
struct Configure {
  Sym field;
  ExprRef value;  // control or data, as the field's type is
  static constexpr auto fields = std::tuple(&Configure::field, &Configure::value);
};

struct Stmt {
  std::variant<Assign, Reduce, For, If, Alloc, Alias, Call, Configure> node;
  Label label;
  Span span;
};

/// A parameter: control (size, index, bool), or a buffer, which is passed by reference (rank 0: a scalar).
struct Param {
  Sym name;
  Type type;
  std::string memory;
  Span span;
};

/// A procedure: an algorithm, or the specification of an instruction. `asserts` hold at entry; the caller sees to it.
/// Arguments do not overlap where one of them is written.
struct Proc {
  std::string name;
  std::vector<Param> params;
  Exprs asserts;
  Block body;
  Span span;
  std::vector<Sym> forgets =
      {};  // configuration fields of which nothing is known after a call, not even that they are set
};

}  // namespace exo
