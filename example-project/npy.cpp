#include "npy.h"

#include <bit>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>

static_assert(std::endian::native == std::endian::little && sizeof(float) == 4,
              "elements are copied as they are");

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kLongestHeader = 1 << 20;

/// Reads the literal of a Python dictionary with which a file begins: {'descr': '<f4',
/// 'fortran_order': False, 'shape': (3, 4), }
class Header {
 public:
  Header(std::string path, std::string text)
      : path_(std::move(path)), text_(std::move(text)), rest_(text_) {
    dictionary();
  }

  std::optional<std::string> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<int64_t>> shape;

 private:
  [[noreturn]] void bad(const std::string& what) const {
    throw FileError(path_ + ": header of the .npy file: " + what);
  }

  void skip_spaces() {
    const size_t n = rest_.find_first_not_of(" \t\n\r");
    rest_.remove_prefix(n == std::string_view::npos ? rest_.size() : n);
  }
  bool accept(std::string_view token) {
    skip_spaces();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token))
      bad("expected `" + std::string(token) + "` before `" + std::string(rest_.substr(0, 12)) +
          "`");
  }

  std::string string() {
    const char quote = accept("'") ? '\'' : (expect("\""), '"');
    const size_t end = rest_.find(quote);
    if (end == std::string_view::npos) bad("a string does not end");
    std::string found(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return found;
  }
  int64_t number() {
    skip_spaces();
    int64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || value < 0) bad("a dimension is no number, or is out of range");
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    accept("L");  // what Python 2 wrote
    return value;
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> found;
    expect("(");
    while (!accept(")")) {
      found.push_back(number());
      if (!accept(",")) {
        expect(")");
        break;
      }
    }
    return found;
  }

  void entry() {
    const std::string key = string();
    expect(":");
    if (key == "descr") {
      skip_spaces();
      if (rest_.starts_with("["))
        throw FileError(path_ + ": elements are records; only float32 is read");
      descr = string();
    } else if (key == "fortran_order") {
      fortran_order = accept("True");
      if (!*fortran_order) expect("False");
    } else if (key == "shape") {
      shape = tuple();
    } else {
      bad("unknown key `" + key + "`");
    }
  }
  void dictionary() {
    expect("{");
    while (!accept("}")) {
      entry();
      if (!accept(",")) {
        expect("}");
        break;
      }
    }
    skip_spaces();
    if (!rest_.empty()) bad("something follows the dictionary");
    if (!descr || !fortran_order || !shape) bad("descr, fortran_order or shape is missing");
  }

  std::string path_, text_;
  std::string_view rest_;
};

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

std::string bytes_of(std::ifstream& in, size_t count, const std::string& path, const char* what) {
  std::string bytes(count, '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(count)))
    throw FileError(path + ": the file ends inside " + what);
  return bytes;
}

uint32_t little_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

Header read_header(std::ifstream& in, const std::string& path) {
  const std::string start = bytes_of(in, 8, path, "its first eight bytes: not a .npy file");
  if (!start.starts_with(kMagic)) throw FileError(path + ": not a .npy file");
  const int version = static_cast<unsigned char>(start[6]);
  if (version < 1 || version > 3)
    throw FileError(path + ": version " + std::to_string(version) +
                    " of .npy; 1, 2 and 3 are read");
  const uint32_t length = little_endian(bytes_of(in, version == 1 ? 2 : 4, path, "its header"));
  if (length > kLongestHeader) throw FileError(path + ": its header is longer than a megabyte");
  return {path, bytes_of(in, length, path, "its header")};
}

void check(const Header& header, const std::string& path) {
  if (*header.descr != "<f4")
    throw FileError(path + ": elements are `" + *header.descr + "`; only float32 (`<f4`) is read");
  if (header.shape->size() != 2)
    throw FileError(path + ": the shape is " + shape_text(*header.shape) +
                    "; a matrix has two dimensions");
  if (*header.fortran_order)
    throw FileError(path +
                    ": the matrix is in Fortran order; save numpy.ascontiguousarray(..) of it");
}

}  // namespace

Matrix read_npy(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    throw FileError(path + ": a directory, not a file");
  std::ifstream in(path, std::ios::binary);
  if (!in) throw FileError(path + ": " + std::strerror(errno));
  const Header header = read_header(in, path);
  check(header, path);

  const int64_t rows = header.shape->at(0), columns = header.shape->at(1);
  const auto start = in.tellg();
  in.seekg(0, std::ios::end);
  const int64_t there = in.tellg() - start;
  in.seekg(start);
  const bool empty = rows == 0 || columns == 0;
  if (!empty && columns > std::numeric_limits<int64_t>::max() / 4 / rows)
    throw FileError(path + ": the shape " + shape_text(*header.shape) +
                    " is larger than any memory");
  const int64_t needed = empty ? 0 : rows * columns * 4;
  if (there != needed)
    throw FileError(path + ": the shape " + shape_text(*header.shape) + " needs " +
                    std::to_string(needed) + " bytes, " + std::to_string(there) +
                    (there < needed ? " are there: the file is truncated"
                                    : " are there: something follows the data"));

  Matrix matrix{rows, columns, std::vector<float>(static_cast<size_t>(needed / 4))};
  if (!in.read(reinterpret_cast<char*>(matrix.values.data()), needed))
    throw FileError(path + ": cannot be read");
  return matrix;
}

void write_npy(const std::string& path, const Matrix& matrix) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " +
                       shape_text({matrix.rows, matrix.columns}) + ", }";
  const size_t before = kMagic.size() + 4;
  header.append(63 - (before + header.size()) % 64, ' ');
  header += '\n';
  const std::string start{'\1', '\0', static_cast<char>(header.size() & 0xff),
                          static_cast<char>(header.size() >> 8)};

  const std::string part = path + ".part";
  std::ofstream out(part, std::ios::binary);
  out << kMagic << start << header;
  out.write(reinterpret_cast<const char*>(matrix.values.data()),
            static_cast<std::streamsize>(matrix.values.size() * 4));
  out.close();
  if (!out || std::rename(part.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    std::remove(part.c_str());
    throw FileError(path + ": cannot be written: " + why);
  }
}
