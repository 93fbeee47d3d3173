// set_memory: say where a buffer lives.
//
//     { set_memory = "t", to = "stack" }
//
//     t : f32[8]
//     t[0] = x[0]
//   =>
//     t : f32[8] @ stack
//     t[0] = x[0]
//
// With `bank` all of it lies in that part of the memory. The memory, by name or by role, must hold elements of the buffer's type. That its shape fits and that only instructions touch
// it where plain C cannot is checked on the final program. Acts on every match.
#include "ir/build.h"
#include "schedule/access_edit.h"
#include "schedule/primitives.h"
#include "schedule/spelling.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  std::vector<Ref> buffers;
  Text to;
  std::optional<int64_t> bank;
};

void check_bank(const Target& target, const std::string& name, int64_t bank, const Text& to) {
  const Memory* m = target.memory(name);
  const int64_t banks = m ? m->banks : 1;
  if (bank >= 0 && bank < banks && banks > 1) return;
  reject(Diagnostic{
      "memory-bank",
      banks == 1 ? fmt::format("`{}` has no banks", name)
                 : fmt::format("`{}` has banks 0 to {}, and no bank {}", name, banks - 1, bank),
      {},
      {},
      {}}.at(to.whole()));
}

void run(Schedule& s, const Args& args) {
  for (const Ref& ref : args.buffers) {
    const auto found = find_buffers(s.now(), ref.str());
    if (found.empty()) one_buffer(s.now(), ref);  // says what there is
    for (const Sym buffer : found) {
      const std::string memory = s.memory(args.to, declarations(s.now()).at(buffer).type.scalar);
      if (args.bank) check_bank(s.target(), memory, *args.bank, args.to);
      s.apply([&](Rewrite& rw) { set_memory(rw, buffer, memory, args.bank.value_or(-1)); });
    }
  }
}

}  // namespace

void set_memory(Rewrite& rw, Sym buffer, const std::string& memory, int64_t bank) {
  Spelling spelling(rw, "set_memory");
  spelling.about(buffer).key("to", memory);
  if (bank >= 0) spelling.key("bank", bank);
  const Path path = allocation(rw, buffer);
  Alloc next = *as<Alloc>(rw.stmt(path));
  next.memory = memory, next.bank = bank;
  rw.edit.update(path, [&](const StmtRef& s) { return with_node(s, next); });
}

VERB(set_memory) {
  return make_verb("set_memory", Kind::Primitive, "say where a buffer lives",
                   Signature<Args>()
                       .verb("set_memory", &Args::buffers, "buffers", "the buffers")
                       .required("to", &Args::to, "memory", "a memory of the target, by name or by role")
                       .optional("bank", &Args::bank, "int", "the bank of the memory in which all of it lies"),
                   run);
}

}  // namespace exo
