// map: statements become instructions of the target, or calls of procedures of the recipe.
//
//     { map = "l", to = "loadu_ps" }
//
//     t : f32[8] @ ymm
//     for l in seq(0, 8):
//         t[l] = x[l]
//   =>
//     t : f32[8] @ ymm
//     loadu_ps(t[0:8], x[0:8])
//
// A statement is replaced by a call where unification with the instruction's specification succeeds: bounds and indices are
// equal for all values, the asserts of the instruction hold at the site, operands do not overlap where one is written, and
// each lives in the memory that the instruction wants. What the specification writes beyond the statement (the `else` of a
// mask) must be seen by nobody. With a class (`vector`, `move` ...) every statement under the loop, outermost first, takes the
// first instruction of the class that fits, in the order of the target's file; `leftover = "error"` refuses if a statement
// remains that is not a call. A procedure is an algorithm's `def`, what `extract` cut out, or `[proc.NAME]`; where its body has
// several statements, it takes as many from the one that is named. Acts on every match.
//
// What the instruction asks of configuration (an assert such as `load.stride == stride(src, 0)`, a field that its specification
// reads) and what is not known to hold there is set in front of it; nothing behind it may still need what the field held before,
// nor what a field holds that the instruction clobbers.
#include <algorithm>

#include <fmt/format.h>

#include "analysis/config.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/alike.h"
#include "schedule/match.h"
#include "schedule/primitives.h"
#include "schedule/procedures.h"
#include "schedule/verb.h"
#include "support/text.h"

