#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "conformance/conformance.h"
#include "conformance/movers.h"
#include "conformance/strides.h"
#include "ir/arguments.h"
#include "ir/build.h"
#include "ir/check.h"
#include "ir/walk.h"

namespace exo {
namespace {

constexpr int64_t kLargest = 70;  // values of sizes are tried up to here, or to the lanes of a vector and some more
constexpr int64_t kMostUnits = 96;
constexpr int64_t kLargestElements = 1 << 16;
// Of an instruction that relates strides, which takes whole matrices and images: two tiles a side, and fewer settings.
constexpr int64_t kLargestRelated = 18;
constexpr size_t kMostRelated = 25;

class BenchMaker {
 public:
  BenchMaker(const Target& target, Moves moves) : target_(target), moves_(moves) {
    for (const auto& [type, lanes] : target.lanes) largest_ = std::max(largest_, lanes + 6);
  }

  Bench run(bool own_only) {
    for (const Instruction& i : target_.instructions) count_controls(*i.spec);
    for (size_t k = 0; k < bench_.controls; ++k) controls_.push_back(Sym::fresh(fmt::format("c{}", k)));
    for (const Instruction& i : target_.instructions)
      if (!own_only || !i.inherited) add(i);
    Proc proc;
    proc.name = "instruction_bench";
    for (const Sym s : {which_, place_}) proc.params.push_back({s, {Scalar::Int, {}, false}, "", {}});
    for (const Sym s : controls_) proc.params.push_back({s, {Scalar::Int, {}, false}, "", {}});
    for (const Operand& o : bench_.operands) proc.params.push_back({o.name, {o.type, o.extents, false}, "", {}});
    proc.body = std::move(body_);
    bench_.program = std::make_shared<const Proc>(std::move(proc));
    return std::move(bench_);
  }

 private:
  const Target& target_;
  int64_t largest_ = kLargest;
  const Moves moves_;
  Bench bench_;
  Block body_;
  const Sym which_ = Sym::fresh("which"), place_ = Sym::fresh("place");
  std::vector<Sym> controls_;
  struct Related {
    Exprs extents;  // of the array, as controls
    int64_t most = 0;
  };
  std::map<Sym, Related> related_;  // of the trial in hand
  std::map<Sym, size_t> leading_;   // ... and its index tensors, among the operands

  void count_controls(const Proc& spec) {
    auto n = static_cast<size_t>(std::count_if(spec.params.begin(), spec.params.end(), is_control));
    if (relates_strides(spec, target_))
      for (const Param& p : spec.params)
        if (!is_control(p) && !is_opaque(target_, p)) n += p.type.shape.size();
    bench_.controls = std::max(bench_.controls, n);
  }

  static Exprs numbers(const std::vector<int64_t>& shape) {
    Exprs out;
    for (const int64_t n : shape) out.push_back(num(n));
    return out;
  }

  /// The values of the control parameters, as they are passed.
  static std::vector<int64_t> row_of(const Proc& spec, const Setting& sizes) {
    std::vector<int64_t> row;
    for (const Param& p : spec.params)
      if (is_control(p)) row.push_back(sizes.at(p.name));
    return row;
  }

  /// The array for one more operand of that type and shape within a trial, which has at most so many elements.
  Sym operand(Trial& trial, Scalar type, const std::vector<int64_t>& shape, const Exprs& extents, bool leads = false) {
    for (size_t k = 0; k < bench_.operands.size(); ++k) {
      const Operand& o = bench_.operands[k];
      if (o.type != type || o.shape != shape || !same_extents(o.extents, extents) || o.leads != leads ||
          std::count(trial.operands.begin(), trial.operands.end(), k))
        continue;
      trial.operands.push_back(k);
      return o.name;
    }
    trial.operands.push_back(bench_.operands.size());
    bench_.operands.push_back(
        {Sym::fresh(fmt::format("{}_{}", scalar_name(type), bench_.operands.size())), type, shape, extents, leads});
    return bench_.operands.back().name;
  }

