// golden_comments PRIMITIVE.cpp...: the comment at the top of a primitive's file shows a step, a program, `=>` and the program
// after it. This runs the step on the first program and expects the second. Names that the program does not declare become
// parameters: sizes, and buffers of f32 as large as their indices ask for. Assertions stand in front. Procedures that are called
// and lines `[proc.NAME] from = ..., steps = ...` come before the program.
#include <cstdio>
#include <fstream>
#include <map>
#include <set>

#include <fmt/format.h>

#include "analysis/access.h"
#include "analysis/simplify.h"
#include "golden/case.h"
#include "golden/steps.h"
#include "ir/build.h"
#include "ir/lexer.h"
#include "ir/parse.h"
#include "ir/print.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo::testing {
namespace {

struct Example {
  std::string step, defs, made, procs, before, after;
};

/// Takes the procedures at the beginning out of a program.
std::string take_defs(std::string& program, std::string& procs) {
  std::string defs, rest;
  bool inside = false;
  for (const std::string& line : split_text(program, '\n')) {
    inside = line.rfind("def ", 0) == 0 || (inside && (line.empty() || line[0] == ' '));
    const size_t bracket = line.find("] ");
    if (line.rfind("[proc.", 0) == 0 && bracket != line.npos)
      procs += line.substr(6, bracket - 6) + " = { " + line.substr(bracket + 2) + " }\n";
    else
      (inside ? defs : rest) += line + "\n";
  }
  program = rest;
  return defs;
}

/// The indented lines at the top: the first is the step, then come the two programs.
Example read_example(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> steps;
  std::string before, after;
  enum { Step, Before, After, Done } part = Step;
  for (std::string line; part != Done && std::getline(in, line) && line.rfind("//", 0) == 0;) {
    const bool code = line.rfind("//     ", 0) == 0;
    if (part == Step && code) {
      steps.push_back(line.substr(7)), part = Before;
    } else if (line == "//   =>") {
      part = After;
    } else if (part == Before && code) {
      before += line.substr(7) + "\n";
    } else if (part == After) {
      if (code)
        after += line.substr(7) + "\n";
      else
        part = Done;
    }
  }
  if (steps.empty() || before.empty() || after.empty()) malformed("the comment has no step, program, `=>` and program");
  Example out{steps.front(), {}, {}, {}, before, after};
  std::string none;
  out.defs = take_defs(out.before, out.procs);
  out.made = take_defs(out.after, none);
  return out;
}

/// Names used as buffers, with their rank; and the others, which are sizes.
struct Free {
  std::map<std::string, size_t> buffers;
  std::set<std::string> sizes;
};

/// Is what begins there a buffer with a range in its brackets, up to the end of the line?
bool names_a_part(const std::vector<Token>& tokens, size_t i) {
  bool range = false;
  if (tokens[i].kind != TokenKind::Name || tokens[i + 1].text != "[") return false;
  for (; i < tokens.size() && tokens[i].kind != TokenKind::Newline && tokens[i].kind != TokenKind::End; ++i)
    range = range || tokens[i].text == ":";
  return range && tokens[i - 1].text == "]";
}

Free free_names(const std::string& program) {
  Problems problems;
  const Text text = exo::text_of(register_source("comment", program));
  const auto tokens = lex(text, LineRule::Lines, problems);
  Free out;
  std::set<std::string> bound;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    const std::string name(tokens[i].text), next(tokens[i + 1].text);
    if (tokens[i].kind != TokenKind::Name || is_keyword(name) || next == "(" || next == "." ||
        (i > 0 && tokens[i - 1].text == "."))
      continue;
    const bool begins = i == 0 || tokens[i - 1].kind == TokenKind::Newline || tokens[i - 1].kind == TokenKind::Indent ||
                        tokens[i - 1].kind == TokenKind::Dedent;
    if (begins && next == "=" && names_a_part(tokens, i + 2)) bound.insert(name);
    if ((i > 0 && tokens[i - 1].text == "for") || (begins && next == ":")) bound.insert(name);
    if (bound.count(name) || (i > 0 && (tokens[i - 1].text == ":" || tokens[i - 1].text == "@"))) continue;
    if (next != "[") {
      if (begins)
        out.buffers.emplace(name, 0);
      else if (!out.buffers.count(name))
        out.sizes.insert(name);
      continue;
    }
    size_t rank = 1;
    int depth = 0;
    for (size_t k = i + 1; k < tokens.size(); ++k) {
      if (tokens[k].text == "[" || tokens[k].text == "(") ++depth;
      if (tokens[k].text == "]" || tokens[k].text == ")") --depth;
      if (depth == 0) break;
      if (depth == 1 && tokens[k].text == ",") ++rank;
    }
    out.buffers[name] = rank;
  }
  return out;
}

