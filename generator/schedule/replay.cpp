#include "schedule/replay.h"

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/interpret.h"
#include "ir/print.h"

namespace exo {
namespace {

using ControlValues = std::map<Sym, int64_t>;

/// Values for the control parameters: those of the witness, and one where it says nothing.
ControlValues control_values(const Proc& proc, const Witness& witness) {
  ControlValues out;
  for (const Param& p : proc.params)
    if (!is_data(p.type.scalar)) {
      const auto it = witness.find(p.name);
      out[p.name] = it == witness.end() ? 1 : it->second;
    }
  return out;
}

/// Did this access happen in the iterations that the witness names? Gives the element that it touched.
struct Sighting {
  const Access* access;
  std::map<Sym, int64_t> iterators;
  std::optional<std::vector<int64_t>> index;

  Sighting(const Access& a, const Witness& witness) : access(&a) {
    iterators.insert(witness.begin(), witness.end());
    for (const auto& [original, here] : a.iterators)
      if (const auto it = witness.find(here); it != witness.end()) iterators[original] = it->second;
  }
  void see(const Event& e) {
    if (index || e.stmt != access->stmt || e.buffer != access->buffer ||
        static_cast<int>(e.kind) != static_cast<int>(access->kind))
      return;
    for (const auto& [iter, value] : e.iterators)
      if (const auto it = iterators.find(iter); it != iterators.end() && it->second != value) return;
    index = e.index;
  }
};
static_assert(static_cast<int>(Event::Read) == static_cast<int>(Access::Read) &&
              static_cast<int>(Event::Write) == static_cast<int>(Access::Write) &&
              static_cast<int>(Event::Reduce) == static_cast<int>(Access::Reduce));

const char* verb_of(const Access& a) {
  switch (a.kind) {
    case Access::Read:
      return "reads";
    case Access::Write:
      return "writes";
    case Access::Reduce:
      break;
  }
  switch (a.op) {
    case ReduceOp::Add:
      return "adds to";
    case ReduceOp::Max:
      return "takes `max=` of";
    case ReduceOp::Min:
      return "takes `min=` of";
  }
  return "touches";
}

std::string element(Sym buffer, const std::vector<int64_t>& index) {
  return index.empty() ? buffer.name() : fmt::format("{}[{}]", buffer.name(), fmt::join(index, ","));
}

constexpr uint64_t kSteps = 200'000;  // of one run: what is larger is no example to read

class Replayer {
 public:
  Replayer(const Failure& failure, const ProcRef& before, const ProcRef& after)
      : failure_(failure), before_(before), after_(after) {}

  Replay run() {
    out_.witness = failure_.verdict.witness;
    const ControlValues asked = control_values(*before_, failure_.verdict.witness);
    if (failure_.conflict) meeting(asked);
    if (differs(asked) || out_.confirmed || !after_) return std::move(out_);
    for (const ControlValues& other : others(asked))
      if (differs(other)) {
        show(other);
        break;
      }
    return std::move(out_);
  }

 private:
  const Failure& failure_;
  const ProcRef& before_;
  const ProcRef& after_;
  Replay out_;

  void show(const ControlValues& control) {
    out_.witness = {};
    out_.witness.insert(control.begin(), control.end());
  }

  void meeting(const ControlValues& control) {
    auto args = random_arguments(*before_, control, 1, failure_.verdict.witness.elements);
    if (!args) return;
    Sighting a(failure_.conflict->first, failure_.verdict.witness),
        b(failure_.conflict->second, failure_.verdict.witness);
    if (interpret(
            *before_, *args, [&](const Event& e) { a.see(e), b.see(e); }, kSteps))
      return;
    if (!a.index || !b.index || *a.index != *b.index) return;
    out_.confirmed = true;
    out_.notes.push_back(fmt::format("there one iteration {} `{}` and the other {} it", verb_of(*a.access),
                                     element(a.access->buffer, *a.index), verb_of(*b.access)));
    const bool about_order = failure_.problem.code.find("-order") != std::string::npos;
    if (about_order && a.access->kind == Access::Reduce && b.access->kind == Access::Reduce &&
        a.access->op == b.access->op)
      out_.notes.push_back("the contract `exact` keeps the order of such updates");
  }

  /// Do the two programs give different results there?
  bool differs(const ControlValues& control) {
    if (!after_) return false;
    auto expected = random_arguments(*before_, control, 1, failure_.verdict.witness.elements);
    if (!expected) return false;
    Arguments got = passed_on(*expected, *before_, *after_);
    if (interpret(*before_, *expected, {}, kSteps)) return false;
    const auto fault = interpret(*after_, got, {}, kSteps);
    if (fault && fault->kind == Fault::TooLong) return false;
    const std::string gap = fault ? "" : first_difference(*before_, *expected, *after_, got);
    if (!fault && gap.empty()) return false;
    out_.confirmed = true;
    if (out_.witness.empty()) show(control);
    out_.notes.push_back(fault ? "run on these sizes, the rewritten program stops: " + fault->what
                               : fmt::format("run on these sizes, the result differs: {} (before and after)", gap));
    return true;
  }

  /// Small sizes, those near the witness first: it may say that a loop around the place does not run.
  std::vector<ControlValues> others(const ControlValues& asked) const {
    std::vector<ControlValues> out;
    for (const int64_t least : {1, 2, 3, 5, 9}) {
      out.push_back(asked);
      for (auto& [sym, value] : out.back()) value = std::max(value, least);
    }
    for (const int64_t all : {1, 2, 3, 4, 5, 7, 8, 9, 16, 17}) {
      out.push_back(asked);
      for (auto& [sym, value] : out.back()) value = all;
    }
    for (uint64_t number = 1; number < 120; ++number) {  // the same ones always, in no order
      out.push_back(asked);
      uint64_t rest = number * 0x9e3779b97f4a7c15;
      for (auto& [sym, value] : out.back())
        value = static_cast<int64_t>(rest >> 60), rest = rest * 0xbf58476d1ce4e5b9 + number;
    }
    return out;
  }
};

}  // namespace

Replay replay(const Failure& failure, const ProcRef& before, const ProcRef& after) {
  return Replayer(failure, before, after).run();
}

std::string described(const Access& access) {
  return fmt::format("{} `{}`", verb_of(access), print(read(access.buffer, access.index)));
}

}  // namespace exo
