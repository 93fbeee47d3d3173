#include "fuzz/programs.h"

#include <fmt/format.h>

#include "fuzz/shapes.h"
#include "fuzz/sparse.h"
#include "fuzz/writes.h"
#include "support/text.h"

namespace exo::testing {
namespace {

/// An iterator in scope: begin <= value < size.
struct Iterator {
  std::string name, size;
  int64_t begin = 0;
};

/// One dimension of a buffer: factor * size + more; a plain constant where the size is empty.
struct Extent {
  std::string size;
  int64_t factor = 1, more = 0;
  std::string text() const {
    if (size.empty()) return fmt::format("{}", more);
    const std::string product = factor == 1 ? size : fmt::format("{}*{}", factor, size);
    return more == 0 ? product : fmt::format("{} + {}", product, more);
  }
};

struct Buffer {
  std::string name;
  std::vector<Extent> shape;
  bool constant = false;   // only read: what is multiplied comes from these, so that numbers stay small
};

/// Its elements are indices below a size, or offsets: `offsets[i] <= offsets[i + 1]`, the last at most a size.
struct Tensor {
  std::string name;
  Extent extent;
  std::string size;
  bool offsets = false;
};

class Grower {
 public:
  explicit Grower(Random& random) : r_(random) {}

  std::string program() {
    type_ = r_.of({"f32", "f32", "f64", "i32", "i32"});
    sizes_.resize(static_cast<size_t>(r_.between(1, 3)));
    std::vector<std::string> params;
    for (size_t i = 0; i < sizes_.size(); ++i) params.push_back((sizes_[i] = std::string(1, "nmk"[i])) + " : size");
    flag_ = r_.chance(15);
    if (flag_) params.push_back("flag : bool");
    for (const auto* name : {"a", "b", "x", "y"}) {
      if (r_.chance(15)) continue;
      Buffer b{name, shape(r_.chance(35) ? 2 : 1), *name < 'x'};
      params.push_back(fmt::format("{} : {}[{}]", name, type_, extents(b)));
      buffers_.push_back(b);
    }
    if (written().empty()) {
      buffers_.push_back({"z", shape(1), false});
      params.push_back(fmt::format("z : {}[{}]", type_, extents(buffers_.back())));
    }
    if (r_.chance(30)) index_tensors(params);
    text_ = helper() + fmt::format("def fuzz({}):\n", join(params, ", "));
    asserts();
    for (const std::string& e : facts_) line(1, "assert " + e);
    block(1, static_cast<int>(r_.between(2, 4)));
    return text_;
  }

 private:
  Random& r_;
  std::string type_, text_;
  std::vector<std::string> sizes_;
  std::vector<Buffer> buffers_;
  std::vector<Iterator> loops_;
  std::vector<Tensor> tensors_;     // of indices
  std::vector<std::string> facts_;  // about them
  bool flag_ = false, has_helper_ = false;
  int names_ = 0, statements_ = 0;

  void line(int depth, const std::string& text) { text_ += std::string(static_cast<size_t>(4 * depth), ' ') + text + "\n"; }

  void index_tensors(std::vector<std::string>& params) {
    const std::string type = r_.of({"i32", "i32", "u8", "i16"});
    if (r_.chance(70)) {
      const Tensor t{"idx", shape(1)[0], r_.of(sizes_), false};
      params.push_back(fmt::format("idx : {}[{}]", type, t.extent.text()));
      facts_.push_back(fmt::format("forall e in seq(0, {}): 0 <= idx[e] and idx[e] < {}", t.extent.text(), t.size));
      tensors_.push_back(t);
    }
    if (r_.chance(70)) {
      const Tensor t{"ptr", {r_.of(sizes_), 1, 1}, r_.of(sizes_), true};
      params.push_back(fmt::format("ptr : {}[{} + 1]", type, t.extent.size));
      facts_.push_back(r_.chance(70) ? "ptr[0] == 0" : "0 <= ptr[0]");
      facts_.push_back(fmt::format("ptr[{}] <= {}", t.extent.size, t.size));
      facts_.push_back(fmt::format("forall e in seq(0, {}): ptr[e] <= ptr[e + 1]", t.extent.size));
      tensors_.push_back(t);
    }
  }

  /// An element of an index tensor that is an index in [0, extent); empty if none was found.
  std::string indirect(const Extent& e) {
    for (const Tensor& t : tensors_)
      if (!t.offsets && t.size == e.size && e.factor == 1 && e.more >= 0)
        if (const std::string at = index(t.extent); !at.empty()) return fmt::format("idx[{}]", at);
    return {};
  }

