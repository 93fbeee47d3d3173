#include "schedule/schedule.h"

#include <fmt/format.h>

#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/check_expr.h"
#include "ir/parse.h"
#include "schedule/inspect.h"
#include "schedule/procedures.h"
#include "schedule/value.h"
#include "support/text.h"

namespace exo {
namespace {
Observer& observer() {
  static Observer instance;
  return instance;
}

/// What is allocated, or named, in front of the place in the blocks around it.
std::vector<Sym> buffers_before(const Proc& proc, const Path& where) {
  std::vector<Sym> out;
  for (size_t length = 1; length <= where.size(); ++length) {
    const Path at(where.begin(), where.begin() + static_cast<std::ptrdiff_t>(length));
    const Block& block = block_of(proc, at);
    for (size_t k = 0; k < at.back().index; ++k) {
      if (const Alloc* a = as<Alloc>(block[k])) out.push_back(a->buffer);
      if (const Alias* a = as<Alias>(block[k])) out.push_back(a->name);
    }
  }
  return out;
}
}  // namespace

void observe_primitives(Observer next) { observer() = std::move(next); }

Schedule::Schedule(const ProcRef& algorithm, Context context)
    : context_(std::move(context)), proc_(simplify(algorithm)) {
  if (!context_.procs) context_.procs = std::make_shared<Procedures>();
  context_.integer = [this](const Text& text) { return integer(text); };
}

int64_t Schedule::integer(const Text& text) const {
  const auto param = [&](const std::string& name, Span where) {
    if (const auto it = context_.params.find(name); it != context_.params.end()) return it->second;
    std::vector<std::string> names;
    for (const auto& [known, value] : context_.params) names.push_back(known);
    reject(Diagnostic{"unknown-param", fmt::format("there is no param `{}`", name), {}, {}, {}}.at(where).help(
        suggestion(name, names)));
  };
  const auto function = [&](const std::string& name, const std::vector<Text>& args, Span where) {
    return inspect(*proc_, target(), name, args, where);
  };
  return evaluate(text, {&target(), param, function, [&](const Text& what) { return type_of(*proc_, what); }});
}

void Schedule::apply(const std::function<void(Rewrite&)>& primitive) {
  Outcome outcome = attempt(proc_, context_, primitive);
  if (observer()) observer()(proc_, outcome);
  if (!outcome.failures.empty()) reject(explain(outcome.failures.front(), proc_, outcome.after).diagnostic);
  take(std::move(outcome));
}

bool Schedule::apply_if_proved(const std::function<void(Rewrite&)>& primitive) {
  Outcome outcome = attempt(proc_, context_, primitive);
  if (!outcome.failures.empty()) return false;
  if (observer()) observer()(proc_, outcome);
  take(std::move(outcome));
  return true;
}

/// Makes what was proved the program.
void Schedule::take(Outcome outcome) {
  if (Derivation* record = context_.derivation; record && outcome.after != proc_)
    record->steps.push_back({proc_, outcome.after, outcome.change});
  if (context_.spelled && outcome.after != proc_) spelled_.emplace_back(outcome.after, std::move(outcome.spelled));
  proc_ = std::move(outcome.after);
}

void Schedule::back_to(ProcRef earlier) {
  while (!spelled_.empty() && spelled_.back().first != earlier) spelled_.pop_back();
  proc_ = std::move(earlier);
}

std::vector<TomlTable> Schedule::spelled() const {
  std::vector<TomlTable> out;
  for (const auto& [proc, step] : spelled_) out.push_back(step);
  return out;
}

Path Schedule::loop(Sym iter) const {
  const auto path = binder(*proc_, iter);
  if (!path) BUG("a loop of the step is gone");
  return *path;
}

const For& Schedule::loop_at(Sym iter) const { return *as<For>(stmt_at(*proc_, loop(iter))); }

ExprRef Schedule::expression(const Text& text, const Path& where) const {
  const ExprRef e = folded(parsed(text, where));
  Problems problems;
  ExpressionChecker(*proc_, problems).integer(e);
  problems.throw_if_any();
  return e;
}

ExprRef Schedule::condition(const Text& text, const Path& where) const {
  const ExprRef e = folded(parsed(text, where));
  Problems problems;
  ExpressionChecker(*proc_, problems).condition(e);
  problems.throw_if_any();
  return e;
}

ExprRef Schedule::value(const Text& text, const Path& where, Scalar type) const {
  if (type == Scalar::Bool) return condition(text, where);
  return is_data(type) ? data(text, where, type) : expression(text, where);
}

ExprRef Schedule::data(const Text& text, const Path& where, Scalar type) const {
  const ExprRef e = parsed(text, where);
  Problems problems;
  ExpressionChecker(*proc_, problems).data(e, type);
  problems.throw_if_any();
  const Declarations names = declarations(*proc_);
  const Scalar own = type_of(e, names, type);
  if (own != type)
    reject(Diagnostic{
        "step-precision",
        fmt::format("`{}` is {}, and {} is needed here", text.chars, scalar_name(own), scalar_name(type)),
        {},
        {},
        {}}.at(text.whole()));
  return e;
}

ExprRef Schedule::parsed(const Text& text, const Path& where) const {
  std::map<std::string, ExprRef> scope;
  std::vector<std::string> names;
  const auto add = [&](Sym sym) { scope[sym.name()] = var(sym), names.push_back(sym.name()); };
  for (const std::vector<Sym>& fields : {fields_of(target().configs), context_.fields})
    for (const Sym field : fields) {
      scope[field.name()] = is_data(field.field_type()) ? read(field, {}) : var(field);
      names.push_back(field.name());
    }
  for (const auto& [name, value] : context_.params) scope[name] = num(value), names.push_back(name);
  for (const Param& p : proc_->params) {
    if (is_data(p.type.scalar))
      scope[p.name.name()] = read(p.name, {}), names.push_back(p.name.name());
    else
      add(p.name);
  }
  for (const Path& p : loops_around(*proc_, where)) add(as<For>(stmt_at(*proc_, p))->iter);
  for (const Sym buffer : buffers_before(*proc_, where))
    scope[buffer.name()] = read(buffer, {}), names.push_back(buffer.name());
  return parse_expr(
      text,
      [&](const std::string& name) -> std::optional<ExprRef> {
        const auto it = scope.find(name);
        return it == scope.end() ? std::nullopt : std::optional(it->second);
      },
      names);
}

std::string Schedule::memory(const Text& wanted, Scalar element) const {
  if (const Memory* m = target().memory(wanted.chars); m && (m->ctype.empty() || m->ctype.count(element)))
    return m->name;
  if (const Memory* m = target().memory_of_role(wanted.chars, element)) return m->name;
  if (const Memory* m = target().memory(wanted.chars)) {
    std::vector<std::string> held;
    for (const auto& [scalar, ctype] : m->ctype) held.push_back(scalar_name(scalar));
    reject(Diagnostic{"memory-element", fmt::format("`{}` does not hold {}", m->name, scalar_name(element)), {}, {}, {}}
               .at(wanted.whole())
               .help("it holds " + join(held, ", ")));
  }
  std::vector<std::string> known;
  for (const Memory& m : target().memories) known.push_back(m.name), known.push_back(m.role);
  reject(Diagnostic{
      "unknown-memory",
      fmt::format("target `{}` has no memory `{}` for {}", target().name, wanted.chars, scalar_name(element)),
      {},
      {},
      {}}.at(wanted.whole())
             .help(suggestion(wanted.chars, known)));
}

}  // namespace exo
