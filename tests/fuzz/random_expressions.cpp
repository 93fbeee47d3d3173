#include "fuzz/random_expressions.h"

#include <functional>
#include <map>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/path.h"
#include "ir/print.h"
#include "ir/walk.h"

namespace exo::testing {
namespace {

/// A statement with a name that means it alone.
struct Place {
  std::string name;
  StmtRef stmt;
};

ExprRef right_side(const StmtRef& s) {
  if (const Assign* a = as<Assign>(s)) return a->rhs;
  if (const Reduce* r = as<Reduce>(s)) return r->rhs;
  return nullptr;
}
Sym target(const StmtRef& s) {
  if (const Assign* a = as<Assign>(s)) return a->buffer;
  if (const Reduce* r = as<Reduce>(s)) return r->buffer;
  return {};
}

bool is_sum(const ExprRef& e) {
  const Binary* b = as<Binary>(e);
  return b && (b->op == BinaryOp::Add || b->op == BinaryOp::Sub);
}
bool is_product(const ExprRef& e) {
  const Binary* b = as<Binary>(e);
  return b && b->op == BinaryOp::Mul;
}
bool is_extremum(const ExprRef& e) {
  const Builtin* b = as<Builtin>(e);
  return b && (b->name == "max" || b->name == "min");
}

/// What the verb is about, roughly.
bool fits(const std::string& verb, const ExprRef& e) {
  const auto either = [&](const std::function<bool(const ExprRef&)>& wanted) {
    const Binary* b = as<Binary>(e);
    return b && (wanted(b->a) || wanted(b->b));
  };
  if (verb == "commute") return is_sum(e) || is_product(e) || is_extremum(e);
  if (verb == "reassociate") return (is_sum(e) && either(is_sum)) || (is_product(e) && either(is_product)) || is_extremum(e);
  if (verb == "distribute") return is_product(e) && either(is_sum);
  return true;
}

class Chooser {
 public:
  Chooser(Random& random, const Proc& proc) : r_(random), proc_(proc) {
    std::map<std::string, int> loops, others;
    each_stmt(proc.body, [&](const StmtRef& s) {
      if (as<For>(s)) loops_.push_back({fmt::format("{}#{}", s->label.name, loops[s->label.name]++), s});
      else if (!as<Alloc>(s)) places_.push_back({fmt::format("{}#{}", s->label.name, others[s->label.name]++), s});
      if (const Alloc* a = as<Alloc>(s)) locals_.insert(a->buffer);
    });
  }

  std::string step(const std::string& verb) {
    if (verb == "commute" || verb == "reassociate" || verb == "distribute") return part(verb);
    if (verb == "rewrite_expr") return rewrite();
    if (verb == "split_write") return one(verb, [](const StmtRef& s) { return right_side(s) && (is_sum(right_side(s)) || is_extremum(right_side(s))); });
    if (verb == "fold_into_reduce") return one(verb, [](const StmtRef& s) { return as<Assign>(s) && mentions(right_side(s), target(s)); });
    if (verb == "inline_assign") return one(verb, [&](const StmtRef& s) { return as<Assign>(s) && (locals_.count(target(s)) || r_.chance(10)); });
    if (verb == "lift_constant") {
      const std::set<const Stmt*> sums = sums_from_a_start();
      return one(verb, [&](const StmtRef& s) { return sums.empty() ? as<Reduce>(s) && is_product(right_side(s)) : sums.count(s.get()) > 0; });
    }
    if (verb == "merge_writes") return merge();
    if (verb == "tile_recompute") return tile();
    if (verb == "lift_if") return one(verb, [](const StmtRef& s) { return as<If>(s) != nullptr; }, r_.chance(25) ? ", levels = 2" : "");
    if (verb == "lift_scope" && r_.chance(40)) return fmt::format("{{ lift_scope = \"{}\" }}", loop());
    if (verb == "lift_scope") return one(verb, [](const StmtRef& s) { return as<If>(s) != nullptr; });
    if (verb == "interleave" || verb == "unroll_and_jam") return fmt::format("{{ {} = \"{}\", by = {}{} }}", verb, loop(), r_.of({"2", "2", "3", "4", "1"}), r_.chance(20) ? ", tail = \"exact\"" : "");
    return {};
  }

