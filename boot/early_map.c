/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Early page tables, second half: start.S mapped the image, this maps RAM, the device tree and
 * the console's registers. Knows nothing of who owns RAM. Boot CPU only, so no lock.
 */
#include "boot/early_map.h"

#include "boot/boot.h"
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "core/base/types.h"

#define DESC_VALID 1ul
#define DESC_TABLE 3ul
#define DESC_NORMAL (0x0060000000000701ul)        /* XN, AF, inner shareable, index 0 */
#define DESC_DEVICE (0x0060000000000405ul)        /* XN, AF, index 1 */
#define DESC_ADDRESS 0x0000fffffffff000ul

#define BLOCK_1G 0x40000000ul

extern uint64_t early_tables[EARLY_TABLES][512];
static unsigned tables_used = EARLY_TABLES_USED;

static uint64_t table_pa(const uint64_t *table)
{
    return (uint64_t)table - EL2_IMAGE_BASE + boot_image_pa;
}

/* The table below entry; made when there is none. NULL: no page left, or a block is there. */
static uint64_t *table_below(uint64_t *entry)
{
    if (!(*entry & DESC_VALID)) {
        if (tables_used == EARLY_TABLES)
            return NULL;
        *entry = table_pa(early_tables[tables_used++]) | DESC_TABLE;
        hw_dsb_ishst(); /* the walker sees the link before the access that needs it */
    }
    if ((*entry & DESC_TABLE) != DESC_TABLE)
        return NULL;
    return (uint64_t *)((*entry & DESC_ADDRESS) - boot_image_pa + EL2_IMAGE_BASE);
}

/* Maps one block, the larger one when it may; returns its size, 0 when there is no table left. */
static uint64_t map_block(uint64_t va, uint64_t pa, uint64_t bytes, uint64_t attributes)
{
    uint64_t *l1 = table_below(&early_tables[0][(va >> 39) & 511]);
    uint64_t *l2;

    if (!l1)
        return 0;
    l1 += (va >> 30) & 511;
    if ((*l1 & DESC_TABLE) == DESC_VALID)
        return BLOCK_1G - va % BLOCK_1G;
    if (!*l1 && va % BLOCK_1G == 0 && pa % BLOCK_1G == 0 && bytes >= BLOCK_1G) {
        *l1 = pa | attributes;
        return BLOCK_1G;
    }
    l2 = table_below(l1);
    if (!l2)
        return 0;
    l2 += (va >> 21) & 511;
    if (!(*l2 & DESC_VALID))
        *l2 = pa | attributes;
    return EARLY_MAP_BLOCK;
}

static int map_range(uint64_t va, uint64_t pa, uint64_t bytes, uint64_t attributes)
{
    uint64_t offset = pa % EARLY_MAP_BLOCK;

    va -= offset;
    pa -= offset;
    bytes = ALIGN_UP(bytes + offset, EARLY_MAP_BLOCK);
    while (bytes) {
        uint64_t step = map_block(va, pa, bytes, attributes);

        if (!step)
            return -ENOMEM;
        va += step;
        pa += step;
        bytes -= MIN(step, bytes);
    }
    hw_dsb_ishst(); /* entries before the first access through them */
    hw_isb();
    return 0;
}

int early_map_ram(uint64_t base, uint64_t bytes)
{
    if (base + bytes > EL2_DIRECT_BYTES || base + bytes < base)
        return -EINVAL;
    return map_range(base + EL2_DIRECT_BASE, base, bytes, DESC_NORMAL);
}

volatile void *early_map_device(uint64_t base, uint64_t bytes)
{
    uint64_t va = base + EL2_STACK_BASE; /* these tables have no stacks there */

    if (base + bytes > EL2_DIRECT_BYTES || map_range(va, base, bytes, DESC_DEVICE))
        return NULL;
    return (volatile void *)va;
}
