// NAME.test.c: what the program that tests a kernel (runtime/testing) needs to know of it: parameters, sizes, the algorithm as plain C.
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "emit/c_body.h"
#include "emit/c_expr.h"
#include "emit/c_files.h"
#include "emit/c_writer.h"
#include "emit/test_sizes.h"
#include "ir/arguments.h"
#include "ir/build.h"
#include "ir/interpret.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/diagnostic.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo {
namespace {

constexpr size_t kMostTests = 90;

/// Does everything stay whole that is so, and is no sum of small whole numbers rounded?
bool keeps_whole(const Proc& proc) {
  static const std::set<std::string> kept = {"relu", "select", "abs", "max", "min", "round", "clamp"};
  bool out = true;
  each_expr(proc.body, [&](const ExprRef& e) {
    if (const Float* f = as<Float>(e)) out = out && std::floor(f->value) == f->value && std::fabs(f->value) < 16;
    if (const Binary* b = as<Binary>(e); b && (b->op == BinaryOp::Div || b->op == BinaryOp::Mod)) out = false;
    if (const Builtin* f = as<Builtin>(e)) out = out && (kept.count(f->name) || converts_to(f->name));
  });
  each_stmt(proc.body, [&](const StmtRef& s) {
    if (const Call* c = as<Call>(s)) out = out && keeps_whole(*c->callee);
  });
  return out;
}

/// Does the order decide what becomes of a value that is no number?
bool orders_nans(const Proc& proc) {
  bool out = false;
  each_stmt(proc.body, [&](const StmtRef& s) {
    if (const Reduce* r = as<Reduce>(s)) out = out || r->op != ReduceOp::Add;
    if (const Call* c = as<Call>(s)) out = out || orders_nans(*c->callee);
  });
  return out;
}

class TestFile {
 public:
  explicit TestFile(const Entry& entry)
      : entry_(entry),
        proc_(*entry.kernel.algorithm),
        file_{*entry.kernel.plain, entry.kernel.name, {}, {}, {}, {}, {}, {}},
        scope_({entry.kernel.name}),
        expr_(scope_, file_.helpers),
        name_(entry.kernel.name) {}

  std::string write() {
    file_.taken = {name_, reference(), "params", "sizes", "shapes", "call", "data", "shape", "exo_test_" + name_};
    std::set<Sym> writes;
    for (const CParam& param : entry_.params)
      if (param.written) writes.insert(param.name);
    const std::string algorithm = kernel_function(file_, proc_, reference(), writes);
    choose_sizes();
    const std::string rest = elements() + params() + sizes() + shapes() + caller("call", name_) +
                             caller("call_reference", reference()) + description();
    std::string out = first_line(entry_, name_ + ", what its tests need.", print(proc_) + rest);
    out += fmt::format("#include \"{}.h\"\n\n#include \"exo/testing.h\"\n\n", name_);
    out += "#if defined(__clang__)\n#pragma STDC FP_CONTRACT OFF\n#endif\n\n";
    for (const std::string& window : file_.windows) out += window + "\n";
    for (const std::string& helper : file_.helpers.definitions()) out += helper + "\n";
    for (const std::string& callee : file_.functions) out += callee + "\n";
    out += "/* The algorithm as it stands. */\nstatic " + algorithm + "\n";
    return out + rest;
  }

 private:
  const Entry& entry_;
  const Proc& proc_;
  CFile file_;
  CScope scope_;
  CExpr expr_;
  std::string name_;
  std::vector<Sizes> tests_;
  std::map<Sym, std::vector<std::string>> begins_, values_;

  std::string reference() const { return name_ + "__reference"; }

  /// Sizes, and elements where assertions ask for some; what has none is left out.
  void choose_sizes() {
    std::vector<ProcRef> programs = {entry_.kernel.algorithm};
    for (const EmitVariant& v : entry_.kernel.variants) programs.push_back(v.proc);
    const std::set<Sym> asserted = tensors_asserted(proc_);
    const std::vector<int64_t> edges = edges_of(programs);
    std::vector<Sizes> all = test_sizes(proc_, edges, kMostTests);
    for (const EmitVariant& v : entry_.kernel.variants)  // sizes for which it is taken, too
      if (v.when)
        for (const Sizes& its : test_sizes(*v.proc, edges, kMostTests / 2)) all.push_back(of_algorithm(its, *v.proc));
    for (const Sizes& sizes : all) {
      if (!asserted.empty()) {
        const auto args = random_arguments(proc_, sizes, tests_.size() + 1);
        if (!args) continue;
        for (const Sym tensor : asserted) {
          begins_[tensor].push_back(fmt::format("{}", values_[tensor].size()));
          for (const Cell& cell : std::get<Tensor>(args->at(tensor)).cells)
            values_[tensor].push_back(fmt::format("{}", cell.integer));
        }
      }
      tests_.push_back(sizes);
    }
  }

  Sizes of_algorithm(const Sizes& sizes, const Proc& variant) const {
    Sizes out;
    for (size_t i = 0; i < proc_.params.size(); ++i)
      if (const auto it = sizes.find(variant.params[i].name); it != sizes.end()) out[proc_.params[i].name] = it->second;
    return out;
  }