  /// Chooses the elements of index tensors for each setting; what stands in the way.
  std::string lead(Trial& trial, const std::vector<Setting>& settings) {
    const Proc& spec = *trial.instruction->spec;
    for (const Sym tensor : deciding(spec)) {
      const auto p =
          std::find_if(spec.params.begin(), spec.params.end(), [&](const Param& x) { return x.name == tensor; });
      if (p == spec.params.end() || p->type.shape.size() != 1 || is_opaque(target_, *p))
        return fmt::format("the indices in `{}` are no vector in ordinary memory", tensor.name());
      trial.leading.push_back({leading_.at(tensor), 0, lies_apart(spec, *p) ? 3 : 1, {}});
    }
    Random random(1);
    std::vector<std::vector<int64_t>> kept;
    std::vector<std::vector<Tensor>> chosen;
    for (size_t k = 0; k < settings.size(); ++k) {
      std::map<Sym, Tensor> tensors;
      for (const Param& p : spec.params)
        if (!is_control(p)) tensors[p.name] = tensor_of(p, settings[k], [](int64_t) { return 0; });
      if (!choose_elements(spec, settings[k], {}, random, tensors)) continue;
      kept.push_back(trial.settings[k]);
      std::vector<Tensor>& here = chosen.emplace_back();
      for (const Sym tensor : deciding(spec)) here.push_back(tensors.at(tensor));
    }
    if (kept.empty()) return "no elements satisfy its assertions";
    trial.settings = std::move(kept);
    for (size_t i = 0; i < trial.leading.size(); ++i) {
      Leading& leading = trial.leading[i];
      for (const auto& tensors : chosen)
        leading.count = std::max(leading.count, static_cast<int64_t>(tensors[i].cells.size()));
      for (const auto& tensors : chosen)
        for (int64_t e = 0; e < leading.count; ++e) {
          const std::vector<Cell>& cells = tensors[i].cells;
          leading.elements.push_back(e < static_cast<int64_t>(cells.size()) ? cells[static_cast<size_t>(e)].integer
                                                                            : 0);
        }
    }
    return {};
  }

  /// How many units the largest of its operands in registers has; each is filled and emptied by an instruction.
  int64_t units_of(const Proc& spec, const std::vector<Setting>& settings) const {
    int64_t most = 0;
    for (const Param& p : spec.params)
      for (const Setting& sizes : settings) {
        int64_t units = is_control(p) || !is_opaque(target_, p) ? 0 : 1;
        for (size_t d = 0; d + 1 < p.type.shape.size(); ++d) units *= evaluate(p.type.shape[d], sizes).value_or(0);
        most = std::max(most, units);
      }
    return most;
  }

  void add(const Instruction& instruction) {
    const Proc& spec = *instruction.spec;
    Trial trial{&instruction, {}, {}, {}, false, {}};
    leading_.clear();
    trial.exact_only = !instruction.keeps_order || instruction.ulp > 0;
    if (relates_strides(spec, target_)) return add_related(std::move(trial));
    std::vector<Setting> all = settings_of(spec, target_, largest_);
    for (int64_t largest = largest_; units_of(spec, all) > kMostUnits && largest > 1;)
      all = settings_of(spec, target_, largest /= 2);
    if (all.empty()) trial.untried = "no sizes satisfy its assertions";
    all = spread(all, kMostSettings);
    for (const Setting& sizes : all) trial.settings.emplace_back(row_of(spec, sizes)).resize(bench_.controls);
    if (trial.untried.empty()) body_of(trial, all);
    if (trial.untried.empty()) trial.untried = lead(trial, all);
    bench_.trials.push_back(std::move(trial));
  }

