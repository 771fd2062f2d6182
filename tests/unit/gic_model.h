/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A GIC frame for tests: registers that keep what is written, with the set/clear pairs (enable,
 * pending, active) working on one state as IHI 0048 and IHI 0069 say.
 */
#ifndef TESTS_UNIT_GIC_MODEL_H
#define TESTS_UNIT_GIC_MODEL_H

#include "tests/fake/fake.h"

#define GIC_MODEL_BYTES 0x10000u

struct gic_model { uint32_t words[GIC_MODEL_BYTES / 4]; };

static inline uint64_t gic_model_fold(uint64_t offset, bool *is_clear)
{
    bool is_pair = offset >= 0x100 && offset < 0x400;

    *is_clear = is_pair && (offset & 0x80);
    return is_pair ? offset & ~0x80ul : offset;
}

static inline uint64_t gic_model_read(void *context, uint64_t offset, unsigned size)
{
    struct gic_model *m = context;
    uint64_t v = 0;
    bool is_clear;

    memcpy(&v, (char *)m->words + gic_model_fold(offset, &is_clear), size);
    return v;
}

static inline void gic_model_write(void *context, uint64_t offset, unsigned size, uint64_t v)
{
    struct gic_model *m = context;
    bool is_clear;
    uint64_t at = gic_model_fold(offset, &is_clear);

    if (at >= 0x100 && at < 0x400)
        v = is_clear ? m->words[at / 4] & ~v : m->words[at / 4] | v;
    memcpy((char *)m->words + at, &v, size);
}

static inline void gic_model_add(struct gic_model *m, uint64_t base, uint64_t bytes)
{
    fake_mmio_add(&(struct fake_mmio){ base, bytes, gic_model_read, gic_model_write, m });
}

/* The device mapping that gic_config wants: addresses are their own. */
static inline volatile void *gic_model_map(paddr_t pa, size_t bytes)
{
    (void)bytes;
    return (volatile void *)(uintptr_t)pa.v;
}

#endif
