#include "schedule/runner.h"

#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "schedule/admit.h"
#include "schedule/control.h"
#include "schedule/marks.h"
#include "support/text.h"

namespace exo {
namespace {

constexpr size_t kMostSteps = 100'000;  // of one schedule, those inside loops counted each time

std::set<std::string> names_in(const Proc& proc) {
  std::set<std::string> out;
  for (std::string& n : loop_names(proc)) out.insert(std::move(n));
  for (std::string& n : stmt_names(proc)) out.insert(std::move(n));
  return out;
}

/// Is it about how the recipe is written? That is never a reason to try something else.
bool is_mistake(const Diagnostic& d) {
  return d.code.rfind("step-", 0) == 0 || d.code.rfind("param-", 0) == 0 || d.code == "inspect-argument" ||
         d.code == "unknown-param" || d.code == "unknown-function";
}

/// Keys whose braces and signs are not ours: C of an instruction, a pattern with a memory.
bool is_lenient(const std::string& key) { return key == "c" || key == "find"; }

}  // namespace

Runner::Runner(const ProcRef& algorithm, const Context& context, const Module* module)
    : params_(context.params), schedule_(algorithm, context), frame_{module, {}, {}, {}, {}} {}

void Runner::run(const TomlArray& steps, const std::string& title, size_t count) {
  for (size_t i = 0; i < std::min(count, steps.size()); ++i) step(steps[i], fmt::format("step {} of {}", i + 1, title));
}

void Runner::inside(const StepList& steps, const std::string& key) {
  const std::string where = frame_.where;
  const Span span = frame_.span;
  run(*steps.list, fmt::format("{} in {}", key, where));
  frame_.where = where;
  frame_.span = span;
}

void Runner::step(const TomlValue& step, const std::string& where) {
  const TomlTable& table = *step.table();
  const Action action = action_of(table, frame_.module);
  frame_.where = where;
  frame_.span = action.key->span;
  placed_ = false;
  try {
    if (++steps_ > kMostSteps)
      reject({"step-count", fmt::format("the schedule runs more than {} steps", kMostSteps), {}, {}, {}});
    if (wanted(table)) act(action, table);
  } catch (Rejected& rejected) {
    for (Diagnostic& d : rejected.problems) add_context(d, step, action);
    placed_ = true;
    throw;
  }
}

void Runner::act(const Action& action, const TomlTable& step) {
  if (action.verb) return verb(*action.verb, filled(step, action.verb->keys));
  if (action.control) return action.control->run(*this, filled(step, action.control->keys));
  call(action.call, step);
}

void Runner::verb(const Verb& verb, const TomlTable& step) {
  const ProcRef before = schedule_.proc();
  const std::set<std::string> names = names_in(*before);
  admit(verb, *before);
  verb.run(schedule_, step);
  const std::set<std::string> now = names_in(schedule_.now());
  const std::string where = frame_.where + frame_.called;
  for (const std::string& n : names)
    if (!now.count(n)) removed_[n] = where;
  applied_.push_back({where, step, &verb, frame_.bindings.numbers(), before, schedule_.proc()});
}

bool Runner::wanted(const TomlTable& step) const {
  const TomlValue* given = step.find("when");
  if (!given) return true;
  const TomlValue when = frame_.bindings.filled(*given, others());
  if (const bool* b = when.boolean()) return *b;
  if (const int64_t* n = when.integer()) return *n != 0;
  if (!when.text())
    reject(Diagnostic{"step-value", "`when` wants a condition over params and the program", {}, {}, {}}.at(when.span));
  if (when.text()->chars == "true" || when.text()->chars == "false") return when.text()->chars == "true";
  return integer(*when.text()) != 0;
}

Bindings::Others Runner::others() const {
  return [this](const std::string& name) -> std::optional<std::string> {
    if (name == "target") return schedule_.target().name;
    const auto it = schedule_.context().params.find(name);
    return it == schedule_.context().params.end() ? std::nullopt : std::optional(fmt::format("{}", it->second));
  };
}

TomlTable Runner::filled(const TomlTable& step, const std::vector<KeyDoc>& docs) const {
  TomlTable out;
  for (const TomlEntry& entry : step.entries) {
    const auto doc =
        std::find_if(docs.begin(), docs.end(), [&](const KeyDoc& d) { return d.name == entry.first.name; });
    const bool steps = doc != docs.end() && doc->shape.kind == Shape::Steps;  // they are filled when they run
    const bool message = entry.first.name == "print" || entry.first.name == "warn" || entry.first.name == "why";
    const auto unknown = is_lenient(entry.first.name) ? Bindings::Unknown::Keep : Bindings::Unknown::Refuse;
    out.entries.push_back(
        {entry.first, steps || message ? entry.second : frame_.bindings.filled(entry.second, others(), unknown)});
  }
  return out;
}

void Runner::with(const std::string& name, const TomlValue& value, const std::function<void()>& action) {
  const Bindings before = frame_.bindings;
  frame_.bindings.set(name, value);
  use_numbers();
  try {
    action();
  } catch (Rejected& rejected) {
    for (Diagnostic& d : rejected.problems)
      if (const Text* text = value.text())
        d.note(fmt::format("here `{}` is `{}`", name, text->chars));
      else if (const int64_t* number = value.integer())
        d.note(fmt::format("here `{}` is {}", name, *number));
    frame_.bindings = before;
    use_numbers();
    throw;
  }
  frame_.bindings = before;
  use_numbers();
}

void Runner::use_numbers() {
  std::map<std::string, int64_t> all = params_;
  for (const auto& [name, value] : frame_.bindings.numbers()) all[name] = value;
  schedule_.with_params(std::move(all));
}

std::optional<Rejected> Runner::attempt(const std::function<void()>& action) {
  const ProcRef before = schedule_.proc();
  const Frame frame = frame_;
  const size_t applied = applied_.size(), remarks = remarks_.size();
  const auto removed = removed_;
  try {
    action();
    return std::nullopt;
  } catch (Rejected& rejected) {
    if (std::any_of(rejected.problems.begin(), rejected.problems.end(), is_mistake)) throw;
    schedule_.back_to(before);
    frame_ = frame;
    use_numbers();
    applied_.resize(applied);
    remarks_.resize(remarks);
    removed_ = removed;
    placed_ = false;
    return std::move(rejected);
  }
}

void Runner::mark(const std::vector<Path>& places, const std::string& reference, const std::string& name) {
  const ProcRef before = schedule_.proc();
  exo::mark(schedule_, places, name);
  TomlTable find;
  const auto add = [&](const char* key, decltype(TomlValue::value) value) {
    find.entries.push_back({{key, {}}, {std::move(value), {}}});
  };
  add("find", Text{reference, {}, {}});
  add("as", Text{name, {}, {}});
  if (places.size() > 1) add("all", true);
  applied_.push_back({frame_.where + frame_.called, std::move(find), nullptr, {}, before, schedule_.proc()});
}

void Runner::remark(Remark::Kind kind, const std::string& text) {
  remarks_.push_back({kind, frame_.where + frame_.called, text, frame_.span});
}

/// Which step it was, in front of what went wrong; which step took a name away, behind.
void Runner::add_context(Diagnostic& d, const TomlValue& step, const Action& action) const {
  const std::string where = frame_.where;
  if (placed_) {
    if (action.call.key) d.at(action.key->span, "called at " + where);
    return;
  }
  if (d.code == "unknown-reference")
    for (const auto& [name, by] : removed_)
      if (d.message.find("`" + name + "`") != std::string::npos ||
          d.message.find("." + name + "`") != std::string::npos)
        d.note(fmt::format("`{}` was there until {}", name, by));
  const bool in_step = !d.places.empty() && d.places[0].span.source == step.span.source;
  if (!in_step)
    d.places.insert(d.places.begin(), {action.key->span, where});
  else if (d.places[0].words.empty())
    d.places[0].words = where;
  if (const TomlValue* why = step.table()->find("why"); why && why->text() && !action.control)
    d.note("why: " + frame_.bindings.filled(*why, others(), Bindings::Unknown::Keep).text()->chars);
}

std::string Runner::message(const Text& text) const {
  const std::string& s = text.chars;
  std::string out;
  for (size_t i = 0; i < s.size(); ++i) {
    const size_t close = s[i] == '{' ? s.find('}', i) : s.npos;
    if (close == s.npos) {
      const TomlValue one{subtext(text, i, i + 1), {}};
      if (s[i] != '@') {
        out += s[i];
        continue;
      }
      size_t end = i + 1;
      while (end < s.size() && (std::isalnum(static_cast<unsigned char>(s[end])) || s[end] == '_')) ++end;
      const TomlValue* bound = frame_.bindings.find(s.substr(i + 1, end - i - 1));
      out += bound && bound->text() ? bound->text()->chars : s.substr(i, end - i);
      i = end - 1;
      continue;
    }
    const Text hole = subtext(text, i + 1, close);
    const Text marked = subtext(text, i, close + 1);
    const bool name = is_identifier(trim(hole.chars));
    if (name)
      out += frame_.bindings.filled(TomlValue{marked, text.span}, others()).text()->chars;
    else
      out += fmt::format("{}", integer(*frame_.bindings.filled(TomlValue{hole, text.span}, others()).text()));
    i = close;
  }
  return out;
}

}  // namespace exo
