// Procedures as C functions.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "emit/effects.h"
#include "emit/scope.h"
#include "emit/signature.h"
#include "ir/ir.h"
#include "target/placement.h"

namespace exo {

/// What the functions of one C file share.
struct CFile {
  const Target& target;
  std::string kernel;  // named in messages
  Sym length;          // of vectors, where only the machine knows it
  CHelpers helpers;
  std::set<std::string> taken;         // names that variables must not hide: functions, words of templates
  std::vector<std::string> windows;    // definitions of structs, each once
  std::vector<std::string> functions;  // static functions, callees first
  std::map<const Proc*, std::string> function_names;
  bool emulated = false;
  std::map<Sym, Place> places = {};  // of buffers in memories whose units have addresses

  void need_window(Scalar type, size_t rank, bool written);
};

/// The function of a variant: `exo_status NAME(..)`. `writes`: the parameters that the kernel writes.
std::string kernel_function(CFile& file, const Proc& proc, const std::string& name, const std::set<Sym>& writes);

/// The static function of a procedure that is called; its name. Emitted on first use.
std::string callee_function(CFile& file, const ProcRef& proc);

}  // namespace exo
