/* The array as its commands see it: what they do, and about how long it takes. Generated C that is compiled with EXO_SIMULATOR calls
 * this in place of the machine, on any machine. What a command must not ask for, a program is told and ends.
 *
 * The fields of commands and what they mean are those of Gemmini 0.7.1 with its default configuration: 16 x 16 bytes, a scratchpad of
 * 4 banks of 4096 rows, an accumulator of 2 banks of 512.
 *
 * Times are a model of three pipes (loads, stores, products) that take commands in order, each out of a queue of its own; the core
 * hands commands on in its order, so one whose queue is full holds up all behind it. Its numbers were measured on the circuit:
 *   a product       as many cycles as A has rows, at least 4; at least 16 where weights come along, and 33 where these lie in A's bank
 *   a load          16 bytes in a cycle and 1.4 cycles, at least 1.15 for a row; rows of zeros, one for each
 *   a store         1.64 cycles a row of bytes from the accumulator, 4.25 of sums, 1.08 from the scratchpad
 *   one bank        is for a load or a product, of the accumulator for a store or a product, one after the other
 * Caches are warm, and nothing else uses the memory. A loop of the array is taken to keep all pipes busy, so it takes at least so long. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kDim = 16, kSpadRows = 16384, kSpadBanks = 4, kAccRows = 1024, kAccBanks = 2 };

void gemmini_command(int funct, uint64_t a, uint64_t b);
void gemmini_fence(void);
double gemmini_cycles(void); /* of all commands so far, until the last one is done */
void gemmini_restart(void);  /* the clock */

static int8_t spad[kSpadRows][kDim];
static int32_t acc[kAccRows][kDim];
static int8_t weights[kDim][kDim];

static struct {
    bool set;
    uint64_t stride, block;
    bool shrunk;
} load_of[3];

static struct {
    bool set, relu;
    uint64_t stride;
    float scale;
    int64_t pool_stride, pool_size, pad_above, pad_left, out_columns, out_rows, out_pixels, rows, columns;
} store;

static struct {
    bool set, weights_stay;
    uint64_t a_step;
} execute;

/* A block: where it begins, its rows and columns. */
struct block {
    bool none, in_acc, plus, full;
    int64_t row, rows, columns;
};

static struct {
    bool waiting, again;
    struct block weights, c;
} next; /* what the last preload said */

static void wrong(const char *what, int64_t number)
{
    fprintf(stderr, "gemmini: %s (%lld)\n", what, (long long)number);
    abort();
}

static uint64_t bits(uint64_t word, int first, int count) { return word >> first & ((UINT64_C(1) << count) - 1); }

static float float_of(uint64_t word)
{
    const uint32_t half = (uint32_t)word;
    float out;
    memcpy(&out, &half, sizeof out);
    return out;
}

static struct block block_of(uint64_t word, int64_t most_columns)
{
    struct block out = {0};
    const uint64_t address = bits(word, 0, 32);
    out.none = address == 0xffffffff;
    out.in_acc = bits(address, 31, 1);
    out.plus = bits(address, 30, 1);
    out.full = bits(address, 29, 1);
    out.row = (int64_t)bits(address, 0, 26);
    out.columns = (int64_t)bits(word, 32, 16);
    out.rows = (int64_t)bits(word, 48, 16);
    if (out.rows < 1 || out.rows > kDim) wrong("a block of so many rows", out.rows);
    if (out.columns < 1 || out.columns > most_columns) wrong("a block of so many columns", out.columns);
    if (!out.none && out.row + out.rows > (out.in_acc ? kAccRows : kSpadRows)) wrong("there is no such row", out.row + out.rows - 1);
    return out;
}

/* ---- time ---- */

enum { kLoad, kStore, kProduct, kPipes };
static const int kQueue[kPipes] = {8, 4, 16};
static const double kIssue = 5.4;                        /* the core, for a command */
static const double kLatency[kPipes] = {31, 35, 68};     /* from the end of a pipe until what depends on it may begin, */
static const double kRelease[kPipes] = {90, 35, 0};      /* and until its place in the queue is free */