  /// A procedure that the program may call: it writes `p` and reads `q`, both of which may be strided.
  std::string helper() {
    if (!r_.chance(35)) return {};
    has_helper_ = true;
    std::string out = fmt::format("def helper(c : size, p : [{0}][c], q : [{0}][c]):\n", type_);
    if (r_.chance(30)) out += "    v = p[0:c]\n    for e in seq(0, c):\n        v[e] += q[e]\n";
    else if (r_.chance(30)) out += fmt::format("    t : {} @ stack\n    for e in seq(0, c):\n        t = q[e]\n        p[e] = p[e] + t\n", type_);
    else out += fmt::format("    for e in seq(0, c):\n        p[e] {} q[e]\n", r_.of({"=", "+=", "max="}));
    return out + "\n";
  }

  /// helper(n, y[0:n], a[0:n]), or of single elements. What it reads is never written, so the two never overlap.
  bool call(int depth) {
    std::vector<Buffer> from;
    for (const Buffer& b : buffers_)
      if (b.constant && b.shape.size() == 1) from.push_back(b);
    const Buffer y = r_.of(written());
    if (!has_helper_ || from.empty() || y.shape.size() != 1) return false;
    const Buffer& a = r_.of(from);
    const Extent &e = y.shape[0], &f = a.shape[0];
    if (!e.size.empty() && e.size == f.size && r_.chance(50)) {
      const int64_t lo = r_.between(0, e.more);
      line(depth, fmt::format("helper({0}, {1}[{2}], {3}[0:{0}])", e.size, y.name, lo == 0 ? "0:" + e.size : fmt::format("{0}:{0} + {1}", lo, e.size), a.name));
      return true;
    }
    const std::string i = index(e), j = index(f);
    if (i.empty() || j.empty()) return false;
    line(depth, fmt::format("helper(1, {0}[{1}:{1} + 1], {2}[{3}:{3} + 1])", y.name, i, a.name, j));
    return true;
  }

  /// A name for a part of a buffer: dimensions are cut at their beginning, or dropped.
  bool part(int depth) {
    const Buffer b = r_.of(buffers_);
    if (b.shape.empty()) return false;
    Buffer v{fmt::format("v{}", names_++), {}, b.constant};
    std::vector<std::string> at;
    for (const Extent& e : b.shape) {
      const std::string point = v.shape.empty() && at.size() + 1 == b.shape.size() ? "" : r_.chance(50) ? index(e) : "";
      if (!point.empty()) {
        at.push_back(point);
        continue;
      }
      Extent rest = e;
      const int64_t lo = e.size.empty() ? r_.between(0, 2) : r_.between(0, e.more);
      rest.more -= lo;
      at.push_back(fmt::format("{}:{}", lo, e.text()));
      v.shape.push_back(rest);
    }
    if (v.shape.empty()) return false;
    line(depth, fmt::format("{} = {}[{}]", v.name, b.name, join(at, ", ")));
    buffers_.push_back(v);
    return true;
  }

  void asserts() {
    const std::string n = sizes_.front(), m = sizes_.back();
    if (r_.chance(12)) line(1, fmt::format("assert {} % {} == 0", n, r_.between(2, 4)));
    if (r_.chance(12)) line(1, fmt::format("assert {} >= {}", m, r_.between(1, 5)));
    if (r_.chance(10)) line(1, fmt::format("assert {} <= {}", m, r_.between(4, 9)));
    if (n != m && r_.chance(10)) line(1, fmt::format("assert {} {} {}", n, r_.of({"==", "<=", "<"}), m));
  }

  std::vector<Extent> shape(int rank) {
    std::vector<Extent> out;
    for (int d = 0; d < rank; ++d) {
      Extent e{r_.of(sizes_), r_.chance(20) ? 2 : 1, r_.chance(50) ? r_.between(1, 4) : 0};
      if (r_.chance(15)) e = {"", 1, r_.of(std::vector<int64_t>{4, 5, 8})};
      out.push_back(e);
    }
    return out;
  }
  static std::string extents(const Buffer& b) {
    std::vector<std::string> out;
    for (const Extent& e : b.shape) out.push_back(e.text());
    return join(out, ", ");
  }
  std::vector<Buffer> written() const {
    std::vector<Buffer> out;
    for (const Buffer& b : buffers_)
      if (!b.constant) out.push_back(b);
    return out;
  }

  static std::string shifted(const std::string& e, int64_t by) {
    return by == 0 ? e : by > 0 ? fmt::format("{} + {}", e, by) : fmt::format("{} - {}", e, -by);
  }

