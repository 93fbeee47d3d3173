#include "schedule/rewrite.h"

#include <fmt/format.h>

#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/interpret.h"
#include "ir/print.h"
#include "support/text.h"

namespace exo {

const For& Rewrite::loop(const Path& path) const {
  const For* loop = as<For>(stmt(path));
  if (!loop) BUG("a loop was expected");
  return *loop;
}

void Rewrite::prove(const ExprRef& claim, Problem where) {
  if (const Bool* b = as<Bool>(claim); b && b->value) return;
  const Facts here = facts(where.where);
  prove(here, claim, std::move(where));
}

void Rewrite::prove(const Facts& facts, const ExprRef& claim, Problem problem) {
  if (Verdict v = exo::prove(facts, claim); !v) failures_.push_back({std::move(problem), std::move(v), std::nullopt});
}

void Rewrite::prove_none(std::optional<Conflict> found, Problem problem) {
  if (!found) return;
  Verdict v = found->verdict;
  failures_.push_back({std::move(problem), std::move(v), std::move(found)});
}

void Rewrite::refuse(Problem problem) const {
  Diagnostic d{problem.code, problem.message, {}, {}, problem.helps};
  point_at(d, *before_, problem.where, problem.words);
  reject(std::move(d));
}

void prove_unobserved(Rewrite& rw, const Path& path, const Block& extra, const std::string& what) {
  for (Violation& v : violations(rw.names(), rw.facts(path), extra, 1)) {
    Problem problem{"unobserved-bounds", fmt::format("{} would leave a buffer: {}", what, v.problem.message), path, "here",
                    {"give the buffer room with `extent` or `pad` when you stage it"}};
    rw.fail({std::move(problem), v.verdict, std::nullopt});
  }
  const auto seen = observed(rw.before(), path, extra);
  if (!seen) return;
  const std::string place = print(read(seen->write.buffer, seen->write.index));
  if (!seen->read) {
    rw.fail({{"unobserved-argument", fmt::format("{} would write `{}`, which belongs to the caller", what, place), path, "here",
              {fmt::format("stage `{}` into a local buffer first, with `edges = \"mask\"`", seen->write.buffer.name())}},
             seen->verdict, std::nullopt});
  } else {
    rw.fail({{"unobserved-read", fmt::format("{} would write `{}`, which is read as `{}`", what, place,
                                             print(read(seen->read->buffer, seen->read->index))),
              path, "here"},
             seen->verdict, std::nullopt});
  }
}

Outcome attempt(const ProcRef& before, const Context& context, const std::function<void(Rewrite&)>& primitive) {
  Rewrite rw(before, context);
  primitive(rw);
  return {simplify(rw.edit.proc()), rw.failures()};
}

void point_at(Diagnostic& problem, const Proc& proc, const Path& path, const std::string& words) {
  if (path.empty()) return;
  const Listing text = listing(proc, "program before this step");
  if (const auto it = text.spans.find(stmt_at(proc, path).get()); it != text.spans.end()) problem.at(it->second, words);
}

namespace {

/// Values for the control parameters: those of the witness, and one where it says nothing.
std::map<Sym, int64_t> control_values(const Proc& proc, const Witness& witness) {
  std::map<Sym, int64_t> out;
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
    if (index || e.stmt != access->stmt || e.buffer != access->buffer || static_cast<int>(e.kind) != static_cast<int>(access->kind)) return;
    for (const auto& [iter, value] : e.iterators)
      if (const auto it = iterators.find(iter); it != iterators.end() && it->second != value) return;
    index = e.index;
  }
};
static_assert(static_cast<int>(Event::Read) == static_cast<int>(Access::Read) && static_cast<int>(Event::Write) == static_cast<int>(Access::Write) &&
              static_cast<int>(Event::Reduce) == static_cast<int>(Access::Reduce));

const char* verb_of(const Access& a) {
  switch (a.kind) {
    case Access::Read: return "reads";
    case Access::Write: return "writes";
    case Access::Reduce: break;
  }
  switch (a.op) {
    case ReduceOp::Add: return "adds to";
    case ReduceOp::Max: return "takes `max=` of";
    case ReduceOp::Min: return "takes `min=` of";
  }
  return "touches";
}

std::string element(Sym buffer, const std::vector<int64_t>& index) {
  return index.empty() ? buffer.name() : fmt::format("{}[{}]", buffer.name(), fmt::join(index, ","));
}

/// Runs both programs on the sizes of the witness; says what happened, and whether it is what was foretold.
class Replay {
 public:
  Replay(const Failure& failure, const ProcRef& before, const ProcRef& after) : failure_(failure), before_(before), after_(after) {}
  bool confirmed = false;
  std::vector<std::string> notes;

  void run() {
    const auto control = control_values(*before_, failure_.verdict.witness);
    auto first = random_arguments(*before_, control, 1);
    if (!first) return;
    auto second = *first;
    std::optional<Sighting> a, b;
    if (failure_.conflict) {
      a.emplace(failure_.conflict->first, failure_.verdict.witness);
      b.emplace(failure_.conflict->second, failure_.verdict.witness);
    }
    const auto fault = interpret(*before_, *first, [&](const Event& e) {
      if (a) a->see(e), b->see(e);
    });
    if (fault) return;
    meeting(a, b);
    results(*first, second);
  }

 private:
  const Failure& failure_;
  const ProcRef& before_;
  const ProcRef& after_;

  void meeting(const std::optional<Sighting>& a, const std::optional<Sighting>& b) {
    if (!a || !a->index || !b->index || *a->index != *b->index) return;
    confirmed = true;
    notes.push_back(fmt::format("there one iteration {} `{}` and the other {} it", verb_of(*a->access),
                                element(a->access->buffer, *a->index), verb_of(*b->access)));
    if (a->access->kind == Access::Reduce && b->access->kind == Access::Reduce && a->access->op == b->access->op)
      notes.push_back("the contract `exact` keeps the order of such updates, and iterations at the same time have none");
  }

  void results(const Arguments& expected, Arguments& got) {
    if (!after_) return;
    if (const auto fault = interpret(*after_, got)) {
      confirmed = true;
      notes.push_back(fmt::format("run on these sizes, the rewritten program stops: {}", fault->what));
    } else if (const std::string gap = first_difference(*before_, expected, *after_, got); !gap.empty()) {
      confirmed = true;
      notes.push_back(fmt::format("run on these sizes, the result differs: {} (before and after)", gap));
    }
  }
};

}  // namespace

Explanation explain(const Failure& failure, const ProcRef& before, const ProcRef& after) {
  Explanation out{{failure.problem.code, failure.problem.message, {}, {}, failure.problem.helps}, false};
  point_at(out.diagnostic, *before, failure.problem.where, failure.problem.words);
  if (failure.verdict.answer == Verdict::Unknown) {
    out.diagnostic.note("the solver could not decide whether this holds for all sizes; what is not proved is refused");
    out.diagnostic.help("state what you know as an `assert` in the algorithm or a smaller constant in `[params]`");
    return out;
  }
  Witness shown = failure.verdict.witness;
  out.diagnostic.note("counterexample: " + (shown.empty() ? std::string("any sizes") : counterexample(shown)));
  Replay replay(failure, before, after);
  replay.run();
  for (std::string& note : replay.notes) out.diagnostic.note(std::move(note));
  out.replayed = replay.confirmed;
  return out;
}

}  // namespace exo
