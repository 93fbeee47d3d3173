#include "recipe/manual.h"

#include <algorithm>

#include <fmt/format.h>

#include "schedule/control.h"
#include "schedule/inspect.h"

namespace exo {
namespace {

/// The comment at the top of a file, by the name of its verb. Written by the build.
struct Comment {
  const char *name, *text;
};
const Comment kComments[] = {
#include "exo_verb_comments.inc"
};

/// Without slashes, and without the first line, which is the brief.
std::string comment_of(const std::string& name) {
  std::string out;
  for (const Comment& c : kComments) {
    if (c.name != name) continue;
    for (const std::string& line : split_text(c.text, '\n')) {
      std::string_view rest = line;
      if (rest.rfind("//", 0) == 0) rest.remove_prefix(2);
      if (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
      if (out.empty() && (rest.empty() || rest.rfind(name + ":", 0) == 0)) continue;
      out += std::string(rest) + "\n";
    }
  }
  return out;
}

std::string key_line(const KeyDoc& k) {
  return fmt::format("    {:<12} {}{}\n", k.name, k.doc,
                     fmt::format("  ({}{})", k.type, k.required ? "" : ", optional"));
}

std::string page(const std::string& name, const std::string& brief, const std::vector<KeyDoc>& keys) {
  std::string out = fmt::format("{}: {}\n\n", name, brief);
  for (const KeyDoc& k : keys) out += key_line(k);
  out += fmt::format("    {:<12} {}\n", "when", "only where this condition holds  (condition, optional)");
  out += fmt::format("    {:<12} {}\n", "why", "said where the step is refused  (text, optional)");
  return out + "\n" + comment_of(name);
}

std::string line(const std::string& name, const std::string& brief) { return fmt::format("{:<16} {}\n", name, brief); }

std::string op_page(const std::string& spelt, const Op& op) {
  std::string call = fmt::format("{{ {} = {}", spelt, op.on ? "\"" + op.on->type + "\"" : "\"proc\"");
  std::string out = fmt::format("{}: {}\n\n", spelt, op.doc.empty() ? "an op" : op.doc);
  const auto add = [&](const OpArg& arg, const std::string& name) {
    out += fmt::format("    {:<12} {}{}\n", name, arg.type, arg.usual ? "  (optional)" : "");
  };
  if (op.on) add(*op.on, "on");
  for (const OpArg& arg : op.args) add(arg, arg.name), call += fmt::format(", {} = ..", arg.name);
  for (const auto& [name, reference] : op.gives) out += fmt::format("    gives {:<6} {}\n", name, reference.chars);
  return out + "\n    " + call + " }\n";
}

/// Every op that these recipes can call, by the name under which they do.
std::vector<std::pair<std::string, const Op*>> ops_of(const std::vector<const Recipe*>& recipes) {
  std::vector<std::pair<std::string, const Op*>> out;
  for (const Recipe* recipe : recipes)
    for (const auto& [alias, module] : recipe->modules.front()->imports)
      for (const auto& [name, op] : module->ops) out.emplace_back(alias + "." + name, &op);
  return out;
}

}  // namespace

std::string manual(const std::vector<const Recipe*>& recipes) {
  std::string out = "Verbs that rewrite the program, each proved:\n\n";
  for (const Verb& v : verbs())
    if (v.kind == Kind::Primitive) out += line(v.name, v.brief);
  out += "\nVerbs made of these:\n\n";
  for (const Verb& v : verbs())
    if (v.kind == Kind::Composite) out += line(v.name, v.brief);
  out += "\nControl of steps:\n\n";
  for (const Control& c : controls()) out += line(c.name, c.brief);
  out += "\nFunctions of expressions that look at the program:\n\n";
  for (const InspectionDoc& i : inspections()) out += fmt::format("{:<28} {}\n", i.form, i.doc);
  const auto ops = ops_of(recipes);
  if (!ops.empty()) out += "\nOps:\n\n";
  for (const auto& [name, op] : ops) out += line(name, op->doc);
  return out;
}

std::string manual(const std::string& name, const std::vector<const Recipe*>& recipes) {
  std::vector<std::string> known;
  for (const Verb& v : verbs()) {
    if (v.name == name) return page(v.name, v.brief, v.keys);
    known.push_back(v.name);
  }
  for (const Control& c : controls()) {
    if (c.name == name) return page(c.name, c.brief, c.keys);
    known.push_back(c.name);
  }
  for (const auto& [spelt, op] : ops_of(recipes)) {
    if (spelt == name || op->name == name) return op_page(spelt, *op);
    known.push_back(spelt);
  }
  reject(
      Diagnostic{"unknown-verb", fmt::format("there is no verb `{}`", name), {}, {}, {}}.help(suggestion(name, known)));
}

}  // namespace exo
