#include "fuzz/random_steps.h"

#include <map>

#include <fmt/format.h>

#include "fuzz/random_expressions.h"
#include "ir/build.h"
#include "ir/check.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo::testing {
namespace {

class Chooser {
 public:
  Chooser(Random& random, const Proc& proc, const Target& target) : r_(random), proc_(proc), target_(target) {
    for (const Path& p : find(proc, [](const StmtRef&) { return true; })) {
      const StmtRef& s = stmt_at(proc, p);
      if (const For* loop = as<For>(s)) loops_.push_back(s->label.name), nodes_.push_back(loop);
      else stmts_.push_back(s->label.name);
      if (as<Alloc>(s)) locals_.push_back(as<Alloc>(s)->buffer.name()), stmts_.pop_back();
    }
    for (const Param& param : proc.params) (is_data(param.type.scalar) ? buffers_ : sizes_).push_back(param.name.name());
    buffers_.insert(buffers_.end(), locals_.begin(), locals_.end());
  }

  std::string step(const std::string& verb) {
    if (verb == "split") return split();
    if (verb == "reorder") return reorder();
    if (verb == "nest") return nest();
    if (verb == "fission") return fission();
    if (verb == "unroll") return fmt::format("{{ unroll = {}{} }}", quoted(loop()), r_.chance(10) ? ", max = 3" : "");
    if (verb == "round_up") return round_up();
    if (verb == "stage") return stage();
    if (verb == "vectorize") return vectorize();
    if (verb == "map") return map();
    if (verb == "bind") return bind();
    if (verb == "compute_at") return compute_at();
    if (verb == "spread") return spread();
    if (verb == "inline_stage") return fmt::format("{{ inline_stage = {} }}", quoted(local()));
    if (verb == "inline_window") return fmt::format("{{ inline_window = {} }}", quoted(part()));
    if (verb == "prefetch") return fmt::format("{{ prefetch = {}, at = {}, ahead = {} }}", quoted(buffer()), quoted(loop()), r_.between(0, 3));
    if (verb == "extract") return fmt::format("{{ extract = {}, as = {} }}", quoted(r_.chance(75) ? loop() : stmt()), quoted(r_.of({"pr", "pr", "pr", "ps", "x", "if"})));
    if (verb == "inline") return fmt::format("{{ inline = {} }}", quoted(callee()));
    if (verb == "call_eqv") return fmt::format("{{ call_eqv = {}, to = {} }}", quoted(callee()), quoted(r_.of({"pr", "pr_a", "pr_a", "pr_a", "pr_i", "pr_j", "pr_1", "ps"})));
    if (verb == "transpose") return fmt::format("{{ transpose = {} }}", quoted(plane()));
    if (verb == "partial_eval")
      return fmt::format("{{ partial_eval = \"proc\", with = {{ {} = {} }} }}", sizes_.empty() ? "n" : r_.of(sizes_), r_.of({"0", "1", "3", "4", "8", "-1"}));
    if (verb == "add_assertion") return fmt::format("{{ add_assertion = \"proc\", that = {} }}", quoted(r_.chance(70) && !sizes_.empty() ? fmt::format("{} {} {}", r_.of(sizes_), r_.of({"<=", ">=", "% 2 =="}), r_.of({"0", "4", "1"})) : condition()));
    if (verb == "make_instr") return fmt::format("{{ make_instr = \"proc\", c = \"f({{{}}});\" }}", r_.chance(80) && !sizes_.empty() ? r_.of(sizes_) : buffer());
    if (verb == "rename") return fmt::format("{{ rename = \"proc\", to = {} }}", quoted(r_.of({"f", "g", "for"})));
    if (verb == "parallel") return fmt::format("{{ parallel = {} }}", quoted(loop()));
    if (verb == "expand_dim") return fmt::format("{{ expand_dim = {}, extent = {}, index = {} }}", quoted(local()), expression(), expression());
    if (verb == "divide_dim") return fmt::format("{{ divide_dim = {}, dim = {}, by = {} }}", quoted(local()), r_.between(0, 1), r_.of({"2", "4", "8", "3", "0"}));
    if (verb == "lift_alloc") return fmt::format("{{ lift_alloc = {}{} }}", quoted(local()), r_.chance(20) ? ", levels = 2" : "");
    if (verb == "set_memory")
      return fmt::format("{{ set_memory = {}, to = {} }}", quoted(r_.chance(90) ? local() : buffer()), quoted(r_.of({"stack", "heap", "vector", "ymm", "moon"})));
    if (verb == "expand_reduce") return fmt::format("{{ expand_reduce = {}{} }}", quoted(stmt()), r_.chance(50) ? ", as = \"t\"" : "");
    if (verb == "drop_guard") return fmt::format("{{ {} = {} }}", verb, quoted(stmt()));
    if (const std::string step = expression_step(r_, verb, proc_); !step.empty()) return step;
    if (verb == "set_window") return fmt::format("{{ set_window = {}, to = {} }}", quoted(buffer()), r_.chance(70) ? "true" : "false");
    if (verb == "set_precision") return fmt::format("{{ set_precision = {}, to = {} }}", quoted(r_.chance(90) ? local() : buffer()), quoted(r_.of({"f64", "f64", "f32", "i32"})));
    if (const std::string config = configuration(verb); !config.empty()) return config;
    if (const std::string scope = scopes(verb); !scope.empty()) return scope;
    if (const std::string shape = shapes(verb); !shape.empty()) return shape;
    return fmt::format("{{ {} = {} }}", verb, quoted(r_.chance(50) ? loop() : stmt()));   // a verb that this test does not know yet
  }

