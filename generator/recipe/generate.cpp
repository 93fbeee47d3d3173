#include "recipe/generate.h"

#include <sys/resource.h>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>

#include <fmt/format.h>

#include "analysis/solver.h"
#include "emit/emulate.h"
#include "recipe/output.h"
#include "recipe/report.h"

namespace exo {
namespace {

namespace fs = std::filesystem;

/// The most memory that the process had so far, in MB.
int64_t peak_memory() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
#ifdef __APPLE__
  return used.ru_maxrss >> 20;
#else
  return used.ru_maxrss >> 10;
#endif
}

/// Of all variants, each once, in their order.
std::vector<std::string> targets_of(const std::vector<EmitKernel>& kernels) {
  std::vector<std::string> out;
  for (const EmitKernel& k : kernels)
    for (const EmitVariant& v : k.variants)
      if (std::count(out.begin(), out.end(), v.target->name) == 0) out.push_back(v.target->name);
  return out;
}

/// All that the result of a generation depends on, beside the files.
std::string words_of(const Request& request, const Console& console) {
  std::string out =
      fmt::format("{}\n{}\n{}\n{} {} {} {} {} {} {}", request.recipe, request.library, fs::current_path().string(),
                  request.emulate, request.report, request.build.tests, static_cast<int>(request.choice), console.json,
                  console.color == Color::Always, request.build.prefix);
  for (const auto* list :
       {&request.build.kernels, &request.build.targets, &request.build.variants, &request.build.target_path})
    out += "\n" + join(*list, "\t");
  for (const auto& [name, value] : request.build.params) out += fmt::format("\n{}={}", name, value);
  return out;
}

/// Another build of the generator has another one.
std::string identity() {
  std::error_code error;
  const auto self = fs::read_symlink("/proc/self/exe", error);
  const auto size = fs::file_size(self, error);
  const auto time = fs::last_write_time(self, error).time_since_epoch().count();
  return fmt::format("{} {} {} {}", EXO_VERSION, self.string(), size, time);
}

/// Where a file is that a recipe calls so.
std::string place_of(const std::string& input, const Request& request) {
  const size_t prefix = std::string(kShipped).size();
  if (input.compare(0, prefix, kShipped) == 0) return (fs::path(request.library) / input.substr(prefix)).string();
  return (fs::path(request.recipe).parent_path() / input).string();
}

/// Files that a recipe was read from, and those that would have been read in their place.
std::vector<std::string> files_behind(const Recipe& recipe, const Request& request) {
  std::vector<std::string> out;
  for (const auto* list : {&recipe.absent, &recipe.inputs})
    for (const std::string& input : *list) out.push_back(place_of(input, request));
  for (const auto& [name, target] : recipe.targets)
    for (const std::string& input : target->inputs)
      for (const std::string& directory : request.build.target_path)
        out.push_back((fs::path(directory) / input).string());
  return out;
}

/// A path as rules of make have it.
std::string escaped(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c == ' ' || c == '#') out += '\\';
    if (c == '$') out += '$';
    out += c;
  }
  return out;
}

/// Nothing follows the first variant that is always taken.
void cut_after_first(EmitKernel& kernel) {
  auto& variants = kernel.variants;
  const auto always = std::find_if(variants.begin(), variants.end(), [](const EmitVariant& v) { return !v.when; });
  if (always != variants.end()) variants.erase(always + 1, variants.end());
}

}  // namespace

