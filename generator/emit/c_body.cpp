// One match over the statements. Each C function is written by one FunctionWriter.
#include "emit/c_body.h"

#include <algorithm>

#include <fmt/format.h>

#include "emit/allocation.h"
#include "emit/c_expr.h"
#include "emit/c_writer.h"
#include "emit/configuration.h"
#include "emit/emulated_machine.h"
#include "emit/fence.h"
#include "emit/instruction.h"
#include "emit/scratch.h"
#include "ir/build.h"
#include "ir/walk.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo {
namespace {

class FunctionWriter {
 public:
  FunctionWriter(CFile& file, const Proc& proc, Configurations::Of of)
      : file_(file),
        proc_(proc),
        scope_(file.taken),
        expr_(scope_, file.helpers),
        effects_(effects_of(proc.body)),
        configuration_(file.target, proc, of),
        machine_(file, proc, file.emulated && of == Configurations::Of::Kernel),
        fences_(fences(proc, file.target)),
        uses_hardware_(calls_instructions(proc.body, file.target)) {
    scope_.types = declarations(proc);
    for (const Param& param : proc.params)
      if (param.type.scalar == Scalar::Size) scope_.ranges.nonnegative.insert(param.name);
    if (!file.length) return;
    scope_.types.set(file.length, {{Scalar::Size, {}, false}, "", true, {}, false});
    scope_.ranges.nonnegative.insert(file.length);
  }

  std::string kernel(const std::string& name, const std::set<Sym>& writes) {
    const std::vector<CParam> params = c_params(proc_, writes);
    const std::string head = fmt::format("exo_status {}({})", name, c_parameter_list(params, scope_.names));
    out_.line(head + ";");
    out_.line(head);
    out_.open("{");
    begin(params);
    if (file_.length) require_length();
    configuration_.declare(scope_, out_);
    auto pieces = scratch_pieces(proc_.body, scope_.ranges, effects_.mentions);
    machine_.add_pieces(pieces);
    machine_.declare(scope_, out_);
    scratch_.acquire(pieces, file_.kernel, scope_, expr_, file_.helpers, out_);
    if (uses_hardware_) text(file_.target.enter);
    block(proc_.body);
    if (fences_.at_end) text(file_.target.fence);
    if (uses_hardware_) text(file_.target.leave);
    scratch_.release(out_);
    out_.line("return EXO_OK;");
    return end(params);
  }

  std::string callee(const std::string& name) {
    for (const Param& param : proc_.params)
      if (!param.memory.empty() && !is_heap(param.memory) && param.memory != "stack")
        reject(Diagnostic{"emit-callee-memory",
                          fmt::format("`{}` takes `{}` in memory `{}`, but is no instruction of `{}`", proc_.name,
                                      param.name.name(), param.memory, file_.target.name),
                          {},
                          {},
                          {}}
                   .at(param.span)
                   .help("inline the call"));
    const auto pieces = scratch_pieces(proc_.body, scope_.ranges, effects_.mentions);
    if (!pieces.empty())
      reject(Diagnostic{"emit-callee-scratch",
                        fmt::format("`{}` needs scratch memory for `{}`, which only the kernel itself can take",
                                    proc_.name, pieces[0].buffer.name()),
                        {},
                        {},
                        {}}
                 .at(proc_.span)
                 .help("inline the call, or put the buffer on the `stack`"));
    const std::vector<CParam> params = c_params(proc_, effects_.writes);
    std::string list = c_parameter_list(params, scope_.names);
    for (const std::string& field : configuration_.parameters(scope_))
      list = params.empty() && list == "void" ? field : list + ", " + field;
    out_.line(fmt::format("static void {}({})", name, list));
    out_.open("{");
    begin(params);
    configuration_.declare(scope_, out_);
    block(proc_.body);
    if (fences_.at_end) text(file_.target.fence);
    return end(params);
  }

 private:
  /// C of the target, which may be several lines.
  void text(const std::string& c) {
    if (!trim(c).empty())
      for (const std::string& line : split_text(trim(c), '\n')) out_.line(line);
  }

