#include "ir/print.h"

#include <cmath>
#include <set>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/label.h"
#include "ir/lexer.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr size_t kLineWidth = 100;

/// How tightly an operator binds; an operand that binds less tightly stands in parentheses.
enum Precedence { kAny, kOr, kAnd, kNot, kComparison, kSum, kProduct, kSign, kAtom };

struct Notation {
  const char* symbol;
  Precedence precedence;
};

Notation notation(BinaryOp op) {
  switch (op) {
    case BinaryOp::Add:
      return {"+", kSum};
    case BinaryOp::Sub:
      return {"-", kSum};
    case BinaryOp::Mul:
      return {"*", kProduct};
    case BinaryOp::Div:
      return {"/", kProduct};
    case BinaryOp::Mod:
      return {"%", kProduct};
    case BinaryOp::Lt:
      return {"<", kComparison};
    case BinaryOp::Le:
      return {"<=", kComparison};
    case BinaryOp::Gt:
      return {">", kComparison};
    case BinaryOp::Ge:
      return {">=", kComparison};
    case BinaryOp::Eq:
      return {"==", kComparison};
    case BinaryOp::Ne:
      return {"!=", kComparison};
    case BinaryOp::And:
      return {"and", kAnd};
    case BinaryOp::Or:
      return {"or", kOr};
  }
  BUG("an operator without a notation");
}

const char* notation(ReduceOp op) {
  switch (op) {
    case ReduceOp::Add:
      return "+=";
    case ReduceOp::Max:
      return "max=";
    case ReduceOp::Min:
      return "min=";
  }
  BUG("a reduction without a notation");
}

/// The shortest text that is read back as the same number, and never as an integer.
std::string float_text(double value) {
  std::string text = fmt::format("{}", value);
  if (std::isfinite(value) && text.find_first_of(".e") == text.npos) text += ".0";
  return text;
}

/// Products of control stand close, `4*io + ii`; those of data do not, `A[i] * x`.
bool is_control(const ExprRef& e) {
  bool control = true;
  each_expr(e, [&](const ExprRef& x) {
    control = control && !std::holds_alternative<Read>(x->node) && !std::holds_alternative<Float>(x->node);
  });
  return control;
}

bool is_short(const ExprRef& e) { return std::holds_alternative<Var>(e->node) || std::holds_alternative<Int>(e->node); }

/// Gives each symbol a name that nothing else visible has.
class Names {
 public:
  std::string of(Sym sym) {
    if (sym.is_field()) return sym.name();
    const auto it = names_.find(sym);
    return it != names_.end() ? it->second : declare(sym);
  }
  const std::string& declare(Sym sym) {
    std::string name = sym.name();
    for (int n = 1; is_keyword(name) || taken_.count(name); ++n) name = fmt::format("{}_{}", sym.name(), n);
    taken_.insert(name);
    return names_[sym] = name;
  }
  void release(Sym sym) {
    const auto it = names_.find(sym);
    if (it == names_.end()) return;
    taken_.erase(it->second);
    names_.erase(it);
  }

 private:
  std::map<Sym, std::string> names_;
  std::set<std::string> taken_;
};

class Printer {
 public:
  std::string out;
  std::map<const Stmt*, std::pair<size_t, size_t>> lines;
  Names names;

  void proc(const Proc& proc);
  void block(const Block& block, int depth);
  std::string expr(const ExprRef& e, Precedence around = kAny);
  std::string type(const Type& type);

 private:
  void statement(const StmtRef& s, int depth, const char* before);
  void line(int depth, const std::string& text) { out += std::string(4 * depth, ' ') + text + "\n"; }
  void labelled(const Stmt& s, int depth, const std::string& text);
  void branches(const StmtRef& s, const If& node, int depth, const char* before);
  std::string list(const Exprs& items, const char* separator = nullptr);
  std::string place(Sym buffer, const Exprs& index);
  std::string slices(const Window& window);
  std::string binary_text(const Binary& node, Precedence own);
  std::string forall(const Forall& node);
  std::string memory(const std::string& name) { return name.empty() ? "" : " @ " + name; }
};

