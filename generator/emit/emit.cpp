// All files of a kernel.
#include "emit/emit.h"

#include <set>

#include <fmt/format.h>

#include "emit/c_files.h"
#include "emit/effects.h"
#include "ir/check.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr size_t kMostVariants = 64;

void check_name(const EmitKernel& kernel) {
  if (is_identifier(kernel.name) && !is_reserved_in_c(kernel.name)) return;
  reject(Diagnostic{
      "emit-name",
      fmt::format("a kernel cannot be called `{}`: the name is taken in C or in the runtime", kernel.name),
      {},
      {},
      {}}.at(kernel.algorithm->span)
             .help(fmt::format("`{}_kernel` would do", kernel.name)));
}

/// The variant's name as a part of C names and file names; `dispatch` is that of another file.
std::vector<std::string> variant_idents(const EmitKernel& kernel) {
  std::vector<std::string> out;
  std::set<std::string> seen = {"dispatch"};
  for (const EmitVariant& variant : kernel.variants) {
    std::string ident;
    for (const char c : variant.name) ident += is_identifier(std::string("v") + c) ? c : '_';
    if (!seen.insert(ident).second)
      reject({"emit-variant-name",
              fmt::format("the variant `{}` of `{}` has no name of its own in C: `{}` is taken", variant.name,
                          kernel.name, ident),
              {},
              {},
              {}});
    out.push_back(ident);
  }
  return out;
}

/// Every type is chosen by now.
void check_precision(const EmitVariant& variant) {
  for (const auto& [sym, declaration] : declarations(*variant.proc)) {
    if (declaration.type.scalar != Scalar::R || declaration.alias) continue;
    Span span = variant.proc->span;
    for (const Param& p : variant.proc->params)
      if (p.name == sym) span = p.span;
    reject(Diagnostic{
        "emit-type", fmt::format("`{}` is `R` still in the variant `{}`", sym.name(), variant.name), {}, {}, {}}
               .at(span)
               .help(fmt::format("choose its type in the schedule: `{{ set_precision = \"{}\", to = \"f32\" }}`",
                                 sym.name())));
  }
}

void check_variants(const EmitKernel& kernel) {
  if (kernel.variants.empty() || kernel.variants.size() > kMostVariants)
    reject(
        {"emit-variants",
         fmt::format("`{}` has {} variants; it may have 1 to {}", kernel.name, kernel.variants.size(), kMostVariants),
         {},
         {},
         {}});
}

}  // namespace

std::map<std::string, std::string> emit_manifest(const EmitKernel& kernel) {
  check_name(kernel);
  check_variants(kernel);
  return {{kernel.name + ".json", manifest({kernel, {}, variant_idents(kernel)})}};
}

std::map<std::string, std::string> emit(const EmitKernel& kernel) {
  check_name(kernel);
  check_variants(kernel);
  for (const EmitVariant& variant : kernel.variants) check_precision(variant);
  const Entry entry{kernel, c_params(*kernel.algorithm, effects_of(kernel.algorithm->body).writes),
                    variant_idents(kernel)};
  std::map<std::string, std::string> files;
  for (size_t i = 0; i < kernel.variants.size(); ++i) try {
      files[entry.variant_file(i)] = c_variant(entry, i);
    } catch (Rejected& rejected) {
      for (Diagnostic& d : rejected.problems)
        d.note(fmt::format("this is for variant `{}` of `{}`", kernel.variants[i].name, kernel.name));
      throw;
    }
  files[kernel.name + ".h"] = c_header(entry);
  files[kernel.name + ".dispatch.c"] = c_dispatch(entry);
  files[kernel.name + ".json"] = manifest(entry);
  if (!kernel.report.empty()) files[kernel.name + ".report.md"] = kernel.report;
  if (kernel.plain) files[kernel.name + ".test.c"] = c_test(entry);
  return files;
}

}  // namespace exo
