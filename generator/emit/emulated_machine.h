// The machine that an emulated kernel runs on: its numbered units, and which fields of configuration were set.
#pragma once

#include "emit/c_body.h"
#include "emit/c_expr.h"
#include "emit/c_writer.h"
#include "emit/scratch.h"

namespace exo {

/// What is proved of a program cannot go wrong here. The checks tell where the generator, or a hand that changed the C, did: they
/// name the instruction and the unit or the field on stderr, and abort (exo/emulated.h).
class EmulatedMachine {
 public:
  /// `active`: of an emulated kernel; else it writes nothing.
  EmulatedMachine(const CFile& file, const Proc& proc, bool active);

  /// The units of each memory, as one array in scratch memory.
  void add_pieces(std::vector<ScratchPiece>& pieces) const;
  void declare(CScope& scope, CWriter& out);
  /// The first element of a buffer.
  std::string address(const Alloc& alloc, const Place& place, const Scratch& scratch) const;
  void was_set(Sym field, CWriter& out) const;
  /// In front of a call: that its operands lie in their memories, and that the fields which it depends on were set.
  void check(const Call& call, const CScope& scope, CExpr& expr, CWriter& out) const;
  void behind(const Call& call, CWriter& out) const;

 private:
  std::map<const Memory*, Sym> memories_;
  std::map<Sym, std::string> flags_;  // fields, and the variables that say that they were set
  bool active_, parallel_ = false;
};

}  // namespace exo
