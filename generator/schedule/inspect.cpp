#include "schedule/inspect.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/facts.h"
#include "analysis/hull.h"
#include "analysis/linear.h"
#include "analysis/query.h"
#include "ir/build.h"
#include "ir/print.h"
#include "schedule/elements.h"
#include "schedule/pressure.h"
#include "schedule/reference.h"
#include "schedule/selection.h"
#include "support/text.h"
#include "target/placement.h"

namespace exo {
namespace {

bool is_call(const StmtRef& s) { return as<Call>(s) != nullptr; }
bool is_if(const StmtRef& s) { return as<If>(s) != nullptr; }
bool is_loop(const StmtRef& s) { return as<For>(s) != nullptr; }
bool is_alloc(const StmtRef& s) { return as<Alloc>(s) != nullptr; }
bool is_configure(const StmtRef& s) { return as<Configure>(s) != nullptr; }
bool is_plain(const StmtRef& s) { return as<Assign>(s) || as<Reduce>(s); }

class Inspector {
 public:
  Inspector(const Proc& proc, const Target& target, const std::vector<Text>& args, Span where)
      : proc_(proc), target_(target), args_(args), where_(where) {}

  int64_t extent() const {
    std::optional<int64_t> out;
    for (const Path& p : loops(args_[0])) {
      const auto length = length_of(p);
      if (!length || (out && *out != *length))
        fail("inspect-constant",
             fmt::format("the length of `{}` is {}", args_[0].chars,
                         length ? "not the same for all of them" : "no constant: `" + print(range_of(p)) + "`"),
             "ask `fixed(..)` first: what stands behind `and` is then not looked at");
      out = length;
    }
    return *out;
  }
  int64_t fixed() const {
    const auto all = loops(args_[0]);
    return std::all_of(all.begin(), all.end(), [&](const Path& p) { return length_of(p).has_value(); });
  }
  int64_t depth() const {
    size_t out = 0;
    for (const Path& p : places(args_[0])) out = std::max(out, loops_around(proc_, p).size());
    return static_cast<int64_t>(out);
  }
  int64_t touched(bool writes) const {
    std::set<Sym> out;
    for (const Access& a : accesses_of(args_[0]))
      if ((a.kind != Access::Read) == writes || (a.kind == Access::Reduce)) out.insert(a.buffer);
    if (args_.size() == 1) return static_cast<int64_t>(out.size());
    const auto wanted = buffers(args_[1]);
    return std::any_of(wanted.begin(), wanted.end(), [&](Sym b) { return out.count(b) > 0; });
  }
  int64_t footprint() const {
    const Sym buffer = one_buffer(proc_, {args_[0]});
    int64_t most = 0;
    for (const Path& p : loops(args_[1])) {
      const Block& body = block_in(proc_, p);
      const Facts facts = body.empty() ? facts_at(proc_, p) : facts_at(proc_, child(p, 0));
      std::vector<Access> here;
      for (const Access& a : accesses(declarations(proc_), body))
        if (a.buffer == buffer) here.push_back(a);
      if (here.empty()) continue;
      const auto box = hull(facts, here);
      int64_t elements = 1;
      for (const Side& side : box ? *box : std::vector<Side>{}) {
        const auto extent = interval(side.extent, facts.known).hi;
        if (!extent) fail("inspect-constant", unbounded(print(side.extent)), bound_it());
        if (__builtin_mul_overflow(elements, std::max<int64_t>(*extent, 0), &elements))
          fail("inspect-constant", "the footprint exceeds 64 bits", "");
      }
      if (!box) fail("inspect-constant", unbounded("not a box"), bound_it());
      most = std::max(most, elements);
    }
    return most;
  }
  int64_t live() const {
    const std::string memory = args_.size() > 1 ? args_[1].chars : "vector";
    int64_t most = 0;
    for (const Path& p : args_[0].chars == "proc" ? std::vector<Path>{Path{}} : places(args_[0])) {
      const auto units = units_live(proc_, target_, p, memory);
      if (!units) fail("inspect-constant", "a buffer there has no constant extent", "");
      most = std::max(most, *units);
    }
    return most;
  }
  int64_t bank() const {
    const Sym buffer = one_buffer(proc_, {args_[0]});
    Placement placed = placement(proc_, target_);
    for (Shortage& shortage : placed.shortages) reject(std::move(shortage.problem.at(where_)));
    const auto place = placed.places.find(buffer);
    if (place == placed.places.end() || place->second.memory->banks == 1)
      fail("inspect-bank", fmt::format("`{}` is in no memory with banks", args_[0].chars),
           "`set_memory` says where it lives");
    const Place& p = place->second;
    const int64_t size = *p.memory->capacity / p.memory->banks, last = p.first + std::max<int64_t>(p.count, 1) - 1;
    if (p.first / size != last / size)
      fail("inspect-bank",
           fmt::format("`{}` lies in banks {} to {} of `{}`", args_[0].chars, p.first / size, last / size,
                       p.memory->name),
           "`{ set_memory = .., to = .., bank = .. }` keeps it in one");
    return p.first / size;
  }
  int64_t count() const {
    const std::string text = args_[0].chars;
    const auto a = application(text);
    const std::string what = a ? a->function : text;
    const std::string in = a ? a->argument : "proc";
    if (what == "reads" || what == "writes") {
      const std::vector<Text> inner = {argument_text(a)};
      return Inspector(proc_, target_, inner, where_).touched(what == "writes");
    }
    if (what == "calls" && a && selected_or_named(in).empty() && in != "proc") return named_calls(in);
    if (what == "calls") return number_of(in, is_call);
    if (what == "ifs") return number_of(in, is_if);
    if (what == "allocs") return number_of(in, is_alloc);
    if (what == "loops" && !a) return number_of(in, is_loop);
    if (what == "config_writes") return number_of(in, is_configure);
    if (what == "buffers") return static_cast<int64_t>(selected_buffers(proc_, "buffers(" + in + ")")->size());
    if (const auto found = selected_or_named(text); !found.empty()) return static_cast<int64_t>(found.size());
    return static_cast<int64_t>(find_buffers(proc_, text).size());
  }
  int64_t leftover() const { return number_of(args_[0].chars, is_plain); }
  int64_t stride() const {
    const Sym buffer = one_buffer(proc_, {args_[0]});
    const Declarations names = declarations(proc_);
    const std::string dim(trim(args_[1].chars));
    const size_t rank = names.at(buffer).type.shape.size();
    if (dim.empty() || dim.size() > 3 || dim.find_first_not_of("0123456789") != dim.npos || std::stoul(dim) >= rank)
      reject(Diagnostic{"inspect-argument", fmt::format("`{}` has {} dimensions", args_[0].chars, rank), {}, {}, {}}
                 .at(args_[1].whole())
                 .help("a dimension is a number, from 0"));
    const ExprRef stride = stride_of(names, buffer, std::stoul(dim));
    const ExprRef sum = expression(linear(stride));
    if (const int64_t* value = literal(sum)) return *value;
    fail("inspect-constant", fmt::format("the stride is no constant: `{}`", print(stride)), "");
  }
  int64_t lanes() const {
    const auto loop =
        find_buffers(proc_, args_[0].chars).empty() ? find_loops(proc_, args_[0].chars) : std::vector<Path>{};
    const Scalar type =
        loop.empty() ? type_of(proc_, args_[0]) : widest_element(declarations(proc_), block_in(proc_, loop.front()));
    const auto it = target_.lanes.find(type);
    return it == target_.lanes.end() ? 1 : it->second;
  }

