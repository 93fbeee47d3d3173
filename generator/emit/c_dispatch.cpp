// NAME.dispatch.c: checks what the proofs stand on, then calls the variant for this CPU and these sizes.
#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "emit/c_expr.h"
#include "emit/c_files.h"
#include "emit/c_writer.h"
#include "emit/scratch.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo {
namespace {

bool depends_on_sizes(const Entry& entry) {
  return std::any_of(entry.kernel.variants.begin(), entry.kernel.variants.end(),
                     [](const EmitVariant& v) { return v.when != nullptr; });
}

/// Lines that are there only where the variant is compiled.
void guard(const Entry& entry, size_t variant, CWriter& out, const std::function<void()>& lines) {
  const bool guarded = entry.kernel.choice == EmitKernel::WhenRun && entry.may_be_left_out(variant);
  if (guarded) out.margin("#ifndef EXO_WITHOUT_" + entry.idents[variant]);
  lines();
  if (guarded) out.margin("#endif");
}

/// Where a variant stands among those that are compiled.
std::string place(const Entry& entry, size_t variant) { return "exo_at_" + entry.idents[variant]; }

/// The public function.
class Dispatch {
 public:
  explicit Dispatch(const Entry& entry) : entry_(entry), scope_(functions_of(entry)), expr_(scope_, helpers_) {
    scope_.types = declarations(*entry.kernel.algorithm);
    list_ = c_parameter_list(entry.params, scope_.names);
  }

  std::string write() {
    const std::string& kernel = entry_.kernel.name;
    out_.line(fmt::format("exo_status {}({})", kernel, list_));
    out_.open("{");
    for (const CParam& param : entry_.params)
      if (param.form == CParam::Control) check_control(param);
    for (const CParam& param : entry_.params)
      if (param.is_pointer()) check_buffer(param);
    for (const ExprRef& assertion : entry_.kernel.algorithm->asserts) check_assertion(assertion);
    check_overlaps();
    call();
    out_.close("}");
    std::string text;
    for (const std::string& helper : helpers_.definitions()) text += helper + "\n";
    return text + out_.text();
  }

  const std::string& parameter_list() const { return list_; }

 private:
  /// `if (cond) return exo_fail(..)`; the message is a format with the given arguments.
  void fail_if(const std::string& condition, const char* status, const std::string& format,
               const std::string& arguments = "") {
    out_.line(fmt::format("if ({})", condition));
    out_.line(fmt::format("    return exo_fail({}, {}{});", status, format, arguments.empty() ? "" : ", " + arguments));
  }

  std::string says(const std::string& text) const { return c_format(entry_.kernel.name + ": " + text); }
  std::string says_number(const std::string& before) const {
    return c_string(entry_.kernel.name + ": " + before + " (%lld)");
  }

  void check_control(const CParam& param) {
    if (param.type.scalar == Scalar::Bool) return;
    const std::string name = expr_.name(param.name), own = param.name.name();
    const bool is_size = param.type.scalar == Scalar::Size;
    const std::string number = fmt::format("(long long){}", name);
    if (is_size) fail_if(name + " < 0", "EXO_BAD_SIZE", says_number(own + " is negative"), number);
    if (!is_size) fail_if(name + " < -EXO_MAX_SIZE", "EXO_BAD_SIZE", says_number(own + " is too small"), number);
    fail_if(name + " > EXO_MAX_SIZE", "EXO_BAD_SIZE", says_number(own + " is too large"), number);
    if (is_size) scope_.ranges.nonnegative.insert(param.name);
  }

  struct Buffer {
    std::string data, bytes, extents, strides;  // C variables; `strides` of a window
  };

  /// "N*K*4" as a reader writes it.
  std::string product_words(const CParam& param) {
    std::vector<std::string> factors;
    for (const ExprRef& extent : param.type.shape)
      factors.push_back(literal(extent) || as<Var>(extent) ? print(extent) : "(" + print(extent) + ")");
    factors.push_back(fmt::format("{}", size_in_bytes(param.type.scalar)));
    return join(factors, "*");
  }

