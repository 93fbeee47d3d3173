// Memory for a short run: what is freed serves the next of its size in the same thread, and nothing goes back. Most of the generator's
// work is making small nodes, and a general allocator takes a quarter of its time. Sanitizers bring their own.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define EXO_SANITIZED
#endif
#endif
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(EXO_SANITIZED)
#include <sys/mman.h>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kStep = 16, kLargest = 512, kChunk = std::size_t{256} << 10, kAddresses = std::size_t{4} << 30;

/// Addresses for small pieces: taken at once, backed by memory where they are used. Where there are none, malloc serves.
constexpr std::uintptr_t kNowhere = ~std::uintptr_t{0} - kAddresses;
constinit std::atomic<std::uintptr_t> begin{kNowhere};
constinit std::atomic<std::size_t> used{0};

bool is_ours(const void* p) {
  return reinterpret_cast<std::uintptr_t>(p) - begin.load(std::memory_order_relaxed) < kAddresses;
}

/// The next chunk; null where there is none.
char* chunk() {
  if (begin.load() == kNowhere) {
    void* const p =
        mmap(nullptr, kAddresses, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return nullptr;
    std::uintptr_t expected = kNowhere;
    if (!begin.compare_exchange_strong(expected, reinterpret_cast<std::uintptr_t>(p))) munmap(p, kAddresses);
  }
  const std::size_t at = used.fetch_add(kChunk);
  if (at > kAddresses - kChunk) return nullptr;
  char* const out = reinterpret_cast<char*>(begin.load()) + at;
#ifdef MADV_POPULATE_WRITE
  madvise(out, kChunk, MADV_POPULATE_WRITE);  // cheaper than page by page; where it fails, they come one by one
#endif
  return out;
}

struct Piece {
  Piece* next;
};
thread_local Piece* unused[kLargest / kStep + 1];
thread_local char *next_free = nullptr, *chunk_end = nullptr;

void* from_chunk(std::size_t size) {
  if (static_cast<std::size_t>(chunk_end - next_free) < size) {
    char* const fresh = chunk();
    if (!fresh) return std::malloc(size);
    next_free = fresh, chunk_end = fresh + kChunk;
  }
  char* const out = next_free;
  next_free += size;
  return out;
}

void* required(void* p) {
  if (!p) throw std::bad_alloc();
  return p;
}

}  // namespace

void* operator new(std::size_t size) {
  if (size > kLargest) return required(std::malloc(size));
  const std::size_t c = (size + kStep - 1) / kStep;
  if (Piece* const p = unused[c]) {
    unused[c] = p->next;
    return p;
  }
  return required(from_chunk(c == 0 ? kStep : c * kStep));
}
void operator delete(void* p, std::size_t size) noexcept {
  if (size > kLargest || !is_ours(p)) return std::free(p);
  const std::size_t c = (size + kStep - 1) / kStep;
  auto* const piece = static_cast<Piece*>(p);
  piece->next = unused[c], unused[c] = piece;
}
void operator delete(void* p) noexcept {
  if (!is_ours(p)) std::free(p);  // else its size is not known: it stays
}
void operator delete[](void* p) noexcept { operator delete(p); }
void operator delete[](void* p, std::size_t size) noexcept { operator delete(p, size); }

#endif
