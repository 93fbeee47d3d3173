// A verb of the recipe language: its arguments tied to the members of a struct, its documentation, and what it does.
#pragma once

#include <optional>

#include <fmt/format.h>

#include "schedule/schedule.h"
#include "support/text.h"
#include "toml/document.h"

namespace exo {

/// One key of a step, for decoding and for the reference.
struct KeyDoc {
  std::string name, type, doc;
  bool required = false;
};

/// Turns the strings of a step into values.
struct Decoder {
  const Context& context;

  [[noreturn]] void mismatch(const TomlValue& v, const std::string& key, const std::string& wanted) const {
    reject(Diagnostic{"step-value", fmt::format("`{}` wants {}, this is {}", key, wanted, v.kind()), {}, {}, {}}.at(v.span));
  }
  void operator()(const TomlValue& v, const std::string& key, Text& out) const {
    if (const Text* t = v.text()) return void(out = *t);
    const int64_t* n = v.integer();
    if (!n) mismatch(v, key, "an expression");
    out = {fmt::format("{}", *n), v.span, {}};
  }
  void operator()(const TomlValue& v, const std::string& key, Ref& out) const {
    if (!v.text()) mismatch(v, key, "a name");
    out.text = *v.text();
  }
  void operator()(const TomlValue& v, const std::string& key, std::string& out) const {
    if (!v.text()) mismatch(v, key, "a string");
    out = v.text()->chars;
  }
  void operator()(const TomlValue& v, const std::string& key, int64_t& out) const {
    if (const int64_t* n = v.integer()) return void(out = *n);
    if (!v.text()) mismatch(v, key, "a number or an expression of params");
    out = context.integer(*v.text());
  }
  void operator()(const TomlValue& v, const std::string& key, bool& out) const {
    if (!v.boolean()) mismatch(v, key, "true or false");
    out = *v.boolean();
  }
  template <class T>
  void operator()(const TomlValue& v, const std::string& key, std::optional<T>& out) const {
    (*this)(v, key, out.emplace());
  }
  /// A single value counts as a list of one.
  template <class T>
  void operator()(const TomlValue& v, const std::string& key, std::vector<T>& out) const {
    if (!v.array()) return (*this)(v, key, out.emplace_back());
    for (const TomlValue& element : *v.array()) (*this)(element, key, out.emplace_back());
  }
  /// A table of names, in the order of the file.
  template <class T>
  void operator()(const TomlValue& v, const std::string& key, std::vector<std::pair<Text, T>>& out) const {
    if (!v.table()) mismatch(v, key, "a table");
    for (const auto& [name, value] : v.table()->entries) {
      out.emplace_back(Text{name.name, name.span, {}}, T{});
      (*this)(value, key, out.back().second);
    }
  }
};

template <class Args>
class Schema {
 public:
  /// The object of the verb. Every schema has one, first.
  template <class Member>
  Schema& verb(const std::string& name, Member Args::*member, const std::string& type, const std::string& doc) {
    return add(name, member, type, doc, true);
  }
  template <class Member>
  Schema& required(const std::string& name, Member Args::*member, const std::string& type, const std::string& doc) {
    return add(name, member, type, doc, true);
  }
  template <class Member>
  Schema& optional(const std::string& name, Member Args::*member, const std::string& type, const std::string& doc) {
    return add(name, member, type, doc, false);
  }
  /// One of some words.
  template <class Member>
  Schema& choice(const std::string& name, Member Args::*member, const std::vector<std::pair<std::string, Member>>& words,
                 const std::string& doc) {
    std::vector<std::string> names;
    for (const auto& [word, value] : words) names.push_back(word);
    keys_.push_back({{name, join(names, " | "), doc, false},
                     [=](Args& args, const TomlValue& v, const Decoder& decode) {
                       std::string word;
                       decode(v, name, word);
                       for (const auto& [known, value] : words)
                         if (known == word) return void(args.*member = value);
                       reject(Diagnostic{"step-value", fmt::format("`{}` cannot be `{}`", name, word), {}, {}, {}}
                                  .at(v.text()->whole())
                                  .help(suggestion(word, names)));
                     }});
    return *this;
  }

  Args read(const TomlTable& step, const Context& context) const {
    Args args;
    Problems problems;
    for (const auto& entry : step.entries)
      for (const Key& key : keys_)
        if (key.doc.name == entry.first.name) problems.attempt([&] { key.set(args, entry.second, Decoder{context}); });
    for (const Key& key : keys_)
      if (key.doc.required && !step.find(key.doc.name))
        problems.add(Diagnostic{"step-key-missing", fmt::format("`{}` needs `{}`", keys_.front().doc.name, key.doc.name), {}, {}, {}}
                         .at(step.key(keys_.front().doc.name)->span)
                         .help(fmt::format("`{}` is {}", key.doc.name, key.doc.doc)));
    problems.throw_if_any();
    return args;
  }

  std::vector<KeyDoc> docs() const {
    std::vector<KeyDoc> out;
    for (const Key& key : keys_) out.push_back(key.doc);
    return out;
  }

 private:
  struct Key {
    KeyDoc doc;
    std::function<void(Args&, const TomlValue&, const Decoder&)> set;
  };
  std::vector<Key> keys_;

  template <class Member>
  Schema& add(const std::string& name, Member Args::*member, const std::string& type, const std::string& doc, bool required) {
    keys_.push_back({{name, type, doc, required},
                     [=](Args& args, const TomlValue& v, const Decoder& decode) { decode(v, name, args.*member); }});
    return *this;
  }
};

enum class Kind : uint8_t { Primitive, Composite };

struct Verb {
  std::string name;
  Kind kind = Kind::Primitive;
  std::string brief;
  std::vector<KeyDoc> keys;          // the verb itself first
  std::function<void(Schedule&, const TomlTable&)> run;
};

template <class Args, class Run>
Verb make_verb(std::string name, Kind kind, std::string brief, Schema<Args> schema, Run run) {
  std::vector<KeyDoc> docs = schema.docs();
  return {std::move(name), kind, std::move(brief), std::move(docs),
          [schema, run](Schedule& s, const TomlTable& step) { run(s, schema.read(step, s.context())); }};
}

/// Every verb, by name. Each file of primitives/ and composites/ defines one: `VERB(split) { return make_verb(...); }`.
const std::vector<Verb>& verbs();
const Verb* verb_named(const std::string& name);

#define VERB(name) ::exo::Verb verb_##name()

}  // namespace exo
