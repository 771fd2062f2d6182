/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dom0's RAM, found by asking the page allocator for one 2 MiB block after the other. Boot CPU
 * only, no lock.
 */
#include "boot/dom0_memory.h"

#include "boot/ranges.h"
#include "core/base/errors.h"
#include "mm/page_alloc.h"

#define DEFAULT_BYTES (512ul << 20)
#define FREE_RUNS_MAX 32u
#define DOM0_ID 0

static bool block_is_free(uint64_t base)
{
    for (uint64_t pa = base; pa < base + DOM0_MEMORY_BLOCK; pa += PAGE_SIZE) {
        const struct page *p = page_of(paddr(pa));

        if (!p || p->type != PAGE_FREE)
            return false;
    }
    return true;
}

/* Runs of free 2 MiB blocks, ascending. */
static unsigned find_runs(const struct platform *p, struct platform_range *run)
{
    const struct platform_range *bank = p->bank;
    unsigned runs = 0;

    for (; bank < p->bank + p->banks; bank++)
        for (uint64_t pa = bank->base; pa < bank->base + bank->bytes; pa += DOM0_MEMORY_BLOCK) {
            if (!block_is_free(pa))
                continue;
            if (runs && run[runs - 1].base + run[runs - 1].bytes == pa)
                run[runs - 1].bytes += DOM0_MEMORY_BLOCK;
            else if (!ranges_add(run, &runs, FREE_RUNS_MAX,
                                 (struct platform_range){ pa, DOM0_MEMORY_BLOCK }))
                return runs;
        }
    return runs;
}

/* Free blocks are taken in the largest aligned pieces: that much less to ask. */
static bool take(uint64_t base, uint64_t bytes)
{
    while (bytes) {
        unsigned order = BLOCK_2M_ORDER;

        while (order < PAGE_ORDER_MAX && IS_ALIGNED(base, PAGE_SIZE << (order + 1)) &&
               bytes >= PAGE_SIZE << (order + 1))
            order++;
        if (page_alloc_at(paddr(base), order, PAGE_DOMAIN, DOM0_ID))
            return false;
        base += PAGE_SIZE << order;
        bytes -= PAGE_SIZE << order;
    }
    return true;
}

static void take_run(struct dom0_memory *m, const struct platform_range *run, uint64_t wanted)
{
    struct platform_range r = { run->base, MIN(run->bytes, wanted) };

    if (m->banks < PLATFORM_BANKS_MAX && r.bytes && take(r.base, r.bytes)) {
        m->bank[m->banks++] = r;
        m->bytes += r.bytes;
    }
}

static void choose_home(struct dom0_memory *m, uint64_t home_bytes)
{
    m->home = PLATFORM_BANKS_MAX;
    for (unsigned i = m->banks; i-- > 0;)
        if (m->bank[i].bytes >= home_bytes)
            m->home = i;
}

int dom0_memory_take(const struct platform *p, uint64_t bytes, uint64_t home_bytes,
                     struct dom0_memory *m)
{
    struct platform_range run[FREE_RUNS_MAX];
    unsigned runs = find_runs(p, run);

    m->banks = 0;
    m->bytes = 0;
    for (unsigned i = 0; i < runs; i++)
        if (run[i].bytes >= home_bytes)
            take_run(m, &run[i], bytes - m->bytes);
    for (unsigned i = 0; i < runs; i++)
        if (run[i].bytes < home_bytes)
            take_run(m, &run[i], bytes - m->bytes);
    ranges_sort(m->bank, &m->banks);
    choose_home(m, home_bytes);
    return m->bytes < bytes || m->home == PLATFORM_BANKS_MAX ? -ENOMEM : 0;
}

uint64_t dom0_memory_default(void)
{
    uint64_t free = page_alloc_free_count() << PAGE_SHIFT;

    /* A quarter stays for guests and for the tables that map them. */
    return ALIGN_DOWN(MIN(free - free / 4, DEFAULT_BYTES), DOM0_MEMORY_BLOCK);
}
