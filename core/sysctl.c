/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_sysctl (Xen public sysctl.h): what the toolstack asks about the machine. Changes
 * nothing but the log (readconsole with clear), for how long WFI traps (getdomaininfolist), and
 * what debug keys do; no lock of its own.
 */
#include "core/base/errors.h"
#include "core/base/log.h"
#include "core/console.h"
#include "core/ctl_bitmap.h"
#include "core/domain_info.h"
#include "core/hypercall.h"
#include "core/pmu.h"
#include "core/sched.h"
#include "mm/guest_mem.h"
#include "mm/page_alloc.h"

#define READ_CHUNK_BYTES 256u
#define DEBUG_KEYS_MAX 16u
#define SYSCTL_CMD_MAX XEN_SYSCTL_livepatch_op /* the last one that tools of this version call */

/* A list too long for one stay at EL2 goes on by this, which is in the caller's structure in place
 * of the command until it is complete: an argument register that a call does not use may hold
 * anything when it comes. Who makes it up writes to its own buffer only. */
#define LIST_GOES_ON (XEN_SYSCTL_getdomaininfolist | 1u << 31)
/* Instructions to describe a domain, and for each of its vCPUs. */
#define LIST_DOMAIN_COST 300u
#define LIST_VCPU_COST 60u
/* Who asks for a list may do so every few seconds, to show CPU times (xentop, virt-top). */
#define LIST_WATCH_S 10u

/* The caller's 32-bit index, as the log's position of which it is the low half. */
static uint64_t console_position(const struct xen_sysctl_readconsole *r)
{
    uint64_t oldest = log_oldest(), pos;

    if (!r->incremental)
        return oldest;
    pos = oldest + (uint32_t)(r->index - (uint32_t)oldest);
    return pos <= log_end() ? pos : oldest;
}

static int sysctl_readconsole(struct xen_sysctl *op)
{
    struct xen_sysctl_readconsole *r = &op->u.readconsole;
    uint64_t pos = console_position(r), to = (uint64_t)r->buffer.p;
    uint32_t done = 0;
    char buf[READ_CHUNK_BYTES];

    while (done < r->count) {
        size_t n = log_read(&pos, buf, MIN(r->count - done, sizeof(buf)));

        if (!n)
            break;
        if (guest_mem_write(gva(to + done), buf, n))
            return -EFAULT;
        done += (uint32_t)n;
    }
    if (r->clear)
        log_clear(pos);
    r->count = done;
    r->index = (uint32_t)pos;
    return 0;
}

static int sysctl_physinfo(struct xen_sysctl *op)
{
    op->u.physinfo = (struct xen_sysctl_physinfo){
        .threads_per_core = 1, .cores_per_socket = 1, .nr_cpus = cpu_count,
        .max_cpu_id = cpu_count - 1, .nr_nodes = 1, .max_node_id = 0,
        .cpu_khz = timer_frequency_hz() / 1000,
        .capabilities = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap |
                        XEN_SYSCTL_PHYSCAP_gnttab_v1 |
                        (pmu_physical_irq() ? XEN_SYSCTL_PHYSCAP_vpmu : 0),
        .total_pages = page_alloc_total_count(), .free_pages = page_alloc_free_count(),
        .max_mfn = page_max_mfn(),
    };
    return 0;
}

static int sysctl_sched_id(struct xen_sysctl *op)
{
    op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT2;
    return 0;
}

/* Where it goes on stands behind what the ABI has of the union. */
static int sysctl_getdomaininfolist(struct xen_sysctl *op)
{
    struct xen_sysctl_getdomaininfolist *l = &op->u.getdomaininfolist;
    uint32_t *next = (uint32_t *)&op->u.pad[sizeof(*l)], spent = 0;
    bool goes_on = op->cmd == LIST_GOES_ON;
    uint32_t id = goes_on ? *next : l->first_domain, n = goes_on ? l->num_domains : 0;
    xen_domctl_getdomaininfo_t info;
    struct domain *d;

    op->cmd = XEN_SYSCTL_getdomaininfolist;
    sched_watch(LIST_WATCH_S);
    for (; n < l->max_domains && (d = domain_next(id)); n++) {
        unsigned cost = LIST_DOMAIN_COST + d->vcpu_max * LIST_VCPU_COST;

        if (spent && (spent + cost > HYPERCALL_BUDGET || hypercall_preempt_check())) {
            op->cmd = LIST_GOES_ON;
            *next = id;
            break;
        }
        domain_info_get(d, &info);
        if (guest_mem_write_handle(l->buffer, n, &info))
            return -EFAULT;
        spent += cost;
        id = d->id + 1u;
    }
    l->num_domains = n;
    return op->cmd == LIST_GOES_ON ? -ERESTART : 0;
}

