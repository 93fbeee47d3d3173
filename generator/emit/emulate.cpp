#include "emit/emulate.h"

#include <map>
#include "emit/allocation.h"

#include <fmt/format.h>

#include "emit/scratch.h"
#include "ir/build.h"
#include "ir/interpret.h"
#include "ir/walk.h"
#include "target/c_type.h"

namespace exo {
namespace {

/// Larger buffers go to scratch memory: stacks of threads are small.
constexpr int64_t kMostEmulatedStackBytes = 16384;

class Emulation {
 public:
  explicit Emulation(const EmitVariant& variant) : variant_(variant) {}

  ProcRef proc(const Proc& kernel) {
    Proc out = kernel;
    out.body = block(kernel.body);
    return std::make_shared<const Proc>(std::move(out));
  }

 private:
  const EmitVariant& variant_;
  std::map<const Proc*, ProcRef> callees_;

  Block block(const Block& body) {
    Block out;
    for (const StmtRef& s : body) out.push_back(statement(s));
    return out;
  }

  StmtRef statement(const StmtRef& s) {
    if (const Alloc* a = as<Alloc>(s)) return with_node(s, plain(*a));
    if (const Call* c = as<Call>(s)) return with_node(s, Call{callee(c->callee), c->args});
    return map_children(
        s, [](const ExprRef& e) { return e; }, [&](const Block& b) { return block(b); });
  }

  /// Numbered units stay where they are (emulated_machine.h).
  Alloc plain(Alloc alloc) const {
    if (is_heap(alloc.memory) || alloc.memory == "stack") return alloc;
    if (const Memory* memory = variant_.target->memory(alloc.memory); memory && memory->addressed) return alloc;
    const auto count = largest_count(alloc.type.shape, *variant_.target, variant_.length);
    const int64_t most = kMostEmulatedStackBytes / size_in_bytes(alloc.type.scalar);
    alloc.memory = count && *count <= most ? "stack" : "";
    return alloc;
  }

  ProcRef callee(const ProcRef& original) {
    ProcRef& made = callees_[original.get()];
    if (made) return made;
    Proc out = *original;
    for (Param& param : out.params) param.memory.clear();
    out.body = block(original->body);
    return made = std::make_shared<const Proc>(std::move(out));
  }
};

/// What is left of a target without its hardware. Vectors are of the length that the file is compiled for.
TargetRef without_hardware(const Target& target) {
  Target out;
  if (target.any_length) {
    out.vectors = target.vectors, out.any_length = true;
    out.vectors.c = "EXO_VECTOR_LENGTH";
    out.prelude = fmt::format(
        "/* How many units of {} bits a vector has. */\n#ifndef EXO_VECTOR_LENGTH\n"
        "#define EXO_VECTOR_LENGTH {}\n#endif\n",
        target.vectors.bits, target.vectors.units.front());
  }
  out.name = target.name;
  out.arch = "any";
  out.inputs = target.inputs;
  for (Memory memory : target.memories)
    if (memory.addressed) {
      memory.addressable = true, memory.alloc = {}, memory.free = {};
      for (auto& [type, ctype] : memory.ctype) ctype = c_type(type);
      out.memories.push_back(std::move(memory));
    }
  return std::make_shared<const Target>(std::move(out));
}

}  // namespace

EmitKernel emulated(const EmitKernel& kernel) {
  emit(kernel);  // what the target would refuse
  EmitKernel out = kernel;
  out.variants.clear();
  std::vector<EmitVariant> last;
  for (const EmitVariant& variant : kernel.variants) {
    if (variant.target->arch == "any" && variant.target->instructions.empty()) {
      out.variants.push_back(variant);
      continue;
    }
    EmitVariant& plain = last.emplace_back(variant);
    plain.proc = Emulation(variant).proc(*variant.proc);
    plain.target = without_hardware(*variant.target);
    plain.emulated = true;
  }
  out.variants.insert(out.variants.end(), last.begin(), last.end());
  return out;
}

}  // namespace exo
