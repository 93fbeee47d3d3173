#include "emit/allocation.h"

#include <fmt/format.h>

#include "emit/scratch.h"
#include "emit/signature.h"
#include "ir/build.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo {
namespace {

constexpr int64_t kMostStackBytes = 1 << 20;

[[noreturn]] void refuse(const Alloc& alloc, const char* code, const std::string& what, const std::string& help) {
  reject(Diagnostic{code, fmt::format("`{}` {}", alloc.buffer.name(), what), {}, {}, {}}.help(help));
}

/// The product of the extents, if all are constants.
std::optional<int64_t> constant_count(const Exprs& shape) {
  int64_t count = 1;
  for (const ExprRef& e : shape) {
    const int64_t* value = literal(e);
    if (!value || *value < 0 || __builtin_mul_overflow(count, *value, &count)) return std::nullopt;
  }
  return count;
}

void check_stack(const Alloc& alloc) {
  const auto count = constant_count(alloc.type.shape);
  if (!count)
    refuse(alloc, "emit-stack", "is on the stack but has an extent that is no constant",
           "leave its memory out: it goes to scratch memory");
  int64_t bytes = 0;
  if (__builtin_mul_overflow(*count, int64_t{size_in_bytes(alloc.type.scalar)}, &bytes) || bytes > kMostStackBytes)
    refuse(alloc, "emit-stack", fmt::format("is on the stack but has {} elements", *count),
           "leave its memory out: it goes to scratch memory");
}

void check_units(const Alloc& alloc, const Memory& memory) {
  const Scalar type = alloc.type.scalar;
  if (!memory.ctype.count(type))
    refuse(alloc, "emit-element",
           fmt::format("is of type {}, which memory `{}` does not hold", scalar_name(type), memory.name),
           "change its precision or its memory");
  const auto lanes = memory.lanes.find(type);
  const Exprs& shape = alloc.type.shape;
  if (lanes != memory.lanes.end()) {
    const int64_t* inner = shape.empty() ? nullptr : literal(shape.back());
    if (!inner || *inner != lanes->second)
      refuse(alloc, "emit-register-shape",
             fmt::format("is in memory `{}`, but its innermost extent is not {}, the {} elements of one unit",
                         memory.name, lanes->second, scalar_name(type)),
             "split its last dimension by the lanes of the target first");
  }
  if (!memory.addressable && !constant_count(shape))
    refuse(alloc, "emit-register-shape",
           fmt::format("is in memory `{}`, but has an extent that is no constant", memory.name),
           "units of this memory are declared one by one: make its extents constants");
}

/// Fills the holes of a template for declaring or freeing.
std::string fill(const Template& text, const Alloc& alloc, const Memory& memory, const std::string& name,
                 const std::string& count) {
  std::string out, dims;
  const size_t outer = alloc.type.shape.size() - (memory.lanes.count(alloc.type.scalar) ? 1 : 0);
  for (size_t d = 0; d < outer; ++d)
    if (const int64_t* extent = literal(alloc.type.shape[d])) dims += fmt::format("[{}]", *extent);
  for (const Template::Piece& piece : text.pieces) {
    if (!piece.hole)
      out += piece.text;
    else if (piece.text == "ctype")
      out += memory.ctype.at(alloc.type.scalar);
    else if (piece.text == "name")
      out += name;
    else if (piece.text == "outer_dims")
      out += dims;
    else if (piece.text == "count")
      out += count;
  }
  return out;
}

std::string count_text(const Alloc& alloc, CExpr* expr) {
  ExprRef count = num(1);
  for (const ExprRef& extent : alloc.type.shape) count = count * extent;
  if (const int64_t* value = literal(count)) return fmt::format("{}", *value);
  return expr ? expr->control(count).in(Prec::Primary) : "";
}

}  // namespace

CStorage local_storage(const Alloc& alloc, const Target& target) {
  CStorage out;
  out.type = alloc.type;
  if (std::string(c_type(alloc.type.scalar)).empty() && (is_heap(alloc.memory) || alloc.memory == "stack"))
    refuse(alloc, "emit-type", fmt::format("is of type {}, which has no C type", scalar_name(alloc.type.scalar)),
           "choose f32, f64 or an integer type");
  const bool plain = is_heap(alloc.memory) || alloc.memory == "stack";
  if (plain && alloc.type.shape.empty()) return out;
  out.kind = CStorage::Pointer;
  out.strides = dense_strides(alloc.type.shape);
  if (alloc.memory == "stack") check_stack(alloc);
  if (plain) return out;

  out.memory = target.memory(alloc.memory);
  if (!out.memory) {
    std::vector<std::string> names;
    for (const Memory& memory : target.memories) names.push_back(memory.name);
    refuse(alloc, "unknown-memory",
           fmt::format("is in memory `{}`, which `{}` does not have", alloc.memory, target.name),
           suggestion(alloc.memory, names));
  }
  check_units(alloc, *out.memory);
  if (!out.memory->addressable) out.kind = CStorage::Units;
  return out;
}

std::string declaration(const Alloc& alloc, const CStorage& storage, const std::string& name, CExpr& expr) {
  const std::string type = c_type(alloc.type.scalar);
  if (storage.kind == CStorage::Value) return fmt::format("{} {};", type, name);
  const std::string count = count_text(alloc, &expr);
  if (!storage.memory) return fmt::format("_Alignas(64) {} {}[{}];", type, name, count == "0" ? "1" : count);
  return fill(storage.memory->alloc, alloc, *storage.memory, name, count);
}

std::string release(const Alloc& alloc, const Memory& memory, const std::string& name) {
  return fill(memory.free, alloc, memory, name, count_text(alloc, nullptr));
}

}  // namespace exo
