#include "fuzz/campaign.h"

#include <cmath>
#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "analysis/query.h"
#include "analysis/simplify.h"
#include "fuzz/language.h"
#include "fuzz/programs.h"
#include "fuzz/random_steps.h"
#include "golden/meaning.h"
#include "golden/steps.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"

namespace exo::testing {
namespace {

constexpr size_t kSizes = 36;

/// What may be derived from a procedure that a step cuts out.
constexpr const char* kProcs =
    "pr_a = { from = \"pr\", steps = [] }\n"
    "pr_i = { from = \"pr\", steps = [{ split = \"i\", by = 4, tail = \"cut\" }] }\n"
    "pr_j = { from = \"pr\", steps = [{ reverse = \"j\" }] }\n"
    "pr_1 = { from = \"pr\", steps = [{ partial_eval = \"proc\", with = { n = 3 } }] }\n";

bool has_parallel(const Proc& proc) {
  bool found = false;
  each_stmt(proc.body, [&](const StmtRef& s) { found = found || (as<For>(s) && as<For>(s)->order == Order::Parallel); });
  return found;
}

/// Do numbers grow so large that float sums round? Then results may differ in their last bits, as the contract says.
bool rounds(const Proc& proc, const std::vector<Control>& at, uint64_t seed) {
  for (const Control& control : at) {
    auto args = random_arguments(proc, control, seed);
    if (!args || interpret(proc, *args, {}, 2'000'000)) continue;
    for (const auto& [sym, value] : *args)
      if (const Tensor* t = std::get_if<Tensor>(&value); t && is_float(t->type))
        for (const Cell& c : t->cells)
          if (c.defined && !(std::fabs(c.real) < (1 << 22))) return true;
  }
  return false;
}

/// Is its first problem one of want of an answer, and not of a counterexample?
bool undecided(const Proc& proc) {
  const std::vector<Violation> found = violations(proc, 1);
  return !found.empty() && found.front().verdict.answer == Verdict::Unknown;
}

class Explorer {
 public:
  Explorer(uint64_t seed, Tally& tally, bool verbose, bool compares) : seed_(seed), random_(seed), tally_(tally), verbose_(verbose), compares_(compares) {}

  std::string run(Scheduled* last) {
    const RandomProgram made = some_program();
    contract_ = random_.chance(15) ? Contract::Exact : made.contract;
    setting_.emplace(made.target, contract_);
    text_ = made.text;
    setting_->define({}, kProcs);
    if (random_.chance(20)) setting_->derives();   // steps of a `[proc.NAME]`
    if (verbose_) fmt::print("# target: {}\n{}\n", made.target, made.text), std::fflush(stdout);
    try {
      now_ = program(made.text, setting_->target());
    } catch (const Rejected& rejected) {
      if (verbose_) fmt::print("{}\nis refused: {}\n", made.text, render(rejected.problems.front()));
      return {};   // not every random program is in bounds
    } catch (const Bug& fault) {
      return report("a fault before any step: " + fault.what);
    }
    ++tally_.programs;
    const ProcRef algorithm = now_;
    const int count = static_cast<int>(random_.between(2, 6));
    bool any = false;
    for (int k = 0; k < count; ++k) {
      if (!step(any)) return trouble_;
      if (print(*now_).size() > 6000) break;   // unrolled too often
    }
    if (any && compares_ && !final(*algorithm)) return trouble_;
    if (last && any && assumed_.empty() && !another_) *last = {algorithm, now_, setting_->context().target, contract_};
    return {};
  }

  /// What went wrong, and how to see it again.
  std::string report(const std::string& what) const {
    std::string out = fmt::format("reproduce with SEED={} (target {}{})\n{}", seed_, setting_ ? setting_->target().name : "?", contract_ == Contract::Exact ? ", exact" : "", text_);
    for (const std::string& s : steps_) out += "---- " + s + "\n";
    return out + what + "\n";
  }
 private:
  const uint64_t seed_;
  Random random_;
  Tally& tally_;
  const bool verbose_, compares_;
  std::optional<Setting> setting_;
  Contract contract_ = Contract::Reassociate;
  std::string text_;
  std::vector<std::string> steps_;   // accepted, and the one under way
  ProcRef now_;
  Exprs assumed_;          // of the callers of a procedure that is derived
  bool another_ = false;   // it does something else for them
  std::string trouble_;

  /// The program as its callers may call it now.
  Proc assuming(const Proc& proc) const {
    Proc out = proc;
    out.asserts.insert(out.asserts.end(), assumed_.begin(), assumed_.end());
    return out;
  }

  /// Every fifth one is over the whole language, where floats keep their order: what is computed need not be exact.
  RandomProgram some_program() {
    if (seed_ % 5 != 0) return random_program(random_);
    Random random(random_.next());
    return {random_language_program(random, "fuzz"), random.of({"portable", "avx2", "avx512"}), Contract::Exact};
  }

  bool fail(const std::string& what) {
    trouble_ = report(what);
    return false;
  }

  bool step(bool& any) {
    const std::string verb = random_verb(random_, *now_);
    steps_.push_back(random_step(random_, verb, *now_, setting_->target()));
    if (verbose_) fmt::print("{}---- {}\n", print(*now_), steps_.back());
    ++tally_.steps;
    ++tally_.verbs[verb].tried;
    Result result;
    try {
      result = run_steps(now_, {steps_.back()}, *setting_);
    } catch (const Rejected&) {
      steps_.pop_back();   // not well-formed
      return true;
    }
    if (compares_ && !result.primitives.empty() && !result.primitives.back().outcome.failures.empty() && !refused(result.primitives.back())) return false;
    if (result.refusal) {
      if (verbose_) fmt::print("{}\n", render(result.refusal->problems.front()));
      steps_.pop_back();
      return true;
    }
    if (!accepted(result)) return false;
    ++tally_.verbs[verb].accepted;
    any = true;
    now_ = result.after;
    return true;
  }

