#include "schedule/reference.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/check.h"
#include "ir/walk.h"
#include "schedule/selection.h"
#include "support/text.h"

namespace exo {
namespace {

/// "main.C.update.j#1" in parts.
struct Parsed {
  std::vector<std::string> parts;
  std::optional<size_t> number;
};

Parsed parsed(const std::string& name) {
  Parsed out;
  std::string path = name;
  if (const size_t hash = name.find('#'); hash != name.npos) {
    const std::string digits = name.substr(hash + 1);
    if (!digits.empty() && digits.size() < 9 && digits.find_first_not_of("0123456789") == digits.npos)
      out.number = std::stoul(digits);
    path = std::string(trim(name.substr(0, hash)));
  }
  out.parts = split_text(path, '.');
  return out;
}

/// The parts that do not name what made a copy. A copy's name is used up only where the node carries it.
std::vector<std::string> without_copies(std::vector<std::string> parts, const Label& label) {
  for (const std::string& copy : label.copies) {
    const auto it = std::find(parts.begin(), parts.end(), copy);
    if (it != parts.end() && parts.size() > 1) parts.erase(it);
  }
  return parts;
}

enum class Roles { Strict, Lenient };

/// `init`, `store` and `load` all name a plain assignment where the exact role is not there.
bool role_fits(const std::string& label, const std::string& wanted, Roles roles) {
  if (label == wanted) return true;
  if (roles == Roles::Strict) return false;
  const size_t a = label.rfind('.'), b = wanted.rfind('.');
  if (a == label.npos || b == wanted.npos || label.substr(0, a) != wanted.substr(0, b)) return false;
  const std::set<std::string> assigns = {"init", "store", "load"};
  return assigns.count(label.substr(a + 1)) > 0 && assigns.count(wanted.substr(b + 1)) > 0;
}

bool is_marked(const Label& label, const std::string& name) {
  return std::find(label.marks.begin(), label.marks.end(), name) != label.marks.end();
}

bool stmt_called(const Label& label, const std::vector<std::string>& parts, Roles roles) {
  const std::string wanted = join(parts, ".");
  if (is_marked(label, wanted)) return true;
  if (role_fits(label.name, wanted, roles)) return true;
  return parts.size() == 1 && label.name.rfind(wanted + ".", 0) == 0 && label.name != wanted + ".alloc";
}

bool is_leaf(const StmtRef& s) { return !as<For>(s) && !as<If>(s); }

bool loop_called(const StmtRef& s, const Parsed& ref, Roles roles) {
  const std::vector<std::string> all = without_copies(ref.parts, s->label);
  if (!s->label.nest.empty() && join(all, ".") == s->label.nest) return true;
  if (is_marked(s->label, join(all, "."))) return true;
  if (all.back() != s->label.name && all.back() != s->label.alias) return false;
  const std::vector<std::string> owner(all.begin(), all.end() - 1);
  if (owner.empty() || (!s->label.nest.empty() && join(owner, ".") == s->label.nest)) return true;
  bool found = false;
  each_stmt(as<For>(s)->body, [&](const StmtRef& inner) {
    found = found || (is_leaf(inner) && stmt_called(inner->label, without_copies(owner, inner->label), roles));
  });
  return found;
}

std::vector<Path> numbered(std::vector<Path> matches, const Parsed& ref) {
  if (!ref.number) return matches;
  if (*ref.number >= matches.size()) return {};
  return {matches[*ref.number]};
}

bool any_statement(const StmtRef& s) { return is_leaf(s) || as<If>(s); }
bool any_loop(const StmtRef& s) { return as<For>(s) != nullptr; }

template <class Called>
std::vector<Path> matches(const Proc& proc, const std::string& name, bool (*kind)(const StmtRef&),
                          const Called& called) {
  if (auto found = selected(proc, name)) {
    found->erase(std::remove_if(found->begin(), found->end(), [&](const Path& p) { return !kind(stmt_at(proc, p)); }),
                 found->end());
    return *found;
  }
  const Parsed ref = parsed(name);
  for (const Roles roles : {Roles::Strict, Roles::Lenient})
    if (auto found = find(proc, [&](const StmtRef& s) { return kind(s) && called(s, ref, roles); }); !found.empty())
      return numbered(std::move(found), ref);
  return {};
}

[[noreturn]] void unknown(const Ref& ref, const char* kind, const std::vector<std::string>& known) {
  const auto function = application(ref.str());
  reject(Diagnostic{"unknown-reference", fmt::format("there is no {} `{}` here", kind, ref.str()), {}, {}, {}}
             .at(ref.text.whole())
             .help(suggestion(function ? function->argument : ref.str(), known)));
}

/// A name for the node at `path` that means it alone.
std::string qualified(const Proc& proc, const Path& path, const Ref& ref, const std::vector<Path>& among,
                      bool is_loop) {
  const auto unique = [&](const std::string& name) {
    return (is_loop ? find_loops(proc, name) : find_stmts(proc, name)) == std::vector<Path>{path};
  };
  const Label& label = stmt_at(proc, path)->label;
  const std::string copies = label.copies.empty() ? "" : join(label.copies, ".") + ".";
  if (unique(copies + label.name)) return copies + label.name;
  if (is_loop) {
    std::string found;
    each_stmt(as<For>(stmt_at(proc, path))->body, [&](const StmtRef& s) {
      if (!found.empty() || !is_leaf(s)) return;
      for (const std::string& name : {s->label.name + "." + label.name, copies + s->label.name + "." + label.name})
        if (found.empty() && unique(name)) found = name;
    });
    if (!found.empty()) return found;
  }
  const auto at = std::find(among.begin(), among.end(), path);
  return fmt::format("{}#{}", ref.str(), at - among.begin());
}

Path one_of(const Proc& proc, const Ref& ref, std::vector<Path> found, const Admits& admits, bool is_loop) {
  const char* kind = is_loop ? "loop" : "statement";
  const std::vector<Path> all = found;
  if (admits)
    found.erase(std::remove_if(found.begin(), found.end(), [&](const Path& p) { return !admits(p); }), found.end());
  if (found.empty()) unknown(ref, kind, is_loop ? loop_names(proc) : stmt_names(proc));
  if (found.size() == 1) return found[0];
  std::vector<std::string> choices;
  for (const Path& p : found) choices.push_back(qualified(proc, p, ref, all, is_loop));
  reject(Diagnostic{"ambiguous-reference", fmt::format("`{}` names {} {}s", ref.str(), found.size(), kind), {}, {}, {}}
             .at(ref.text.whole())
             .help(fmt::format("say which one: `{}`", join(choices, "`, `"))));
}

}  // namespace

std::vector<Path> find_loops(const Proc& proc, const std::string& name) {
  return matches(proc, name, any_loop,
                 [](const StmtRef& s, const Parsed& ref, Roles roles) { return loop_called(s, ref, roles); });
}

std::vector<Path> find_stmts(const Proc& proc, const std::string& name) {
  return matches(proc, name, any_statement, [](const StmtRef& s, const Parsed& ref, Roles roles) {
    return stmt_called(s->label, without_copies(ref.parts, s->label), roles);
  });
}

std::vector<Sym> find_buffers(const Proc& proc, const std::string& name) {
  if (auto found = selected_buffers(proc, name)) return *found;
  const Parsed ref = parsed(name);
  std::vector<Sym> out;
  for (const Param& p : proc.params)
    if (is_data(p.type.scalar) && p.name.name() == ref.parts.back()) out.push_back(p.name);
  for (const Path& path : find(proc, [](const StmtRef& s) { return as<Alloc>(s) != nullptr; })) {
    const StmtRef& s = stmt_at(proc, path);
    const auto parts = without_copies(ref.parts, s->label);
    if ((parts.size() == 1 && as<Alloc>(s)->buffer.name() == parts[0]) || is_marked(s->label, join(parts, ".")))
      out.push_back(as<Alloc>(s)->buffer);
  }
  if (ref.number) return *ref.number < out.size() ? std::vector<Sym>{out[*ref.number]} : std::vector<Sym>{};
  return out;
}

std::vector<std::string> loop_names(const Proc& proc) {
  std::vector<std::string> out;
  for (const Path& p : find(proc, [](const StmtRef& s) { return as<For>(s) != nullptr; })) {
    const Label& label = stmt_at(proc, p)->label;
    out.push_back(label.nest.empty() ? label.name : label.nest + "." + label.name);
  }
  return out;
}

std::vector<std::string> stmt_names(const Proc& proc) {
  std::vector<std::string> out;
  for (const Path& p : find(proc, [](const StmtRef& s) { return is_leaf(s) && !as<Alloc>(s); }))
    out.push_back(stmt_at(proc, p)->label.name);
  return out;
}

std::string name_of(const Proc& proc, const Path& path) {
  const StmtRef& s = stmt_at(proc, path);
  const bool is_loop = any_loop(s);
  const Ref plain{Text{s->label.name, {}, {}}};
  return qualified(proc, path, plain, is_loop ? find_loops(proc, plain.str()) : find_stmts(proc, plain.str()), is_loop);
}

std::vector<Path> all_loops(const Proc& proc, const Ref& ref) {
  auto found = find_loops(proc, ref.str());
  if (found.empty()) unknown(ref, "loop", loop_names(proc));
  return found;
}

std::vector<Path> all_stmts(const Proc& proc, const Ref& ref) {
  auto found = find_stmts(proc, ref.str());
  if (found.empty()) unknown(ref, "statement", stmt_names(proc));
  return found;
}

Path one_loop(const Proc& proc, const Ref& ref, const Admits& admits) {
  return one_of(proc, ref, find_loops(proc, ref.str()), admits, true);
}
Path one_stmt(const Proc& proc, const Ref& ref, const Admits& admits) {
  return one_of(proc, ref, find_stmts(proc, ref.str()), admits, false);
}

Sym one_buffer(const Proc& proc, const Ref& ref) {
  const auto found = find_buffers(proc, ref.str());
  if (found.size() == 1) return found[0];
  std::vector<std::string> known;
  for (const auto& [sym, d] : declarations(proc))
    if (is_data(d.type.scalar)) known.push_back(sym.name());
  if (found.empty()) unknown(ref, "buffer", known);
  reject(Diagnostic{"ambiguous-reference", fmt::format("`{}` names {} buffers", ref.str(), found.size()), {}, {}, {}}
             .at(ref.text.whole())
             .help(fmt::format("say which one: `{0}#0` to `{0}#{1}`", ref.str(), found.size() - 1)));
}

}  // namespace exo
