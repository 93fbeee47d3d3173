// A verb of the recipe language: its arguments tied to the members of a struct, its documentation, and what it does.
#pragma once

#include <optional>
#include <type_traits>

#include <fmt/format.h>

#include "schedule/schedule.h"
#include "support/text.h"
#include "toml/document.h"

namespace exo {

/// What TOML may stand behind a key.
struct Shape {
  enum Kind : uint8_t { Anything, Name, Expression, Integer, Truth, Choice, Steps } kind = Anything;
  bool list = false;                    // or a list of these
  bool table = false;                   // a table of these by name
  std::vector<std::string> words = {};  // of a choice
};

/// One key of a step, for decoding and for the reference.
struct KeyDoc {
  std::string name, type, doc;
  bool required = false;
  Shape shape = {};
};

/// Steps inside a step: `do = [..]`.
struct StepList {
  const TomlArray* list = nullptr;
};

/// Turns the values of a step into those of its arguments.
struct Decoder {
  const Context& context;

  [[noreturn]] void mismatch(const TomlValue& v, const std::string& key, const std::string& wanted) const;
  void operator()(const TomlValue& v, const std::string& key, Text& out) const;
  void operator()(const TomlValue& v, const std::string& key, Ref& out) const;
  void operator()(const TomlValue& v, const std::string& key, std::string& out) const;
  void operator()(const TomlValue& v, const std::string& key, int64_t& out) const;
  void operator()(const TomlValue& v, const std::string& key, bool& out) const;
  void operator()(const TomlValue& v, const std::string& key, StepList& out) const;
  void operator()(const TomlValue& v, const std::string& key, TomlValue& out) const;
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
  /// The position in `words` of the one that is given.
  size_t one_of(const TomlValue& v, const std::string& key, const std::vector<std::string>& words) const;
};

/// The shape of what is decoded into a member of this type.
template <class T>
struct ShapeOf {
  static Shape shape() { return {Shape::Anything}; }
};
template <Shape::Kind kind>
struct ShapeIs {
  static Shape shape() { return {kind}; }
};
template <>
struct ShapeOf<Text> : ShapeIs<Shape::Expression> {};
template <>
struct ShapeOf<Ref> : ShapeIs<Shape::Name> {};
template <>
struct ShapeOf<std::string> : ShapeIs<Shape::Name> {};
template <>
struct ShapeOf<int64_t> : ShapeIs<Shape::Integer> {};
template <>
struct ShapeOf<bool> : ShapeIs<Shape::Truth> {};
template <>
struct ShapeOf<StepList> : ShapeIs<Shape::Steps> {};
template <class T>
struct ShapeOf<std::optional<T>> : ShapeOf<T> {};
template <class T>
struct ShapeOf<std::vector<T>> {
  static Shape shape() {
    Shape out = ShapeOf<T>::shape();
    out.list = true;
    return out;
  }
};
template <class T>
struct ShapeOf<std::vector<std::pair<Text, T>>> {
  static Shape shape() {
    Shape out = ShapeOf<T>::shape();
    out.table = true;
    return out;
  }
};

/// The keys of a verb, the verb itself first, whatever struct they are stored in.
class Keys {
 public:
  using Set = std::function<void(void* args, const TomlValue&, const Decoder&)>;

  void add(KeyDoc doc, Set set);
  void read(const TomlTable& step, const Context& context, void* args) const;
  std::vector<KeyDoc> docs() const;

 private:
  struct Key {
    KeyDoc doc;
    Set set;
  };
  std::vector<Key> keys_;
};

/// Keys tied to the members of `Args`.
template <class Args>
class Signature {
 public:
  /// The object of the verb. Every signature has one, first.
  template <class Member>
  Signature& verb(const char* name, Member Args::*member, const char* type, const char* doc) {
    return add(name, member, type, doc, true);
  }
  template <class Member>
  Signature& required(const char* name, Member Args::*member, const char* type, const char* doc) {
    return add(name, member, type, doc, true);
  }
  template <class Member>
  Signature& optional(const char* name, Member Args::*member, const char* type, const char* doc) {
    return add(name, member, type, doc, false);
  }
  /// One of some words.
  template <class Member>
  Signature& choice(const char* name, Member Args::*member, const std::vector<std::pair<std::string, Member>>& words,
                    const char* doc) {
    std::vector<std::string> names;
    std::vector<Member> values;
    for (const auto& [word, value] : words) names.push_back(word), values.push_back(value);
    keys.add({name, join(names, " | "), doc, false, {Shape::Choice, false, false, names}},
             [=](void* args, const TomlValue& v, const Decoder& decode) {
               static_cast<Args*>(args)->*member = values[decode.one_of(v, name, names)];
             });
    return *this;
  }

  Keys keys;

 private:
  template <class Member>
  Signature& add(const char* name, Member Args::*member, const char* type, const char* doc, bool required) {
    keys.add({name, type, doc, required, ShapeOf<Member>::shape()},
             [=](void* args, const TomlValue& v, const Decoder& decode) {
               decode(v, name, static_cast<Args*>(args)->*member);
             });
    return *this;
  }
};

enum class Kind : uint8_t { Primitive, Composite };

struct Verb {
  std::string name;
  Kind kind = Kind::Primitive;
  std::string brief;
  std::vector<KeyDoc> keys;  // the verb itself first
  std::function<void(Schedule&, const TomlTable&)> run;
};

template <class Args>
Verb make_verb(const char* name, Kind kind, const char* brief, const Signature<Args>& signature,
               void (*run)(Schedule&, const std::type_identity_t<Args>&)) {
  return {name, kind, brief, signature.keys.docs(), [keys = signature.keys, run](Schedule& s, const TomlTable& step) {
            Args args;
            keys.read(step, s.context(), &args);
            run(s, args);
          }};
}

/// Every verb, by name. Each file of primitives/ and composites/ defines one: `VERB(split) { return make_verb(...); }`.
const std::vector<Verb>& verbs();
const Verb* verb_named(const std::string& name);

#define VERB(name) ::exo::Verb verb_##name()

}  // namespace exo