  void begin(const std::vector<CParam>& params) {
    unused_ = out_.mark();
    if (file_.length) scope_.names.declare(file_.length), length_ = out_.mark();
    for (const CParam& param : params) {
      if (param.form == CParam::Control) continue;
      if (param.form == CParam::Window) file_.need_window(param.type.scalar, param.type.shape.size(), param.written);
      CStorage storage = storage_of(param, scope_);
      if (param.form == CParam::Dense) hoist_strides(param.name, storage);
      scope_.buffers[param.name] = std::move(storage);
    }
  }

  std::string end(const std::vector<CParam>& params) {
    close_scope(0);
    if (file_.length && scope_.used.count(file_.length))
      out_.fill(length_, fmt::format("const int64_t {} = {};", scope_.names[file_.length], file_.target.vectors.c));
    for (const CParam& param : params)
      if (!scope_.used.count(param.name)) out_.fill(unused_, fmt::format("(void){};", scope_.names[param.name]));
    out_.close("}");
    return out_.text();
  }

  /// What was proved, was proved for these lengths.
  void require_length() {
    const std::string length = expr_.name(file_.length);
    std::vector<std::string> others;
    for (const int64_t units : file_.target.vectors.units) others.push_back(fmt::format("{} != {}", length, units));
    out_.line(fmt::format("if ({})", join(others, " && ")));
    out_.line(fmt::format("    return exo_fail(EXO_NO_VARIANT, {}, (long long){});",
                          c_string(fmt::format("{}: not made for vectors of %lld units", file_.kernel)), length));
  }

  /// Gives a name to every stride that is neither a constant nor a variable. Its definition is written if it is used.
  void hoist_strides(Sym buffer, CStorage& storage) {
    for (size_t d = storage.strides.size(); d-- > 0;) {
      ExprRef& stride = storage.strides[d];
      if (literal(stride) || as<Var>(stride)) continue;
      const Sym sym = Sym::fresh(fmt::format("{}_s{}", buffer.name(), d));
      scope_.names.declare(sym);
      const ExprRef value = d + 1 < storage.strides.size() && !literal(storage.strides[d + 1])
                                ? storage.type.shape[d + 1] * storage.strides[d + 1]
                                : stride;
      if (is_nonnegative(value, scope_.ranges.nonnegative)) scope_.ranges.nonnegative.insert(sym);
      hoisted_.push_back({sym, value, out_.mark()});
      stride = var(sym);
    }
  }

  /// Defines the hoisted strides from the `first` on which were used, and forgets them.
  void close_scope(size_t first) {
    while (hoisted_.size() > first) {
      const Hoisted h = hoisted_.back();
      hoisted_.pop_back();
      if (scope_.used.count(h.sym))
        out_.fill(h.mark, fmt::format("const int64_t {} = {};", scope_.names[h.sym], unsigned_product(h.value)));
    }
  }

  /// The extents of an empty tensor may be huge, so that a product of two may not fit: it is formed without sign.
  std::string unsigned_product(const ExprRef& e) {
    const Binary* b = as<Binary>(e);
    if (!b || b->op != BinaryOp::Mul || literal(b->a) || literal(b->b)) return expr_.control(e).text;
    return fmt::format("(int64_t)((uint64_t){} * (uint64_t){})", expr_.control(b->a).in(Prec::Unary),
                       expr_.control(b->b).in(Prec::Unary));
  }

  void block(const Block& body) {
    scope_.names.push();
    const size_t first = hoisted_.size(), placed = placed_.size();
    std::vector<std::string> at_end;
    for (size_t i = 0; i < body.size(); ++i) {
      if (fences_.before.count(body[i].get())) text(file_.target.fence);
      if (const Configure* n = as<Configure>(body[i])) {
        const Configure* next = i + 1 < body.size() ? as<Configure>(body[i + 1]) : nullptr;
        const bool last = !next || !configuration_.same_group(n->field, next->field);
        located(body[i], [&] { configuration_.write(*n, last, expr_, out_); });
        machine_.was_set(n->field, out_);
      } else {
        statement(body[i], at_end);
      }
      if (fences_.behind.count(body[i].get())) text(file_.target.fence);
    }
    placed_.resize(placed);
    for (auto it = at_end.rbegin(); it != at_end.rend(); ++it) out_.line(*it);
    close_scope(first);
    scope_.names.pop();
  }