static struct {
    double core, last;
    double pipe_free[kPipes];
    double done[kPipes][16]; /* when the place is free, of the commands in the queue; the oldest is at `head` */
    int head[kPipes];
    double spad_written[kSpadRows], spad_read[kSpadRows], acc_written[kAccRows], acc_read[kAccRows], acc_summed[kAccRows];
    double loads_in_bank[kSpadBanks], products_in_bank[kSpadBanks], stores_in_bank[kAccBanks], sums_in_bank[kAccBanks];
} now;

static double later(double a, double b) { return a > b ? a : b; }

static double latest(const double *times, int64_t row, int64_t rows)
{
    double out = 0;
    for (int64_t i = row; i < row + rows; ++i) out = later(out, times[i]);
    return out;
}

static void mark(double *times, int64_t row, int64_t rows, double when)
{
    for (int64_t i = row; i < row + rows; ++i) times[i] = when;
}

/* When the core has handed a command to its queue. */
static double handed(int pipe)
{
    now.core = later(now.core + kIssue, now.done[pipe][now.head[pipe]]);
    return now.core;
}

/* It runs in its pipe from `start` on; when what depends on it may begin. */
static double run(int pipe, double start, double cycles)
{
    const double end = start + cycles, done = end + kLatency[pipe];
    now.pipe_free[pipe] = end;
    now.done[pipe][now.head[pipe]] = end + kRelease[pipe];
    now.head[pipe] = (now.head[pipe] + 1) % kQueue[pipe];
    now.last = later(now.last, done);
    return done;
}

static int64_t spad_bank(int64_t row) { return row / (kSpadRows / kSpadBanks); }
static int64_t acc_bank(int64_t row) { return row / (kAccRows / kAccBanks); }

double gemmini_cycles(void) { return later(now.last, now.core); }
void gemmini_restart(void) { memset(&now, 0, sizeof now); }
void gemmini_fence(void) { now.core = later(now.core, now.last) + 3; }

/* ---- commands ---- */

static void configure(uint64_t a, uint64_t b)
{
    switch (bits(a, 0, 2)) {
    case 0:
        if (bits(a, 7, 1) || bits(a, 8, 2) || bits(a, 3, 2)) wrong("not a part of this model: rs1 of the configuration of products", (int64_t)a);
        execute.set = true;
        execute.weights_stay = bits(a, 2, 1);
        execute.a_step = bits(a, 16, 16);
        if (bits(b, 48, 16) != 1) wrong("rows of C that do not lie side by side", (int64_t)bits(b, 48, 16));
        now.core = later(now.core + kIssue, now.pipe_free[kProduct]) + 57;
        return;
    case 1: {
        const uint64_t id = bits(a, 3, 2);
        if (id > 2) wrong("there is no such way of loading", (int64_t)id);
        if (bits(a, 8, 8) != 1) wrong("pixels that are repeated", (int64_t)bits(a, 8, 8));
        if (float_of(bits(a, 32, 32)) != 1.0f) wrong("a load that scales: the bits of the scale are", (int64_t)bits(a, 32, 32));
        load_of[id].set = true;
        load_of[id].shrunk = bits(a, 2, 1);
        load_of[id].block = bits(a, 16, 16);
        load_of[id].stride = b;
        now.core += kIssue;
        return;
    }
    case 2:
        store.set = true;
        if (bits(a, 2, 2) > 1) wrong("not a part of this model: the activation", (int64_t)bits(a, 2, 2));
        store.relu = bits(a, 2, 2) == 1;
        store.pool_stride = (int64_t)bits(a, 4, 2);
        store.pool_size = (int64_t)bits(a, 6, 2);
        store.pad_above = (int64_t)bits(a, 8, 2);
        store.pad_left = (int64_t)bits(a, 10, 2);
        store.out_columns = (int64_t)bits(a, 24, 8);
        store.out_rows = (int64_t)bits(a, 32, 8);
        store.out_pixels = (int64_t)bits(a, 40, 8);
        store.rows = (int64_t)bits(a, 48, 8);
        store.columns = (int64_t)bits(a, 56, 8);
        store.stride = bits(b, 0, 32);
        store.scale = float_of(bits(b, 32, 32));
        now.core += kIssue;
        return;
    default: wrong("not a part of this model: configuration", (int64_t)bits(a, 0, 2));
    }
}

