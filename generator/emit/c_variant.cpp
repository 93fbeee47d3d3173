// NAME.<variant>.c: the kernel as it was scheduled for one target.
#include <map>

#include <fmt/format.h>

#include "emit/c_body.h"
#include "emit/c_files.h"

namespace exo {
namespace {

/// Words of the target's C, which variables of the file must not hide.
const std::set<std::string>& words_of(const TargetRef& hardware) {
  static std::map<TargetRef, std::set<std::string>> known;
  const auto [it, is_new] = known.try_emplace(hardware);
  std::set<std::string>& words = it->second;
  if (!is_new) return words;
  const Target& target = *hardware;
  words = identifiers_in(target.prelude);
  words.merge(identifiers_in(target.vectors.c));
  const auto add = [&](const Template& text) {
    for (const Template::Piece& piece : text.pieces)
      if (!piece.hole) words.merge(identifiers_in(piece.text));
  };
  for (const Instruction& instruction : target.instructions) add(instruction.c);
  for (const Config& config : target.configs) add(config.c);
  for (const std::string* c : {&target.enter, &target.leave, &target.fence}) words.merge(identifiers_in(*c));
  for (const Memory& memory : target.memories) {
    add(memory.alloc), add(memory.free), add(memory.window);
    for (const auto& entry : memory.ctype) words.merge(identifiers_in(entry.second));
  }
  return words;
}

/// An operation rounds where it stands. GCC warns of this pragma and takes a flag, which the CMake module passes. Guards that
/// steps put together may hold always or never: nothing that a reader of the C could help.
constexpr const char* kPragmas =
    "#if defined(__clang__)\n#pragma STDC FP_CONTRACT OFF\n#endif\n"
    "#if defined(__GNUC__)\n#pragma GCC diagnostic ignored \"-Wtautological-compare\"\n"
    "#pragma GCC diagnostic ignored \"-Wtype-limits\"\n#endif\n\n";

/// The target's own C. A variant may not need all of it.
std::string prelude(const Target& target) {
  std::string out;
  for (const std::string& header : target.include) out += fmt::format("#include <{}>\n", header);
  if (!target.include.empty()) out += "\n";
  if (target.prelude.empty()) return out;
  out += "#if defined(__GNUC__)\n#pragma GCC diagnostic ignored \"-Wunused-function\"\n#endif\n";
  return out + target.prelude + (target.prelude.back() == '\n' ? "\n" : "\n\n");
}

}  // namespace

std::string c_variant(const Entry& entry, size_t index) {
  const EmitVariant& variant = entry.kernel.variants[index];
  const std::string function = entry.variant_function(index);
  CFile file{*variant.target, entry.kernel.name, variant.length, {}, words_of(variant.target), {}, {}, {}};
  file.taken.insert(entry.kernel.name), file.taken.insert(function);

  Placement placed = placement(*variant.proc, *variant.target);
  for (Shortage& shortage : placed.shortages) reject(std::move(shortage.problem));
  file.places = std::move(placed.places), file.emulated = variant.emulated;
  std::set<Sym> writes;
  for (size_t i = 0; i < entry.params.size(); ++i)
    if (entry.params[i].written) writes.insert(variant.proc->params.at(i).name);
  const std::string body = kernel_function(file, *variant.proc, function, writes);

  std::string out = first_line(
      entry, fmt::format("{}, variant {}{}.", entry.kernel.name, variant.name, variant.emulated ? ", emulated" : ""),
      program_text(variant));
  out += "#include \"exo/kernel.h\"\n";
  if (body.find("exo_emulated_") != body.npos) out += "#include \"exo/emulated.h\"\n";
  out += "\n" + std::string(kPragmas) + prelude(*variant.target);
  for (const std::string& window : file.windows) out += window + "\n";
  for (const std::string& helper : file.helpers.definitions()) out += helper + "\n";
  for (const std::string& callee : file.functions) out += callee + "\n";
  out += fmt::format("extern const uint64_t {0}__compiled;\nconst uint64_t {0}__compiled = EXO_COMPILED_FEATURES;\n\n",
                     function);
  return out + body;
}

}  // namespace exo
