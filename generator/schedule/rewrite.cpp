#include "schedule/rewrite.h"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/repeat.h"
#include "analysis/simplify.h"
#include "ir/build.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/replay.h"
#include "support/text.h"

namespace exo {

const For& Rewrite::loop(const Path& path) const {
  const For* loop = as<For>(stmt(path));
  if (!loop) BUG("a loop was expected");
  return *loop;
}

void Rewrite::prove(const ExprRef& claim, Problem where) {
  if (const Bool* b = as<Bool>(claim); b && b->value) return;
  const Facts here = facts(where.where);
  prove(here, claim, std::move(where));
}

void Rewrite::prove(const Facts& facts, const ExprRef& claim, Problem problem) {
  if (Verdict v = exo::prove(facts, claim); !v) failures_.push_back({std::move(problem), std::move(v), std::nullopt});
}

void Rewrite::prove_none(std::optional<Conflict> found, Problem problem) {
  if (!found) return;
  Verdict v = found->verdict;
  failures_.push_back({std::move(problem), std::move(v), std::move(found)});
}

void Rewrite::refuse(Problem problem) const {
  Diagnostic d{problem.code, problem.message, {}, {}, problem.helps};
  point_at(d, *before_, problem.where, problem.words);
  reject(std::move(d));
}

void prove_unobserved(Rewrite& rw, const Path& path, const Block& extra, const std::string& what) {
  for (const Access& a : accesses(rw.names(), extra))
    if (const auto it = rw.names().find(a.buffer);
        a.decides && !a.buffer.is_field() && (it == rw.names().end() || !it->second.is_param))
      rw.refuse(
          {"unobserved-condition",
           fmt::format("{} would decide by `{}`, which may have no value there", what, print(read(a.buffer, a.index))),
           path, "here"});
  for (Violation& v : violations(rw.names(), rw.facts(path), extra, 1)) {
    Problem problem{"unobserved-bounds",
                    fmt::format("{} would leave a buffer: {}", what, v.problem.message),
                    path,
                    "here",
                    {"give the buffer room with `extent` or `pad` when you stage it"}};
    rw.fail({std::move(problem), v.verdict, std::nullopt});
  }
  const auto seen = observed(rw.before(), path, extra);
  if (!seen) return;
  const std::string place = print(read(seen->write.buffer, seen->write.index));
  if (!seen->read) {
    rw.fail(
        {{"unobserved-argument",
          fmt::format("{} would write `{}`, which belongs to the caller", what, place),
          path,
          "here",
          {fmt::format("stage `{}` into a local buffer first, with `edges = \"mask\"`", seen->write.buffer.name())}},
         seen->verdict,
         std::nullopt});
  } else {
    rw.fail({{"unobserved-read",
              fmt::format("{} would write `{}`, which is read as `{}`", what, place,
                          print(read(seen->read->buffer, seen->read->index))),
              path, "here"},
             seen->verdict,
             std::nullopt});
  }
}

namespace {

/// Each statement is a node of its own: accesses are told apart by the statement that they belong to.
Block unshared(const Block& block, std::set<const Stmt*>& seen) {
  Block out;
  for (const StmtRef& s : block) {
    StmtRef next = map_children(
        s, [](const ExprRef& e) { return e; }, [&](const Block& b) { return unshared(b, seen); });
    if (!seen.insert(next.get()).second) next = std::make_shared<const Stmt>(*next);
    seen.insert(next.get());
    out.push_back(std::move(next));
  }
  return out;
}

/// Does a node stand in two places?
bool shares(const Proc& proc) {
  std::vector<const Stmt*> all;
  each_stmt(proc.body, [&](const StmtRef& s) { all.push_back(s.get()); });
  std::sort(all.begin(), all.end());
  return std::adjacent_find(all.begin(), all.end()) != all.end();
}

ProcRef unshared(const ProcRef& proc) {
  if (!shares(*proc)) return proc;
  std::set<const Stmt*> seen;
  Block body = unshared(proc->body, seen);
  if (body == proc->body) return proc;
  Proc next = *proc;
  next.body = std::move(body);
  return std::make_shared<const Proc>(std::move(next));
}

/// Where elements decide what runs and what is touched, each step leaves a program in which they may: index tensors are read by
/// themselves, not through a copy, and nothing is read where the program before the step did not get to.
void prove_elements_decide(Rewrite& rw, const Proc& after) {
  if (!rw.failures().empty() || !decided_by_elements(after.body)) return;
  Problems problems;
  check(after, problems);
  if (!problems.empty())
    rw.refuse({"elements-copied",
               "after this step a copy of an index tensor, or an extent, would depend on data",
               {},
               "",
               {"index tensors are read by themselves: work on what they index"}});
  for (Violation& v : violations(after, 1))
    rw.fail({{"elements-bounds", "after this step " + v.problem.message, {}}, v.verdict, std::nullopt});
}

}  // namespace

Outcome attempt(const ProcRef& before, const Context& context, const std::function<void(Rewrite&)>& primitive) {
  Rewrite rw(before, context);
  primitive(rw);
  ProcRef after = unshared(simplify(rw.edit.proc()));
  prove_elements_decide(rw, *after);
  return {std::move(after), rw.failures(), rw.change(), rw.spelled()};
}

void point_at(Diagnostic& problem, const Proc& proc, const Path& path, const std::string& words) {
  if (path.empty()) return;
  const Listing text = listing(proc, "program before this step");
  if (const auto it = text.spans.find(stmt_at(proc, path).get()); it != text.spans.end()) problem.at(it->second, words);
}

namespace {

/// Underlines the two statements of a conflict, where they were written or else where they stand now.
void point_at_conflict(Diagnostic& problem, const Proc& proc, const Conflict& conflict) {
  const Listing text = listing(proc, "program before this step");
  const Stmt* shown = nullptr;
  for (const Access* a : {&conflict.first, &conflict.second}) {
    if (!a->stmt || a->stmt == shown) continue;
    shown = a->stmt;
    const auto it = text.spans.find(a->stmt);
    const Span span = a->stmt->span.source || it == text.spans.end() ? a->stmt->span : it->second;
    problem.at(span, described(*a));
  }
}

}  // namespace

Explanation explain(const Failure& failure, const ProcRef& before, const ProcRef& after) {
  Explanation out{{failure.problem.code, failure.problem.message, {}, {}, failure.problem.helps}, false};
  point_at(out.diagnostic, *before, failure.problem.where, failure.problem.words);
  if (failure.conflict) point_at_conflict(out.diagnostic, *before, *failure.conflict);
  if (failure.verdict.answer == Verdict::Unknown) {
    out.diagnostic.note("the solver could not decide whether this holds for all sizes; what is not proved is refused");
    out.diagnostic.help("state what you know as an `assert` in the algorithm or a smaller constant in `[params]`");
    return out;
  }
  Replay seen = replay(failure, before, after);
  out.diagnostic.note("counterexample: " +
                      (seen.witness.empty() ? std::string("any sizes") : counterexample(seen.witness)));
  if (!seen.confirmed)
    out.diagnostic.note("no run on small sizes showed a difference; what is not proved is refused all the same");
  for (std::string& note : seen.notes) out.diagnostic.note(std::move(note));
  out.replayed = seen.confirmed;
  return out;
}

}  // namespace exo
