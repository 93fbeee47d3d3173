#include "support/difference.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "support/text.h"

namespace exo {
namespace {

struct Line {
  char mark;
  std::string text;
};

/// The longest common subsequence of what is left between equal heads and tails.
std::vector<Line> lines_of(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  size_t head = 0, tail = 0;
  while (head < std::min(a.size(), b.size()) && a[head] == b[head]) ++head;
  while (head + tail < std::min(a.size(), b.size()) && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  const size_t n = a.size() - head - tail, m = b.size() - head - tail;
  constexpr size_t kLargest = 4000;  // beyond it all of the middle is told as replaced
  std::vector<std::vector<uint32_t>> common(n + 1, std::vector<uint32_t>(n > kLargest || m > kLargest ? 1 : m + 1));
  const bool compared = common[0].size() == m + 1;
  for (size_t i = compared ? n : 0; i-- > 0;)
    for (size_t j = m; j-- > 0;)
      common[i][j] =
          a[head + i] == b[head + j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  std::vector<Line> out;
  for (size_t i = 0; i < head; ++i) out.push_back({' ', a[i]});
  size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (compared && i < n && j < m && a[head + i] == b[head + j])
      out.push_back({' ', a[head + i]}), ++i, ++j;
    else if (i < n && (j == m || !compared || common[i + 1][j] >= common[i][j + 1]))
      out.push_back({'-', a[head + i++]});
    else
      out.push_back({'+', b[head + j++]});
  }
  for (size_t k = a.size() - tail; k < a.size(); ++k) out.push_back({' ', a[k]});
  return out;
}

}  // namespace

std::string difference(const std::string& before, const std::string& after, size_t around) {
  if (before == after) return {};
  const std::vector<Line> lines = lines_of(split_text(before, '\n'), split_text(after, '\n'));
  std::vector<bool> shown(lines.size());
  for (size_t i = 0; i < lines.size(); ++i)
    if (lines[i].mark != ' ')
      for (size_t k = i - std::min(i, around); k < std::min(lines.size(), i + around + 1); ++k) shown[k] = true;
  std::string out;
  bool gap = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!shown[i]) {
      gap = true;
      continue;
    }
    if (gap) out += "  ...\n";
    gap = false;
    if (!lines[i].text.empty() || lines[i].mark != ' ' || i + 1 < lines.size())
      out += std::string(1, lines[i].mark) + " " + lines[i].text + "\n";
  }
  return out;
}

}  // namespace exo
