#include "emit/allocation.h"

#include <fmt/format.h>

#include "emit/scratch.h"
#include "emit/signature.h"
#include "ir/build.h"
#include "ir/interpret.h"
#include "ir/print.h"
#include "support/text.h"
#include "target/c_type.h"

namespace exo {
namespace {

constexpr int64_t kMostStackBytes = 1 << 20;

[[noreturn]] void refuse(const Alloc& alloc, const char* code, const std::string& what, const std::string& help) {
  reject(Diagnostic{code, fmt::format("`{}` {}", alloc.buffer.name(), what), {}, {}, {}}.help(help));
}

/// The product of the extents, if all are constants, for vectors of that many units.
std::optional<int64_t> constant_count(const Exprs& shape, Sym length = {}, int64_t units = 1) {
  int64_t count = 1;
  for (const ExprRef& e : shape) {
    std::optional<int64_t> value;
    if (const int64_t* number = literal(e)) value = *number;
    if (!value && length) value = evaluate(e, std::map<Sym, int64_t>{{length, units}});
    if (!value || *value < 0 || __builtin_mul_overflow(count, *value, &count)) return std::nullopt;
  }
  return count;
}

void check_stack(const Alloc& alloc, const Target& target, Sym length) {
  const auto count = largest_count(alloc.type.shape, target, length);
  if (!count)
    refuse(alloc, "emit-stack", "is on the stack but has an extent that is no constant",
           "leave its memory out: it goes to scratch memory");
  int64_t bytes = 0;
  if (__builtin_mul_overflow(*count, int64_t{size_in_bytes(alloc.type.scalar)}, &bytes) || bytes > kMostStackBytes)
    refuse(alloc, "emit-stack", fmt::format("is on the stack but has {} elements", *count),
           "leave its memory out: it goes to scratch memory");
}

void check_units(const Alloc& alloc, const Memory& memory, const Target& target, Sym length) {
  const Scalar type = alloc.type.scalar;
  if (!memory.ctype.count(type))
    refuse(alloc, "emit-element",
           fmt::format("is of type {}, which memory `{}` does not hold", scalar_name(type), memory.name),
           "change its precision or its memory");
  const auto lanes = memory.lanes.find(type);
  const Exprs& shape = alloc.type.shape;
  if (lanes != memory.lanes.end() && !target.any_length) {  // of those it was seen to at each length
    const int64_t* inner = shape.empty() ? nullptr : literal(shape.back());
    if (!inner || *inner != lanes->second)
      refuse(alloc, "emit-register-shape",
             fmt::format("is in memory `{}`, but its innermost extent is not {}, the {} elements of one unit",
                         memory.name, lanes->second, scalar_name(type)),
             "split its last dimension by the lanes of the target first");
  }
  if (!memory.addressable && !largest_count(shape, target, length))
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

std::string count_text(const Alloc& alloc, CExpr* expr, const Target* target = nullptr, Sym length = {}) {
  if (length && target)
    if (const auto most = largest_count(alloc.type.shape, *target, length)) return fmt::format("{}", *most);
  ExprRef count = num(1);
  for (const ExprRef& extent : alloc.type.shape) count = count * extent;
  if (const int64_t* value = literal(count)) return fmt::format("{}", *value);
  return expr ? expr->control(count).in(Prec::Primary) : "";
}

}  // namespace

std::optional<int64_t> largest_count(const Exprs& shape, const Target& target, Sym length) {
  if (!length) return constant_count(shape);
  int64_t most = 0;
  for (const int64_t units : target.vectors.units) {
    const auto count = constant_count(shape, length, units);
    if (!count) return std::nullopt;
    most = std::max(most, *count);
  }
  return most;
}

size_t outer_rank(const CStorage& storage) {
  return storage.type.shape.size() - (storage.memory->lanes.count(storage.type.scalar) ? 1 : 0);
}

std::vector<std::string> unit_indices(const Alloc& alloc, const CStorage& storage) {
  constexpr size_t kMostUnits = 1024;
  std::vector<std::string> out = {""};
  for (size_t d = 0; d < outer_rank(storage); ++d) {
    const int64_t* extent = literal(alloc.type.shape[d]);
    if (!extent || *extent < 0 || out.size() * static_cast<size_t>(*extent) > kMostUnits)
      refuse(alloc, "emit-register-shape",
             fmt::format("is in memory `{}`, whose units are variables, but `{}` of them are too many",
                         storage.memory->name, print(alloc.type.shape[d])),
             fmt::format("its outer extents are constants, {} units at most in all", kMostUnits));
    std::vector<std::string> next;
    for (const std::string& index : out)
      for (int64_t i = 0; i < *extent; ++i) next.push_back(fmt::format("{}_{}", index, i));
    out = std::move(next);
  }
  return out;
}

CStorage local_storage(const Alloc& alloc, const Target& target, Sym length) {
  CStorage out;
  out.type = alloc.type;
  if (std::string(c_type(alloc.type.scalar)).empty() && (is_heap(alloc.memory) || alloc.memory == "stack"))
    refuse(alloc, "emit-type", fmt::format("is of type {}, which has no C type", scalar_name(alloc.type.scalar)),
           "choose f32, f64 or an integer type");
  const bool plain = is_heap(alloc.memory) || alloc.memory == "stack";
  if (plain && alloc.type.shape.empty()) return out;
  out.kind = CStorage::Pointer;
  out.strides = dense_strides(alloc.type.shape);
  if (alloc.memory == "stack") check_stack(alloc, target, length);
  if (plain) return out;

  out.memory = target.memory(alloc.memory);
  if (!out.memory) {
    std::vector<std::string> names;
    for (const Memory& memory : target.memories) names.push_back(memory.name);
    refuse(alloc, "unknown-memory",
           fmt::format("is in memory `{}`, which `{}` does not have", alloc.memory, target.name),
           suggestion(alloc.memory, names));
  }
  check_units(alloc, *out.memory, target, length);
  if (!out.memory->addressable) out.kind = CStorage::Units;
  return out;
}

std::string declaration(const Alloc& alloc, const CStorage& storage, const std::string& name, CExpr& expr,
                        const Target& target, Sym length) {
  const std::string type = c_type(alloc.type.scalar);
  if (storage.kind == CStorage::Value) return fmt::format("{} {};", type, name);
  const std::string count = count_text(alloc, &expr, &target, length);
  if (!storage.memory) return fmt::format("_Alignas(64) {} {}[{}];", type, name, count == "0" ? "1" : count);
  return fill(storage.memory->alloc, alloc, *storage.memory, name, count);
}

std::string release(const Alloc& alloc, const Memory& memory, const std::string& name) {
  return fill(memory.free, alloc, memory, name, count_text(alloc, nullptr));
}

}  // namespace exo