static void load(int id, uint64_t memory, uint64_t where)
{
    if (!load_of[id].set) wrong("a load before it was configured", id);
    struct block to = block_of(where, 64);
    if (to.in_acc && to.columns > kDim) wrong("a load of the accumulator of so many columns", to.columns);
    if (load_of[id].block < (uint64_t)to.rows) wrong("blocks that lie nearer than a load has rows", (int64_t)load_of[id].block);
    const int64_t size = to.in_acc && !load_of[id].shrunk ? 4 : 1;
    const int64_t blocks = (to.columns + kDim - 1) / kDim, block = (int64_t)load_of[id].block;
    if (to.row + (blocks - 1) * block + to.rows > (to.in_acc ? kAccRows : kSpadRows))
        wrong("there is no such row", to.row + (blocks - 1) * block + to.rows - 1);
    for (int64_t i = 0; i < to.rows; ++i)
        for (int64_t j = 0; j < to.columns; ++j) {
            const int64_t row = to.row + j / kDim * block + i;
            const char *const from = (const char *)(uintptr_t)(memory + (uint64_t)i * load_of[id].stride) + j * size;
            int32_t value = 0;
            if (memory && size == 4)
                memcpy(&value, from, 4);
            else if (memory)
                value = *(const int8_t *)from;
            if (!to.in_acc)
                spad[row][j % kDim] = (int8_t)value;
            else
                acc[row][j] = (int32_t)((to.plus ? (uint32_t)acc[row][j] : 0u) + (uint32_t)value);
        }

    double start = later(handed(kLoad), now.pipe_free[kLoad]);
    double cycles = (double)to.rows + 0.3;
    if (memory && load_of[id].stride == 0)
        cycles = (double)to.rows + 2.6;
    else if (memory)
        cycles = later(1.15 * (double)to.rows, (double)(to.rows * to.columns * size) / 16 + 1.4);
    for (int64_t q = 0; q < blocks; ++q) {
        const int64_t row = to.row + q * block;
        if (to.in_acc) {
            start = later(start, latest(now.acc_read, row, to.rows));
            start = later(start, latest(now.acc_summed, row, to.rows));
        } else {
            start = later(start, latest(now.spad_read, row, to.rows));
            start = later(start, now.products_in_bank[spad_bank(row)]);
        }
    }
    const double done = run(kLoad, start, cycles);
    for (int64_t q = 0; q < blocks; ++q) {
        mark(to.in_acc ? now.acc_written : now.spad_written, to.row + q * block, to.rows, done);
        if (!to.in_acc) now.loads_in_bank[spad_bank(to.row + q * block)] = start + cycles;
    }
}

/* A sum as it is stored: scaled, rounded to the nearest, even where two are, cut to a byte. */
static int8_t stored(int32_t sum)
{
    const float scaled = rintf((float)sum * store.scale);
    const int8_t byte = !(scaled > -128) ? -128 : scaled > 127 ? 127 : (int8_t)scaled;
    return store.relu && byte < 0 ? 0 : byte;
}

static void pool(uint64_t memory, struct block from)
{
    for (int64_t y = 0; y < store.out_rows; ++y)
        for (int64_t x = 0; x < store.out_pixels; ++x)
            for (int64_t j = 0; j < from.columns; ++j) {
                int8_t most = -128;
                for (int64_t u = 0; u < store.pool_size; ++u)
                    for (int64_t v = 0; v < store.pool_size; ++v) {
                        const int64_t r = y * store.pool_stride + u - store.pad_above, c = x * store.pool_stride + v - store.pad_left;
                        int8_t value = 0;
                        if (0 <= r && r < store.rows && 0 <= c && c < store.columns) {
                            const int64_t row = from.row + r * store.columns + c;
                            if (row >= (from.in_acc ? kAccRows : kSpadRows)) wrong("there is no such row", row);
                            value = from.in_acc ? stored(acc[row][j]) : spad[row][j];
                        }
                        most = value > most ? value : most;
                    }
                *(int8_t *)(uintptr_t)(memory + (uint64_t)(y * store.out_columns + x) * store.stride + (uint64_t)j) = most;
            }
}

