// The state of dispatch: listing, forcing, threads. What the environment does is tested from
// outside, with report.c.
#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "exo/kernel.h"

namespace {

void fast() {}
void slow() {}
void impossible() {}
void plain() {}

const uint64_t nothing = 0;
const exo_variant variants_of_alpha[] = {
    {"impossible", "other_machine", "warp_drive", &nothing, impossible},
    {"fast", "quick", "", &nothing, fast},
    {"slow", "crawl", "", &nothing, slow},
    {"portable", "portable", "", &nothing, plain},
};
const exo_variant variants_of_beta[] = {{"portable", "portable", "", &nothing, plain}};
const exo_variant variants_of_stuck[] = {
    {"impossible", "other_machine", "warp_drive", &nothing, impossible}};

EXO_KERNEL(beta, "beta", variants_of_beta);
EXO_KERNEL(alpha, "alpha", variants_of_alpha);
EXO_REGISTER_KERNEL(beta);
EXO_REGISTER_KERNEL(alpha);

struct Unforced {
  ~Unforced() { exo_set_target(nullptr); }
};

}  // namespace

TEST_CASE("kernels are listed by name, with why a variant does not run") {
  REQUIRE(exo_kernel_count() == 2);
  exo_kernel_info kernel;
  REQUIRE(exo_kernel_at(0, &kernel));
  CHECK(std::string(kernel.name) == "alpha");
  CHECK(kernel.variants == 4);
  CHECK(std::string(kernel.in_use) == "fast");
  CHECK_FALSE(exo_kernel_at(2, &kernel));

  exo_variant_info variant;
  REQUIRE(exo_variant_at(0, 0, &variant));
  CHECK_FALSE(variant.runs_here);
  CHECK(std::string(variant.why_not) ==
        "this machine lacks a feature that is not known here: warp_drive");
  REQUIRE(exo_variant_at(0, 1, &variant));
  CHECK(variant.runs_here);
  CHECK(std::string(variant.target) == "quick");
  CHECK(std::string(variant.why_not).empty());
  CHECK_FALSE(exo_variant_at(0, 4, &variant));
}

TEST_CASE("the target can be set for later calls, and given back") {
  const Unforced unforced;
  CHECK(exo_pick(&alpha) == fast);
  CHECK(exo_set_target("crawl") == EXO_OK);
  CHECK(exo_pick(&alpha) == slow);
  CHECK(exo_usable(&alpha) == 0b1100);
  CHECK(std::string(exo_variant_in_use("alpha")) == "slow");
  CHECK(exo_set_target("portable") == EXO_OK);
  CHECK(exo_pick(&alpha) == plain);
  CHECK(exo_pick(&beta) == plain);
  CHECK(exo_set_target(nullptr) == EXO_OK);
  CHECK(exo_pick(&alpha) == fast);
  CHECK(exo_usable(&alpha) == 0b1110);
}

TEST_CASE("a target that no kernel has, or that cannot run here, changes nothing") {
  const Unforced unforced;
  CHECK(exo_set_target("crawl") == EXO_OK);
  CHECK(exo_set_target("absent") == EXO_UNKNOWN_TARGET);
  CHECK(std::string(exo_last_error()) == "no kernel has a variant or a target called `absent`");
  CHECK(exo_set_target("other_machine") == EXO_NO_VARIANT);
  CHECK(exo_pick(&alpha) == slow);
}

TEST_CASE("a kernel that cannot run here says why") {
  EXO_KERNEL(stuck, "stuck", variants_of_stuck);
  CHECK(exo_pick(&stuck) == nullptr);
  CHECK(std::string(exo_last_error()) ==
        "stuck: no variant may run here; impossible: this machine lacks a feature that is not "
        "known here: warp_drive");
  CHECK(exo_usable(&stuck) == 0);
  CHECK(exo_variant_in_use("stuck") == nullptr);
  exo_unregister_kernel(&stuck);
  CHECK(exo_kernel_count() == 2);
  CHECK(exo_variant_in_use("stuck") == nullptr);
  CHECK(std::string(exo_last_error()) == "there is no kernel `stuck`");
}

TEST_CASE("threads that call first agree, while another changes the target") {
  const Unforced unforced;
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([&] {
      while (!stop) {
        const exo_function chosen = exo_pick(&alpha);
        wrong += chosen != fast && chosen != slow;
        wrong += (exo_usable(&alpha) & 1) != 0;
      }
    });
  for (int i = 0; i < 2000; ++i) exo_set_target(i % 2 ? "quick" : "crawl");
  stop = true;
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == 0);
}

TEST_CASE("one variant can be named for one kernel, and given back") {
  REQUIRE(exo_set_variant("alpha", "slow") == EXO_OK);
  CHECK(exo_pick(&alpha) == slow);
  CHECK(exo_usable(&alpha) == UINT64_C(1) << 2);
  CHECK(std::string(exo_variant_in_use("alpha")) == "slow");
  CHECK(exo_pick(&beta) == plain);
  REQUIRE(exo_set_target("quick") == EXO_OK);  // the one that was named for the kernel stays
  CHECK(exo_pick(&alpha) == slow);
  exo_set_target(nullptr);
  REQUIRE(exo_set_variant("alpha", nullptr) == EXO_OK);
  CHECK(exo_pick(&alpha) == fast);
}

TEST_CASE("a variant that does not exist, or cannot run here, changes nothing") {
  CHECK(exo_set_variant("gamma", "fast") == EXO_UNKNOWN_TARGET);
  CHECK(std::string(exo_last_error()) == "there is no kernel `gamma`");
  CHECK(exo_set_variant("alpha", "quick") == EXO_UNKNOWN_TARGET);  // a target, not a variant
  CHECK(std::string(exo_last_error()) == "alpha has no variant `quick` here");
  CHECK(exo_set_variant("alpha", "impossible") == EXO_NO_VARIANT);
  CHECK(std::string(exo_last_error()) ==
        "alpha, variant impossible, may not run here: this machine lacks a feature that is not known here: warp_drive");
  CHECK(exo_pick(&alpha) == fast);
}
