/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The address types and page geometry that every layer shares.
 * Addresses are one-member structs so that a guest's IPA can never be used as a machine address.
 * Frame numbers (gfn: of a guest, mfn: of the machine) are uint64_t, named so.
 */
#ifndef CORE_BASE_TYPES_H
#define CORE_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct { uint64_t v; } paddr_t; /* machine physical address, bytes */
typedef struct { uint64_t v; } ipa_t;   /* intermediate (guest) physical address, bytes */
typedef struct { uint64_t v; } gva_t;   /* guest virtual address, bytes, untrusted */

#define PAGE_SHIFT      12
#define PAGE_SIZE       4096ul
#define PAGE_MASK       (~(PAGE_SIZE - 1))
#define BLOCK_2M_ORDER  9  /* pages of a 2 MiB block, log2 */
#define BLOCK_1G_ORDER  18 /* pages of a 1 GiB block, log2 */

static inline paddr_t paddr(uint64_t v) { return (paddr_t){ v }; }
static inline ipa_t ipa(uint64_t v) { return (ipa_t){ v }; }
static inline gva_t gva(uint64_t v) { return (gva_t){ v }; }

static inline paddr_t mfn_to_paddr(uint64_t mfn) { return (paddr_t){ mfn << PAGE_SHIFT }; }
static inline uint64_t paddr_to_mfn(paddr_t pa) { return pa.v >> PAGE_SHIFT; }
static inline ipa_t gfn_to_ipa(uint64_t gfn) { return (ipa_t){ gfn << PAGE_SHIFT }; }
static inline uint64_t ipa_to_gfn(ipa_t a) { return a.v >> PAGE_SHIFT; }

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define ALIGN_UP(v, a) (((v) + (a) - 1) & ~((typeof(v))(a) - 1))
#define ALIGN_DOWN(v, a) ((v) & ~((typeof(v))(a) - 1))
#define IS_ALIGNED(v, a) (((v) & ((typeof(v))(a) - 1)) == 0)
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))

#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, val) (*(volatile typeof(x) *)&(x) = (val))

#define NR_CPUS_MAX 64u /* physical CPUs; CPU sets are one uint64_t */

#endif
