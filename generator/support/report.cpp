// Problems as a list: in order, each once, and as JSON for editors.
#include <algorithm>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "support/diagnostic.h"

namespace exo {
namespace {

using Json = nlohmann::ordered_json;

const Note* primary(const Diagnostic& problem) {
  for (const Note& place : problem.places)
    if (place.span.source) return &place;
  return nullptr;
}

/// File and range, the end behind the last letter.
Json range(const Span& span) {
  const Position begin = position(*span.source, span.begin);
  const Position end = position(*span.source, std::max(span.begin, span.end));
  return {{"file", span.source->name},
          {"line", begin.line},
          {"column", begin.column},
          {"end_line", end.line},
          {"end_column", end.column}};
}

}  // namespace

std::string as_json(const Diagnostic& problem) {
  const Note* first = primary(problem);
  Json out = {{"code", problem.code},
              {"severity", problem.severity == Severity::Error ? "error" : "warning"},
              {"message", problem.message}};
  if (first)
    out.update(range(first->span));
  else
    for (const char* key : {"file", "line", "column", "end_line", "end_column"}) out[key] = nullptr;
  out["labels"] = Json::array();
  for (const Note& place : problem.places) {
    if (!place.span.source) continue;
    Json label = range(place.span);
    label["listing"] = place.span.source->kind == SourceKind::Listing;
    label["primary"] = &place == first;
    label["text"] = place.words;
    out["labels"].push_back(std::move(label));
  }
  out["notes"] = problem.notes;
  out["helps"] = problem.helps;
  out["rendered"] = render(problem);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<Diagnostic> in_order(const std::vector<Diagnostic>& problems) {
  std::vector<std::string> texts;  // names of sources: one file may be registered twice
  const auto rank = [&](const Diagnostic& d) {
    const Note* place = primary(d);
    const std::string name = place ? place->span.source->name : std::string();
    const auto it = std::find(texts.begin(), texts.end(), name);
    if (it == texts.end()) texts.push_back(name);
    return std::tuple(std::find(texts.begin(), texts.end(), name) - texts.begin(), place ? place->span.begin : 0u);
  };
  using Ranked = std::pair<std::tuple<ptrdiff_t, uint32_t>, const Diagnostic*>;
  std::vector<Ranked> ranked;
  std::set<std::string> seen;
  for (const Diagnostic& d : problems)
    if (seen.insert(render(d)).second) ranked.push_back({rank(d), &d});
  std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) { return a.first < b.first; });
  std::vector<Diagnostic> out;
  for (const Ranked& r : ranked) out.push_back(*r.second);
  return out;
}

}  // namespace exo
