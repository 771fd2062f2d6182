/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page tables of start.S, added to until mm/el2_map.c's replace them: blocks of 2 MiB and
 * 1 GiB only, never changed once written.
 */
#ifndef BOOT_EARLY_MAP_H
#define BOOT_EARLY_MAP_H

#include "core/base/types.h"

#define EARLY_MAP_BLOCK 0x200000ul

/* Direct map of [base, base + bytes), Normal write-back, RW-XN; widened to 2 MiB. What is mapped
 * already stays. -ENOMEM: no table left, -EINVAL: beyond the direct map. */
int early_map_ram(uint64_t base, uint64_t bytes);
/* Registers, Device-nGnRE, at an address that the final tables do not use. NULL: no table left. */
volatile void *early_map_device(uint64_t base, uint64_t bytes);

#endif
