// [instr.NAME] and [[family]].
#include "target/read.h"

#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/check.h"
#include "ir/parse.h"
#include "ir/walk.h"
#include "target/template.h"
#include "toml/schema.h"

namespace exo {
namespace {

/// An instruction as written, or as a family wrote it for one entry of `each`.
struct InstructionTable {
  Text name, cls, spec, c, denormals, order;
  std::vector<std::string> features;
  std::vector<Text> immediate, clobbers;
  int64_t ulp = 0;
};

const Schema<InstructionTable>& instruction_schema() {
  static const Schema<InstructionTable> schema =
      Schema<InstructionTable>()
          .key("class", &InstructionTable::cls,
               "vector, matrix, move, or prefetch1 to prefetch3; without one it is taken by its name alone")
          .required("spec", &InstructionTable::spec, "its meaning, a procedure of the same name")
          .required("c", &InstructionTable::c, "the C that performs it")
          .key("features", &InstructionTable::features, "what the CPU must have beyond the features of the target")
          .key("immediate", &InstructionTable::immediate, "sizes and numbers that are constants wherever it stands")
          .key("clobbers", &InstructionTable::clobbers,
               "memories and configuration of the target whose contents are lost")
          .key("ulp", &InstructionTable::ulp, "how far the C may be from the specification")
          .key("denormals", &InstructionTable::denormals,
               "\"kept\" (the default), or \"zero\" where those read or made may become zero")
          .key("order", &InstructionTable::order, "of sums of floats: \"kept\" (the default) or \"any\"");
  return schema;
}

/// What a parameter that lives in a memory must look like.
void check_param(const Param& param, const Instruction& instruction, const Target& target, Problems& problems) {
  if (param.memory.empty()) return;
  const Span span = param.span.source ? param.span : instruction.span;
  const Memory* memory = target.memory(param.memory);
  if (!memory) {
    std::vector<std::string> names;
    for (const Memory& m : target.memories) names.push_back(m.name);
    problems.add({"unknown-memory", fmt::format("`{}` has no memory `{}`", target.name, param.memory), {}, {}, {}})
        .at(span)
        .help(suggestion(param.memory, names));
    return;
  }
  if (!memory->ctype.count(param.type.scalar)) {
    problems
        .add({"target-element",
              fmt::format("memory `{}` does not hold {}", memory->name, scalar_name(param.type.scalar)),
              {},
              {},
              {}})
        .at(span);
    return;
  }
  const auto lanes = memory->lanes.find(param.type.scalar);
  if (lanes == memory->lanes.end()) return;
  const int64_t* inner = param.type.shape.empty() ? nullptr : literal(param.type.shape.back());
  if (!inner || *inner != lanes->second)
    problems
        .add({"target-lanes",
              fmt::format("a unit of `{}` is {} elements of {}, but `{}` has another innermost extent", memory->name,
                          lanes->second, scalar_name(param.type.scalar), param.name.name()),
              {},
              {},
              {}})
        .at(span);
}

const std::vector<std::string> kClasses = {"vector", "matrix", "move", "prefetch1", "prefetch2", "prefetch3"};

/// `4*{VL}` with the length put in, as one number.
ProcRef with_lanes(const ProcRef& spec) {
  const auto number = [](const ExprRef& e) {
    const Binary* b = as<Binary>(e);
    return b && b->op == BinaryOp::Mul && literal(b->a) && literal(b->b) ? b->a * b->b : e;
  };
  Proc out = *spec;
  for (Param& p : out.params)
    for (ExprRef& extent : p.type.shape) extent = map_exprs(extent, number);
  for (ExprRef& e : out.asserts) e = map_exprs(e, number);
  out.body = map_exprs(out.body, number);
  return std::make_shared<const Proc>(std::move(out));
}

/// "kept", which is the default, or else `other`.
bool is_kept(const Text& text, const std::string& key, const std::string& other, Problems& problems) {
  if (!text.chars.empty() && text.chars != "kept" && text.chars != other)
    problems.add({"target-choice", fmt::format("`{}` is no {}", text.chars, key), {}, {}, {}})
        .at(text.span)
        .help(suggestion(text.chars, {"kept", other}));
  return text.chars != other;
}

using Replacements = std::map<std::string, std::string>;

/// A key of `each` and an operand of one name: `{b}` would be the former everywhere, also where C means the latter.
void check_keys(const Proc& spec, const Replacements& row, Problems& problems) {
  for (const Param& param : spec.params)
    if (row.count(param.name.name()))
      problems
          .add({"target-hole",
                fmt::format("`{}` is a key of `each` and a parameter of `{}`", param.name.name(), spec.name),
                {},
                {},
                {}})
          .at(param.span.source ? param.span : spec.span)
          .help("`{" + param.name.name() + "}` can mean only one of them: call the key something else");
}

/// A memory, a group of configuration or a field of it.
void add_clobbered(const Text& name, Instruction& out, const Target& target, Problems& problems) {
  if (const Memory* memory = target.memory(name.chars); memory && !memory->addressable)
    return out.clobbers.push_back(name.chars);
  Proc spec = *out.spec;
  std::vector<std::string> known;
  for (const Memory& m : target.memories)
    if (!m.addressable) known.push_back(m.name);
  for (const Config& config : target.configs) {
    known.push_back(config.name);
    for (const Sym field : config.fields) {
      known.push_back(field.name());
      if (name.chars == config.name || name.chars == field.name()) spec.forgets.push_back(field);
    }
  }
  if (spec.forgets.size() > out.spec->forgets.size()) {
    out.spec = std::make_shared<const Proc>(std::move(spec));
    return;
  }
  problems
      .add({"target-clobbers",
            fmt::format(
                "`{}` is no configuration and no memory that only instructions touch, so nothing of it can be lost",
                name.chars),
            {},
            {},
            {}})
      .at(name.span)
      .help(suggestion(name.chars, known));
}

void add_instruction(const InstructionTable& in, const Replacements& row, Target& target, Problems& problems) {
  Instruction out;
  out.name = in.name.chars, out.cls = in.cls.chars, out.features = in.features, out.ulp = in.ulp,
  out.span = in.name.whole();
  if (std::count(kClasses.begin(), kClasses.end(), out.cls) == 0 && !out.cls.empty())
    problems.add({"target-choice", fmt::format("`{}` is no class of instructions", out.cls), {}, {}, {}})
        .at(in.cls.span)
        .help(suggestion(out.cls, kClasses));
  out.keeps_denormals = is_kept(in.denormals, "denormals", "zero", problems);
  out.keeps_order = is_kept(in.order, "order", "any", problems);
  for (const Instruction& other : target.instructions)
    if (other.name == out.name) {
      problems.add({"target-duplicate", fmt::format("two instructions are called `{}`", out.name), {}, {}, {}})
          .at(out.span)
          .at(other.span, "the first");
      return;
    }
  const bool parsed = problems.attempt([&] {
    const std::vector<ProcRef> procs = parse(in.spec, {}, fields_of(target.configs));
    if (procs.size() != 1 || procs[0]->name != out.name)
      reject(Diagnostic{
          "target-spec-name",
          fmt::format("the specification of `{0}` must be one procedure, `def {0}(..)`", out.name),
          {},
          {},
          {}}.at(procs.empty() || !procs[0]->span.source ? in.spec.span : procs[0]->span));
    out.spec = target.vectors.units.empty() ? procs[0] : with_lanes(procs[0]);
  });
  if (!parsed) return;
  check(*out.spec, problems);
  check_keys(*out.spec, row, problems);
  for (const Param& param : out.spec->params) check_param(param, out, target, problems);
  for (const Text& name : in.immediate) {
    const auto& params = out.spec->params;
    const auto found = std::find_if(params.begin(), params.end(), [&](const Param& p) {
      return p.name.name() == name.chars && !is_data(p.type.scalar);
    });
    if (found != params.end())
      out.immediates.push_back(found->name);
    else
      problems
          .add({"target-immediate",
                fmt::format("`{}` has no control parameter `{}` that could be a constant", out.name, name.chars),
                {},
                {},
                {}})
          .at(name.span);
  }
  for (const Text& name : in.clobbers) add_clobbered(name, out, target, problems);
  out.c = parse_template(in.c, instruction_holes(*out.spec), problems);
  target.instructions.push_back(std::move(out));
}

std::vector<Replacements> read_each(const TomlValue& value, Problems& problems) {
  std::vector<Replacements> rows;
  std::vector<std::map<std::string, const TomlValue*>> tables;
  decode("each", value, tables, problems);
  for (const auto& table : tables) {
    Replacements& row = rows.emplace_back();
    for (const auto& [key, entry] : table) {
      if (entry->text())
        row[key] = entry->text()->chars;
      else if (entry->integer())
        row[key] = fmt::format("{}", *entry->integer());
      else
        wrong_kind("each." + key, "a string or a whole number", *entry, problems);
    }
  }
  return rows;
}

/// Every instruction of a table `instr`, once for each row of values.
void read_table(const TomlTable& table, const std::string& prefix, const std::vector<Replacements>& rows,
                Target& target, Problems& problems) {
  for (const auto& entry : table.entries) {
    const std::string what = fmt::format("[{}.{}]", prefix, entry.first.name);
    if (!entry.second.table()) {
      wrong_kind(what, "a table", entry.second, problems);
      continue;
    }
    Problems own;
    InstructionTable in;
    const bool complete = problems.attempt([&] {
      in = instruction_schema().read(*entry.second.table(), entry.first.span, what, own);
      own.throw_if_any();
    });
    if (!complete) continue;
    in.name = text_of(entry.first);
    for (const Replacements& row : rows) {
      InstructionTable filled = in;
      Replacements of_spec = row;
      if (!target.vectors.units.empty()) of_spec["VL"] = fmt::format("{}", target.length);
      filled.name = fill_family(in.name, row), filled.spec = fill_family(fill_family(in.spec, row), of_spec),
      filled.c = fill_family(in.c, row), filled.cls = fill_family(in.cls, row);
      add_instruction(filled, row, target, problems);
    }
  }
}

struct Family {
  const TomlValue *each = nullptr, *instr = nullptr;
};

}  // namespace

void read_instructions(const TomlFile& file, Target& target, Problems& problems) {
  static const Schema<Family> family_schema =
      Schema<Family>()
          .required("each", &Family::each, "an array of tables: the values of the holes")
          .required("instr", &Family::instr, "the instructions of the family");
  const Replacements no_holes;
  for (const auto& entry : file.root.entries) {
    const TomlValue& value = entry.second;
    if (entry.first.name == "instr") {
      if (!value.table())
        wrong_kind("instr", "a table of instructions", value, problems);
      else
        read_table(*value.table(), "instr", {no_holes}, target, problems);
    }
    if (entry.first.name != "family") continue;
    if (!value.array()) {
      problems.add({"toml-type", "families are written [[family]]", {}, {}, {}}).at(value.span);
      continue;
    }
    for (const TomlValue& element : *value.array()) {
      if (!element.table()) {
        wrong_kind("family", "a table", element, problems);
        continue;
      }
      const Family family = family_schema.read(*element.table(), element.span, "[[family]]", problems);
      if (!family.each || !family.instr) continue;
      if (!family.instr->table())
        wrong_kind("family.instr", "a table of instructions", *family.instr, problems);
      else
        read_table(*family.instr->table(), "family.instr", read_each(*family.each, problems), target, problems);
    }
  }
}

}  // namespace exo