  /// One whose operands lie in arrays of a shape for each setting: the extents follow the sizes in its rows.
  void add_related(Trial trial) {
    const Proc& spec = *trial.instruction->spec;
    std::vector<Setting> possible, all;
    std::vector<std::map<Sym, std::vector<int64_t>>> shapes;
    for (const Setting& sizes : settings_of(spec, target_, std::min(largest_, kLargestRelated)))
      if (related_shapes(spec, target_, sizes)) possible.push_back(sizes);
    for (const Setting& sizes : spread(possible, kMostRelated)) {
      const auto here = *related_shapes(spec, target_, sizes);
      const bool small = std::all_of(here.begin(), here.end(),
                                     [](const auto& s) { return elements_of(s.second) <= kLargestElements; });
      if (small) all.push_back(sizes), shapes.push_back(here);
    }
    if (all.empty()) trial.untried = "no sizes satisfy its assertions";
    if (!deciding(spec).empty()) trial.untried = "its indices are elements, and its strides depend on one another";
    related_.clear();
    size_t next = 0;
    for (const Param& p : spec.params) next += is_control(p);
    for (const Param& p : spec.params) {
      if (shapes.empty() || !shapes[0].count(p.name)) continue;
      Related& made = related_[p.name];
      for (size_t d = 0; d < p.type.shape.size(); ++d) made.extents.push_back(var(controls_.at(next++)));
      for (const auto& s : shapes) made.most = std::max(made.most, elements_of(s.at(p.name)));
    }
    for (size_t k = 0; k < all.size(); ++k) {
      std::vector<int64_t>& row = trial.settings.emplace_back(row_of(spec, all[k]));
      for (const Param& p : spec.params)
        if (const auto s = shapes[k].find(p.name); s != shapes[k].end())
          row.insert(row.end(), s->second.begin(), s->second.end());
      row.resize(bench_.controls);
    }
    if (trial.untried.empty()) body_of(trial, all);
    related_.clear();
    bench_.trials.push_back(std::move(trial));
  }

  static bool same_extents(const Exprs& a, const Exprs& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const ExprRef& x, const ExprRef& y) { return equal(x, y); });
  }

  static int64_t elements_of(const std::vector<int64_t>& shape) {
    int64_t n = 1;
    for (const int64_t extent : shape) n *= std::max<int64_t>(extent, 1);
    return n;
  }

  void body_of(Trial& trial, const std::vector<Setting>& settings) {
    const Proc& spec = *trial.instruction->spec;
    Substitution values;
    size_t control = 0;
    for (const Param& p : spec.params)
      if (is_control(p)) {
        const Sym c = controls_.at(control++);
        values[p.name] = p.type.scalar == Scalar::Bool ? ne(var(c), num(0)) : var(c);
      }
    Block before, after;
    Exprs args;
    for (const Param& p : spec.params) {
      if (is_control(p)) {
        args.push_back(values.at(p.name));
        continue;
      }
      std::vector<int64_t> most(p.type.shape.size());
      for (const Setting& c : settings)
        for (size_t d = 0; d < most.size(); ++d) most[d] = std::max(most[d], evaluate(p.type.shape[d], c).value_or(0));
      if (elements_of(most) > kLargestElements && !related_.count(p.name))
        return void(trial.untried = "its operands are too large");
      if (is_opaque(target_, p)) {
        if (!registers(trial, spec, p, most, settings, values, before, after, args)) return;
      } else {
        args.push_back(related_.count(p.name) ? in_related(trial, p, values) : in_memory(trial, spec, p, most, values));
      }
    }
    configure(spec, values, args, before);
    before.push_back(stmt(Call{trial.instruction->spec, std::move(args)}));
    before.insert(before.end(), after.begin(), after.end());
    body_.push_back(stmt(If{eq(var(which_), num(static_cast<int64_t>(bench_.trials.size()))), std::move(before), {}}));
  }

  /// Units of a register file, filled and emptied by the plain moves of the target.
  bool registers(Trial& trial, const Proc& spec, const Param& p, const std::vector<int64_t>& shape,
                 const std::vector<Setting>& settings, const Substitution& values, Block& before, Block& after,
                 Exprs& args) {
    const int64_t lanes = shape.empty() ? 0 : shape.back();
    const Sym reg = Sym::fresh("r_" + p.name.name());
    std::vector<Slice> whole;
    for (size_t d = 0; d < shape.size(); ++d) {
      const ExprRef extent = moves_ == Moves::No ? substitute(p.type.shape[d], values) : num(shape[d]);
      whole.push_back({num(0), extent});
    }
    before.push_back(stmt(Alloc{reg, {p.type.scalar, numbers(shape), false}, p.memory}));
    args.push_back(window(reg, whole));
    if (moves_ == Moves::No) return true;
    const Movers movers = movers_of(target_, p.memory, p.type.scalar, lanes, shape.size(), largest_);
    const Mover &load = movers.load, &store = movers.store;
    if (!load.instruction || !store.instruction) {
      if (only_writes(spec, p, settings.back())) return true;
      if (!written(spec).count(p.name) && shape.size() == 1 && filled(trial, p, lanes, args.back(), before))
        return true;
      trial.untried = fmt::format("no instruction {} {} of {} at once", load.instruction ? "stores" : "loads", lanes,
                                  scalar_name(p.type.scalar));
      return false;
    }
    const std::vector<int64_t>& unit = load.unit;
    std::vector<int64_t> all(shape.begin(), shape.end() - 1);
    all.insert(all.end(), unit.begin(), unit.end());
    const Sym array = operand(trial, p.type.scalar, all, numbers(all));
    const auto of_rank = [](std::vector<Slice> slices, size_t rank) {  // the last points become ranges of one
      for (size_t d = slices.size() - rank; d < slices.size(); ++d)
        if (!slices[d].hi) slices[d].hi = slices[d].lo + num(1);
      return slices;
    };
    each_unit(shape, [&](const std::vector<Slice>& unit_at) {
      std::vector<Slice> there(unit_at.begin(), unit_at.end() - 1);
      for (const int64_t n : unit) there.push_back({num(0), num(n)});
      move(load, window(reg, of_rank(unit_at, load.rank)), window(array, of_rank(there, load.rank)), before);
      move(store, window(array, of_rank(there, store.rank)), window(reg, of_rank(unit_at, store.rank)), after);
    });
    return true;
  }

