// [target] and [memory.NAME].
#include "target/read.h"

#include <algorithm>

#include <fmt/format.h>

#include "target/c_type.h"
#include "target/template.h"
#include "toml/schema.h"

namespace exo {
namespace {

const std::vector<std::string> kRoles = {"vector", "mask", "matrix", "scratchpad", "accumulator", "stack", "heap"};
const std::vector<std::string> kUnitHoles = {"ctype", "name", "outer_dims", "outer_indices", "count", "address"};

struct Head {
  std::string name, arch;
  std::vector<Text> extends, parts;
  std::vector<std::string> features, include, emulator, compilers;
  std::string prelude, enter, leave, fence, simulator;
  std::map<std::string, std::vector<std::string>> flags;
  const TomlValue *lanes = nullptr, *vectors = nullptr;
  std::optional<int64_t> registers;
  std::map<std::string, int64_t> caches, extra;
};

const Schema<Head>& head_schema() {
  static const Schema<Head> schema =
      Schema<Head>()
          .required("name", &Head::name, "the name of its directory")
          .key("arch", &Head::arch, "architecture, \"x86_64\", or \"any\"")
          .key("extends", &Head::extends, "targets whose entries it takes over")
          .key("parts", &Head::parts, "other files of the directory, with more instructions")
          .key("features", &Head::features, "what the CPU must have")
          .key("include", &Head::include, "C headers")
          .key("emulator", &Head::emulator, "command that runs a program for it on another machine")
          .key("simulator", &Head::simulator, "C of the same directory that takes its commands, on any machine")
          .key("compilers", &Head::compilers, "commands of compilers that make programs for it, the best one first")
          .key("vectors", &Head::vectors,
               "where their length is known at run time: { bits = .., lengths = [..], c = \"..\" }")
          .key("prelude", &Head::prelude, "C text in front of each variant")
          .key("enter", &Head::enter, "C where a kernel begins")
          .key("leave", &Head::leave, "C where a kernel ends")
          .key("fence", &Head::fence, "C that waits until instructions have done what they do to ordinary memory")
          .key("flags", &Head::flags, "flags by compiler, { gnu = [..], msvc = [..] }")
          .key("registers", &Head::registers, "number of vector registers")
          .key("lanes", &Head::lanes, "elements in a vector, by type")
          .key("caches", &Head::caches, "sizes in bytes, { l1d = .., l2 = .., line = .. }")
          .rest([](Head& head, const TomlKey& key, const TomlValue& value) {
            if (value.integer()) head.extra[key.name] = *value.integer();
            return value.integer() != nullptr;
          });
  return schema;
}

/// `vectors`: lengths that only the machine knows.
struct VectorTable {
  int64_t bits = 0;
  std::vector<int64_t> lengths;
  std::string c;
};

VectorLengths read_vectors(const TomlValue& value, Problems& problems) {
  static const Schema<VectorTable> schema =
      Schema<VectorTable>()
          .required("bits", &VectorTable::bits, "bits of a unit: every length is a multiple of it")
          .required("lengths", &VectorTable::lengths, "lengths that there may be, in units")
          .required("c", &VectorTable::c, "C that tells how many units a vector has, an int64_t");
  if (!value.table()) return wrong_kind("vectors", "a table", value, problems), VectorLengths{};
  const VectorTable in = schema.read(*value.table(), value.span, "vectors", problems);
  const bool rising =
      std::adjacent_find(in.lengths.begin(), in.lengths.end(), std::greater_equal<>{}) == in.lengths.end();
  if (in.bits < 1 || in.lengths.size() < 2 || in.lengths.front() < 1 || !rising)
    problems.add({"target-vectors", "the lengths of vectors are two numbers or more, in rising order", {}, {}, {}})
        .at(value.span)
        .help("`vectors = { bits = 128, lengths = [1, 2, 4], c = \"..\" }`; a length that is known needs no `vectors`");
  return {in.bits, in.lengths, in.c};
}

struct MemoryTable {
  Text role, access, units;
  const TomlValue *element = nullptr, *lanes = nullptr;
  std::optional<int64_t> row, align, bytes, capacity, banks;
  bool immediate = false;
  std::optional<Text> alloc, free, window;
  std::map<std::string, int64_t> extra;
};

const Schema<MemoryTable>& memory_schema() {
  static const Schema<MemoryTable> schema =
      Schema<MemoryTable>()
          .required("role", &MemoryTable::role, "one of " + join(kRoles, ", "))
          .required("element", &MemoryTable::element, "C type of a unit by element type, or a list of element types")
          .key("lanes", &MemoryTable::lanes, "innermost extent by element type")
          .key("row", &MemoryTable::row, "innermost extent of every element type")
          .key("access", &MemoryTable::access, "\"c\" (the default) or \"instructions\"")
          .key("units", &MemoryTable::units, "\"array\" (the default), or \"variables\" where C has no arrays of them")
          .key("align", &MemoryTable::align, "alignment in bytes")
          .key("bytes", &MemoryTable::bytes, "capacity in bytes")
          .key("capacity", &MemoryTable::capacity, "how many units there are")
          .key("banks", &MemoryTable::banks, "equal parts of the units")
          .key("immediate", &MemoryTable::immediate, "addresses are constants of the C")
          .key("alloc", &MemoryTable::alloc, "C that declares a buffer")
          .key("free", &MemoryTable::free, "C at the end of a buffer's life")
          .required("window", &MemoryTable::window, "C that names a unit of a buffer")
          .rest([](MemoryTable& memory, const TomlKey& key, const TomlValue& value) {
            if (value.integer()) memory.extra[key.name] = *value.integer();
            return value.integer() != nullptr;
          });
  return schema;
}

/// The data type that a key names, or a problem.
std::optional<Scalar> element_named(const std::string& name, Span span, Problems& problems) {
  Scalar type;
  if (scalar_named(name, type) && is_data(type) && type != Scalar::R) return type;
  problems.add({"target-element", fmt::format("`{}` is not an element type", name), {}, {}, {}})
      .at(span)
      .help(suggestion(name, {"f16", "bf16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32"}));
  return std::nullopt;
}

std::map<Scalar, int64_t> read_lanes(const TomlValue* value, Problems& problems) {
  std::map<Scalar, int64_t> lanes;
  if (!value) return lanes;
  if (!value->table()) return wrong_kind("lanes", "a table", *value, problems), lanes;
  for (const auto& entry : value->table()->entries) {
    const auto type = element_named(entry.first.name, entry.first.span, problems);
    int64_t count = 1;
    decode("lanes." + entry.first.name, entry.second, count, problems);
    if (count < 1) problems.add({"target-lanes", "lanes must be one or more", {}, {}, {}}).at(entry.second.span);
    if (type) lanes[*type] = count;
  }
  return lanes;
}

std::map<Scalar, std::string> read_elements(const TomlValue& value, Problems& problems) {
  std::map<Scalar, std::string> ctypes;
  if (const TomlTable* table = value.table()) {
    for (const auto& entry : table->entries)
      if (const auto type = element_named(entry.first.name, entry.first.span, problems))
        decode("element." + entry.first.name, entry.second, ctypes[*type], problems);
    return ctypes;
  }
  std::vector<Text> names;
  decode("element", value, names, problems);
  for (const Text& name : names)
    if (const auto type = element_named(name.chars, name.span, problems)) ctypes[*type] = c_type(*type);
  return ctypes;
}

void check_choice(const Text& text, const std::string& key, const std::vector<std::string>& choices,
                  Problems& problems) {
  if (text.chars.empty() || std::find(choices.begin(), choices.end(), text.chars) != choices.end()) return;
  problems.add({"target-choice", fmt::format("`{}` is no {}", text.chars, key), {}, {}, {}})
      .at(text.span)
      .help(suggestion(text.chars, choices));
}

/// Capacities, and what units that are numbers need.
void check_capacity(const Memory& memory, Problems& problems) {
  const auto wrong = [&](const char* code, const std::string& what, const char* help) {
    problems.add({code, fmt::format("memory `{}` {}", memory.name, what), {}, {}, {}}).at(memory.span).help(help);
  };
  if (memory.bytes.value_or(1) < 1 || memory.capacity.value_or(1) < 1 || memory.banks < 1)
    wrong("target-capacity", "holds nothing", "`bytes`, `capacity` and `banks` are one or more");
  else if (memory.capacity ? *memory.capacity % memory.banks != 0 : memory.banks != 1)
    wrong("target-capacity", "has units that its banks do not share evenly", "`capacity` is a multiple of `banks`");
  if (memory.addressed && (memory.addressable || !memory.capacity))
    wrong("target-address", "has addresses for units, but does not say how many units only instructions touch",
          "an `{address}` in `window` wants `capacity` and `access = \"instructions\"`");
  if (memory.immediate && !memory.addressed)
    wrong("target-address", "has no addresses that could be constants", "`immediate` wants an `{address}` in `window`");
}

Memory read_memory(const TomlKey& key, const TomlTable& table, Target& target, Problems& problems) {
  const MemoryTable in = memory_schema().read(table, key.span, fmt::format("[memory.{}]", key.name), problems);
  if (!in.alloc && (!in.window || in.window->chars.find("{address}") == std::string::npos))
    problems.add({"missing-key", fmt::format("[memory.{}] lacks `alloc`", key.name), {}, {}, {}})
        .at(key.span)
        .help("`alloc`: C that declares a buffer");
  Memory out;
  out.name = key.name, out.span = key.span;
  check_choice(in.role, "role", kRoles, problems);
  check_choice(in.access, "access", {"c", "instructions"}, problems);
  out.role = in.role.chars;
  check_choice(in.units, "form of units", {"array", "variables"}, problems);
  out.addressable = in.access.chars != "instructions";
  out.separate = in.units.chars == "variables";
  out.alignment = in.align.value_or(0);
  out.bytes = in.bytes;
  if (in.bytes) target.facts[fmt::format("memory.{}.bytes", key.name)] = *in.bytes;
  for (const auto& [name, value] : in.extra) target.facts[fmt::format("memory.{}.{}", key.name, name)] = value;

  if (in.element) out.ctype = read_elements(*in.element, problems);
  out.lanes = read_lanes(in.lanes, problems);
  if (in.row)
    for (const auto& entry : out.ctype) out.lanes[entry.first] = *in.row;
  if (in.element && (!out.lanes.empty() || out.role == "vector"))
    for (const auto& entry : out.ctype)
      if (!out.lanes.count(entry.first))
        problems
            .add({"target-lanes",
                  fmt::format("memory `{}` holds {} but says no lanes for it", key.name, scalar_name(entry.first)),
                  {},
                  {},
                  {}})
            .at(in.lanes ? in.lanes->span : key.span)
            .help(
                fmt::format("`lanes = {{ {} = .. }}` is the number of elements in one unit", scalar_name(entry.first)));

  if (in.alloc) out.alloc = parse_template(*in.alloc, kUnitHoles, problems);
  if (in.free) out.free = parse_template(*in.free, kUnitHoles, problems);
  if (in.window) out.window = parse_template(*in.window, kUnitHoles, problems);
  for (const Template::Piece& piece : out.window.pieces)
    out.addressed = out.addressed || (piece.hole && piece.text == "address");
  out.capacity = in.capacity, out.banks = in.banks.value_or(1), out.immediate = in.immediate;
  if (in.capacity) target.facts[fmt::format("memory.{}.capacity", key.name)] = *in.capacity;
  if (in.banks) target.facts[fmt::format("memory.{}.banks", key.name)] = *in.banks;
  check_capacity(out, problems);
  return out;
}

void read_memories(const TomlFile& file, Target& target, Problems& problems) {
  const TomlValue* all = file.root.find("memory");
  if (!all) return;
  if (!all->table()) return wrong_kind("memory", "a table of memories", *all, problems);
  for (const auto& entry : all->table()->entries) {
    const TomlKey& key = entry.first;
    if (!entry.second.table())
      wrong_kind("memory." + key.name, "a table", entry.second, problems);
    else if (key.name == "heap" || key.name == "stack" || !is_identifier(key.name))
      problems.add({"target-memory-name", fmt::format("a memory cannot be called `{}`", key.name), {}, {}, {}})
          .at(key.span)
          .help("`heap` and `stack` exist in every target; other names are identifiers");
    else
      target.memories.push_back(read_memory(key, *entry.second.table(), target, problems));
  }
}

/// The file has a format and no other tables than these.
void check_tables(const TomlFile& file, const std::vector<std::string>& tables, Problems& problems) {
  for (const auto& entry : file.root.entries)
    if (std::find(tables.begin(), tables.end(), entry.first.name) == tables.end())
      problems.add({"unknown-key", fmt::format("a target has no `{}`", entry.first.name), {}, {}, {}})
          .at(entry.first.span)
          .help(suggestion(entry.first.name, tables));
  const TomlValue* format = file.root.find("format");
  if (!format || !format->integer() || *format->integer() != 1)
    problems.add({"format-version", "a target begins with `format = 1`", {}, {}, {}})
        .at(format ? format->span : Span{file.source, 0, 0});
}

}  // namespace

TargetFile read_head(const TomlFile& file, Problems& problems) {
  TargetFile out;
  const Span start{file.source, 0, 0};
  check_tables(file, {"format", "target", "memory", "config", "instr", "family"}, problems);
  const TomlValue* table = file.root.find("target");
  if (!table || !table->table()) {
    problems.add({"missing-key", "a target needs a table [target]", {}, {}, {}}).at(table ? table->span : start);
  } else {
    out.head = table->span;
    const Head head = head_schema().read(*table->table(), table->span, "[target]", problems);
    for (const Text& parent : head.extends) out.extends.push_back({parent.chars, parent.span});
    for (const Text& part : head.parts) out.parts.push_back({part.chars, part.span});
    Target& own = out.own;
    own.name = head.name, own.arch = head.arch;
    own.features = head.features, own.include = head.include, own.prelude = head.prelude, own.flags = head.flags;
    own.emulator = head.emulator, own.simulator = head.simulator, own.compilers = head.compilers;
    if (head.vectors) own.vectors = read_vectors(*head.vectors, problems);
    own.enter = head.enter, own.leave = head.leave, own.fence = head.fence;
    own.lanes = read_lanes(head.lanes, problems);
    own.facts = head.extra;
    if (head.registers) own.facts["registers"] = *head.registers;
    for (const auto& [name, bytes] : head.caches) own.facts["caches." + name] = bytes;
  }
  read_memories(file, out.own, problems);
  return out;
}

void read_part(const TomlFile& file, Target& target, Problems& problems) {
  check_tables(file, {"format", "prelude", "instr", "family"}, problems);
  const TomlValue* prelude = file.root.find("prelude");
  if (prelude && !prelude->text()) return wrong_kind("prelude", "a text", *prelude, problems);
  if (prelude) target.prelude += "\n" + prelude->text()->chars;
}

}  // namespace exo
