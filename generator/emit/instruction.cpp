#include "emit/instruction.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "emit/scratch.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

struct Given {
  const Param& param;
  const ExprRef& value;
};

[[noreturn]] void refuse(const Instruction& instruction, const char* code, const std::string& what) {
  reject({code, fmt::format("a call of `{}`: {}", instruction.name, what), {}, {}, {}});
}

bool is_point(const Slice& slice) { return !slice.hi; }

/// Variables have no index.
[[noreturn]] void refuse_place(const Instruction& instruction, const std::string& buffer, const Memory& memory,
                               const ExprRef& place) {
  std::vector<std::string> names;
  for (const Sym s : symbols(place)) names.push_back("`" + s.name() + "`");
  reject(Diagnostic{"emit-unit",
                    fmt::format("a call of `{}`: `{}` stands for a unit of `{}`, which one depends on {}",
                                instruction.name, buffer, memory.name, join(names, ", ")),
                    {},
                    {},
                    {}}
             .note(fmt::format("units of `{}` are variables of C, and cannot be counted by a loop", memory.name))
             .help(fmt::format("`{{ unroll = \"{}\" }}`", symbols(place).front().name())));
}

/// Where the first unit of a window lies in a memory whose units have addresses.
std::string address(const Instruction& instruction, const Window& window, const CStorage& storage, size_t outer,
                    CExpr& expr) {
  ExprRef at = num(storage.first);
  ExprRef pitch = num(1);
  for (size_t d = outer; d-- > 0;) {
    if (!window.slices.empty()) at = at + window.slices[d].lo * pitch;
    pitch = pitch * storage.type.shape[d];
  }
  if (storage.memory->immediate && !literal(at))
    refuse(instruction, "emit-immediate",
           fmt::format("the place of `{}` in `{}` must be a constant, and is `{}`", window.buffer.name(),
                       storage.memory->name, expr.control(at).text));
  return expr.control(at).in(Prec::Mul);
}

/// A window into an instruction-only memory: the one unit that it names, or the first of several where they have addresses.
std::string unit(const Instruction& instruction, const Window& window, const CStorage& storage, CExpr& expr) {
  const Memory& memory = *storage.memory;
  const auto lanes = memory.lanes.find(storage.type.scalar);
  const size_t outer = storage.type.shape.size() - (lanes != memory.lanes.end() ? 1 : 0);
  const std::string name = window.buffer.name();
  std::string indices, variable;
  for (size_t d = 0; d < outer; ++d) {
    if (memory.addressed) break;
    if (window.slices.empty() || !is_point(window.slices[d]))
      refuse(instruction, "emit-window", fmt::format("`{}` must be one unit of `{}`", name, memory.name));
    indices += fmt::format("[{}]", expr.control(window.slices[d].lo).text);
    if (!memory.separate) continue;
    const int64_t* place = literal(window.slices[d].lo);
    if (!place)
      refuse_place(instruction, print(exo::window(window.buffer, window.slices)), memory, window.slices[d].lo);
    variable += fmt::format("_{}", *place);
  }
  if (!window.slices.empty() && outer < window.slices.size()) {
    const Slice& inner = window.slices[outer];
    const int64_t* lo = literal(inner.lo);
    if (!lo || *lo != 0 || !inner.hi || !equal(inner.hi, storage.type.shape.back()))
      refuse(instruction, "emit-window",
             fmt::format("`{}` must be a whole unit of `{}`, all {} lanes", name, memory.name,
                         print(storage.type.shape.back())));
  }
  std::string out;
  for (const Template::Piece& piece : memory.window.pieces) {
    if (!piece.hole)
      out += piece.text;
    else if (piece.text == "name")
      out += memory.separate               ? storage.units.at(variable)
             : memory.alloc.pieces.empty() ? window.buffer.name()
                                           : expr.name(window.buffer);
    else if (piece.text == "outer_indices")
      out += memory.separate ? "" : indices;
    else if (piece.text == "ctype")
      out += memory.ctype.at(storage.type.scalar);
    else if (piece.text == "address")
      out += address(instruction, window, storage, outer, expr);
  }
  return out;
}