  void statement(const StmtRef& s, std::vector<std::string>& at_end) {
    std::visit(
        match{
            [&](const Assign& n) { located(s, [&] { out_.line(expr_.store(n.buffer, n.index, n.rhs)); }); },
            [&](const Reduce& n) { located(s, [&] { out_.line(expr_.reduce(n.op, n.buffer, n.index, n.rhs)); }); },
            [&](const For& n) { located(s, [&] { loop(n, s->label); }); },
            [&](const If& n) { branch(n); },
            [&](const Alloc& n) {
              if (effects_.mentions.count(n.buffer)) located(s, [&] { allocate(n, at_end); });
            },
            [&](const Alias& n) { located(s, [&] { alias(n); }); },
            [&](const Call& n) { located(s, [&] { call(n); }); },
            [](const Configure&) { BUG("a field is set outside of a block"); },
        },
        s->node);
  }

  /// Adds the place of the statement to what is rejected inside it.
  template <class Action>
  void located(const StmtRef& s, const Action& action) {
    try {
      action();
    } catch (Rejected& rejected) {
      for (Diagnostic& problem : rejected.problems)
        if (problem.places.empty() && s->span.source) problem.at(s->span);
      throw;
    }
  }

  void loop(const For& n, const Label& label) {
    const std::string lo = expr_.control(n.lo).text, hi = expr_.control(n.hi).in(Prec::Add);
    if (!label.nest.empty() && label.nest != nest_) out_.line("/* " + c_comment(label.nest) + " */");
    const std::string nest_before = std::exchange(nest_, label.nest.empty() ? nest_ : label.nest);
    const bool parallel =
        n.order == Order::Parallel && !in_parallel_;  // a nested team would share its slices of scratch
    if (parallel) {
      out_.margin("#ifdef _OPENMP");
      out_.margin("#pragma omp parallel for");
      out_.margin("#endif");
    }
    scope_.names.push();
    const std::string i = scope_.names.declare(n.iter);
    scope_.used.insert(n.iter);
    if (is_nonnegative(n.lo, scope_.ranges.nonnegative)) scope_.ranges.nonnegative.insert(n.iter);
    const bool parallel_before = std::exchange(in_parallel_, in_parallel_ || parallel);
    const bool begins = parallel && calls_instructions(n.body, file_.target);  // each processor has its own hardware
    if (begins) check_own_hardware(n);
    out_.block(fmt::format("for (int64_t {0} = {1}; {0} < {2}; ++{0})", i, lo, hi), [&] {
      if (begins) text(file_.target.enter);
      block(n.body);
      if (begins) text(file_.target.leave);
    });
    if (begins) text(file_.target.enter);
    in_parallel_ = parallel_before;
    scope_.names.pop();
    nest_ = nest_before;
  }

  /// Iterations on other processors find nothing of what this one keeps in its memories and registers of configuration.
  void check_own_hardware(const For& n) const {
    const auto refuse = [&](const std::string& what, const char* help) {
      reject(Diagnostic{
          "emit-parallel",
          fmt::format("iterations of `{}` run on several processors, {}", n.iter.name(), what),
          {},
          {},
          {}}.help(help));
    };
    if (!placed_.empty())
      refuse(
          fmt::format("and `{}`, which is allocated outside, is in a memory that each has for itself", placed_.back()),
          "allocate it in the loop, or run the loop in sequence");
    each_stmt(n.body, [&](const StmtRef& s) {
      const Call* call = as<Call>(s);
      if (!call) return;
      const auto look = [&](const ExprRef& e) {
        for (const Sym field : symbols(e))
          if (const Config* group = field.is_field() ? file_.target.config_of(field) : nullptr;
              group && !group->c.pieces.empty())
            refuse(fmt::format("and `{}` depends on `{}`, which each has for itself", call->callee->name, field.name()),
                   "run the loop in sequence");
      };
      for (const ExprRef& e : call->callee->asserts) look(e);
      each_expr(call->callee->body, look);
    });
  }

