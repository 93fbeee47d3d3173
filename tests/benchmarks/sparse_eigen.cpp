#include "sparse.h"

#include <Eigen/Sparse>

std::function<void()> eigen_spmv(int64_t rows, int64_t columns, int64_t nonzeros, const int32_t* row,
                                 const int32_t* column, const float* value, const float* x, float* y) {
  using Matrix = Eigen::SparseMatrix<float, Eigen::RowMajor, int32_t>;
  return [=] {
    const Eigen::Map<const Matrix> a(rows, columns, nonzeros, row, column, value);
    Eigen::Map<Eigen::VectorXf>(y, rows).noalias() = a * Eigen::Map<const Eigen::VectorXf>(x, columns);
  };
}
