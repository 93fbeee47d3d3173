// Elements of index tensors for which the assertions hold: one element after the other gets a value that contradicts nothing so far.
#include <algorithm>
#include <set>

#include "ir/arguments.h"
#include "ir/build.h"
#include "ir/control.h"
#include "ir/machine.h"
#include "ir/walk.h"

namespace exo {
namespace {

constexpr int kTries = 5'000;  // looks at an assertion

class Chooser {
 public:
  Chooser(const Exprs& asserts, const std::set<Sym>& about, const std::map<Sym, int64_t>& control,
          const std::vector<ElementValue>& wishes, Random& random, std::map<Sym, Tensor>& tensors)
      : control_(control), wishes_(wishes), random_(random), tensors_(tensors) {
    for (const auto& entry : control) largest_ = std::max(largest_, entry.second);
    for (const ExprRef& e : asserts) rules_.push_back(rule(e));
    for (const Sym tensor : about)
      each_index(tensors.at(tensor).shape, [&](const std::vector<int64_t>& index) {
        cells_.push_back({tensor, index});
        cell(cells_.back()).defined = false;
      });
  }

  bool run() { return agrees() && choose(0); }

 private:
  /// An assertion made ready: for `forall`, the range and the body.
  struct Rule {
    int64_t* variable = nullptr;
    ControlCode lo, hi, holds;
    std::vector<Rule> body;
  };
  struct Place {
    Sym tensor;
    std::vector<int64_t> index;
  };
  const std::map<Sym, int64_t>& control_;
  const std::vector<ElementValue>& wishes_;
  Random& random_;
  std::map<Sym, Tensor>& tensors_;
  std::vector<Rule> rules_;
  int64_t largest_ = 1;
  int tries_ = kTries;
  std::vector<Place> cells_;
  std::map<Sym, int64_t> variables_;
  bool unknown_ = false;  // an element without a value was needed

  Cell& cell(const Place& place) {
    Tensor& tensor = tensors_.at(place.tensor);
    return tensor.cells[static_cast<size_t>(offset_of(tensor, place.index))];
  }

  bool choose(size_t next) {
    if (next == cells_.size()) return true;
    const Place& place = cells_[next];
    const Scalar type = tensors_.at(place.tensor).type;
    for (const int64_t value : candidates(next)) {
      const Cell made = integer_cell(type, value);
      if (made.integer != value) continue;
      cell(place) = made;
      if (agrees() && choose(next + 1)) return true;
      if (tries_ < 0) break;
    }
    cell(place).defined = false;
    return false;
  }

  /// Values worth trying: what is wished for, near the element before, any.
  std::vector<int64_t> candidates(size_t next) {
    const Place& place = cells_[next];
    std::vector<int64_t> out;
    for (const ElementValue& wish : wishes_)
      if (wish.tensor == place.tensor && wish.index == place.index) out.push_back(wish.value);
    const bool follows = next > 0 && cells_[next - 1].tensor == place.tensor;
    const int64_t before = follows ? cell(cells_[next - 1]).integer : 0;
    out.push_back(random_.between(0, largest_));
    for (const int64_t step : {random_.between(0, 2), int64_t{0}, int64_t{1}}) out.push_back(before + step);
    for (int64_t value = 0; value <= std::min<int64_t>(largest_, 20); ++value) out.push_back(value);
    for (const int64_t value : {largest_ - 1, largest_, int64_t{-1}, -largest_}) out.push_back(value);
    std::vector<int64_t> once;
    for (const int64_t value : out)
      if (std::find(once.begin(), once.end(), value) == once.end()) once.push_back(value);
    return once;
  }

  bool agrees() {
    return std::all_of(rules_.begin(), rules_.end(), [&](const Rule& r) { return may_hold(r); });
  }

  /// What has no value says nothing.
  ControlCode code(const ExprRef& e) {
    try {
      return control_code(e, names());
    } catch (const NoValue&) {
      return {};
    }
  }