 private:
  Random& r_;
  const Proc& proc_;
  const Target& target_;
  std::vector<std::string> loops_, stmts_, locals_, buffers_, sizes_;
  std::vector<const For*> nodes_;

  static std::string quoted(const std::string& s) { return "\"" + s + "\""; }

  /// A name from the list, numbered where it stands there more than once.
  std::string pick(const std::vector<std::string>& names, const std::string& wanted = "") {
    std::vector<std::string> out;
    std::map<std::string, int> seen;
    for (const std::string& n : names) {
      const bool twice = std::count(names.begin(), names.end(), n) > 1;
      const int number = seen[n]++;
      if (!wanted.empty() && n != wanted) continue;
      out.push_back(twice && !r_.chance(3) ? fmt::format("{}#{}", n, number) : n);
    }
    return out.empty() || r_.chance(1) ? "nobody" : r_.of(out);
  }
  std::string loop() { return pick(loops_); }
  std::string stmt(const std::string& wanted = "") { return pick(stmts_, r_.chance(85) ? wanted : ""); }
  std::string local() { return locals_.empty() || r_.chance(3) ? pick(buffers_) : pick(locals_); }
  std::string buffer() { return pick(buffers_); }
  /// A name of a part of a buffer.
  std::string part() {
    std::vector<std::string> names;
    each_stmt(proc_.body, [&](const StmtRef& s) {
      if (const Alias* a = as<Alias>(s)) names.push_back(a->name.name());
    });
    return names.empty() ? buffer() : r_.of(names);
  }

  /// Steps of configuration.
  std::string configuration(const std::string& verb) {
    const std::string field = r_.of({"ld.stride", "ex.scale", "ex.act", "ex.n"});
    std::map<std::string, int> seen;
    std::vector<std::string> set;
    std::vector<std::pair<std::string, std::string>> parts;  // an expression, and the statement
    each_stmt(proc_.body, [&](const StmtRef& s) {
      if (const Configure* n = as<Configure>(s)) set.push_back(fmt::format("{}#{}", n->field.name(), seen[n->field.name()]++));
      if (as<For>(s) || as<Alloc>(s)) return;
      const std::string name = name_of(s);
      if (!name.empty())
        each_child(s, [&](const ExprRef& e) { each_expr(e, [&](const ExprRef& x) { parts.emplace_back(print(x), name); }); }, [](const Block&) {});
    });
    if (verb == "delete_config") return fmt::format("{{ delete_config = {} }}", quoted(set.empty() || r_.chance(10) ? field : r_.of(set)));
    if (verb == "hoist_config")
      return fmt::format("{{ hoist_config = {}, to = {}, drop_repeats = {} }}", quoted(r_.of({"*", "*", "ex.*", "ld.*", "ex.scale"})), quoted(r_.chance(80) ? "outermost" : loop()), r_.chance(60) ? "true" : "false");
    if (verb == "write_config") {
      const std::string value = field == "ex.scale" ? r_.of({"2.0", "s", "3.0"}) : field == "ex.act" ? r_.of({"flag", "n > 2"}) : r_.of({"4", "n", "m + 4", "stride(A, 0)"});
      return fmt::format("{{ write_config = {}, value = {}, before = {} }}", quoted(field), quoted(value), quoted(r_.chance(60) ? loop() : stmt()));
    }
    if (verb != "bind_config") return {};
    if (parts.empty()) return "{ bind_config = \"n\", in = \"y\", to = \"ex.n\" }";
    const auto& [what, in] = r_.of(parts);
    return fmt::format("{{ bind_config = {}, in = {}, to = {} }}", quoted(what), quoted(in), quoted(field));
  }

