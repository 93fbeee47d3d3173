#include "schedule/verb.h"

namespace exo {

void Decoder::mismatch(const TomlValue& v, const std::string& key, const std::string& wanted) const {
  reject(
      Diagnostic{"step-value", fmt::format("`{}` wants {}, this is {}", key, wanted, v.kind()), {}, {}, {}}.at(v.span));
}

void Decoder::operator()(const TomlValue& v, const std::string& key, Text& out) const {
  if (const Text* t = v.text()) return void(out = *t);
  if (const bool* b = v.boolean()) return void(out = {*b ? "True" : "False", v.span, {}});
  const int64_t* n = v.integer();
  if (!n) mismatch(v, key, "an expression");
  out = {fmt::format("{}", *n), v.span, {}};
}

void Decoder::operator()(const TomlValue& v, const std::string& key, Ref& out) const {
  if (!v.text()) mismatch(v, key, "a name");
  out.text = *v.text();
}

void Decoder::operator()(const TomlValue& v, const std::string& key, std::string& out) const {
  if (!v.text()) mismatch(v, key, "a string");
  out = v.text()->chars;
}

void Decoder::operator()(const TomlValue& v, const std::string& key, int64_t& out) const {
  if (const int64_t* n = v.integer()) return void(out = *n);
  if (!v.text()) mismatch(v, key, "a number or an expression of params");
  out = context.integer(*v.text());
}

void Decoder::operator()(const TomlValue& v, const std::string& key, bool& out) const {
  if (!v.boolean()) mismatch(v, key, "true or false");
  out = *v.boolean();
}

void Decoder::operator()(const TomlValue& v, const std::string& key, StepList& out) const {
  if (!v.array()) mismatch(v, key, "a list of steps");
  out.list = v.array();
}

void Decoder::operator()(const TomlValue& v, const std::string&, TomlValue& out) const { out = v; }

size_t Decoder::one_of(const TomlValue& v, const std::string& key, const std::vector<std::string>& words) const {
  std::string word;
  (*this)(v, key, word);
  for (size_t i = 0; i < words.size(); ++i)
    if (words[i] == word) return i;
  reject(Diagnostic{"step-value", fmt::format("`{}` cannot be `{}`", key, word), {}, {}, {}}
             .at(v.text()->whole())
             .help(suggestion(word, words)));
}

void Keys::add(KeyDoc doc, Set set) { keys_.push_back({std::move(doc), std::move(set)}); }

void Keys::read(const TomlTable& step, const Context& context, void* args) const {
  Problems problems;
  for (const auto& entry : step.entries)
    for (const Key& key : keys_)
      if (key.doc.name == entry.first.name) problems.attempt([&] { key.set(args, entry.second, Decoder{context}); });
  for (const Key& key : keys_)
    if (key.doc.required && !step.find(key.doc.name))
      problems.add(Diagnostic{
          "step-key-missing", fmt::format("`{}` needs `{}`", keys_.front().doc.name, key.doc.name), {}, {}, {}}
                       .at(step.key(keys_.front().doc.name)->span)
                       .help(fmt::format("`{}` is {}", key.doc.name, key.doc.doc)));
  problems.throw_if_any();
}

std::vector<KeyDoc> Keys::docs() const {
  std::vector<KeyDoc> out;
  for (const Key& key : keys_) out.push_back(key.doc);
  return out;
}

}  // namespace exo
