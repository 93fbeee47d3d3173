#include <catch2/catch.hpp>

#include "ir/build.h"
#include "ir/print.h"
#include "ir_text.h"

using namespace exo;
using namespace exo::testing;

namespace {

std::string words_of(const Span& span) {
  return span.source->text.substr(span.begin, span.end - span.begin);
}

/// One text, one expected problem: its code, its message, what it underlines.
struct Case {
  const char *chars, *code, *message, *marked;
};

const Case kCases[] = {
    {"", "syntax", "there is no procedure here", ""},
    {"x = 3", "syntax", "expected `def`, found `x`", "x"},
    {"def f(n : size) pass", "syntax", "expected `:`, found `pass`", "pass"},
    {"def for(): pass", "syntax", "`for` is a word of the language", "for"},
    {"def f(n : sise): pass", "unknown-name", "there is no type called `sise`", "sise"},
    {"def f(n : size, n : f32): pass", "name-taken", "there is already something called `n` here",
     "n"},
    {"def f(): pass\ndef f(): pass", "name-taken", "there is already a procedure called `f`", "f"},
    {"def f(A : [f32]): pass", "syntax",
     "expected the extents of the window, as in `[f32][n]`, found `)`", ")"},
    {"def f(A : f32[0:4]): pass", "syntax", "an extent is one number, not a range", "[0:4]"},
    {"def f():\npass", "indentation", "expected an indented block after this line", "def f"},
    {"def f(x : f32):\n    x = 1\n      x = 2", "indentation",
     "this line is indented more than the one before", "x"},
    {"def f(x : f32):\n    for i in seq(0, 3):\n        x = 1\n      x = 2", "indentation",
     "this line is not aligned with any line before it", "      x"},
    {"def f(x : f32):\n\tx = 1", "indentation", "a tab in the indentation", "\t"},
    {"def f(x : f32):\n    x =\t1", "indentation", "a tab between words", "\t"},
    {"def f(x : f32):\n    for i in seq(0, 3):\n    x = 1", "indentation",
     "expected an indented block after this line", ":"},
    {"def f(x : f32):\n    x = 1 +", "syntax", "expected an expression, found the end of the line",
     ""},
    {"def f(x : f32):\n    x = (1 + 2", "syntax", "this `(` is never closed", "("},
    {"def f(x : f32):\n    x = 1 2", "syntax", "expected the end of the line, found `2`", "2"},
    {"def f(x : f32):\n    x == 1", "syntax", "expected `=`, `+=`, `max=` or `min=`, found `==`",
     "=="},
    {"def f(x : f32):\n    x -= 1", "syntax", "there is no `-=` in this language", "-="},
    {"def f(x : f32):\n    x = 1 $ 2", "syntax", "unexpected character `$`", "$"},
    {"def f(x : f32):\n    x = 1\xC3\xA9", "syntax", "unexpected character `\xC3\xA9`", "\xC3\xA9"},
    {"def f(x : f32):\n    x = 1e", "syntax", "`1e` is neither a number nor a name", "1e"},
    {"def f(x : f32):\n    x = 9223372036854775808", "number-too-large",
     "`9223372036854775808` does not fit 64 bits", "9223372036854775808"},
    {"def f(x : f32):\n    x = 99999999999999999999", "number-too-large",
     "`99999999999999999999` does not fit 64 bits", "99999999999999999999"},
    {"def f(x : f32):\n    x = 1e999", "number-too-large", "`1e999` is outside the range of f64",
     "1e999"},
    {"def f(xs : f32):\n    x = 1", "unknown-name", "there is no buffer called `x`", "x"},
    {"def f(xs : f32):\n    xs = x", "unknown-name", "there is no name called `x`", "x"},
    {"def f(xs : f32):\n    xs = x[0]", "unknown-name", "there is no buffer called `x`", "x"},
    {"def f(x : f32):\n    x = reul(x)", "unknown-name", "there is no function called `reul`",
     "reul"},
    {"def foo(x : f32): pass\ndef f(x : f32):\n    fo(x)", "unknown-name",
     "there is no procedure called `fo`", "fo"},
    {"def f(n : size, x : f32):\n    x = n[0]", "not-a-buffer", "only buffers have elements", "n"},
    {"def f(n : size):\n    assert stride(n, 0) == 1", "not-a-buffer", "only buffers have strides",
     "n"},
    {"def f(x : f32[3]):\n    x[:] = 1", "syntax", "a range has both ends", ":"},
    {"def f(x : f32[3]):\n    x[0:2] = 1", "syntax", "a statement writes one element, not a range",
     "2"},
    {"def f(x : f32):\n    x = 1\n    assert 1 < 2", "syntax", "an assertion after a statement",
     "assert"},
    {"def f(x : f32):\n    else:\n        pass", "syntax", "`else` without an `if`", "else"},
    {"def f(x : f32):\n    for i in seq(0, 3): if i < 2: x = 1", "syntax", "a head behind a colon",
     "if"},
    {"def f(x : f32):\n    for i in range(0, 3):\n        x = 1", "syntax",
     "expected `seq` or `par`, found `range`", "range"},
    {"def f(x : f32):\n    for i in seq(0, i):\n        x = 1", "unknown-name",
     "there is no name called `i`", "i"},
    {"def f(x : f32):\n    for load in seq(0, 3):\n        x = 1", "name-taken",
     "no loop can be called `load`", "load"},
    {"def f(x : f32):\n    x = 1  #: a b=c", "syntax", "this comment is no label", "#: a b=c"},
    {"def f(x : f32):\n    x = 1 < not 2", "syntax",
     "`not` binds less tightly than what stands before it", "not"},
    {"def f(x : f32):\n    x = \"a\"", "syntax", "expected an expression, found `\"a\"`", "\"a\""},
};

std::string repeated(const std::string& part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

}  // namespace

TEST_CASE("each mistake in a text is reported where it stands") {
  for (const Case& c : kCases) {
    INFO(c.chars);
    const auto problems = problems_of([&] { procs(c.chars); });
    REQUIRE(!problems.empty());
    CHECK(problems[0].code == c.code);
    CHECK(problems[0].message == c.message);
    CHECK(marked(problems[0]) == c.marked);
  }
}

TEST_CASE("a misspelt name comes with the nearest one") {
  const auto problems =
      problems_of([] { procs("def f(alpha : f32, beta : f32):\n    alpha = alhpa"); });
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].helps == std::vector<std::string>{"did you mean `alpha`?"});
}

