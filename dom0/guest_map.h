/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest's physical address space: where its RAM, kernel, ramdisk and device tree lie. The fixed
 * addresses are those of xen/arch-arm.h, "Virtual machine platform" (builder.c asserts that).
 */
#ifndef DOM0_GUEST_MAP_H
#define DOM0_GUEST_MAP_H

#include <stdint.h>

#include "dom0/error.h"

#define GUEST_MAP_PAGE_SHIFT 12
#define GUEST_MAP_PAGE_SIZE (1ull << GUEST_MAP_PAGE_SHIFT)
#define GUEST_MAP_BLOCK_SIZE (2ull << 20)

#define GUEST_MAP_GICD_BASE 0x03001000ull
#define GUEST_MAP_GICD_SIZE 0x00001000ull
#define GUEST_MAP_GICC_BASE 0x03002000ull
#define GUEST_MAP_GICC_SIZE 0x00002000ull
#define GUEST_MAP_GICV3_GICD_SIZE 0x00010000ull
#define GUEST_MAP_GICR_BASE 0x03020000ull
#define GUEST_MAP_GICR_SIZE 0x01000000ull
#define GUEST_MAP_UART_BASE 0x22000000ull
#define GUEST_MAP_UART_SIZE 0x00001000ull
#define GUEST_MAP_GRANT_BASE 0x38000000ull
#define GUEST_MAP_GRANT_SIZE 0x01000000ull
#define GUEST_MAP_MAGIC_BASE 0x39000000ull
#define GUEST_MAP_RAM0_BASE 0x40000000ull
#define GUEST_MAP_RAM0_SIZE 0xc0000000ull
#define GUEST_MAP_RAM1_BASE 0x0200000000ull
#define GUEST_MAP_RAM1_SIZE 0xfe00000000ull

/* Pages from GUEST_MAP_MAGIC_BASE on, in this order. */
enum guest_map_magic {
    GUEST_MAP_CONSOLE,
    GUEST_MAP_XENSTORE,
    GUEST_MAP_MONITOR,
    GUEST_MAP_VUART,
    GUEST_MAP_MAGIC_COUNT,
};

struct guest_map_range {
    uint64_t base; /* bytes */
    uint64_t size;
};

struct guest_map {
    struct guest_map_range banks[2]; /* RAM; the second may be empty */
    struct guest_map_range kernel;
    struct guest_map_range ramdisk; /* size 0: none */
    struct guest_map_range dtb;
};

/* What has to be placed; sizes in bytes. */
struct guest_map_needs {
    uint64_t memory;        /* RAM in all, a multiple of the page size */
    uint64_t kernel_offset; /* from the start of RAM: the Image's text_offset */
    uint64_t kernel_size;   /* in memory, BSS included */
    uint64_t ramdisk_size;
    uint64_t dtb_size;
};

/* Places everything in the first bank: ramdisk and device tree at 128 MiB where that is free and
 * inside, else at the end. Fails with the least memory that would do. */
int guest_map_place(struct guest_map *map, const struct guest_map_needs *needs, struct error *err);

/* The parts of both RAM windows that hold no RAM and that the guest may use for foreign mappings
 * (Linux: Documentation/devicetree/bindings/arm/xen.txt, extended regions). Returns how many of the
 * two ranges were stored. */
unsigned guest_map_free_ranges(const struct guest_map *map, unsigned address_bits,
                               struct guest_map_range ranges[2]);

/* Frame number of a magic page. */
uint64_t guest_map_magic_gfn(enum guest_map_magic page);

#endif
