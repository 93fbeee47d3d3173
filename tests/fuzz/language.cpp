#include "fuzz/language.h"

#include <algorithm>

#include <fmt/format.h>

#include "fuzz/language_scope.h"
#include "support/text.h"

namespace exo::testing {
namespace {

/// A parameter of a procedure that others call.
struct Formal {
  enum Kind { Size, Index, Flag, Tensor } kind;
  std::string name, type;
  std::vector<Length> shape;  // in terms of the procedure's own size
  bool window = false, writable = false;
};

struct Callable {
  std::string name;
  std::vector<Formal> formals;
  bool bounded = false;  // asserts 0 <= k and k < c for its index k
};

class Writer {
 public:
  Writer(Random& random, std::vector<Callable> callables, bool nested)
      : r_(random), scope_(random), callables_(std::move(callables)), nested_(nested) {}

  /// The text of a procedure; `made` is told what it takes.
  std::string procedure(const std::string& name, const std::vector<std::string>& types, Callable* made) {
    scope_.types = types;
    scope_.names = {name};
    for (const Callable& c : callables_) scope_.names.push_back(c.name);
    std::vector<std::string> params;
    Callable own{name, {}, false};
    if (nested_)
      formals(own, params);
    else
      parameters(params);
    text_ = fmt::format("def {}({}):\n", name, join(params, ", ")) + asserts_;
    block(1, nested_ ? 1 : static_cast<int>(r_.between(2, 4)));
    if (made) *made = own;
    return text_;
  }

 private:
  Random& r_;
  LanguageScope scope_;
  const std::vector<Callable> callables_;
  const bool nested_;
  std::string text_, asserts_;
  int statements_ = 0;
  bool parallel_ = false;
  std::vector<KnownTensor> library_outputs_;  // never read

  void line(int depth, const std::string& text) {
    text_ += std::string(static_cast<size_t>(4 * depth), ' ') + text + "\n";
  }
  void assertion(const std::string& text) { asserts_ += "    assert " + text + "\n"; }

  static std::string extents(const std::vector<Length>& shape) {
    std::vector<std::string> all;
    for (const Length& l : shape) all.push_back(l.text());
    return shape.empty() ? "" : "[" + join(all, ", ") + "]";
  }

  Length length() {
    if (scope_.sizes.empty() || r_.chance(25)) return {"", r_.between(1, 8)};
    return {r_.of(scope_.sizes), r_.chance(40) ? 0 : r_.between(1, 5)};
  }
  std::vector<Length> shape(int64_t most) {
    std::vector<Length> out(static_cast<size_t>(r_.between(1, most)));
    for (Length& l : out) l = length();
    return out;
  }

  /// Of the procedure that is run.
  void parameters(std::vector<std::string>& out) {
    const int64_t sizes = r_.between(1, 3);
    for (int64_t k = 0; k < sizes; ++k) {
      scope_.sizes.push_back(scope_.name(std::string(1, "nmk"[k]).c_str()));
      out.push_back(scope_.sizes.back() + " : size");
    }
    if (r_.chance(25)) {
      scope_.flags.push_back(scope_.name("flag"));
      out.push_back(scope_.flags.back() + " : bool");
    }
    if (r_.chance(25)) {
      scope_.numbers.push_back(scope_.name("z"));
      out.push_back(fmt::format("{} : {}", scope_.numbers.back(), r_.of({"index", "int", "index"})));
    }
    const int64_t count = r_.between(2, 4);
    for (int64_t k = 0; k < count; ++k) out.push_back(tensor_parameter(k));
    if (r_.chance(30)) sparse_parameters(out);
    if (r_.chance(20)) out.push_back(library_output());
    if (r_.chance(20)) assertion(fmt::format("{} >= {}", r_.of(scope_.sizes), r_.between(1, 2)));
    if (r_.chance(10)) assertion(fmt::format("{} % 2 == 0", r_.of(scope_.sizes)));
    if (r_.chance(10) && sizes > 1) assertion(fmt::format("{} <= {} + 2", scope_.sizes[0], scope_.sizes[1]));
    if (!scope_.numbers.empty() && r_.chance(60)) {
      const Length end = length();
      assertion(fmt::format("0 <= {} and {} < {}", scope_.numbers[0], scope_.numbers[0], end.text()));
      scope_.ranged.push_back({scope_.numbers[0], 0, end});
    }
  }

