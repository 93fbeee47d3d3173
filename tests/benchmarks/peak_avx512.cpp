#include <immintrin.h>

#include "peak.h"

using Vector = __m512;
constexpr int kLanes = 16;
#define VECTOR_SET _mm512_set1_ps
#define VECTOR_FMA _mm512_fmadd_ps
#define VECTOR_STORE _mm512_storeu_ps

double fma_avx512(long rounds, float* sink)
#include "peak_chains.inc"
