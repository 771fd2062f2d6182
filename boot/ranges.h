/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small arrays of address ranges: RAM banks, reservations, device windows. After ranges_sort() an
 * array is ascending and its ranges neither touch nor overlap.
 */
#ifndef BOOT_RANGES_H
#define BOOT_RANGES_H

#include "core/base/types.h"

struct platform_range;

/* The whole pages that r touches. */
struct platform_range ranges_pages(struct platform_range r);
/* Appends. False: full, or the range wraps around. */
bool ranges_add(struct platform_range *array, unsigned *count, unsigned max,
                struct platform_range r);
/* Sorts, and merges what touches or overlaps. */
void ranges_sort(struct platform_range *array, unsigned *count);
/* Takes r out of a sorted array. False: no room for a split, whose upper part is lost. */
bool ranges_subtract(struct platform_range *array, unsigned *count, unsigned max,
                     struct platform_range r);
/* Cuts each range to whole units of `unit` bytes, inward; drops what becomes empty. */
void ranges_shrink(struct platform_range *array, unsigned *count, uint64_t unit);
/* Does any range of the array overlap r? */
bool ranges_overlap(const struct platform_range *array, unsigned count, struct platform_range r);
/* Does one range of a sorted array hold all of r? */
bool ranges_contain(const struct platform_range *array, unsigned count, struct platform_range r);

#endif
