// Results that are worked out once.
#pragma once

#include <map>
#include <utility>

namespace exo {

/// What was made of each key. Forgets all of it when there is too much. Where keys are addresses, values hold what they point at, so
/// that an address names nothing else.
template <class Key, class Value, class Map = std::map<Key, Value>>
class Memo {
 public:
  explicit Memo(size_t most) : most_(most) {}

  /// `make()` the first time; it may ask for other keys. Valid until the next call.
  template <class Make>
  const Value& of(const Key& key, const Make& make) {
    if (const auto it = known_.find(key); it != known_.end()) return it->second;
    Value made = make();
    if (known_.size() >= most_) known_.clear();
    return known_.emplace(key, std::move(made)).first->second;
  }

 private:
  const size_t most_;
  Map known_;
};

}  // namespace exo
