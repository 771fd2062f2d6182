/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for memory without waiting: joins the page allocator (which knows no CPUs to interrupt)
 * and the IPIs (which know no pages). No state, no lock.
 */
#include "core/reclaim.h"

#include "core/base/errors.h"
#include "core/base/hw.h"
#include "irq/ipi.h"
#include "mm/page_alloc.h"

/* To scrub a page, down to memory, and make it free costs some 1,050 instructions. */
#define RECLAIM_PAGES 14u

bool reclaim_step(void)
{
    uint64_t cpus;

    if (!page_alloc_is_pending())
        return false;
    cpus = page_alloc_progress(RECLAIM_PAGES);
    if (cpus)
        ipi_send(cpus, IPI_QUIESCE);
    return true;
}

bool reclaim_progress(void)
{
    bool is_coming = hw_percpu()->is_memory_coming;

    hw_percpu()->is_memory_coming = false;
    return is_coming && reclaim_step();
}

bool reclaim_idle(void)
{
    uint64_t cpus = 0;
    bool has_worked = page_alloc_has_idle_work() && page_alloc_idle(&cpus);

    if (cpus)
        ipi_send(cpus, IPI_QUIESCE);
    return has_worked;
}

int reclaim_or_fail(void) { return reclaim_progress() ? -ERESTART : -ENOMEM; }
