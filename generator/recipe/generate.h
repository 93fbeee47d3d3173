// One request to the generator, and what comes of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recipe/build.h"
#include "recipe/cache.h"

namespace exo {

/// What is wanted of a recipe.
struct Request {
  std::string label;    // how whoever asks calls it
  std::string recipe;   // a path
  std::string library;  // the directory of the shipped recipes
  std::string out;      // the directory of the generated files
  std::string
      tests_out;  // a second one, for what tests need: emulated variants of the same kernels, and NAME.test.c; or none
  std::string cache;    // the directory that keeps what was made; none where it is empty
  std::string depfile;  // X.d gets all that was read as what X depends on, for a build system; none where it is empty
  BuildOptions build;
  bool emulate = false, report = false, time = false;
  bool plan = false;  // only the manifest: which files there would be
  EmitKernel::Choice choice = EmitKernel::WhenRun;
};

/// How problems and messages are shown.
struct Console {
  bool json = false;
  Color color = Color::Never;
  bool quiet = false;  // no messages, but warnings
};

/// Schedules, proves and emits the kernels of a recipe, or recalls what an earlier run made of the same files.
Generated make(const Request& request, const Console& console);

/// Does that and puts all files in their place, those for tests included, for which nothing is proved again.
void answer(const Request& request, const Console& console);

/// The options with which schedules tell what they have to say: alternatives that were taken and messages on standard output, warnings
/// where problems go.
BuildOptions reporting(const BuildOptions& options, const Console& console, Generated* record = nullptr);

/// Puts the files of all kernels in their place.
void write(const Generated& made, const Request& request);

/// Requests as a build system writes them: lines `KEY VALUE`, an empty line between two requests. What the caller says in `common` is
/// true of each. The problem of a line that is none of these is left in `problem`.
std::vector<Request> read_requests(const std::string& text, const Request& common, std::string& problem);

/// CPU time of the process so far.
double cpu_ms();

}  // namespace exo
