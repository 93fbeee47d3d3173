// Scratch memory: alignment, order, reuse, allocators that fail, threads.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "exo/kernel.h"

namespace {

// An allocator that counts, and can be told to refuse.
std::atomic<int> allocated{0}, released{0};
std::atomic<bool> refuse{false};

void* count_allocate(size_t bytes, size_t alignment) {
  if (refuse) return nullptr;
  ++allocated;
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}
void count_release(void* memory) {
  ++released;
  std::free(memory);
}

struct Counting {
  Counting() {
    allocated = released = 0;
    refuse = false;
    exo_set_allocator(count_allocate, count_release);
  }
  ~Counting() { exo_set_allocator(nullptr, nullptr); }
};

/// Runs in a thread of its own, so that no scratch of other tests is there.
template <class Action>
void in_thread(const Action& action) {
  std::thread(action).join();
}

bool aligned(const void* memory) { return reinterpret_cast<uintptr_t>(memory) % 64 == 0; }

}  // namespace

TEST_CASE("scratch is aligned, apart, and last in first out") {
  std::vector<std::pair<char*, size_t>> pieces;
  for (size_t i = 0; i < 200; ++i) {
    const size_t bytes = i * i * 7 % 5000;
    auto* memory = static_cast<char*>(exo_scratch_acquire(bytes));
    REQUIRE(memory);
    CHECK(aligned(memory));
    std::memset(memory, static_cast<int>(i), bytes);
    pieces.push_back({memory, bytes});
  }
  for (size_t i = pieces.size(); i-- > 0;) {
    for (size_t byte = 0; byte < pieces[i].second; ++byte)
      REQUIRE(pieces[i].first[byte] == static_cast<char>(i));
    exo_scratch_release(pieces[i].first);
  }
  exo_scratch_release(nullptr);
}

TEST_CASE("a kernel that is called again asks for no memory") {
  in_thread([] {
    const Counting counting;
    int after_warm_up = 0;
    for (int call = 0; call < 10; ++call) {
      void* a = exo_scratch_acquire(1 << 20);
      void* b = exo_scratch_acquire(3 << 20);
      void* c = exo_scratch_acquire(100);
      exo_scratch_release(c);
      exo_scratch_release(b);
      exo_scratch_release(a);
      if (call == 3) after_warm_up = allocated;
    }
    CHECK(allocated == after_warm_up);
    CHECK(allocated - released == 1);
  });
  CHECK(allocated == released);
}

TEST_CASE("no memory is a null pointer, and nothing is lost") {
  in_thread([] {
    const Counting counting;
    void* a = exo_scratch_acquire(1000);
    REQUIRE(a);
    refuse = true;
    CHECK(exo_scratch_acquire(1 << 20) == nullptr);
    refuse = false;
    void* b = exo_scratch_acquire(1 << 20);
    CHECK(b);
    exo_scratch_release(b);
    exo_scratch_release(a);
    CHECK(exo_scratch_acquire(SIZE_MAX) == nullptr);
    CHECK(exo_scratch_acquire(SIZE_MAX - 63) == nullptr);
  });
  CHECK(allocated == released);
}

TEST_CASE("memory goes back to where it came from when the allocator changes in between") {
  in_thread([] {
    void* a = exo_scratch_acquire(1000);
    const Counting counting;
    void* b = exo_scratch_acquire(1 << 20);
    CHECK(allocated == 1);
    exo_scratch_release(b);
    exo_scratch_release(a);
    CHECK(released == 0);
  });
  CHECK(released == 1);
}

TEST_CASE("threads have scratch of their own, given back when they end") {
  {
    const Counting counting;
    std::mutex mutex;
    std::map<void*, int> seen;
    std::vector<std::thread> threads;
    std::atomic<int> waiting{8};
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        void* memory = exo_scratch_acquire(4096);
        std::memset(memory, t, 4096);
        {
          const std::lock_guard lock(mutex);
          ++seen[memory];
        }
        --waiting;
        while (waiting > 0) std::this_thread::yield();
        exo_scratch_release(memory);
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(seen.size() == 8);
  }
  CHECK(allocated == 8);
  CHECK(released == 8);
}
