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
// The memory, by name or by role, must hold elements of the buffer's type. That its shape fits and that only instructions touch
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
};

void run(Schedule& s, const Args& args) {
  for (const Ref& ref : args.buffers) {
    const auto found = find_buffers(s.now(), ref.str());
    if (found.empty()) one_buffer(s.now(), ref);  // says what there is
    for (const Sym buffer : found) {
      const std::string memory = s.memory(args.to, declarations(s.now()).at(buffer).type.scalar);
      s.apply([&](Rewrite& rw) { set_memory(rw, buffer, memory); });
    }
  }
}

}  // namespace

void set_memory(Rewrite& rw, Sym buffer, const std::string& memory) {
  Spelling(rw, "set_memory").about(buffer).key("to", memory);
  const Path path = allocation(rw, buffer);
  Alloc next = *as<Alloc>(rw.stmt(path));
  next.memory = memory;
  rw.edit.update(path, [&](const StmtRef& s) { return with_node(s, next); });
}

VERB(set_memory) {
  return make_verb("set_memory", Kind::Primitive, "say where a buffer lives",
                   Schema<Args>()
                       .verb("set_memory", &Args::buffers, "buffers", "the buffers")
                       .required("to", &Args::to, "memory", "a memory of the target, by name or by role"),
                   run);
}

}  // namespace exo
