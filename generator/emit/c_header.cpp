// NAME.h: what users of a kernel include.
#include <algorithm>

#include <fmt/format.h>

#include "emit/c_expr.h"
#include "emit/c_files.h"
#include "ir/print.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo {
namespace {

/// "A: f32[N, K], read" for each parameter that has a shape, and the assertions.
std::string contract(const Entry& entry) {
  std::string out;
  for (const CParam& param : entry.params) {
    if (!param.is_pointer()) continue;
    out +=
        fmt::format(" *   {}: {}{}, {}\n", param.name.name(), print(param.type),
                    param.form == CParam::Dense ? " in row-major order" : "", param.written ? "written" : "only read");
  }
  for (const ExprRef& assertion : entry.kernel.algorithm->asserts)
    out += fmt::format(" *   {} must hold\n", print(assertion));
  return out;
}

/// `exo_window_f32_2_of(data, stride0, stride1)`, in C and C++.
std::string window_maker(Scalar type, size_t rank, bool written) {
  const std::string full = window_type(type, rank, written), tag = full.substr(full.find(' ') + 1);
  std::string params = fmt::format("{}{} *data", written ? "" : "const ", c_type(type)), body;
  for (size_t d = 0; d < rank; ++d) {
    params += fmt::format(", int64_t stride{}", d);
    body += fmt::format("    window.strides[{0}] = stride{0};\n", d);
  }
  return fmt::format(
      "#ifndef {0}_OF\n#define {0}_OF\nstatic inline {1} {0}_of({2})\n{{\n    {1} window;\n    window.data = "
      "data;\n{3}    return window;\n}}\n#endif\n",
      tag, full, params, body);
}

/// "gemm(N, M, K, A, B, C)"
std::string print_signature(const Entry& entry) {
  std::vector<std::string> names;
  for (const CParam& param : entry.params) names.push_back(param.name.name());
  return fmt::format("{}({})", entry.kernel.name, join(names, ", "));
}

std::string windows(const Entry& entry) {
  std::vector<std::string> definitions;
  for (const CParam& param : entry.params) {
    if (param.form != CParam::Window) continue;
    const Scalar type = param.type.scalar;
    const size_t rank = param.type.shape.size();
    const std::string definition =
        window_definition(type, rank, param.written) + window_maker(type, rank, param.written);
    if (std::find(definitions.begin(), definitions.end(), definition) == definitions.end())
      definitions.push_back(definition);
  }
  return definitions.empty() ? "" : join(definitions, "\n") + "\n";
}

bool has_halves(const Entry& entry) {
  return std::any_of(entry.params.begin(), entry.params.end(), [](const CParam& p) { return is_half(p.type.scalar); });
}

}  // namespace

std::string c_header(const Entry& entry) {
  const std::string& name = entry.kernel.name;
  std::string guard = "EXO_KERNEL_" + name + "_H";
  CNames names({name});
  std::string out = first_line(entry, name + ".", signature_text(entry));
  out += fmt::format(
      "#ifndef {0}\n#define {0}\n\n{1}#include \"exo/runtime.h\"\n\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n",
      guard, has_halves(entry) ? "#include \"exo/float16.h\"\n" : "");
  out += windows(entry);
  // Its `brief` is in the manifest: who words it better compiles nothing again.
  std::string body = print_signature(entry) + "\n" + contract(entry);
  out += "/* " + c_comment(body);
  out +=
      " * No array that is written may overlap another one. Returns EXO_OK, or EXO_BAD_SIZE, EXO_OVERFLOW, "
      "EXO_NULL_POINTER,\n"
      " * EXO_PRECONDITION, EXO_ALIAS, EXO_OUT_OF_MEMORY, EXO_NO_VARIANT: then nothing was written, and "
      "exo_last_error()\n"
      " * says why. */\n";
  out += fmt::format("exo_status {}({});\n\n", name, c_parameter_list(entry.params, names));
  out += "#ifdef __cplusplus\n}\n#endif\n#endif\n";
  return out;
}

}  // namespace exo