  std::string tensor_parameter(int64_t number) {
    KnownTensor t{scope_.name(std::string(1, "xyab"[number]).c_str()),
                  r_.of(scope_.types),
                  {},
                  number < 2 || r_.chance(40),
                  true,
                  {}};
    t.base = t.name;
    const bool scalar = number > 0 && r_.chance(20), window = !scalar && r_.chance(35);
    if (!scalar) t.shape = shape(r_.chance(15) ? 3 : 2);
    if (window && r_.chance(20)) assertion(fmt::format("stride({}, {}) == 1", t.name, t.shape.size() - 1));
    if (window) t.whole = false;
    scope_.tensors.push_back(t);
    return fmt::format("{} : {}{}{}", t.name, window ? "[" + t.type + "]" : t.type, extents(t.shape),
                       r_.chance(10) ? " @ heap" : "");
  }

  /// Index tensors: places in something, or offsets of the rows of something.
  void sparse_parameters(std::vector<std::string>& out) {
    const int64_t count = r_.between(1, 2);
    for (int64_t k = 0; k < count; ++k) {
      IndexTensor t{scope_.name(k == 0 ? "idx" : "ptr"), length(), length(), k == 1};
      if (t.ordered) t.length = {r_.of(scope_.sizes), 1};
      const std::string type = r_.of({"i32", "i32", "i64", "u8", "i16", "u32"});
      out.push_back(fmt::format("{} : {}{}", t.name, type, extents({t.length})));
      if (t.ordered) {
        assertion(fmt::format("0 <= {0}[0] and {0}[{1}] <= {2}", t.name, t.length.plus(-1).text(), t.below.text()));
        assertion(fmt::format("forall e in seq(0, {1}): {0}[e] <= {0}[e + 1]", t.name, t.length.plus(-1).text()));
      } else {
        if (t.below.more == 0) assertion(fmt::format("{} >= 1", t.below.text()));
        assertion(fmt::format("forall e in seq(0, {1}): 0 <= {0}[e] and {0}[e] < {2}", t.name, t.length.text(),
                              t.below.text()));
      }
      scope_.tensors.push_back({t.name, type, {t.length}, false, true, t.name});
      scope_.index_tensors.push_back(std::move(t));
    }
  }

  /// What the C library computes is compared with some tolerance, so nothing else is made of it.
  std::string library_output() {
    std::vector<std::string> floats;
    for (const std::string& t : scope_.types)
      if (is_float_name(t)) floats.push_back(t);
    KnownTensor t{scope_.name("inexact"), floats.empty() ? "f64" : r_.of(floats), {length()}, true, true, {}};
    library_outputs_.push_back(t);
    return fmt::format("{} : {}{}", t.name, t.type, extents(t.shape));
  }

  /// Of a procedure that is called: a size, now and then an index below it and a flag, and tensors of that size.
  void formals(Callable& own, std::vector<std::string>& out) {
    const std::string c = scope_.name("c");
    scope_.sizes = {c};
    own.formals.push_back({Formal::Size, c, {}, {}});
    if (r_.chance(30)) {
      own.bounded = true;
      own.formals.push_back({Formal::Index, scope_.name("k"), {}, {}});
      scope_.numbers = {own.formals.back().name};
      scope_.ranged.push_back({scope_.numbers[0], 0, {c, 0}});
      assertion(r_.chance(50) ? fmt::format("0 <= {0} < {1}", scope_.numbers[0], c)
                              : fmt::format("{0} >= 0 and {1} > {0}", scope_.numbers[0], c));
    }
    if (r_.chance(20)) {
      own.formals.push_back({Formal::Flag, scope_.name("flag"), {}, {}});
      scope_.flags = {own.formals.back().name};
    }
    const int64_t count = r_.between(1, 3);
    for (int64_t k = 0; k < count; ++k) {
      Formal f{Formal::Tensor, scope_.name(std::string(1, "pqs"[k]).c_str()), r_.of(scope_.types), {}};
      f.writable = k == 0 || r_.chance(30);
      const int64_t kind = r_.between(0, 9);
      f.window = kind < 6;
      if (kind < 8) f.shape = {Length{c, r_.chance(60) ? 0 : r_.between(1, 2)}};
      if (kind < 2) f.shape.push_back({"", r_.between(1, 3)});
      scope_.tensors.push_back({f.name, f.type, f.shape, f.writable, !f.window, f.name});
      own.formals.push_back(std::move(f));
    }
    if (r_.chance(30)) std::reverse(own.formals.begin() + 1, own.formals.end());
    for (const Formal& f : own.formals) {
      const char* const control = f.kind == Formal::Size ? "size" : f.kind == Formal::Index ? "index" : "bool";
      if (f.kind != Formal::Tensor)
        out.push_back(fmt::format("{} : {}", f.name, control));
      else
        out.push_back(fmt::format("{} : {}{}", f.name, f.window ? "[" + f.type + "]" : f.type, extents(f.shape)));
    }
  }