  /// An index that lies in [0, extent) for all values of the iterators; empty if none was found.
  std::string index(const Extent& e) {
    if (r_.chance(20))
      if (const std::string i = indirect(e); !i.empty()) return i;
    for (int attempt = 0; attempt < 6 && !loops_.empty(); ++attempt) {
      const Iterator& i = r_.of(loops_);
      if (e.size.empty()) {
        if (r_.chance(60)) return fmt::format("{} % {}", i.begin < 0 || r_.chance(20) ? fmt::format("({} + {})", i.name, r_.between(1, 5)) : i.name, e.more);
        continue;
      }
      if (i.size != e.size) continue;
      const int kind = static_cast<int>(r_.between(0, 9));
      if (kind < 6 && -i.begin <= e.more) return shifted(i.name, std::max(-i.begin, r_.chance(60) ? int64_t{0} : r_.between(-std::max<int64_t>(i.begin, 0), e.more)));
      if (kind < 8 && e.more + i.begin >= 0) return fmt::format("{} - 1 - {}", shifted(i.size, r_.between(0, e.more + i.begin)), i.name);
      if (kind == 8 && e.factor == 2 && i.begin >= 0) return fmt::format("2*{}{}", i.name, r_.chance(50) ? " + 1" : "");
      if (kind == 9 && e.factor == 2 && i.begin >= 0)
        for (const Iterator& j : loops_)
          if (j.name != i.name && j.size == e.size && j.begin >= 0) return fmt::format("{} + {}", i.name, j.name);
      if (kind == 9 && i.begin >= 0) return fmt::format("{}/2", i.name);
    }
    if (e.more > 0) return fmt::format("{}", r_.between(0, e.more - 1));
    return {};
  }

  /// An element of the buffer, or nothing.
  std::string element(const Buffer& b) {
    std::vector<std::string> at;
    for (const Extent& e : b.shape) {
      at.push_back(index(e));
      if (at.back().empty()) return {};
    }
    return at.empty() ? b.name : fmt::format("{}[{}]", b.name, join(at, ", "));
  }

  std::string literal() { return type_ == "i32" ? fmt::format("{}", r_.between(0, 3)) : fmt::format("{}.0", r_.between(0, 3)); }

  std::string value(int depth) {
    if (depth > 0 && r_.chance(55)) {
      const std::string a = value(depth - 1), b = value(depth - 1);
      switch (r_.between(0, 7)) {
        case 0:
        case 1:
        case 2: return fmt::format("({} + {})", a, b);
        case 3: return fmt::format("({} - {})", a, b);
        case 4: return fmt::format("{}({}, {})", r_.of({"max", "min"}), a, b);
        case 5: return fmt::format("select({} < {}, {}, {})", a, b, b, value(0));
        case 6: return fmt::format("{}({})", r_.of({"abs", "relu"}), a);
        default: return fmt::format("({} * {})", constant(), type_ == "i32" ? a : constant());
      }
    }
    if (r_.chance(20)) return literal();
    const std::string e = element(r_.of(buffers_));
    return e.empty() ? literal() : e;
  }
  std::string constant() {
    for (const Buffer& b : buffers_)
      if (b.constant && r_.chance(60))
        if (const std::string e = element(b); !e.empty()) return e;
    return literal();
  }

  std::string condition() {
    const std::string n = r_.of(sizes_);
    if (r_.chance(30)) return data_condition(1);
    if (flag_ && r_.chance(25)) return r_.chance(50) ? "flag" : "not flag";
    if (loops_.empty() || r_.chance(20)) return fmt::format("{} {} {}", n, r_.of({">", "<", "==", "!="}), r_.between(1, 4));
    const std::string i = r_.of(loops_).name;
    switch (r_.between(0, 5)) {
      case 0: return fmt::format("{} < {}", i, n);
      case 1: return fmt::format("{} + {} < {}", i, r_.between(1, 3), n);
      case 2: return fmt::format("{} % {} == {}", i, 2, r_.between(0, 1));
      case 3: return fmt::format("{} {} {}", i, r_.of({"==", "!=", ">=", "<"}), r_.between(0, 3));
      case 4: return fmt::format("{} <= {} and {} < {}", r_.between(0, 2), i, i, r_.of(loops_).name);
      default: return fmt::format("{} < {} or {} == 2", i, r_.of(loops_).name, n);
    }
  }

  /// A condition on what the program computes.
  std::string data_condition(int depth) {
    if (depth > 0 && r_.chance(25))
      return fmt::format("({}) {} ({})", r_.chance(50) ? condition() : data_condition(0), r_.of({"and", "or"}), data_condition(0));
    const std::string op = r_.of({"<", "<=", ">", ">=", "==", "!="}), e = element(r_.of(buffers_));
    std::string out = fmt::format("{} {} {}", e.empty() ? literal() : e, op, value(0));
    if (type_ == "i32" && !e.empty() && r_.chance(30)) out = fmt::format("{} + {} {} {}", e, r_.between(0, 2), op, r_.of(sizes_));
    return r_.chance(20) ? fmt::format("not ({})", out) : out;
  }