  /// A buffer of two dimensions, rather one that is allocated.
  std::string plane() {
    std::vector<std::string> names;
    for (const auto& [sym, d] : declarations(proc_))
      if (d.type.shape.size() == 2 && !d.alias && (!d.is_param || r_.chance(30))) names.push_back(sym.name());
    return names.empty() ? local() : r_.of(names);
  }

  /// A procedure that is called, with the number of a call.
  std::string callee() {
    std::vector<std::string> names;
    each_stmt(proc_.body, [&](const StmtRef& s) {
      if (const Call* call = as<Call>(s)) names.push_back(call->callee->name);
    });
    return pick(names);
  }

  std::string number() { return r_.of({"1", "2", "2", "3", "4", "4", "4", "5", "8", "8"}); }

  /// An expression over what the program has, or nonsense.
  std::string expression() {
    if (r_.chance(45)) return number();
    const std::string n = sizes_.empty() ? "1" : r_.of(sizes_), i = loops_.empty() ? n : r_.of(loops_);
    switch (r_.between(0, 11)) {
      case 0: return quoted(n);
      case 1: return quoted(i);
      case 2: return quoted(i + " % 4");
      case 3: return quoted(fmt::format("{} + {}", n, number()));
      case 4: return quoted(fmt::format("4*(({} + 3)/4)", n));
      case 5: return quoted(fmt::format("min({}, {})", n, number()));
      case 6: return quoted(fmt::format("{} - {}", i, number()));
      case 7: return quoted(fmt::format("{} - 1", n));
      case 8: return quoted(r_.of({"n < 3", "True", "x", "n / 0", "n * m", "n / m", "", "(", "1.5", "stride(x, 0)", "x[0]", "nobody", "-1", "2147483648"}));
      default: return quoted(fmt::format("{}", r_.of({"8", "16", "n", "N", "8*n", "i", "0"})));
    }
  }

  /// At a loop of what reads a local buffer; stored at one around it.
  std::string compute_at() {
    const std::string buffer = local();
    std::vector<std::vector<size_t>> around;   // the loops around each statement that reads it, by number
    for (const Path& p : find(proc_, [](const StmtRef& s) { return as<Assign>(s) || as<Reduce>(s); })) {
      const StmtRef& s = stmt_at(proc_, p);
      bool reads = false;
      each_expr(as<Assign>(s) ? as<Assign>(s)->rhs : as<Reduce>(s)->rhs, [&](const ExprRef& e) { reads = reads || (as<Read>(e) && as<Read>(e)->buffer.name() == buffer); });
      if (!reads) continue;
      std::vector<size_t>& loops = around.emplace_back();
      for (const Path& l : loops_around(proc_, p))
        for (size_t k = 0; k < nodes_.size(); ++k)
          if (as<For>(stmt_at(proc_, l)) == nodes_[k]) loops.push_back(k);
      if (loops.empty()) around.pop_back();
    }
    if (around.empty()) return fmt::format("{{ compute_at = {}, loop = {} }}", quoted(buffer), quoted(loop()));
    const std::vector<size_t>& loops = r_.of(around);
    const size_t inner = static_cast<size_t>(r_.between(0, static_cast<int64_t>(loops.size()) - 1)), outer = static_cast<size_t>(r_.between(0, static_cast<int64_t>(inner)));
    std::string out = fmt::format("{{ compute_at = {}, loop = {}", quoted(buffer), quoted(numbered(loops[inner])));
    if (outer < inner || r_.chance(10)) out += fmt::format(", store = {}", quoted(numbered(loops[outer])));
    if (outer < inner ? r_.chance(75) : r_.chance(3)) out += ", slide = true";
    if (r_.chance(35)) out += fmt::format(", fold = {{ {} = {} }}", r_.of({"d0", "d0", "d1", "i", "j"}), r_.of({"1", "2", "3", "4", "8"}));
    return out + " }";
  }

