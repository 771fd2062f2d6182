/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels (Xen public event_channel.h): ports, their bindings, 2-level and FIFO delivery.
 * evtchn_domain.lock protects the port table's shape and bindings; a port's own lock its state;
 * send takes no domain lock.
 */
#ifndef CORE_EVTCHN_H
#define CORE_EVTCHN_H

#include "core/base/lock.h"
#include "core/base/types.h"
#include "core/base/xen_abi.h"

struct domain;
struct vcpu;
struct evtchn;       /* evtchn.c */
struct evtchn_fifo;  /* evtchn_fifo.c */

#define EVTCHN_PORTS_PER_PAGE 64u
#define EVTCHN_PORTS_MAX 131072u /* FIFO: 2^17 */

struct evtchn_domain {
    struct lock lock;
    struct evtchn ***buckets;    /* [group][bucket]: pages of ports, filled as needed */
    unsigned ports;              /* valid ports: 0 .. ports - 1 (port 0 never used) */
    unsigned ports_max;
    unsigned active;             /* ports not free */
    struct evtchn_fifo *fifo;    /* NULL: 2-level */
};

/* max_port: highest port allowed. 0, -ENOMEM. */
int evtchn_init(struct domain *d, unsigned max_port);
/* Teardown: closes ports, bounded; 0 done, -ERESTART. Then evtchn_free(). */
int evtchn_relinquish(struct domain *d);
void evtchn_free(struct domain *d);
/* Frees what a vCPU holds (FIFO control block). */
void evtchn_vcpu_free(struct vcpu *v);

/* A virtual interrupt of the ABI; dropped when nobody is bound. Global VIRQs go to d's vCPU that
 * bound it. Any CPU, any lock but evtchn's. */
void evtchn_virq_raise(struct domain *d, unsigned virq);
void evtchn_vcpu_virq_raise(struct vcpu *v, unsigned virq);
/* EVTCHNOP_send by the current domain; the benchmark's hot path. 0, -EINVAL. */
int evtchn_send(struct domain *d, evtchn_port_t port);
/* Allocates an unbound port of d for remote (toolstack or self). Returns the port or -errno. */
int evtchn_alloc_unbound(struct domain *d, domid_t remote);
/* Is port pending in d (sched_op poll)? */
bool evtchn_is_pending(struct domain *d, evtchn_port_t port);
bool evtchn_is_valid(struct domain *d, evtchn_port_t port);
/* vcpu_info moved: pending bits carried over (register_vcpu_info). */
void evtchn_vcpu_info_moved(struct vcpu *v);

/* __HYPERVISOR_event_channel_op. */
int64_t evtchn_hypercall(uint64_t cmd, uint64_t arg, uint64_t a2, uint64_t a3, uint64_t a4);

#endif