  void check_buffer(const CParam& param) {
    const std::string name = expr_.name(param.name), own = param.name.name();
    Buffer& buffer = buffers_[param.name];
    CStorage storage = storage_of(param, scope_);
    buffer.data = param.form == CParam::Window ? name + ".data" : name;
    if (param.form == CParam::Scalar) {
      buffer.bytes = fmt::format("(int64_t)sizeof({})", c_type(param.type.scalar));
      fail_if(fmt::format("!{}", buffer.data), "EXO_NULL_POINTER", says(own + " is a null pointer"));
      scope_.buffers[param.name] = std::move(storage);
      return;
    }
    std::vector<std::string> extents;
    for (const ExprRef& extent : param.type.shape) {
      check_products(extent, entry_.kernel.name, scope_.ranges.nonnegative, expr_, out_);
      const CTerm value = expr_.control(extent);
      if (!is_nonnegative(extent, scope_.ranges.nonnegative))
        fail_if(fmt::format("{} < 0", value.in(Prec::Add)), "EXO_BAD_SIZE",
                c_string(fmt::format("{}: an extent of {} is negative: %s is %lld", entry_.kernel.name, own)),
                fmt::format("{}, (long long)({})", c_string(print(extent)), value.text));
      extents.push_back(value.text);
    }
    const size_t rank = extents.size();
    buffer.extents = scope_.names.fresh(own + "_extents");
    buffer.bytes = scope_.names.fresh(own + "_bytes");
    out_.line(fmt::format("const int64_t {}[] = {{{}}};", buffer.extents, join(extents, ", ")));
    out_.line(fmt::format("int64_t {};", buffer.bytes));
    fail_if(fmt::format("!exo_dense_bytes(sizeof({}), {}, {}, &{})", c_type(param.type.scalar), rank, buffer.extents,
                        buffer.bytes),
            "EXO_OVERFLOW", says(product_words(param) + " bytes do not fit"));
    fail_if(fmt::format("{} > 0 && !{}", buffer.bytes, buffer.data), "EXO_NULL_POINTER",
            says(own + " is a null pointer"));
    if (param.form == CParam::Window) check_strides(param, buffer, rank);
    scope_.buffers[param.name] = std::move(storage);
  }

  void check_strides(const CParam& param, Buffer& buffer, size_t rank) {
    const std::string name = expr_.name(param.name), own = param.name.name();
    buffer.strides = name + ".strides";
    for (size_t d = 0; d < rank; ++d) {
      const std::string stride = fmt::format("{}[{}]", buffer.strides, d);
      fail_if(fmt::format("{0} < -EXO_MAX_SIZE || {0} > EXO_MAX_SIZE", stride), "EXO_BAD_SIZE",
              says_number(fmt::format("stride {} of {} is too large", d, own)), "(long long)" + stride);
      out_.block("", [&] {
        out_.line("int64_t exo_reach;");
        fail_if(fmt::format("!exo_dense_bytes(16, 2, (const int64_t[]){{{0}[{1}], exo_max({2}, -{2})}}, &exo_reach)",
                            buffer.extents, d, stride),
                "EXO_OVERFLOW", says(fmt::format("dimension {} of {} does not fit", d, own)));
      });
    }
    if (!param.written) return;
    fail_if(fmt::format("{} > 0 && !{}({}, {}, {})", buffer.bytes, distinct_function(), rank, buffer.extents,
                        buffer.strides),
            "EXO_ALIAS", says(fmt::format("elements of {} overlap each other", own)));
  }

  /// Sound, and exact for windows whose dimensions nest: every stride steps over all that the smaller ones reach.
  std::string distinct_function() {
    return helpers_.use(
        "exo_distinct",
        "/* Are all elements of a window apart? Each stride must step over what the smaller ones reach. */\n"
        "static bool exo_distinct(int rank, const int64_t *extents, const int64_t *strides)\n{\n"
        "    int64_t reach = 0, below = -1;\n"
        "    for (int round = 0; round < rank; ++round) {\n"
        "        int next = -1;\n"
        "        int64_t smallest = INT64_MAX;\n"
        "        int same = 0;\n"
        "        for (int d = 0; d < rank; ++d) {\n"
        "            const int64_t step = strides[d] < 0 ? -strides[d] : strides[d];\n"
        "            if (extents[d] < 2 || step <= below)\n                continue;\n"
        "            same = step == smallest ? same + 1 : step < smallest ? 1 : same;\n"
        "            if (step < smallest)\n                smallest = step, next = d;\n"
        "        }\n"
        "        if (next < 0)\n            return true;\n"
        "        if (same > 1 || smallest <= reach)\n            return false;\n"
        "        reach += (extents[next] - 1) * smallest;\n"
        "        below = smallest;\n"
        "    }\n    return true;\n}\n");
  }

  void check_assertion(const ExprRef& assertion) { check_all(assertion, print(assertion), "", ""); }

