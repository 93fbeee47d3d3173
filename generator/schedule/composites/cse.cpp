// cse: what a statement computes more than once is computed before it, once.
//
//     { cse = "y.store" }
//
//     for i in seq(0, n):
//         y[i] = (a[i] + b[i]) * (a[i] + b[i])
//   =>
//     for i in seq(0, n):
//         c0 : f32
//         c0 = a[i] + b[i]
//         y[i] = c0 * c0
//
// Each part that stands at least twice on the right side is bound to a scalar (`as` and a number), the largest first.
#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "schedule/labels.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  Ref stmt;
  std::optional<Text> as;
};

struct Repeated {
  ExprRef expr;
  size_t size = 0;  // nodes
  int times = 0;
};

/// Nodes of a data expression; what it reads counts as one. Adds the parts that read something to `parts`.
size_t collect(const ExprRef& e, std::vector<Repeated>& parts) {
  const Read* r = as<Read>(e);
  if (r && r->index.empty()) return 1;  // a scalar is where it should be already
  size_t size = 1;
  if (!r) each_child(e, [&](const ExprRef& c) { size += collect(c, parts); });
  bool reads = false;
  each_expr(e, [&](const ExprRef& x) { reads = reads || as<Read>(x); });
  const Unary* u = as<Unary>(e);
  const Binary* b = as<Binary>(e);
  if (!reads || (u && u->op == UnaryOp::Not) || (b && b->op >= BinaryOp::Lt)) return size;
  for (Repeated& p : parts)
    if (equal(p.expr, e)) return ++p.times, size;
  parts.push_back({e, size, 1});
  return size;
}

std::optional<ExprRef> repeated(const ExprRef& rhs) {
  std::vector<Repeated> parts;
  collect(rhs, parts);
  const Repeated* best = nullptr;
  for (const Repeated& p : parts)
    if (p.times > 1 && (!best || p.size > best->size)) best = &p;
  return best ? std::optional(best->expr) : std::nullopt;
}

ExprRef right_side(const Args& args, const StmtRef& s) {
  if (const Assign* a = as<Assign>(s)) return a->rhs;
  if (const Reduce* r = as<Reduce>(s)) return r->rhs;
  reject(Diagnostic{"cse-statement", "only assignments and reductions have a right side", {}, {}, {}}.at(
      args.stmt.text.whole()));
}

void run(Schedule& s, const Args& args) {
  if (args.as) check_buffer_name(*args.as);
  Path at = one_stmt(s.now(), args.stmt);
  int number = 0;
  while (const auto what = repeated(right_side(args, stmt_at(s.now(), at)))) {
    std::string name;
    do name = fmt::format("{}{}", args.as ? args.as->chars : "c", number++);
    while (!find_buffers(s.now(), name).empty());
    s.apply([&](Rewrite& rw) { exo::bind(rw, at, *what, name); });
    at = sibling(at, 2);
  }
  if (number == 0)
    reject(Diagnostic{"cse-nothing", fmt::format("nothing stands in `{}` twice", args.stmt.str()), {}, {}, {}}.at(
        args.stmt.text.whole()));
}

}  // namespace

VERB(cse) {
  return make_verb("cse", Kind::Composite, "what a statement computes more than once is computed before it, once",
                   Signature<Args>()
                       .verb("cse", &Args::stmt, "statement", "an assignment or a reduction")
                       .optional("as", &Args::as, "name", "what the scalars are called, with a number behind it [c]"),
                   run);
}

}  // namespace exo