static int sysctl_debug_keys(struct xen_sysctl *op)
{
    const struct xen_sysctl_debug_keys *k = &op->u.debug_keys;
    char keys[DEBUG_KEYS_MAX];

    if (k->nr_keys > sizeof(keys))
        return -E2BIG;
    if (guest_mem_read(keys, gva((uint64_t)k->keys.p), k->nr_keys))
        return -EFAULT;
    for (unsigned i = 0; i < k->nr_keys; i++)
        console_debug_key(keys[i]);
    return 0;
}

static int sysctl_getcpuinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_getcpuinfo *g = &op->u.getcpuinfo;
    unsigned n = MIN(g->max_cpus, cpu_count);

    for (unsigned i = 0; i < n; i++) {
        xen_sysctl_cpuinfo_t info = { .idletime = READ_ONCE(percpu_table[i]->idle_ns) };

        if (guest_mem_write_handle(g->info, i, &info))
            return -EFAULT;
    }
    g->nr_cpus = n;
    return 0;
}

static int sysctl_availheap(struct xen_sysctl *op)
{
    op->u.availheap.avail_bytes = page_alloc_free_count() << PAGE_SHIFT;
    return 0;
}

/* A CPU is a socket of one core, as physinfo says. */
static int sysctl_cputopoinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_cputopoinfo *t = &op->u.cputopoinfo;
    unsigned n = t->cputopo.p ? MIN(t->num_cpus, cpu_count) : 0;

    for (unsigned i = 0; i < n; i++) {
        xen_sysctl_cputopo_t cpu = { .core = 0, .socket = i, .node = 0 };

        if (guest_mem_write_handle(t->cputopo, i, &cpu))
            return -EFAULT;
    }
    t->num_cpus = t->cputopo.p && t->num_cpus > cpu_count ? n : cpu_count;
    return 0;
}

static int sysctl_numainfo(struct xen_sysctl *op)
{
    static const uint32_t self = 10; /* the SLIT's distance of a node to itself */
    struct xen_sysctl_numainfo *n = &op->u.numainfo;
    xen_sysctl_meminfo_t mem = {
        .memsize = page_alloc_total_count() << PAGE_SHIFT,
        .memfree = page_alloc_free_count() << PAGE_SHIFT,
    };

    if (n->num_nodes && n->meminfo.p && guest_mem_write_handle(n->meminfo, 0, &mem))
        return -EFAULT;
    if (n->num_nodes && n->distance.p && guest_mem_write_handle(n->distance, 0, &self))
        return -EFAULT;
    n->num_nodes = 1;
    return 0;
}

/* --- CPU pools: pool 0 has all CPUs, all domains and the one scheduler, which answers to the name
 * of credit2: weights mean the same to it --- */

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

static int sysctl_cpupool(struct xen_sysctl *op)
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

static int sysctl_scheduler(struct xen_sysctl *op)
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

static int (*const sysctl_ops[])(struct xen_sysctl *) = {
    [XEN_SYSCTL_readconsole] = sysctl_readconsole, [XEN_SYSCTL_physinfo] = sysctl_physinfo,
    [XEN_SYSCTL_sched_id] = sysctl_sched_id,
    [XEN_SYSCTL_getdomaininfolist] = sysctl_getdomaininfolist,
    [XEN_SYSCTL_debug_keys] = sysctl_debug_keys, [XEN_SYSCTL_getcpuinfo] = sysctl_getcpuinfo,
    [XEN_SYSCTL_availheap] = sysctl_availheap, [XEN_SYSCTL_cputopoinfo] = sysctl_cputopoinfo,
    [XEN_SYSCTL_numainfo] = sysctl_numainfo, [XEN_SYSCTL_cpupool_op] = sysctl_cpupool,
    [XEN_SYSCTL_scheduler_op] = sysctl_scheduler,
};

int64_t sysctl_hypercall(uint64_t arg, uint64_t, uint64_t, uint64_t, uint64_t)
{
    struct xen_sysctl op;
    uint32_t cmd;
    int rc;

    if (!domain_current()->is_privileged)
        return -EPERM;
    if (guest_mem_read(&op, gva(arg), sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
        return -EACCES;
    cmd = op.cmd == LIST_GOES_ON ? XEN_SYSCTL_getdomaininfolist : op.cmd;
    if (cmd >= ARRAY_SIZE(sysctl_ops) || !sysctl_ops[cmd])
        return cmd <= SYSCTL_CMD_MAX ? -EOPNOTSUPP : -ENOSYS;
    rc = sysctl_ops[cmd](&op);
    if (rc && rc != -ERESTART)
        return rc;
    if (guest_mem_write(gva(arg), &op, sizeof(op)))
        return -EFAULT;
    return rc ? hypercall_continue(1, arg, 0, 0) : 0;
}
