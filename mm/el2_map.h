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

/* Boot, once the final tables replace start.S's: maps a bank of RAM in the direct map. */
int el2_map_ram(paddr_t base, uint64_t bytes);
/* Maps registers, Device-nGnRE RW-XN; returns the address of pa's byte. NULL: no memory. */
volatile void *el2_map_device(paddr_t pa, size_t bytes);
/* A stack of `pages` pages with an unmapped page on each side; returns its top. */
void *el2_map_stack(unsigned pages);
/* Switches the boot CPU to the final tables, with section permissions applied to the image that
 * is at image_pa; secondary CPUs use el2_map_root() from their first instruction. */
int el2_map_init(paddr_t image_pa);
void el2_map_activate(void);
paddr_t el2_map_root(void);

#endif
