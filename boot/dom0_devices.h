/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's devices for Dom0: registers mapped 1:1, interrupts linked.
 */
#ifndef BOOT_DOM0_DEVICES_H
#define BOOT_DOM0_DEVICES_H

#include "boot/platform.h"

struct domain;

#define DOM0_DEVICES_MAX 512u

/* The register windows of all devices that are not the hypervisor's, page-aligned, sorted, without
 * RAM, GIC and console. Pure. False: more than max of them; the rest is left out. */
bool dom0_devices_windows(const struct platform *p, int uart_node, struct platform_range *window,
                          unsigned *count, unsigned max);
/* The end of the last of them. */
uint64_t dom0_devices_end(const struct platform *p, int uart_node);
/* Maps the windows, links all shared interrupts but the console's. 0 or -errno. */
int dom0_devices_assign(struct domain *d, const struct platform *p, int uart_node);

#endif
