// The table of verbs, written by the build from the names of the files.
#include "schedule/verb.h"

namespace exo {

#define EXO_VERB(name) Verb verb_##name();
#include "exo_verbs.inc"
#undef EXO_VERB

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all = {
#define EXO_VERB(name) verb_##name(),
#include "exo_verbs.inc"
#undef EXO_VERB
  };
  return all;
}

const Verb* verb_named(const std::string& name) {
  for (const Verb& verb : verbs())
    if (verb.name == name) return &verb;
  return nullptr;
}

}  // namespace exo