  /// The assertion for all values of its variables; `where` and `values` are those of the loops that stand already.
  void check_all(const ExprRef& e, const std::string& whole, const std::string& where, const std::string& values) {
    const auto products = [&](const ExprRef& x) {
      check_products(x, entry_.kernel.name, scope_.ranges.nonnegative, expr_, out_);
    };
    const Forall* n = as<Forall>(e);
    if (!n) {
      products(e);
      return fail_if("!" + expr_.condition(e).in(Prec::Primary), "EXO_PRECONDITION",
                     c_string(entry_.kernel.name + ": the assertion `%s` does not hold" + where),
                     c_string(whole) + values);
    }
    products(n->lo), products(n->hi);
    const std::string lo = expr_.control(n->lo).text, hi = expr_.control(n->hi).in(Prec::Add);
    scope_.names.push();
    const std::string i = scope_.names.declare(n->iter);
    if (is_nonnegative(n->lo, scope_.ranges.nonnegative)) scope_.ranges.nonnegative.insert(n->iter);
    out_.block(fmt::format("for (int64_t {0} = {1}; {0} < {2}; ++{0})", i, lo, hi), [&] {
      check_all(n->body, whole, fmt::format("{} {} = %lld", where.empty() ? " for" : where + ",", n->iter.name()),
                fmt::format("{}, (long long){}", values, i));
    });
    scope_.names.pop();
  }

  void check_overlaps() {
    const std::vector<CParam>& params = entry_.params;
    for (size_t i = 0; i < params.size(); ++i)
      for (size_t j = i + 1; j < params.size(); ++j)
        if (params[i].is_pointer() && params[j].is_pointer() && (params[i].written || params[j].written))
          check_overlap(params[i], params[j]);
  }

  void check_overlap(const CParam& a, const CParam& b) {
    const bool strided = a.form == CParam::Window || b.form == CParam::Window;
    const std::string condition =
        strided ? fmt::format("exo_windows_overlap({}, {})", strided_arguments(a), strided_arguments(b))
                : fmt::format("exo_overlap({}, {}, {}, {})", buffers_[a.name].data, buffers_[a.name].bytes,
                              buffers_[b.name].data, buffers_[b.name].bytes);
    fail_if(condition, "EXO_ALIAS", says(fmt::format("{} and {} overlap", a.name.name(), b.name.name())));
  }

  /// "A.data, sizeof(float), 2, A_extents, A.strides"
  std::string strided_arguments(const CParam& param) {
    const Buffer& buffer = buffers_[param.name];
    const std::string head =
        fmt::format("{}, sizeof({}), {}", buffer.data, c_type(param.type.scalar), param.type.shape.size());
    if (param.form == CParam::Scalar) return head + ", NULL, NULL";
    if (param.form == CParam::Window) return fmt::format("{}, {}, {}", head, buffer.extents, buffer.strides);
    std::vector<std::string> strides;
    const Exprs& shape = param.type.shape;
    for (size_t d = 0; d < shape.size(); ++d) {
      std::vector<std::string> inner;  // an empty array may have huge extents: without sign they wrap
      for (size_t k = d + 1; k < shape.size(); ++k) inner.push_back(fmt::format("(uint64_t){}[{}]", buffer.extents, k));
      strides.push_back(inner.empty() ? "1" : fmt::format("(int64_t)({})", join(inner, " * ")));
    }
    return fmt::format("{}, {}, (const int64_t[]){{{}}}", head, buffer.extents, join(strides, ", "));
  }

  void call() {
    std::vector<std::string> args;
    for (const CParam& param : entry_.params) args.push_back(scope_.names[param.name]);
    const std::string arguments = join(args, ", ");
    if (entry_.kernel.choice == EmitKernel::WhenBuilt) {
      for (size_t i = 0; i < entry_.kernel.variants.size(); ++i)
        if (call_if(i, "", arguments)) return;
      out_.line(fmt::format("return exo_fail(EXO_NO_VARIANT, {});", says("no variant may run for these sizes")));
      return;
    }
    if (!depends_on_sizes(entry_)) {
      const std::string run = scope_.names.fresh("run");
      out_.line(fmt::format("const exo_function {} = exo_pick(&exo_this_kernel);", run));
      out_.line(fmt::format("if (!{})", run));
      out_.line("    return EXO_NO_VARIANT;");
      out_.line(fmt::format("return ((exo_variant_function *){})({});", run, arguments));
      return;
    }
    const std::string usable = scope_.names.fresh("usable");
    out_.line(fmt::format("const uint64_t {} = exo_usable(&exo_this_kernel);", usable));
    out_.line(fmt::format("if (!{})", usable));
    out_.line("    return EXO_NO_VARIANT;");
    for (size_t i = 0; i < entry_.kernel.variants.size(); ++i) call_if(i, usable, arguments);
    out_.line(fmt::format("return exo_fail(EXO_NO_VARIANT, {});", says("no variant may run for these sizes")));
  }

