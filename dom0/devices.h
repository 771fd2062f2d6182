/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The disks and network interfaces that a running domain has, and what has gone through them.
 */
#ifndef DOM0_DEVICES_H
#define DOM0_DEVICES_H

#include "dom0/domain.h"
#include "dom0/vif_spec.h"

#define DEVICES_TARGET_MAX 4096 /* XENSTORE_PAYLOAD_MAX of xen/io/xs_wire.h */

struct devices_item {
    uint32_t devid;
    int state;          /* of the back end: enum xenbus_state; not Unknown */
    bool has_let_go;    /* its end came without the guest's answer: it is nobody's any more */
    char name[32];      /* "xvda"; "vif3.0" */
    char target[DEVICES_TARGET_MAX]; /* disk: file or device; network: bridge */
    char mac[VIF_SPEC_MAC_TEXT]; /* network only */
    bool read_only;     /* disk only */
    bool cdrom;         /* disk only */
    bool no_discard;    /* disk only */
    uint64_t in_bytes;  /* disk: read; network: received by the guest */
    uint64_t out_bytes; /* disk: written; network: sent */
    uint64_t in_count;  /* requests or packets */
    uint64_t out_count;
};

/* Devices of one kind ("vbd", "vif") that have been announced to their back ends: heap array in
 * order of their numbers, never NULL on success. Their number, or a negative errno. */
int devices_list(struct purlin *session, uint32_t domid, const char *kind,
                 struct devices_item **items, struct error *err);

struct devices_query {
    const char *kind; /* "vbd", "vif" */
    const char *name; /* a name, a number, or (network) a MAC address */
};

/* The entry that is meant. ERROR_USAGE: there is none. */
int devices_find(struct purlin *session, const struct domain *domain,
                 const struct devices_query *query, struct devices_item *item, struct error *err);

#endif
