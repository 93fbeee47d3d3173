// How questions about control values are answered: by linear reasoning, by trial, from memory.
#include <catch2/catch.hpp>

#include <random>

#include "analysis/facts.h"
#include "analysis/question.h"
#include "analysis/refute.h"
#include "analysis/small_values.h"
#include "analysis/z3.h"
#include "ir/build.h"
#include "ir/control.h"
#include "ir/print.h"
#include "ir_text.h"

namespace exo {
namespace {

/// The assertions of a procedure with these parameters: what is known, and in the end what is claimed.
struct Asserted {
  Facts facts;
  ExprRef claim;

  Asserted(const std::string& params, const std::vector<std::string>& known, const std::string& claimed) {
    std::string text = "def f(" + params + "):\n";
    for (const std::string& k : known) text += "    assert " + k + "\n";
    const ProcRef p = testing::proc(text + "    assert " + claimed + "\n    pass\n");
    facts = size_facts(*p);
    for (size_t i = 0; i + 1 < p->asserts.size(); ++i) facts.add(p->asserts[i]);
    claim = p->asserts.back();
  }
};

bool is_evident(const std::string& params, const std::vector<std::string>& known, const std::string& claim) {
  const Asserted a(params, known, claim);
  return evident(a.facts, a.claim);
}

const std::string kTile = "W : size, tx : index, l : index";
const std::vector<std::string> kRest = {"0 <= tx", "tx < (W + 255) / 256", "0 <= l", "l < min(256, W - 256*tx) % 32"};

/// Expressions over a few variables, with everything that is not linear in them.
class RandomTerms {
 public:
  explicit RandomTerms(unsigned seed) : random_(seed) {}
  const std::vector<Sym> variables = {Sym::fresh("a"), Sym::fresh("b"), Sym::fresh("c")};

  ExprRef number(int depth) {
    const int kind = depth == 0 ? below(2) : below(8);
    if (kind == 0) return num(below(9) - 3);
    if (kind == 1) return var(variables[static_cast<size_t>(below(3))]);
    if (kind == 2) return number(depth - 1) / (1 + below(4));
    if (kind == 3) return number(depth - 1) % (1 + below(4));
    if (kind == 4) return num(below(7) - 2) * number(depth - 1);
    const ExprRef a = number(depth - 1), b = number(depth - 1);
    return kind == 5 ? min_of(a, b) : kind == 6 ? max_of(a, b) : below(2) ? a + b : a - b;
  }
  ExprRef condition(int depth) {
    const int kind = below(depth == 0 ? 4 : 6);
    if (kind >= 4) {
      const Exprs both = {condition(depth - 1), condition(depth - 1)};
      return kind == 4 ? all_of(both) : any_of(both);
    }
    const ExprRef a = number(2), b = number(2);
    return kind == 0 ? lt(a, b) : kind == 1 ? le(a, b) : kind == 2 ? eq(a, b) : ne(a, b);
  }
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

 private:
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("questions: what is left of a clamped tile stays in it, without asking Z3") {
  CHECK(is_evident(kTile, kRest, "l + 32*(min(256, W - 256*tx) / 32) < 256"));
  CHECK(is_evident(kTile, kRest, "256*tx + l + 32*(min(256, W - 256*tx) / 32) < W"));
  CHECK_FALSE(is_evident(kTile, kRest, "l + 32*(min(256, W - 256*tx) / 32) < 254"));
  CHECK_FALSE(is_evident(kTile, kRest, "256*tx + l + 32*(min(256, W - 256*tx) / 32) < W - 1"));
}

TEST_CASE("questions: a remainder of a quotient is known by what it is a part of") {
  const std::vector<std::string> known = {"0 <= i", "i < n / 16 % 4"};
  CHECK(is_evident("n : size, i : index", known, "16*i + 64*(n / 64) + 16 <= n"));
  CHECK_FALSE(is_evident("n : size, i : index", known, "16*i + 64*(n / 64) + 17 <= n"));
}

TEST_CASE("questions: what a row can be divided by is seen before it goes") {
  const std::string sizes = "W : size, R : size, P : size, o : index";
  const std::vector<std::string> known = {"R <= W + 1", "(W - R + 1) / 16 <= o"};
  CHECK(is_evident(sizes, known, "0 <= P + 16*o"));
  CHECK_FALSE(is_evident(sizes, known, "1 <= P + 16*o"));
}

TEST_CASE("questions: the age of variables counts, their names do not") {
  const Sym a = Sym::fresh("a"), b = Sym::fresh("b"), c = Sym::fresh("c");
  const auto question = [](Sym x, Sym y, const Intervals& known) {
    const Exprs facts = {le(var(x), var(y)), le(num(0), var(x))};
    return Question({&facts}, lt(var(x), num(7)), known);
  };
  CHECK(question(a, b, {}) == question(b, c, {}));
  CHECK_FALSE(question(a, b, {}) == question(b, a, {}));
  CHECK_FALSE(question(a, b, {}) == question(a, b, {{b, {0, 3}}}));
  CHECK(question(a, b, {{b, {0, 3}}}) == question(b, c, {{c, {0, 3}}, {a, {5, 5}}}));
  const Exprs one = {le(var(a), var(b))}, none;
  CHECK_FALSE(Question({&one, &none}, truth(false)) == Question({&none, &one}, truth(false)));
}

TEST_CASE("questions: what is evident has no counterexample, and trial finds the one of Z3") {
  int proved = 0, refuted = 0, as_z3 = 0;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    RandomTerms random(seed);
    Facts facts;
    for (int n = random.below(4); n > 0; --n) facts.add(random.condition(1));
    const ExprRef claim = random.condition(1);
    std::string text;
    for (const ExprRef& e : facts.conditions) text += print(e) + "; ";
    INFO("seed " << seed << ": " << text << "=> " << print(claim));
    const auto found = small_counterexample(facts.conditions, claim);
    if (evident(facts, claim)) {
      ++proved;
      REQUIRE(!found);
      if (proved % 4 == 0) REQUIRE(ask_z3(facts.conditions, {}, claim, Witnessed::No).answer == Verdict::Proved);
    } else if (found) {
      ++refuted;
      int64_t values[3] = {};
      const ControlNames names{[&](Sym s) -> const int64_t* {
                                 for (size_t i = 0; i < 3; ++i)
                                   if (random.variables[i] == s) return &(values[i] = found->at(s));
                                 return nullptr;
                               },
                               {},
                               {},
                               {}};
      for (const ExprRef& fact : facts.conditions) REQUIRE(control_code(fact, names)() != 0);
      REQUIRE(control_code(claim, names)() == 0);
      if (refuted % 16 != 0) continue;
      const Verdict z3 = ask_z3(facts.conditions, {}, claim, Witnessed::Smallest);
      REQUIRE(z3.answer == Verdict::Refuted);
      CHECK(std::map<Sym, int64_t>(z3.witness) == std::map<Sym, int64_t>(*found));
      ++as_z3;
    }
  }
  CHECK(proved > 200);
  CHECK(refuted > 1000);
  CHECK(as_z3 > 50);
}

}  // namespace exo