 private:
  const Proc& proc_;
  const Target& target_;
  const std::vector<Text>& args_;
  Span where_;

  [[noreturn]] void fail(const char* code, const std::string& what, const std::string& help) const {
    Diagnostic d{code, what, {}, {}, {}};
    d.at(where_);
    if (!help.empty()) d.help(help);
    reject(std::move(d));
  }
  std::string unbounded(const std::string& extent) const {
    return fmt::format("what `{}` touches of `{}` has no constant bound: {}", args_[1].chars, args_[0].chars, extent);
  }
  static std::string bound_it() { return "ask it of a loop further in, or `split` the loops in it first"; }

  ExprRef range_of(const Path& p) const {
    const For& loop = *as<For>(stmt_at(proc_, p));
    return expression(linear(loop.hi) - linear(loop.lo));
  }
  std::optional<int64_t> length_of(const Path& p) const {
    const For& loop = *as<For>(stmt_at(proc_, p));
    const Intervals known = facts_at(proc_, p).known;
    const Interval bounds = interval(linear(loop.hi, known) - linear(loop.lo, known), known);
    return bounds.lo && bounds.lo == bounds.hi ? bounds.lo : std::nullopt;
  }

  std::vector<Path> loops(const Text& text) const { return all_loops(proc_, {text}); }
  std::vector<Path> places(const Text& text) const {
    auto found = places_of(proc_, text.chars);
    return found.empty() ? all_stmts(proc_, {text}) : found;
  }
  std::vector<Sym> buffers(const Text& text) const {
    auto found = find_buffers(proc_, text.chars);
    return found.empty() ? std::vector<Sym>{one_buffer(proc_, {text})} : found;
  }
  std::vector<Access> accesses_of(const Text& text) const {
    if (text.chars == "proc") return accesses(declarations(proc_), proc_.body);
    std::vector<Access> out;
    for (const Path& p : places(text))
      for (Access& a : accesses(declarations(proc_), {stmt_at(proc_, p)})) out.push_back(std::move(a));
    return out;
  }
  std::vector<Path> selected_or_named(const std::string& text) const { return places_of(proc_, text); }
  Text argument_text(const std::optional<Application>& a) const {
    return a ? Text{a->argument, where_, {}} : Text{"proc", where_, {}};
  }
  int64_t named_calls(const std::string& callee) const {
    return static_cast<int64_t>(find(proc_, [&](const StmtRef& s) {
                                  const Call* call = as<Call>(s);
                                  return call && call->callee->name == callee;
                                }).size());
  }
  int64_t number_of(const std::string& in, bool (*wanted)(const StmtRef&)) const {
    std::vector<Path> roots = {Path{}};
    if (in != "proc") roots = places(Text{in, where_, {}});
    int64_t out = 0;
    for (const Path& p : find(proc_, wanted))
      out += std::any_of(roots.begin(), roots.end(), [&](const Path& root) { return is_prefix(root, p); });
    return out;
  }
};

struct Inspection {
  const char *name, *form, *doc;
  size_t least, most;
  int64_t (*value)(const Inspector&);
};

const std::vector<Inspection>& kinds_of_inspection() {
  static const std::vector<Inspection> all = {
      {"extent", "extent(loop)", "its number of iterations, where that is a constant", 1, 1,
       [](const Inspector& i) { return i.extent(); }},
      {"fixed", "fixed(loop)", "1 where its number of iterations is a constant, else 0", 1, 1,
       [](const Inspector& i) { return i.fixed(); }},
      {"depth", "depth(x)", "how many loops stand around it", 1, 1, [](const Inspector& i) { return i.depth(); }},
      {"reads", "reads(x), reads(x, buffer)", "how many buffers it reads; whether it reads this one", 1, 2,
       [](const Inspector& i) { return i.touched(false); }},
      {"writes", "writes(x), writes(x, buffer)", "how many buffers it writes; whether it writes this one", 1, 2,
       [](const Inspector& i) { return i.touched(true); }},
      {"footprint", "footprint(buffer, loop)", "elements of it that one iteration touches, at most", 2, 2,
       [](const Inspector& i) { return i.footprint(); }},
      {"live", "live(x), live(x, memory)", "vector registers, or units of this memory or role, that are in use there",
       1, 2, [](const Inspector& i) { return i.live(); }},
      {"bank", "bank(buffer)", "the bank in which it lies, as the program stands", 1, 1,
       [](const Inspector& i) { return i.bank(); }},
      {"count", "count(set)",
       "members of `loops(x)`, `stmts(x)`, `calls`, `calls(fmadd_ps)`, `ifs`, `allocs`, `config_writes`, of any "
       "reference",
       1, 1, [](const Inspector& i) { return i.count(); }},
      {"leftover", "leftover(x)", "statements in it, or in `proc`, that are not mapped to instructions", 1, 1,
       [](const Inspector& i) { return i.leftover(); }},
      {"stride", "stride(buffer, dim)", "distance of neighbours, where that is a constant", 2, 2,
       [](const Inspector& i) { return i.stride(); }},
      {"lanes", "lanes(x)",
       "lanes of the target for the type of a buffer or statement, for the widest type that a loop computes with", 1, 1,
       [](const Inspector& i) { return i.lanes(); }},
  };
  return all;
}

}  // namespace

const std::vector<InspectionDoc>& inspections() {
  static const std::vector<InspectionDoc> docs = [] {
    std::vector<InspectionDoc> out;
    for (const Inspection& i : kinds_of_inspection()) out.push_back({i.form, i.doc});
    out.push_back({"type(x)", "element type of a buffer or statement, for `==`, `!=` and `target.lanes(..)`"});
    return out;
  }();
  return docs;
}

int64_t inspect(const Proc& proc, const Target& target, const std::string& name, const std::vector<Text>& args,
                Span where) {
  std::vector<std::string> known;
  for (const Inspection& i : kinds_of_inspection()) {
    known.push_back(i.name);
    if (i.name != name) continue;
    if (args.size() < i.least || args.size() > i.most)
      reject(Diagnostic{"inspect-argument", fmt::format("`{}` has another number of arguments", name), {}, {}, {}}
                 .at(where)
                 .help(fmt::format("it reads `{}`: {}", i.form, i.doc)));
    return i.value(Inspector(proc, target, args, where));
  }
  reject(Diagnostic{"unknown-function", fmt::format("there is no function `{}`", name), {}, {}, {}}.at(where).help(
      suggestion(name, known)));
}

Scalar type_of(const Proc& proc, const Text& what) {
  const Declarations names = declarations(proc);
  if (const auto direct = find_buffers(proc, what.chars); !direct.empty()) return names.at(direct.front()).type.scalar;
  const auto written = selected_buffers(proc, "buffer(" + what.chars + ")");
  if (written && !written->empty()) return names.at(written->front()).type.scalar;
  return names.at(one_buffer(proc, {what})).type.scalar;
}

}  // namespace exo
