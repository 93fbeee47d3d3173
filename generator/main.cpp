// The command line. The only place that catches Rejected and Bug.
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "batch.h"
#include "conformance/conformance.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "recipe/build.h"
#include "recipe/generate.h"
#include "recipe/manual.h"
#include "recipe/show.h"
#include "schedule/engine.h"

namespace exo {
namespace {

enum Status { kOk = 0, kRefused = 1, kUsage = 2, kFiles = 3, kFault = 70, kNotExecuted = 77 };

/// Problems that are shown to people; editors get all of them.
constexpr size_t kMostShown = 40;

struct Options {
  std::string message_format = "human", color = "auto";
  std::vector<std::string> recipes;
  Request request;
  BuildOptions build;
  std::vector<std::string> params, within;
  bool time = false, choose_when_built = false;
  std::string verb, variant;
  std::vector<std::string> checked;  // targets
  std::string compiler, table;
  std::string requests;
  bool own_only = false, ends_only = false, every_step = false, every_change = false;
};

std::string environment(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value && *value ? value : fallback;
}

/// Beside an installed generator (`bin/exo` and `share/exo/targets`), else where the sources were.
std::string shipped_targets() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto installed = self.parent_path().parent_path() / "share/exo/targets";
  const bool there = !error && std::filesystem::is_directory(installed, error);
  return environment("EXO_TARGETS_DIR", there ? installed.string() : EXO_DEFAULT_TARGETS_DIR);
}
std::string shipped_recipes() { return environment("EXO_RECIPES_DIR", shipped_targets() + "/../recipes"); }

bool json(const Options& options) { return options.message_format == "json"; }

/// `auto` is a terminal that understands colours and whose user did not turn them off (no-color.org).
Color color(const Options& options) {
  if (options.color != "auto") return options.color == "always" ? Color::Always : Color::Never;
  const bool refused = !environment("NO_COLOR", "").empty() || environment("TERM", "") == "dumb";
  return isatty(STDERR_FILENO) && !refused ? Color::Always : Color::Never;
}

/// `K=V` given on the command line.
void read_params(Options& options) {
  for (const std::string& p : options.params) {
    const size_t equals = p.find('=');
    if (equals == 0 || equals == p.npos)
      throw CLI::ValidationError("--param", fmt::format("`{}` is not of the form K=V", p));
    options.build.params[p.substr(0, equals)] = p.substr(equals + 1);
  }
}

Console console(const Options& options) { return {json(options), color(options)}; }

std::vector<EmitKernel> build_recipe(const std::string& path, const BuildOptions& options) {
  return build(load_recipe(path, shipped_recipes(), options.target_path), options);
}

void reject_twice(std::map<std::string, std::string>& owner, const std::string& kernel, const std::string& recipe) {
  const auto [it, fresh] = owner.emplace(kernel, recipe);
  if (!fresh)
    reject(Diagnostic{
        "kernel-twice", fmt::format("kernel `{}` is in `{}` and in `{}`", kernel, it->second, recipe), {}, {}, {}}
               .help("generate one of them into another directory, or rename it"));
}

void generate(const Options& options) {
  if (!options.within.empty()) read_only_below(options.within);
  std::map<std::string, std::string> owner;
  std::vector<Generated> outputs;
  Problems problems;
  Request request = options.request;
  if (!request.depfile.empty() && options.recipes.size() > 1)
    throw CLI::ValidationError("--depfile", "is for one recipe");
  for (const std::string& path : options.recipes)
    problems.attempt([&] {
      request.recipe = path;
      Generated made = make(request, console(options));
      for (const auto& entry : made.kernels) reject_twice(owner, entry.first, path);
      outputs.push_back(std::move(made));
    });
  problems.throw_if_any();
  for (const Generated& made : outputs) write(made, request);
}

void check_recipes(const Options& options) {
  Problems problems;
  for (const std::string& path : options.recipes)
    problems.attempt([&] {
      const double start = cpu_ms();
      for (const EmitKernel& k : build_recipe(path, reporting(options.build, console(options)))) {
        emit(k);  // memories and shapes are checked there
        std::vector<std::string> names;
        for (const EmitVariant& v : k.variants) names.push_back(v.name);
        fmt::print("{}: `{}` holds for {}\n", path, k.name, join(names, ", "));
      }
      if (options.time) fmt::print("{}: {:.1f} ms of CPU\n", path, cpu_ms() - start);
    });
  problems.throw_if_any();
}

/// Procedures that the program calls, instructions aside, callees first.
void callees(const Proc& proc, const Target& target, std::vector<ProcRef>& out) {
  each_stmt(proc.body, [&](const StmtRef& s) {
    const Call* call = as<Call>(s);
    if (!call || target.instruction_of(*call->callee) || std::count(out.begin(), out.end(), call->callee)) return;
    callees(*call->callee, target, out);
    out.push_back(call->callee);
  });
}

void show(const Options& options) {
  BuildOptions build = options.build;
  const bool each = options.every_step || options.every_change;
  if (each)
    build.on_schedule = [&](const ScheduledVariant& v) {
      if (options.variant.empty() || options.variant == v.variant.name)
        fmt::print("{}", options.every_change ? every_change(v) : every_step(v));
    };
  for (const std::string& path : options.recipes)
    for (const EmitKernel& k : build_recipe(path, build))
      for (const EmitVariant& v : k.variants)
        if (!each && (options.variant.empty() || options.variant == v.name)) {
          fmt::print("# {}, variant {}\n", k.name, v.name);
          std::vector<ProcRef> called;
          callees(*v.proc, *v.target, called);
          for (const ProcRef& p : called) fmt::print("{}\n", print(*p));
          fmt::print("{}\n", print(*v.proc));
        }
}

void expand_recipes(const Options& options) {
  BuildOptions build = options.build;
  build.on_schedule = [&](const ScheduledVariant& v) {
    if (options.variant.empty() || options.variant == v.variant.name) fmt::print("{}", flat_schedule(v));
  };
  for (const std::string& path : options.recipes) build_recipe(path, build);
}

void explain_ops(const Options& options) {
  std::vector<Recipe> loaded;
  std::vector<const Recipe*> recipes;
  for (const std::string& path : options.recipes)
    loaded.push_back(load_recipe(path, shipped_recipes(), {}, Holds::Library));
  for (const Recipe& recipe : loaded) recipes.push_back(&recipe);
  fmt::print("{}", options.verb.empty() ? manual(recipes) : manual(options.verb, recipes));
}

void list_targets(const Options& options) {
  for (const std::string& name : available_targets(options.build.target_path)) {
    const TargetRef t = load_target(name, options.build.target_path);
    fmt::print("{:<12} {:<8} {} memories, {} instructions{}{}\n", t->name, t->arch, t->memories.size(),
               t->instructions.size(), t->features.empty() ? "" : "; needs ", join(t->features, " "));
  }
}

/// Specifications that leave their operands, whatever sizes they allow; a recipe would be told where it calls them.
void check_specifications(const Target& target) {
  Problems problems;
  for (const Instruction& i : target.instructions) problems.attempt([&] { check_program(*i.spec); });
  problems.throw_if_any();
}

/// Runs every instruction beside its specification. What could not be run is said, and never passes for checked.
Conformance check_instructions(const TargetRef& target, const Options& options) {
  check_specifications(*target);
  Conformance found = conformance(target, options.own_only, options.compiler, shipped_targets() + "/../runtime");
  size_t agree = 0, unexecuted = 0;
  Problems problems;
  for (const Finding& f : found.findings) {
    agree += f.kind == Finding::Agrees, unexecuted += f.kind == Finding::NotExecuted;
    if (f.kind == Finding::NotExecuted && found.executed)
      fmt::print("{}: `{}` was not executed: {}\n", target->name, f.instruction, f.detail);
    if (f.kind != Finding::Differs) continue;
    Diagnostic d{"target-contradicts",
                 fmt::format("the C of `{}` does not do what its specification says", f.instruction),
                 {},
                 {},
                 {}};
    d.at(target->instruction(f.instruction)->span, "this one").note(f.detail);
    problems.add(std::move(d));
  }
  fmt::print("{}: {} of {} instructions do what they say, executed {}", target->name, agree, found.findings.size(),
             found.executed ? found.where : "nowhere: " + found.where);
  fmt::print("{}\n", unexecuted > 0 && found.executed ? fmt::format("; {} not executed", unexecuted) : "");
  problems.throw_if_any();
  return found;
}

/// ... with vectors of each length that there may be.
Status check_target(const std::string& name, const Options& options) {
  const TargetRef target = load_target(name, options.build.target_path);
  std::vector<TargetRef> lengths = at_each_length(target, options.build.target_path);
  if (options.ends_only && lengths.size() > 2) lengths = {lengths.front(), lengths.back()};
  std::vector<Conformance> found;
  for (const TargetRef& one : lengths) found.push_back(check_instructions(one, options));
  if (!options.table.empty()) std::ofstream(options.table, std::ios::app) << conformance_table(*target, found) << "\n";
  const auto done = [](const Conformance& c) { return c.executed || c.findings.empty(); };
  return std::all_of(found.begin(), found.end(), done) ? kOk : kNotExecuted;
}

/// One after the other; what is wrong with one is told behind the others, and one that was not executed is none that passed.
Status check_targets(const Options& options) {
  Status status = kOk;
  Problems problems;
  for (const std::string& name : options.checked)
    problems.attempt([&] {
      if (const Status one = check_target(name, options); one != kOk) status = one;
    });
  problems.throw_if_any();
  return status;
}

Status report(const Rejected& rejected, const Options& options) {
  const std::vector<Diagnostic> problems = in_order(rejected.problems);
  bool files_only = true;
  size_t shown = 0;
  for (const Diagnostic& d : problems) {
    files_only = files_only && is_file_problem(d);
    if (json(options))
      fmt::print(stderr, "{}\n", as_json(d));
    else if (shown++ < kMostShown)
      fmt::print(stderr, "{}\n", render(d, color(options)));
  }
  if (shown > kMostShown)
    fmt::print(stderr, "{} more problem{} not shown\n", shown - kMostShown, shown == kMostShown + 1 ? " is" : "s are");
  return files_only ? kFiles : kRefused;
}

/// What is no problem of a file: wrong usage, a fault of the generator.
Status complain(const char* code, const std::string& message, const Options& options, Status status) {
  const Diagnostic problem{code, message, {}, {}, {}};
  fmt::print(stderr, "{}\n", json(options) ? as_json(problem) : "exo: " + message);
  return status;
}

Status guarded(const Options& options, const std::function<Status()>& action) {
  const std::string fault_at = "a fault of the generator", please = "\nPlease report it with the recipe that shows it.";
  try {
    return action();
  } catch (const Rejected& rejected) {
    return report(rejected, options);
  } catch (const Bug& fault) {
    return complain("fault", fmt::format("{} at {}{}", fault_at, fault.what, please), options, kFault);
  } catch (const CLI::Error& usage) {
    return complain("usage", usage.what(), options, kUsage);
  } catch (const std::exception& fault) {
    return complain("fault", fmt::format("{}: {}{}", fault_at, fault.what(), please), options, kFault);
  }
}

/// Requests of a build system, from standard input. Each is answered on its own: what is refused does not keep others from being made.
Status batch(const Options& options) {
  end_with_parent();
  std::string text, problem;
  std::array<char, 1 << 16> buffer{};
  while (const size_t n = std::fread(buffer.data(), 1, buffer.size(), stdin)) text.append(buffer.data(), n);
  const auto requests = read_requests(text, options.request, problem);
  if (!problem.empty()) return complain("usage", problem, options, kUsage);
  if (!options.within.empty()) read_only_below(options.within);
  Console quiet = console(options);
  quiet.quiet = true;
  const auto results = run_each(
      requests.size(),
      [&](size_t i) {
        return guarded(options, [&] {
          answer(requests[i], quiet);
          return kOk;
        });
      },
      kFault);
  int worst = kOk;
  for (size_t i = 0; i < requests.size(); ++i) {
    if (results[i] == kOk) fmt::print("done {}\n", requests[i].label);
    worst = std::max(worst, results[i]);
  }
  return static_cast<Status>(worst);
}

/// What is wrong with the command line. CLI11 does not say which command or option was meant.
std::string usage_problem(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const auto chosen = app.get_subcommands();
  std::vector<std::string> known;
  if (chosen.empty()) {
    for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
    for (int i = 1; i < argc; ++i)
      if (argv[i][0] != '-') return fmt::format("there is no command `{}`; {}", argv[i], suggestion(argv[i], known));
    return fmt::format("{}; {}", error.get_name() == "RequiredError" ? "a command is needed" : error.what(),
                       suggestion("", known));
  }
  for (const CLI::App* of : {static_cast<const CLI::App*>(chosen.front()), &app})
    for (const CLI::Option* option : of->get_options())
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  for (int i = 1; i < argc; ++i) {
    const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    if (word.rfind("--", 0) == 0 && std::find(known.begin(), known.end(), word) == known.end())
      return fmt::format("`{}` has no option `{}`; {}", chosen.front()->get_name(), word, suggestion(word, known));
  }
  return error.what();
}

void add_recipe_options(CLI::App& app, Options& options) {
  app.add_option("recipe", options.recipes, "recipe files (.toml)")->required();
  app.add_option("--kernel", options.build.kernels, "only this kernel")->allow_extra_args(false);
  app.add_option("--target", options.build.targets, "only variants for these targets; `portable` is always there");
  app.add_option("--param", options.params, "K=V: another value for a param");
  app.add_option("--target-path", options.build.target_path, "further directories with targets, searched first");
  app.add_flag("--time", options.time, "print the CPU time that it took");
}

int run(int argc, char** argv) {
  CLI::App app{"exo: recipes to proved C"};
  app.set_version_flag("--version", std::string("exo " EXO_VERSION));
  app.require_subcommand(1);
  app.fallthrough();
  Options options;
  app.add_option("--message-format", options.message_format, "problems for people, or one JSON object on a line each")
      ->check(CLI::IsMember({"human", "json"}));
  app.add_option("--color", options.color, "colours in problems")->check(CLI::IsMember({"auto", "always", "never"}));

  CLI::App* make = app.add_subcommand("generate", "schedule kernels and write their C");
  add_recipe_options(*make, options);
  Request& request = options.request;
  make->add_option("--out", request.out, "directory for the generated files")->required();
  make->add_option("--variant", options.build.variants, "only variants of these names; `portable` is always there");
  make->add_option("--prefix", options.build.prefix, "stands in front of the names of kernels, in C and of files");
  make->add_flag("--emulate", request.emulate, "make plain C of every instruction, for machines that lack the target");
  make->add_flag("--choose-when-built", options.choose_when_built, "call variants without asking the CPU");
  make->add_flag("--report", request.report, "write what was done to each variant, for people");
  make->add_option("--depfile", request.depfile, "write what was read as a rule of make");
  CLI::App* many = app.add_subcommand("batch", "do what a build system asks for on standard input");
  for (CLI::App* command : {make, many}) {
    command->add_option("--cache", request.cache,
                        "directory that keeps what was proved and made: the same files are not proved again");
    command->add_option("--within", options.within, "read no recipe, import or target outside of these directories");
  }
  CLI::App* check = app.add_subcommand("check", "schedule and prove, write nothing");
  add_recipe_options(*check, options);
  CLI::App* look = app.add_subcommand("show", "print the program after its schedule, or after the first steps of it");
  add_recipe_options(*look, options);
  look->add_option("--variant", options.variant, "only this variant");
  look->add_option("--step", options.build.steps, "stop after this many steps");
  look->add_flag("--all", options.every_step, "print the program after every step");
  look->add_flag("--diff", options.every_change, "print what every step changed");
  CLI::App* flat = app.add_subcommand("expand", "print schedules as flat lists of verbs, without ops and control");
  add_recipe_options(*flat, options);
  flat->add_option("--variant", options.variant, "only this variant");
  CLI::App* ops = app.add_subcommand("ops", "the verbs of a schedule, and the ops of recipes");
  ops->add_option("verb", options.verb, "only this one, with its documentation");
  ops->add_option("--recipe", options.recipes, "list the ops that this recipe can call, too");
  CLI::App* schema = app.add_subcommand("schema", "a JSON Schema of recipes, for editors");
  CLI::App* targets = app.add_subcommand("targets", "the targets that can be named");
  targets->add_option("--target-path", options.build.target_path, "further directories with targets, searched first");
  CLI::App* conform =
      app.add_subcommand("check-target", "load targets, and run the C of every instruction beside its specification");
  conform->add_option("target", options.checked, "names of targets")->required();
  conform->add_option("--compiler", options.compiler, "the C compiler [cc, or ARCH-linux-gnu-gcc for another machine]");
  conform->add_flag("--ends", options.ends_only, "of vectors of any length only the shortest and the longest");
  conform->add_flag("--own", options.own_only, "without instructions that are taken over from another target");
  conform->add_option("--table", options.table, "a file to which a table of what was executed is added, in Markdown");
  conform->add_option("--target-path", options.build.target_path, "further directories with targets, searched first");

  try {
    app.parse(argc, argv);
    read_params(options);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e), kOk;
    return complain("usage", usage_problem(app, e, argc, argv) + (json(options) ? "" : "\n`exo --help` tells more"),
                    options, kUsage);
  }
  options.build.target_path.push_back(shipped_targets());
  request.build = options.build;
  request.library = shipped_recipes();
  request.time = options.time;
  if (options.choose_when_built) request.choice = EmitKernel::WhenBuilt;
  if (!options.within.empty())
    for (const std::string& shipped : {shipped_targets(), shipped_recipes()}) options.within.push_back(shipped);
  return guarded(options, [&] {
    if (*make) generate(options);
    if (*check) check_recipes(options);
    if (*look) show(options);
    if (*flat) expand_recipes(options);
    if (*ops) explain_ops(options);
    if (*schema) fmt::print("{}", recipe_schema());
    if (*targets) list_targets(options);
    if (*many) return batch(options);
    return *conform ? check_targets(options) : kOk;
  });
}

}  // namespace
}  // namespace exo

int main(int argc, char** argv) {
#ifdef __GLIBC__  // a short run: what was freed is used again, and not handed back in between
  mallopt(M_TRIM_THRESHOLD, 1 << 30), mallopt(M_MMAP_THRESHOLD, 1 << 30), mallopt(M_TOP_PAD, 4 << 20);
#endif
  return exo::run(argc, argv);
}
