// The peer of a sparse matrix times a vector, compiled by itself for the machine at hand.
#pragma once

#include <cstdint>
#include <functional>

/// y = A x by Eigen, A in compressed rows: a function that does it once.
std::function<void()> eigen_spmv(int64_t rows, int64_t columns, int64_t nonzeros, const int32_t* row,
                                 const int32_t* column, const float* value, const float* x, float* y);
