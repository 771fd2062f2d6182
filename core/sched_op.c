/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_sched_op (Xen public sched.h): yield, block, poll, shutdown, watchdogs.
 */
#include "core/base/errors.h"
#include "core/domain.h"
#include "core/evtchn.h"
#include "core/hypercall.h"
#include "core/sched.h"
#include "mm/guest_mem.h"

#define SCHED_POLL_PORTS_MAX 128u

static int64_t sched_op_yield(uint64_t)
{
    sched_vcpu_yield();
    return 0;
}

/* Xen public sched.h, SCHEDOP_block. On arm there is no upcall mask in vcpu_info to clear. */
static int64_t sched_op_block(uint64_t)
{
    vcpu_wait(vcpu_current());
    return 0;
}

static int64_t sched_op_shutdown(uint64_t arg)
{
    struct sched_shutdown s;

    if (guest_mem_read(&s, gva(arg), sizeof(s)))
        return -EFAULT;
    domain_shutdown(domain_current(), s.reason);
    return 0;
}

static int64_t sched_op_shutdown_code(uint64_t arg)
{
    struct sched_shutdown s;
    struct domain *d = domain_current();

    if (guest_mem_read(&s, gva(arg), sizeof(s)))
        return -EFAULT;
    d->shutdown_latch = s.reason + 1;
    return 0;
}

/* 1: one of the ports is pending, 0: none, -errno. */
static int sched_poll_ports(const struct sched_poll *p)
{
    struct domain *d = domain_current();

    for (unsigned i = 0; i < p->nr_ports; i++) {
        evtchn_port_t port;

        if (guest_mem_read_handle(&port, p->ports, i))
            return -EFAULT;
        if (!evtchn_is_valid(d, port))
            return -EINVAL;
        if (evtchn_poll(d, port))
            return 1;
    }
    return 0;
}

/* Waits until one of the ports, which may be masked, is pending, or for any event upcall: a wake-up
 * without one is allowed, callers loop (Xen public sched.h, SCHEDOP_poll). */
static int64_t sched_op_poll(uint64_t arg)
{
    struct vcpu *v = vcpu_current();
    uint64_t now = timer_now_ns();
    struct sched_poll p;
    int rc;

    if (guest_mem_read(&p, gva(arg), sizeof(p)))
        return -EFAULT;
    if (p.nr_ports > SCHED_POLL_PORTS_MAX)
        return -EINVAL;
    /* Also with no port at all: any upcall ends it. Pairs with vcpu_event_upcall's store. */
    __atomic_store_n(&v->evtchn_poll, VCPU_POLL_WAITS, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    rc = sched_poll_ports(&p);
    if (rc || (p.timeout && p.timeout <= now)) {
        v->evtchn_poll = VCPU_POLL_NONE;
        return rc < 0 ? rc : 0;
    }
    if (p.timeout)
        timer_set(&v->poll_timer, timer_now() + timer_ns_to_ticks(p.timeout - now));
    sched_block(v);
    return 0;
}

static int64_t sched_op_remote_shutdown(uint64_t arg)
{
    struct sched_remote_shutdown s;
    struct domain *d;

    if (!domain_current()->is_privileged)
        return -EPERM;
    if (guest_mem_read(&s, gva(arg), sizeof(s)))
        return -EFAULT;
    d = domain_by_id(s.domain_id);
    if (!d || d == domain_current())
        return d ? -EINVAL : -ESRCH;
    domain_shutdown(d, s.reason);
    return 0;
}

/* Its domain may have ended meanwhile, or given it back. */
static void watchdog_fired(struct timer *t)
{
    struct domain *d = READ_ONCE(container_of(t, struct watchdog, timer)->domain);

    if (d)
        domain_shutdown(d, SHUTDOWN_watchdog);
}

/* The watchdog `id`; 0: one that is free. NULL: there is none. */
static struct watchdog *watchdog_find(struct domain *d, uint32_t id) LOCK_REQUIRES(d->lock)
{
    for (unsigned i = 0; i < DOMAIN_WATCHDOGS; i++)
        if (id ? i == id - 1 && d->watchdog[i].domain : !d->watchdog[i].domain)
            return &d->watchdog[i];
    return NULL;
}

/* Xen public sched.h, SCHEDOP_watchdog: who does not call again within the seconds that it has
 * named is shut down; if it is Dom0, the machine is reset. */
static int64_t sched_op_watchdog(uint64_t arg)
{
    struct domain *d = domain_current();
    struct sched_watchdog s;
    struct watchdog *w;

    if (guest_mem_read(&s, gva(arg), sizeof(s)))
        return -EFAULT;
    if (!s.id && !s.timeout)
        return -EINVAL;
    lock_acquire(&d->lock);
    w = watchdog_find(d, s.id);
    if (w) {
        WRITE_ONCE(w->domain, s.timeout ? d : NULL);
        timer_cancel(&w->timer);
        timer_setup(&w->timer, watchdog_fired);
        if (s.timeout)
            timer_set(&w->timer, timer_now() + timer_ns_to_ticks(s.timeout * 1000000000ul));
    }
    lock_release(&d->lock);
    if (!w)
        return s.id ? -EINVAL : -ENOSPC;
    return s.id ? 0 : w - d->watchdog + 1;
}

int64_t sched_hypercall(uint64_t cmd, uint64_t arg, uint64_t, uint64_t, uint64_t)
{
    static int64_t (*const ops[])(uint64_t) = {
        [SCHEDOP_yield] = sched_op_yield, [SCHEDOP_block] = sched_op_block,
        [SCHEDOP_shutdown] = sched_op_shutdown, [SCHEDOP_poll] = sched_op_poll,
        [SCHEDOP_remote_shutdown] = sched_op_remote_shutdown,
        [SCHEDOP_shutdown_code] = sched_op_shutdown_code, [SCHEDOP_watchdog] = sched_op_watchdog,
    };

    cmd = (uint32_t)cmd;
    return cmd < ARRAY_SIZE(ops) && ops[cmd] ? ops[cmd](arg) : -ENOSYS;
}
