#include "ir/check.h"

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/check_expr.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

class ProcChecker : public ExpressionChecker {
 public:
  using ExpressionChecker::ExpressionChecker;
  void run(const Proc& proc);

 private:
  void parameter(const Param& param);
  void parameter_extent(const Param& param, const ExprRef& e);
  void block(const Block& block);
  void statement(const Stmt& s);
  template <class Check>
  void with_fields(const Check& check) {
    fields_ = true;
    check();
    fields_ = false;
  }
  void configuration(const Configure& node);
  void store(const Stmt& s, Sym buffer, const Exprs& index, const ExprRef& rhs);
  void allocation(const Stmt& s, const Alloc& node);
  void extents(const Type& type);
  void alias(const Stmt& s, const Alias& node);
  void call(const Stmt& s, const Call& node);
  void argument(const Proc& callee, const Param& param, const ExprRef& arg);
  void buffer_argument(const Proc& callee, const Param& param, const ExprRef& arg, const Window& window);
  void wrong_kind(const Proc& callee, const Param& param, const ExprRef& arg);
};

void ProcChecker::run(const Proc& proc) {
  for (const Param& p : proc.params) parameter(p);
  for (const ExprRef& e : proc.asserts) with_fields([&] { assertion(e); });
  block(proc.body);
}

void ProcChecker::parameter(const Param& param) {
  if (is_data(param.type.scalar)) {
    extents(param.type);
    for (const ExprRef& e : param.type.shape) parameter_extent(param, e);
    return;
  }
  if (!param.type.shape.empty() || param.type.window)
    problem("control-type", fmt::format("`{}` is {}, which has no extents", param.name.name(), kind_of(param.type)),
            param.span)
        .help("tensors hold data, such as `i32[n]`");
  if (!param.memory.empty())
    problem("control-type", fmt::format("`{}` is {}, which lives in no memory", param.name.name(), kind_of(param.type)),
            param.span);
}

void ProcChecker::parameter_extent(const Param& param, const ExprRef& e) {
  each_expr(e, [&](const ExprRef& x) {
    const Var* n = as<Var>(x);
    const bool allowed = !n ? !as<Stride>(x) : declared(n->sym).type.scalar == Scalar::Size;
    if (allowed) return;
    Diagnostic& d = problem("extent", fmt::format("the extents of `{}` are made of sizes", param.name.name()), x->span,
                            n ? kind_of(declared(n->sym).type) : "a stride");
    if (n) point_at_declaration(d, n->sym);
  });
}

void ProcChecker::extents(const Type& type) {
  for (const ExprRef& e : type.shape) {
    integer(e);
    each_expr(e, [&](const ExprRef& x) {
      const Read* element = as<Read>(x);
      if (element && declared(element->buffer).is_index_tensor)
        problem("extent", fmt::format("`{}` is data, and no extent depends on data", print(x)), x->span)
            .help("allocate the most that it can be");
    });
    if (const int64_t* value = literal(e); value && *value < 0)
      problem("extent", fmt::format("an extent of {}", *value), e->span);
  }
}

void ProcChecker::block(const Block& block) {
  for (const StmtRef& s : block) statement(*s);
}

void ProcChecker::statement(const Stmt& s) {
  std::visit(match{
                 [&](const Assign& n) { store(s, n.buffer, n.index, n.rhs); },
                 [&](const Reduce& n) { store(s, n.buffer, n.index, n.rhs); },
                 [&](const For& n) { integer(n.lo), integer(n.hi), block(n.body); },
                 [&](const If& n) { with_fields([&] { branch_condition(n.cond); }), block(n.body), block(n.orelse); },
                 [&](const Alloc& n) { allocation(s, n); },
                 [&](const Alias& n) { alias(s, n); },
                 [&](const Call& n) { call(s, n); },
                 [&](const Configure& n) { with_fields([&] { configuration(n); }); },
             },
             s.node);
}

void ProcChecker::configuration(const Configure& node) {
  const Scalar type = node.field.field_type();
  if (type == Scalar::Bool) return condition(node.value);
  if (!is_data(type)) return integer(node.value);
  const Scalar own = type_of(node.value, names_, type);
  if (is_data(own) && own != type) unlike(node.value, own, fmt::format("`{}` holds", node.field.name()), type);
  data(node.value, is_data(own) ? own : type);
}

void ProcChecker::store(const Stmt& s, Sym buffer, const Exprs& at, const ExprRef& rhs) {
  const Type& target = declared(buffer).type;
  if (!is_data(target.scalar)) {
    Diagnostic& d = problem("not-assignable",
                            fmt::format("`{}` is {}, which never changes", buffer.name(), kind_of(target)), s.span);
    return point_at_declaration(d, buffer);
  }
  index(s.span, buffer, at);
  const Scalar type = type_of(rhs, names_, target.scalar);
  const bool chosen_later =
      is_float(type) && is_float(target.scalar) && (type == Scalar::R || target.scalar == Scalar::R);
  if (is_data(type) && type != target.scalar && !chosen_later)
    unlike(rhs, type, fmt::format("`{}` holds", buffer.name()), target.scalar);
  with_fields([&] { data(rhs, is_data(type) ? type : target.scalar); });
}

void ProcChecker::allocation(const Stmt& s, const Alloc& node) {
  if (!is_data(node.type.scalar))
    problem("control-type",
            fmt::format("`{}` cannot be {}: only parameters and iterators are control", node.buffer.name(),
                        kind_of(node.type)),
            s.span);
  if (node.type.window)
    problem("window", fmt::format("`{}` would be a window of nothing", node.buffer.name()), s.span)
        .help(
            fmt::format("write `{} : {}`", node.buffer.name(), print(Type{node.type.scalar, node.type.shape, false})));
  extents(node.type);
}