  /// A reduction, and two loops around it.
  std::string spread() {
    std::vector<std::string> out;
    for (const Path& p : find(proc_, [](const StmtRef& s) { return as<Reduce>(s) != nullptr; })) {
      const std::string name = name_of(stmt_at(proc_, p));
      std::vector<std::string> loops;
      for (const Path& l : loops_around(proc_, p)) loops.push_back(name_of(stmt_at(proc_, l)));
      for (size_t over = 0; over < loops.size(); ++over)
        for (size_t at = 0; at <= over; ++at) out.push_back(fmt::format("{{ spread = {}, over = {}, at = {}, as = \"part\" }}", quoted(name), quoted(loops[over]), quoted(loops[at])));
    }
    return out.empty() ? fmt::format("{{ spread = {}, over = {}, as = \"part\" }}", quoted(stmt()), quoted(loop())) : r_.of(out);
  }

  /// Loops and scopes.
  std::string scopes(const std::string& verb) {
    if (verb == "cut") return fmt::format("{{ cut = {}, at = {} }}", quoted(loop()), r_.chance(60) ? middle() : expression());
    if (verb == "shift") return fmt::format("{{ shift = {}, to = {} }}", quoted(loop()), r_.chance(40) ? "0" : expression());
    if (verb == "reverse") return fmt::format("{{ reverse = {} }}", quoted(loop()));
    if (verb == "remove_loop") {
      std::vector<std::string> free;
      for (size_t k = 0; k < nodes_.size(); ++k)
        if (!mentions(nodes_[k]->body, nodes_[k]->iter)) free.push_back(numbered(k));
      return fmt::format("{{ remove_loop = {} }}", quoted(free.empty() || r_.chance(10) ? loop() : r_.of(free)));
    }
    if (verb == "skew" || verb == "fuse_nest") {
      const auto [outer, inner] = nested(verb == "fuse_nest");
      if (verb == "skew") return fmt::format("{{ skew = {}, of = {}, by = {} }}", quoted(outer), quoted(inner), r_.between(-2, 3));
      return fmt::format("{{ fuse_nest = [{}, {}], as = {} }}", quoted(outer), quoted(inner), quoted(r_.of({"ij", "f"})));
    }
    if (verb == "join" || verb == "fuse" || verb == "reorder_stmts") {
      const auto [first, second] = neighbours(verb);
      return fmt::format("{{ {} = [{}, {}] }}", verb, quoted(first), quoted(second));
    }
    if (verb == "guard") return fmt::format("{{ guard = {}, by = {} }}", quoted(r_.chance(50) ? loop() : stmt()), quoted(condition()));
    if (verb == "specialize") return fmt::format("{{ specialize = {}, cases = [{}] }}", quoted(r_.chance(70) ? loop() : stmt()), quoted(condition()));
    if (verb == "drop_dead") return fmt::format("{{ drop_dead = {} }}", quoted(r_.chance(60) ? stmt("if") : loop()));
    if (verb == "add_loop")
      return fmt::format("{{ add_loop = {}, as = \"r\", extent = {}{} }}", quoted(r_.chance(30) ? loop() : stmt()), r_.chance(85) ? number() : expression(), r_.chance(30) ? ", guarded = true" : "");
    return {};
  }
  /// The shape of buffers, and where they live.
  std::string shapes(const std::string& verb) {
    if (verb == "resize_dim") {
      const bool fold = r_.chance(60);
      return fmt::format("{{ resize_dim = {}, dim = {}, extent = {}{}{} }}", quoted(local()), r_.chance(85) ? 0 : 1, fold && r_.chance(95) ? r_.of({"1", "2", "3", "4", "5", "8"}) : expression(),
                         r_.chance(20) ? ", offset = " + expression() : "", fold ? ", fold = true" : "");
    }
    if (verb == "rearrange_dim") return fmt::format("{{ rearrange_dim = {}, order = {} }}", quoted(local()), r_.of({"[1, 0]", "[1, 0]", "[0]", "[0, 2, 1]", "[2, 0, 1]", "[0, 0]"}));
    if (verb == "mult_dim") return fmt::format("{{ mult_dim = {}, dims = {} }}", quoted(plane()), r_.of({"[0, 1]", "[0, 1]", "[1, 0]", "[0, 2]", "[1, 1]"}));
    if (verb == "unroll_buffer") return fmt::format("{{ unroll_buffer = {}, dim = {} }}", quoted(r_.chance(70) ? plane() : local()), r_.chance(80) ? 0 : 1);
    if (verb == "relayout")
      return fmt::format("{{ relayout = {}, layout = {} }}", quoted(local()), quoted(r_.of({"(a) -> (a/4, a%4)", "(a) -> (a%3, a/3)", "(a, b) -> (b, a)", "(a, b) -> (b/2, a, b%2)", "(a) -> (7 - a)", "(a) -> (a/2)", "(a) -> (a + 1)", "(a) -> (2*a)",
                                                                                           "(a) -> (a%4)", "(a, b) -> (3*a + b)", "(a, b) -> (a, b%2)", "(a) -> (a - 1)"})));
    if (verb == "sink_alloc" || verb == "delete_buffer") return fmt::format("{{ {} = {} }}", verb, quoted(local()));
    if (verb == "reuse_buffer") {
      const std::string kept = local(), gone = local();
      return fmt::format("{{ reuse_buffer = {}, in_place_of = {} }}", quoted(kept), quoted(gone == kept ? local() : gone));
    }
    if (verb == "hoist") return hoist();
    if (verb == "cse") return fmt::format("{{ cse = {}{} }}", quoted(stmt()), r_.chance(20) ? ", as = \"e\"" : "");
    if (verb == "simplify") return fmt::format("{{ simplify = {} }}", quoted(r_.chance(40) ? "proc" : loop()));
    return {};
  }
  /// Somewhere in a range, perhaps.
  std::string middle() {
    if (nodes_.empty()) return number();
    const For* f = r_.of(nodes_);
    return quoted(r_.of(std::vector<std::string>{print(f->lo), print(f->hi), fmt::format("({} + {})/2", print(f->lo), print(f->hi)), fmt::format("min({}, {} + {})", print(f->hi), print(f->lo), number()),
                                                 fmt::format("max({}, {} - {})", print(f->lo), print(f->hi), number())}));
  }
  std::string condition() {
    const std::string n = sizes_.empty() ? "1" : r_.of(sizes_), i = loops_.empty() ? n : r_.of(loops_);
    if (!nodes_.empty() && r_.chance(40)) {   // true inside of the loop
      const For* f = r_.of(nodes_);
      return fmt::format("{} {} {}", f->iter.name(), r_.of({"<", "<="}), print(f->hi));
    }
    return r_.of(std::vector<std::string>{fmt::format("{} == {}", n, number()), fmt::format("{} < {}", i, n), fmt::format("{} >= 0", n), fmt::format("{} % 2 == 0", i), fmt::format("{} <= {}", i, number()),
                                          fmt::format("{} >= 0 and {} >= 0", i, n), "True", "n + 1", "x[0] < 1.0"});
  }
  std::pair<std::string, std::string> nested(bool constant) {
    for (int attempt = 0; attempt < 12 && !nodes_.empty(); ++attempt) {
      const size_t at = static_cast<size_t>(r_.between(0, static_cast<int64_t>(nodes_.size()) - 1));
      for (size_t k = 0; k < nodes_.size(); ++k)
        if (nodes_[at]->body.size() == 1 && nodes_[k] == as<For>(nodes_[at]->body[0]))
          if (!constant || attempt > 8 || literal(nodes_[k]->hi)) return {numbered(at), numbered(k)};
    }
    return {loop(), loop()};
  }
  /// A name that means the statement or loop alone, nothing where it has none.
  std::string name_of(const StmtRef& s) const {
    const bool is_loop = as<For>(s);
    const auto found = is_loop ? find_loops(proc_, s->label.name) : find_stmts(proc_, s->label.name);
    for (size_t k = 0; k < found.size(); ++k)
      if (stmt_at(proc_, found[k]) == s) return found.size() == 1 ? s->label.name : fmt::format("{}#{}", s->label.name, k);
    return {};
  }
  std::pair<std::string, std::string> neighbours(const std::string& verb) {
    std::vector<std::pair<std::string, std::string>> out;
    const auto block = [&](const Block& b) {
      for (size_t k = 0; k + 1 < b.size(); ++k) {
        const bool scopes = (as<For>(b[k]) && as<For>(b[k + 1])) || (as<If>(b[k]) && as<If>(b[k + 1]));
        const For *first = as<For>(b[k]), *second = as<For>(b[k + 1]);
        const bool meet = first && second && print(first->hi) == print(second->lo);
        if (verb == "join" ? meet || (scopes && r_.chance(30)) : scopes || verb == "reorder_stmts") out.emplace_back(name_of(b[k]), name_of(b[k + 1]));
      }
    };
    block(proc_.body);
    each_stmt(proc_.body, [&](const StmtRef& s) {
      if (const For* f = as<For>(s)) block(f->body);
      if (const If* f = as<If>(s)) block(f->body), block(f->orelse);
    });
    return out.empty() ? std::pair{loop(), loop()} : r_.of(out);
  }