  void block(int depth, int budget) {
    const LanguageScope outside = scope_;
    const int64_t count = r_.between(1, depth == 1 ? 4 : 2);
    for (int64_t k = 0; k < count; ++k) statement(depth, budget);
    restore(outside);
  }

  /// The scope holds a reference, so it is put back member by member.
  void restore(const LanguageScope& outside) {
    scope_.ranged = outside.ranged, scope_.tensors = outside.tensors, scope_.names = outside.names;
  }

  void statement(int depth, int budget) {
    const int64_t kind = r_.between(0, 99);
    const bool room = budget > 0 && depth < 6 && statements_ < 14;
    if (room && kind < 34) return loop(depth, budget - 1);
    if (room && kind < 48) return branch(depth, budget - 1);
    if (kind < 58 && statements_ < 14) return local(depth);
    if (kind < 66 && part(depth)) return store(depth);
    if (kind < 82 && call(depth)) return;
    if (kind > 96) return line(depth, "pass");
    if (kind > 90 && library(depth)) return;
    store(depth);
  }

  std::vector<KnownTensor> written() const {
    std::vector<KnownTensor> out;
    for (const KnownTensor& t : scope_.tensors)
      if (t.writable) out.push_back(t);
    return out;
  }

  void store(int depth) {
    ++statements_;
    const auto all = written();
    for (int attempt = 0; attempt < 4 && !all.empty(); ++attempt) {
      const KnownTensor& t = r_.of(all);
      const std::string place = scope_.element(t);
      if (place.empty()) continue;
      return line(depth, fmt::format("{} {} {}", place, r_.of({"=", "=", "=", "+=", "+=", "max=", "min="}),
                                     scope_.data(t.type, static_cast<int>(r_.between(1, 3)))));
    }
    line(depth, "pass");
  }

  bool library(int depth) {
    if (library_outputs_.empty() || parallel_) return false;
    const std::string place = scope_.element(library_outputs_[0]);
    if (place.empty()) return false;
    line(depth, fmt::format("{} = {}", place, scope_.library_call(library_outputs_[0].type)));
    return true;
  }

  void loop(int depth, int budget) {
    const LanguageScope outside = scope_;
    const std::string i = scope_.name(std::string(1, "ijkl"[r_.between(0, 3)]).c_str());
    Ranged range{i, 0, length()};
    std::string lo = "0", hi = range.end.text();
    switch (r_.between(0, 9)) {
      case 0:
        range.begin = r_.between(-3, 2), lo = fmt::format("{}", range.begin);
        break;
      case 1:
        hi = fmt::format("min({}, {})", hi, scope_.number(1));
        break;
      case 2:
        if (!scope_.ranged.empty()) lo = fmt::format("max(0, {})", r_.of(scope_.ranged).text);
        break;
      case 3:
        hi = fmt::format("({}) / {}", hi, r_.between(2, 3));
        break;
      default:
        break;
    }
    if (r_.chance(40)) row(range, lo, hi);
    if (!parallel_ && depth < 3 && r_.chance(25) && parallel_loop(depth, range, lo, hi, budget))
      return restore(outside);
    line(depth, fmt::format("for {} in seq({}, {}):", i, lo, hi));
    scope_.ranged.push_back(range);
    block(depth + 1, budget);
    restore(outside);
  }

  /// The elements of one row, where offsets of rows are at hand.
  void row(Ranged& range, std::string& lo, std::string& hi) {
    for (const IndexTensor& t : scope_.index_tensors) {
      const std::string i = t.ordered ? scope_.index(t.length.plus(-1)) : "";
      if (i.empty()) continue;
      lo = fmt::format("{}[{}]", t.name, i), hi = fmt::format("{}[{} + 1]", t.name, i);
      range.begin = 0, range.end = t.below;
    }
  }

