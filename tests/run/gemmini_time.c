/* The model of Gemmini's time: the same cycles, within a twentieth, as the circuit was measured to need for short sequences of commands;
 * and what our kernels need by it, of the 256 products a cycle that there could be. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exo/runtime.h"

double gemmini_cycles(void);
void gemmini_restart(void);
void gemmini_command(int funct, uint64_t a, uint64_t b);

exo_status matmul_gemmini__gemmini_panel(int64_t N, int64_t M, int64_t K, float scale, const int8_t *A, const int8_t *B, int8_t *C);
exo_status matmul_gemmini_loop__gemmini(int64_t N, int64_t M, int64_t K, float scale, const int8_t *A, const int8_t *B, int8_t *C);
exo_status conv_gemmini_loop__gemmini(int64_t B, int64_t H, int64_t W, int64_t CI, int64_t CO, int64_t R, int64_t P, int64_t OH,
                                      int64_t OW, float scale, const int8_t *inp, const int8_t *weights, const int32_t *bias, int8_t *out);
exo_status conv_gemmini__gemmini(int64_t B, int64_t H, int64_t W, int64_t CI, int64_t CO, float scale, const int8_t *inp,
                                 const int8_t *weights, const int32_t *bias, int8_t *out);

enum { kAcc = 0x80000000, kPlus = 0x40000000, kFull = 0x20000000 };
static int8_t memory[1 << 16];
static int wrong;

static uint64_t block(uint32_t row, uint64_t rows, uint64_t columns) { return row | columns << 32 | rows << 48; }

static void configure(void)
{
    const uint64_t one = (uint64_t)0x3f800000 << 32; /* 1.0f */
    gemmini_command(0, 1 << 16 | 1 << 2 | one, (uint64_t)1 << 48);
    for (uint64_t id = 0; id < 3; ++id) gemmini_command(0, 1 | id << 3 | 1 << 8 | 16 << 16 | one, 64);
    gemmini_command(0, 2, 64 | one);
}
static void load(uint32_t row, int columns) { gemmini_command(2, (uintptr_t)memory, block(row, 16, (uint64_t)columns)); }
static void store(uint32_t row) { gemmini_command(3, (uintptr_t)memory, block(row, 16, 16)); }
static void products(int count, uint32_t weights, uint32_t a)
{
    for (uint32_t q = 0; q < (uint32_t)count; ++q) {
        gemmini_command(6, block(weights, 16, 16), block(kAcc + kPlus + 16 * (q % 4), 16, 16));
        gemmini_command(4, block(a, 16, 16), block(0xffffffff, 16, 16));
    }
}

static void pairs(int i) { (void)i, products(1, 4096, 0); }
static void pairs_of_one_bank(int i) { (void)i, products(1, 512, 0); }
static void loads(int i) { (void)i, load(0, 16); }
static void wide_loads(int i) { (void)i, load(0, 64); }
static void stores(int i) { (void)i, store(kAcc); }
static void stores_of_sums(int i) { (void)i, store(kAcc + kFull); }
static void load_elsewhere(int i) { load(8192 + 64 * ((uint32_t)i % 8), 64), products(4, 4096, 0); }
static void load_beside_a(int i) { load(1024 + 64 * ((uint32_t)i % 8), 64), products(4, 4096, 0); }
static void store_elsewhere(int i) { (void)i, products(4, 4096, 0), store(kAcc + 512); }
static void store_beside_sums(int i) { (void)i, products(4, 4096, 0), store(kAcc + 256); }
static void bursts(int i)
{
    (void)i;
    for (uint32_t q = 0; q < 12; ++q) load(8192 + 64 * q, 64);
    products(48, 4096, 0);
}

static void steady(const char *what, double measured, void (*step)(int))
{
    double before = 0;
    gemmini_restart();
    for (int i = 0; i < 200; ++i) {
        if (i == 100) before = gemmini_cycles();
        step(i);
    }
    const double cycles = (gemmini_cycles() - before) / 100;
    const int differs = cycles < 0.95 * measured || cycles > 1.05 * measured;
    printf("%-56s %7.1f cycles, measured %7.1f%s\n", what, cycles, measured, differs ? "  <--" : "");
    wrong += differs;
}

static void share(const char *what, double products_of_bytes, double at_least, exo_status status)
{
    const double part = products_of_bytes / 256 / gemmini_cycles();
    const int fails = status != EXO_OK || part < at_least;
    printf("%-56s %7.1f %% of the peak, at least %.0f %%%s\n", what, 100 * part, 100 * at_least, fails ? "  <--" : "");
    wrong += fails;
}

int main(void)
{
    configure();
    steady("a product, A and B in banks of their own", 16.1, pairs);
    steady("a product, both in one bank", 33.0, pairs_of_one_bank);
    steady("a load of 16 x 16", 18.4, loads);
    steady("a load of 16 x 64", 65.4, wide_loads);
    steady("a store of 16 x 16 bytes", 26.3, stores);
    steady("a store of 16 x 16 sums", 68, stores_of_sums);
    steady("4 products, and a load of 16 x 64 into another bank", 65.4, load_elsewhere);
    steady("4 products, and a load of 16 x 64 into A's bank", 129.2, load_beside_a);
    steady("4 products, and a store from the other bank", 65.1, store_elsewhere);
    steady("4 products, and a store from the bank of their sums", 89.8, store_beside_sums);
    steady("12 loads, then 48 products", 1020, bursts);

    const int64_t n = 512;
    int8_t *const a = calloc(1, (size_t)(n * n)), *const b = calloc(1, (size_t)(n * n)), *const c = calloc(1, (size_t)(n * n));
    gemmini_restart();
    share("matmul of 512 x 512 x 512", (double)(n * n * n), 0.90, matmul_gemmini__gemmini_panel(n, n, n, 0.5f, a, b, c));
    gemmini_restart();
    share("the same by the loops of the array", (double)(n * n * n), 0.90, matmul_gemmini_loop__gemmini(n, n, n, 0.5f, a, b, c));
    const int32_t bias[64] = {0};
    gemmini_restart();
    share("3 x 3 convolution of 58 x 58 x 64 to 64 channels", 56.0 * 56 * 64 * 64 * 9, 0.87,
          conv_gemmini__gemmini(1, 56, 56, 64, 64, 0.5f, a, b, bias, c));
    int32_t *const zeros = calloc(64, sizeof *zeros);
    gemmini_restart();
    share("3 x 3 convolution of 16 x 16 x 256 by the loop of the array", 14.0 * 14 * 256 * 64 * 9, 0.87,
          conv_gemmini_loop__gemmini(1, 14, 14, 256, 64, 3, 1, 14, 14, 0.5f, a, b, zeros, c));
    free(a), free(b), free(zeros), free(c);
    return wrong != 0;
}