  std::string elements() const {
    std::string out;
    for (size_t i = 0; i < proc_.params.size(); ++i) {
      const auto it = begins_.find(proc_.params[i].name);
      if (it == begins_.end()) continue;
      out +=
          fmt::format("static const int64_t begins_{0}[] = {{{1}}};\nstatic const int64_t elements_{0}[] = {{{2}0}};\n",
                      i, join(it->second, ", "), join_ended(values_.at(it->first)));
    }
    return out;
  }

  static std::string join_ended(const std::vector<std::string>& list) {
    std::string out;
    for (const std::string& s : list) out += s + ", ";
    return out;
  }

  std::string params() const {
    std::string out = "static const exo_test_param params[] = {\n";
    for (size_t i = 0; i < entry_.params.size(); ++i) {
      const CParam& p = entry_.params[i];
      const bool control = p.form == CParam::Control, chosen = begins_.count(p.name) > 0;
      std::string type = control ? "i64" : scalar_name(p.type.scalar);
      for (char& c : type) c = static_cast<char>(std::toupper(c));
      out +=
          fmt::format("    {{{}, {}, EXO_TEST_{}, {}, {}, {}, {}, {}}},\n", c_string(p.name.name()), control, type,
                      control ? 0 : p.type.shape.size(), p.written, p.form == CParam::Window,
                      chosen ? fmt::format("begins_{}", i) : "NULL", chosen ? fmt::format("elements_{}", i) : "NULL");
    }
    return out + (entry_.params.empty() ? "    {\"\", false, EXO_TEST_F32, 0, false, false, NULL, NULL},\n" : "") +
           "};\n";
  }

  std::string sizes() const {
    std::string out = "static const int64_t sizes[] = {\n";
    for (const Sizes& test : tests_) {
      out += "   ";
      for (const Param& p : proc_.params) out += fmt::format(" {},", is_data(p.type.scalar) ? 0 : test.at(p.name));
      out += "\n";
    }
    return out + "    0};\n\n";
  }

  /// The function that computes extents from sizes. What C takes no notice of is read all the same.
  std::string shapes() {
    CWriter out;
    out.block("static void shapes(const int64_t *size, int64_t (*shape)[EXO_TEST_MOST_DIMS])\n", [&] {
      for (size_t i = 0; i < entry_.params.size(); ++i) {
        const CParam& p = entry_.params[i];
        if (p.form != CParam::Control) continue;
        const std::string variable = scope_.names.declare(p.name);
        const bool truth = p.type.scalar == Scalar::Bool;
        out.line(
            fmt::format("const {} {} = {}size[{}];", truth ? "bool" : "int64_t", variable, truth ? "0 != " : "", i));
        out.line(fmt::format("(void){};", variable));
      }
      out.line("(void)size, (void)shape;");
      for (size_t i = 0; i < entry_.params.size(); ++i) {
        const CParam& p = entry_.params[i];
        for (size_t d = 0; p.form != CParam::Control && d < p.type.shape.size(); ++d)
          out.line(fmt::format("shape[{}][{}] = {};", i, d, expr_.control(p.type.shape[d]).text));
      }
    });
    return out.text() + "\n";
  }

  std::string caller(const std::string& function, const std::string& callee) const {
    std::vector<std::string> args;
    for (size_t i = 0; i < entry_.params.size(); ++i) {
      const CParam& p = entry_.params[i];
      const std::string type = c_type(p.type.scalar), data = fmt::format("data[{}].data", i);
      if (p.form == CParam::Control) {
        args.push_back(fmt::format("size[{}]{}", i, p.type.scalar == Scalar::Bool ? " != 0" : ""));
      } else if (p.form == CParam::Value) {
        args.push_back(fmt::format("*(const {} *){}", type, data));
      } else if (p.form == CParam::Window) {
        std::string window = window_type(p.type.scalar, p.type.shape.size(), p.written);
        window = fmt::format("{}_of({}", window.substr(window.find(' ') + 1), data);
        for (size_t d = 0; d < p.type.shape.size(); ++d) window += fmt::format(", data[{}].strides[{}]", i, d);
        args.push_back(window + ")");
      } else {
        args.push_back(data);
      }
    }
    return fmt::format(
        "static exo_status {}(const int64_t *size, const exo_test_data *data)\n{{\n    (void)size, (void)data;\n    "
        "return "
        "{}({});\n}}\n\n",
        function, callee, join(args, ", "));
  }

  std::string description() const {
    return fmt::format(
        "extern const exo_test exo_test_{0};\nconst exo_test exo_test_{0} = {{\n    {1}, params, {2}, sizes, {3}, {4}, "
        "{5}, {6}, {7}, "
        "shapes, call, call_reference}};\n",
        name_, c_string(name_), entry_.params.size(), tests_.size(), entry_.kernel.exact, keeps_whole(proc_),
        !entry_.kernel.exact && orders_nans(proc_), !begins_.empty());
  }
};

}  // namespace

std::string c_test(const Entry& entry) { return TestFile(entry).write(); }

}  // namespace exo