namespace exo {
namespace {

/// Of a statement that is what the specification says.
constexpr int kAllAgreed = 1 << 20;

enum class Leftover : uint8_t { Keep, Error };

struct Args {
  std::vector<Ref> where;
  Text to;
  Leftover leftover = Leftover::Keep;
};

/// The statements as a call, if everything but the rest of the program agrees.
struct Candidate {
  const Instruction* instruction = nullptr;
  Match match;
  Block settings;     // of configuration, in front of the call
  Facts facts;        // where the call stands
  std::string taken;  // why a field cannot be set or clobbered; empty if each can
  Path parallel;      // a loop in which none can
  size_t count = 1;   // of statements
};

/// What the call asks of configuration: fields and values.
std::vector<std::pair<Sym, ExprRef>> wanted_configuration(const Rewrite& rw, const Match& match) {
  auto out = match.fields;
  const auto look = [&](const ExprRef& e) {
    const Binary* b = as<Binary>(e);
    if (const Unary* n = as<Unary>(e); n && n->op == UnaryOp::Not)
      if (const Var* v = as<Var>(n->a); v && v->sym.is_field()) return void(out.emplace_back(v->sym, truth(false)));
    const bool equality = b && b->op == BinaryOp::Eq;
    for (const auto& [side, value] : {std::pair(equality ? b->a : e, equality ? b->b : truth(true)),
                                      std::pair(equality ? b->b : e, equality ? b->a : truth(true))})
      if (const Var* v = as<Var>(side); v && v->sym.is_field() && !mentions_field(value))
        return void(out.emplace_back(v->sym, at_site(rw.names(), match.call, value)));
  };
  for (const ExprRef& assertion : match.call.callee->asserts)
    for (const ExprRef& e : conjuncts(assertion)) look(e);
  return out;
}

/// Sets what the call asks for and what is not known to be so.
void configure(const Rewrite& rw, const Path& path, Candidate& c) {
  if (all_fields().empty()) return;
  Configuration state = configuration_at(rw.before(), path);
  const ConfigurationFlow flow(rw.before());
  for (const auto& [field, value] : wanted_configuration(rw, c.match)) {
    const ExprRef known = flow.value(state, value);
    const bool itself = mentions(value, field);  // the statement reads the field already
    const bool is_number = !is_data(field.field_type()) && field.field_type() != Scalar::Bool;
    if (itself || (state.count(field) && known && same_value(c.facts, state.at(field), known)) ||
        (is_number && !mentions_field(value) && evident(c.facts, eq(var(field), value))))
      continue;
    for (const Path& loop : loops_around(rw.before(), path))
      if (rw.loop(loop).order == Order::Parallel)
        c.parallel = loop,
        c.taken =
            fmt::format("cannot be configured here: iterations of `{}`, which run at the same time, would all set `{}`",
                        rw.loop(loop).iter.name(), field.name());
    if (const auto reader = unwritable(rw.before(), path, From::Before, field))
      c.taken =
          fmt::format("cannot be configured here: it needs `{} = {}`, and `{}` still needs what the field holds now",
                      field.name(), print(value), *reader);
    c.settings.push_back(stmt(Configure{field, value}, Label{field.name(), "", "", "", rw.stmt(path)->label.copies}));
    flow.advance(state, c.settings.back());
    c.facts = with(without(c.facts, {field}), state);
  }
  const Path last = sibling(path, static_cast<int64_t>(c.count) - 1);
  for (const Sym field : c.match.call.callee->forgets)
    if (const auto reader = unwritable(rw.before(), last, From::Behind, field))
      c.taken = fmt::format("clobbers `{}`, and behind it `{}` needs what the field holds", field.name(), *reader);
}

std::optional<Candidate> candidate(const Rewrite& rw, const Path& path, const Facts& facts,
                                   const Instruction& instruction, Mismatch* mismatch = nullptr) {
  const size_t count = instruction.spec->body.size();
  const Block& around = block_of(rw.before(), path);
  const size_t left = around.size() - path.back().index;
  const auto fail = [&](std::string why) -> std::optional<Candidate> {
    if (mismatch) mismatch->why = std::move(why);
    return std::nullopt;
  };
  if (count == 0) return fail("it does nothing");
  if (count > left) return fail(fmt::format("it has {} statements, here are {}", count, left));
  if (!mismatch && !alike(rw.names(), rw.stmt(path), instruction)) return std::nullopt;
  const auto first = around.begin() + static_cast<std::ptrdiff_t>(path.back().index);
  const Block taken(first, first + static_cast<std::ptrdiff_t>(count));
  const Block behind(first + static_cast<std::ptrdiff_t>(count), around.end());
  for (const StmtRef& s : taken)
    if (const Sym sym = bound_by(*s); sym && !as<For>(s) && mentions(behind, sym))
      return fail(fmt::format("`{}` is used behind it", sym.name()));
  const auto found = unify(rw.names(), facts, taken, instruction, mismatch);
  if (!found) return std::nullopt;
  if (count > 1 && !found->extra.empty()) return fail("the specification has an `else`");
  if (rw.context.contract == Contract::Exact && regroups(instruction)) {
    if (mismatch) mismatch->agreed = kAllAgreed, mismatch->help.clear();
    return fail("it adds floats in an order of its own, which the contract `exact` does not allow");
  }
  if (const auto i = first_unfixed(instruction, found->call.args))
    return fail(fmt::format("`{}` must be a constant, and is `{}`", instruction.spec->params[*i].name.name(),
                            print(found->call.args[*i])));
  Candidate out{&instruction, *found, {}, facts, {}, {}, count};
  configure(rw, path, out);
  return out;
}

/// Can the call stand for the statement? What it promises must hold, and what it writes in addition must not be seen.
bool fits(const Rewrite& rw, const Path& path, const Candidate& c) {
  return c.taken.empty() && sound(rw.names(), c.facts, {stmt(c.match.call)}) &&
         (c.match.extra.empty() || !observed(rw.before(), path, c.match.extra));
}

/// Why it cannot, for who reads it; empty if it can.
std::string refusal(const Rewrite& rw, const Path& path, const Candidate& c) {
  if (fits(rw, path, c)) return {};
  if (!c.taken.empty()) return "it " + c.taken;
  for (const Violation& v : violations(rw.names(), c.facts, {stmt(c.match.call)}, 1)) return v.problem.message;
  return "it also writes lanes that are read later";
}

/// The call, which keeps the name of the statement where it is an instruction, and has that of its procedure else.
StmtRef call_at(const Rewrite& rw, const Path& path, const Candidate& c) {
  const StmtRef& old = rw.stmt(path);
  if (rw.context.target->instruction(c.instruction->name)) return with_node(old, c.match.call);
  return stmt(c.match.call, Label{c.instruction->name, "", "", "", old->label.copies});
}

Block with_settings(const Rewrite& rw, const Path& path, const Candidate& c) {
  Block out = c.settings;
  out.push_back(call_at(rw, path, c));
  return out;
}

std::vector<const Instruction*> instructions_of(const Schedule& s, const Text& wanted) {
  std::vector<const Instruction*> out;
  const Target& target = s.target();
  Procedures& procs = *s.context().procs;
  if (const Instruction* one = target.instruction(wanted.chars)) return {one};
  if (const ProcRef proc = procs.named(wanted.chars, s.context())) return {&procs.instruction(proc)};
  std::vector<std::string> known = procs.names();
  for (const Instruction* i : procs.of_class(wanted.chars, s.context())) out.push_back(i);
  for (const Instruction& i : target.instructions) {
    if (i.cls == wanted.chars) out.push_back(&i);
    known.push_back(i.name), known.push_back(i.cls);
  }
  if (out.empty())
    reject(Diagnostic{"unknown-instruction",
                      fmt::format("there is no instruction of `{}`, no class of them and no procedure `{}`",
                                  target.name, wanted.chars),
                      {},
                      {},
                      {}}
               .at(wanted.whole())
               .help(suggestion(wanted.chars, known)));
  return out;
}

/// What the procedure does, what would make it fit, and what else fits better.
std::vector<std::string> helps_of(const Rewrite& rw, const Path& path, const Facts& facts,
                                  const Instruction& instruction, const Mismatch& mismatch) {
  std::vector<std::string> out;
  if (!mismatch.help.empty()) out.push_back(mismatch.help);
  for (const Instruction& i : rw.context.target->instructions) {
    if (&i == &instruction || i.cls != instruction.cls) continue;
    const auto c = candidate(rw, path, facts, i);
    if (!c || !fits(rw, path, *c)) continue;
    out.push_back(fmt::format("`{}` does just this", i.name));
    break;
  }
  out.push_back(fmt::format("`{}` is\n{}", instruction.name, trim(print(instruction.spec->body))));
  return out;
}

/// All statements under `path` that could become calls, itself included, outermost first.
std::vector<Path> under(const Proc& proc, const Path& path) {
  const auto wanted = [](const StmtRef& s) { return !as<Alloc>(s) && !as<Alias>(s) && !as<Call>(s); };
  if (path.empty()) return find(proc, wanted);
  Proc part;
  part.body = {stmt_at(proc, path)};
  std::vector<Path> out = find(part, wanted);
  for (Path& p : out) {  // which begins with the only statement of that body
    Path whole = path;
    whole.insert(whole.end(), p.begin() + 1, p.end());
    p = std::move(whole);
  }
  return out;
}

/// One pass over a region: every statement takes the first instruction that fits.
/// The calls in place of the statements, from the last on, so that the places stay where they are.
void splice_taken(Rewrite& rw, const std::vector<std::pair<Path, Candidate>>& taken) {
  for (auto t = taken.rbegin(); t != taken.rend(); ++t)
    rw.edit.splice({t->first, t->second.count}, with_settings(rw, t->first, t->second));
}

/// ... in one step; true if there may be more, to be seen in another one. The regions are apart, and in program order.
bool map_regions(Rewrite& rw, const std::vector<Path>& regions, const Shapes& choice) {
  bool again = false;  // after a field was set or clobbered, what is known of configuration is another
  std::vector<std::pair<Path, Candidate>> taken;
  const auto is_taken = [&](const Path& path) {  // it, or what it stands in, is a call already
    return std::any_of(taken.begin(), taken.end(), [&](const auto& t) {
      for (size_t k = 0; k < t.second.count; ++k)
        if (is_prefix(sibling(t.first, static_cast<int64_t>(k)), path)) return true;
      return false;
    });
  };
  for (const Path& region : regions)
    for (const Path& path : under(rw.before(), region)) {
      if (again) break;
      if (is_taken(path)) continue;
      const Facts facts = rw.facts(path);
      for (const Instruction* instruction : choice.like(rw.stmt(path))) {
        const auto c = candidate(rw, path, facts, *instruction);
        if (!c || (c->count > 1 && path == region) || !fits(rw, path, *c)) continue;
        const bool changes = !c->settings.empty() || !c->match.call.callee->forgets.empty();
        again = changes && (!taken.empty() || path != region);
        if (!changes || taken.empty()) taken.emplace_back(path, *c);
        if (changes && !again) return splice_taken(rw, taken), false;
        break;
      }
    }
  splice_taken(rw, taken);
  return again;
}

void refuse_leftover(Schedule& s, const Path& region, const std::vector<const Instruction*>& choice) {
  for (const Path& path : under(s.now(), region)) {
    const StmtRef& left = stmt_at(s.now(), path);
    if (as<For>(left) || as<If>(left) || as<Configure>(left)) continue;
    Path lanes = path;  // the innermost loop around it is what was to be mapped
    if (const auto loops = loops_around(s.now(), path); !loops.empty() && is_prefix(region, loops.back()))
      lanes = loops.back();
    s.apply([&](Rewrite& rw) {
      Mismatch best{"", -1, {}, {}};
      const Facts facts = rw.facts(lanes);
      const Instruction* closest = nullptr;
      for (const Instruction* i : choice) {
        Mismatch here;
        if (const auto c = candidate(rw, lanes, facts, *i, &here)) here = {refusal(rw, lanes, *c), kAllAgreed, {}, {}};
        if (here.agreed > best.agreed) best = here, closest = i;
      }
      std::vector<std::string> helps = {closest ? fmt::format("`{}` came closest: {}", closest->name, best.why)
                                                : std::string("the class has no instructions")};
      if (!best.help.empty()) helps.push_back(best.help);
      rw.refuse({"map-leftover", fmt::format("`{}` is left for plain C", left->label.name), lanes,
                 "no instruction of the class fits", std::move(helps)});
    });
  }
}

void run(Schedule& s, const Args& args) {
  const auto choice = instructions_of(s, args.to);
  const bool one = choice.size() == 1 && choice.front()->name == args.to.chars;
  const Shapes shapes(choice);
  for (const Ref& ref : args.where) {
    auto places = find_loops(s.now(), ref.str());
    if (places.empty()) places = all_stmts(s.now(), ref);
    for (auto path = places.rbegin(); path != places.rend(); ++path) {
      if (one) {
        s.apply([&](Rewrite& rw) { map_to(rw, *path, *choice.front()); });
        continue;
      }
      for (bool again = true; again;) s.apply([&](Rewrite& rw) { again = map_regions(rw, {*path}, shapes); });
      if (args.leftover == Leftover::Error) refuse_leftover(s, *path, choice);
    }
  }
}

}  // namespace

void map_to(Rewrite& rw, const Path& path, const Instruction& instruction) {
  Mismatch mismatch;
  const Facts facts = rw.facts(path);
  const auto c = candidate(rw, path, facts, instruction, &mismatch);
  if (!c)
    rw.refuse({"map-mismatch", fmt::format("this is not what `{}` does: {}", instruction.name, mismatch.why), path,
               "this statement", helps_of(rw, path, facts, instruction, mismatch)});
  const Block made = with_settings(rw, path, *c);
  if (!c->parallel.empty())
    rw.refuse({"map-parallel",
               fmt::format("`{}` {}", instruction.name, c->taken),
               c->parallel,
               "this loop",
               {"set the field in front of the loop, with `write_config`"}});
  if (!c->taken.empty())
    rw.fail({{"map-config",
              fmt::format("`{}` {}", instruction.name, c->taken),
              path,
              "this statement",
              {"set the field again in front of what needs it, with `write_config`"}},
             {Verdict::Refuted, {}},
             std::nullopt});
  for (Violation& v : violations(rw.names(), c->facts, {made.back()}, 1))
    rw.fail({{"map-precondition", v.problem.message, path, "this statement"}, v.verdict, std::nullopt});
  if (!c->match.extra.empty())
    prove_unobserved(rw, path, c->match.extra, fmt::format("the masked lanes of `{}`", instruction.name));
  rw.edit.splice({path, c->count}, made);
}

void map_class(Rewrite& rw, const std::vector<Path>& regions, const std::string& cls) {
  map_regions(rw, regions, shapes_of(rw.context.target, cls));
}

VERB(map) {
  return make_verb(
      "map", Kind::Primitive, "statements become instructions of the target, or calls of procedures",
      Signature<Args>()
          .verb("map", &Args::where, "loops", "the loops or statements")
          .required("to", &Args::to, "instruction", "an instruction of the target, a class of them, or a procedure")
          .choice("leftover", &Args::leftover, {{"keep", Leftover::Keep}, {"error", Leftover::Error}},
                  "what to do with statements that fit none of the class [keep]"),
      run);
}

}  // namespace exo
