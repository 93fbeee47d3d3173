#include "recipe/precision.h"

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/check.h"
#include "ir/walk.h"
#include "support/diagnostic.h"

namespace exo {
namespace {

bool is_open(const Proc& proc) {
  for (const auto& [sym, declaration] : declarations(proc))
    if (declaration.type.scalar == Scalar::R) return true;
  return false;
}

/// The type that variants chose for each parameter: R where none did.
std::vector<Scalar> chosen(const EmitKernel& kernel) {
  std::vector<Scalar> out;
  for (size_t i = 0; i < kernel.algorithm->params.size(); ++i) {
    const Param& param = kernel.algorithm->params[i];
    out.push_back(param.type.scalar);
    const EmitVariant* by = nullptr;
    for (const EmitVariant& variant : kernel.variants) {
      const Scalar type = variant.proc->params.at(i).type.scalar;
      if (param.type.scalar != Scalar::R || type == Scalar::R) continue;
      if (by && type != out.back())
        reject(Diagnostic{"precision-differs",
                          fmt::format("`{}` is {} in variant `{}` and {} in `{}`", param.name.name(),
                                      scalar_name(out.back()), by->name, scalar_name(type), variant.name),
                          {},
                          {},
                          {}}
                   .at(param.span)
                   .note("the entry of a kernel is one for all variants")
                   .help("choose one type, or make two kernels"));
      by = &variant, out.back() = type;
    }
  }
  return out;
}

Block with_locals(const Block& block, Scalar type) {
  Block out;
  for (const StmtRef& s : block) {
    const StmtRef next = map_children(
        s, [](const ExprRef& e) { return e; }, [&](const Block& b) { return with_locals(b, type); });
    const Alloc* a = as<Alloc>(next);
    if (!a || a->type.scalar != Scalar::R) {
      out.push_back(next);
      continue;
    }
    Alloc typed = *a;
    typed.type.scalar = type;
    out.push_back(with_node(next, std::move(typed)));
  }
  return out;
}

/// The length of vectors is a variable of no procedure.
Proc at_some_length(Proc proc, const EmitVariant& variant) {
  if (variant.length) proc.body = substitute(proc.body, {{variant.length, num(variant.target->length)}});
  return proc;
}

ProcRef with_types(const ProcRef& proc, const std::vector<Scalar>& types, const EmitVariant& variant) {
  Proc out = *proc;
  std::set<Scalar> got;
  for (size_t i = 0; i < out.params.size(); ++i)
    if (out.params[i].type.scalar == Scalar::R) got.insert(out.params[i].type.scalar = types[i]);
  if (got.size() == 1 && *got.begin() != Scalar::R) out.body = with_locals(out.body, *got.begin());
  Problems problems;
  if (!is_open(out)) check(at_some_length(out, variant), problems);
  problems.throw_if_any();
  return std::make_shared<const Proc>(std::move(out));
}

}  // namespace

void choose_precision(EmitKernel& kernel) {
  if (!is_open(*kernel.algorithm)) return;
  const std::vector<Scalar> types = chosen(kernel);
  for (EmitVariant& variant : kernel.variants)
    if (is_open(*variant.proc)) variant.proc = with_types(variant.proc, types, variant);
  kernel.algorithm = with_types(kernel.algorithm, types, {});
}

}  // namespace exo
