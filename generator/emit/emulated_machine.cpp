#include "emit/emulated_machine.h"

#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "target/c_type.h"

namespace exo {
namespace {

int64_t unit_bytes(const Memory& memory) {
  int64_t most = 1;
  for (const auto& [type, ctype] : memory.ctype) {
    const auto lanes = memory.lanes.find(type);
    most = std::max(most, (lanes == memory.lanes.end() ? 1 : lanes->second) * size_in_bytes(type));
  }
  return most;
}

/// Fields that a specification asks about, reads or sets.
std::set<Sym> fields_of(const Proc& spec, bool set) {
  std::set<Sym> out;
  const auto note = [&](const ExprRef& e) {
    for (const Sym s : symbols(e))
      if (s.is_field()) out.insert(s);
  };
  if (set) {
    each_stmt(spec.body, [&](const StmtRef& s) {
      if (const Configure* n = as<Configure>(s)) out.insert(n->field);
    });
  } else {
    for (const ExprRef& e : spec.asserts) note(e);
    each_expr(spec.body, note);
  }
  return out;
}

}  // namespace

EmulatedMachine::EmulatedMachine(const CFile& file, const Proc& kernel, bool active) : active_(active) {
  if (!active) return;
  for (const auto& [buffer, place] : file.places)
    if (!memories_.count(place.memory)) memories_[place.memory] = Sym::fresh(place.memory->name);
  each_stmt(kernel.body, [&](const StmtRef& s) {
    if (const For* n = as<For>(s)) parallel_ = parallel_ || n->order == Order::Parallel;
    if (const Configure* n = as<Configure>(s)) flags_[n->field];
    if (const Call* n = as<Call>(s))
      for (const bool set : {false, true})
        for (const Sym field : fields_of(*n->callee, set)) flags_[field];
  });
}

void EmulatedMachine::add_pieces(std::vector<ScratchPiece>& pieces) const {
  for (const auto& [memory, sym] : memories_) {
    const ExprRef bytes = num(*memory->capacity * unit_bytes(*memory));
    pieces.push_back({sym, Type{Scalar::U8, {bytes}, false}, {bytes}, parallel_});
  }
}

void EmulatedMachine::declare(CScope& scope, CWriter& out) {
  for (auto& [field, flag] : flags_) {
    flag = scope.names.fresh(c_identifier("set_" + field.name()));
    out.line(fmt::format("bool {} = false;", flag));
    out.line(fmt::format("(void){};", flag));
  }
}

std::string EmulatedMachine::address(const Alloc& alloc, const Place& place, const Scratch& scratch) const {
  return fmt::format("({} *)(void *)({} + {})", c_type(alloc.type.scalar), scratch.address(memories_.at(place.memory)),
                     place.first * unit_bytes(*place.memory));
}

void EmulatedMachine::was_set(Sym field, CWriter& out) const {
  if (const auto flag = flags_.find(field); flag != flags_.end()) out.line(flag->second + " = true;");
}

void EmulatedMachine::check(const Call& call, const CScope& scope, CExpr& expr, CWriter& out) const {
  if (!active_) return;
  for (const ExprRef& arg : call.args) {
    const Window* w = as<Window>(arg);
    if (!w) continue;
    const CStorage& storage = scope.storage(w->buffer);
    if (!storage.memory || !storage.memory->addressed) continue;
    ExprRef first = num(0), last = num(0), pitch = num(1);
    for (size_t d = storage.type.shape.size() - (storage.memory->lanes.empty() ? 0 : 1); d-- > 0;) {
      const bool whole = w->slices.empty();
      const ExprRef lo = whole ? num(0) : w->slices[d].lo;
      const ExprRef hi = whole ? storage.type.shape[d] : w->slices[d].hi;
      first = first + lo * pitch;
      last = last + (hi ? hi - num(1) : lo) * pitch;
      pitch = pitch * storage.type.shape[d];
    }
    const ExprRef base = num(storage.first);
    out.line(fmt::format("exo_emulated_units(\"{}\", \"{}\", {}, {}, {});", call.callee->name, storage.memory->name,
                         expr.control(first + base).text, expr.control(last + base).text, *storage.memory->capacity));
  }
  for (const Sym field : fields_of(*call.callee, false))
    if (const auto flag = flags_.find(field); flag != flags_.end())
      out.line(fmt::format("exo_emulated_field(\"{}\", \"{}\", {});", call.callee->name, field.name(), flag->second));
}

void EmulatedMachine::behind(const Call& call, CWriter& out) const {
  for (const Sym field : fields_of(*call.callee, true)) was_set(field, out);
  for (const Sym field : call.callee->forgets)
    if (const auto flag = flags_.find(field); flag != flags_.end()) out.line(flag->second + " = false;");
}

}  // namespace exo
