// nest: the loop nest that you want around a statement, from outside in.
//
//     { nest = "C.update", order = ["io: i/32", "k", "i", "j"] }
//
// Each entry is a loop: `io: i/32` takes blocks of 32 off the loop `i`, whose rest keeps its name; `parallel` behind it makes it
// a parallel loop. Expands to `split` (tails by `tail`: clamp or exact), `fission` where a statement must go its own way, and
// `reorder`, each of which is proved. A statement that lacks a loop gets a nest of its own where that loop first appears.
#include <algorithm>

#include <fmt/format.h>

#include "ir/build.h"
#include "schedule/primitives.h"
#include "schedule/verb.h"

namespace exo {
namespace {

struct Args {
  std::vector<Ref> stmts;
  std::vector<Text> order;
  Tail tail = Tail::Clamp;
};

/// "ic: i/MC parallel"
struct Level {
  Text text;
  std::string name, axis;
  std::optional<int64_t> by;
  bool parallel = false;
};

[[noreturn]] void malformed_entry(const Text& text, const std::string& what) {
  reject(Diagnostic{"nest-entry", what, {}, {}, {}}
             .at(text.whole())
             .help("an entry reads `i`, `io: i/32` or `io: i/32 parallel`"));
}

Level parsed(const Text& text, const Context& context) {
  Level out;
  out.text = text;
  std::string rest(trim(text.chars));
  size_t begin = text.chars.find(rest), end = begin + rest.size();
  const std::string word = " parallel";
  if (rest.size() > word.size() && rest.compare(rest.size() - word.size(), word.size(), word) == 0) {
    out.parallel = true;
    end -= word.size();
  }
  size_t axis = begin;
  if (const size_t colon = text.chars.find(':'); colon < end) {
    out.name = std::string(trim(text.chars.substr(begin, colon - begin)));
    axis = colon + 1;
  }
  const size_t slash = std::min(text.chars.find('/', axis), end);
  out.axis = std::string(trim(text.chars.substr(axis, slash - axis)));
  if (out.name.empty()) out.name = out.axis;
  if (!is_identifier(out.name) || !is_identifier(out.axis))
    malformed_entry(text, fmt::format("`{}` is no loop of a nest", text.chars));
  if (slash < end) {
    out.by = context.integer(subtext(text, slash + 1, end));
    if (*out.by < 1) malformed_entry(text, fmt::format("blocks of {} iterations", *out.by));
    if (out.name == out.axis) malformed_entry(text, "the loop over the blocks needs a name of its own");
  } else if (out.name != out.axis) {
    malformed_entry(text, "a loop that is not divided keeps its name");
  }
  return out;
}

bool is_called(const StmtRef& s, const std::string& name) {
  return as<For>(s) && (s->label.name == name || s->label.alias == name);
}

class Nest {
 public:
  Nest(Schedule& s, const Args& args) : s_(s), args_(args) {
    for (const Text& t : args.order) entries_.push_back(parsed(t, s.context()));
    for (size_t i = 0; i < entries_.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (entries_[i].name == entries_[j].name)
          malformed_entry(entries_[i].text, fmt::format("`{}` stands twice", entries_[i].name));
  }

  void run() {
    divide();
    for (bool again = true; again;) again = arrange_roots();
    for (const Level& e : entries_)
      if (e.parallel) make_parallel(e);
  }

 private:
  Schedule& s_;
  const Args& args_;
  std::vector<Level> entries_;

  std::vector<Path> selected() const {
    std::vector<Path> out;
    for (const Ref& ref : args_.stmts)
      for (Path& p : all_stmts(s_.now(), ref)) out.push_back(std::move(p));
    std::sort(out.begin(), out.end(), [](const Path& a, const Path& b) {
      return std::lexicographical_compare(
          a.begin(), a.end(), b.begin(), b.end(),
          [](const PathStep& x, const PathStep& y) { return std::pair(x.slot, x.index) < std::pair(y.slot, y.index); });
    });
    return out;
  }

  /// The loops around a statement; around one that staging made, those of its nest alone.
  std::vector<Path> loops_of(const Path& stmt) const {
    std::vector<Path> all = loops_around(s_.now(), stmt), own;
    for (const Path& p : all)
      if (stmt_at(s_.now(), p)->label.nest == stmt_at(s_.now(), stmt)->label.name) own.push_back(p);
    return own.empty() ? all : own;
  }

  bool is_entry(const StmtRef& loop) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Level& e) { return is_called(loop, e.name); });
  }

  /// The loops of this name around the selected statements, each once.
  std::vector<Sym> loops_called(const std::string& name) const {
    std::vector<Sym> out;
    for (const Path& stmt : selected())
      for (const Path& p : loops_of(stmt)) {
        const StmtRef& loop = stmt_at(s_.now(), p);
        const Sym iter = as<For>(loop)->iter;
        if (is_called(loop, name) && std::find(out.begin(), out.end(), iter) == out.end()) out.push_back(iter);
      }
    return out;
  }

