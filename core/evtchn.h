/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels (Xen public event_channel.h): ports, their bindings, 2-level and FIFO delivery.
 * evtchn_domain.lock protects the port table and all bindings of a domain's ports; a binding of
 * two domains is changed with both locks held, the lower domain id's taken first. Sending takes no
 * lock: how it is kept apart from closing stands in evtchn_port.h.
 */
#ifndef CORE_EVTCHN_H
#define CORE_EVTCHN_H

#include "core/base/lock.h"
#include "core/base/types.h"
#include "core/base/xen_abi.h"

struct domain;
struct vcpu;
struct evtchn;       /* evtchn_port.h */
struct evtchn_fifo;  /* evtchn_fifo.h */

#define EVTCHN_PORTS_PER_BUCKET 64u
#define EVTCHN_PORTS_MAX 131072u /* FIFO: 2^17 */
#define EVTCHN_PORTS_MAX_2L 4096u

/* What EL2 does with an event of a port of d that it serves itself. In a section (evtchn_port.h),
 * or with the event lock: it sends no event. */
typedef void (*evtchn_consumer)(struct domain *d);

struct evtchn_bucket {
    struct evtchn *ports;        /* a page of ports, NULL: none yet; stays while the domain lives */
    uint64_t used;               /* bit set: the port is not free; lock */
};

struct evtchn_domain {
    struct lock lock;
    struct evtchn_bucket *buckets; /* [ports_max / 64, rounded up] */
    unsigned ports_max;          /* ports that may ever exist: 0 .. ports_max - 1; constant
                                    until the domain's end; atomic */
    unsigned active;             /* ports not free, but EL2's own; lock */
    unsigned close_bucket;       /* where closing them all goes on; atomic */
    bool is_closed;              /* dying: no new ports; lock */
    struct evtchn_fifo *fifo;    /* NULL: 2-level; atomic */
    struct evtchn_fifo *fifo_end; /* on its way out; lock */
};

/* max_port: highest port allowed. 0, -ENOMEM. */
int evtchn_init(struct domain *d, unsigned max_port);
/* Teardown: closes ports, bounded; 0 done, -ERESTART. Before the shared_info page is given back. */
int evtchn_relinquish(struct domain *d);
/* Then gives the table's parts back, bounded, and has no ports from then on; 0 done, -ERESTART. */
int evtchn_ports_free(struct domain *d);
void evtchn_free(struct domain *d);

/* A global virtual interrupt of the ABI; dropped when nobody is bound, or d is NULL. It goes to
 * the vCPU that d chose by bind_vcpu. Any CPU, any lock but evtchn's. */
void evtchn_virq_raise(struct domain *d, unsigned virq);
/* EVTCHNOP_send by d: 0, -EINVAL (Xen public event_channel.h: an unbound port drops it). */
int evtchn_send(struct domain *d, evtchn_port_t port);
bool evtchn_is_pending(struct domain *d, evtchn_port_t port);
/* The same for sched_op poll: from now on the port's next event, even a masked one, ends the
 * waiting of d's vCPUs whose evtchn_poll is VCPU_POLL_WAITS. */
bool evtchn_poll(struct domain *d, evtchn_port_t port);
bool evtchn_is_valid(struct domain *d, evtchn_port_t port);
/* vcpu_info moved: everything is marked pending, so nothing is lost (register_vcpu_info). */
void evtchn_vcpu_info_moved(struct vcpu *v);

/*
 * The operations of the ABI on any domain, permissions checked by the caller. Ports are returned
 * as the (positive) result; -EINVAL: dying domain, wrong port or state, -ENOSPC: no port left,
 * -ENOMEM.
 */
/* An unbound port of d that domain `remote` may bind to. With `consume` it is that of a device that
 * EL2 emulates for d: d can't close it, and a reset leaves it. */
int evtchn_alloc_unbound(struct domain *d, domid_t remote, evtchn_consumer consume);
/* A port of d connected to remote's unbound port, which must accept d; marked pending. */
int evtchn_bind_interdomain(struct domain *d, struct domain *remote, evtchn_port_t remote_port);
/* -EEXIST: bound already; -ENOENT: no such vCPU; -EINVAL: a global VIRQ not on vCPU 0. */
int evtchn_bind_virq(struct domain *d, unsigned virq, unsigned vcpu);
int evtchn_bind_ipi(struct domain *d, unsigned vcpu);
/* Which vCPU hears of the port. 0, -ENOENT, -EINVAL (IPI or per-vCPU VIRQ: fixed). */
int evtchn_bind_vcpu(struct domain *d, evtchn_port_t port, unsigned vcpu);
/* The other end of an interdomain channel becomes unbound again. 0, -EINVAL; -ERESTART: the other
 * end was closed and bound anew meanwhile, over and over. */
int evtchn_close(struct domain *d, evtchn_port_t port);
/* Clears the mask and delivers what is pending. 0, -EINVAL. */
int evtchn_unmask(struct domain *d, evtchn_port_t port);
/* Fills all but dom and port. 0, -EINVAL. */
int evtchn_status(struct domain *d, evtchn_status_t *status);
/* Closes all ports, bounded, and goes back to 2-level delivery. 0, -ERESTART. */
int evtchn_reset(struct domain *d);

#endif
