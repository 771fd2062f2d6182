/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for memory without waiting: joins the page allocator (which knows no CPUs to interrupt)
 * and the IPIs (which know no pages). No state, no lock.
 */
#include "core/reclaim.h"

#include "core/base/errors.h"
#include "core/vcpu.h"
#include "irq/ipi.h"
#include "mm/page_alloc.h"

/* To scrub a page, down to memory, and make it free costs some 1,050 instructions. */
#define RECLAIM_PAGES 14u
/* Others may go on freeing pages for ever: a call's wait ends. It looks again within the gap. */
#define WAIT_LIMIT_NS 10000000000ul
#define WAIT_GAP_NS 500000000ul

static bool step(void)
{
    uint64_t cpus;

    if (!page_alloc_is_pending())
        return false;
    cpus = page_alloc_progress(RECLAIM_PAGES);
    if (cpus)
        ipi_send(cpus, IPI_QUIESCE);
    return true;
}

bool reclaim_wait(void)
{
    struct vcpu *v = vcpu_current();
    uint64_t now = timer_now();

    if (now - v->waited_at > timer_ns_to_ticks(WAIT_GAP_NS))
        v->waited_since = now;
    v->waited_at = now;
    return now - v->waited_since < timer_ns_to_ticks(WAIT_LIMIT_NS) && step();
}

bool reclaim_progress(void)
{
    bool is_coming = hw_percpu()->is_memory_coming;

    hw_percpu()->is_memory_coming = false;
    return is_coming && reclaim_wait();
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
