#include "conformance/strides.h"

#include "ir/build.h"
#include "ir/walk.h"

namespace exo {
namespace {

using Dimension = std::pair<Sym, int64_t>;  // a buffer, and one of its dimensions

/// An equation that says what a stride is.
struct Pin {
  Dimension stride;
  ExprRef value;
};

std::vector<Pin> pins_of(const Proc& spec, const Target& target) {
  std::set<Sym> ordinary;
  for (const Param& p : spec.params)
    if (!is_control(p) && !is_opaque(target, p)) ordinary.insert(p.name);
  std::vector<Pin> out;
  for (const ExprRef& assertion : spec.asserts)
    for (const ExprRef& e : conjuncts(assertion)) {
      const Binary* b = as<Binary>(e);
      if (!b || b->op != BinaryOp::Eq || mentions_field(e)) continue;
      for (const auto& [side, value] : {std::pair(b->a, b->b), std::pair(b->b, b->a)})
        if (const Stride* s = as<Stride>(side); s && ordinary.count(s->buffer))
          out.push_back({{s->buffer, s->dim}, value});
    }
  return out;
}

class Strides {
 public:
  Strides(const Proc& spec, const Target& target, const Setting& sizes) : sizes_(sizes), pins_(pins_of(spec, target)) {
    for (const Param& p : spec.params) {
      if (is_control(p) || is_opaque(target, p) || p.type.shape.empty()) continue;
      std::vector<int64_t>& extent = extents_[p.name];
      for (const ExprRef& e : p.type.shape) extent.push_back(evaluate(e, sizes).value_or(0));
      known_[{p.name, static_cast<int64_t>(extent.size()) - 1}] = 1;
      for (auto d = static_cast<int64_t>(extent.size()) - 1; d-- > 0;) open_.push_back({p.name, d});
    }
    while (!open_.empty()) next();
  }

  /// The extents of an array with these strides.
  std::optional<std::vector<int64_t>> shape(Sym buffer) const {
    std::vector<int64_t> out = extents_.at(buffer);
    if (out.size() > 1) ++out[0];
    for (size_t d = 1; d < out.size(); ++d) {
      const int64_t outer = known_.at({buffer, static_cast<int64_t>(d) - 1}),
                    own = known_.at({buffer, static_cast<int64_t>(d)});
      if (own < 1 || outer % own != 0 || outer / own < out[d]) return std::nullopt;
      out[d] = outer / own;
    }
    return out;
  }

  std::optional<int64_t> value(const ExprRef& e) const {
    return evaluate(map_exprs(e,
                              [&](const ExprRef& x) {
                                const Stride* s = as<Stride>(x);
                                const auto it = s ? known_.find({s->buffer, s->dim}) : known_.end();
                                return it == known_.end() ? x : num(it->second);
                              }),
                    sizes_);
  }

  const std::map<Sym, std::vector<int64_t>>& extents() const { return extents_; }

 private:
  const Setting& sizes_;
  std::vector<Pin> pins_;
  std::map<Sym, std::vector<int64_t>> extents_;
  std::map<Dimension, int64_t> known_;
  std::vector<Dimension> open_;

  void settle(std::vector<Dimension>::iterator which, int64_t stride) {
    known_[*which] = stride;
    open_.erase(which);
  }

  /// One more: what an equation says, or else the first of which none speaks, with one element to spare.
  void next() {
    const auto pinned = [&](const Dimension& d) {
      return std::any_of(pins_.begin(), pins_.end(), [&](const Pin& pin) { return pin.stride == d; });
    };
    for (auto it = open_.begin(); it != open_.end(); ++it)
      for (const Pin& pin : pins_)
        if (pin.stride == *it)
          if (const auto v = value(pin.value)) return settle(it, *v);
    const auto ready = [&](const Dimension& d) { return known_.count({d.first, d.second + 1}) > 0; };
    auto first = std::find_if(open_.begin(), open_.end(), [&](const Dimension& d) { return ready(d) && !pinned(d); });
    if (first == open_.end()) first = std::find_if(open_.begin(), open_.end(), ready);
    const auto [buffer, d] = *first;
    settle(first, known_.at({buffer, d + 1}) * (extents_.at(buffer)[static_cast<size_t>(d) + 1] + 1));
  }
};

}  // namespace

bool relates_strides(const Proc& spec, const Target& target) {
  const std::vector<Pin> pins = pins_of(spec, target);
  return std::any_of(pins.begin(), pins.end(),
                     [](const Pin& p) { return !literal(p.value) || mentions_stride(p.value); });
}

std::optional<std::map<Sym, std::vector<int64_t>>> related_shapes(const Proc& spec, const Target& target,
                                                                  const Setting& sizes) {
  const Strides strides(spec, target, sizes);
  std::map<Sym, std::vector<int64_t>> out;
  for (const auto& [buffer, extent] : strides.extents()) {
    const auto shape = strides.shape(buffer);
    if (!shape) return std::nullopt;
    out[buffer] = *shape;
  }
  for (const ExprRef& e : spec.asserts)
    if (const auto holds = mentions_field(e) ? std::nullopt : strides.value(e); holds && *holds == 0)
      return std::nullopt;
  return out;
}

}  // namespace exo