static void keep(uint64_t memory, uint64_t where)
{
    if (!store.set) wrong("a store before it was configured", 0);
    const struct block from = block_of(where, kDim);
    const bool pools = store.pool_stride != 0;
    if (pools)
        pool(memory, from);
    else
        for (int64_t i = 0; i < from.rows; ++i)
            for (int64_t j = 0; j < from.columns; ++j) {
                char *const to = (char *)(uintptr_t)(memory + (uint64_t)i * store.stride);
                if (from.full && from.in_acc)
                    memcpy(to + 4 * j, &acc[from.row + i][j], 4);
                else
                    *(int8_t *)(to + j) = from.in_acc ? stored(acc[from.row + i][j]) : spad[from.row + i][j];
            }

    const int64_t rows = pools ? store.rows * store.columns : from.rows;
    const int64_t reads = pools ? store.out_rows * store.out_pixels * store.pool_size * store.pool_size : from.rows;
    double start = later(handed(kStore), now.pipe_free[kStore]);
    start = later(start, latest(from.in_acc ? now.acc_written : now.spad_written, from.row, rows));
    if (from.in_acc) {
        start = later(start, latest(now.acc_summed, from.row, rows));
        start = later(start, now.sums_in_bank[acc_bank(from.row)]);
    }
    const double cycles = (from.in_acc ? from.full ? 4.25 : 1.64 : 1.08) * (double)reads;
    const double done = run(kStore, start, cycles);
    mark(from.in_acc ? now.acc_read : now.spad_read, from.row, rows, done);
    if (from.in_acc) now.stores_in_bank[acc_bank(from.row)] = start + cycles;
}

static void preload(uint64_t a, uint64_t b)
{
    if (!execute.set || !execute.weights_stay) wrong("products before they were configured", execute.set);
    next.weights = block_of(a, kDim);
    next.c = block_of(b, kDim);
    if (!next.weights.none && next.weights.in_acc) wrong("weights in the accumulator", next.weights.row);
    if (!next.c.in_acc || next.c.none) wrong("a product that goes elsewhere than to the accumulator", next.c.row);
    next.waiting = true;
    run(kProduct, later(handed(kProduct), now.pipe_free[kProduct]), 0);
}

static void product(uint64_t a, uint64_t d, bool again)
{
    const struct block x = block_of(a, kDim);
    if (!next.waiting) wrong("a product without a preload", 0);
    if (!block_of(d, kDim).none) wrong("not a part of this model: a product with a third operand", (int64_t)d);
    if (x.in_acc) wrong("a factor in the accumulator", x.row);
    if (again != next.weights.none) wrong("weights that are loaded and not used, or used and not loaded", again);
    next.waiting = false;
    const int64_t last = x.row + (x.rows - 1) * (int64_t)execute.a_step;
    if (last >= kSpadRows) wrong("there is no such row", last);
    if (!again) {
        memset(weights, 0, sizeof weights);
        for (int64_t k = 0; k < next.weights.rows; ++k) memcpy(weights[k], spad[next.weights.row + k], (size_t)next.weights.columns);
    }
    for (int64_t i = 0; i < next.c.rows; ++i)
        for (int64_t j = 0; j < next.c.columns; ++j) {
            int32_t sum = 0;
            for (int64_t k = 0; i < x.rows && k < x.columns; ++k)
                sum += spad[x.row + i * (int64_t)execute.a_step][k] * weights[k][j];
            int32_t *const c = &acc[next.c.row + i][j];
            *c = (int32_t)((next.c.plus ? (uint32_t)*c : 0u) + (uint32_t)sum);
        }

    const int64_t bank = spad_bank(x.row), to = acc_bank(next.c.row);
    double start = later(handed(kProduct), now.pipe_free[kProduct]);
    start = later(start, latest(now.spad_written, x.row, x.rows));
    start = later(start, now.loads_in_bank[bank]);
    start = later(start, latest(now.acc_written, next.c.row, next.c.rows));
    start = later(start, latest(now.acc_read, next.c.row, next.c.rows));
    start = later(start, now.stores_in_bank[to]);
    double cycles = later((double)x.rows, again ? 4 : kDim);
    if (!again) {
        start = later(start, latest(now.spad_written, next.weights.row, next.weights.rows));
        start = later(start, now.loads_in_bank[spad_bank(next.weights.row)]);
        if (spad_bank(next.weights.row) == bank) cycles = 33;
    }
    const double done = run(kProduct, start, cycles);
    mark(now.spad_read, x.row, x.rows, start + cycles);
    now.products_in_bank[bank] = start + cycles;
    if (!again) {
        mark(now.spad_read, next.weights.row, next.weights.rows, start + cycles);
        now.products_in_bank[spad_bank(next.weights.row)] = later(now.products_in_bank[spad_bank(next.weights.row)], start + cycles);
    }
    mark(now.acc_summed, next.c.row, next.c.rows, done);
    now.sums_in_bank[to] = start + cycles;
}

