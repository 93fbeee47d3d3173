// Identifiers, comments and strings of the generated C.
#include <catch2/catch.hpp>

#include "emit/c_writer.h"
#include "emit/names.h"

using namespace exo;

TEST_CASE("emit: names keep their spelling unless C needs it") {
  CNames names({"gemm", "_mm_helper", "ctype"});
  CHECK(names.declare(Sym::fresh("i")) == "i");
  CHECK(names.declare(Sym::fresh("float")) == "float_");
  CHECK(names.declare(Sym::fresh("class")) == "class_");
  CHECK(names.declare(Sym::fresh("expf")) == "expf_");
  CHECK(names.declare(Sym::fresh("gemm")) == "gemm_");
  CHECK(names.declare(Sym::fresh("INT8_MAX")) == "INT8_MAX_");
  CHECK(names.declare(Sym::fresh("_x")) == "v_x");
  CHECK(names.declare(Sym::fresh("exo_min")) == "v_exo_min_");
}

TEST_CASE("emit: scopes share a name only out of each other's sight") {
  CNames names({});
  const Sym outer = Sym::fresh("i");
  names.declare(outer);
  names.push();
  CHECK(names.declare(Sym::fresh("i")) == "i_1");
  names.push();
  CHECK(names.declare(Sym::fresh("i")) == "i_2");
  names.pop();
  names.pop();
  names.push();
  CHECK(names.declare(Sym::fresh("j")) == "j");
  names.pop();
  names.push();
  CHECK(names.declare(Sym::fresh("j")) == "j");
  CHECK(names[outer] == "i");
}

TEST_CASE("emit: texts cannot leave their comment or string") {
  CHECK(c_comment("a */ b /* c") == "a * / b / * c");
  CHECK(c_string("a\"b\\c\n?"
                 "?/") == "\"a\\\"b\\\\c\\012?\\?/\"");
  CHECK(c_format("M % 8") == "\"M %% 8\"");
}

TEST_CASE("emit: places that are not filled leave nothing") {
  CWriter out;
  out.open("{");
  const CWriter::Mark first = out.mark(), second = out.mark();
  out.line("x;");
  out.fill(first, "a;");
  out.fill(first, "b;");
  (void)second;
  out.close("}");
  CHECK(out.text() == "{\n    a;\n    b;\n    x;\n}\n");
}
