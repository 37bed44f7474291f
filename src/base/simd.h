/* One body, compiled for several instruction sets and chosen at run time: portable, AVX2, AVX-512.
 *
 * A body is an always_inline function with GCC's vector types or plain loops; SIMD_CLONES makes a function of it for
 * every path, and a table of them by path.  Bodies have no fused multiply-add (-ffp-contract=off) and no reordered sums,
 * so that all paths give the same bytes.  SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef QSG_SIMD_H
#define QSG_SIMD_H

#include <stdbool.h>

typedef enum { SIMD_PORTABLE, SIMD_AVX2, SIMD_AVX512, SIMD_PATHS } simd_path;

#define SIMD_INLINE static inline __attribute__((always_inline))

#if defined __x86_64__ && defined __GNUC__
#define SIMD_TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2")))
#define SIMD_TARGET_AVX512 __attribute__((target("avx2,bmi,bmi2,avx512f,avx512dq,avx512bw,avx512vl")))
static inline bool simd_has(simd_path path)
{
    switch (path) {
    case SIMD_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && simd_has(SIMD_AVX2);
    case SIMD_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    default: return true;
    }
}
#else
#define SIMD_TARGET_AVX2
#define SIMD_TARGET_AVX512
static inline bool simd_has(simd_path path)
{
    return path == SIMD_PORTABLE;
}
#endif

static inline simd_path simd_best(void)
{
    return simd_has(SIMD_AVX512) ? SIMD_AVX512 : simd_has(SIMD_AVX2) ? SIMD_AVX2 : SIMD_PORTABLE;
}

/* static name[SIMD_PATHS]: void functions with the parameters `params` (in parentheses) that evaluate `call`, which may
 * mention the constant PATH. */
#define SIMD_CLONES(name, params, call)                                                       \
    static void name##_portable params { enum { PATH = SIMD_PORTABLE }; call; }               \
    SIMD_TARGET_AVX2 static void name##_avx2 params { enum { PATH = SIMD_AVX2 }; call; }      \
    SIMD_TARGET_AVX512 static void name##_avx512 params { enum { PATH = SIMD_AVX512 }; call; } \
    static void (*const name[SIMD_PATHS]) params = {name##_portable, name##_avx2, name##_avx512};

#endif