 private:
  Random& r_;
  const Proc& proc_;
  std::vector<Place> places_, loops_;
  std::set<Sym> locals_;

  /// Updates that are all that a loop does, behind an assignment of the same buffer.
  std::set<const Stmt*> sums_from_a_start() const {
    std::set<const Stmt*> out;
    const auto block = [&](const Block& b) {
      for (size_t k = 0; k + 1 < b.size(); ++k) {
        const For* f = as<For>(b[k + 1]);
        if (as<Assign>(b[k]) && f && f->body.size() == 1 && as<Reduce>(f->body[0]) && is_product(right_side(f->body[0]))) out.insert(f->body[0].get());
      }
    };
    block(proc_.body);
    each_stmt(proc_.body, [&](const StmtRef& s) {
      if (const For* f = as<For>(s)) block(f->body);
    });
    return out;
  }

  std::string loop() { return loops_.empty() || r_.chance(2) ? "nobody" : r_.of(loops_).name; }

  std::string one(const std::string& verb, const std::function<bool(const StmtRef&)>& wanted, const std::string& more = "") {
    std::vector<std::string> out, any;
    for (const Place& p : places_) (wanted(p.stmt) ? out : any).push_back(p.name);
    const auto& from = out.empty() || (!any.empty() && r_.chance(8)) ? any : out;
    return fmt::format("{{ {} = \"{}\"{} }}", verb, from.empty() ? "nobody" : r_.of(from), more);
  }

  std::string part(const std::string& verb) {
    std::vector<std::pair<std::string, std::string>> good, any;
    for (const Place& p : places_)
      if (const ExprRef rhs = right_side(p.stmt))
        each_expr(rhs, [&](const ExprRef& e) { (fits(verb, e) ? good : any).emplace_back(print(e), p.name); });
    const auto& from = good.empty() || (!any.empty() && r_.chance(8)) ? any : good;
    if (from.empty()) return fmt::format("{{ {} = \"1\", in = \"nobody\" }}", verb);
    const auto& [what, in] = r_.of(from);
    return fmt::format("{{ {} = \"{}\", in = \"{}\" }}", verb, what, in);
  }

  /// The same in other words, or something near it.
  std::string other(const ExprRef& e) {
    const std::string text = "(" + print(e) + ")";
    if (const Binary* b = as<Binary>(e); b && b->op <= BinaryOp::Mul && r_.chance(60)) {
      const std::string x = "(" + print(b->a) + ")", y = "(" + print(b->b) + ")";
      if (b->op == BinaryOp::Sub) return r_.chance(80) ? fmt::format("-{} + {}", y, x) : fmt::format("{} - {}", y, x);
      return fmt::format("{} {} {}", y, b->op == BinaryOp::Add || r_.chance(10) ? "+" : "*", x);
    }
    switch (r_.between(0, 7)) {
      case 0: return text;
      case 1: return text + " + 1 - 1";
      case 2: return fmt::format("2*{}/2", text);
      case 3: return fmt::format("4*({0}/4) + {0} % 4", text);
      case 4: return text + " + 1";
      case 5: return fmt::format("({0} + 1)/2 + {0}/2", text);
      case 6: return fmt::format("max({}, 0)", text);
      default: return fmt::format("-(-{})", text);
    }
  }
  std::string rewrite() {
    std::vector<std::pair<ExprRef, std::string>> out;
    const auto collect = [&](const Place& p) {
      each_child(p.stmt, [&](const ExprRef& e) { each_expr(e, [&](const ExprRef& x) { if (!as<Window>(x)) out.emplace_back(x, p.name); }); }, [](const Block&) {});
    };
    for (const Place& p : places_) collect(p);
    for (const Place& p : loops_) collect(p);
    if (out.empty()) return "{ rewrite_expr = \"1\", in = \"nobody\", to = \"1\" }";
    const auto& [what, in] = r_.of(out);
    return fmt::format("{{ rewrite_expr = \"{}\", in = \"{}\", to = \"{}\" }}", print(what), in, other(what));
  }

