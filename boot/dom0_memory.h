/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dom0's RAM: where it is, as it is mapped 1:1.
 */
#ifndef BOOT_DOM0_MEMORY_H
#define BOOT_DOM0_MEMORY_H

#include "boot/platform.h"

#define DOM0_MEMORY_BLOCK 0x200000ul

struct dom0_memory {
    struct platform_range bank[PLATFORM_BANKS_MAX]; /* ascending, whole 2 MiB blocks */
    unsigned banks;
    unsigned home;        /* the bank that holds kernel, ramdisk and device tree */
    uint64_t bytes;
};

/* Takes `bytes` of free RAM for domain 0 from the page allocator: large runs first, low addresses
 * first (devices with 32-bit DMA), one run of at least home_bytes. Returns 0, or -ENOMEM with
 * what could be had in m->bytes (m->home is PLATFORM_BANKS_MAX when only the large run lacks). */
int dom0_memory_take(const struct platform *p, uint64_t bytes, uint64_t home_bytes,
                     struct dom0_memory *m);
/* What Dom0 gets when the options do not say. */
uint64_t dom0_memory_default(void);

#endif