TEST_CASE("every statement with a mistake is reported") {
  const auto problems = problems_of([] {
    procs(R"(
def f(n : size, A : f32[n]):
    for i in sek(0, n):
        A[i] = B[i]
        A[i] = 1 +
    if q > 2:
        A[0] *= 3
    elif n > 2:
        A[0] = 99999999999999999999
    x : f23[n]
    x[0] = 2
def g():
    foo()
)");
  });
  std::vector<std::string> codes;
  for (const Diagnostic& d : problems) codes.push_back(d.code + " " + marked(d));
  std::sort(codes.begin(), codes.end());
  CHECK(codes == std::vector<std::string>{"number-too-large 99999999999999999999", "syntax ",
                                          "syntax *=", "syntax 3", "syntax sek", "unknown-name B",
                                          "unknown-name f23", "unknown-name foo",
                                          "unknown-name q"});
}

TEST_CASE("a flood of mistakes is cut off") {
  const auto problems =
      problems_of([] { procs("def f(x : f32):\n" + repeated("    y = 1\n", 5000)); });
  CHECK(problems.size() <= 60);
}

TEST_CASE("nesting has a limit, for expressions and for blocks") {
  const auto deep = [](int depth) {
    return "def f(x : f32):\n    x = " + repeated("(", depth) + "1" + repeated(")", depth);
  };
  CHECK(problems_in(deep(150)).empty());
  CHECK(problems_in(deep(300)).at(0).code == "nesting-too-deep");
  CHECK(problems_in(deep(300000)).at(0).code == "nesting-too-deep");
  CHECK(problems_in("def f(x : f32):\n    x = " + repeated("-", 300000) + "x").at(0).code ==
        "nesting-too-deep");
  CHECK(problems_in("def f(x : f32):\n    x = 1" + repeated(" + x", 300)).empty());
  CHECK(problems_in("def f(x : f32):\n    x = 1" + repeated(" + x", 300000)).at(0).code ==
        "nesting-too-deep");
  CHECK(problems_in("def f(x : f32):\n    x = " + repeated("relu(", 300) + "x" + repeated(")", 300))
            .at(0)
            .code == "nesting-too-deep");

  const auto chained = [](int depth) {
    return "def f(n : size):\n    assert " + repeated("0 < min(n, ", 0) + repeated("0 < (", depth) +
           "n" + repeated(") < 9", depth);
  };
  CHECK(problems_in(chained(150)).at(0).code == "nesting-too-deep");

  const auto blocks = [](int depth) {
    std::string chars = "def f(x : f32):\n";
    for (int i = 0; i < depth; ++i)
      chars += repeated("  ", i + 1) + "for i" + std::to_string(i) + " in seq(0, 2):\n";
    return chars + repeated("  ", depth + 1) + "x = 1\n";
  };
  CHECK(problems_in(blocks(100)).empty());
  CHECK(problems_in(blocks(101)).at(0).code == "nesting-too-deep");
  CHECK(problems_in(blocks(2000)).at(0).code == "nesting-too-deep");
  CHECK(problems_in("def f(n : size):\n    if n > 1: pass\n" +
                    repeated("    elif n > 2: pass\n", 3000))
            .at(0)
            .code == "nesting-too-deep");
}

