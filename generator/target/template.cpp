#include "target/template.h"

#include <algorithm>

#include <fmt/format.h>

#include "support/text.h"

namespace exo {
namespace {

struct Hole {
  size_t end;  // after the closing brace
  std::string name;
};

/// The hole whose brace is at `begin`; `end` is 0 where what follows is no hole.
Hole template_hole_at(const std::string& chars, size_t begin) {
  const size_t close = chars.find_first_of("{}\n", begin + 1);
  if (close == std::string::npos || chars[close] != '}') return {0, {}};
  std::string name = chars.substr(begin + 1, close - begin - 1);
  for (const std::string& part : split_text(name, '.'))
    if (!is_identifier(part)) return {0, {}};
  return {close + 1, std::move(name)};
}

}  // namespace

Template parse_template(const Text& text, const std::vector<std::string>& holes, Problems& problems) {
  Template out{{}, text.span};
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) out.pieces.push_back({std::exchange(plain, {}), false});
  };
  for (size_t i = 0; i < text.chars.size();) {
    const char c = text.chars[i];
    if ((c == '{' || c == '}') && text.chars.compare(i, 2, std::string(2, c)) == 0) {
      plain += c, i += 2;
    } else if (c != '{' && c != '}') {
      plain += c, ++i;
    } else if (const Hole hole = c == '{' ? template_hole_at(text.chars, i) : Hole{0, {}}; hole.end == 0) {
      problems.add({"target-brace", fmt::format("a lone `{}` in a C text", c), {}, {}, {}})
          .at(text.slice(i, i + 1))
          .help(fmt::format("write `{0}{0}` for a brace of C", c));
      ++i;
    } else {
      if (std::find(holes.begin(), holes.end(), hole.name) == holes.end())
        problems.add({"target-hole", fmt::format("nothing is called `{{{}}}` here", hole.name), {}, {}, {}})
            .at(text.slice(i, hole.end))
            .help(suggestion(hole.name, holes));
      flush();
      out.pieces.push_back({hole.name, true});
      i = hole.end;
    }
  }
  flush();
  return out;
}

std::vector<std::string> instruction_holes(const Proc& spec) {
  std::vector<std::string> holes;
  for (const Param& param : spec.params) {
    const std::string& name = param.name.name();
    holes.push_back(name);
    if (!is_data(param.type.scalar)) continue;
    holes.push_back(name + ".ptr");
    for (size_t d = 0; d < param.type.shape.size(); ++d) holes.push_back(fmt::format("{}.stride{}", name, d));
  }
  return holes;
}

Text fill_family(const Text& text, const std::map<std::string, std::string>& values) {
  if (text.chars.empty()) return text;
  Text out{{}, text.span, {}};
  const auto put = [&](char c, uint32_t at) { out.chars += c, out.at.push_back(at); };
  for (size_t i = 0; i < text.chars.size();) {
    if (text.chars[i] != '{') {  // up to the next brace as it is
      const size_t end = std::min(text.chars.find('{', i), text.chars.size());
      out.chars.append(text.chars, i, end - i);
      out.at.insert(out.at.end(), text.at.begin() + static_cast<std::ptrdiff_t>(i),
                    text.at.begin() + static_cast<std::ptrdiff_t>(end));
      i = end;
      continue;
    }
    const Hole hole = template_hole_at(text.chars, i);
    const auto value = hole.end ? values.find(hole.name) : values.end();
    if (value == values.end()) {
      put(text.chars[i], text.at[i]), ++i;
      continue;
    }
    for (size_t k = 0; k < value->second.size(); ++k)
      put(value->second[k], k + 1 == value->second.size() && k > 0 ? text.at[hole.end - 1] : text.at[i]);
    i = hole.end;
  }
  out.at.push_back(text.at.back());
  return out;
}

}  // namespace exo
