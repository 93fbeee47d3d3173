#include <immintrin.h>

#include "peak.h"

using Vector = __m256;
constexpr int kLanes = 8;
#define VECTOR_SET _mm256_set1_ps
#define VECTOR_FMA _mm256_fmadd_ps
#define VECTOR_STORE _mm256_storeu_ps

double fma_avx2(long rounds, float* sink)
#include "peak_chains.inc"
