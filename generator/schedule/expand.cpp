#include "schedule/expand.h"

#include <algorithm>

#include <fmt/format.h>

#include "ir/print.h"
#include "ir/walk.h"
#include "support/text.h"
#include "toml/write.h"

namespace exo {
namespace {

/// The expression with the names that an op or a loop gave to numbers replaced by these.
std::string with_numbers(const std::string& text, const std::map<std::string, int64_t>& numbers) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
    const std::string word = text.substr(i, end - i);
    const bool named = end < text.size() && text[end] == ':';  // the name of a loop of a nest
    const auto number = numbers.find(word);
    if (end == i)
      out += text[i++];
    else
      out += number == numbers.end() || named ? word : fmt::format("{}", number->second), i = end;
  }
  return out;
}

TomlValue with_numbers(const TomlValue& value, const std::map<std::string, int64_t>& numbers) {
  TomlValue out = value;
  if (const Text* text = value.text()) {
    out.value = Text{with_numbers(text->chars, numbers), {}, {}};
  } else if (const TomlArray* array = value.array()) {
    TomlArray list;
    for (const TomlValue& v : *array) list.push_back(with_numbers(v, numbers));
    out.value = std::move(list);
  } else if (const TomlTable* table = value.table()) {
    TomlTable entries;
    for (const TomlEntry& e : table->entries) entries.entries.push_back({e.first, with_numbers(e.second, numbers)});
    out.value = std::move(entries);
  }
  return out;
}

TomlFile as_file(const std::vector<std::string>& lines) {
  return parse_toml("expanded", "steps = [\n  " + join(lines, ",\n  ") + "\n]\n");
}

/// The program after these steps; nothing where one of them is refused.
ProcRef replayed(const ProcRef& before, const std::vector<std::string>& lines, const Context& context) {
  const TomlFile file = as_file(lines);
  const Steps steps{"expanded", file.root.find("steps")->array()};
  Problems problems;
  check_steps(steps, problems);
  problems.throw_if_any();
  return schedule(before, steps, context);
}

/// The primitives that a composite comes to, where recipes can say them all and they give the program that it gave; else nothing.
std::vector<std::string> primitives_of(const AppliedStep& step, const Context& context) {
  Context spelling = context;
  spelling.spelled = true;
  spelling.derivation = nullptr;
  for (const auto& [name, number] : step.numbers) spelling.params[name] = number;
  Schedule again(step.before, spelling);
  step.verb->run(again, step.step);
  std::vector<std::string> lines;
  for (const TomlTable& s : again.spelled()) {
    if (s.entries.empty()) return {};
    lines.push_back(write_toml(s));
  }
  try {
    const ProcRef after = replayed(step.before, lines, context);
    if (equal(*after, *step.after) && print(*after) == print(*step.after)) return lines;
  } catch (const Rejected&) {  // a name that means something else on the way
  }
  return {};
}

/// One step as it ran; nothing is left of the op or loop that it stood in.
std::string line_of(const AppliedStep& step) {
  TomlTable out;
  for (const TomlEntry& entry : step.step.entries) {
    if (keys_of_any_step().count(entry.first.name)) continue;
    TomlValue value = entry.second;
    for (const KeyDoc& key : step.verb ? step.verb->keys : std::vector<KeyDoc>{})
      if (key.name == entry.first.name && (key.shape.kind == Shape::Integer || key.shape.kind == Shape::Expression))
        value = with_numbers(value, step.numbers);
    out.entries.push_back({entry.first, std::move(value)});
  }
  return write_toml(out);
}

}  // namespace

std::vector<std::string> expand(const ProcRef& algorithm, const Context& context, const Scheduled& done) {
  std::vector<std::string> lines;
  for (const AppliedStep& step : done.steps) {
    if (step.before == step.after) continue;
    std::vector<std::string> flat;
    if (step.verb && step.verb->kind == Kind::Composite) flat = primitives_of(step, context);
    if (flat.empty()) flat.push_back(line_of(step));
    lines.insert(lines.end(), flat.begin(), flat.end());
  }
  const ProcRef again = replayed(algorithm, lines, context);
  if (!equal(*again, *done.proc) || print(*again) != print(*done.proc))
    reject({"expand-differs", "the flat list of steps gives another program than the schedule", {}, {}, {}});
  return lines;
}

}  // namespace exo
