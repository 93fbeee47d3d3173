#include "schedule/selection.h"

#include <algorithm>

#include "analysis/access.h"
#include "ir/build.h"
#include "ir/check.h"
#include "ir/walk.h"
#include "schedule/pattern.h"
#include "schedule/reference.h"
#include "support/text.h"

namespace exo {
namespace {

bool is_scope(const StmtRef& s) { return as<For>(s) || as<If>(s); }

void add_once(std::vector<Path>& out, const Path& path) {
  if (std::find(out.begin(), out.end(), path) == out.end()) out.push_back(path);
}

std::vector<Path> below(const Proc& proc, const std::vector<Path>& roots,
                        const std::function<bool(const StmtRef&)>& wanted) {
  std::vector<Path> out;
  for (const Path& p : find(proc, wanted))
    if (std::any_of(roots.begin(), roots.end(), [&](const Path& root) { return is_prefix(root, p) && root != p; }))
      out.push_back(p);
  return out;
}

std::vector<Path> neighbours(const Proc& proc, const std::vector<Path>& of, int64_t distance) {
  std::vector<Path> out;
  for (const Path& p : of) {
    const int64_t index = static_cast<int64_t>(p.back().index) + distance;
    if (index >= 0 && index < static_cast<int64_t>(block_of(proc, p).size())) add_once(out, sibling(p, distance));
  }
  return out;
}

std::vector<Path> loops_of(const Proc& proc, const std::vector<Path>& of) {
  const auto is_loop = [](const StmtRef& s) { return as<For>(s) != nullptr; };
  std::vector<Path> out;
  for (const Path& p : of) {
    const bool inside = p.empty() || is_scope(stmt_at(proc, p));
    for (const Path& loop : inside ? below(proc, {p}, is_loop) : loops_around(proc, p)) add_once(out, loop);
  }
  return out;
}

std::vector<Path> bodies(const Proc& proc, const std::vector<Path>& of) {
  std::vector<Path> out;
  for (const Path& p : of) {
    if (!p.empty() && !is_scope(stmt_at(proc, p))) continue;
    for (size_t i = 0; i < block_in(proc, p).size(); ++i) add_once(out, child(p, i));
  }
  return out;
}

std::vector<Path> parents(const std::vector<Path>& of) {
  std::vector<Path> out;
  for (const Path& p : of)
    if (p.size() > 1) add_once(out, parent(p));
  return out;
}

const std::vector<std::string> kPlaces = {"loops", "stmts", "parent", "body", "before", "after", "next"};

std::vector<Path> apply(const Proc& proc, const Application& a) {
  const bool whole = a.argument == "proc";
  const std::vector<Path> of = whole ? std::vector<Path>{Path{}} : places_of(proc, a.argument);
  if (a.function == "loops") return loops_of(proc, of);
  if (a.function == "stmts") return below(proc, of, [](const StmtRef& s) { return !is_scope(s) && !as<Alloc>(s); });
  if (a.function == "body") return bodies(proc, of);
  if (a.function == "parent") return parents(of);
  if (whole) return {};
  return neighbours(proc, of, a.function == "before" ? -1 : 1);
}

/// "x #1" in parts: what it is, and which one.
struct Numbered {
  std::string text;
  std::optional<size_t> number;
};
Numbered numbered(const std::string& text) {
  const size_t hash = text.rfind('#'), close = text.rfind(')');
  if (hash == text.npos || (close != text.npos && close > hash)) return {std::string(trim(text)), {}};
  const std::string digits(trim(text.substr(hash + 1)));
  if (digits.empty() || digits.size() > 8 || digits.find_first_not_of("0123456789") != digits.npos) return {text, {}};
  return {std::string(trim(text.substr(0, hash))), std::stoul(digits)};
}

template <class T>
std::vector<T> one_of(std::vector<T> all, const std::optional<size_t>& number) {
  if (!number) return all;
  return *number < all.size() ? std::vector<T>{all[*number]} : std::vector<T>{};
}

std::optional<Sym> written_by(const StmtRef& s) {
  if (const Assign* a = as<Assign>(s)) return a->buffer;
  if (const Reduce* r = as<Reduce>(s)) return r->buffer;
  if (const Alloc* a = as<Alloc>(s)) return a->buffer;
  const Call* call = as<Call>(s);
  if (!call) return std::nullopt;
  const std::set<Sym> outputs = written(*call->callee);
  for (size_t i = 0; i < call->args.size(); ++i)
    if (const Window* w = as<Window>(call->args[i]); w && outputs.count(call->callee->params[i].name)) return w->buffer;
  return std::nullopt;
}

}  // namespace

std::optional<Application> application(const std::string& text) {
  const size_t open = text.find('(');
  if (open == text.npos || text.back() != ')') return std::nullopt;
  const std::string function(trim(text.substr(0, open)));
  if (!is_identifier(function)) return std::nullopt;
  return Application{function, std::string(trim(text.substr(open + 1, text.size() - open - 2)))};
}

std::optional<std::vector<Path>> selected(const Proc& proc, const std::string& text) {
  const Numbered n = numbered(text);
  if (const auto a = application(n.text); a && std::count(kPlaces.begin(), kPlaces.end(), a->function))
    return one_of(apply(proc, *a), n.number);
  if (is_pattern(n.text)) return one_of(find_pattern(proc, n.text), n.number);
  return std::nullopt;
}

std::optional<std::vector<Sym>> selected_buffers(const Proc& proc, const std::string& text) {
  const Numbered n = numbered(text);
  const auto a = application(n.text);
  if (!a || (a->function != "buffers" && a->function != "buffer")) return std::nullopt;
  std::vector<Sym> out;
  const auto add = [&](Sym buffer) {
    if (std::find(out.begin(), out.end(), buffer) == out.end()) out.push_back(buffer);
  };
  const Declarations names = declarations(proc);
  const bool whole = a->argument == "proc";
  if (a->function == "buffer") {
    for (const Path& p : places_of(proc, a->argument))
      if (const auto buffer = written_by(stmt_at(proc, p))) add(*buffer);
  } else {
    for (const Block& block : whole ? std::vector<Block>{proc.body} : std::vector<Block>{})
      for (const Access& access : accesses(names, block)) add(access.buffer);
    if (!whole)
      for (const Path& p : places_of(proc, a->argument))
        for (const Access& access : accesses(names, {stmt_at(proc, p)})) add(access.buffer);
  }
  return one_of(std::move(out), n.number);
}

std::vector<Path> places_of(const Proc& proc, const std::string& text) {
  if (auto found = selected(proc, text)) return *found;
  auto found = find_stmts(proc, text);
  return found.empty() ? find_loops(proc, text) : found;
}

}  // namespace exo