  /// Under `exact` results are the same to the last bit; otherwise float sums that round may differ.
  Values values() const { return contract_ == Contract::Exact ? Values::Rough : Values::Whole; }

  std::set<int64_t> constants() const {
    std::string words = text_;
    for (const std::string& s : steps_) words += s;
    std::set<int64_t> out = constants_in(words);
    for (const int64_t lanes : {8, 16})
      if (words.find("vectorize") != words.npos) out.insert(lanes);
    return out;
  }

  bool accepted(const Result& result) {
    for (const Applied& p : result.primitives) {
      assumed_.insert(assumed_.end(), p.outcome.change.assumed.begin(), p.outcome.change.assumed.end());
      another_ = another_ || p.outcome.change.another;
    }
    if (!compares_) return true;
    try {
      inspect(*result.after, instructions(setting_->target()));
    } catch (const Bug& fault) {
      return fail("after this step: " + fault.what);
    }
    if (const ProcRef again = simplify(result.after); !equal(*again, *result.after))
      return fail("simplified once more the program is another:\n" + print(*result.after) + "=>\n" + print(*again));
    if (another_) return true;
    const Proc before = assuming(*now_);
    const auto at = sizes(before, constants(), kSizes, seed_);
    const Comparison whole = compare(before, *result.after, at, seed_, values());
    if (whole.difference.empty() || may_round(*now_, at, seed_)) return true;
    for (const Applied& p : result.primitives)
      if (const Comparison c = compare(*p.before, *p.outcome.after, at, seed_, values()); !c.difference.empty())
        return fail("a primitive changed the meaning, " + c.difference + "\n" + print(*p.before) + "=>\n" + print(*p.outcome.after));
    return fail("the meaning changed, " + whole.difference + "\n" + print(*result.after));
  }

  bool may_round(const Proc& proc, const std::vector<Control>& at, uint64_t seed) const {
    return contract_ == Contract::Reassociate && rounds(proc, at, seed);
  }

  /// A counterexample must be seen to happen; and would it have done harm to go on?
  bool refused(const Applied& applied) {
    const Outcome& outcome = applied.outcome;
    const Failure& first = outcome.failures.front();
    Tally::Code& code = tally_.codes[first.problem.code];
    if (first.verdict.answer == Verdict::Unknown) return ++code.unknown, true;
    ++code.refused;
    try {
      const Explanation why = explain(first, applied.before, outcome.after);
      if (!why.replayed) {
        ++code.unreplayed;
        if (verbose_) fmt::print("not replayed: {}=>\n{}{}\n", print(*applied.before), print(*outcome.after), render(why.diagnostic));
      }
      for (const Failure& f : outcome.failures)
        if (f.problem.code != first.problem.code) return true;
      if (harms(applied)) ++code.harmful;
    } catch (const Bug& fault) {
      return fail("a fault while explaining " + first.problem.code + ": " + fault.what);
    }
    return true;
  }

  bool harms(const Applied& applied) {
    const auto at = sizes(*applied.before, constants(), kSizes, seed_);
    if (!compare(*applied.before, *applied.outcome.after, at, seed_, values()).difference.empty()) return true;
    return has_parallel(*applied.outcome.after) && !compare(*applied.before, *with_parallel_reversed(applied.outcome.after), at, seed_, values()).difference.empty();
  }

  /// What is proved once more before C is made, and the whole chain compared.
  bool final(const Proc& algorithm) {
    try {
      check_program(*now_);
      check_configuration(*now_);
    } catch (const Rejected& rejected) {
      const std::string& code = rejected.problems.front().code;
      if (code == "parallel-race") return true;   // reorder may spoil it, and this is where that is seen
      if (code == "out-of-bounds" && undecided(*now_)) return true;   // products of sizes, by mult_dim
      return fail("the final program is refused: " + render(rejected.problems.front()) + print(*now_));
    } catch (const Bug& fault) {
      return fail("a fault in the final check: " + fault.what);
    }
    if (another_) return true;
    const Proc before = assuming(algorithm);
    const auto at = sizes(before, constants(), kSizes, seed_ + 1);
    Comparison all = compare(before, *now_, at, seed_ + 1, values());
    if (all.difference.empty() && has_parallel(*now_)) all = compare(before, *with_parallel_reversed(now_), at, seed_ + 1, values());
    if (all.difference.empty() || may_round(algorithm, at, seed_ + 1)) return true;
    return fail("the meaning of the whole changed, " + all.difference + "\n" + print(*now_));
  }
};

}  // namespace

std::string explore(uint64_t seed, Tally& tally, bool verbose) {
  Explorer explorer(seed, tally, verbose, true);
  try {
    return explorer.run(nullptr);
  } catch (const Rejected& rejected) {
    return explorer.report("a rejection where none may come from: " + render(rejected.problems.front()));
  } catch (const Bug& fault) {
    return explorer.report("a fault: " + fault.what);
  } catch (const std::exception& fault) {
    return explorer.report(std::string("a fault: ") + fault.what());
  }
}

Scheduled scheduled(uint64_t seed) {
  Tally tally;
  Scheduled out;
  Explorer(seed, tally, false, false).run(&out);
  return out;
}

}  // namespace exo::testing