  /// A unit to which nothing moves, by another instruction that leaves something there.
  bool filled(Trial& trial, const Param& p, int64_t lanes, const ExprRef& unit, Block& before) {
    const auto filler = filler_of(target_, p.memory, p.type.scalar, lanes, largest_);
    if (!filler || filler->instruction == trial.instruction) return false;
    const Proc& spec = *filler->instruction->spec;
    Substitution values;
    for (const auto& [size, value] : filler->sizes) values[size] = num(value);
    Exprs args;
    Block behind;  // what else it leaves nobody looks at
    for (const Param& q : spec.params) {
      std::vector<int64_t> shape;
      for (const ExprRef& e : q.type.shape) shape.push_back(evaluate(e, filler->sizes).value_or(0));
      if (is_control(q))
        args.push_back(values.at(q.name));
      else if (q.name == filler->operand)
        args.push_back(unit);
      else if (!is_opaque(target_, q))
        args.push_back(in_memory(trial, spec, q, shape, values));
      else if (!registers(trial, spec, q, shape, {filler->sizes}, values, before, behind, args))
        return false;
    }
    configure(spec, values, args, before);
    before.push_back(stmt(Call{filler->instruction->spec, std::move(args)}));
    return true;
  }

  /// The call of a mover for one unit, which needs its configuration.
  static void move(const Mover& mover, const ExprRef& dst, const ExprRef& src, Block& out) {
    Exprs args;
    Substitution values;
    size_t tensors = 0;
    for (const Param& p : mover.instruction->spec->params) {
      if (is_control(p)) values[p.name] = num(mover.sizes.at(p.name));
      args.push_back(is_control(p) ? values.at(p.name) : tensors++ == 0 ? dst : src);
    }
    configure(*mover.instruction->spec, values, args, out);
    out.push_back(stmt(Call{mover.instruction->spec, std::move(args)}));
  }

  template <class F>
  static void each_unit(const std::vector<int64_t>& shape, F&& f) {
    int64_t units = 1;
    for (size_t d = 0; d + 1 < shape.size(); ++d) units *= shape[d];
    for (int64_t u = 0; u < units; ++u) {
      std::vector<Slice> at(shape.size());
      int64_t rest = u;
      for (size_t d = shape.size() - 1; d-- > 0; rest /= shape[d]) at[d] = {num(rest % shape[d]), nullptr};
      at.back() = {num(0), num(shape.back())};
      f(at);
    }
  }

  /// The first dimension that must be dense because a stride of one further out is asserted to be a number.
  static size_t first_dense(const Proc& spec, Sym buffer) {
    size_t out = SIZE_MAX;
    for (const ExprRef& e : spec.asserts) {
      const Binary* b = as<Binary>(e);
      const Stride* s = b && b->op == BinaryOp::Eq ? as<Stride>(b->a) : nullptr;
      if (s && s->buffer == buffer && literal(b->b) && *literal(b->b) > 1)
        out = std::min(out, static_cast<size_t>(s->dim) + 1);
    }
    return out;
  }

  static bool lies_apart(const Proc& spec, const Param& p) {
    return !p.type.shape.empty() && p.type.window && !asks_for_neighbours(spec, p.name);
  }