TEST_CASE("expressions and statements know where they stand") {
  const ProcRef p = proc(
      "def f(n : size, A : f32[n + 1]):\n    for i in seq(0, n):\n        A[i] = (A[i] - 2.0) * "
      "A[i+1]\n");
  CHECK(words_of(p->params[1].span) == "A : f32[n + 1]");
  CHECK(words_of(p->params[1].type.shape[0]->span) == "n + 1");
  CHECK(words_of(p->body[0]->span) == "for i in seq(0, n):");
  const StmtRef& store = as<For>(p->body[0])->body[0];
  CHECK(words_of(store->span) == "A[i] = (A[i] - 2.0) * A[i+1]");
  const Assign* n = as<Assign>(store);
  CHECK(words_of(n->rhs->span) == "(A[i] - 2.0) * A[i+1]");
  CHECK(words_of(as<Binary>(n->rhs)->a->span) == "A[i] - 2.0");
  CHECK(words_of(as<Read>(as<Binary>(n->rhs)->b)->index[0]->span) == "i+1");
}

TEST_CASE("spans go through the escapes of the literal that a text came from") {
  // the characters `x = q` stand in the file as `x\u0020= q`
  const Source* file = register_source("recipe.toml", "s = 'def f(x : f32): x\\u0020= q'");
  Text t{"def f(x : f32): x = q", {file, 4, 32}, {}};
  for (uint32_t i = 0; i <= t.chars.size(); ++i) t.at.push_back(5 + i + (i > 17 ? 5 : 0));
  const auto problems = problems_of([&] { parse(t); });
  REQUIRE(problems.size() == 1);
  CHECK(marked(problems[0]) == "q");
}

TEST_CASE("statements have the labels that recipes expect") {
  const ProcRef p = proc(R"(
def callee(x : f32): pass
def f(n : size, C : f32[n]):
    C[0] = 0.0
    C[0] = C[1]
    C[0] += C[1]
    t : f32
    for i in seq(0, n): callee(C[i])
    if n > 1: t = 1.0
)");
  std::vector<std::string> labels;
  for (const StmtRef& s : p->body) labels.push_back(s->label.name);
  CHECK(labels == std::vector<std::string>{"C.init", "C.store", "C.update", "t.alloc", "i", "if"});
  CHECK(p->body[4]->label.axis == "i");
  CHECK(as<For>(p->body[4])->body[0]->label.name == "callee");
  CHECK(default_label(*p->body[1]) == "C.store");
}

TEST_CASE("arguments that are buffers become windows") {
  const ProcRef p = proc(R"(
def g(n : size, x : f32, v : [f32][n], w : [f32][n, n]): pass
def f(n : size, A : f32[n, n], s : f32):
    g(n, s, A[0, 0:n], A)
    g(n, A[1, 2], A[0:n, 0], A[0:n, 0:n])
)");
  const Call* first = as<Call>(p->body[0]);
  CHECK(as<Var>(first->args[0]));
  CHECK(as<Window>(first->args[1])->slices.empty());
  CHECK(as<Window>(first->args[2])->slices.size() == 2);
  CHECK(as<Window>(first->args[3])->slices.empty());
  const Window* point = as<Window>(as<Call>(p->body[1])->args[1]);
  REQUIRE(point);
  CHECK(point->slices.size() == 2);
  CHECK(!point->slices[0].hi);
}

TEST_CASE("a procedure calls what stands before it or is known") {
  const auto known = procs("def known(x : f32): pass");
  CHECK(as<Call>(procs("def f(x : f32): known(x)", known)[0]->body[0])->callee == known[0]);
  CHECK(!problems_of([] { procs("def f(x : f32): later(x)\ndef later(x : f32): pass"); }).empty());
  CHECK(!problems_of([] { procs("def f(x : f32): f(x)"); }).empty());
}

TEST_CASE("a loose expression takes its names from elsewhere") {
  const Sym buffer = Sym::fresh("A");
  std::vector<std::string> asked;
  const Lookup lookup = [&](const std::string& name) -> std::optional<ExprRef> {
    asked.push_back(name);
    if (name == "A") return read(buffer, {});
    if (name == "VL" || name.rfind("target.", 0) == 0) return num(16);
    return {};
  };
  CHECK(print(parse_expr(text("4*VL +\n  A[VL, 0]"), lookup)) == "4*16 + A[16,0]");
  CHECK(print(parse_expr(text("A[0:VL, 1]"), lookup)) == "A[0:16, 1]");
  asked.clear();
  parse_expr(text("target.lanes( f32 ) + target.caches.l2 * min(VL, 2)"), lookup);
  CHECK(asked == std::vector<std::string>{"target.lanes(f32)", "target.caches.l2", "VL"});
  const auto problems = problems_of([&] { parse_expr(text("4*VLL"), lookup, {"VL", "NR"}); });
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].helps.at(0) == "did you mean `VL`?");
  CHECK(problems_of([&] { parse_expr(text("VL VL"), lookup); }).at(0).message ==
        "expected the end of the expression, found `VL`");
  CHECK(problems_of([&] { parse_expr(text("VL[0]"), lookup); }).at(0).code == "not-a-buffer");
  CHECK(problems_of([&] { parse_expr(text(""), lookup); }).at(0).code == "syntax");
}
