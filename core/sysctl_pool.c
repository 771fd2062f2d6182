/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU pools (Xen public sysctl.h): pool 0 has all CPUs, all domains and the one scheduler, which
 * answers to the name of credit2: weights mean the same to it.
 */
#include "core/base/errors.h"
#include "core/ctl_bitmap.h"
#include "core/domain.h"
#include "core/sysctl.h"

/* The first pool with an id from the one asked for on. */
static int pool_info(struct xen_sysctl_cpupool_op *p)
{
    if (p->cpupool_id && p->cpupool_id != XEN_SYSCTL_CPUPOOL_PAR_ANY)
        return -ENOENT;
    p->cpupool_id = 0;
    p->sched_id = XEN_SCHEDULER_CREDIT2;
    p->n_dom = READ_ONCE(domain_count);
    return ctl_bitmap_write(&p->cpumap, percpu_all());
}

static int pool_move_domain(const struct xen_sysctl_cpupool_op *p)
{
    if (p->cpupool_id)
        return -ENOENT;
    return p->domid < DOMID_FIRST_RESERVED && domain_by_id((domid_t)p->domid) ? 0 : -ESRCH;
}

int sysctl_cpupool(struct xen_sysctl *op)
{
    struct xen_sysctl_cpupool_op *p = &op->u.cpupool_op;

    switch (p->op) {
    case XEN_SYSCTL_CPUPOOL_OP_INFO:
        return pool_info(p);
    case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
        return ctl_bitmap_write(&p->cpumap, 0);
    case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
        return pool_move_domain(p);
    default:
        return -EOPNOTSUPP;
    }
}

int sysctl_scheduler(struct xen_sysctl *op)
{
    struct xen_sysctl_scheduler_op *s = &op->u.scheduler_op;

    if (s->cpupool_id)
        return -ESRCH;
    if (s->sched_id != XEN_SCHEDULER_CREDIT2)
        return -EINVAL;
    if (s->cmd != XEN_SYSCTL_SCHEDOP_getinfo)
        return -EOPNOTSUPP;
    s->u.sched_credit2.ratelimit_us = 0;
    return 0;
}