  /// Where the operand lies in an array of these extents: at its beginning or its end, index tensors at the beginning.
  std::vector<Slice> part(const Param& p, const Exprs& extents, const Substitution& values, bool leads = false) const {
    std::vector<Slice> at;
    for (size_t d = 0; d < p.type.shape.size(); ++d) {
      const ExprRef extent = substitute(p.type.shape[d], values);
      const ExprRef begin = leads ? num(0) : var(place_) * (extents[d] - extent);
      at.push_back({begin, begin + extent});
    }
    return at;
  }

  /// A part of an array with one element to spare in each dimension; where neighbours are not asked for, the innermost elements are
  /// three apart.
  ExprRef in_memory(Trial& trial, const Proc& spec, const Param& p, std::vector<int64_t> most,
                    const Substitution& values) {
    const bool apart = lies_apart(spec, p), leads = deciding(spec).count(p.name) > 0;
    std::vector<int64_t> shape = most;
    const size_t dense = first_dense(spec, p.name);
    for (size_t d = 0; d < shape.size() && d < dense; ++d) ++shape[d];
    if (shape.empty()) shape = {2};
    if (apart) shape.push_back(3);
    const Exprs extents = numbers(shape);
    const Sym array = operand(trial, p.type.scalar, shape, extents, leads);
    if (leads) leading_[p.name] = trial.operands.back();
    std::vector<Slice> at = part(p, extents, values, leads);
    if (most.empty()) at.push_back({var(place_), nullptr});
    if (apart) at.push_back({leads ? num(0) : num(2) * var(place_), nullptr});
    return window(array, at);
  }

  /// In an array of a shape of its own.
  ExprRef in_related(Trial& trial, const Param& p, const Substitution& values) {
    const Related& here = related_.at(p.name);
    return window(operand(trial, p.type.scalar, {here.most}, here.extents), part(p, here.extents, values));
  }

  /// Sets the configuration that it asserts, and what it reads besides to something.
  static void configure(const Proc& spec, const Substitution& values, const Exprs& args, Block& before) {
    std::map<Sym, ExprRef> fields;
    const auto note = [&](const ExprRef& e) {
      const Var* v = as<Var>(e);
      const Read* r = as<Read>(e);
      const Sym s = v ? v->sym : r ? r->buffer : Sym{};
      if (s && s.is_field()) fields.emplace(s, nullptr);
    };
    for (const ExprRef& e : spec.asserts) each_expr(e, note);
    each_expr(spec.body, note);
    const auto in_bench = [&](const ExprRef& e) {
      return map_exprs(substitute(e, values), [&](const ExprRef& x) {
        const Stride* s = as<Stride>(x);
        for (size_t k = 0; s && k < spec.params.size(); ++k)
          if (spec.params[k].name == s->buffer)
            if (const Window* w = as<Window>(args[k])) {
              size_t ranges = 0;
              for (size_t d = 0; d < w->slices.size(); ++d)
                if (w->slices[d].hi && static_cast<int64_t>(ranges++) == s->dim)
                  return stride(w->buffer, static_cast<int64_t>(d));
            }
        return x;
      });
    };
    for (const ExprRef& e : spec.asserts) {
      const Binary* b = as<Binary>(e);
      if (!b || b->op != BinaryOp::Eq) continue;
      for (const auto& [field, value] : {std::pair(b->a, b->b), std::pair(b->b, b->a)})
        if (const Var* v = as<Var>(field); v && v->sym.is_field()) fields[v->sym] = in_bench(value);
    }
    for (const ExprRef& e : spec.asserts) {
      const Unary* n = as<Unary>(e);
      if (const Var* v = n && n->op == UnaryOp::Not ? as<Var>(n->a) : nullptr; v && v->sym.is_field())
        fields[v->sym] = truth(false);
    }
    for (const auto& [field, value] : fields) {
      const Scalar type = field.field_type();
      const ExprRef other = type == Scalar::Bool ? truth(true) : is_float(type) ? real(2) : num(1);
      before.push_back(stmt(Configure{field, value ? value : other}));
    }
  }
};

}  // namespace

Bench bench_of(const Target& target, bool own_only, Moves moves) { return BenchMaker(target, moves).run(own_only); }

}  // namespace exo
