#include "golden/steps.h"

#include <algorithm>

#include "ir/build.h"
#include "ir/parse.h"
#include "ir/walk.h"
#include "recipe/recipe.h"

namespace exo::testing {

namespace {
TargetRef shipped(const std::string& name) {
  static std::map<std::string, TargetRef> loaded;
  TargetRef& slot = loaded[name];
  if (!slot) slot = load_target(name, {EXO_DEFAULT_TARGETS_DIR, EXO_TEST_TARGETS_DIR});
  return slot;
}
}  // namespace

Setting::Setting(const std::string& target, Contract contract) : params_({}, nullptr) {
  context_.target = shipped(target);
  context_.contract = contract;
  params_ = Params({}, context_.target.get());
  context_.integer = [this](const Text& text) { return params_.value(text); };
}

std::vector<ProcRef> instructions(const Target& target) {
  std::vector<ProcRef> out;
  for (const Instruction& i : target.instructions) out.push_back(i.spec);
  return out;
}

void Setting::define(std::vector<ProcRef> given, const std::string& procs) {
  const TomlFile file = parse_toml("recipe", procs);
  std::vector<ProcEntry> entries;
  Problems problems;
  read_procs(file.root, std::nullopt, entries, problems);
  problems.throw_if_any();
  context_.procs = std::make_shared<Procedures>(std::move(given), entries, context_);
}

std::vector<ProcRef> callable(const Proc& proc, std::vector<ProcRef> known) {
  each_stmt(proc.body, [&](const StmtRef& s) {
    const Call* call = as<Call>(s);
    if (!call || std::count(known.begin(), known.end(), call->callee)) return;
    known = callable(*call->callee, std::move(known));
    known.push_back(call->callee);
  });
  return known;
}

std::vector<ProcRef> made_by_steps(const Proc& proc, const Target& target, const std::vector<ProcRef>& given) {
  std::vector<ProcRef> known = instructions(target);
  known.insert(known.end(), given.begin(), given.end());
  const std::vector<ProcRef> all = callable(proc, known);
  return {all.begin() + static_cast<std::ptrdiff_t>(known.size()), all.end()};
}

ProcRef program(const std::string& text, const Target& target) { return procedures(text, target).back(); }

std::vector<ProcRef> procedures(const std::string& text, const Target& target) {
  const auto procs = parse(text_of(register_source("program", text)), instructions(target), fields_of(target.configs));
  Problems problems;
  for (const ProcRef& p : procs) check(*p, problems);
  problems.throw_if_any();
  for (const ProcRef& p : procs) check_program(*p);
  check_configuration(*procs.back());
  return procs;
}

namespace {

/// Listens while it lives.
class Listener {
 public:
  explicit Listener(std::vector<Applied>& out) {
    observe_primitives([&out](const ProcRef& before, const Outcome& outcome) { out.push_back({before, outcome}); });
  }
  ~Listener() { observe_primitives({}); }
  Listener(const Listener&) = delete;
};

}  // namespace

Result run_steps(const ProcRef& before, const std::vector<std::string>& steps, const Setting& setting) {
  std::string text = "steps = [\n";
  for (const std::string& step : steps) text += "  " + step + ",\n";
  const TomlFile file = parse_toml("recipe", text + "]\n");
  const TomlArray& list = *file.root.find("steps")->array();
  Problems problems;
  check_steps({"golden", &list}, problems);
  problems.throw_if_any();
  Result out{before, {}, 0, std::nullopt};
  const Listener listener(out.primitives);
  try {
    out.after = schedule(before, {"golden", &list}, setting.context());
    out.accepted = list.size();
  } catch (Rejected& rejected) {
    out.refusal = std::move(rejected);
  }
  if (!out.refusal) return out;
  while (out.accepted + 1 < list.size()) {  // where did it stop?
    std::vector<Applied> primitives;
    const Listener again(primitives);
    try {
      out.after = schedule(before, {"golden", &list}, setting.context(), out.accepted + 1);
      ++out.accepted;
    } catch (const Rejected&) {
      break;
    }
  }
  return out;
}

}  // namespace exo::testing
