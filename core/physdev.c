/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * __HYPERVISOR_physdev_op (Xen public physdev.h). Dom0 owns the devices and their interrupts from
 * boot on, by its device tree: no call of this kind is needed, and none is implemented.
 */
#include "core/base/errors.h"
#include "core/hypercall.h"

int64_t physdev_hypercall(uint64_t cmd, uint64_t arg, uint64_t a2, uint64_t a3, uint64_t a4)
{
    (void)cmd, (void)arg, (void)a2, (void)a3, (void)a4;
    return -ENOSYS;
}