  /// Calls a variant where it may run and its condition holds. True where it always is: nothing can follow.
  bool call_if(size_t i, const std::string& usable, const std::string& arguments) {
    const EmitVariant& variant = entry_.kernel.variants[i];
    std::vector<std::string> conditions;
    guard(entry_, i, out_, [&] {
      if (!usable.empty()) conditions.push_back(fmt::format("{} & (UINT64_C(1) << {})", usable, place(entry_, i)));
      if (variant.when) {
        const ExprRef when = in_terms_of_entry(variant);
        check_products(when, entry_.kernel.name, scope_.ranges.nonnegative, expr_, out_);
        if (!conditions.empty()) conditions.back() = "(" + conditions.back() + ")";
        conditions.push_back(expr_.control(when).in(conditions.empty() ? Prec::Any : Prec::Compare));
      }
      const std::string call = fmt::format("return {}({});", entry_.variant_function(i), arguments);
      if (!conditions.empty()) out_.line(fmt::format("if ({})", join(conditions, " && ")));
      out_.line((conditions.empty() ? "" : "    ") + call);
    });
    return conditions.empty() && entry_.kernel.choice == EmitKernel::WhenBuilt;
  }

  /// The condition over the parameters of the algorithm, whatever procedure it was written for.
  ExprRef in_terms_of_entry(const EmitVariant& variant) const {
    Renaming by;
    for (size_t i = 0; i < entry_.params.size(); ++i) by[variant.proc->params[i].name] = entry_.params[i].name;
    return rename(variant.when, by);
  }

  static std::set<std::string> functions_of(const Entry& entry) {
    std::set<std::string> out = {entry.kernel.name};
    for (size_t i = 0; i < entry.idents.size(); ++i) out.insert(entry.variant_function(i));
    return out;
  }

  const Entry& entry_;
  CScope scope_;
  CHelpers helpers_;
  CExpr expr_;
  CWriter out_;
  std::string list_;
  std::map<Sym, Buffer> buffers_;
};

/// Adds what the instructions that a block calls need beyond their target.
void add_features(const Block& block, const Target& target, std::vector<std::string>& out) {
  each_stmt(block, [&](const StmtRef& s) {
    const Call* call = as<Call>(s);
    if (!call) return;
    const Instruction* instruction = target.instruction_of(*call->callee);
    if (!instruction) return add_features(call->callee->body, target, out);
    for (const std::string& feature : instruction->features)
      if (std::find(out.begin(), out.end(), feature) == out.end()) out.push_back(feature);
  });
}

/// What the CPU must have to run a variant.
std::string features_text(const EmitVariant& variant) {
  std::vector<std::string> features = variant.target->features;
  add_features(variant.proc->body, *variant.target, features);
  return join(features, " ");
}

}  // namespace

std::string c_dispatch(const Entry& entry) {
  const std::string& name = entry.kernel.name;
  const bool when_run = entry.kernel.choice == EmitKernel::WhenRun;
  const size_t count = entry.idents.size();
  Dispatch dispatch(entry);
  const std::string function = dispatch.write();
  std::string from = signature_text(entry);
  CWriter out;
  out.line(fmt::format("typedef exo_status exo_variant_function({});", dispatch.parameter_list()));
  for (size_t i = 0; i < count; ++i)
    guard(entry, i, out, [&] {
      out.line(fmt::format("exo_variant_function {};", entry.variant_function(i)));
      if (when_run) out.line(fmt::format("extern const uint64_t {}__compiled;", entry.variant_function(i)));
    });
  if (when_run) {
    out.line("");
    out.line("static const exo_variant exo_these_variants[] = {");
  }
  for (size_t i = 0; i < count; ++i) {
    const EmitVariant& variant = entry.kernel.variants[i];
    const std::string row = fmt::format("    {{{}, {}, {}, &{}__compiled, (exo_function){}}},", c_string(variant.name),
                                        c_string(variant.target->name), c_string(features_text(variant)),
                                        entry.variant_function(i), entry.variant_function(i));
    from += row + (variant.when ? print(variant.when) : "") + "\n";
    if (when_run) guard(entry, i, out, [&] { out.line(row); });
  }
  if (when_run) {
    out.line("};");
    out.line(fmt::format("EXO_KERNEL(exo_this_kernel, {}, exo_these_variants);", c_string(name)));
    out.line("EXO_REGISTER_KERNEL(exo_this_kernel);");
    if (depends_on_sizes(entry)) {
      out.line("");
      out.line("enum {");
      for (size_t i = 0; i < count; ++i) guard(entry, i, out, [&] { out.line("    " + place(entry, i) + ","); });
      out.line("};");
    }
  }
  out.line("");
  return first_line(entry, name + ", the choice of a variant.", from) +
         fmt::format("#include \"{}.h\"\n\n#include \"exo/kernel.h\"\n\n", name) + out.text() + function;
}

}  // namespace exo
