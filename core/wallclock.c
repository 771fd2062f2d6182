/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wall clock's base and its publication. Owns the Unix time of the hypervisor's own start.
 * A guest adds its own monotonic time, which begins when its counter does: so each domain is told
 * the Unix time of its own counter's zero, plus its offset.
 */
#include "core/wallclock.h"

#define NS_PER_S 1000000000ul

#define TELL_DOMAINS 64u /* in one stay at EL2; one costs some 120 instructions */

/* Protects all here and each domain's wc_ fields; the list of domains is taken in it. */
static struct lock wallclock_lock = LOCK_INIT;
static uint64_t boot_ns; /* Unix time at timer_now_ns() == 0 */
static unsigned told;    /* domains below this number know it */

/* System time at which d's counter read 0; a domain that sees the machine's counter began with
 * the hypervisor. */
static uint64_t counter_zero_ns(const struct domain *d)
{
    uint64_t ticks = timer_now() - d->cntvoff;

    return d->cntvoff ? timer_now_ns() - timer_ticks_to_ns(ticks) : 0;
}

static void publish(struct domain *d)
{
    shared_info_t *s = d->shared_info;
    uint64_t ns = boot_ns + counter_zero_ns(d);
    uint64_t secs = ns / NS_PER_S + (uint64_t)d->time_offset_s;

    /* The guest retries while the version is odd or changes (Xen public xen.h, wc_version). */
    WRITE_ONCE(s->wc_version, s->wc_version | 1);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    s->wc_sec = (uint32_t)secs;
    s->wc_sec_hi = (uint32_t)(secs >> 32);
    s->wc_nsec = (uint32_t)(ns % NS_PER_S);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    WRITE_ONCE(s->wc_version, s->wc_version + 1);
}

void wallclock_publish(struct domain *d)
{
    lock_acquire(&wallclock_lock);
    if (d->shared_info)
        publish(d);
    lock_release(&wallclock_lock);
}

bool wallclock_set(uint64_t secs, uint32_t nsecs, uint64_t at_ns)
{
    uint64_t ns = secs * NS_PER_S + nsecs - at_ns;
    struct domain *d = NULL;

    lock_acquire(&wallclock_lock);
    told = ns == boot_ns ? told : 0;
    boot_ns = ns;
    for (unsigned n = 0; n < TELL_DOMAINS && (d = domain_next(told)); n++, told = d->id + 1u)
        if (d->state < DOMAIN_DYING && d->shared_info)
            publish(d);
    lock_release(&wallclock_lock);
    return !d;
}
