// The files of a kernel, one function each. emit() puts them together.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "emit/emit.h"
#include "emit/signature.h"

namespace exo {

/// What all files of a kernel have in common.
struct Entry {
  const EmitKernel& kernel;
  std::vector<CParam> params;       // of the public function
  std::vector<std::string> idents;  // of the variants: "avx2"
  std::string variant_function(size_t variant) const { return kernel.name + "__" + idents[variant]; }
  std::string variant_file(size_t variant) const { return kernel.name + "." + idents[variant] + ".c"; }
  /// May a compiler be unable to make it?
  bool may_be_left_out(size_t variant) const {
    const Target& target = *kernel.variants[variant].target;
    return target.arch != "any" || !target.flags.empty();
  }
};

/// "/* gemm, variant avx2. Made by exo 0.1.0 from gemm.toml, 0123456789abcdef. */": the number stands for what the file was lowered from.
std::string first_line(const Entry& entry, const std::string& what, const std::string& lowered_from);

/// What header and dispatcher are lowered from: parameters, assertions, and what is known of each variant.
std::string signature_text(const Entry& entry);
/// What a variant is lowered from: its program, those that it calls, and the C of the target that it uses.
std::string program_text(const EmitVariant& variant);

std::string c_header(const Entry& entry);
std::string c_variant(const Entry& entry, size_t variant);
std::string c_dispatch(const Entry& entry);
std::string c_test(const Entry& entry);
std::string manifest(const Entry& entry);

}  // namespace exo
