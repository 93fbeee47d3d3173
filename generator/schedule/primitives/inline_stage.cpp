// inline_stage: a buffer goes, and what computes its values stands where they are read.
//
//     { inline_stage = "t" }
//
//     t : f32[n + 1]
//     for i in seq(0, n + 1):
//         t[i] = x[i] * 2.0
//     for i in seq(0, n):
//         y[i] = t[i] + t[i + 1]
//   =>
//     for i in seq(0, n):
//         y[i] = x[i] * 2.0 + x[i + 1] * 2.0
//
// The buffer is computed by one assignment under loops that walk its dimensions. Every place that is read is computed, and what it is
// computed from stays the same until the last value is read.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/builtin.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "schedule/producer.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref buffer;
};

void prove_computed(Rewrite& rw, const Producer& producer) {
  const Facts around = rw.facts(producer.until.first);
  for (const Access& a : accesses(rw.names(), statements(rw.before(), producer.until))) {
    if (a.buffer != producer.buffer) continue;
    Facts facts = around;
    facts.add_all(a.when);
    rw.prove(facts, producer.computes(a.index),
             {"inline-stage-domain",
              fmt::format("`{}` is read, which is not computed for all sizes", print(read(a.buffer, a.index))),
              producer.place, "what computes it"});
  }
}

/// A right side that tells its own type, wherever it stands.
bool typed(const ExprRef& e) {
  bool found = false;
  each_expr(e, [&](const ExprRef& part) {
    const Builtin* b = as<Builtin>(part);
    found = found || as<Read>(part) || (b && converts_to(b->name));
  });
  return found;
}

/// The statements with every read replaced by what computes it.
Block without_buffer(const Block& block, const Producer& producer, const ExprRef& value) {
  return map_exprs(block, [&](const ExprRef& e) {
    const Read* r = as<Read>(e);
    return r && r->buffer == producer.buffer ? substitute(value, producer.at(r->index)) : e;
  });
}

void run(Schedule& s, const Args& args) {
  s.apply([&](Rewrite& rw) {
    const auto found = producer_of(rw, one_buffer(rw.before(), args.buffer));
    if (const Problem* problem = std::get_if<Problem>(&found)) rw.refuse(*problem);
    const Producer& producer = std::get<Producer>(found);
    const Assign* only = producer.body.size() == 1 ? as<Assign>(producer.body[0]) : nullptr;
    const std::string name = producer.buffer.name();
    if (!only)
      rw.refuse({"inline-stage-body",
                 fmt::format("`{}` is not computed by one assignment", name),
                 producer.place,
                 "here",
                 {"`compute_at` moves any computation to where it is used"}});
    if (!typed(only->rhs))
      rw.refuse({"inline-stage-literal",
                 fmt::format("`{}` takes its type from `{}`", print(only->rhs), name),
                 producer.place,
                 "here",
                 {"write the conversion, as in `f32(0.0)`"}});
    prove_computed(rw, producer);
    prove_stays(rw, producer,
                {"inline-stage-order", fmt::format("what `{}` is computed from changes before it is used", name),
                 producer.place, "what computes it"});
    const Path alloc = *binder(rw.before(), producer.buffer);
    rw.edit.splice(producer.until, without_buffer(statements(rw.before(), producer.until), producer, only->rhs));
    rw.edit.splice({producer.place, 1}, {});
    rw.edit.splice({alloc, 1}, {});
  });
}

}  // namespace

VERB(inline_stage) {
  return make_verb("inline_stage", Kind::Primitive, "a buffer goes, and what computes it stands where it is read",
                   Signature<Args>().verb("inline_stage", &Args::buffer, "buffer", "the buffer"), run);
}

}  // namespace exo
