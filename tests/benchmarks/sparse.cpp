// A sparse matrix times a vector beside Eigen, for rows of a few to many elements at random columns.
#include <cstdlib>
#include <random>

#include "compare.h"
#include "sparse.h"
#include "spmv.h"

namespace {

/// Rows of `length` elements, half as many and half as many again among them.
void rows_of(int64_t length, int64_t columns) {
  const int64_t rows = 400'000 / length;
  std::mt19937 random(1);
  std::vector<int32_t> row = {0}, column;
  std::vector<float> value, x(static_cast<size_t>(columns), 1.0F), y(static_cast<size_t>(rows)), z(y);
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t count = length / 2 + static_cast<int64_t>(random() % static_cast<uint64_t>(length + 1));
    for (int64_t k = 0; k < count; ++k) {
      column.push_back(static_cast<int32_t>(random() % static_cast<uint64_t>(columns)));
      value.push_back(static_cast<float>(random() % 8));
    }
    row.push_back(static_cast<int32_t>(column.size()));
  }
  const auto nonzeros = static_cast<int64_t>(column.size());
  const auto ours = [&] {
    if (spmv(rows, columns, nonzeros, 1.0F, row.data(), column.data(), value.data(), x.data(), 0.0F, y.data()) !=
        EXO_OK)
      std::abort();
  };
  const auto theirs = eigen_spmv(rows, columns, nonzeros, row.data(), column.data(), value.data(), x.data(), z.data());
  ours(), theirs();
  if (y != z) std::abort();  // sums of whole numbers, exact in any order
  compare_with("Eigen", "spmv", length, 2.0 * static_cast<double>(nonzeros), ours, theirs);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && exo_set_target(argv[1]) != EXO_OK) return 1;
  for (const int64_t columns : {1'000, 100'000}) {
    std::printf("%lld columns; elements of a row:\n", static_cast<long long>(columns));
    for (const int64_t length : {4, 16, 64, 256}) rows_of(length, columns);
  }
}
