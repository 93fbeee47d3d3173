// For libFuzzer: one program for each part, which the build names in EXO_PART. What it finds goes to ../corpus.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/inputs/feed.h"
#include "support/diagnostic.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  try {
    exo::testing::feed(EXO_PART, std::string(reinterpret_cast<const char*>(data), size));
  } catch (const exo::Bug& fault) {
    std::fprintf(stderr, "%s\n", fault.what.c_str());
    std::abort();
  }
  return 0;
}
