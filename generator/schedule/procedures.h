// Procedures that a schedule can name beside its own: those of the algorithms, those that `extract` cuts out, and those that
// `[proc.NAME]` derives from another one. A derived one is made when a step first asks for it, for one variant.
#pragma once

#include <deque>

#include "schedule/engine.h"
#include "toml/document.h"

namespace exo {

/// `[proc.NAME]` as it stands in the recipe: another procedure, and the steps that make this one of it. With `each` it is a
/// family: one procedure for each row of values, which fill holes `{r}` in all its strings.
struct ProcEntry {
  Text name;
  Text from;
  TomlArray steps;
  std::optional<TomlValue> each;
};

/// The values of one row of a family.
using Row = std::map<std::string, std::string>;

/// The rows of `each`: a list of tables, or one table of lists and ranges `"1..MR"` (both ends belong to it), of which every
/// combination is a row.
std::vector<Row> rows_of(const TomlValue& each, const Context& context);

/// The expression with the values of the row for their names.
Text with_values(const Text& expression, const Row& row);

/// What the steps of a derivation did, so that the changes that led to its end are known.
struct Derivation {
  struct Step {
    ProcRef before, after;
    Change change;
  };
  std::vector<Step> steps;

  struct AsInstruction {
    Text c;
    std::string cls;
    std::vector<std::string> features;
    int64_t ulp = 0;
    bool keeps_order = true;
  };
  std::optional<AsInstruction> instruction;  // said by `make_instr`

  /// All that was assumed between the beginning and `end`, and whether it became another procedure on the way.
  Change until(const ProcRef& end) const;
};

/// Where a procedure comes from. Procedures of one root are equivalent: they do the same wherever their assertions hold.
struct Origin {
  ProcRef proc, root;
  std::map<Sym, Sym> params;  // of the root -> of this one
  Substitution fixed;         // parameters of the root that this one has no more: their value
};

class Procedures {
 public:
  Procedures() = default;
  Procedures(std::vector<ProcRef> given, const std::vector<ProcEntry>& entries, const Context& context);

  bool knows(const std::string& name) const;
  std::vector<std::string> names() const;

  /// The procedure of that name, derived first if it must be; null where there is none.
  ProcRef named(const std::string& name, const Context& context);
  /// The same, or Rejected (`unknown-procedure`).
  ProcRef wanted(const Text& name, const Context& context);

  /// A procedure that a step cut out. It may take the name of an earlier one that was cut out.
  void add(const ProcRef& extracted);
  bool extracted(const std::string& name) const { return extracted_.count(name) > 0; }

  Origin origin(const ProcRef& proc) const;

  /// The procedure as something to map onto: an instruction where `make_instr` made it one.
  const Instruction& instruction(const ProcRef& proc);
  /// Those of a class that `make_instr` makes.
  std::vector<const Instruction*> of_class(const std::string& cls, const Context& context);
  /// Those that `make_instr` made.
  std::vector<Instruction> made() const;

 private:
  struct Entry {
    Text name, from;
    TomlArray steps;
    Row values;
    ProcRef origin, made;  // once derived
  };
  Context base_;  // of the variant, whatever step asks
  std::vector<ProcRef> given_;
  std::vector<Entry> entries_;
  std::map<std::string, ProcRef> extracted_;
  std::map<const Proc*, Origin> origins_;
  std::deque<Instruction> instructions_;  // addresses stay
  std::vector<std::string> open_;         // being derived, for cycles

  ProcRef derived(Entry& entry, const Context& context);
  ProcRef finished(const Entry& entry, const ProcRef& from, const ProcRef& end, const Renaming& copies,
                   const Derivation& record);
  void make_instruction(const Entry& entry, const ProcRef& proc, const Derivation::AsInstruction& how,
                        const Target& target);
};

/// A copy in which every parameter and everything that is bound has a new symbol; `copies` tells which.
ProcRef fresh_copy(const Proc& proc, Renaming& copies);

/// Refuses a verb that makes another procedure where that would change a kernel under the feet of its callers.
void only_in_proc(const Rewrite& rw, const std::string& verb);

/// Refuses an object that is not the procedure itself: `proc`, or its name.
void check_is_proc(const Proc& now, const Ref& ref);

}  // namespace exo
