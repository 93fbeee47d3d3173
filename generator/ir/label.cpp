#include "ir/label.h"

#include <algorithm>

#include "ir/parse.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

bool reads_nothing(const ExprRef& e) {
  bool nothing = true;
  each_expr(e, [&](const ExprRef& x) { nothing = nothing && !std::holds_alternative<Read>(x->node); });
  return nothing;
}

bool is_word(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != '\x7f' && c != ',' && c != '='; });
}

std::string usual_name(const Stmt& statement, const std::function<std::string(Sym)>& name) {
  return std::visit(match{
                        [&](const Assign& n) { return name(n.buffer) + (reads_nothing(n.rhs) ? ".init" : ".store"); },
                        [&](const Reduce& n) { return name(n.buffer) + ".update"; },
                        [&](const For& n) { return name(n.iter); },
                        [&](const If&) { return std::string("if"); },
                        [&](const Alloc& n) { return name(n.buffer) + ".alloc"; },
                        [&](const Alias& n) { return name(n.name) + ".part"; },
                        [&](const Call& n) { return n.callee->name; },
                        [&](const Configure& n) { return n.field.name(); },
                    },
                    statement.node);
}

std::string own_name(Sym sym) { return sym.name(); }

}  // namespace

Label usual_label(const Stmt& statement, const std::function<std::string(Sym)>& name) {
  Label label;
  label.name = usual_name(statement, name);
  if (std::holds_alternative<For>(statement.node)) label.axis = label.name;
  return label;
}

std::string default_label(const Stmt& statement) { return usual_name(statement, own_name); }

std::string label_comment(const Label& label, const Label& usual) {
  std::vector<std::string> words;
  if (label.name != usual.name) words.push_back((label.name.empty() ? "name=" : "") + label.name);
  if (label.nest != usual.nest) words.push_back("nest=" + label.nest);
  if (label.alias != usual.alias) words.push_back("alias=" + label.alias);
  if (label.axis != usual.axis) words.push_back("axis=" + label.axis);
  if (label.copies != usual.copies) words.push_back("copies=" + join(label.copies, ","));
  if (label.marks != usual.marks) words.push_back("marks=" + join(label.marks, ","));
  return join(words, " ");
}

bool read_label_comment(std::string_view words, Label& label) {
  for (const std::string& word : split_text(trim(words), ' ')) {
    if (word.empty()) continue;
    const size_t equals = word.find('=');
    const std::string key = equals == word.npos ? "name" : word.substr(0, equals);
    const std::string value = equals == word.npos ? word : word.substr(equals + 1);
    if (key == "copies" || key == "marks") {
      (key == "copies" ? label.copies : label.marks) =
          value.empty() ? std::vector<std::string>{} : split_text(value, ',');
      continue;
    }
    std::string* const field = key == "name"    ? &label.name
                               : key == "nest"  ? &label.nest
                               : key == "alias" ? &label.alias
                               : key == "axis"  ? &label.axis
                                                : nullptr;
    if (!field) return false;
    *field = value;
  }
  return is_writable(label);
}

bool is_writable(const Label& label) {
  const auto are_words = [](const std::vector<std::string>& list) {
    return std::all_of(list.begin(), list.end(), [](const std::string& w) { return !w.empty() && is_word(w); });
  };
  return is_word(label.name) && is_word(label.nest) && is_word(label.alias) && is_word(label.axis) &&
         are_words(label.copies) && are_words(label.marks);
}

}  // namespace exo
