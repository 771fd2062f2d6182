/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Placement in a guest's physical address space. Pure arithmetic: owns no memory, knows no calls.
 */
#include "dom0/guest_map.h"

#include <stdbool.h>
#include <string.h>

#define MIB (1ull << 20)
#define MODULES_OFFSET (128 * MIB)
#define FREE_RANGE_MIN (64 * MIB)

static uint64_t align_up(uint64_t value, uint64_t to)
{
    return (value + to - 1) & ~(to - 1);
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void split_memory(struct guest_map *map, uint64_t memory)
{
    uint64_t low = min_u64(memory, GUEST_MAP_RAM0_SIZE);

    map->banks[0] = (struct guest_map_range){GUEST_MAP_RAM0_BASE, low};
    map->banks[1] = (struct guest_map_range){GUEST_MAP_RAM1_BASE, memory - low};
}

int guest_map_place(struct guest_map *map, const struct guest_map_needs *needs, struct error *err)
{
    uint64_t ramdisk_size = align_up(needs->ramdisk_size, GUEST_MAP_BLOCK_SIZE);
    uint64_t dtb_size = align_up(needs->dtb_size, GUEST_MAP_BLOCK_SIZE);
    uint64_t modules_size = ramdisk_size + dtb_size;
    uint64_t kernel_end = needs->kernel_offset + needs->kernel_size;
    uint64_t modules;
    uint64_t least;

    memset(map, 0, sizeof(*map));
    if (needs->memory > GUEST_MAP_RAM0_SIZE + GUEST_MAP_RAM1_SIZE)
        return error_set(err, ERROR_USAGE, "memory is larger than the guest's address space");
    split_memory(map, needs->memory);
    kernel_end = align_up(kernel_end, GUEST_MAP_BLOCK_SIZE);
    least = kernel_end + modules_size;
    if (map->banks[0].size < least)
        return error_set(err, ERROR_USAGE, "memory is too small: kernel, ramdisk and device tree "
                         "need %llu MiB to be loaded, and more to run: raise memory",
                         (unsigned long long)(align_up(least, MIB) / MIB));
    modules = kernel_end > MODULES_OFFSET ? kernel_end : MODULES_OFFSET;
    if (modules + modules_size > map->banks[0].size)
        modules = (map->banks[0].size - modules_size) & ~(GUEST_MAP_BLOCK_SIZE - 1);
    map->kernel = (struct guest_map_range){GUEST_MAP_RAM0_BASE + needs->kernel_offset,
                                           needs->kernel_size};
    map->ramdisk = (struct guest_map_range){GUEST_MAP_RAM0_BASE + modules, needs->ramdisk_size};
    map->dtb = (struct guest_map_range){GUEST_MAP_RAM0_BASE + modules + ramdisk_size,
                                        needs->dtb_size};
    return 0;
}

static bool free_after(const struct guest_map_range *bank, uint64_t window_end, unsigned bits,
                       struct guest_map_range *range)
{
    uint64_t base = align_up(bank->base + bank->size, GUEST_MAP_BLOCK_SIZE);
    uint64_t end = window_end;

    if (bits < 64)
        end = min_u64(end, 1ull << bits);
    if (end < base || end - base < FREE_RANGE_MIN)
        return false;
    *range = (struct guest_map_range){base, end - base};
    return true;
}

unsigned guest_map_free_ranges(const struct guest_map *map, unsigned address_bits,
                               struct guest_map_range ranges[2])
{
    unsigned count = 0;

    if (free_after(&map->banks[0], GUEST_MAP_RAM0_BASE + GUEST_MAP_RAM0_SIZE, address_bits,
                   &ranges[count]))
        count++;
    if (free_after(&map->banks[1], GUEST_MAP_RAM1_BASE + GUEST_MAP_RAM1_SIZE, address_bits,
                   &ranges[count]))
        count++;
    return count;
}

uint64_t guest_map_magic_gfn(enum guest_map_magic page)
{
    return (GUEST_MAP_MAGIC_BASE >> GUEST_MAP_PAGE_SHIFT) + (uint64_t)page;
}