std::string Printer::expr(const ExprRef& e, Precedence around) {
  Precedence own = kAtom;
  const std::string text = std::visit(
      match{
          [&](const Int& n) { return std::to_string(n.value); },
          [&](const Float& n) { return float_text(n.value); },
          [&](const Bool& n) { return std::string(n.value ? "True" : "False"); },
          [&](const Var& n) { return names.of(n.sym); },
          [&](const Read& n) { return place(n.buffer, n.index); },
          [&](const Unary& n) {
            own = n.op == UnaryOp::Not ? kNot : kSign;
            if (n.op == UnaryOp::Not) return "not " + expr(n.a, kNot);
            const bool number = std::holds_alternative<Int>(n.a->node) || std::holds_alternative<Float>(n.a->node);
            return number ? "-(" + expr(n.a) + ")" : "-" + expr(n.a, kSign);  // `-3` is a literal
          },
          [&](const Binary& n) {
            own = notation(n.op).precedence;
            return binary_text(n, own);
          },
          [&](const Builtin& n) { return n.name + "(" + list(n.args, ", ") + ")"; },
          [&](const Window& n) { return slices(n); },
          [&](const Stride& n) { return fmt::format("stride({}, {})", names.of(n.buffer), n.dim); },
          [&](const Forall& n) { return forall(n); },
      },
      e->node);
  return own < around ? "(" + text + ")" : text;
}

std::string Printer::forall(const Forall& node) {
  const std::string lo = expr(node.lo), hi = expr(node.hi), iter = names.declare(node.iter);
  const std::string body = expr(node.body);
  names.release(node.iter);
  return fmt::format("forall {} in seq({}, {}): {}", iter, lo, hi, body);
}

std::string Printer::binary_text(const Binary& node, Precedence own) {
  const bool tight = own == kProduct && is_control(node.a) && is_control(node.b);
  const auto next = static_cast<Precedence>(own + 1);
  const std::string a = expr(node.a, own == kComparison ? next : own), b = expr(node.b, next);
  const char* const space = tight ? "" : " ";
  return fmt::format("{}{}{}{}{}", a, space, notation(node.op).symbol, space, b);
}

std::string Printer::list(const Exprs& items, const char* separator) {
  std::vector<std::string> texts;
  bool all_short = true;
  for (const ExprRef& e : items) texts.push_back(expr(e)), all_short = all_short && is_short(e);
  return join(texts, separator ? separator : all_short ? "," : ", ");
}

std::string Printer::place(Sym buffer, const Exprs& index) {
  return index.empty() ? names.of(buffer) : names.of(buffer) + "[" + list(index) + "]";
}

std::string Printer::slices(const Window& window) {
  if (window.slices.empty()) return names.of(window.buffer);
  std::vector<std::string> parts;
  for (const Slice& s : window.slices) parts.push_back(s.hi ? expr(s.lo) + ":" + expr(s.hi) : expr(s.lo));
  return names.of(window.buffer) + "[" + join(parts, ", ") + "]";
}

std::string Printer::type(const Type& type) {
  const std::string element = scalar_name(type.scalar);
  const std::string shape = type.shape.empty() ? "" : "[" + list(type.shape) + "]";
  return (type.window ? "[" + element + "]" : element) + shape;
}

void Printer::proc(const Proc& proc) {
  for (const Param& p : proc.params) names.declare(p.name);
  out += "def " + proc.name + "(";
  size_t column = out.size();
  const std::string margin(column, ' ');
  for (size_t i = 0; i < proc.params.size(); ++i) {
    const Param& p = proc.params[i];
    const std::string text = names.of(p.name) + " : " + type(p.type) + memory(p.memory);
    if (i > 0) out += ",", ++column;
    if (i > 0 && column + text.size() + 4 > kLineWidth)
      out += "\n" + margin, column = margin.size();
    else if (i > 0)
      out += " ", ++column;
    out += text, column += text.size();
  }
  out += "):\n";
  for (const ExprRef& e : proc.asserts) line(1, "assert " + expr(e));
  block(proc.body, 1);
}

void Printer::block(const Block& block, int depth) {
  if (block.empty()) line(depth, "pass");
  for (const StmtRef& s : block) statement(s, depth, "");
  for (const StmtRef& s : block)
    if (const Sym sym = bound_by(*s)) names.release(sym);
}

