#include "recipe/build.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/parse.h"
#include "recipe/lengths.h"
#include "recipe/precision.h"
#include "schedule/finish.h"
#include "schedule/procedures.h"
#include "schedule/value.h"

namespace exo {
namespace {

/// What was refused for each variant. One mistake is often refused for several, and is told once.
class Refusals {
 public:
  /// Runs `action` for a variant of a kernel; a kernel as a whole has none.
  void attempt(const std::string& kernel, const std::string& variant, const std::function<void()>& action) {
    try {
      action();
    } catch (const Rejected& rejected) {
      for (const Diagnostic& d : rejected.problems) add(d, kernel, variant);
    }
  }

  void throw_if_any() {
    Problems problems;
    for (Refusal& r : list_) {
      std::vector<std::string> whom;
      for (const auto& [kernel, variants] : r.whom)
        whom.push_back(
            fmt::format("variant{} {} of `{}`", variants.size() == 1 ? "" : "s", join(variants, ", "), kernel));
      if (!whom.empty()) r.problem.note("this is for " + join(whom, " and "));
      problems.add(std::move(r.problem));
    }
    problems.throw_if_any();
  }

 private:
  struct Refusal {
    Diagnostic problem;
    std::string text;
    std::vector<std::pair<std::string, std::vector<std::string>>> whom;  // kernel, variants
  };
  std::vector<Refusal> list_;

  void add(const Diagnostic& problem, const std::string& kernel, const std::string& variant) {
    const std::string text = render(problem);
    auto it = std::find_if(list_.begin(), list_.end(), [&](const Refusal& r) { return r.text == text; });
    if (it == list_.end()) it = list_.insert(list_.end(), {problem, text, {}});
    if (variant.empty()) return;
    if (it->whom.empty() || it->whom.back().first != kernel) it->whom.push_back({kernel, {}});
    it->whom.back().second.push_back(variant);
  }
};

class Builder {
 public:
  Builder(const Recipe& recipe, const BuildOptions& options) : recipe_(recipe), options_(options) {}

  std::vector<EmitKernel> run() {
    check_options();
    std::vector<EmitKernel> out;
    for (const KernelEntry& k : recipe_.kernels)
      if (options_.kernels.empty() || std::count(options_.kernels.begin(), options_.kernels.end(), k.name))
        refusals_.attempt(k.name, {}, [&] { out.push_back(kernel(k)); });
    refusals_.throw_if_any();
    return out;
  }

 private:
  const Recipe& recipe_;
  const BuildOptions& options_;
  std::map<std::string, TargetRef> targets_;
  std::map<std::string, std::vector<TargetRef>> lengths_;  // of targets whose vectors have several
  Refusals refusals_;

  void check_options() const {
    std::vector<std::string> kernels, targets = {"portable"}, variants = {"portable"}, params;
    for (const KernelEntry& k : recipe_.kernels) kernels.push_back(k.name);
    for (const VariantEntry& v : recipe_.variants) targets.push_back(v.target.chars), variants.push_back(v.name);
    for (const auto& [name, text] : recipe_.params) params.push_back(name);
    Problems problems;
    const auto require_known = [&](const char* code, const char* what, const std::string& name,
                                   const std::vector<std::string>& known) {
      if (std::count(known.begin(), known.end(), name)) return;
      problems.add(Diagnostic{code, fmt::format("`{}` has no {} `{}`", recipe_.path, what, name), {}, {}, {}}.help(
          suggestion(name, known)));
    };
    for (const std::string& k : options_.kernels) require_known("unknown-kernel", "kernel", k, kernels);
    for (const std::string& t : options_.targets) require_known("unknown-variant", "variant for target", t, targets);
    for (const std::string& v : options_.variants) require_known("unknown-variant", "variant", v, variants);
    for (const auto& [name, value] : options_.params) require_known("unknown-param", "param", name, params);
    problems.throw_if_any();
  }

  TargetRef target(const Text& name) {
    TargetRef& slot = targets_[name.chars];
    if (slot) return slot;
    try {
      const auto known = recipe_.targets.find(name.chars);
      slot = known != recipe_.targets.end() ? known->second : load_target(name.chars, options_.target_path);
    } catch (Rejected& rejected) {
      for (Diagnostic& d : rejected.problems)
        if (d.places.empty()) d.at(name.whole());
      throw;
    }
    return slot;
  }

  EmitKernel kernel(const KernelEntry& k) {
    EmitKernel out{options_.prefix + k.name, k.brief,       recipe_.file_name, k.algorithm, {},
                   recipe_.inputs,           recipe_.absent};
    std::vector<EmitVariant> last;  // variants for the portable target run anywhere, so they are tried last
    for (const VariantEntry& v : recipe_.variants) {
      if (v.kernel && v.kernel->chars != k.name) continue;
      if (v.target.chars != "portable" && !options_.targets.empty() &&
          !std::count(options_.targets.begin(), options_.targets.end(), v.target.chars))
        continue;
      if (v.target.chars != "portable" && !options_.variants.empty() &&
          !std::count(options_.variants.begin(), options_.variants.end(), v.name))
        continue;
      const std::string hardware = v.name == v.target.chars ? "" : fmt::format(" (target `{}`)", v.target.chars);
      refusals_.attempt(k.name, fmt::format("`{}`{}", v.name, hardware),
                        [&] { (v.target.chars == "portable" ? last : out.variants).push_back(variant(k, v)); });
    }
    out.variants.insert(out.variants.end(), last.begin(), last.end());
    const bool always = !last.empty() && !last.back().when;
    if (!always) {
      const bool taken = std::any_of(out.variants.begin(), out.variants.end(),
                                     [](const EmitVariant& v) { return v.name == "portable"; });
      out.variants.push_back(
          {taken ? "portable_plain" : "portable", k.algorithm, target(Text{"portable", k.span, {}}), nullptr});
    }
    if (options_.tests) out.plain = target(Text{"portable", k.span, {}});
    out.exact = k.contract == Contract::Exact;
    if (!options_.plan) choose_precision(out);
    return out;
  }

