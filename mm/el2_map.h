/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's own address space. All RAM once in the direct map (1 GiB/2 MiB blocks, RW-XN);
 * the image at its link address (text RX, rodata RO, data RW-XN); devices in a window of their
 * own; stacks between guard pages. Virtual layout: EL2_*_BASE below.
 */
#ifndef MM_EL2_MAP_H
#define MM_EL2_MAP_H

#include "core/base/types.h"

#define EL2_DIRECT_BASE 0x0000100000000000ul /* VA = PA + this; PA below 16 TiB */
#define EL2_DIRECT_BYTES 0x0000100000000000ul
#define EL2_IMAGE_BASE  0x0000200000000000ul /* link address of the image */
#define EL2_DEVICE_BASE 0x0000300000000000ul /* el2_map_device hands out from here */
#define EL2_STACK_BASE  0x0000400000000000ul /* el2_map_stack */

/*
 * MAIR_EL2 as start.S sets it: index 0 Normal write-back, 1 Device-nGnRE. Errors: -ENOMEM (no page
 * for a table), -EINVAL (beyond the direct map).
 */
/* Makes the tables, with the image that is at image_pa (2 MiB aligned), by its sections. On
 * start.S's tables. The first `count` are taken from `tables`, zeroed pages of the image. */
int el2_map_init(paddr_t image_pa, void *tables, unsigned count);
/* Boot: RAM comes into the direct map, but for the image's own blocks. Some may be there. */
int el2_map_ram(paddr_t base, uint64_t bytes);
/* Maps registers, Device-nGnRE RW-XN; returns the address of pa's byte. NULL: no memory. */
volatile void *el2_map_device(paddr_t pa, size_t bytes);
/* A stack of `pages` pages with an unmapped page on each side; returns its top. NULL: no memory. */
void *el2_map_stack(unsigned pages);
/* Switches this CPU to them, from start.S's. */
void el2_map_activate(void);
/* TTBR0_EL2 for CPUs that start with them. */
paddr_t el2_map_root(void);

#endif
