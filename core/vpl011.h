/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's emulated UART, at GUEST_PL011_BASE with the interrupt GUEST_VPL011_SPI (Xen public
 * arch-arm.h): what Arm's Base System Architecture (DEN 0094, Generic UART) wants of a PL011.
 */
#ifndef CORE_VPL011_H
#define CORE_VPL011_H

#include "core/base/lock.h"
#include "core/base/xen_abi.h"

struct domain;
struct vgic_access;

struct vpl011 {
    struct lock lock;
    struct xencons_interface *ring; /* in a page of the guest's, referenced, or EL2's own; NULL: no
                                       UART; lock */
    evtchn_port_t port;             /* to the ring's other end; 0: that is the machine's console */
    uint32_t in_cons, out_prod;     /* the truth of what the ring says; lock */
    uint32_t imsc;                  /* UARTIMSC; lock */
    bool is_tx_raised;              /* UARTRIS.TXRIS; lock */
    bool is_tx_above;               /* more than TX_TRIGGER has been written, not yet taken; lock */
};

/* Gives d, which does not run yet, a UART whose characters go through the page at gfn to domain
 * `console`. Returns the event channel port that `console` binds to, -EINVAL: no such page, or no
 * SPI; -EEXIST, -ENOMEM, -ENOSPC. */
int vpl011_init(struct domain *d, uint64_t gfn, domid_t console);
/* The same with the machine's console at the other end: lines that are complete go there, behind
 * d's id; while its input is d's, each character as it comes. 0, -ENOMEM, -EINVAL. */
int vpl011_init_console(struct domain *d);
/* A character for d. False: d has no UART on the machine's console. */
bool vpl011_receive(struct domain *d, char c);
static inline bool vpl011_is_on_console(const struct vpl011 *u) { return u->ring && !u->port; }
/* d's vCPUs have stopped, its event channels are gone. Harmless when repeated. */
void vpl011_free(struct domain *d);
/* As the access functions of irq/vgic.h, by the vCPU loaded here. */
bool vpl011_access(struct domain *d, struct vgic_access *a);

#endif
