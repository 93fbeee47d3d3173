// [proc.NAME] and [[family]] of a recipe.
#include <fmt/format.h>

#include "recipe/recipe.h"
#include "support/text.h"

namespace exo {
namespace {

Diagnostic& problem(Problems& problems, const char* code, std::string message, Span span) {
  return problems.add(Diagnostic{code, std::move(message), {}, {}, {}}.at(span));
}

void read_proc(const TomlKey& name, const TomlTable& body, const std::optional<TomlValue>& each,
               std::vector<ProcEntry>& out, Problems& problems) {
  ProcEntry entry{text_of(name), {}, {}, each};
  for (const auto& [key, value] : body.entries) {
    if (key.name == "from") {
      if (value.text())
        entry.from = *value.text();
      else
        problem(problems, "value-type", fmt::format("`from` is a string, this is {}", value.kind()), value.span);
    } else if (key.name == "steps") {
      if (!value.array()) {
        problem(problems, "value-type", fmt::format("`steps` is a list, this is {}", value.kind()), value.span);
        continue;
      }
      check_steps({name.name, value.array()}, problems);
      entry.steps = *value.array();
    } else if (key.name == "each" && !each) {
      entry.each = value;
    } else if (key.name != "brief") {
      problem(problems, "unknown-key", fmt::format("a procedure has no key `{}`", key.name), key.span)
          .help(suggestion(key.name, {"from", "steps", "each", "brief"}));
    }
  }
  if (!body.find("from"))
    problem(problems, "proc-from", fmt::format("`{}` does not say what it is made from", name.name), name.span)
        .help("`from` names a `def`, another `[proc.NAME]`, or what `extract` cuts out");
  else if (!entry.from.chars.empty())
    out.push_back(std::move(entry));
}

}  // namespace

void read_procs(const TomlTable& table, const std::optional<TomlValue>& each, std::vector<ProcEntry>& out,
                Problems& problems) {
  for (const auto& [name, value] : table.entries) {
    if (value.table())
      read_proc(name, *value.table(), each, out, problems);
    else
      problem(problems, "value-type", fmt::format("`{}` is a table, this is {}", name.name, value.kind()), value.span);
  }
}

void read_families(const TomlValue& families, std::vector<ProcEntry>& out, Problems& problems) {
  if (!families.array()) {
    problem(problems, "value-type", "families are written `[[family]]`", families.span);
    return;
  }
  for (const TomlValue& family : *families.array()) {
    const TomlTable* t = family.table();
    if (!t) {
      problem(problems, "value-type", fmt::format("a family is a table, this is {}", family.kind()), family.span);
      continue;
    }
    const TomlValue *each = t->find("each"), *procs = t->find("proc");
    for (const auto& [key, value] : t->entries)
      if (key.name != "each" && key.name != "proc")
        problem(problems, "unknown-key", fmt::format("a family has no key `{}`", key.name), key.span)
            .help(suggestion(key.name, {"each", "proc"}));
    if (!each || !procs || !procs->table())
      problem(problems, "proc-each", "a family has rows `each` and procedures `[family.proc.NAME]`", family.span);
    else
      read_procs(*procs->table(), *each, out, problems);
  }
}

}  // namespace exo
