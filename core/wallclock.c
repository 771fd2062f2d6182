/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wall clock's base and its publication. Owns the Unix time of the hypervisor's own start.
 * A guest adds its own monotonic time, which begins when its counter does: so each domain is told
 * the Unix time of its own counter's zero, plus its offset.
 */
#include "core/wallclock.h"

#include "core/base/lock.h"
#include "drivers/timer.h"

#define NS_PER_S 1000000000ul

/* Protects boot_ns and each domain's wc_ fields. Leaf. */
static struct lock wallclock_lock = LOCK_INIT;
static uint64_t boot_ns; /* Unix time at timer_now_ns() == 0 */

/* System time at which d's counter read 0; a domain that sees the machine's counter began with
 * the hypervisor. */
static uint64_t counter_zero_ns(const struct domain *d)
{
    uint64_t ticks = timer_now() - d->cntvoff;

    return d->cntvoff ? timer_now_ns() - timer_ticks_to_ns(ticks) : 0;
}

void wallclock_publish(struct domain *d)
{
    shared_info_t *s = d->shared_info;
    uint64_t ns, secs;

    if (!s)
        return;
    lock_acquire(&wallclock_lock);
    ns = boot_ns + counter_zero_ns(d);
    secs = ns / NS_PER_S + (uint64_t)d->time_offset_s;
    /* The guest retries while the version is odd or changes (Xen public xen.h, wc_version). */
    WRITE_ONCE(s->wc_version, s->wc_version | 1);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    s->wc_sec = (uint32_t)secs;
    s->wc_sec_hi = (uint32_t)(secs >> 32);
    s->wc_nsec = (uint32_t)(ns % NS_PER_S);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    WRITE_ONCE(s->wc_version, s->wc_version + 1);
    lock_release(&wallclock_lock);
}

void wallclock_set(uint64_t secs, uint32_t nsecs, uint64_t at_ns)
{
    lock_acquire(&wallclock_lock);
    boot_ns = secs * NS_PER_S + nsecs - at_ns;
    lock_release(&wallclock_lock);
    domain_for_each(d)
        if (d->state < DOMAIN_DYING)
            wallclock_publish(d);
}
