// Runs steps: the verbs of a schedule, the ops that it calls, and what controls both.
#pragma once

#include "schedule/bindings.h"
#include "schedule/step.h"

namespace exo {

/// A verb that ran, with holes filled: what the schedule comes to.
struct AppliedStep {
  std::string where;  // "step 3 of op `gemm`, called at step 1 of `sgemm`"
  TomlTable step;
  const Verb* verb = nullptr;              // none: a `find`
  std::map<std::string, int64_t> numbers;  // names of an op or loop that its expressions use
  ProcRef before, after;
};

/// What a schedule has to say of itself.
struct Remark {
  enum Kind : uint8_t { Taken, Warning, Message } kind;
  std::string where, text;
  Span span;
};

class Runner {
 public:
  Runner(const ProcRef& algorithm, const Context& context, const Module* module);

  /// Runs the first `count` steps. Throws Rejected with the step that was refused.
  void run(const TomlArray& steps, const std::string& title, size_t count = SIZE_MAX);

  Schedule& schedule() { return schedule_; }
  const std::vector<AppliedStep>& applied() const { return applied_; }
  const std::vector<Remark>& remarks() const { return remarks_; }

  // For the controls:
  /// Steps inside the step that runs now; `key` is where they stand.
  void inside(const StepList& steps, const std::string& key);
  /// Runs `action` with a name bound.
  void with(const std::string& name, const TomlValue& value, const std::function<void()>& action);
  /// Runs `action`; where a step is refused, all is as it was before, and the refusal is given back. What is a mistake of spelling
  /// is no refusal, and goes on its way.
  std::optional<Rejected> attempt(const std::function<void()>& action);
  /// Calls these places `name` as well (marks.h); the list of applied steps says so with a `find`.
  void mark(const std::vector<Path>& places, const std::string& reference, const std::string& name);
  void remark(Remark::Kind kind, const std::string& text);
  /// A text with its holes filled: names as everywhere, and expressions, `{extent(i)}`.
  std::string message(const Text& text) const;
  int64_t integer(const Text& text) const { return schedule_.context().integer(text); }

 private:
  struct Frame {
    const Module* module;
    Bindings bindings;
    std::string where;   // the step that runs now
    Span span;           // its verb
    std::string called;  // ", called at step 1 of `sgemm`"
  };

  std::map<std::string, int64_t> params_;  // of the recipe
  Schedule schedule_;
  Frame frame_;
  std::vector<AppliedStep> applied_;
  std::vector<Remark> remarks_;
  std::map<std::string, std::string> removed_;  // name -> the step that took it away
  size_t steps_ = 0;
  bool placed_ = false;  // the refusal under way says already which step it was

  void step(const TomlValue& step, const std::string& where);
  void act(const Action& action, const TomlTable& step);
  void verb(const Verb& verb, const TomlTable& step);
  void call(const OpCall& call, const TomlTable& step);
  Bindings arguments(const OpCall& call, const TomlTable& step) const;
  TomlValue argument(const OpArg& arg, const TomlValue& value) const;
  std::vector<std::pair<std::string, TomlValue>> results(const OpCall& call, const TomlTable& step);
  bool wanted(const TomlTable& step) const;
  void use_numbers();
  Bindings::Others others() const;
  TomlTable filled(const TomlTable& step, const std::vector<KeyDoc>& docs) const;
  void add_context(Diagnostic& d, const TomlValue& step, const Action& action) const;
};

}  // namespace exo
