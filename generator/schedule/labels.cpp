#include "schedule/labels.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "ir/lexer.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

[[noreturn]] void refuse_name(const Text& name, const std::string& what, const std::string& why) {
  reject(Diagnostic{"step-name", fmt::format("`{}` cannot be the name of a {}", name.chars, what), {}, {}, {}}
             .at(name.whole())
             .help(why));
}

void check_name(const Text& name, const std::string& what) {
  if (!is_identifier(name.chars))
    refuse_name(name, what, "a name is made of letters, digits and `_`, and does not begin with a digit");
  if (is_keyword(name.chars)) refuse_name(name, what, "it is a word of the language");
}

}  // namespace

void check_loop_name(const Text& name) {
  constexpr std::array<std::string_view, 6> kReserved = {"init", "update", "load", "store", "alloc", "body"};
  check_name(name, "loop");
  if (std::find(kReserved.begin(), kReserved.end(), name.chars) != kReserved.end())
    refuse_name(name, "loop", "recipes call statements by this word");
}

void check_procedure_name(const Text& name) { check_name(name, "procedure"); }

void check_buffer_name(const Text& name) { check_name(name, "buffer"); }

Label loop_label(const Label& from, const std::string& name) {
  Label out = from;
  out.name = name;
  if (name != from.name) out.marks.clear();
  return out;
}

Block as_copy(const Block& block, const std::string& copy) {
  Block out;
  for (const StmtRef& s : block) {
    Stmt next = *map_children(
        s, [](const ExprRef& e) { return e; }, [&](const Block& b) { return as_copy(b, copy); });
    next.label.copies.push_back(copy);
    out.push_back(std::make_shared<const Stmt>(std::move(next)));
  }
  return out;
}

}  // namespace exo
