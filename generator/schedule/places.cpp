#include "schedule/places.h"

#include <fmt/format.h>

#include "ir/build.h"
#include "support/text.h"

namespace exo {

Path one_place(const Proc& proc, const Ref& ref, const Admits& admits) {
  const bool is_loop = find_stmts(proc, ref.str()).empty() && !find_loops(proc, ref.str()).empty();
  return is_loop ? one_loop(proc, ref, admits) : one_stmt(proc, ref, admits);
}

Neighbours neighbours(const Proc& proc, const std::vector<Ref>& names) {
  if (names.size() != 2)
    reject(Diagnostic{
        "neighbours-two", fmt::format("two neighbours are wanted, here are {} names", names.size()), {}, {}, {}}
               .at(names.front().text.whole()));
  Neighbours out{one_place(proc, names[0]), one_place(proc, names[1]), 0};
  if (out.second.back().index < out.first.back().index) {
    std::swap(out.first, out.second);
    out.first_named = 1;
  }
  if (out.second != sibling(out.first, 1)) {
    Diagnostic d{"neighbours",
                 fmt::format("`{}` and `{}` do not stand next to each other", names[0].str(), names[1].str()),
                 {},
                 {},
                 {}};
    point_at(d, proc, out.first, "this one");
    if (out.second != out.first) point_at(d, proc, out.second, "and this one");
    d.help("move what stands between them with `reorder_stmts` or `lift_alloc`");
    reject(std::move(d));
  }
  return out;
}

std::vector<Sym> declared_by(const StmtRef& statement) {
  return std::visit(match{
                        [](const Assign&) { return std::vector<Sym>{}; },
                        [](const Reduce&) { return std::vector<Sym>{}; },
                        [](const For&) { return std::vector<Sym>{}; },
                        [](const If&) { return std::vector<Sym>{}; },
                        [](const Alloc& n) { return std::vector<Sym>{n.buffer}; },
                        [](const Alias& n) { return std::vector<Sym>{n.name}; },
                        [](const Call&) { return std::vector<Sym>{}; },
                    },
                    statement->node);
}

StmtRef loop_like(const StmtRef& like, Sym iter, const ExprRef& lo, const ExprRef& hi, Block body) {
  return with_node(like, For{iter, lo, hi, std::move(body), as<For>(like)->order});
}

Label without_copy(Label label) {
  if (!label.copies.empty()) label.copies.pop_back();
  return label;
}

}  // namespace exo