void ProcChecker::alias(const Stmt& s, const Alias& node) {
  const Window& window = *as<Window>(node.window);
  const Type& whole = declared(window.buffer).type;
  const Span span = node.window->span.source ? node.window->span : s.span;
  if (!is_data(whole.scalar)) {
    Diagnostic& d =
        problem("window", fmt::format("`{}` is {}, which has no parts", window.buffer.name(), kind_of(whole)), span);
    return point_at_declaration(d, window.buffer);
  }
  bool range = false;
  for (const Slice& slice : window.slices) {
    integer(slice.lo);
    if (slice.hi) integer(slice.hi), range = true;
  }
  if (!range) problem("window", fmt::format("`{}` would name one element", node.name.name()), span);
  if (window.slices.size() == whole.shape.size()) return;
  Diagnostic& d = problem("rank",
                          fmt::format("`{}` has {} dimension{}, not {}", window.buffer.name(), whole.shape.size(),
                                      whole.shape.size() == 1 ? "" : "s", window.slices.size()),
                          span);
  point_at_declaration(d, window.buffer);
}

void ProcChecker::call(const Stmt& s, const Call& node) {
  const Proc& callee = *node.callee;
  if (callee.params.size() != node.args.size()) {
    Diagnostic& d = problem("argument-count",
                            fmt::format("`{}` takes {} argument{}, not {}", callee.name, callee.params.size(),
                                        callee.params.size() == 1 ? "" : "s", node.args.size()),
                            s.span);
    if (callee.span.source) d.at(callee.span);
    std::vector<std::string> names;
    for (const Param& p : callee.params) names.push_back(p.name.name());
    d.note(fmt::format("it is called as `{}({})`", callee.name, join(names, ", ")));
    return;
  }
  for (size_t i = 0; i < node.args.size(); ++i) argument(callee, callee.params[i], node.args[i]);
}

void ProcChecker::wrong_kind(const Proc& callee, const Param& param, const ExprRef& arg) {
  Diagnostic& d =
      problem("argument-kind", fmt::format("`{}` of `{}` is {}", param.name.name(), callee.name, kind_of(param.type)),
              arg->span, fmt::format("`{}` is not", print(arg)));
  if (param.span.source) d.at(param.span, "the parameter");
  if (is_data(param.type.scalar)) d.help("store the value in a buffer, and pass that");
}

void ProcChecker::argument(const Proc& callee, const Param& param, const ExprRef& arg) {
  const Window* window = as<Window>(arg);
  const bool buffer = window || as<Read>(arg);
  const bool scalar = is_data(param.type.scalar) && param.type.shape.empty() && !param.type.window;
  if (scalar && (as<Int>(arg) || as<Float>(arg)) && !written(callee).count(param.name))
    return data(arg, param.type.scalar);
  if (is_data(param.type.scalar) ? !window : buffer) return wrong_kind(callee, param, arg);
  if (window) return buffer_argument(callee, param, arg, *window);
  with_fields([&] { param.type.scalar == Scalar::Bool ? condition(arg) : integer(arg); });
}

void ProcChecker::buffer_argument(const Proc& callee, const Param& param, const ExprRef& arg, const Window& window) {
  const Type& whole = declared(window.buffer).type;
  if (!is_data(whole.scalar)) return wrong_kind(callee, param, arg);
  size_t rank = window.slices.empty() ? whole.shape.size() : 0;
  for (const Slice& slice : window.slices) {
    integer(slice.lo);
    if (slice.hi) integer(slice.hi), ++rank;
  }
  if (!window.slices.empty() && window.slices.size() != whole.shape.size()) {
    Diagnostic& d = problem("rank",
                            fmt::format("`{}` has {} dimension{}, not {}", window.buffer.name(), whole.shape.size(),
                                        whole.shape.size() == 1 ? "" : "s", window.slices.size()),
                            arg->span);
    return point_at_declaration(d, window.buffer);
  }
  const auto wrong = [&](const char* code, std::string message) -> Diagnostic& {
    Diagnostic& d = problem(code, std::move(message), arg->span);
    if (param.span.source) d.at(param.span, fmt::format("`{}` of `{}`", param.name.name(), callee.name));
    return d;
  };
  if (deciding(callee).count(param.name) && !declared(window.buffer).is_index_tensor)
    wrong("index-tensor",
          fmt::format("elements of `{}` of `{}` decide which elements are touched", param.name.name(), callee.name))
        .note("index tensors are parameters of integers that the procedure only reads, by their own name")
        .help(fmt::format("pass `{}` to this procedure as a tensor that it only reads", window.buffer.name()));
  if (whole.scalar != param.type.scalar)
    wrong("argument-type", fmt::format("`{}` is {}, but `{}` of `{}` is {}", print(arg), scalar_name(whole.scalar),
                                       param.name.name(), callee.name, scalar_name(param.type.scalar)))
        .help(fmt::format("convert it into a buffer of {}, and pass that", scalar_name(param.type.scalar)));
  if (rank != param.type.shape.size())
    wrong("argument-rank", fmt::format("`{}` has rank {}, but `{}` of `{}` has rank {}", print(arg), rank,
                                       param.name.name(), callee.name, param.type.shape.size()));
  else if (rank > 0 && !param.type.window && (whole.window || !window.slices.empty()))
    wrong("argument-strided",
          fmt::format("`{}` may be strided, but `{}` of `{}` is dense", print(arg), param.name.name(), callee.name))
        .help(fmt::format("declare it as a window: `{} : {}`", param.name.name(),
                          print(Type{param.type.scalar, param.type.shape, true})));
}

}  // namespace

void check(const Proc& proc, Problems& problems) { ProcChecker(proc, problems).run(proc); }

}  // namespace exo