/* A whole product of matrices. The memories of the array hold its tiles then, and no longer what a program put there. */
static struct {
    uint64_t padding, tiles, a, b, d, c, a_step, b_step, d_step, c_step;
} loop;

static void loop_of_products(uint64_t flags, uint64_t transposed)
{
    const int64_t rows = (int64_t)bits(loop.tiles, 0, 16), columns = (int64_t)bits(loop.tiles, 16, 16), length = (int64_t)bits(loop.tiles, 32, 16);
    const int64_t n = kDim * rows - (int64_t)bits(loop.padding, 0, 16), m = kDim * columns - (int64_t)bits(loop.padding, 16, 16),
                  k = kDim * length - (int64_t)bits(loop.padding, 32, 16);
    if (n <= kDim * (rows - 1) || m <= kDim * (columns - 1) || k <= kDim * (length - 1)) wrong("tiles of which nothing is there", n);
    if (rows * length + length * columns > kSpadRows / 2 / kDim) wrong("so many tiles of factors", rows * length + length * columns);
    if (rows * columns > kAccRows / 2 / kDim) wrong("so many tiles of sums", rows * columns);
    const bool plus = loop.d; /* what D holds is where sums begin, and they are added to it */
    if (transposed || (flags & ~(uint64_t)0x101) || bits(flags, 0, 1) != plus) wrong("not a part of this model: a loop with", (int64_t)flags);
    if (loop.d_step != (plus ? load_of[2].stride : 0) || (plus && (!load_of[2].set || load_of[2].shrunk || load_of[2].block != kDim || loop.d_step)))
        wrong("a loop whose D lies otherwise than loads were configured for", (int64_t)loop.d_step);
    if (!execute.set || !execute.weights_stay || execute.a_step != 1 || !store.set || store.pool_stride)
        wrong("a loop before it was configured", store.set);
    if (store.relu != (bits(flags, 8, 3) == 1)) wrong("a loop with another activation than that of stores", store.relu);
    if (load_of[0].stride != loop.a_step || load_of[1].stride != loop.b_step || store.stride != loop.c_step)
        wrong("a loop with other strides than those of its loads and stores", (int64_t)loop.a_step);
    if (!load_of[0].set || !load_of[1].set || load_of[0].block != kDim || load_of[1].block != kDim) wrong("a loop with blocks elsewhere", 0);
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < m; ++j) {
            uint32_t sum = 0;
            if (plus) memcpy(&sum, (const char *)(uintptr_t)loop.d + 4 * j, 4);
            for (int64_t p = 0; p < k; ++p)
                sum += (uint32_t)(*(const int8_t *)(uintptr_t)(loop.a + (uint64_t)i * loop.a_step + (uint64_t)p) *
                                  *(const int8_t *)(uintptr_t)(loop.b + (uint64_t)p * loop.b_step + (uint64_t)j));
            *(int8_t *)(uintptr_t)(loop.c + (uint64_t)i * loop.c_step + (uint64_t)j) = stored((int32_t)sum);
        }
    memset(spad, 0x5a, sizeof spad);
    memset(acc, 0x5a, sizeof acc);
    memset(weights, 0x5a, sizeof weights);

    now.core += kIssue;
    const double first = later(now.core, now.pipe_free[kLoad]);
    run(kLoad, first, 18.4 * (double)(rows * length + length * columns));
    run(kProduct, later(first + 18.4 + kLatency[kLoad], now.pipe_free[kProduct]), kDim * (double)(rows * columns * length));
    run(kStore, later(now.pipe_free[kProduct] - 26.3 * (double)(rows * columns), now.pipe_free[kStore]), 26.3 * (double)(rows * columns));
}