  /// Iterations write where the first index is their own, and touch nothing else of what is written.
  bool parallel_loop(int depth, const Ranged& range, const std::string& lo, const std::string& hi, int budget) {
    std::vector<KnownTensor> kept;
    bool any = false;
    for (const KnownTensor& t : scope_.tensors) {
      KnownTensor mine = t;
      const bool own = t.writable && t.base == t.name && !t.shape.empty() && t.shape[0].size == range.end.size;
      const int64_t by = std::max<int64_t>(0, -range.begin);
      if (own && range.end.more + by <= t.shape[0].more && r_.chance(70)) {
        mine.first = by == 0 ? range.text : fmt::format("{} + {}", range.text, by);
        any = true;
      } else {
        mine.writable = false;
      }
      kept.push_back(mine);
    }
    if (!any) return false;
    std::erase_if(kept, [&](const KnownTensor& t) {  // other names for what is written
      return t.first.empty() && std::any_of(kept.begin(), kept.end(),
                                            [&](const KnownTensor& o) { return !o.first.empty() && o.base == t.base; });
    });
    line(depth, fmt::format("for {} in par({}, {}):", range.text, lo, hi));
    scope_.tensors = kept;
    scope_.ranged.push_back(range);
    parallel_ = true;
    block(depth + 1, budget);
    parallel_ = false;
    return true;
  }

  void branch(int depth, int budget) {
    const int64_t arms = r_.between(1, 3);
    for (int64_t k = 0; k < arms; ++k) {
      const LanguageScope outside = scope_;
      std::string condition = r_.chance(40) ? scope_.elements_condition(2) : scope_.condition(2);
      if (r_.chance(40)) {  // what is inside may use the number as an index
        const std::string e = scope_.number(2);
        const Length end = length();
        condition = fmt::format("0 <= {} and {} < {}", e, e, end.text());
        scope_.ranged.push_back({"(" + e + ")", 0, end});
      }
      line(depth, fmt::format("{} {}:", k == 0 ? "if" : "elif", condition));
      block(depth + 1, budget);
      restore(outside);
    }
    if (!r_.chance(40)) return;
    line(depth, "else:");
    block(depth + 1, budget > 0 ? budget - 1 : 0);
  }

  /// A buffer of its own, every element of it written before it can be read.
  void local(int depth) {
    KnownTensor t{scope_.name("t"), r_.of(scope_.types), {}, true, true, {}};
    t.base = t.name;
    if (r_.chance(55)) t.shape = shape(2);
    const bool stack = nested_ || r_.chance(30);
    if (stack)
      for (Length& l : t.shape) l = {"", r_.between(1, 6)};
    line(depth, fmt::format("{} : {}{}{}", t.name, t.type, extents(t.shape),
                            stack           ? " @ stack"
                            : r_.chance(20) ? " @ heap"
                                            : ""));
    const LanguageScope outside = scope_;
    std::vector<std::string> at;
    for (const Length& l : t.shape) {
      const std::string w = scope_.name("w");
      line(depth++, fmt::format("for {} in seq(0, {}):", w, l.text()));
      scope_.ranged.push_back({w, 0, l});
      at.push_back(w);
    }
    const std::string place = at.empty() ? t.name : fmt::format("{}[{}]", t.name, join(at, ", "));
    line(depth, fmt::format("{} = {}", place, scope_.data(t.type, 1)));
    restore(outside);
    scope_.tensors.push_back(t);
    ++statements_;
  }

  /// [lo, lo + wanted) inside a dimension, or nothing.
  std::string range(const Length& dimension, const Length& wanted) {
    const int64_t room = dimension.more - wanted.more;
    if (dimension.size != wanted.size && !wanted.size.empty()) return {};
    if (room < 0) return {};
    const int64_t lo = r_.chance(50) ? 0 : r_.between(0, room);
    if (lo == 0) return fmt::format("0:{}", wanted.text());
    return r_.chance(50) ? fmt::format("{}:{}", lo, wanted.plus(lo).text())
                         : fmt::format("{0}:{0} + {1}", lo, wanted.text());
  }