  Rule rule(const ExprRef& e) {
    const Forall* n = as<Forall>(e);
    if (!n) return {nullptr, {}, {}, code(e), {}};
    Rule out{&variables_[n->iter], code(n->lo), code(n->hi), {}, {}};
    out.body.push_back(rule(n->body));
    return out;
  }

  std::optional<int64_t> value(const ControlCode& e) {
    if (!e) return std::nullopt;
    unknown_ = false;
    try {
      const int64_t out = e();
      return unknown_ ? std::nullopt : std::optional(out);
    } catch (const NoValue&) {
      return std::nullopt;
    }
  }

  bool may_hold(const Rule& r) {
    if (!r.variable) return --tries_ >= 0 && value(r.holds).value_or(1) != 0;
    const auto lo = value(r.lo), hi = value(r.hi);
    if (!lo || !hi) return true;
    for (*r.variable = *lo; *r.variable < *hi; ++*r.variable)
      if (!may_hold(r.body[0])) return false;
    return true;
  }

  ControlNames names() {
    return {[this](Sym sym) -> const int64_t* {
              if (const auto it = variables_.find(sym); it != variables_.end()) return &it->second;
              const auto it = control_.find(sym);
              return it == control_.end() ? nullptr : &it->second;
            },
            [this](Sym sym, int64_t dim) -> const int64_t* {
              return &tensors_.at(sym).strides.at(static_cast<size_t>(dim));
            },
            {},
            [this](const Read& n, const ControlNames& all) -> ControlCode {
              std::vector<ControlCode> index;
              for (const ExprRef& i : n.index) index.push_back(control_code(i, all));
              return [this, index, buffer = n.buffer] { return element(buffer, index); };
            }};
  }

  int64_t element(Sym buffer, const std::vector<ControlCode>& index) {
    const Tensor& tensor = tensors_.at(buffer);
    int64_t offset = 0;
    for (size_t d = 0; d < index.size(); ++d) {
      const int64_t i = index[d]();
      if (i < 0 || i >= tensor.shape[d]) return unknown_ = true, 0;
      offset += i * tensor.strides[d];
    }
    const Cell& cell = tensor.cells[static_cast<size_t>(offset)];
    unknown_ = unknown_ || !cell.defined;
    return cell.integer;
  }
};

}  // namespace

bool is_about_elements(const ExprRef& assertion) {
  bool found = false;
  each_expr(assertion, [&](const ExprRef& e) { found = found || as<Read>(e) || as<Forall>(e); });
  return found;
}

std::set<Sym> tensors_asserted(const Proc& proc) {
  std::set<Sym> out;
  for (const Param& p : proc.params)
    for (const ExprRef& e : proc.asserts)
      each_expr(e, [&](const ExprRef& x) {
        if (const Read* r = as<Read>(x); r && r->buffer == p.name) out.insert(p.name);
      });
  return out;
}

bool choose_elements(const Proc& proc, const std::map<Sym, int64_t>& control, const std::vector<ElementValue>& wishes,
                     Random& random, std::map<Sym, Tensor>& tensors) {
  struct Group {  // of tensors that some assertions speak of together
    std::set<Sym> about;
    Exprs asserts;
  };
  std::vector<Group> groups;
  for (const ExprRef& e : proc.asserts) {
    if (!is_about_elements(e)) continue;
    Group joined{{}, {}};
    for (const Sym sym : symbols(e))
      if (tensors.count(sym)) joined.about.insert(sym);
    for (size_t i = 0; i < groups.size();) {
      const auto meets = [&](Sym sym) { return joined.about.count(sym) > 0; };
      if (std::none_of(groups[i].about.begin(), groups[i].about.end(), meets)) {
        ++i;
        continue;
      }
      joined.about.insert(groups[i].about.begin(), groups[i].about.end());
      joined.asserts.insert(joined.asserts.end(), groups[i].asserts.begin(), groups[i].asserts.end());
      groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(i));
    }
    joined.asserts.push_back(e);
    groups.push_back(std::move(joined));
  }
  return std::all_of(groups.begin(), groups.end(), [&](const Group& g) {
    return Chooser(g.asserts, g.about, control, wishes, random, tensors).run();
  });
}

}  // namespace exo