  std::string split() {
    const std::string tail = r_.chance(90) ? fmt::format(", tail = {}", quoted(r_.of({"clamp", "cut", "cut_guard", "guard", "exact", "overlap"}))) : "";
    const std::string rest = r_.chance(30) ? ", " + quoted(r_.of({"i", "ir"})) : "";
    const std::string as = r_.chance(30) ? fmt::format(", as = [{}, {}{}]", quoted(r_.of({"io", "jo", "i", "n"})), quoted(r_.of({"ii", "ji", "i", "k"})), rest) : "";
    return fmt::format("{{ split = {}, by = {}{}{} }}", quoted(loop()), r_.chance(97) ? number() : "0", tail, as);
  }

  std::string reorder() {
    for (int attempt = 0; attempt < 4 && !nodes_.empty(); ++attempt) {
      const size_t at = static_cast<size_t>(r_.between(0, static_cast<int64_t>(nodes_.size()) - 1));
      const For* inner = nodes_[at]->body.size() == 1 ? as<For>(nodes_[at]->body[0]) : nullptr;
      if (!inner) continue;
      for (size_t k = 0; k < nodes_.size(); ++k)
        if (nodes_[k] == inner) return fmt::format("{{ reorder = [{}, {}] }}", quoted(numbered(k)), quoted(numbered(at)));
    }
    return fmt::format("{{ reorder = [{}, {}] }}", quoted(loop()), quoted(loop()));
  }
  std::string numbered(size_t k) {
    const auto same = std::count(loops_.begin(), loops_.end(), loops_[k]);
    return same == 1 ? loops_[k] : fmt::format("{}#{}", loops_[k], std::count(loops_.begin(), loops_.begin() + static_cast<std::ptrdiff_t>(k), loops_[k]));
  }

