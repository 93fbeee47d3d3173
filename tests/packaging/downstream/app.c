/* Multiplies a 3 x 5 by a 5 x 4 matrix, checks the result, and says which variant ran. */
#include <stdio.h>

#include "gemm.h"

int main(void)
{
    enum { N = 3, M = 4, K = 5 };
    float a[N * K], b[K * M], c[N * M] = {0};
    for (int i = 0; i < N * K; ++i)
        a[i] = (float)(i % 7);
    for (int i = 0; i < K * M; ++i)
        b[i] = (float)(i % 5) - 2.0f;
    const exo_status status = gemm(N, M, K, a, b, c);
    if (status != EXO_OK) {
        printf("%s: %s\n", exo_status_text(status), exo_last_error());
        return 1;
    }
    for (int i = 0; i < N; ++i)
        for (int j = 0; j < M; ++j) {
            float sum = 0;
            for (int k = 0; k < K; ++k)
                sum += a[i * K + k] * b[k * M + j];
            if (sum != c[i * M + j])
                return 2;
        }
    if (gemm(-1, M, K, a, b, c) != EXO_BAD_SIZE || gemm(N, M, K, a, b, a) != EXO_ALIAS ||
        gemm(N, M, K, NULL, b, c) != EXO_NULL_POINTER || gemm(0, M, K, NULL, b, NULL) != EXO_OK)
        return 3;
    printf("gemm ran with %s\n", exo_variant_in_use("gemm"));
    return 0;
}
