// What each generated file was lowered from, as one text, and the first line that names it by a number.
#include <set>

#include <fmt/format.h>

#include "emit/c_files.h"
#include "emit/version.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

std::string text_of(const Template& c) {
  std::string out;
  for (const Template::Piece& piece : c.pieces) out += piece.hole ? "{" + piece.text + "}" : piece.text;
  return out;
}

/// A program without what recipes call its loops and statements: the C does not depend on it.
std::string meaning_of(const Proc& proc) {
  std::string out;
  const std::string text = print(proc);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    const std::string words = line.substr(0, line.find("#:"));
    out += words.substr(0, words.find_last_not_of(' ') + 1) + "\n";
    begin = end + 1;
  }
  return out;
}

/// Procedures that a block calls, each once.
void add_callees(const Block& block, const Target& target, std::set<const Proc*>& seen, std::string& out) {
  each_stmt(block, [&](const StmtRef& s) {
    const Call* call = as<Call>(s);
    if (!call || !seen.insert(call->callee.get()).second) return;
    out += meaning_of(*call->callee);
    if (const Instruction* instruction = target.instruction_of(*call->callee))
      out += text_of(instruction->c);
    else
      add_callees(call->callee->body, target, seen, out);
  });
}

/// FNV-1a.
uint64_t number_of(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

std::string program_text(const EmitVariant& variant) {
  const Target& target = *variant.target;
  std::string out = variant.name + "\n" + join(target.include, " ") + "\n" + target.prelude + target.vectors.c +
                    meaning_of(*variant.proc);
  for (const Memory& memory : target.memories)
    out +=
        fmt::format("{} {} {} {}\n", memory.name, text_of(memory.alloc), text_of(memory.free), text_of(memory.window));
  for (const Config& config : target.configs) out += config.name + " " + text_of(config.c) + "\n";
  std::set<const Proc*> seen;
  add_callees(variant.proc->body, target, seen, out);
  return out;
}

std::string signature_text(const Entry& entry) {
  Proc head = *entry.kernel.algorithm;
  head.body.clear();
  std::string out = entry.kernel.name + "\n" + print(head);
  for (const CParam& param : entry.params) out += param.written ? "written " : "read ";
  return out;
}

std::string first_line(const Entry& entry, const std::string& what, const std::string& lowered_from) {
  return fmt::format("/* {} Made by exo {} from {}, {:016x}. */\n", c_comment(what), kGeneratorVersion,
                     c_comment(entry.kernel.recipe), number_of(lowered_from));
}

}  // namespace exo