  std::string merge() {
    std::vector<std::pair<std::string, std::string>> good, any;
    const auto name_of = [&](const StmtRef& s) {
      for (const Place& p : places_)
        if (p.stmt == s) return p.name;
      return std::string("nobody");
    };
    const auto block = [&](const Block& b) {
      for (size_t k = 0; k + 1 < b.size(); ++k)
        if (right_side(b[k]) && right_side(b[k + 1])) (target(b[k]) == target(b[k + 1]) ? good : any).emplace_back(name_of(b[k]), name_of(b[k + 1]));
    };
    block(proc_.body);
    each_stmt(proc_.body, [&](const StmtRef& s) {
      if (const For* f = as<For>(s)) block(f->body);
      if (const If* f = as<If>(s)) block(f->body), block(f->orelse);
    });
    const auto& from = good.empty() ? any : good;
    if (from.empty()) return "{ merge_writes = [\"nobody\", \"nobody\"] }";
    const auto& [a, b] = r_.of(from);
    return fmt::format("{{ merge_writes = [\"{}\", \"{}\"] }}", a, b);
  }

  std::string tile() {
    if (loops_.empty()) return "{ tile_recompute = \"nobody\", by = 2, count = \"1\" }";
    const Place& p = r_.of(loops_);
    const For& f = *as<For>(p.stmt);
    const int64_t by = r_.between(1, 5);
    const std::string n = fmt::format("({} - ({}))", print(f.hi), print(f.lo));
    const std::string count = r_.of(std::vector<std::string>{fmt::format("{}/{}", n, by), fmt::format("max(1, {}/{})", n, by), fmt::format("max(1, {}/{})", n, by), fmt::format("({} + {})/{}", n, by - 1, by), "1", "2",
                                                             fmt::format("max(1, {}/{})", print(f.hi), by)});
    return fmt::format("{{ tile_recompute = \"{}\", by = {}, count = \"{}\"{} }}", p.name, by, count, r_.chance(20) ? ", as = [\"to\", \"ti\"]" : "");
  }
};

}  // namespace

std::string expression_step(Random& random, const std::string& verb, const Proc& proc) { return Chooser(random, proc).step(verb); }

std::vector<std::string> expression_verbs(const Proc& proc) {
  std::vector<std::string> out;
  const auto add = [&](const char* verb, int times) { out.insert(out.end(), static_cast<size_t>(times), verb); };
  std::set<Sym> locals;
  bool sum = false, product = false, self = false, constant = false, pair = false, stored = false, branch = false;
  const auto block = [&](const Block& b) {
    for (size_t k = 0; k + 1 < b.size(); ++k) {
      pair = pair || (target(b[k]) && target(b[k]) == target(b[k + 1]));
      const For* f = as<For>(b[k + 1]);
      constant = constant || (as<Assign>(b[k]) && f && f->body.size() == 1 && target(f->body[0]) == target(b[k]));
    }
  };
  block(proc.body);
  each_stmt(proc.body, [&](const StmtRef& s) {
    if (const Alloc* a = as<Alloc>(s)) locals.insert(a->buffer);
    if (const For* f = as<For>(s)) block(f->body);
    branch = branch || as<If>(s);
    const ExprRef rhs = right_side(s);
    if (!rhs) return;
    sum = sum || is_sum(rhs) || is_extremum(rhs);
    each_expr(rhs, [&](const ExprRef& e) { product = product || fits("distribute", e) || fits("reassociate", e); });
    if (as<Assign>(s)) self = self || mentions(rhs, target(s)), stored = stored || locals.count(target(s));
  });
  if (sum) add("split_write", 2), add("commute", 1), add("rewrite_expr", 1);
  if (product) add("distribute", 2), add("reassociate", 2);
  if (self) add("fold_into_reduce", 3);
  if (constant) add("lift_constant", 4);
  if (pair) add("merge_writes", 4);
  if (stored) add("inline_assign", 3);
  if (branch) add("lift_if", 1), add("lift_scope", 1);
  return out;
}

}  // namespace exo::testing
