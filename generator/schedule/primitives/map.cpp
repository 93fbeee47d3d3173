// map: statements become instructions of the target.
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
// remains that is not a call. Acts on every match.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/match.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"
#include "support/text.h"

namespace exo {
namespace {

enum class Leftover : uint8_t { Keep, Error };

struct Args {
  std::vector<Ref> where;
  Text to;
  Leftover leftover = Leftover::Keep;
};

/// The statement as a call, if everything but the rest of the program agrees.
struct Candidate {
  const Instruction* instruction = nullptr;
  Match match;
};

std::optional<Candidate> candidate(const Rewrite& rw, const Path& path, const Facts& facts,
                                   const Instruction& instruction, Mismatch* mismatch = nullptr) {
  const auto found = unify(rw.names(), facts, rw.stmt(path), instruction, mismatch);
  if (!found) return std::nullopt;
  return Candidate{&instruction, *found};
}

/// Why the call cannot stand for the statement: what it promises does not hold, or what it writes in addition is seen. Empty if it can.
std::string refusal(const Rewrite& rw, const Path& path, const Facts& facts, const Candidate& c) {
  for (const Violation& v : violations(rw.names(), facts, {stmt(c.match.call)}, 1)) return v.problem.message;
  if (!c.match.extra.empty() && observed(rw.before(), path, c.match.extra))
    return "it also writes lanes that are read later";
  return {};
}

std::vector<const Instruction*> instructions_of(const Target& target, const Text& wanted) {
  std::vector<const Instruction*> out;
  if (const Instruction* one = target.instruction(wanted.chars)) return {one};
  std::vector<std::string> known;
  for (const Instruction& i : target.instructions) {
    if (i.cls == wanted.chars) out.push_back(&i);
    known.push_back(i.name), known.push_back(i.cls);
  }
  if (out.empty())
    reject(Diagnostic{"unknown-instruction",
                      fmt::format("target `{}` has no instruction and no class `{}`", target.name, wanted.chars),
                      {},
                      {},
                      {}}
               .at(wanted.whole())
               .help(suggestion(wanted.chars, known)));
  return out;
}

/// All statements under `path` that could become calls, itself included, outermost first.
std::vector<Path> under(const Proc& proc, const Path& path) {
  std::vector<Path> out = find(proc, [](const StmtRef& s) { return !as<Alloc>(s) && !as<Alias>(s) && !as<Call>(s); });
  out.erase(std::remove_if(out.begin(), out.end(), [&](const Path& p) { return !is_prefix(path, p); }), out.end());
  return out;
}

/// One pass over a region: every statement takes the first instruction that fits.
void map_region(Rewrite& rw, const Path& region, const std::vector<const Instruction*>& choice) {
  Path done;  // paths under a statement that became a call are gone
  for (const Path& path : under(rw.before(), region)) {
    if (!done.empty() && is_prefix(done, path)) continue;
    const Facts facts = rw.facts(path);
    for (const Instruction* instruction : choice) {
      const auto c = candidate(rw, path, facts, *instruction);
      if (!c || !refusal(rw, path, facts, *c).empty()) continue;
      rw.edit.splice({path, 1}, {with_node(rw.stmt(path), c->match.call)});
      done = path;
      break;
    }
  }
}

void refuse_leftover(Schedule& s, const Path& region, const std::vector<const Instruction*>& choice) {
  for (const Path& path : under(s.now(), region)) {
    const StmtRef& left = stmt_at(s.now(), path);
    if (as<For>(left) || as<If>(left)) continue;
    Path lanes = path;  // the innermost loop around it is what was to be mapped
    if (const auto loops = loops_around(s.now(), path); !loops.empty() && is_prefix(region, loops.back()))
      lanes = loops.back();
    s.apply([&](Rewrite& rw) {
      Mismatch best{"", -1};
      const Facts facts = rw.facts(lanes);
      const Instruction* closest = nullptr;
      for (const Instruction* i : choice) {
        Mismatch here;
        if (const auto c = candidate(rw, lanes, facts, *i, &here)) here = {refusal(rw, lanes, facts, *c), 1 << 20};
        if (here.agreed > best.agreed) best = here, closest = i;
      }
      rw.refuse({"map-leftover",
                 fmt::format("`{}` is left for plain C", left->label.name),
                 lanes,
                 "no instruction of the class fits",
                 {closest ? fmt::format("`{}` came closest: {}", closest->name, best.why)
                          : std::string("the class has no instructions")}});
    });
  }
}

void run(Schedule& s, const Args& args) {
  const auto choice = instructions_of(s.target(), args.to);
  for (const Ref& ref : args.where) {
    auto places = find_loops(s.now(), ref.str());
    if (places.empty()) places = all_stmts(s.now(), ref);
    for (auto path = places.rbegin(); path != places.rend(); ++path) {
      if (s.target().instruction(args.to.chars)) {
        s.apply([&](Rewrite& rw) { map_to(rw, *path, *choice.front()); });
        continue;
      }
      s.apply([&](Rewrite& rw) { map_region(rw, *path, choice); });
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
    rw.refuse({"map-mismatch",
               fmt::format("this is not what `{}` does: {}", instruction.name, mismatch.why),
               path,
               "this statement",
               {fmt::format("`{}` is\n{}", instruction.name, trim(print(instruction.spec->body)))}});
  const StmtRef call = with_node(rw.stmt(path), c->match.call);
  for (Violation& v : violations(rw.names(), facts, {call}, 1))
    rw.fail({{"map-precondition", v.problem.message, path, "this statement"}, v.verdict, std::nullopt});
  if (!c->match.extra.empty())
    prove_unobserved(rw, path, c->match.extra, fmt::format("the masked lanes of `{}`", instruction.name));
  rw.edit.splice({path, 1}, {call});
}

void map_class(Rewrite& rw, const Path& region, const std::string& cls) {
  std::vector<const Instruction*> choice;
  for (const Instruction& i : rw.context.target->instructions)
    if (i.cls == cls) choice.push_back(&i);
  map_region(rw, region, choice);
}

VERB(map) {
  return make_verb("map", Kind::Primitive, "statements become instructions of the target",
                   Schema<Args>()
                       .verb("map", &Args::where, "loops", "the loops or statements")
                       .required("to", &Args::to, "instruction", "an instruction of the target, or a class of them")
                       .choice("leftover", &Args::leftover, {{"keep", Leftover::Keep}, {"error", Leftover::Error}},
                               "what to do with statements that fit none of the class [keep]"),
                   run);
}

}  // namespace exo
