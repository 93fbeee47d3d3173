// First fit in the order of the program; where that leaves gaps which cost too much, the largest buffers first.
#include "target/placement.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "ir/build.h"
#include "ir/walk.h"
#include "support/text.h"

namespace exo {
namespace {

/// A buffer with the statements during which it lives, counted in the order of the text.
struct Life {
  const Alloc* alloc;
  const Memory* memory;
  Path at;
  int64_t from = 0, to = 0;
  int64_t units = 0, bytes = 0, first = -1;

  bool meets(const Life& o) const { return from <= o.to && o.from <= to; }
  const std::string& name() const { return alloc->buffer.name(); }
};

class Lives {
 public:
  explicit Lives(const Target& target) : target_(target) {}
  std::vector<Life> found;
  std::vector<Shortage> shortages;

  void block(const Block& body, const Path& around, Slot slot) {
    std::vector<std::pair<size_t, size_t>> own;  // the statement, the life in `found`
    std::vector<std::pair<int64_t, int64_t>> spans;
    for (size_t i = 0; i < body.size(); ++i) {
      const Path here = child(around, i, slot);
      const int64_t from = next_++;
      if (const Alloc* a = as<Alloc>(body[i])) {
        if (add(*a, here)) own.emplace_back(i, found.size() - 1);
      } else if (const For* n = as<For>(body[i])) {
        block(n->body, here, Slot::Body);
      } else if (const If* n = as<If>(body[i])) {
        block(n->body, here, Slot::Body), block(n->orelse, here, Slot::Else);
      } else if (const Call* n = as<Call>(body[i])) {
        if (!target_.instruction_of(*n->callee)) callee(*n->callee, here);
      }
      spans.emplace_back(from, next_ - 1);
    }
    for (const auto& [at, life] : own) live(found[life], body, at, spans);
  }

 private:
  const Target& target_;
  int64_t next_ = 1;

  static void live(Life& life, const Block& body, size_t at, const std::vector<std::pair<int64_t, int64_t>>& spans) {
    bool named = false;
    for (size_t k = at + 1; k < body.size(); ++k) {
      const bool here = mentions(Block{body[k]}, life.alloc->buffer);
      named = named || (here && as<Alias>(body[k]));
      if (!here && !named) continue;
      if (life.to == 0) life.from = spans[k].first;
      life.to = spans[k].second;
    }
  }

  const Memory* limited(const Alloc& a) const {
    const Memory* m = target_.memory(a.memory);
    return m && (m->capacity || m->bytes) ? m : nullptr;
  }

  bool add(const Alloc& a, const Path& at) {
    const Memory* m = limited(a);
    if (!m) return false;
    Life life{&a, m, at};
    const bool in_lanes = m->lanes.count(a.type.scalar) > 0 && !a.type.shape.empty();
    int64_t units = 1, bytes = size_in_bytes(a.type.scalar);
    for (size_t d = 0; d < a.type.shape.size(); ++d) {
      const int64_t* extent = literal(a.type.shape[d]);
      const bool outer = d + (in_lanes ? 1 : 0) < a.type.shape.size();
      if (!extent || *extent < 0 || __builtin_mul_overflow(bytes, *extent, &bytes) ||
          (outer && __builtin_mul_overflow(units, *extent, &units))) {
        Diagnostic d2{
            "memory-extent",
            fmt::format("`{}` is in memory `{}`, whose capacity is counted, but has an extent that is no constant",
                        life.name(), m->name),
            {},
            {},
            {}};
        shortages.push_back({at, d2.help("`stage` a part of constant size, or `resize_dim` it")});
        return false;
      }
    }
    life.units = units, life.bytes = bytes;
    found.push_back(std::move(life));
    return true;
  }

  /// What a procedure keeps in such a memory would have to be placed around what its caller keeps there.
  void callee(const Proc& proc, const Path& at) {
    each_stmt(proc.body, [&](const StmtRef& s) {
      const Alloc* a = as<Alloc>(s);
      if (!a || !limited(*a)) return;
      Diagnostic d{"memory-callee",
                   fmt::format("`{}` allocates `{}` in memory `{}`, whose capacity is counted in the kernel alone",
                               proc.name, a->buffer.name(), a->memory),
                   {},
                   {},
                   {}};
      shortages.push_back({at, d.help("inline the call")});
    });
  }
};

/// A part of a memory that has a capacity of its own.
struct Part {
  const Memory* memory;
  int64_t bank;  // -1: all of it
  std::string name() const {
    return bank < 0 ? fmt::format("`{}`", memory->name) : fmt::format("bank {} of `{}`", bank, memory->name);
  }
  bool holds(const Life& l) const { return l.memory == memory && (bank < 0 || l.alloc->bank == bank); }
};

class Placer {
 public:
  Placer(std::vector<Life>& lives, std::vector<Shortage>& shortages) : lives_(lives), shortages_(shortages) {}