std::string wrapped(const Free& names, const std::map<std::string, std::vector<std::string>>& extents,
                    const std::string& program) {
  std::vector<std::string> params;
  for (const std::string& s : names.sizes) params.push_back(s + " : size");
  for (const auto& [name, rank] : names.buffers) {
    const auto it = extents.find(name);
    const auto shape = it == extents.end() ? std::vector<std::string>(rank, "1") : it->second;
    params.push_back(name + " : f32" + (rank == 0 ? "" : "[" + join(shape, ", ") + "]"));
  }
  std::string out = fmt::format("def example({}):\n", join(params, ", "));
  for (const std::string& line : split_text(program, '\n'))
    if (!line.empty()) out += "    " + line + "\n";
  return out;
}

/// The largest index of each dimension plus one: iterators at their last value, innermost first.
std::map<std::string, std::vector<std::string>> extents_in(const Proc& proc) {
  std::map<std::string, std::vector<ExprRef>> largest;
  for (const Access& a : accesses(declarations(proc), proc.body)) {
    auto& shape = largest[a.buffer.name()];
    shape.resize(a.index.size());
    for (size_t d = 0; d < a.index.size(); ++d) {
      ExprRef e = a.index[d];
      for (auto it = a.iterators.rbegin(); it != a.iterators.rend(); ++it) {
        for (const ExprRef& c : a.when)  // iter < hi, in a procedure that is called in terms of the caller
          if (const Binary* b = as<Binary>(c);
              b && b->op == BinaryOp::Lt && as<Var>(b->a) && as<Var>(b->a)->sym == it->first) {
            e = substitute(e, {{it->first, b->b - num(1)}});
            break;
          }
      }
      e = simplify(e + num(1), {});
      shape[d] = !shape[d] || equal(shape[d], e) ? e : max_of(shape[d], e);
    }
  }
  std::map<std::string, std::vector<std::string>> out;
  for (const auto& [name, shape] : largest)
    for (const ExprRef& e : shape) out[name].push_back(print(e));
  return out;
}

/// The program as text without its head, which steps may change, and without the labels that its names do not tell.
std::string plain(const Proc& proc) {
  std::string out;
  const std::string all = print(proc);
  for (const std::string& line : split_text(all.substr(all.find("):\n") + 3), '\n'))
    out += std::string(line.substr(0, line.find("  #: "))) + "\n";
  return out;
}

void run(const std::string& path) {
  const Example example = read_example(path);
  Setting setting(example.step.find("config") == std::string::npos ? "avx2" : "accel");
  const std::vector<Sym> fields = fields_of(setting.target().configs);
  setting.derives();
  const Free names = free_names(example.before + example.after);
  const auto extents_of = [&](const std::string& text) {
    return extents_in(
        *parse(exo::text_of(register_source("comment", text)), instructions(setting.target()), fields).back());
  };
  const auto extents = extents_of(example.defs + wrapped(names, {}, example.before));
  const std::vector<ProcRef> given =
      procedures(example.defs + wrapped(names, extents, example.before), setting.target());
  setting.define({given.begin(), given.end() - 1}, example.procs);
  const Result result = run_steps(given.back(), {example.step}, setting);
  if (result.refusal) malformed("the step is refused:\n" + render(result.refusal->problems.front()));
  const auto known = callable(*result.after, instructions(setting.target()));
  const ProcRef after = simplify(
      parse(exo::text_of(register_source("comment", wrapped(names, extents, example.after))), known, fields).back());
  if (!example.made.empty()) {
    std::string wanted, got;
    for (const ProcRef& proc : parse(exo::text_of(register_source("comment", example.made)))) wanted += print(*proc);
    for (const ProcRef& proc : made_by_steps(*result.after, setting.target(), given)) got += print(*proc);
    if (wanted != got) malformed("expected\n" + wanted + "but got\n" + got);
  }
  if (plain(*result.after) != plain(*after))
    malformed("expected\n" + plain(*after) + "but got\n" + plain(*result.after));
}

}  // namespace
}  // namespace exo::testing

int main(int argc, char** argv) {
  int bad = 0;
  for (int i = 1; i < argc; ++i) try {
      exo::testing::run(argv[i]);
    } catch (const exo::Rejected& rejected) {
      fmt::print("{}: {}\n", argv[i], exo::render(rejected.problems.front())), ++bad;
    } catch (const exo::Bug& fault) {
      fmt::print("{}: {}\n", argv[i], fault.what), ++bad;
    } catch (const std::exception& fault) {
      fmt::print("{}: {}\n", argv[i], fault.what()), ++bad;
    }
  return bad > 0 ? 1 : 0;
}