/* A whole convolution. It sets its loads itself and leaves them so. */
static uint64_t conv[6][2]; /* rs1 and rs2 of the commands before it */

static void loop_of_convolution(uint64_t flags, uint64_t kinds)
{
    const int64_t batch = (int64_t)bits(conv[0][0], 0, 16), pitch = (int64_t)bits(conv[0][0], 16, 16), in_step = (int64_t)bits(conv[0][0], 32, 16),
                  out_step = (int64_t)bits(conv[0][0], 48, 16), out_pitch = (int64_t)bits(conv[0][1], 0, 16), stride = (int64_t)bits(conv[0][1], 32, 16);
    const int64_t kernel = (int64_t)bits(conv[1][0], 48, 16), filters = (int64_t)bits(conv[1][1], 0, 16), batches = (int64_t)bits(conv[1][1], 48, 16);
    const int64_t left = (int64_t)bits(conv[2][0], 0, 16), channels = (int64_t)bits(conv[2][0], 16, 16), k_columns = (int64_t)bits(conv[2][0], 32, 16),
                  k_rows = (int64_t)bits(conv[2][0], 48, 16), below = (int64_t)bits(conv[2][1], 16, 16), above = (int64_t)bits(conv[2][1], 32, 16),
                  right = (int64_t)bits(conv[2][1], 48, 16);
    const int64_t rows = (int64_t)bits(conv[3][0], 48, 16), columns = (int64_t)bits(conv[3][1], 0, 16), dilation = (int64_t)bits(conv[3][1], 16, 16);
    const uint64_t filter_at = conv[4][0], out_at = conv[4][1], bias_at = conv[5][0], image_at = conv[5][1];
    const bool no_bias = bits(flags, 0, 1);
    if (bits(flags, 1, 7) || bits(flags, 8, 8) != 1 || batch != 1 || batches != 1 || dilation != 1 || !bits(kinds, 0, 1) || bits(kinds, 1, 2))
        wrong("not a part of this model: a convolution with the flags", (int64_t)flags);
    if (!filter_at || !out_at || !bias_at || !image_at) wrong("a convolution without an operand", 0);
    if (stride < 1 || rows < 1 || columns < 1 || filters < 1 || channels < 1 || k_rows < 1 || k_columns < 1) wrong("a convolution of nothing", rows);
    if (filters > out_step || channels > in_step || k_rows > kernel || k_columns > kernel) wrong("a part that is more than the whole", filters);
    const int64_t in_rows = rows * stride + k_rows - 1, in_columns = columns * stride + k_columns - 1;
    const int64_t own_rows = in_rows - above - below, own_columns = in_columns - left - right;
    if (own_rows < 1 || own_columns < 1) wrong("an image of which nothing is there", own_rows);
    const int64_t channel_tiles = (channels + kDim - 1) / kDim, filter_tiles = (filters + kDim - 1) / kDim;
    if (in_rows * in_columns * channel_tiles + k_rows * k_columns * channels * filter_tiles > kSpadRows / 2 - kDim)
        wrong("so many rows of pixels and filters", in_rows * in_columns * channel_tiles);
    if (rows * columns * filter_tiles > kAccRows / 2) wrong("so many rows of sums", rows * columns * filter_tiles);
    if (!execute.set || !execute.weights_stay || !store.set || store.pool_stride) wrong("a loop before it was configured", store.set);
    if (execute.a_step != (uint64_t)stride) wrong("a convolution whose pixels lie otherwise than products were configured for", (int64_t)execute.a_step);
    if (store.relu != (bits(kinds, 3, 2) == 1) || bits(kinds, 3, 2) > 1) wrong("a loop with another activation than that of stores", store.relu);
    if (store.stride != (uint64_t)out_step) wrong("a loop with another stride than that of stores", (int64_t)store.stride);

    for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < columns; ++c)
            for (int64_t j = 0; j < filters; ++j) {
                int32_t bias = 0;
                if (!no_bias) memcpy(&bias, (const char *)(uintptr_t)bias_at + 4 * j, 4);
                uint32_t sum = (uint32_t)bias;
                for (int64_t u = 0; u < k_rows; ++u)
                    for (int64_t v = 0; v < k_columns; ++v) {
                        const int64_t y = r * stride + u - above, x = c * stride + v - left;
                        if (y < 0 || y >= own_rows || x < 0 || x >= own_columns) continue;
                        const int8_t *const pixel = (const int8_t *)(uintptr_t)image_at + (y * pitch + x) * in_step;
                        const int8_t *const filter = (const int8_t *)(uintptr_t)filter_at + (u * kernel + v) * in_step * out_step + j;
                        for (int64_t p = 0; p < channels; ++p) sum += (uint32_t)(pixel[p] * filter[p * out_step]);
                    }
                *((int8_t *)(uintptr_t)out_at + (r * out_pitch + c) * out_step + j) = stored((int32_t)sum);
            }
    memset(spad, 0x5a, sizeof spad);
    memset(acc, 0x5a, sizeof acc);
    memset(weights, 0x5a, sizeof weights);
    const uint64_t steps[3] = {(uint64_t)in_step, (uint64_t)out_step, 0};
    const int64_t blocks[3] = {in_rows * in_columns, k_rows * k_columns * channels, rows * columns};
    for (int id = 0; id < 3; ++id) load_of[id].set = true, load_of[id].shrunk = false, load_of[id].stride = steps[id], load_of[id].block = (uint64_t)blocks[id];

    /* Products begin when all is loaded; while they run the next loop loads. Weights come with the first tile of an image's rows. */
    now.core += kIssue;
    const double tiles = (double)(rows * ((columns + kDim - 1) / kDim) * filter_tiles);
    const double loads = (double)(in_rows * in_columns * channels + k_rows * k_columns * channels * filters) / 16 + (double)(rows * columns * filter_tiles);
    const double products = (double)(rows * columns * k_rows * k_columns * filter_tiles * channel_tiles);
    run(kLoad, later(now.core, now.pipe_free[kLoad]), loads);
    run(kProduct, later(now.pipe_free[kLoad] + kLatency[kLoad], now.pipe_free[kProduct]), products);
    run(kStore, later(now.pipe_free[kProduct] + kLatency[kProduct], now.pipe_free[kStore]), 1.64 * kDim * tiles);
}

void gemmini_command(int funct, uint64_t a, uint64_t b)
{
    if (funct >= 16 && funct <= 21) {
        conv[funct - 16][0] = a, conv[funct - 16][1] = b;
        now.core += kIssue;
        return;
    }
    switch (funct) {
    case 0: configure(a, b); return;
    case 1: load(1, a, b); return;
    case 2: load(0, a, b); return;
    case 14: load(2, a, b); return;
    case 3: keep(a, b); return;
    case 4: product(a, b, false); return;
    case 5: product(a, b, true); return;
    case 6: preload(a, b); return;
    case 8: loop_of_products(a, b); return;
    case 15: loop_of_convolution(a, b); return;
    case 9: loop.padding = a, loop.tiles = b; break;
    case 10: loop.a = a, loop.b = b; break;
    case 11: loop.d = a, loop.c = b; break;
    case 12: loop.a_step = a, loop.b_step = b; break;
    case 13: loop.d_step = a, loop.c_step = b; break;
    case 7: break;
    default: wrong("not a part of this model: the command", funct);
    }
    now.core += kIssue;
}
