/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dom0's device tree: the host's, without what the hypervisor keeps, with what Dom0 gets instead.
 */
#ifndef BOOT_DOM0_FDT_H
#define BOOT_DOM0_FDT_H

#include "boot/platform.h"

struct dom0_fdt {
    const struct platform *platform;
    int uart_node;               /* in the host's tree: the hypervisor's console; -1: none */
    const struct platform_range *bank;
    unsigned banks, vcpus;
    uint64_t gicd_bytes, gicc_or_gicr_bytes; /* frames as Dom0 sees them */
    struct platform_range grant; /* place for grant table frames (Linux, xen.txt, "reg") */
    struct platform_range ramdisk; /* bytes 0: none */
    const char *bootargs;
    unsigned event_irq;          /* PPI of the event channel upcall, INTID; 0: it knows no Xen */
    unsigned pmu_irq;            /* of a guest that is described: PPI of its PMU, INTID; 0: none */
};

/* Writes the tree to buf. Returns its size in bytes; -ENOSPC; -EINVAL: malformed host tree. */
int dom0_fdt_build(const struct dom0_fdt *d, void *buf, size_t bytes);

/* The same for a domain that the host's tree describes: no device but the UART and the performance
 * monitors, at the places of Xen public arch-arm.h. Of d only bank, vcpus, ramdisk, bootargs,
 * grant, event_irq and pmu_irq count; of the platform CPUs, GIC version and counter frequency. */
int dom0_fdt_build_guest(const struct dom0_fdt *d, bool has_uart, void *buf, size_t bytes);

#endif