  /// A name for a part of a tensor.
  bool part(int depth) {
    if (scope_.tensors.empty() || parallel_) return false;
    const KnownTensor whole = r_.of(scope_.tensors);
    if (whole.shape.empty()) return false;
    std::vector<std::string> at;
    std::vector<Length> shape;
    for (size_t d = 0; d < whole.shape.size(); ++d) {
      const bool last_chance = shape.empty() && d + 1 == whole.shape.size();
      if (!last_chance && r_.chance(50)) {
        if (std::string point = scope_.index(whole.shape[d]); !point.empty()) {
          at.push_back(point);
          continue;
        }
      }
      Length l = whole.shape[d];
      if (l.more > 1) l.more = r_.between(1, l.more);
      at.push_back(range(whole.shape[d], l));
      shape.push_back(l);
    }
    const std::string name = scope_.name("v");
    line(depth, fmt::format("{} = {}[{}]", name, whole.name, join(at, ", ")));
    scope_.tensors.push_back({name, whole.type, shape, whole.writable, false, whole.base});
    return true;
  }

  bool call(int depth) {
    if (callables_.empty() || parallel_) return false;
    const Callable& callee = r_.of(callables_);
    Length c = length();
    if (r_.chance(50) && !scope_.tensors.empty()) {  // a size that something has
      const KnownTensor& t = r_.of(scope_.tensors);
      if (!t.shape.empty()) c = t.shape.back();
    }
    std::vector<std::string> args, bases;
    std::string guard;
    for (const Formal& f : callee.formals) {
      if (f.kind == Formal::Size) args.push_back(c.text());
      if (f.kind == Formal::Flag) args.push_back(scope_.condition(1));
      if (f.kind == Formal::Index) {
        args.push_back(scope_.index(c));
        if (args.back().empty()) {
          args.back() = scope_.number(1);
          guard = fmt::format("0 <= {0} and {0} < {1}", args.back(), c.text());
        }
      }
      if (f.kind != Formal::Tensor) continue;
      const std::string a = argument(f, c, bases);
      if (a.empty()) return false;
      args.push_back(a);
    }
    if (!guard.empty()) line(depth++, "if " + guard + ":");
    line(depth, fmt::format("{}({})", callee.name, join(args, ", ")));
    ++statements_;
    return true;
  }

  /// What to pass for a tensor of the callee whose size is `c`; each has a buffer of its own.
  std::string argument(const Formal& f, const Length& c, std::vector<std::string>& bases) {
    if (f.shape.empty() && !f.writable && r_.chance(25)) return scope_.literal(f.type);
    for (int attempt = 0; attempt < 8; ++attempt) {
      const KnownTensor& t = r_.of(scope_.tensors);
      const bool taken = std::find(bases.begin(), bases.end(), t.base) != bases.end();
      if (t.type != f.type || (f.writable && !t.writable) || taken) continue;
      const std::string a = f.shape.empty() ? scope_.element(t) : tensor_argument(f, c, t);
      if (a.empty()) continue;
      bases.push_back(t.base);
      return a;
    }
    return {};
  }

  std::string tensor_argument(const Formal& f, const Length& c, const KnownTensor& t) {
    std::vector<Length> wanted;
    for (const Length& l : f.shape) wanted.push_back(l.size.empty() ? l : c.plus(l.more));
    if (!f.window)
      return t.whole && t.shape.size() == wanted.size() && t.shape[0].text() == wanted[0].text() ? t.name : "";
    std::vector<std::string> at;
    size_t next = 0;
    for (size_t d = 0; d < t.shape.size(); ++d) {
      const size_t left = t.shape.size() - d, needed = wanted.size() - next;
      if (left < needed) return {};
      const bool point = needed == 0 || (left > needed && r_.chance(60));
      at.push_back(point ? scope_.index(t.shape[d]) : range(t.shape[d], wanted[next]));
      if (!point) ++next;
      if (at.back().empty()) return {};
    }
    return next == wanted.size() ? fmt::format("{}[{}]", t.name, join(at, ", ")) : "";
  }
};

}  // namespace

std::string random_language_program(Random& random, const std::string& name) {
  const std::vector<std::string> all = {"f16", "bf16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32"};
  std::vector<std::string> types(static_cast<size_t>(random.between(1, 3)));
  for (std::string& t : types) t = random.of(all);
  std::string text;
  std::vector<Callable> callables;
  const int64_t count = random.between(0, 2);
  for (int64_t k = 0; k < count; ++k) {
    Callable made;
    text += Writer(random, callables, true).procedure(fmt::format("part{}", k), types, &made) + "\n";
    callables.push_back(made);
  }
  return text + Writer(random, callables, false).procedure(name, types, nullptr);
}

}  // namespace exo::testing
