// Both headers compile as C++.
#include <cstring>

#include <catch2/catch.hpp>

#include "exo/kernel.h"
#include "exo/runtime.h"

extern "C" int headers_work_in_c(void);
extern "C" const uint64_t compiled_in_c;

TEST_CASE("headers compile in both languages") {
  CHECK(headers_work_in_c());
  CHECK(compiled_in_c == EXO_COMPILED_FEATURES);
}

TEST_CASE("every status has words") {
  for (int i = EXO_OK; i <= EXO_UNKNOWN_TARGET; ++i)
    CHECK(std::strcmp(exo_status_text(static_cast<exo_status>(i)), "not a status") != 0);
  CHECK(exo_fail(EXO_BAD_SIZE, "N is %d", -1) == EXO_BAD_SIZE);
  CHECK(std::string(exo_last_error()) == "N is -1");
}

TEST_CASE("dense arrays: their bytes, or that they do not fit") {
  const auto bytes = [](size_t element, std::vector<int64_t> extents) {
    int64_t result = -1;
    const bool fits =
        exo_dense_bytes(element, static_cast<int>(extents.size()), extents.data(), &result);
    return fits ? result : -1;
  };
  CHECK(bytes(4, {}) == 4);
  CHECK(bytes(4, {3, 5}) == 60);
  CHECK(bytes(4, {INT64_MAX, INT64_MAX, 0}) == 0);
  CHECK(bytes(4, {0, INT64_MAX, INT64_MAX}) == 0);
  CHECK(bytes(1, {INT64_MAX}) == INT64_MAX);
  CHECK(bytes(2, {INT64_MAX / 2}) == INT64_MAX - 1);
  CHECK(bytes(2, {INT64_MAX / 2 + 1}) == -1);
  CHECK(bytes(4, {INT64_C(1) << 46, INT64_C(1) << 46}) == -1);
  CHECK(bytes(4, {INT64_C(1) << 31, INT64_C(1) << 30}) == -1);
  CHECK(bytes(4, {-1, 0}) == -1);
}

TEST_CASE("ranges of bytes: touching is meeting, neighbours are not") {
  char memory[16];
  CHECK(exo_overlap(memory, 8, memory + 7, 8));
  CHECK_FALSE(exo_overlap(memory, 8, memory + 8, 8));
  CHECK_FALSE(exo_overlap(memory + 8, 8, memory, 8));
  CHECK(exo_overlap(memory + 7, 8, memory, 8));
  CHECK(exo_overlap(memory, 16, memory + 4, 1));
  CHECK_FALSE(exo_overlap(memory, 0, memory, 8));
  CHECK_FALSE(exo_overlap(memory, 8, memory, 0));
  CHECK_FALSE(exo_overlap(nullptr, 0, memory, 8));
}
