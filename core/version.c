/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_xen_version (Xen public version.h). The ABI is Xen 4.17's; the texts are our own.
 * Its state is written at boot only.
 */
#include "core/version.h"

#include "core/base/errors.h"
#include "core/domain.h"
#include "core/hypercall.h"
#include "mm/guest_mem.h"

#define ABI_MAJOR 4u
#define ABI_MINOR 17u

static xen_commandline_t commandline;
static uint8_t build_id[VERSION_BUILD_ID_BYTES_MAX];
static size_t build_id_bytes;

void version_init(const char *text, const void *id, size_t bytes)
{
    size_t n = strnlen(text, sizeof(commandline) - 1);

    memcpy(commandline, text, n);
    commandline[n] = 0;
    build_id_bytes = MIN(bytes, sizeof(build_id));
    memcpy(build_id, id, build_id_bytes);
}

static const xen_extraversion_t extraversion = "-purlin";
static const xen_compile_info_t compile_info = { .compiler = "gcc " __VERSION__ };
/* AArch64 guests only: what is named here is what a kernel may be. */
static const xen_capabilities_info_t capabilities = "xen-3.0-aarch64 ";
static const xen_changeset_info_t changeset = "unavailable";
/* No part of a guest's address space is ours. */
static const xen_platform_parameters_t platform_parameters;

static const struct { const void *value; size_t bytes; } version_constants[] = {
    [XENVER_extraversion] = { extraversion, sizeof(extraversion) },
    [XENVER_compile_info] = { &compile_info, sizeof(compile_info) },
    [XENVER_capabilities] = { capabilities, sizeof(capabilities) },
    [XENVER_changeset] = { changeset, sizeof(changeset) },
    [XENVER_platform_parameters] = { &platform_parameters, sizeof(platform_parameters) },
};

static int64_t version_constant(uint64_t cmd, uint64_t arg)
{
    return guest_mem_write(gva(arg), version_constants[cmd].value, version_constants[cmd].bytes);
}

static int64_t version_number(uint64_t, uint64_t) { return ABI_MAJOR << 16 | ABI_MINOR; }

static int64_t version_features(uint64_t, uint64_t arg)
{
    const struct domain *d = domain_current();
    xen_feature_info_t f;

    if (guest_mem_read(&f, gva(arg), sizeof(f)))
        return -EFAULT;
    if (f.submap_idx >= XENFEAT_NR_SUBMAPS)
        return -EINVAL;
    f.submap = BIT(XENFEAT_writable_page_tables) | BIT(XENFEAT_auto_translated_physmap) |
               BIT(XENFEAT_memory_op_vnode_supported) | BIT(XENFEAT_ARM_SMCCC_supported);
    if (d->is_privileged)
        f.submap |= BIT(XENFEAT_dom0);
    f.submap |= d->is_direct_mapped ? BIT(XENFEAT_direct_mapped) : BIT(XENFEAT_not_direct_mapped);
    return guest_mem_write(gva(arg), &f, sizeof(f));
}

static int64_t version_pagesize(uint64_t, uint64_t) { return PAGE_SIZE; }

static int64_t version_guest_handle(uint64_t, uint64_t arg)
{
    return guest_mem_write(gva(arg), domain_current()->uuid, sizeof(domain_current()->uuid));
}

/* Tells of the machine: for Dom0. */
static int64_t version_commandline(uint64_t, uint64_t arg)
{
    static const xen_commandline_t denied = "<denied>";

    return guest_mem_write(gva(arg), domain_current()->is_privileged ? commandline : denied,
                           sizeof(commandline));
}

static int64_t version_build_id(uint64_t, uint64_t arg)
{
    uint32_t room;

    if (!domain_current()->is_privileged)
        return -EPERM;
    if (!build_id_bytes)
        return -ENODATA;
    if (!arg)
        return (int64_t)build_id_bytes;
    if (guest_mem_read(&room, gva(arg), sizeof(room)))
        return -EFAULT;
    if (room < build_id_bytes)
        return -ENOBUFS;
    if (guest_mem_write(gva(arg + offsetof(xen_build_id_t, buf)), build_id, build_id_bytes))
        return -EFAULT;
    return (int64_t)build_id_bytes;
}

int64_t version_hypercall(uint64_t cmd, uint64_t arg, uint64_t, uint64_t, uint64_t)
{
    static int64_t (*const ops[])(uint64_t, uint64_t) = {
        [XENVER_version] = version_number,
        [XENVER_extraversion ... XENVER_platform_parameters] = version_constant,
        [XENVER_get_features] = version_features, [XENVER_pagesize] = version_pagesize,
        [XENVER_guest_handle] = version_guest_handle, [XENVER_commandline] = version_commandline,
        [XENVER_build_id] = version_build_id,
    };

    cmd = (uint32_t)cmd;
    return cmd < ARRAY_SIZE(ops) ? ops[cmd](cmd, arg) : -ENOSYS;
}