/// What stands for `{x}` or `{x.part}`, where an operand of strength `around` is wanted.
std::string hole(const Instruction& instruction, const Given& arg, const std::string& part, Prec around, CScope& scope,
                 CExpr& expr) {
  const Window* window = as<Window>(arg.value);
  if (!window) {
    const Scalar type = arg.param.type.scalar;
    return is_data(type) ? expr.data(arg.value, type).in(around) : expr.control(arg.value).in(around);
  }
  const CStorage& storage = scope.storage(window->buffer);
  if (storage.kind == CStorage::Units) {
    if (part.empty()) return unit(instruction, *window, storage, expr);
    refuse(instruction, "emit-hole",
           fmt::format("`{}` lives in `{}` and has no {}", window->buffer.name(), storage.memory->name,
                       part == "ptr" ? "address" : "strides"));
  }
  if (part == "ptr") {
    const std::string at = expr.address(*window);
    return CTerm{at, at[0] == '&' ? Prec::Unary : Prec::Primary}.in(around);
  }
  if (part.empty()) {
    Exprs first;
    for (size_t d = 0; d < storage.strides.size(); ++d)
      first.push_back(window->slices.empty() ? num(0) : window->slices[d].lo);
    return expr.element(window->buffer, first).in(around);
  }
  const Exprs strides = window_strides(*window, expr, scope);
  return expr.control(strides.at(static_cast<size_t>(std::stoul(part.substr(6))))).in(around);
}

/// Does the hole stand alone between parentheses or commas, so that it needs no parentheses of its own?
bool stands_alone(const std::vector<Template::Piece>& pieces, size_t i) {
  if (i == 0 || i + 1 >= pieces.size() || pieces[i - 1].hole || pieces[i + 1].hole) return false;
  const std::string_view before = trim(pieces[i - 1].text);
  const bool call =
      before.size() > 1 && before.back() == '(' &&
      (std::isalnum(static_cast<unsigned char>(before[before.size() - 2])) || before[before.size() - 2] == '_');
  const char after = pieces[i + 1].text.front();
  return !before.empty() && (call || before.back() == ',') && (after == ')' || after == ',');
}

/// Is every buffer in the memory that the specification names?
void check_memory(const Instruction& instruction, const Given& arg, const CScope& scope) {
  const Window* window = as<Window>(arg.value);
  if (!window) return;
  const CStorage& storage = scope.storage(window->buffer);
  const std::string wanted = is_heap(arg.param.memory) || arg.param.memory == "stack" ? "" : arg.param.memory;
  if (!wanted.empty() && (!storage.memory || storage.memory->name != wanted))
    refuse(instruction, "emit-memory", fmt::format("`{}` must be in memory `{}`", window->buffer.name(), wanted));
  if (wanted.empty() && storage.kind == CStorage::Units)
    refuse(
        instruction, "emit-memory",
        fmt::format("`{}` must be where plain C reaches it, not in `{}`", window->buffer.name(), storage.memory->name));
}

}  // namespace

Exprs window_strides(const Window& window, CExpr& expr, const CScope& scope) {
  Exprs out;
  const CStorage& storage = scope.storage(window.buffer);
  for (size_t d = 0; d < storage.strides.size(); ++d)
    if (window.slices.empty() || !is_point(window.slices[d])) out.push_back(expr.stride_of(window.buffer, d));
  return out;
}

std::string expand(const Instruction& instruction, const Call& call, CScope& scope, CExpr& expr) {
  const std::vector<Param>& params = instruction.spec->params;
  if (params.size() != call.args.size()) BUG("a call of `" + instruction.name + "` with another number of arguments");
  for (size_t i = 0; i < params.size(); ++i) check_memory(instruction, {params[i], call.args[i]}, scope);
  if (const auto i = first_unfixed(instruction, call.args))
    refuse(instruction, "emit-immediate",
           fmt::format("`{}` must be a constant, and is `{}`", params[*i].name.name(),
                       expr.condition(call.args[*i]).text));
  std::string out;
  const std::vector<Template::Piece>& pieces = instruction.c.pieces;
  for (size_t at = 0; at < pieces.size(); ++at) {
    const Template::Piece& piece = pieces[at];
    if (!piece.hole) {
      out += piece.text;
      continue;
    }
    const Prec around = stands_alone(pieces, at) ? Prec::Any : Prec::Primary;
    const size_t dot = piece.text.find('.');
    const std::string name = piece.text.substr(0, dot),
                      part = dot == std::string::npos ? "" : piece.text.substr(dot + 1);
    for (size_t i = 0; i < params.size(); ++i)
      if (params[i].name.name() == name) out += hole(instruction, {params[i], call.args[i]}, part, around, scope, expr);
  }
  return out;
}

}  // namespace exo
