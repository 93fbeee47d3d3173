// How many operations a core can do at most: independent fused multiply-adds on registers.
#pragma once

/// Runs `rounds` rounds of 12 dependent chains; gives the number of floating-point operations. `sink` keeps the work alive.
double fma_avx512(long rounds, float* sink);
double fma_avx2(long rounds, float* sink);
