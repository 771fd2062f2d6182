/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows about grants. The domain grants to itself: what the hypervisor does is the same, and one
 * domain is enough.
 */
#include "core/base/string.h"
#include "tests/bench/image/xen.h"

#define BATCH 16u
#define SOURCE_GREF XEN_FIRST_GREF
#define TARGET_GREF (XEN_FIRST_GREF + BATCH)
#define SHORT_COPY 64u

static uint64_t source[BATCH][PAGE_BYTES / 8] __attribute__((aligned(4096)));
static uint64_t target[BATCH][PAGE_BYTES / 8] __attribute__((aligned(4096)));
static uint64_t window[BATCH][PAGE_BYTES / 8] __attribute__((aligned(4096)));

static unsigned own_domid;

static void prepare(void)
{
    static bool is_done;

    xen_init();
    if (is_done)
        return;
    is_done = true;
    xen_vacate(window, BATCH);
    for (unsigned i = 0; i < BATCH; i++) {
        xen_grant(SOURCE_GREF + i, own_domid, source[i], false);
        xen_grant(TARGET_GREF + i, own_domid, target[i], false);
    }
}

/* Maps `count` pages, looks through each mapping, unmaps them. */
static uint64_t map_unmap(unsigned n, unsigned count)
{
    gnttab_map_grant_ref_t maps[BATCH] = { { .flags = 0 } };
    gnttab_unmap_grant_ref_t unmaps[BATCH] = { { .handle = 0 } };
    uint64_t start, wrong = 0;

    prepare();
    for (unsigned i = 0; i < count; i++) {
        source[i][0] = 0x1000 + i;
        maps[i].host_addr = unmaps[i].host_addr = (uintptr_t)window[i];
        maps[i].flags = GNTMAP_host_map;
        maps[i].ref = SOURCE_GREF + i;
        maps[i].dom = (domid_t)own_domid;
    }
    start = bench_begin();
    for (unsigned step = n; step; step--) {
        wrong |= (uint64_t)xen_grant_op(GNTTABOP_map_grant_ref, maps, count);
        for (unsigned i = 0; i < count; i++) {
            wrong |= (uint64_t)maps[i].status |
                     (*(volatile uint64_t *)window[i] ^ (0x1000 + i));
            unmaps[i].handle = maps[i].handle;
        }
        wrong |= (uint64_t)xen_grant_op(GNTTABOP_unmap_grant_ref, unmaps, count);
        for (unsigned i = 0; i < count; i++)
            wrong |= (uint64_t)unmaps[i].status;
    }
    start = bench_end(start);
    bench_check(!wrong);
    return start;
}

static uint64_t grant_map(unsigned n) { return map_unmap(n, 1); }
static uint64_t grant_map_batch(unsigned n) { return map_unmap(n, BATCH); }

/* Copies by reference on both sides; a word that changes each time must arrive. */
static uint64_t copy(unsigned n, unsigned count, unsigned bytes)
{
    gnttab_copy_t ops[BATCH] = { { .flags = 0 } };
    uint64_t start, wrong = 0;

    prepare();
    memset(target, 0, sizeof(target));
    for (unsigned i = 0; i < count; i++) {
        ops[i].source.u.ref = SOURCE_GREF + i;
        ops[i].dest.u.ref = TARGET_GREF + i;
        ops[i].source.domid = ops[i].dest.domid = (domid_t)own_domid;
        ops[i].len = (uint16_t)bytes;
        ops[i].flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
    }
    start = bench_begin();
    for (unsigned step = n; step; step--) {
        source[0][bytes / 8 - 1] = step;
        source[count - 1][0] = step;
        wrong |= (uint64_t)xen_grant_op(GNTTABOP_copy, ops, count);
        for (unsigned i = 0; i < count; i++)
            wrong |= (uint64_t)ops[i].status;
        wrong |= *(volatile uint64_t *)&target[0][bytes / 8 - 1] ^ step;
        wrong |= *(volatile uint64_t *)&target[count - 1][0] ^ step;
    }
    start = bench_end(start);
    bench_check(!wrong && (bytes == PAGE_BYTES || !target[0][bytes / 8]));
    return start;
}

/* EL2 copies pages through registers that are the guest's: they must come back as they were. */
static uint64_t copy_page(unsigned n)
{
    static uint64_t before[16] __attribute__((aligned(16))), after[16] __attribute__((aligned(16)));
    uint64_t ticks_taken;

    for (unsigned i = 0; i < 16; i++)
        before[i] = i * 0x0123456789abcdeful + 1;
    __asm__ volatile(".arch_extension simd\n\t"
                     "ldp q0, q1, [%0]\n\tldp q2, q3, [%0, #32]\n\t"
                     "ldp q4, q5, [%0, #64]\n\tldp q6, q7, [%0, #96]" : : "r"(before) : "memory");
    ticks_taken = copy(n, 1, PAGE_BYTES);
    __asm__ volatile("stp q0, q1, [%0]\n\tstp q2, q3, [%0, #32]\n\t"
                     "stp q4, q5, [%0, #64]\n\tstp q6, q7, [%0, #96]" : : "r"(after) : "memory");
    for (unsigned i = 0; i < 16; i++)
        bench_check(before[i] == after[i]);
    return ticks_taken;
}
static uint64_t copy_short(unsigned n) { return copy(n, 1, SHORT_COPY); }
static uint64_t copy_batch(unsigned n) { return copy(n, BATCH, PAGE_BYTES); }

/* One operation's part of a call of so many. */
#define BATCHES(X) X(1) X(2) X(4) X(8) X(16)
#define BATCH_FUNCTIONS(count) \
    static uint64_t map_##count(unsigned n) { return map_unmap(n, count); } \
    static uint64_t copy_##count(unsigned n) { return copy(n, count, PAGE_BYTES); }
BATCHES(BATCH_FUNCTIONS)
#define BATCH_ROWS(count) \
    { "batch_map_" #count, SHAPE_BATCH, true, map_##count, count, count }, \
    { "batch_copy_" #count, SHAPE_BATCH, true, copy_##count, count, count },

const struct row grant_rows[] = {
    { "grant_map_unmap", SHAPE_SINGLE, true, grant_map, 1, 1 },
    { "grant_map_unmap_16", SHAPE_SINGLE, true, grant_map_batch, BATCH, 1 },
    { "grant_copy_4096", SHAPE_SINGLE, true, copy_page, 1, 1 },
    { "grant_copy_64", SHAPE_SINGLE, true, copy_short, 1, 1 },
    { "grant_copy_4096_16", SHAPE_SINGLE, true, copy_batch, BATCH, 1 },
    BATCHES(BATCH_ROWS)
};
const unsigned grant_row_count = ARRAY_SIZE(grant_rows);
