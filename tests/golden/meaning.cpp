#include "golden/meaning.h"

#include <random>

#include <fmt/format.h>

#include "ir/arguments.h"
#include "ir/build.h"
#include "ir/check.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/values.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo::testing {
namespace {

bool admitted(const Proc& proc, const Control& control) {
  for (const ExprRef& e : proc.asserts) {
    if (is_about_elements(e)) continue;       // elements are chosen so that it holds
    bool about_control = !mentions_field(e);  // assertions about strides and configuration are the interpreter's matter
    each_expr(e, [&](const ExprRef& x) { about_control = about_control && !as<Stride>(x); });
    if (about_control && evaluate(e, control) != 1) return false;
  }
  return true;
}

std::vector<int64_t> candidates(Scalar type, const std::set<int64_t>& values) {
  if (type == Scalar::Bool) return {0, 1};
  std::vector<int64_t> out(values.begin(), values.end());
  if (type != Scalar::Size) out.insert(out.end(), {-1, -2, -5});
  return out;
}

std::string text_of(const Control& control) {
  std::vector<std::string> parts;
  for (const auto& [sym, value] : control) parts.push_back(fmt::format("{} = {}", sym.name(), value));
  return join(parts, ", ");
}

}  // namespace

std::set<int64_t> constants_in(const std::string& text) {
  std::set<int64_t> out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!std::isdigit(static_cast<unsigned char>(text[i]))) continue;
    const bool in_word = i > 0 && (std::isalnum(static_cast<unsigned char>(text[i - 1])) || text[i - 1] == '_');
    size_t end = i;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
    if (!in_word && end - i < 3) out.insert(std::stoll(text.substr(i, end - i)));
    i = end;
  }
  return out;
}

std::vector<Control> sizes(const Proc& proc, const std::set<int64_t>& constants, size_t limit, uint64_t seed) {
  std::set<int64_t> values = {0, 1, 2, 3, 4, 5, 7};
  for (const int64_t c : constants)
    for (const int64_t v : {c - 1, c, c + 1, 2 * c, 2 * c + 3})
      if (v >= 0 && v < 64) values.insert(v);
  std::vector<std::pair<Sym, std::vector<int64_t>>> axes;
  for (const Param& p : proc.params)
    if (!is_data(p.type.scalar)) axes.emplace_back(p.name, candidates(p.type.scalar, values));
  size_t combinations = 1;
  for (const auto& [sym, of] : axes) combinations = std::min<size_t>(combinations * of.size(), 1 << 20);

  std::vector<Control> out;
  std::set<Control> seen;
  const auto offer = [&](const Control& control) {
    if (admitted(proc, control) && seen.insert(control).second) out.push_back(control);
  };
  std::mt19937_64 random(seed);
  const auto numbered = [&](size_t number) {
    Control control;
    for (const auto& [sym, of] : axes) control[sym] = of[number % of.size()], number /= of.size();
    return control;
  };
  if (combinations <= limit) {
    for (size_t n = 0; n < combinations; ++n) offer(numbered(n));
  } else {
    for (const int64_t v : {0, 1, 2, 3}) {
      Control control;
      for (const auto& [sym, of] : axes) control[sym] = std::min(v, of.back());
      offer(control);
    }
    for (size_t tries = 0; tries < 40 * limit && out.size() < limit; ++tries) offer(numbered(random() % combinations));
  }
  return out;
}

namespace {
/// The same floats with fractions, some of them large: they round in every sum.
void roughen(Arguments& args) {
  for (auto& [sym, value] : args) {
    Tensor* t = std::get_if<Tensor>(&value);
    if (!t || !is_float(t->type)) continue;
    const double large = t->type == Scalar::F16 ? 64 : 1 << 20;
    for (size_t k = 0; k < t->cells.size(); ++k) {
      Cell& c = t->cells[k];
      c.real = rounded(t->type, c.real * (1.1 + 0.01 * static_cast<double>(k % 7)) * (k % 3 == 1 ? large : 1));
    }
  }
}
}  // namespace

Comparison compare(const Proc& before, const Proc& after, const std::vector<Control>& at, uint64_t seed,
                   Values values) {
  Comparison out;
  for (const Control& control : at) {
    auto expected = random_arguments(before, control, seed);
    if (!expected) continue;
    if (values == Values::Rough) roughen(*expected);
    Arguments got = passed_on(*expected, before, after);
    if (interpret(before, *expected, {}, 2'000'000)) {
      ++out.meaningless;
      continue;
    }
    ++out.runs;
    const auto fault = interpret(after, got, {}, 20'000'000);
    if (fault && fault->kind == Fault::TooLong) continue;  // room for more than this machine has
    if (fault)
      out.difference = fmt::format("at {} the second program stops: {}", text_of(control), fault->what);
    else if (const std::string gap = first_difference(before, *expected, after, got); !gap.empty())
      out.difference = fmt::format("at {}: {}", text_of(control), gap);
    if (!out.difference.empty()) return out;
  }
  return out;
}

namespace {
Block reversed(const Block& block) {
  Block out;
  for (const StmtRef& s : block) {
    StmtRef next = map_children(
        s, [](const ExprRef& e) { return e; }, [](const Block& b) { return reversed(b); });
    if (const For* loop = as<For>(next); loop && loop->order == Order::Parallel) {
      const ExprRef back = loop->lo + loop->hi - num(1) - var(loop->iter);
      next = with_node(
          next, For{loop->iter, loop->lo, loop->hi, substitute(loop->body, {{loop->iter, back}}), Order::Sequential});
    }
    out.push_back(std::move(next));
  }
  return out;
}
}  // namespace

ProcRef with_parallel_reversed(const ProcRef& proc) {
  Proc next = *proc;
  next.body = reversed(proc->body);
  return std::make_shared<const Proc>(std::move(next));
}

void inspect(const Proc& proc, const std::vector<ProcRef>& known) {
  verify(proc);
  const std::string text = print(proc);
  std::vector<ProcRef> callable = known;
  each_stmt(proc.body, [&](const StmtRef& s) {
    if (const Call* call = as<Call>(s)) callable.push_back(call->callee), verify(*call->callee);
  });
  try {
    const ProcRef back = parse(exo::text_of(register_source("printed", text)), callable, all_fields()).back();
    if (!equal(proc, *back))
      BUG("what was printed parses to another program:\n" + text + "\nwhich prints as\n" + print(*back));
    if (print(*back) != text)
      BUG("labels change when they are printed and parsed:\n" + text + "\nand\n" + print(*back));
  } catch (const Rejected& rejected) {
    BUG("what was printed does not parse:\n" + text + "\n" + render(rejected.problems.front()));
  }
}

}  // namespace exo::testing
