/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Hypercalls: argument buffers, interface versions, errno conversion. Owns the library handles.
 * Refuses to know what the calls are for. No locks: one thread uses one struct hyper.
 */
#include "dom0/hyper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/sched.h>
#include <xen/version.h>

#define PRIVCMD "/dev/xen/privcmd"
#define COPY_ATTEMPTS 16 /* without any progress */

void *hyper_alloc(struct hyper *hyper, size_t size)
{
    return xencall_alloc_buffer(hyper->call, size);
}

void hyper_free(struct hyper *hyper, void *buffer)
{
    if (buffer)
        xencall_free_buffer(hyper->call, buffer);
}

static int open_handles(struct hyper *hyper, struct error *err)
{
    memset(hyper, 0, sizeof(*hyper));
    /* looked at first, because the library prints lines of its own when it fails */
    if (access(PRIVCMD, R_OK | W_OK) == 0)
        hyper->call = xencall_open(NULL, XENCALL_OPENFLAG_NON_REENTRANT);
    if (!hyper->call) {
        error_set(err, ERROR_UNAVAILABLE, "cannot reach the hypervisor (" PRIVCMD ": %s): run "
                  "this as root in Dom0", strerror(errno));
        return -ENODEV;
    }
    hyper->memory = xenforeignmemory_open(NULL, 0);
    if (hyper->memory)
        return 0;
    error_set(err, ERROR_UNAVAILABLE, "cannot map guests' memory (" PRIVCMD ": %s)",
              strerror(errno));
    return -ENODEV;
}

int hyper_open(struct hyper *hyper, struct error *err)
{
    int version;
    int rc = open_handles(hyper, err);

    if (rc) {
        hyper_close(hyper);
        return rc;
    }
    version = xencall2(hyper->call, __HYPERVISOR_xen_version, XENVER_version, 0);
    if (version < 0) {
        rc = error_set(err, ERROR_UNAVAILABLE, "the hypervisor does not tell its version: %s",
                       strerror(errno));
        hyper_close(hyper);
        return rc;
    }
    hyper->version_major = (unsigned)version >> 16;
    hyper->version_minor = (unsigned)version & 0xffff;
    hyper->has_copy = xencall2(hyper->call, PURLIN_HYPERCALL, PURLIN_OP_version, 0) ==
                      PURLIN_ABI_VERSION;
    return 0;
}

void hyper_close(struct hyper *hyper)
{
    if (hyper->memory)
        xenforeignmemory_close(hyper->memory);
    if (hyper->call)
        xencall_close(hyper->call);
    memset(hyper, 0, sizeof(*hyper));
}

/* Calls with a copy of `arg` in hypercall memory: as the only argument when cmd is negative. */
static long call_with(struct hyper *hyper, unsigned call, long cmd, void *arg, size_t size)
{
    void *buffer = hyper_alloc(hyper, size);
    long rc;

    if (!buffer)
        return -ENOMEM;
    memcpy(buffer, arg, size);
    if (cmd < 0)
        rc = xencall1(hyper->call, call, (uintptr_t)buffer);
    else
        rc = xencall2L(hyper->call, call, (uint64_t)cmd, (uintptr_t)buffer);
    if (rc < 0)
        rc = errno ? -errno : -EIO;
    memcpy(arg, buffer, size);
    hyper_free(hyper, buffer);
    return rc;
}

int hyper_domctl(struct hyper *hyper, struct xen_domctl *op)
{
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    return (int)call_with(hyper, __HYPERVISOR_domctl, -1, op, sizeof(*op));
}

int hyper_sysctl(struct hyper *hyper, struct xen_sysctl *op)
{
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return (int)call_with(hyper, __HYPERVISOR_sysctl, -1, op, sizeof(*op));
}

long hyper_memory_op(struct hyper *hyper, unsigned cmd, void *arg, size_t size)
{
    return call_with(hyper, __HYPERVISOR_memory_op, (long)cmd, arg, size);
}

int hyper_set_param(struct hyper *hyper, domid_t domid, uint32_t index, uint64_t value)
{
    struct xen_hvm_param param = {.domid = domid, .index = index, .value = value};

    return (int)call_with(hyper, __HYPERVISOR_hvm_op, HVMOP_set_param, &param, sizeof(param));
}

int hyper_get_param(struct hyper *hyper, domid_t domid, uint32_t index, uint64_t *value)
{
    struct xen_hvm_param param = {.domid = domid, .index = index};
    long rc = call_with(hyper, __HYPERVISOR_hvm_op, HVMOP_get_param, &param, sizeof(param));

    *value = param.value;
    return (int)rc;
}

int hyper_alloc_port(struct hyper *hyper, domid_t domid, domid_t remote)
{
    struct evtchn_alloc_unbound alloc = {.dom = domid, .remote_dom = remote};
    long rc = call_with(hyper, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, &alloc,
                        sizeof(alloc));

    return rc < 0 ? (int)rc : (int)alloc.port;
}

int hyper_shutdown(struct hyper *hyper, domid_t domid, unsigned reason)
{
    struct sched_remote_shutdown args = {.domain_id = domid, .reason = reason};

    return (int)call_with(hyper, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &args,
                          sizeof(args));
}

/* The kernel may take a page out of our page tables at any time: this brings it back. False: it is
 * gone for good, as the end of a mapped file that became shorter is. */
static bool touch(const struct purlin_copy *copy)
{
    uintptr_t page = copy->buffer & ~(uintptr_t)0xfff;

    return madvise((void *)page, 1, copy->direction == PURLIN_COPY_to_domain
                   ? MADV_POPULATE_READ : MADV_POPULATE_WRITE) == 0;
}

int hyper_copy(struct hyper *hyper, struct purlin_copy *copy)
{
    int attempts = 0;
    int rc;

    copy->version = PURLIN_ABI_VERSION;
    do {
        uint64_t before = copy->bytes;

        rc = (int)call_with(hyper, PURLIN_HYPERCALL, PURLIN_OP_copy, copy, sizeof(*copy));
        attempts = copy->bytes == before ? attempts + 1 : 0;
    } while (rc == -EFAULT && attempts < COPY_ATTEMPTS && touch(copy));
    return rc;
}

int hyper_version_string(struct hyper *hyper, int what, char *text, size_t size)
{
    char answer[1024] = {0}; /* the longest of them: xen_commandline_t */
    long rc = call_with(hyper, __HYPERVISOR_xen_version, what, answer, sizeof(answer));

    snprintf(text, size, "%.*s", (int)sizeof(answer) - 1, rc < 0 ? "" : answer);
    return rc < 0 ? (int)rc : 0;
}