  void store(int depth) {
    for (int attempt = 0; attempt < 4; ++attempt) {
      const std::string place = element(r_.of(written()));
      if (place.empty()) continue;
      ++statements_;
      line(depth, fmt::format("{} {} {}", place, r_.of({"=", "=", "=", "+=", "+=", "+=", "max=", "min="}), value(2)));
      return;
    }
    line(depth, "pass");
  }

  /// The iterator, and its loop head. Values stay below a size.
  Iterator head(int depth) {
    Iterator i{fmt::format("{}", std::string(1, "ijklpq"[static_cast<size_t>(names_ % 6)])), r_.of(sizes_), 0};
    for (const Iterator& other : loops_)
      if (other.name == i.name) i.name += fmt::format("{}", names_);
    ++names_;
    std::string lo = "0", hi = i.size;
    switch (r_.between(0, 13)) {
      case 0: lo = "1", i.begin = 1; break;
      case 1: lo = "-2", i.begin = -2; break;
      case 2: hi = fmt::format("{} - 1", i.size); break;
      case 3: hi = fmt::format("min({}, {})", r_.between(2, 5), i.size); break;
      case 4: hi = fmt::format("min({}, {})", r_.of(sizes_), i.size); break;
      case 5:
        for (const Iterator& j : loops_)
          if (j.size == i.size && j.begin >= 0) lo = r_.chance(50) ? j.name : j.name + " + 1";
        break;
      case 6:
        for (const Iterator& j : loops_)
          if (j.size == i.size) hi = r_.chance(50) ? j.name : j.name + " + 1";
        break;
      case 7: lo = r_.of(sizes_); break;   // may run backwards
      case 8: lo = fmt::format("max(0, {} - 3)", i.size); break;
      default: break;
    }
    for (const Tensor& t : tensors_) {
      if (!t.offsets || !r_.chance(30)) continue;
      for (const Iterator& j : loops_)
        if (j.size == t.extent.size && j.begin >= 0) {
          i.size = t.size, i.begin = 0;
          lo = fmt::format("ptr[{}]", j.name), hi = fmt::format("ptr[{} + 1]", j.name);
        }
    }
    line(depth, fmt::format("for {} in {}({}, {}):", i.name, r_.chance(3) ? "par" : "seq", lo, hi));
    return i;
  }

  void loop(int depth, int budget) {
    loops_.push_back(head(depth));
    block(depth + 1, budget);
    loops_.pop_back();
  }

  void branch(int depth, int budget) {
    line(depth, fmt::format("if {}:", condition()));
    block(depth + 1, budget);
    if (!r_.chance(25)) return;
    line(depth, "else:");
    block(depth + 1, 1);
  }

  /// A buffer of its own, every element of it written before it can be read.
  void local(int depth) {
    Buffer b{fmt::format("t{}", names_++), {}, false};
    if (r_.chance(50)) b.shape = shape(1);
    line(depth, b.shape.empty() ? fmt::format("{} : {}", b.name, type_) : fmt::format("{} : {}[{}]", b.name, type_, extents(b)));
    if (b.shape.empty()) {
      line(depth, fmt::format("{} = {}", b.name, value(1)));
    } else {
      const std::string w = fmt::format("w{}", names_++);
      line(depth, fmt::format("for {} in seq(0, {}):", w, b.shape[0].text()));
      line(depth + 1, fmt::format("{}[{}] = {}", b.name, w, value(1)));
    }
    buffers_.push_back(b);
    buffers_.push_back(b);   // used more often than others
  }

  void block(int depth, int budget) {
    const size_t scope = buffers_.size();
    const int count = static_cast<int>(r_.between(1, depth == 1 ? 3 : 2));
    for (int k = 0; k < count; ++k) {
      const int kind = static_cast<int>(r_.between(0, 99));
      if (depth < 5 && r_.chance(12) && part(depth)) store(depth);
      else if (r_.chance(10) && call(depth)) continue;
      else if (budget > 0 && depth < 5 && statements_ < 8 && kind < 55) loop(depth, budget - 1);
      else if (budget > 0 && depth > 1 && depth < 6 && kind < 65) branch(depth, budget - 1);
      else if (kind < 76 && statements_ < 8) local(depth), store(depth);
      else if (depth == 1) loop(depth, budget > 0 ? budget - 1 : 0);
      else store(depth);
    }
    buffers_.resize(scope);
  }
};

}  // namespace

RandomProgram random_program(Random& random) {
  if (random.chance(12)) return random_configured(random);
  if (random.chance(20)) return random_sparse(random);
  if (random.chance(15)) return random_writes(random);
  if (random.chance(50)) return random_shape(random);
  return {Grower(random).program(), random.of({"portable", "avx2", "avx2", "avx512"})};
}

}  // namespace exo::testing