  void divide() {
    std::vector<std::string> done;
    for (const Level& first : entries_) {
      if (std::find(done.begin(), done.end(), first.axis) != done.end()) continue;
      done.push_back(first.axis);
      const auto loops = loops_called(first.axis);
      if (loops.empty()) unknown_axis(first);
      for (Sym loop : loops)
        for (const Level& e : entries_) {
          if (e.axis != first.axis || !e.by) continue;
          const std::string rest = stmt_at(s_.now(), s_.loop(loop))->label.name;
          s_.apply([&](Rewrite& rw) {
            loop = split(rw, *binder(rw.before(), loop), *e.by, args_.tail, e.name, rest).inner;
          });
        }
    }
  }

  [[noreturn]] void unknown_axis(const Level& e) const {
    std::vector<std::string> known;
    for (const Path& stmt : selected())
      for (const Path& p : loops_of(stmt)) known.push_back(stmt_at(s_.now(), p)->label.name);
    reject(Diagnostic{
        "nest-axis", fmt::format("there is no loop `{}` around `{}`", e.axis, args_.stmts.front().str()), {}, {}, {}}
               .at(e.text.whole())
               .help(suggestion(e.axis, known)));
  }

  /// The outermost loop of the nest around the first statement that is not yet in order; false if all are.
  bool arrange_roots() {
    for (const Path& stmt : selected())
      for (const Path& p : loops_of(stmt)) {
        if (!is_entry(stmt_at(s_.now(), p))) continue;
        if (bring_out(p, stmt)) return true;
        break;
      }
    return false;
  }

  /// Position in the order of the first entry that is a loop between `from` (itself included) and the statement.
  std::optional<size_t> outermost(const Path& from, const Path& stmt, size_t begin) const {
    for (size_t e = begin; e < entries_.size(); ++e)
      for (const Path& p : loops_of(stmt))
        if (is_prefix(from, p) && is_called(stmt_at(s_.now(), p), entries_[e].name)) return e;
    return std::nullopt;
  }

  /// Walks down from `root`: at each level the next loop of the order must stand there. Where it stands deeper, it is isolated by
  /// fission and moved out. True if anything changed.
  bool bring_out(const Path& root, const Path& stmt) {
    size_t begin = 0;
    for (const Path& here : loops_of(stmt)) {
      if (!is_prefix(root, here)) continue;
      const auto wanted = outermost(here, stmt, begin);
      if (!wanted) return false;
      if (is_called(stmt_at(s_.now(), here), entries_[*wanted].name)) {
        begin = *wanted + 1;
        continue;
      }
      for (const Path& there : loops_of(stmt))
        if (is_prefix(here, there) && is_called(stmt_at(s_.now(), there), entries_[*wanted].name)) {
          move_out(as<For>(stmt_at(s_.now(), there))->iter, here.size());
          return true;
        }
    }
    return false;
  }

  /// One level at a time: make the loop the whole body of the loop around it, then swap the two, until it is so deep.
  void move_out(Sym loop, size_t depth) {
    while (s_.loop(loop).size() > depth) {
      isolate(loop);
      const Path outer = parent(s_.loop(loop));
      const For* around = as<For>(stmt_at(s_.now(), outer));
      if (!around) {
        Diagnostic d{"nest-condition",
                     fmt::format("an `if` stands between `{}` and the loop that it should go outside of", loop.name()),
                     {},
                     {},
                     {}};
        point_at(d, s_.now(), outer, "this one");
        reject(std::move(d));
      }
      s_.apply([&](Rewrite& rw) { interchange(rw, outer); });
    }
  }

  void isolate(Sym loop) {
    const Path here = s_.loop(loop);
    const Path outer = parent(here);
    const auto slot = here.back().slot;
    const size_t index = here.back().index;
    const size_t count = block_of(s_.now(), here).size();
    if (index + 1 < count) s_.apply([&](Rewrite& rw) { fission(rw, outer, index + 1, slot); });
    if (index > 0) s_.apply([&](Rewrite& rw) { fission(rw, outer, index, slot); });
  }

  void make_parallel(const Level& e) {
    for (const Sym loop : loops_called(e.name))
      s_.apply([&](Rewrite& rw) { parallel(rw, *binder(rw.before(), loop)); });
  }
};

void run(Schedule& s, const Args& args) { Nest(s, args).run(); }

}  // namespace

VERB(nest) {
  return make_verb("nest", Kind::Composite, "the loop nest that you want around a statement, from outside in",
                   Signature<Args>()
                       .verb("nest", &Args::stmts, "statements", "the statements")
                       .required("order", &Args::order, "entries", "the loops: `i`, `io: i/32`, `io: i/32 parallel`")
                       .choice("tail", &Args::tail, {{"clamp", Tail::Clamp}, {"exact", Tail::Exact}},
                               "what happens to remainders [clamp]"),
                   run);
}

}  // namespace exo
