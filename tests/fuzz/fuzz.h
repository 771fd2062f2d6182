/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all fuzzers share: the input as a stream of choices, and how a run begins in the state that
 * the first one began in. A fuzzer is a libFuzzer program: LLVMFuzzerTestOneInput().
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "core/base/lock.h"
#include "core/base/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- the input: once it has ended, every further choice is 0 -------------------------------- */
struct fuzz_input { const uint8_t *next; size_t left; };

static inline struct fuzz_input fuzz_input(const uint8_t *data, size_t size)
{
    return (struct fuzz_input){ data, size };
}

static inline uint8_t fuzz_u8(struct fuzz_input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->next++;
}

static inline uint16_t fuzz_u16(struct fuzz_input *in)
{
    uint16_t low = fuzz_u8(in);

    return (uint16_t)(low | fuzz_u8(in) << 8);
}

static inline uint32_t fuzz_u32(struct fuzz_input *in)
{
    uint32_t low = fuzz_u16(in);

    return low | (uint32_t)fuzz_u16(in) << 16;
}

static inline uint64_t fuzz_u64(struct fuzz_input *in)
{
    uint64_t low = fuzz_u32(in);

    return low | (uint64_t)fuzz_u32(in) << 32;
}

/* Below n. */
static inline unsigned fuzz_below(struct fuzz_input *in, unsigned n) { return fuzz_u8(in) % n; }

/* True once in n. */
static inline bool fuzz_rarely(struct fuzz_input *in, unsigned n)
{
    return fuzz_below(in, n) == n - 1;
}

static inline void fuzz_bytes(struct fuzz_input *in, void *to, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        ((uint8_t *)to)[i] = fuzz_u8(in);
}

/* --- the state (fuzz_state.c) --------------------------------------------------------------- */
/* Keeps the static data of EL2's code and of the fake machine, and a bank of its RAM, as they are
 * now. */
void fuzz_state_keep(paddr_t ram, uint64_t bytes);
/* Makes them so again; this thread goes on as CPU 0. */
void fuzz_state_restore(void);

static inline bool fuzz_is_locked(const struct lock *l)
{
    return (uint16_t)(l->tickets >> 16) != (uint16_t)l->tickets;
}

/* --- work (fuzz_run.c) ---------------------------------------------------------------------- */
/* Function calls of EL2's code since it was set to 0: a measure of an EL2 visit's length that is
 * the same each time. */
extern uint64_t fuzz_work;

#endif
