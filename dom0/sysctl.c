/* SPDX-License-Identifier: BSD-2-Clause
 *
 * System control operations in typed form. Owns no state.
 */
#include "dom0/sysctl.h"

#include <errno.h>
#include <string.h>

static struct xen_sysctl new_op(uint32_t cmd)
{
    struct xen_sysctl op;

    memset(&op, 0, sizeof(op));
    op.cmd = cmd;
    return op;
}

int sysctl_physinfo(struct hyper *hyper, struct xen_sysctl_physinfo *info)
{
    struct xen_sysctl op = new_op(XEN_SYSCTL_physinfo);
    int rc = hyper_sysctl(hyper, &op);

    *info = op.u.physinfo;
    return rc;
}

int sysctl_scheduler(struct hyper *hyper, uint32_t *id)
{
    struct xen_sysctl op = new_op(XEN_SYSCTL_sched_id);
    int rc = hyper_sysctl(hyper, &op);

    *id = op.u.sched_id.sched_id;
    return rc;
}

int sysctl_debug_keys(struct hyper *hyper, const char *keys, uint32_t count)
{
    struct xen_sysctl op = new_op(XEN_SYSCTL_debug_keys);
    char *buffer = hyper_alloc(hyper, count + 1);
    int rc;

    if (!buffer)
        return -ENOMEM;
    memcpy(buffer, keys, count);
    op.u.debug_keys.nr_keys = count;
    set_xen_guest_handle(op.u.debug_keys.keys, buffer);
    rc = hyper_sysctl(hyper, &op);
    hyper_free(hyper, buffer);
    return rc;
}

int sysctl_console(struct hyper *hyper, uint32_t *index, char *text, uint32_t size, bool clear)
{
    struct xen_sysctl op = new_op(XEN_SYSCTL_readconsole);
    struct xen_sysctl_readconsole *read = &op.u.readconsole;
    char *buffer = hyper_alloc(hyper, size);
    int rc;

    if (!buffer)
        return -ENOMEM;
    read->clear = clear;
    read->incremental = 1;
    read->index = *index;
    read->count = size;
    set_xen_guest_handle(read->buffer, buffer);
    rc = hyper_sysctl(hyper, &op);
    if (rc == 0 && read->count <= size) {
        memcpy(text, buffer, read->count);
        *index = read->index;
        rc = (int)read->count;
    }
    hyper_free(hyper, buffer);
    return rc;
}
