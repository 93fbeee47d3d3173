#include "schedule/procedures.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/facts.h"
#include "ir/build.h"
#include "ir/check.h"
#include "ir/print.h"
#include "support/text.h"
#include "target/template.h"

namespace exo {
namespace {

/// The value with the holes of every string in it filled.
TomlValue filled(const TomlValue& v, const Row& row) {
  TomlValue out = v;
  if (const Text* t = v.text()) {
    out.value = fill_family(*t, row);
  } else if (v.array()) {
    TomlArray list;
    for (const TomlValue& element : *v.array()) list.push_back(filled(element, row));
    out.value = std::move(list);
  } else if (v.table()) {
    TomlTable table;
    for (const TomlEntry& e : v.table()->entries) table.entries.push_back({e.first, filled(e.second, row)});
    out.value = std::move(table);
  }
  return out;
}

TomlArray filled(const TomlArray& steps, const Row& row) {
  TomlArray out;
  for (const TomlValue& step : steps) out.push_back(row.empty() ? step : filled(step, row));
  return out;
}

/// The context in which the steps of a derivation run.
Context inside(const Context& context, const Row& row, Derivation& record) {
  Context out = context;
  out.derivation = &record;
  if (!row.empty()) out.integer = [all = context.integer, row](const Text& e) { return all(with_values(e, row)); };
  for (const auto& [name, value] : row)
    if (!value.empty() && value.find_first_not_of("0123456789") == value.npos && value.size() < 10)
      out.params[name] = std::stoll(value);
  return out;
}

}  // namespace

Change Derivation::until(const ProcRef& end) const {
  Change out;
  ProcRef now = end;
  for (auto step = steps.rbegin(); step != steps.rend();
       ++step) {  // what was given up on the way does not lead to the end
    if (step->after != now) continue;
    out.assumed.insert(out.assumed.begin(), step->change.assumed.begin(), step->change.assumed.end());
    out.another = out.another || step->change.another;
    now = step->before;
  }
  return out;
}

Procedures::Procedures(std::vector<ProcRef> given, const std::vector<ProcEntry>& entries, const Context& context)
    : base_(context), given_(std::move(given)) {
  base_.procs = nullptr, base_.derivation = nullptr;
  Problems problems;
  for (const ProcEntry& e : entries) {
    std::vector<Row> rows = {{}};
    if (e.each && !problems.attempt([&] { rows = rows_of(*e.each, context); })) continue;
    for (const Row& row : rows) {
      Entry entry{fill_family(e.name, row), fill_family(e.from, row), filled(e.steps, row), row, nullptr, nullptr};
      const std::string& name = entry.name.chars;
      const auto refuse = [&](std::string what, const char* help) {
        problems.add(Diagnostic{"proc-name", std::move(what), {}, {}, {}}.at(e.name.span).help(help));
      };
      if (!is_identifier(name))
        refuse(fmt::format("`{}` cannot be the name of a procedure", name),
               "a family needs a hole in its name, as in `micro_{r}`");
      else if (knows(name))
        refuse(fmt::format("there is already a procedure called `{}`", name),
               "names of procedures are different; those of a family have a hole, as in `micro_{r}`");
      else if (context.target && context.target->instruction(name))
        refuse(fmt::format("`{}` is an instruction of `{}`", name, context.target->name), "take another name");
      else
        entries_.push_back(std::move(entry));
    }
  }
  problems.throw_if_any();
}

bool Procedures::knows(const std::string& name) const {
  const std::vector<std::string> all = names();
  return std::find(all.begin(), all.end(), name) != all.end();
}

std::vector<std::string> Procedures::names() const {
  std::vector<std::string> out;
  for (const Entry& e : entries_) out.push_back(e.name.chars);
  for (const ProcRef& p : given_) out.push_back(p->name);
  for (const auto& [name, proc] : extracted_) out.push_back(name);
  return out;
}

ProcRef Procedures::named(const std::string& name, const Context& context) {
  for (Entry& e : entries_)
    if (e.name.chars == name) return derived(e, context);
  if (const auto it = extracted_.find(name); it != extracted_.end()) return it->second;
  for (const ProcRef& p : given_)
    if (p->name == name) return p;
  return nullptr;
}

ProcRef Procedures::wanted(const Text& name, const Context& context) {
  if (ProcRef found = named(name.chars, context)) return found;
  reject(Diagnostic{"unknown-procedure", fmt::format("there is no procedure `{}` here", name.chars), {}, {}, {}}
             .at(name.whole())
             .help(names().empty() ? "write it in front of the algorithm, derive it as `[proc.NAME]`, or `extract` it"
                                   : suggestion(name.chars, names())));
}

void Procedures::add(const ProcRef& extracted) { extracted_[extracted->name] = extracted; }

Origin Procedures::origin(const ProcRef& proc) const {
  if (const auto it = origins_.find(proc.get()); it != origins_.end()) return it->second;
  Origin self{proc, proc, {}, {}};
  for (const Param& p : proc->params) self.params[p.name] = p.name;
  return self;
}

ProcRef Procedures::derived(Entry& entry, const Context& context) {
  const std::string& name = entry.name.chars;
  if (std::count(open_.begin(), open_.end(), name)) {
    std::vector<std::string> cycle(std::find(open_.begin(), open_.end(), name), open_.end());
    cycle.push_back(name);
    reject(Diagnostic{"proc-recursion", fmt::format("`{}` would be made of itself", name), {}, {}, {}}
               .at(entry.name.span)
               .note(fmt::format("the way round is `{}`", join(cycle, "` -> `"))));
  }
  open_.push_back(name);
  struct Close {
    std::vector<std::string>& open;
    ~Close() { open.pop_back(); }
  } close{open_};
  const ProcRef from = wanted(entry.from, context);
  if (entry.made && entry.origin == from) return entry.made;

  Derivation record;
  Renaming copies;
  const ProcRef start = fresh_copy(*from, copies);
  Context own = inside(base_, entry.values, record);
  own.procs = context.procs;
  const ProcRef end = schedule(start, {name, &entry.steps}, own);
  const ProcRef made = finished(entry, from, end, copies, record);
  if (record.instruction) make_instruction(entry, made, *record.instruction, *context.target);
  entry.origin = from, entry.made = made;
  return made;
}

/// Named, proved once more, and its origin noted.
ProcRef Procedures::finished(const Entry& entry, const ProcRef& from, const ProcRef& end, const Renaming& copies,
                             const Derivation& record) {
  Proc next = *end;
  if (next.name == from->name) next.name = entry.name.chars;
  next.span = entry.name.span;
  const auto made = std::make_shared<const Proc>(std::move(next));
  if (prove(entry_facts(*made), truth(false)))
    reject(Diagnostic{"proc-assertions", fmt::format("no call of `{}` can do what it asserts", made->name), {}, {}, {}}
               .at(entry.name.span)
               .help("its assertions are\n" + [&] {
                 std::vector<std::string> lines;
                 for (const ExprRef& e : made->asserts) lines.push_back("assert " + print(e));
                 return join(lines, "\n");
               }()));
  Problems problems;
  check(*made, problems);
  problems.throw_if_any();
  check_program(*made);

  const Change change = record.until(end);
  const auto param_of = [](const Proc& proc, Sym name) -> const Param* {
    const auto it =
        std::find_if(proc.params.begin(), proc.params.end(), [&](const Param& p) { return p.name == name; });
    return it == proc.params.end() ? nullptr : &*it;
  };
  bool another = change.another;
  const Origin before = origin(from);
  Origin out{made, before.root, {}, before.fixed};
  for (const auto& [root, here] : before.params) {
    const Sym copy = copies.at(here);
    if (const Param* p = param_of(*made, copy)) {
      const Param& was = *param_of(*from, here);
      another = another || p->type.scalar != was.type.scalar || p->memory != was.memory ||
                (was.type.window && !p->type.window);  // what was passed may be strided
      out.params[root] = copy;
      continue;
    }
    for (const ExprRef& e : change.assumed)
      if (const Binary* b = as<Binary>(e); b && b->op == BinaryOp::Eq && as<Var>(b->a) && as<Var>(b->a)->sym == copy)
        out.fixed[root] = b->b;
    if (!out.fixed.count(root)) BUG(fmt::format("nothing tells the value of `{}`", copy.name()));
  }
  if (!another) origins_[made.get()] = out;
  return made;
}

void Procedures::make_instruction(const Entry& entry, const ProcRef& proc, const Derivation::AsInstruction& how,
                                  const Target& target) {
  if (target.instruction(proc->name))
    reject(Diagnostic{"proc-name", fmt::format("`{}` is an instruction of `{}`", proc->name, target.name), {}, {}, {}}
               .at(entry.name.span)
               .help("take another name"));
  Problems problems;
  Instruction out;
  out.name = proc->name;
  out.cls = how.cls;
  out.spec = proc;
  out.c = parse_template(how.c, instruction_holes(*proc), problems);
  out.features = how.features;
  out.ulp = how.ulp;
  out.keeps_order = how.keeps_order;
  out.span = entry.name.span;
  problems.throw_if_any();
  instructions_.push_back(std::move(out));
}

const Instruction& Procedures::instruction(const ProcRef& proc) {
  for (const Instruction& i : instructions_)
    if (i.spec == proc) return i;
  Instruction& made = instructions_.emplace_back();
  made.name = proc->name;
  made.spec = proc;
  made.span = proc->span;
  return made;
}

std::vector<const Instruction*> Procedures::of_class(const std::string& cls, const Context& context) {
  for (Entry& e : entries_) {
    const bool makes = std::any_of(e.steps.begin(), e.steps.end(),
                                   [](const TomlValue& s) { return s.table() && s.table()->find("make_instr"); });
    const bool open = std::count(open_.begin(), open_.end(), e.name.chars) > 0;
    if (makes && !open && knows(e.from.chars)) derived(e, context);
  }
  std::vector<const Instruction*> out;
  for (const Instruction& i : instructions_)
    if (i.cls == cls) out.push_back(&i);
  return out;
}

std::vector<Instruction> Procedures::made() const {
  std::vector<Instruction> out;
  for (const Instruction& i : instructions_)
    if (!i.c.pieces.empty()) out.push_back(i);
  return out;
}

ProcRef fresh_copy(const Proc& proc, Renaming& copies) {
  for (const Param& p : proc.params) copies[p.name] = Sym::fresh(p.name.name());
  Proc next = proc;
  for (Param& p : next.params) {
    p.name = copies.at(p.name);
    for (ExprRef& e : p.type.shape) e = rename(e, copies);
  }
  for (ExprRef& e : next.asserts) e = rename(e, copies);
  next.body = freshen(rename(proc.body, copies));
  return std::make_shared<const Proc>(std::move(next));
}

void only_in_proc(const Rewrite& rw, const std::string& verb) {
  if (rw.context.derivation) return;
  rw.refuse({"proc-only",
             fmt::format("`{}` would change what the callers of the kernel see", verb),
             {},
             "",
             {fmt::format("it makes a procedure from another one: `[proc.NAME]` with `from` and these `steps`")}});
}

void check_is_proc(const Proc& now, const Ref& ref) {
  if (ref.str() == "proc" || ref.str() == now.name) return;
  reject(Diagnostic{"unknown-reference", fmt::format("`{}` is not this procedure", ref.str()), {}, {}, {}}
             .at(ref.text.whole())
             .help("the procedure that the steps are about is called `proc`"));
}

}  // namespace exo
