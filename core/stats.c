/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_arch_1 (purlin_abi.h): what has been counted for a domain. A snapshot, no locks;
 * counting itself is where things happen.
 */
#include "core/base/errors.h"
#include "core/domain.h"
#include "core/hypercall.h"
#include "core/sched.h"
#include "mm/guest_mem.h"

static void stats_add(struct purlin_stats *s, struct vcpu *v)
{
    const uint64_t *from = (const uint64_t *)&v->counts;
    uint64_t *to = (uint64_t *)&s->counts;

    s->cpu_ns += sched_vcpu_runtime_ns(v);
    s->untrapped_ns += v->sched.untrapped_ns;
    for (unsigned i = 0; i < sizeof(s->counts) / sizeof(*to); i++)
        to[i] += from[i];
}

int64_t stats_hypercall(uint64_t arg, uint64_t, uint64_t, uint64_t, uint64_t)
{
    struct purlin_stats s = { 0 };
    struct domain *d;

    if (!domain_current()->is_privileged)
        return -EPERM;
    if (guest_mem_read(&s, gva(arg), offsetof(struct purlin_stats, is_capped)))
        return -EFAULT;
    if (s.version != PURLIN_STATS_VERSION)
        return -EACCES;
    d = s.domid < DOMID_FIRST_RESERVED ? domain_by_id((domid_t)s.domid) : NULL;
    if (!d)
        return -ESRCH;
    sched_watch(s.watch_s);
    s.is_capped = d->is_capped;
    s.grants_mapped = d->grants.maptrack_used;
    domain_for_each_vcpu(d, v)
        stats_add(&s, v);
    return guest_mem_write(gva(arg), &s, sizeof(s)) ? -EFAULT : 0;
}
