#include "schedule/places.h"

#include <fmt/format.h>

#include "ir/build.h"
#include "support/text.h"

namespace exo {

Path one_place(const Proc& proc, const Ref& ref, const Admits& admits) {
  const bool is_loop = find_stmts(proc, ref.str()).empty() && !find_loops(proc, ref.str()).empty();
  return is_loop ? one_loop(proc, ref, admits) : one_stmt(proc, ref, admits);
}

Path one_call(const Proc& proc, const Ref& ref) {
  const std::string& name = ref.str();
  const std::string plain = name.substr(0, name.find('#'));
  std::vector<std::string> known;
  std::vector<Path> found = find(proc, [&](const StmtRef& s) {
    const Call* call = as<Call>(s);
    if (call) known.push_back(call->callee->name);
    return call && call->callee->name == plain;
  });
  if (plain.size() < name.size()) {
    const std::string digits = name.substr(plain.size() + 1);
    const bool number = !digits.empty() && digits.size() < 9 && digits.find_first_not_of("0123456789") == digits.npos;
    const size_t at = number ? std::stoul(digits) : found.size();
    found = at < found.size() ? std::vector<Path>{found[at]} : std::vector<Path>{};
  }
  if (found.empty())
    for (const Path& p : find_stmts(proc, name))
      if (as<Call>(stmt_at(proc, p))) found.push_back(p);
  if (found.size() == 1) return found[0];
  if (found.empty())
    reject(Diagnostic{"unknown-reference", fmt::format("there is no call of `{}` here", name), {}, {}, {}}
               .at(ref.text.whole())
               .help(known.empty() ? "the program calls no procedure" : suggestion(name, known)));
  reject(Diagnostic{"ambiguous-reference", fmt::format("`{}` is called {} times", name, found.size()), {}, {}, {}}
             .at(ref.text.whole())
             .help(fmt::format("say which one: `{0}#0` to `{0}#{1}`", name, found.size() - 1)));
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
                        [](const Configure&) { return std::vector<Sym>{}; },
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