  void branch(const If& n) {
    out_.open(fmt::format("if ({}) {{", expr_.condition(n.cond).text));
    block(n.body);
    const Block* rest = &n.orelse;
    while (rest->size() == 1) {
      const If* inner = as<If>(rest->front());
      if (!inner) break;
      out_.reopen(fmt::format("}} else if ({}) {{", expr_.condition(inner->cond).text));
      block(inner->body);
      rest = &inner->orelse;
    }
    if (!rest->empty()) {
      out_.reopen("} else {");
      block(*rest);
    }
    out_.close("}");
  }

  void allocate(const Alloc& n, std::vector<std::string>& at_end) {
    CStorage storage = local_storage(n, file_.target, file_.length);
    const bool is_variable = !storage.memory || !storage.memory->alloc.pieces.empty();
    const std::string name = is_variable ? scope_.names.declare(n.buffer) : "";
    if (storage.memory && storage.memory->separate) return allocate_units(n, std::move(storage), name, at_end);
    if (storage.kind == CStorage::Pointer) hoist_strides(n.buffer, storage);
    if (storage.memory && storage.memory->addressed) {
      const Place& place = file_.places.at(n.buffer);
      storage.first = place.first;
      placed_.push_back(n.buffer.name());
      if (file_.emulated)
        out_.line(fmt::format("{} *const {} = {};", c_type(n.type.scalar), scope_.names.declare(n.buffer),
                              machine_.address(n, place, scratch_)));
      out_.line(fmt::format("/* {}: units {} to {} of {} */", c_comment(n.buffer.name()), place.first,
                            place.first + place.count - 1, storage.memory->name));
      if (!storage.memory->alloc.pieces.empty())
        out_.line(declaration(n, storage, name, expr_, file_.target, file_.length));
    } else if (storage.kind == CStorage::Pointer && is_heap(n.memory)) {
      const std::string type = c_type(n.type.scalar);
      out_.line(fmt::format("{0} *const {1} = ({0} *)(void *)({2});", type, name, scratch_.address(n.buffer)));
    } else {
      out_.line(declaration(n, storage, name, expr_, file_.target, file_.length));
    }
    if (is_variable && !effects_.reads.count(n.buffer)) out_.line(fmt::format("(void){};", name));
    if (storage.memory && !storage.memory->free.pieces.empty()) at_end.push_back(release(n, *storage.memory, name));
    scope_.buffers[n.buffer] = std::move(storage);
  }

  /// Each unit is a variable, `acc_0_1`.
  void allocate_units(const Alloc& n, CStorage storage, const std::string& name, std::vector<std::string>& at_end) {
    Alloc unit = n;
    const auto outer = unit.type.shape.begin() + static_cast<std::ptrdiff_t>(outer_rank(storage));
    unit.type.shape.erase(unit.type.shape.begin(), outer);
    for (const std::string& index : unit_indices(n, storage)) {
      const std::string own = index.empty() ? name : scope_.names.fresh(name + index);
      storage.units[index] = own;
      out_.line(declaration(unit, storage, own, expr_, file_.target, file_.length));
      if (!effects_.reads.count(n.buffer)) out_.line(fmt::format("(void){};", own));
      if (!storage.memory->free.pieces.empty()) at_end.push_back(release(unit, *storage.memory, own));
    }
    scope_.buffers[n.buffer] = std::move(storage);
  }

  /// A pointer to the first element of the part; its strides are those of the buffer, known by expression.
  void alias(const Alias& n) {
    const Window& part = *as<Window>(n.window);
    const CStorage& behind = scope_.storage(part.buffer);
    if (behind.memory)
      reject(Diagnostic{
          "emit-part",
          fmt::format("`{}` names a part of `{}`, which lives in `{}`", n.name.name(), part.buffer.name(),
                      behind.memory->name),
          {},
          {},
          {}}.help(fmt::format("`{{ inline_window = \"{}\" }}` in the schedule", n.name.name())));
    CStorage storage{CStorage::Pointer, scope_.types.at(n.name).type, nullptr, window_strides(part, expr_, scope_)};
    if (effects_.mentions.count(n.name)) {
      const std::string address = expr_.address(part), name = scope_.names.declare(n.name);
      const bool is_written = effects_.writes.count(n.name) > 0;
      out_.line(
          fmt::format("{}{} *const {} = {};", is_written ? "" : "const ", c_type(storage.type.scalar), name, address));
      if (!effects_.reads.count(n.name) && !is_written) out_.line(fmt::format("(void){};", name));
    }
    scope_.buffers[n.name] = std::move(storage);
  }

