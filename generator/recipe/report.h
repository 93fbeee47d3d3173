// What a schedule did, for people: NAME.report.md.
#pragma once

#include <map>
#include <string>

#include "recipe/build.h"

namespace exo {

/// Collects what becomes of the variants of a recipe while they are scheduled.
class Report {
 public:
  void add(const ScheduledVariant& variant);
  /// The page of one kernel: what it computes, and for each variant its hardware, params, steps and final program.
  std::string text(const EmitKernel& kernel) const;

 private:
  std::map<std::pair<const Proc*, std::string>, std::string> sections_;  // by algorithm and variant
};

}  // namespace exo
