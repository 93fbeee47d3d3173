// A golden test as it stands in its file:
//
//     # target: avx2            (portable)
//     # contract: exact         (reassociate)
//     # proc: fill_8 = { from = "fill", steps = [{ unroll = "i" }] }
//     # in: proc                (the steps are those of a `[proc.NAME]`; else those of a kernel)
//     def copy(n : size, x : f32[n], y : f32[n]):
//         for i in seq(0, n):
//             y[i] = x[i]
//     ---- { split = "i", by = 4 }
//     the program after it, or the diagnostic
//
// There may be several steps, each behind `----`; all but the last are accepted.
#pragma once

#include <string>
#include <vector>

#include "analysis/query.h"

namespace exo::testing {

struct Case {
  std::string head;      // directives, program and steps as they stand in the file
  std::string program;
  std::string target = "portable";
  Contract contract = Contract::Reassociate;
  std::string procs;     // `[proc]` as TOML
  bool derives = false;
  std::vector<std::string> steps;
  std::string expected;
};

/// Throws std::runtime_error where the file has another form.
Case read_case(const std::string& path);

[[noreturn]] void malformed(const std::string& what);

}  // namespace exo::testing
