// The inside of the interpreter. A procedure becomes a tree of functions that work on fixed places: since no procedure
// calls itself, each needs only one set of places for its variables.
#pragma once

#include <deque>
#include <memory>

#include "ir/check.h"
#include "ir/control.h"
#include "ir/values.h"

namespace exo {

/// Elements of one buffer that a run may have: programs are run on small sizes.
constexpr int64_t kMaxCells = int64_t{1} << 22;

/// The cells of an argument or allocation.
struct Storage {
  Sym name;
  Scalar type = Scalar::F32;
  std::vector<int64_t> shape, strides;
  Cell* cells = nullptr;
  std::vector<Cell> own;   // of an allocation
  bool argument = false;   // of the outermost procedure: what is stored must have a value
  bool outermost = false;  // accesses are events
};

/// What a procedure sees as one of its buffers: all of a storage or a window of it.
struct View {
  struct Dim {
    int64_t extent = 0, stride = 0;
    size_t of = 0;  // the dimension of the storage that it walks
  };
  Sym name;
  Scalar type = Scalar::F32;
  bool window = false;
  Storage* storage = nullptr;
  int64_t offset = 0;
  std::vector<Dim> dims;      // as many as declared, so that strides keep their places
  std::vector<int64_t> base;  // index in the storage of the first element
};

/// Makes `view` see all of `storage`.
void view_all(View& view, Storage& storage);

/// Strides of a dense tensor; throws NoValue where an extent is negative or the product too large.
std::vector<int64_t> dense_strides(const std::vector<int64_t>& shape);

/// Where the run stands, and what it reports.
struct Run {
  uint64_t remaining = 0;
  const std::function<void(const Event&)>* trace = nullptr;  // null: nobody listens
  const Stmt* stmt = nullptr;
  std::vector<std::pair<Sym, const int64_t*>> iterators;
  const Proc* inside = nullptr;  // the procedure called, if it is not the outermost
  std::map<Sym, Cell> fields;    // of configuration

  std::vector<std::pair<Sym, int64_t>> iterator_values() const;
  [[noreturn]] void fault(Fault::Kind kind, std::string what) const;
  /// What the field holds; faults where it was never set.
  const Cell& configured(Sym field) const;
  void configure(Sym field, const Cell& value);
  /// As if it was never set.
  void forget(Sym field);
  void spend(uint64_t steps) {
    if (steps > remaining) fault(Fault::TooLong, "the run takes too many steps");
    remaining -= steps;
  }
};

using Code = std::function<void()>;
using DataCode = std::function<Cell()>;
enum class Truth : uint8_t { False, True, Unknown };
using TruthCode = std::function<Truth()>;

/// A procedure made ready to run.
struct Unit {
  const Proc* proc = nullptr;
  Run* run = nullptr;
  Declarations names;
  std::deque<int64_t> integers;
  std::deque<View> views;
  std::deque<Storage> storages;
  std::map<Sym, int64_t*> integer_of;
  std::map<Sym, View*> view_of;
  std::vector<std::vector<ControlCode>> shapes;  // of the parameters
  std::vector<ControlCode> asserts;
  std::vector<Code> body;

  ControlNames control_names() const;
  View& add_view(Sym sym, const Type& type);
  void execute() const {
    for (const Code& code : body) code();
  }
};

/// One element of a view.
struct Element {
  const View* view;
  std::vector<ControlCode> index;
  Run* run;

  Cell& at(Event::Kind kind) const {
    int64_t offset = view->offset;
    for (size_t d = 0; d < index.size(); ++d) {
      const int64_t i = index[d]();
      if (static_cast<uint64_t>(i) >= static_cast<uint64_t>(view->dims[d].extent)) outside();
      offset += i * view->dims[d].stride;
    }
    if (run->trace && view->storage->outermost) report(kind);
    return view->storage->cells[offset];
  }
  std::string text() const;  // "A[3,0]"

 private:
  [[noreturn]] void outside() const;
  void report(Event::Kind kind) const;
};

/// Makes units out of procedures, those that they call included.
class Machine {
 public:
  Run run;
  Unit& unit(const Proc& proc, bool outermost);

 private:
  std::map<const Proc*, std::unique_ptr<Unit>> units_;
};

/// Data expressions of a unit (execute_data.cpp).
DataCode data_code(const ExprRef& e, Scalar type, const Unit& unit, Run& run);
/// The condition of an `if`: a truth value, of data or of control.
ControlCode branch_code(const ExprRef& e, const Unit& unit);
Element access_code(Sym buffer, const Exprs& index, const Unit& unit, Run& run);

}  // namespace exo