  std::string nest() {
    const std::string s = stmt();
    std::vector<std::string> around;
    const auto places = find_stmts(proc_, s);
    if (!places.empty())
      for (const Path& p : loops_around(proc_, places[0])) around.push_back(stmt_at(proc_, p)->label.name);
    std::vector<std::string> order;
    for (const std::string& name : around) {
      if (r_.chance(50)) order.insert(order.begin() + r_.between(0, static_cast<int64_t>(order.size())), quoted(fmt::format("{}b: {}/{}{}", name, name, number(), r_.chance(5) ? " parallel" : "")));
      if (r_.chance(90)) order.insert(order.begin() + r_.between(0, static_cast<int64_t>(order.size())), quoted(name));
    }
    return fmt::format("{{ nest = {}, order = [{}]{} }}", quoted(s), join(order, ", "), r_.chance(15) ? ", tail = \"exact\"" : "");
  }

  std::string fission() {
    if (r_.chance(15)) return fmt::format("{{ fission = \"if#{}\", after = {} }}", r_.between(0, 1), quoted(stmt()));
    for (int attempt = 0; attempt < 4; ++attempt) {
      const std::string after = stmt();
      const auto places = find_stmts(proc_, after);
      if (places.size() != 1) continue;
      const auto around = loops_around(proc_, places[0]);
      if (around.empty()) continue;
      for (size_t k = 0; k < nodes_.size(); ++k)
        if (nodes_[k] == as<For>(stmt_at(proc_, r_.of(around))))
          return fmt::format("{{ fission = {}, after = {}{} }}", quoted(numbered(k)), quoted(after), r_.chance(15) ? ", levels = 2" : "");
    }
    return fmt::format("{{ fission = {}, after = {} }}", quoted(loop()), quoted(stmt()));
  }

