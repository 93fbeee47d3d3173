// The example's reader and writer of .npy files.
#include <cstdio>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "npy.h"

namespace {

/// A file that is gone at the end of the test.
struct File {
  explicit File(const std::string& bytes = {}) { std::ofstream(path, std::ios::binary) << bytes; }
  ~File() { std::remove(path.c_str()); }
  std::string path = "npy_test_" + std::to_string(reinterpret_cast<uintptr_t>(this)) + ".npy";
};

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += version, bytes += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    bytes += static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
}
std::string matrix(const std::string& descr, const std::string& order, const std::string& shape) {
  return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }    \n";
}
const std::string kSix(24, '\0');

std::string problem(const std::string& bytes) {
  const File file(bytes);
  try {
    read_npy(file.path);
  } catch (const FileError& error) {
    const std::string what = error.what();
    REQUIRE(what.rfind(file.path, 0) == 0);
    return what.substr(file.path.size());
  }
  return "accepted";
}

}  // namespace

TEST_CASE("all three versions of the format are read") {
  for (const char version : {1, 2, 3}) {
    const File file(npy(matrix("'<f4'", "False", "(2, 3)"),
                        std::string("\0\0\x80\x3f", 4) + std::string(20, '\0'), version));
    const Matrix m = read_npy(file.path);
    CHECK(m.rows == 2);
    CHECK(m.columns == 3);
    CHECK(m.values.at(0) == 1.0f);
  }
  CHECK(problem(npy("{\"shape\":(2,3),\"descr\":\"<f4\",\"fortran_order\":False}", kSix)) ==
        "accepted");
}

TEST_CASE("what is written is read back") {
  const File file;
  for (const Matrix& m : {Matrix{2, 2, {1, 2, 3, 4.5f}}, Matrix{0, 7, {}}, Matrix{1, 1, {-0.0f}}}) {
    write_npy(file.path, m);
    const Matrix back = read_npy(file.path);
    CHECK(back.rows == m.rows);
    CHECK(back.columns == m.columns);
    CHECK(back.values == m.values);
  }
}

TEST_CASE("the matrices of the example are what its README says") {
  const Matrix a = read_npy(EXO_EXAMPLE_DATA "/a.npy"), b = read_npy(EXO_EXAMPLE_DATA "/b.npy");
  CHECK((a.rows == 100 && a.columns == 50 && b.rows == 50 && b.columns == 70));
}

TEST_CASE("other elements, orders and ranks are refused by name") {
  CHECK(problem(npy(matrix("'<f8'", "False", "(2, 3)"), kSix)) ==
        ": elements are `<f8`; only float32 (`<f4`) is read");
  CHECK(problem(npy(matrix("'>f4'", "False", "(2, 3)"), kSix)) ==
        ": elements are `>f4`; only float32 (`<f4`) is read");
  CHECK(problem(npy(matrix("[('x', '<f4')]", "False", "(2, 3)"), kSix)) ==
        ": elements are records; only float32 is read");
  CHECK(problem(npy(matrix("'<f4'", "True", "(2, 3)"), kSix)).find("Fortran order") !=
        std::string::npos);
  CHECK(problem(npy(matrix("'<f4'", "False", "(6,)"), kSix)) ==
        ": the shape is (6); a matrix has two dimensions");
  CHECK(problem(npy(matrix("'<f4'", "False", "()"), kSix)).find("two dimensions") !=
        std::string::npos);
  CHECK(problem(npy(matrix("'<f4'", "False", "(1, 2, 3)"), kSix)) ==
        ": the shape is (1, 2, 3); a matrix has two dimensions");
}

TEST_CASE("files that are cut off, or go on, are refused") {
  const std::string whole = npy(matrix("'<f4'", "False", "(2, 3)"), kSix);
  REQUIRE(problem(whole) == "accepted");
  for (size_t length = 0; length < whole.size(); ++length)
    CHECK(problem(whole.substr(0, length)) != "accepted");
  CHECK(problem(whole.substr(0, whole.size() - 1)).find("the file is truncated") !=
        std::string::npos);
  CHECK(problem(whole + "x").find("something follows the data") != std::string::npos);
}

TEST_CASE("headers that lie are refused before memory is asked for") {
  CHECK(problem(npy(matrix("'<f4'", "False", "(4611686018427387904, 4)"), kSix))
            .find("larger than any memory") != std::string::npos);
  CHECK(
      problem(npy(matrix("'<f4'", "False", "(1000000000, 1000000000)"), kSix)).find("truncated") !=
      std::string::npos);
  CHECK(problem(npy(matrix("'<f4'", "False", "(-2, -3)"), kSix)).find("a dimension is no number") !=
        std::string::npos);
  CHECK(problem(npy(matrix("'<f4'", "False", "(99999999999999999999, 1)"), kSix))
            .find("out of range") != std::string::npos);
  CHECK(problem(npy("{'descr': '<f4', 'shape': (2, 3)}", kSix)).find("is missing") !=
        std::string::npos);
  CHECK(problem(npy("{'descr': '<f4', 'colour': 'red'}", kSix)).find("unknown key `colour`") !=
        std::string::npos);
  CHECK(problem(npy(matrix("'<f4'", "Maybe", "(2, 3)"), kSix)).find("expected `False`") !=
        std::string::npos);
  CHECK(problem(npy(matrix("'<f4'", "False", "(2, 3)") + "x", kSix)).find("something follows") !=
        std::string::npos);
  CHECK(problem(npy(matrix("'<f4'", "False", "(2, 3)"), kSix, 4)) ==
        ": version 4 of .npy; 1, 2 and 3 are read");
  CHECK(problem("PK\3\4 a zip file, really") == ": not a .npy file");
  CHECK(problem("") != "accepted");
}