  void run(const Memory& memory) {
    const size_t before = shortages_.size();
    for (const Life& l : lives_)
      if (l.memory == &memory) bank_exists(l);
    if (shortages_.size() != before) return;
    if (memory.capacity) {
      for (int64_t bank = 0; bank < memory.banks && memory.banks > 1; ++bank)
        sums({&memory, bank}, *memory.capacity / memory.banks, "units", &Life::units);
      sums({&memory, -1}, *memory.capacity, "units", &Life::units);
    }
    if (memory.bytes) sums({&memory, -1}, *memory.bytes, "bytes", &Life::bytes);
    if (shortages_.size() != before || !memory.addressed) return;
    std::vector<Life*> order;
    for (Life& l : lives_)
      if (l.memory == &memory) order.push_back(&l);
    std::stable_sort(order.begin(), order.end(),
                     [](const Life* a, const Life* b) { return (a->alloc->bank >= 0) > (b->alloc->bank >= 0); });
    if (!fit(order)) return;
    std::stable_sort(order.begin(), order.end(), [](const Life* a, const Life* b) {
      return std::pair(a->alloc->bank >= 0, a->units) > std::pair(b->alloc->bank >= 0, b->units);
    });
    if (const Life* homeless = fit(order)) {
      Diagnostic d{"memory-fragments",
                   fmt::format("`{}` has room for `{}`, {} units, but not in one piece", memory.name, homeless->name(),
                               homeless->units),
                   {},
                   {},
                   {}};
      shortages_.push_back(
          {homeless->at, d.help("place buffers in banks with `set_memory`, or allocate large ones further out")});
    }
  }

 private:
  std::vector<Life>& lives_;
  std::vector<Shortage>& shortages_;

  void bank_exists(const Life& l) {
    const int64_t bank = l.alloc->bank, banks = l.memory->banks;
    if (bank < 0 || (bank < banks && banks > 1)) return;
    Diagnostic d{"memory-bank",
                 banks == 1 ? fmt::format("`{}` has no banks", l.memory->name)
                            : fmt::format("`{}` has banks 0 to {}, and no bank {}", l.memory->name, banks - 1, bank),
                 {},
                 {},
                 {}};
    shortages_.push_back({l.at, std::move(d)});
  }

  /// The first statement at which more lives than there is room for.
  void sums(const Part& part, int64_t capacity, const char* what, int64_t Life::*size) {
    for (const Life& start : lives_) {
      if (!part.holds(start)) continue;
      int64_t sum = 0;
      bool too_large = false;
      std::vector<std::string> list;
      for (const Life& l : lives_) {
        if (!part.holds(l) || l.from > start.from || l.to < start.from) continue;
        too_large = __builtin_add_overflow(sum, l.*size, &sum) || too_large;
        list.push_back(fmt::format("`{}` takes {}", l.name(), l.*size));
      }
      if (sum <= capacity && !too_large) continue;
      Diagnostic d{"memory-capacity",
                   fmt::format("{} holds {} {}, and {} are in use at once", part.name(), capacity, what,
                               too_large ? "far more" : fmt::format("{}", sum)),
                   {},
                   {},
                   {}};
      d.note(join(list, ", "));
      shortages_.push_back(
          {start.at, d.help("stage smaller parts, or further in, so that fewer of them live at once")});
      return;
    }
  }

  /// The first buffer for which there is no room; null where all have a place.
  static const Life* fit(const std::vector<Life*>& order) {
    for (Life* l : order) l->first = -1;
    for (Life* l : order) {
      const Memory& m = *l->memory;
      const int64_t size = *m.capacity / m.banks, bank = l->alloc->bank;
      const int64_t end = bank < 0 ? *m.capacity : (bank + 1) * size;
      int64_t first = bank < 0 ? 0 : bank * size;
      for (bool moved = true; moved;) {
        moved = false;
        for (const Life* o : order)
          if (o->first >= 0 && o->meets(*l) && first < o->first + o->units && o->first < first + l->units)
            first = o->first + o->units, moved = true;
      }
      if (first + l->units > end) return l;
      l->first = first;
    }
    return nullptr;
  }
};

}  // namespace

Placement placement(const Proc& proc, const Target& target) {
  Placement out;
  if (std::none_of(target.memories.begin(), target.memories.end(),
                   [](const Memory& m) { return m.capacity || m.bytes; }))
    return out;
  Lives lives(target);
  lives.block(proc.body, {}, Slot::Body);
  std::erase_if(lives.found, [](const Life& l) { return l.to == 0; });  // nobody mentions it
  out.shortages = std::move(lives.shortages);
  if (!out.shortages.empty()) return out;
  for (const Memory& m : target.memories)
    if (m.capacity || m.bytes) Placer(lives.found, out.shortages).run(m);
  for (const Life& l : lives.found)
    if (l.memory->addressed) out.places[l.alloc->buffer] = {l.memory, l.first, l.units};
  return out;
}

}  // namespace exo