  /// A statement out of one of the loops around it.
  std::string hoist() {
    const std::string what = r_.chance(80) ? stmt() : loop();
    auto places = find_stmts(proc_, what);
    if (places.empty()) places = find_loops(proc_, what);
    const auto around = places.empty() ? std::vector<Path>{} : loops_around(proc_, places[0]);
    const For* out_of = around.empty() ? nullptr : as<For>(stmt_at(proc_, r_.of(around)));
    for (size_t k = 0; k < nodes_.size(); ++k)
      if (nodes_[k] == out_of) return fmt::format("{{ hoist = {}, out_of = {} }}", quoted(what), quoted(numbered(k)));
    return fmt::format("{{ hoist = {}, out_of = {} }}", quoted(what), quoted(loop()));
  }

  std::string round_up() {
    if (r_.chance(40)) return fmt::format("{{ round_up = {}, multiple_of = {} }}", quoted(loop()), number());
    return fmt::format("{{ round_up = {}, to = {} }}", quoted(loop()), expression());
  }

  std::string stage() {
    std::string out = fmt::format("{{ stage = {}, at = {}, as = {}", quoted(buffer()), quoted(loop()), quoted(r_.of({"st", "st", "st", "su", "x", "for"})));
    out += fmt::format(", mode = {}", quoted(r_.of({"copy", "copy", "accumulate", "local"})));
    if (r_.chance(25)) out += fmt::format(", edges = {}", quoted(r_.of({"mask", "guard"})));
    if (r_.chance(25)) out += fmt::format(", memory = {}", quoted(r_.of({"stack", "vector", "heap"})));
    if (r_.chance(15)) out += fmt::format(", extent = [{}]", r_.chance(60) ? expression() : expression() + ", " + expression());
    if (r_.chance(15)) out += fmt::format(", pad = {{ {} = {} }}", r_.of({"d0", "d1", "i", "j"}), number());
    if (r_.chance(20))
      out += fmt::format(", layout = {}", quoted(r_.of({"(a, b) -> (b, a)", "(a, b) -> (b/4, a, b%4)", "(a) -> (a/4, a%4)", "(a) -> (a)", "(a) -> (7 - a)", "(a) -> (2*a + 1)", "(a) -> (a/2)",
                                                        "(a) -> (a%4)", "(a, b) -> (a + b)", "(a, b) -> (8*a + b)", "(a) -> (a - 1)", "(a) -> (a%4, a/4)"})));
    if (r_.chance(15)) out += fmt::format(", window = {}", quoted(r_.of({"x[0:n]", "x[i:i+2]", "x[i]", "x[0:4]", "C[i, 0:M]", "B[0:K, 0:M]", "y[1:n]", "x[i:i+2, j:j+3]", "t[0:m]", "x[5:2]"})));
    return out + " }";
  }

  std::string vectorize() {
    const std::string lanes = r_.chance(60) ? "" : fmt::format(", lanes = {}", r_.of({"4", "8", "16", "2"}));
    return fmt::format("{{ vectorize = {}{}, tail = {} }}", quoted(loop()), lanes, quoted(r_.of({"cut", "mask", "cut_mask", "cut_mask", "guard", "overlap", "pad", "exact"})));
  }

  std::string map() {
    std::string to = r_.of({"vector", "vector", "vector", "move"});
    if (r_.chance(40) && !target_.instructions.empty()) to = r_.of(target_.instructions).name;
    if (r_.chance(8)) to = r_.of({"pr", "ps", "pr_i"});
    return fmt::format("{{ map = {}, to = {}{} }}", quoted(r_.chance(80) ? loop() : stmt()), quoted(to), r_.chance(20) ? ", leftover = \"error\"" : "");
  }

  /// A part of the right side of a statement.
  std::string bind() {
    std::vector<std::pair<std::string, std::string>> parts;
    std::map<std::string, int> seen;
    each_stmt(proc_.body, [&](const StmtRef& s) {
      const ExprRef rhs = as<Assign>(s) ? as<Assign>(s)->rhs : as<Reduce>(s) ? as<Reduce>(s)->rhs : nullptr;
      if (as<For>(s) || as<Alloc>(s)) return;
      const int number = seen[s->label.name]++;
      if (!rhs) return;
      each_expr(rhs, [&](const ExprRef& e) { parts.emplace_back(print(e), fmt::format("{}#{}", s->label.name, number)); });
    });
    if (parts.empty()) return "{ bind = \"x\", in = \"y\", as = \"b\" }";
    const auto& [what, in] = r_.of(parts);
    return fmt::format("{{ bind = {}, in = {}, as = {} }}", quoted(what), quoted(in), quoted(r_.of({"bb", "bc", "x", "if"})));
  }
};

}  // namespace

