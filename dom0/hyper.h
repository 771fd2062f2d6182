/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The door to the hypervisor: hypercalls through libxencall, guest memory through
 * libxenforeignmemory. Interface versions are those of the headers that this is built with.
 */
#ifndef DOM0_HYPER_H
#define DOM0_HYPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xencall.h>
#include <xenforeignmemory.h>

#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/sysctl.h>
#include <xen/xen.h>

#include "core/base/purlin_abi.h"
#include "dom0/error.h"

struct hyper {
    xencall_handle *call;
    xenforeignmemory_handle *memory;
    unsigned version_major;
    unsigned version_minor;
    bool has_copy; /* Purlin's own hypercall is there: hyper_copy works */
};

/* Opens both libraries and asks for the hypervisor's version. ERROR_UNAVAILABLE, with what is
 * missing, when this is no privileged domain. Not to be used across fork(2). */
int hyper_open(struct hyper *hyper, struct error *err);
void hyper_close(struct hyper *hyper);

/* Memory that the hypervisor can reach; NULL when there is none. */
void *hyper_alloc(struct hyper *hyper, size_t size);
void hyper_free(struct hyper *hyper, void *buffer);

/* One domctl or sysctl: the interface version is filled in, results are copied back. 0 or -errno as
 * the hypervisor gave it; pointers inside must come from hyper_alloc. */
int hyper_domctl(struct hyper *hyper, struct xen_domctl *op);
int hyper_sysctl(struct hyper *hyper, struct xen_sysctl *op);

/* A memory operation (XENMEM_*) on a structure of `size` bytes, copied both ways. The call's
 * result, which is a count for some operations, or -errno. */
long hyper_memory_op(struct hyper *hyper, unsigned cmd, void *arg, size_t size);

/* HVMOP_set_param, HVMOP_get_param. */
int hyper_set_param(struct hyper *hyper, domid_t domid, uint32_t index, uint64_t value);
int hyper_get_param(struct hyper *hyper, domid_t domid, uint32_t index, uint64_t *value);

/* EVTCHNOP_alloc_unbound: a port of `domid` that `remote` may bind; or -errno. */
int hyper_alloc_port(struct hyper *hyper, domid_t domid, domid_t remote);

/* SCHEDOP_remote_shutdown: `domid` is as if it had shut down for this reason (SHUTDOWN_*). */
int hyper_shutdown(struct hyper *hyper, domid_t domid, unsigned reason);

/* Purlin's PURLIN_OP_copy (docs/HYPERCALLS.md): `bytes` from `buffer`, any memory of this process,
 * to guest physical address `address` (PURLIN_COPY_to_domain), or back. Advances all three by what
 * was done, whatever the result. 0 or -errno; -ENOENT: no RAM at the address. */
int hyper_copy(struct hyper *hyper, struct purlin_copy *copy);

/* A string that XENVER_* writes: extraversion, capabilities, changeset, command line. The result is
 * always terminated. */
int hyper_version_string(struct hyper *hyper, int what, char *text, size_t size);

#endif