  void call(const Call& n) {
    if (const Instruction* instruction = file_.target.instruction_of(*n.callee)) {
      const std::string text = expand(*instruction, n, scope_, expr_);
      if (text.find('\n') == std::string::npos)
        out_.line(text);
      else
        out_.block("", [&] {
          for (const std::string& line : split_text(trim(text), '\n')) out_.line(line);
        });
      return configuration_.after_instruction(n, expr_, out_);
    }
    const std::string name = callee_function(file_, n.callee);
    std::vector<std::string> args;
    const std::vector<CParam> params = c_params(*n.callee, effects_of(n.callee->body).writes);
    for (size_t i = 0; i < params.size(); ++i) args.push_back(argument(params[i], n.args[i]));
    for (std::string& field : configuration_.arguments(*n.callee)) args.push_back(std::move(field));
    machine_.check(n, scope_, expr_, out_);
    out_.line(fmt::format("{}({});", name, join(args, ", ")));
    machine_.behind(n, out_);
  }

  std::string argument(const CParam& param, const ExprRef& arg) {
    if (param.form == CParam::Control) return expr_.condition(arg).text;
    const Window* window = as<Window>(arg);
    if (!window) return expr_.data(arg, param.type.scalar).text;
    if (param.form == CParam::Value) {
      Exprs index;
      for (const Slice& slice : window->slices) index.push_back(slice.lo);
      return expr_.element(window->buffer, index).text;
    }
    if (param.form != CParam::Window) return expr_.address(*window);
    file_.need_window(param.type.scalar, param.type.shape.size(), param.written);
    std::vector<std::string> strides;
    for (const ExprRef& stride : window_strides(*window, expr_, scope_)) strides.push_back(expr_.control(stride).text);
    return fmt::format("({}){{{}, {{{}}}}}", window_type(param.type.scalar, param.type.shape.size(), param.written),
                       expr_.address(*window), join(strides, ", "));
  }

  struct Hoisted {
    Sym sym;
    ExprRef value;
    CWriter::Mark mark;
  };

  CFile& file_;
  const Proc& proc_;
  CScope scope_;
  CExpr expr_;
  const Effects effects_;
  Configurations configuration_;
  EmulatedMachine machine_;  // of a kernel
  const Fences fences_;
  const bool uses_hardware_;
  std::vector<std::string> placed_;  // buffers in sight whose memory is numbered units
  CWriter out_;
  Scratch scratch_;
  CWriter::Mark unused_ = 0, length_ = 0;
  std::vector<Hoisted> hoisted_;
  std::string nest_;
  bool in_parallel_ = false;
};

/// Callees are written first, so that no variable hides a function that it stands beside.
void write_callees(CFile& file, const Proc& proc) {
  each_stmt(proc.body, [&](const StmtRef& s) {
    const Call* call = as<Call>(s);
    if (call && !file.target.instruction_of(*call->callee)) callee_function(file, call->callee);
  });
}

}  // namespace

void CFile::need_window(Scalar type, size_t rank, bool written) {
  const std::string definition = window_definition(type, rank, written);
  if (std::find(windows.begin(), windows.end(), definition) == windows.end()) windows.push_back(definition);
}

std::string kernel_function(CFile& file, const Proc& proc, const std::string& name, const std::set<Sym>& writes) {
  write_callees(file, proc);
  return FunctionWriter(file, proc, Configurations::Of::Kernel).kernel(name, writes);
}

std::string callee_function(CFile& file, const ProcRef& proc) {
  const auto known = file.function_names.find(proc.get());
  if (known != file.function_names.end()) return known->second;
  write_callees(file, *proc);
  std::string name = c_identifier(proc->name);
  while (is_reserved_in_c(name) || file.taken.count(name)) name += '_';
  file.taken.insert(name);
  file.function_names[proc.get()] = name;
  std::string text = FunctionWriter(file, *proc, Configurations::Of::Callee).callee(name);
  file.functions.push_back(std::move(text));
  return name;
}

}  // namespace exo
