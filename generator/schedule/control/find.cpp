// find: a name for a loop or statement that a name will not do for.
//
//     { find = "for k in _: _ #1", as = "k2" }
//
// A pattern is a line of the program in which `_` stands for any part: `for k in _: _`, `C[_] += _`, `t : _`, `if _: _`. Behind the
// `:` of a loop or `if` stands what its first statement looks like. `#1` takes the second match in program order. What is found may
// as well be any other reference: `parent(C.update)`. It keeps its names, and the new one follows it through every rewrite.
#include <fmt/format.h>

#include "schedule/control.h"
#include "schedule/labels.h"
#include "schedule/marks.h"
#include "schedule/selection.h"

namespace exo {
namespace {

struct Args {
  Ref what;
  Text as;
  bool all = false;
};

void check_name(const Proc& proc, const Text& name, const std::vector<Path>& places) {
  for (const std::string& word : split_text(name.chars, '.')) check_loop_name({word, name.span, {}});
  std::vector<Path> called = places_of(proc, name.chars);
  const bool marked = std::all_of(called.begin(), called.end(), [&](const Path& p) {
    const auto& marks = stmt_at(proc, p)->label.marks;
    return std::find(marks.begin(), marks.end(), name.chars) != marks.end();
  });
  if ((!marked || !find_buffers(proc, name.chars).empty()) && called != places)
    reject(Diagnostic{"find-name", fmt::format("something else is called `{}` already", name.chars), {}, {}, {}}
               .at(name.whole())
               .help("choose another name"));
}

void run(Runner& runner, const Args& args) {
  const Proc& proc = runner.schedule().now();
  const std::vector<Path> places = markable(proc, args.what);
  if (places.size() > 1 && !args.all) {
    std::vector<std::string> choices;
    for (const Path& p : places) choices.push_back(name_of(proc, p));
    reject(Diagnostic{"find-several", fmt::format("`{}` is found {} times", args.what.str(), places.size()), {}, {}, {}}
               .at(args.what.text.whole())
               .note("they are `" + join(choices, "`, `") + "`")
               .help(fmt::format("say which one, from `#0` to `#{}`, or `all = true`", places.size() - 1)));
  }
  check_name(proc, args.as, places);
  runner.mark(places, args.what.str(), args.as.chars);
}

}  // namespace

CONTROL(find) {
  return make_control("find", "a name for a loop or statement that a name will not do for",
                      Signature<Args>()
                          .verb("find", &Args::what, "reference", "a pattern, or any reference")
                          .required("as", &Args::as, "name", "what it is called as well from now on")
                          .optional("all", &Args::all, "bool", "give the name to every match [false]"),
                      run);
}

}  // namespace exo