void Printer::labelled(const Stmt& s, int depth, const std::string& text) {
  const std::string comment = label_comment(s.label, usual_label(s, [&](Sym sym) { return names.of(sym); }));
  lines.emplace(&s, std::pair(out.size() + 4 * depth, out.size() + 4 * depth + text.size()));
  line(depth, comment.empty() ? text : text + "  #: " + comment);
}

/// `before` is "el" for the `if` of an `elif`.
void Printer::statement(const StmtRef& s, int depth, const char* before) {
  std::visit(match{
                 [&](const Assign& n) { labelled(*s, depth, place(n.buffer, n.index) + " = " + expr(n.rhs)); },
                 [&](const Reduce& n) {
                   labelled(*s, depth, fmt::format("{} {} {}", place(n.buffer, n.index), notation(n.op), expr(n.rhs)));
                 },
                 [&](const For& n) {
                   const std::string lo = expr(n.lo), hi = expr(n.hi);
                   const char* const order = n.order == Order::Parallel ? "par" : "seq";
                   labelled(*s, depth, fmt::format("for {} in {}({}, {}):", names.declare(n.iter), order, lo, hi));
                   block(n.body, depth + 1);
                   names.release(n.iter);
                 },
                 [&](const If& n) { branches(s, n, depth, before); },
                 [&](const Alloc& n) {
                   const std::string bank = n.bank < 0 ? "" : fmt::format(" bank {}", n.bank);
                   const std::string type_text = type(n.type) + memory(n.memory) + bank;
                   labelled(*s, depth, names.declare(n.buffer) + " : " + type_text);
                 },
                 [&](const Alias& n) {
                   const std::string part = expr(n.window);
                   labelled(*s, depth, names.declare(n.name) + " = " + part);
                 },
                 [&](const Call& n) { labelled(*s, depth, n.callee->name + "(" + list(n.args, ", ") + ")"); },
                 [&](const Configure& n) { labelled(*s, depth, n.field.name() + " = " + expr(n.value)); },
             },
             s->node);
}

void Printer::branches(const StmtRef& s, const If& node, int depth, const char* before) {
  labelled(*s, depth, fmt::format("{}if {}:", before, expr(node.cond)));
  block(node.body, depth + 1);
  if (node.orelse.size() == 1 && as<If>(node.orelse[0])) return statement(node.orelse[0], depth, "el");
  if (node.orelse.empty()) return;
  line(depth, "else:");
  block(node.orelse, depth + 1);
}

/// Names what the block uses but does not bind, in order, so that no binder takes such a name.
void declare_free(const Block& block, Names& names) {
  std::set<Sym> bound;
  std::vector<Sym> used;
  each_stmt(block, [&](const StmtRef& s) {
    if (const Sym sym = bound_by(*s)) bound.insert(sym);
    if (const Assign* n = as<Assign>(s)) used.push_back(n->buffer);
    if (const Reduce* n = as<Reduce>(s)) used.push_back(n->buffer);
    each_child(
        s,
        [&](const ExprRef& e) {
          for (const Sym sym : symbols(e)) used.push_back(sym);
        },
        [](const Block&) {});
  });
  for (const Sym sym : used)
    if (!bound.count(sym)) names.of(sym);
}

}  // namespace

std::string print(const Proc& proc) {
  Printer printer;
  printer.proc(proc);
  return printer.out;
}

std::string print(const Block& block) {
  Printer printer;
  declare_free(block, printer.names);
  printer.block(block, 0);
  return printer.out;
}

std::string print(const ExprRef& e) { return Printer{}.expr(e); }

std::string print(const Type& type) { return Printer{}.type(type); }

Listing listing(const Proc& proc, const std::string& title) {
  Printer printer;
  printer.proc(proc);
  Listing result{register_source(title, printer.out, SourceKind::Listing), {}};
  for (const auto& [stmt, line] : printer.lines)
    result.spans[stmt] = {result.source, static_cast<uint32_t>(line.first), static_cast<uint32_t>(line.second)};
  return result;
}

std::string headline(const StmtRef& statement) {
  const std::string text = print(Block{statement});
  return text.substr(0, std::min(text.find('\n'), text.find("  #:")));
}

}  // namespace exo