std::string random_step(Random& random, const std::string& verb, const Proc& proc, const Target& target) { return Chooser(random, proc, target).step(verb); }

std::string random_verb(Random& random, const Proc& proc) {
  std::vector<std::string> out;
  const auto add = [&](const char* verb, int times) { out.insert(out.end(), static_cast<size_t>(times), verb); };
  for (const Verb& v : verbs()) add(v.name.c_str(), 1);
  int locals = 0;
  bool local = false, branch = false, reduce = false, nested = false;
  bool scalar = false;
  each_stmt(proc.body, [&](const StmtRef& s) {
    scalar = scalar || (as<Alloc>(s) && as<Alloc>(s)->type.shape.empty());
    locals += as<Alloc>(s) ? 1 : 0;
    local = local || as<Alloc>(s), branch = branch || as<If>(s), reduce = reduce || as<Reduce>(s);
    const For* f = as<For>(s);
    nested = nested || (f && f->body.size() == 1 && as<For>(f->body[0]));
  });
  each_stmt(proc.body, [&](const StmtRef& s) {
    if (as<Alias>(s)) add("inline_window", 2);
    if (as<Call>(s)) add("inline", 2), add("call_eqv", 2);
  });
  add("extract", 1);
  add("split", 3), add("fission", 3), add("stage", 4), add("vectorize", 3), add("map", 2), add("round_up", 2);
  if (nested) add("reorder", 4), add("skew", 1), add("fuse_nest", 1);
  add("fuse", 2), add("cut", 1);
  bool configured = false;
  each_stmt(proc.body, [&](const StmtRef& s) { configured = configured || as<Configure>(s); });
  if (configured) add("hoist_config", 4), add("delete_config", 6), add("write_config", 6), add("bind_config", 4), add("map", 4), add("lift_scope", 4);
  if (local) add("set_precision", 1);
  bool staged = false;   // one loop nest computes a local buffer, another reads it
  for (const StmtRef& s : proc.body)
    if (const Alloc* a = as<Alloc>(s)) staged = staged || std::count_if(proc.body.begin(), proc.body.end(), [&](const StmtRef& t) { return as<For>(t) && mentions(Block{t}, a->buffer); }) == 2;
  if (staged) add("compute_at", 16), add("inline_stage", 3);
  if (local) add("lift_alloc", 2), add("expand_dim", 2), add("round_up", 3), add("stage", 2);
  if (local) add("resize_dim", 4), add("rearrange_dim", 1), add("relayout", 2), add("sink_alloc", 3), add("delete_buffer", 1), add("reuse_buffer", locals > 1 ? 6 : 0);
  if (scalar) add("hoist", 3), add("cse", 2);
  if (branch) add("drop_guard", 4), add("lift_scope", 3), add("drop_dead", 5);
  bool meet = false, free = false, constant = false;
  const auto pairs = [&](const Block& b) {
    for (size_t k = 0; k + 1 < b.size(); ++k)
      if (as<For>(b[k]) && as<For>(b[k + 1])) meet = meet || print(as<For>(b[k])->hi) == print(as<For>(b[k + 1])->lo);
  };
  pairs(proc.body);
  each_stmt(proc.body, [&](const StmtRef& s) {
    const For* f = as<For>(s);
    const For* inner = f && f->body.size() == 1 ? as<For>(f->body[0]) : nullptr;
    constant = constant || (inner && literal(inner->hi));
    if (f) pairs(f->body), free = free || !mentions(f->body, f->iter);
  });
  for (const std::string& verb : expression_verbs(proc)) add(verb.c_str(), 1);
  if (meet) add("join", 9);
  if (constant) add("fuse_nest", 2);
  if (free) add("remove_loop", 3);
  if (reduce) add("add_loop", 1), add("spread", 3);
  return random.of(out);
}

}  // namespace exo::testing