double cpu_ms() { return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

BuildOptions reporting(const BuildOptions& options, const Console& console, Generated* record) {
  BuildOptions out = options;
  out.on_schedule = [before = options.on_schedule, console, record](const ScheduledVariant& v) {
    if (before) before(v);
    for (const Remark& r : v.done.remarks) {
      const bool warning = r.kind == Remark::Warning;
      std::string text;
      if (warning) {
        Diagnostic d{"schedule", r.text, {}, {}, {}, Severity::Warning};
        d.at(r.span, r.where).note(fmt::format("this is for variant `{}` of `{}`", v.variant.name, v.kernel.name));
        text = fmt::format("{}\n", console.json ? as_json(d) : render(d, console.color));
      } else {
        text = fmt::format("{}, {}: {}: {}\n", v.kernel.name, v.variant.name, r.where, r.text);
      }
      if (warning || !console.quiet) fmt::print(warning ? stderr : stdout, "{}", text);
      if (record) (warning ? record->warnings : record->messages) += text;
    }
  };
  return out;
}

namespace {

/// The answers to requests that differ in nothing but what is written: a recipe is scheduled once for all of them.
std::vector<Generated> make_each(const std::vector<Request>& requests, const Console& console) {
  static double counted = 0;  // so that what happens before the first recipe counts with it
  const double start = counted;
  const auto spent = [&] { return (counted = cpu_ms()) - start; };
  const Request& first = requests.front();
  const bool caches = !first.cache.empty() && !first.plan;
  const Cache cache(first.cache, caches ? identity() : "");
  std::vector<Generated> out;
  for (const Request& r : requests)
    if (auto kept = caches ? cache.recall(words_of(r, console)) : std::nullopt) out.push_back(std::move(*kept));
  if (out.size() == requests.size()) {
    if (!console.quiet) fmt::print("{}", out.front().messages);
    fmt::print(stderr, "{}", out.front().warnings);
    if (first.time)
      fmt::print("{}: {:.1f} ms of CPU, {} MB: nothing has changed since it was proved\n", first.recipe, spent(),
                 peak_memory());
    return out;
  }
  Generated said;
  Report report;
  const Recipe recipe = load_recipe(first.recipe, first.library, first.build.target_path);
  BuildOptions options = first.build;
  options.plan = first.plan;
  options.tests = requests.back().build.tests;
  if (first.report) options.on_schedule = [&](const ScheduledVariant& v) { report.add(v); };
  const auto kernels = build(recipe, reporting(options, console, &said));
  const double scheduled = cpu_ms();
  const std::vector<std::string> files = files_behind(recipe, first);
  out.clear();
  for (const Request& r : requests) {
    Generated& made = out.emplace_back(said);
    for (EmitKernel k : kernels) {
      k.choice = r.choice;
      if (r.choice == EmitKernel::WhenBuilt) cut_after_first(k);
      if (r.report) k.report = r.plan ? "planned" : report.text(k);
      if (!r.build.tests) k.plain = nullptr;
      made.kernels.emplace_back(k.name, r.plan ? emit_manifest(k) : emit(r.emulate ? emulated(k) : k));
    }
    if (caches) cache.keep(words_of(r, console), files, made);
    made.files = files;
  }
  const double emitted = cpu_ms();
  if (first.time)
    fmt::print(
        "{}: {:.1f} ms of CPU (schedule and prove {:.1f}, emit {:.1f}), {} MB, for {}; {} questions, {} reasoned "
        "about, {} to the "
        "solver\n",
        first.recipe, spent(), scheduled - start, emitted - scheduled, peak_memory(), join(targets_of(kernels), ", "),
        effort().questions, effort().linear, effort().solver);
  return out;
}

}  // namespace

Generated make(const Request& request, const Console& console) { return make_each({request}, console).front(); }

void answer(const Request& request, const Console& console) {
  std::vector<Request> all = {request};
  if (!request.tests_out.empty()) {
    Request& tests = all.emplace_back(request);
    tests.out = request.tests_out;
    tests.emulate = tests.build.tests = true, tests.report = false;
    tests.choice = EmitKernel::WhenRun;
    tests.depfile.clear();
  }
  const std::vector<Generated> made = make_each(all, console);
  for (size_t i = 0; i < all.size(); ++i) write(made[i], all[i]);
}

void write(const Generated& made, const Request& request) {
  for (const auto& [kernel, files] : made.kernels)
    request.plan ? write_files(request.out, files) : write_kernel(request.out, kernel, files);
  if (request.depfile.empty()) return;
  std::string text = escaped(fs::path(request.depfile).replace_extension().string()) + ":";
  for (const std::string& file : made.files) {
    std::error_code ignored;
    if (fs::exists(file, ignored)) text += " \\\n  " + escaped(fs::absolute(file, ignored).lexically_normal().string());
  }
  put_file(request.depfile, text + "\n");
}

std::vector<Request> read_requests(const std::string& text, const Request& common, std::string& problem) {
  std::vector<Request> out;
  bool within = false;
  size_t line_number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1, ++line_number;
    if (line.empty()) {
      within = false;
      continue;
    }
    if (!within) out.push_back(common);
    within = true;
    Request& r = out.back();
    const size_t space = std::min(line.find(' '), line.size());
    const std::string key = line.substr(0, space), value = space < line.size() ? line.substr(space + 1) : "";
    const size_t equals = value.find('=');
    if (key == "label")
      r.label = value;
    else if (key == "recipe")
      r.recipe = value;
    else if (key == "out")
      r.out = value;
    else if (key == "tests_out")
      r.tests_out = value;
    else if (key == "kernel")
      r.build.kernels.push_back(value);
    else if (key == "target")
      r.build.targets.push_back(value);
    else if (key == "variant")
      r.build.variants.push_back(value);
    else if (key == "prefix")
      r.build.prefix = value;
    else if (key == "target_path")
      r.build.target_path.insert(r.build.target_path.end() - 1, value);  // the shipped ones are the last
    else if (key == "param" && equals != value.npos && equals > 0)
      r.build.params[value.substr(0, equals)] = value.substr(equals + 1);
    else if (key == "emulate")
      r.emulate = true;
    else if (key == "report")
      r.report = true;
    else if (key == "plan")
      r.plan = true;
    else if (key == "tests")
      r.build.tests = true;
    else if (key == "choose_when_built")
      r.choice = EmitKernel::WhenBuilt;
    else if (key == "depfile")
      r.depfile = value;
    else
      problem = fmt::format("line {} of the requests is `{}`", line_number, line);
  }
  for (const Request& r : out)
    if (r.recipe.empty() || r.out.empty())
      problem = fmt::format("the request `{}` has no recipe, or no `out`", r.label);
  return out;
}

}  // namespace exo
