/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_event_channel_op (Xen public event_channel.h): reads the structure once, checks
 * the caller's right to the domain named, calls evtchn.c, writes the structure back where the
 * operation has results. No lock.
 */
#include "core/evtchn_op.h"

#include "core/base/errors.h"
#include "core/evtchn.h"
#include "core/evtchn_fifo.h"
#include "core/hypercall.h"
#include "core/reclaim.h"
#include "mm/guest_mem.h"

/* Where a command goes on: in the upper half of its number, which is zero when it comes. */
#define PROGRESS_SHIFT 16

struct evtchn_arg {
    union {
        evtchn_alloc_unbound_t alloc_unbound;
        evtchn_bind_interdomain_t bind_interdomain;
        evtchn_bind_virq_t bind_virq;
        evtchn_bind_pirq_t bind_pirq;
        evtchn_bind_ipi_t bind_ipi;
        evtchn_close_t close;
        evtchn_send_t send;
        evtchn_status_t status;
        evtchn_bind_vcpu_t bind_vcpu;
        evtchn_unmask_t unmask;
        evtchn_reset_t reset;
        evtchn_init_control_t init_control;
        evtchn_expand_array_t expand_array;
        evtchn_set_priority_t set_priority;
    };
    unsigned progress;
};

/* A port as result: into *out; 0 or -errno. */
static int port_result(int port, evtchn_port_t *out)
{
    if (port < 0)
        return port;
    *out = (evtchn_port_t)port;
    return 0;
}

static int op_alloc_unbound(struct evtchn_arg *a)
{
    evtchn_alloc_unbound_t *op = &a->alloc_unbound;
    domid_t remote = op->remote_dom == DOMID_SELF ? domain_current()->id : op->remote_dom;
    struct domain *d;
    int rc = domain_target(op->dom, &d);

    return rc ? rc : port_result(evtchn_alloc_unbound(d, remote, NULL), &op->port);
}

static int op_bind_interdomain(struct evtchn_arg *a)
{
    evtchn_bind_interdomain_t *op = &a->bind_interdomain;
    struct domain *remote = domain_by_id(op->remote_dom);

    if (!remote)
        return -ESRCH;
    return port_result(evtchn_bind_interdomain(domain_current(), remote, op->remote_port),
                       &op->local_port);
}

static int op_bind_virq(struct evtchn_arg *a)
{
    return port_result(evtchn_bind_virq(domain_current(), a->bind_virq.virq, a->bind_virq.vcpu),
                       &a->bind_virq.port);
}

/* Arm has no PIRQs: interrupts are the virtual GIC's. */
static int op_bind_pirq(struct evtchn_arg *) { return -EOPNOTSUPP; }

static int op_bind_ipi(struct evtchn_arg *a)
{
    return port_result(evtchn_bind_ipi(domain_current(), a->bind_ipi.vcpu), &a->bind_ipi.port);
}

static int op_close(struct evtchn_arg *a)
{
    const struct evtchn *c = evtchn_port(domain_current(), a->close.port);

    return c && c->consume ? -EINVAL : evtchn_close(domain_current(), a->close.port);
}

static int op_send(struct evtchn_arg *a) { return evtchn_send(domain_current(), a->send.port); }

static int op_status(struct evtchn_arg *a)
{
    struct domain *d;
    int rc = domain_target(a->status.dom, &d);

    return rc ? rc : evtchn_status(d, &a->status);
}

static int op_bind_vcpu(struct evtchn_arg *a)
{
    return evtchn_bind_vcpu(domain_current(), a->bind_vcpu.port, a->bind_vcpu.vcpu);
}

static int op_unmask(struct evtchn_arg *a)
{
    return evtchn_unmask(domain_current(), a->unmask.port);
}

/* Another domain must be paused: it would see its channels go one by one. */
static int op_reset(struct evtchn_arg *a)
{
    struct domain *d;
    int rc = domain_target(a->reset.dom, &d);

    if (rc)
        return rc;
    return d != domain_current() && !d->paused_by_tools ? -EINVAL : evtchn_reset(d);
}

static int op_init_control(struct evtchn_arg *a)
{
    a->init_control.link_bits = EVTCHN_FIFO_LINK_BITS;
    return evtchn_fifo_init_control(domain_current(), &a->init_control, &a->progress);
}

static int op_expand_array(struct evtchn_arg *a)
{
    return evtchn_fifo_expand_array(domain_current(), a->expand_array.array_gfn, &a->progress);
}

static int op_set_priority(struct evtchn_arg *a)
{
    struct domain *d = domain_current();
    struct evtchn *c = evtchn_port(d, a->set_priority.port);

    if (!c)
        return -EINVAL;
    if (!__atomic_load_n(&d->evtchn.fifo, __ATOMIC_RELAXED))
        return -ENOSYS;
    if (a->set_priority.priority > EVTCHN_FIFO_PRIORITY_MIN)
        return -EINVAL;
    __atomic_store_n(&c->priority, (uint8_t)a->set_priority.priority, __ATOMIC_RELAXED);
    return 0;
}

static const struct evtchn_op_entry {
    int (*call)(struct evtchn_arg *a);
    uint8_t bytes;
    bool has_result, has_progress;
} ops[] = {
#define OP(name, result, progress) \
    [EVTCHNOP_##name] = { op_##name, sizeof(struct evtchn_##name), result, progress }
    OP(bind_interdomain, true, false), OP(bind_virq, true, false), OP(bind_pirq, true, false),
    OP(close, false, false), OP(send, false, false), OP(status, true, false),
    OP(alloc_unbound, true, false), OP(bind_ipi, true, false), OP(bind_vcpu, false, false),
    OP(unmask, false, false), OP(reset, false, false), OP(init_control, true, true),
    OP(expand_array, false, true), OP(set_priority, false, false),
#undef OP
};

int64_t evtchn_op_call(uint32_t cmd, uint64_t arg)
{
    const struct evtchn_op_entry *op;
    struct evtchn_arg a;
    int rc;

    a.progress = cmd >> PROGRESS_SHIFT;
    cmd %= 1u << PROGRESS_SHIFT;
    if (cmd >= ARRAY_SIZE(ops) || !ops[cmd].call || (a.progress && !ops[cmd].has_progress))
        return -ENOSYS;
    op = &ops[cmd];
    if (guest_mem_read(&a, gva(arg), op->bytes))
        return -EFAULT;
    rc = op->call(&a);
    if (rc == -ENOMEM)
        rc = reclaim_or_fail();
    if (rc == -ERESTART)
        return hypercall_continue(2, cmd | a.progress << PROGRESS_SHIFT, arg, 0);
    if (!rc && op->has_result && guest_mem_write(gva(arg), &a, op->bytes))
        return -EFAULT;
    return rc;
}
