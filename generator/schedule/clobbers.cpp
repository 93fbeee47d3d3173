// Instructions that use a memory for themselves: what buffers in it hold is lost.
#include <fmt/format.h>

#include "ir/walk.h"
#include "schedule/engine.h"

namespace exo {
namespace {

class ClobberCheck {
 public:
  ClobberCheck(const Target& target, Problems& problems) : target_(target), problems_(problems) {}

  void run(const Proc& kernel) {
    for (const Param& p : kernel.params)
      if (!p.memory.empty()) live_.push_back({p.name, p.memory});
    block(kernel.body);
  }

 private:
  struct Live {
    Sym buffer;
    std::string memory;
  };
  const Target& target_;
  Problems& problems_;
  std::vector<Live> live_;

  /// From its allocation to the end of the block.
  void block(const Block& body) {
    const size_t before = live_.size();
    for (const StmtRef& s : body) {
      if (const Alloc* a = as<Alloc>(s); a && !a->memory.empty()) live_.push_back({a->buffer, a->memory});
      if (const Call* c = as<Call>(s)) call(*s, *c->callee);
      each_child(
          s, [](const ExprRef&) {}, [&](const Block& b) { block(b); });
    }
    live_.resize(before);
  }

  /// What lives at the call of a procedure lives in all of its body; its parameters are among that.
  void call(const Stmt& s, const Proc& callee) {
    const Instruction* instruction = target_.instruction_of(callee);
    if (!instruction) return block(callee.body);
    for (const std::string& memory : instruction->clobbers)
      for (const Live& live : live_) {
        if (live.memory != memory) continue;
        Diagnostic d{"memory-clobbered",
                     fmt::format("`{}` uses all of `{}` for itself, and `{}` lives there", instruction->name, memory,
                                 live.buffer.name()),
                     {},
                     {},
                     {}};
        if (s.span.source) d.at(s.span);
        d.note("a buffer lives from its allocation to the end of the block in which that stands");
        d.help("stage it further in, or map this part of the program to other instructions");
        problems_.add(std::move(d));
      }
  }
};

}  // namespace

void check_clobbers(const Proc& kernel, const Target& target) {
  Problems problems;
  ClobberCheck(target, problems).run(kernel);
  problems.throw_if_any();
}

}  // namespace exo
