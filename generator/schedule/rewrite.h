// One application of a primitive: it reads the program, states what must hold, and edits. Obligations are collected; the
// program is replaced only where all of them were proved. There is no way to skip one.
#pragma once

#include "analysis/query.h"
#include "ir/edit.h"
#include "target/target.h"
#include "toml/document.h"

namespace exo {

class Procedures;
struct Derivation;

/// What schedules are relative to.
struct Context {
  TargetRef target;
  Contract contract = Contract::Reassociate;
  std::map<std::string, int64_t> params;        // of the recipe, for expressions that mix them with sizes
  std::function<int64_t(const Text&)> integer;  // value of a parameter expression
  std::shared_ptr<Procedures> procs = {};       // what can be called by name (procedures.h)
  Derivation* derivation = nullptr;  // of the procedure that is being derived; null in the schedule of a kernel
  std::vector<Sym> fields = {};      // of configuration, beyond those of the target
  bool spelled = false;              // primitives say how a recipe would write them (spelling.h)
};

/// An obligation in the words of the user.
struct Problem {
  std::string code;
  std::string message;
  Path where;              // the statement to underline in the program before the step
  std::string words = {};  // beneath it
  std::vector<std::string> helps = {};
};

/// An obligation that was not proved, with what refutes it.
struct Failure {
  Problem problem;
  Verdict verdict;
  std::optional<Conflict> conflict;
};

/// What a rewrite means for who calls the procedure; nothing for most of them.
struct Change {
  Exprs assumed;         // what the caller must now see to
  bool another = false;  // it is not the same procedure any more
};

class Rewrite {
 public:
  Rewrite(ProcRef proc, const Context& context)
      : edit(proc), context(context), before_(std::move(proc)), names_(declarations(*before_)) {}

  Editor edit;
  const Context& context;

  /// The program as it was when the primitive began.
  const Proc& before() const { return *before_; }
  const Declarations& names() const { return names_; }
  const StmtRef& stmt(const Path& path) const { return stmt_at(*before_, path); }
  const For& loop(const Path& path) const;
  Facts facts(const Path& path) const { return facts_at(*before_, path); }

  /// States that `claim` holds just before the statement at `where.where` (or under the given facts).
  void prove(const ExprRef& claim, Problem where);
  void prove(const Facts& facts, const ExprRef& claim, Problem problem);
  /// States that a query found nothing.
  void prove_none(std::optional<Conflict> found, Problem problem);
  void fail(Failure failure) { failures_.push_back(std::move(failure)); }
  /// The program after is for callers for whom `claim`, over the parameters before, holds: in `[proc.NAME]` alone.
  void assume(ExprRef claim) { change_.assumed.push_back(std::move(claim)); }
  /// The program after does something else for its caller: in `[proc.NAME]` alone.
  void another() { change_.another = true; }
  /// How a recipe would write this step. What a primitive calls is part of it: the first one counts.
  void spell(TomlTable step) {
    if (spelled_.entries.empty()) spelled_ = std::move(step);
  }
  /// The step cannot even be written down.
  [[noreturn]] void refuse(Problem problem) const;

  const std::vector<Failure>& failures() const { return failures_; }
  const Change& change() const { return change_; }
  const TomlTable& spelled() const { return spelled_; }

 private:
  ProcRef before_;
  Declarations names_;
  std::vector<Failure> failures_;
  Change change_;
  TomlTable spelled_;
};

/// States that running `extra` in addition, at the place of the statement at `path`, changes nothing that anyone sees: it stays
/// in bounds and writes only places of buffers allocated around it that no statement reads.
void prove_unobserved(Rewrite& rw, const Path& path, const Block& extra, const std::string& what);

/// What a primitive did: the program after it, and what was not proved. It may be used only if nothing failed.
struct Outcome {
  ProcRef after;
  std::vector<Failure> failures;
  Change change;
  TomlTable spelled = {};  // empty where nobody asked, or where no step of a recipe does this
};
Outcome attempt(const ProcRef& before, const Context& context, const std::function<void(Rewrite&)>& primitive);

/// The failure as a diagnostic: underlines the statement, shows the counterexample, and replays it in the interpreter on the
/// programs before and after. `replayed` tells whether the run showed what the counterexample says.
struct Explanation {
  Diagnostic diagnostic;
  bool replayed = false;
};
Explanation explain(const Failure& failure, const ProcRef& before, const ProcRef& after);

/// Points at a statement of a program: in the recipe where the program is still the algorithm, else in a listing of it.
void point_at(Diagnostic& problem, const Proc& proc, const Path& path, const std::string& words);

}  // namespace exo
