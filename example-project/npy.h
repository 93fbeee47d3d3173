// Matrices in NumPy's .npy files: float32, two dimensions, C order.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

struct Matrix {
  int64_t rows = 0, columns = 0;
  std::vector<float> values;  // row by row
};

/// What is wrong with a file, in words that name it.
struct FileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads versions 1, 2 and 3 of the format; throws FileError for anything but a float32 matrix in C
/// order.
Matrix read_npy(const std::string& path);

/// Writes version 1. The file appears only when it is complete.
void write_npy(const std::string& path, const Matrix& matrix);
