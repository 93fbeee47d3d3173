// for: runs steps once for each of several names or numbers.
//
//     { for = "s", in = ["Ct.init", "C.update", "Ct.store"], do = [ { unroll = "{s}.j" } ] }
//
// `{s}` in a string of the steps, or `@s`, is the name; a number is known to expressions as `s` too. A text behind `in` is a set of
// places, such as `loops(C.update)`: those that it means when the loop begins, each under a name that follows it.
#include <fmt/format.h>

#include "schedule/control.h"
#include "schedule/selection.h"

namespace exo {
namespace {

struct Args {
  std::string name;
  TomlValue in;
  StepList steps;
};

/// The members of a set by names that stay with them. What can only be told by `#n` gets a name of its own.
std::vector<std::string> members(Runner& runner, const Text& set, const std::string& variable) {
  const Schedule& s = runner.schedule();
  std::vector<std::string> out;
  std::vector<Path> places = places_of(s.now(), set.chars);
  if (places.empty())
    for (const Sym buffer : find_buffers(s.now(), set.chars)) out.push_back(buffer.name());
  size_t fresh = 0;
  for (const Path& place : places) {
    std::string name = name_of(s.now(), place);
    if (name.find('#') != name.npos) {
      do name = fmt::format("{}{}", variable, fresh++);
      while (!places_of(s.now(), name).empty() || !find_buffers(s.now(), name).empty());
      runner.mark({place}, name_of(s.now(), place), name);
    }
    out.push_back(name);
  }
  return out;
}

void run(Runner& runner, const Args& args) {
  std::vector<TomlValue> values;
  if (const Text* set = args.in.text()) {
    for (std::string& name : members(runner, *set, args.name))
      values.push_back({Text{std::move(name), set->span, {}}, args.in.span});
  } else if (const TomlArray* list = args.in.array()) {
    values = *list;
  } else {
    values = {args.in};
  }
  for (const TomlValue& value : values) runner.with(args.name, value, [&] { runner.inside(args.steps, "`do`"); });
}

}  // namespace

CONTROL(for) {
  return make_control("for", "runs steps once for each of several names or numbers",
                      Signature<Args>()
                          .verb("for", &Args::name, "name", "what `{..}` calls the one whose turn it is")
                          .required("in", &Args::in, "names", "a list of names or numbers, or a set of places")
                          .required("do", &Args::steps, "steps", "the steps"),
                      run);
}

}  // namespace exo
