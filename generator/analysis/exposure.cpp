#include "analysis/exposure.h"

#include <fmt/format.h>

#include "analysis/config.h"
#include "ir/build.h"
#include "ir/print.h"
#include "support/text.h"

namespace exo {
namespace {

bool runs(const For& loop) {
  const int64_t *lo = literal(loop.lo), *hi = literal(loop.hi);
  return lo && hi && *lo < *hi;
}

class FieldSearch {
 public:
  explicit FieldSearch(Sym field) : field_(field) {}

  Exposure block(const Block& b) {
    Exposure out;
    for (const StmtRef& s : b) {
      Exposure here = statement(s);
      if (!out.read) out.read = std::move(here.read);
      if (here.sets) return out.sets = true, out;
    }
    return out;
  }

  Exposure statement(const StmtRef& s) {
    Exposure out;
    each_child(
        s,
        [&](const ExprRef& e) {
          if (!out.read && mentions(e, field_)) out.read = reads(s);
        },
        [](const Block&) {});
    const auto then = [&](Exposure next) {
      if (!out.read) out.read = std::move(next.read);
      return next.sets;
    };
    std::visit(match{
                   [](const Assign&) {},
                   [](const Reduce&) {},
                   [&](const For& n) {
                     iterators_.emplace_back(n.iter, n.iter);
                     out.sets = then(block(n.body)) && runs(n);
                     iterators_.pop_back();
                   },
                   [&](const If& n) {
                     const bool first = then(block(n.body)), second = then(block(n.orelse));
                     out.sets = first && second;
                   },
                   [](const Alloc&) {},
                   [](const Alias&) {},
                   [&](const Call& n) {
                     const Stmt* const outer = std::exchange(call_, call_ ? call_ : s.get());
                     for (const ExprRef& e : n.callee->asserts)
                       if (!out.read && mentions(e, field_)) out.read = reads(s);
                     out.sets = then(block(n.callee->body));
                     call_ = outer;
                   },
                   [&](const Configure& n) { out.sets = n.field == field_; },
               },
               s->node);
    return out;
  }

  std::vector<std::pair<Sym, Sym>> iterators_;

 private:
  Access reads(const StmtRef& s) const {
    return {Access::Read,
            {},
            field_,
            {},
            {},
            call_ ? std::vector<std::pair<Sym, Sym>>{} : iterators_,
            call_ ? call_ : s.get(),
            field_};
  }

  Sym field_;
  const Stmt* call_ = nullptr;
};

}  // namespace

Exposure exposure(const Block& block, Sym field) { return FieldSearch(field).block(block); }

std::optional<Access> next_read(const Proc& proc, const Path& path, From from, Sym field) {
  Path here = path;
  size_t next = from == From::Before ? path.back().index : path.back().index + 1;
  for (;;) {
    const Block& block = block_of(proc, here);
    const auto begin = block.begin() + static_cast<std::ptrdiff_t>(std::min(next, block.size()));
    Exposure rest = exposure(Block(begin, block.end()), field);
    if (rest.read || rest.sets) return rest.read;
    here = parent(here);
    if (here.empty()) return std::nullopt;
    if (const For* loop = as<For>(stmt_at(proc, here))) {  // the next iteration
      Exposure again = exposure(loop->body, field);
      if (again.read) return again.read;
    }
    next = here.back().index + 1;
  }
}

namespace {

std::set<Sym> forgotten(const Proc& proc) {
  std::set<Sym> out{proc.forgets.begin(), proc.forgets.end()};
  each_stmt(proc.body, [&](const StmtRef& s) {
    if (const Call* n = as<Call>(s)) out.merge(forgotten(*n->callee));
  });
  return out;
}

/// Reads of fields that a call has clobbered, in procedures too.
void read_after_clobber(const Proc& proc, std::vector<Violation>& found) {
  for (const Path& path : find(proc, [](const StmtRef& s) { return as<Call>(s) != nullptr; })) {
    const Proc& callee = *as<Call>(stmt_at(proc, path))->callee;
    read_after_clobber(callee, found);
    for (const Sym field : forgotten(callee)) {
      const auto read = next_read(proc, path, From::Behind, field);
      if (!read) continue;
      found.push_back({read->stmt,
                       Diagnostic{"config-unset",
                                  fmt::format("`{}` is read where nothing is known of it: `{}` clobbers it before",
                                              field.name(), callee.name),
                                  {},
                                  {},
                                  {}}
                           .at(read->stmt->span.source ? read->stmt->span : proc.span)
                           .help(fmt::format("set it between the two: `{} = ...`", field.name())),
                       {Verdict::Refuted, {}}});
    }
  }
}

}  // namespace

std::vector<Violation> unset_configuration(const Proc& kernel) {
  std::vector<Violation> found;
  if (all_fields().empty()) return found;
  for (const ExprRef& e : kernel.asserts)
    if (mentions_field(e))
      found.push_back(
          {nullptr,
           Diagnostic{"config-entry",
                      fmt::format("`{}` asserts `{}`, but nothing is known of configuration where a kernel begins",
                                  kernel.name, print(e)),
                      {},
                      {},
                      {}}
               .at(e->span.source ? e->span : kernel.span)
               .help("set the field in the kernel"),
           {Verdict::Refuted, {}}});
  if (!found.empty()) return found;
  for (const Sym field : all_fields()) {
    const auto read = exposure(kernel.body, field).read;
    if (!read) continue;
    const auto places = find(kernel, [&](const StmtRef& s) { return s.get() == read->stmt; });
    Verdict v = places.empty() ? Verdict{Verdict::Unknown, {}} : prove(facts_at(kernel, places.front()), truth(false));
    bool maybe_set = static_cast<bool>(v);  // by an earlier iteration
    for (const Path& p : places.empty() ? std::vector<Path>{} : loops_around(kernel, places.front()))
      maybe_set = maybe_set || configured(as<For>(stmt_at(kernel, p))->body).count(field) > 0;
    if (maybe_set) v = {Verdict::Unknown, {}};
    found.push_back(
        {read->stmt,
         Diagnostic{
             "config-unset", fmt::format("`{}` is read where it may not have been set", field.name()), {}, {}, {}}
             .at(read->stmt->span.source ? read->stmt->span : kernel.span)
             .help(fmt::format("set it before: `{} = ...`", field.name())),
         v});
  }
  read_after_clobber(kernel, found);
  return found;
}

}  // namespace exo