  /// Where only the machine knows the length of its vectors, one program for all lengths; a program under way is shown for the
  /// shortest.
  EmitVariant variant(const KernelEntry& k, const VariantEntry& v) {
    const TargetRef hardware = target(v.target);
    if (hardware->vectors.units.empty() || options_.steps != SIZE_MAX) return variant(k, v, hardware);
    std::vector<TargetRef>& lengths = lengths_[v.target.chars];
    if (lengths.empty()) lengths = at_each_length(hardware, options_.target_path);
    std::vector<EmitVariant> all;
    for (const TargetRef& length : lengths) try {
        all.push_back(variant(k, v, length));
      } catch (Rejected& rejected) {
        const std::string bits = fmt::format("here vectors have {} bits", length->length * length->vectors.bits);
        for (Diagnostic& d : rejected.problems) d.note(bits);
        throw;
      }
    try {
      return one_for_all_lengths(all);
    } catch (Rejected& rejected) {
      for (Diagnostic& d : rejected.problems) d.at(v.target.whole());
      throw;
    }
  }

  EmitVariant variant(const KernelEntry& k, const VariantEntry& v, const TargetRef& hardware) {
    std::map<std::string, Text> expressions = recipe_.params;
    for (const auto& [name, text] : v.params) expressions[name] = text;
    for (const auto& [name, text] : options_.params)
      expressions[name] = text_of(register_source("--param " + name, text, SourceKind::Listing));
    Params params(std::move(expressions), hardware.get());
    Context context{hardware, k.contract, params.all(), [&](const Text& t) { return params.value(t); }};
    context.fields = recipe_.fields;
    require(context, v);
    std::vector<ProcRef> defs = k.defs;
    for (const KernelEntry& other : recipe_.kernels)
      for (const ProcRef& p : other.defs)
        if (std::none_of(defs.begin(), defs.end(), [&](const ProcRef& d) { return d->name == p->name; }))
          defs.push_back(p);
    context.procs = std::make_shared<Procedures>(std::move(defs), recipe_.procs, context);

    EmitVariant out{v.name, k.algorithm, hardware, nullptr};
    if (v.when) {
      out.when = Schedule(k.algorithm, context).condition(*v.when, {});
      Proc assuming = *k.algorithm;
      assuming.asserts.push_back(out.when);
      out.proc = std::make_shared<const Proc>(std::move(assuming));
    }
    if (options_.plan) return out;
    const std::string name = v.schedule ? v.schedule->chars : k.name;
    const auto steps = recipe_.schedules.find(name);
    if (steps == recipe_.schedules.end()) {
      if (name != "none" && v.target.chars != "portable")
        reject(
            Diagnostic{"unknown-schedule", fmt::format("there is no schedule `{}` for this variant", name), {}, {}, {}}
                .at(v.span)
                .help("write `[schedule." + name + "]`, or say `schedule = \"none\"` for the algorithm as it stands"));
      return out;
    }
    const ScheduleEntry& entry = steps->second;
    const ProcRef algorithm = out.proc;
    Scheduled done = run_schedule(out.proc, {name, &entry.steps, entry.module}, context, options_.steps);
    out.proc = done.proc;
    if (options_.steps >= entry.steps.size()) out.proc = finish(out.proc, context);
    const bool shown = hardware->vectors.units.empty() || hardware->length == hardware->vectors.units.front();
    if (options_.on_schedule && shown) options_.on_schedule({k, v, name, context, done, algorithm});
    check_program(*out.proc);
    check_configuration(*out.proc);
    if (options_.steps >= entry.steps.size()) check_capacity(*out.proc, *hardware);
    if (const std::vector<Instruction> made = context.procs->made(); !made.empty()) {
      Target own = *hardware;
      own.instructions.insert(own.instructions.end(), made.begin(), made.end());
      out.target = std::make_shared<const Target>(std::move(own));
    }
    check_order(*out.proc, *out.target, context.contract);
    check_clobbers(*out.proc, *out.target);
    return out;
  }

  /// The conditions of `[require]`, with the numbers that break them.
  void require(const Context& context, const VariantEntry& v) const {
    Problems problems;
    for (const auto& [name, condition] : recipe_.require) {
      if (context.integer(condition) != 0) continue;
      std::vector<std::string> numbers;
      for (const auto& [param, value] : context.params)
        if (condition.chars.find(param) != std::string::npos) numbers.push_back(fmt::format("{} = {}", param, value));
      for (const auto& [fact, value] : context.target->facts)
        if (condition.chars.find("target." + fact) != std::string::npos)
          numbers.push_back(fmt::format("target.{} = {}", fact, value));
      problems.add(Diagnostic{"require", fmt::format("`{}` does not hold for variant `{}`", name, v.name), {}, {}, {}}
                       .at(condition.whole())
                       .note(fmt::format(
                           "here {}", numbers.empty() ? std::string("nothing else is known") : join(numbers, ", "))));
    }
    problems.throw_if_any();
  }
};

}  // namespace

std::vector<EmitKernel> build(const Recipe& recipe, const BuildOptions& options) {
  return Builder(recipe, options).run();
}

}  // namespace exo
