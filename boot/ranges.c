/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small arrays of address ranges. Pure; no lock: boot is single-threaded.
 */
#include "boot/ranges.h"

#include "boot/platform.h"

/* One that wraps around goes to the end. */
static uint64_t end_of(struct platform_range r) { return r.base + MIN(r.bytes, ~r.base); }

struct platform_range ranges_pages(struct platform_range r)
{
    uint64_t first = ALIGN_DOWN(r.base, PAGE_SIZE);

    return (struct platform_range){ first, ALIGN_UP(end_of(r), PAGE_SIZE) - first };
}

static void delete_at(struct platform_range *a, unsigned *count, unsigned i)
{
    memmove(&a[i], &a[i + 1], (*count - i - 1) * sizeof(*a));
    --*count;
}

bool ranges_add(struct platform_range *a, unsigned *count, unsigned max, struct platform_range r)
{
    if (*count == max || r.bytes > ~r.base)
        return false;
    a[(*count)++] = r;
    return true;
}

static void insertion_sort(struct platform_range *a, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        struct platform_range r = a[i];
        unsigned j = i;

        for (; j > 0 && a[j - 1].base > r.base; j--)
            a[j] = a[j - 1];
        a[j] = r;
    }
}

void ranges_sort(struct platform_range *a, unsigned *count)
{
    insertion_sort(a, *count);
    for (unsigned i = 0; i + 1 < *count;) {
        if (end_of(a[i]) < a[i + 1].base) {
            i++;
            continue;
        }
        a[i].bytes = MAX(end_of(a[i]), end_of(a[i + 1])) - a[i].base;
        delete_at(a, count, i + 1);
    }
}

bool ranges_subtract(struct platform_range *a, unsigned *count, unsigned max,
                     struct platform_range r)
{
    bool fits = true;

    for (unsigned i = 0; i < *count; i++) {
        struct platform_range old = a[i];

        if (end_of(old) <= r.base || old.base >= end_of(r))
            continue;
        a[i].bytes = r.base > old.base ? r.base - old.base : 0;
        if (end_of(old) > end_of(r)) {
            struct platform_range upper = { end_of(r), end_of(old) - end_of(r) };

            if (!a[i].bytes)
                a[i] = upper;
            else
                fits = ranges_add(a, count, max, upper) && fits;
        }
        if (!a[i].bytes)
            delete_at(a, count, i--);
    }
    insertion_sort(a, *count);
    return fits;
}

void ranges_shrink(struct platform_range *a, unsigned *count, uint64_t unit)
{
    for (unsigned i = 0; i < *count;) {
        uint64_t start = ALIGN_UP(a[i].base, unit), end = ALIGN_DOWN(end_of(a[i]), unit);

        if (start >= end) {
            delete_at(a, count, i);
            continue;
        }
        a[i].base = start;
        a[i++].bytes = end - start;
    }
}

bool ranges_overlap(const struct platform_range *a, unsigned count, struct platform_range r)
{
    for (unsigned i = 0; i < count; i++)
        if (end_of(a[i]) > r.base && a[i].base < end_of(r))
            return true;
    return false;
}

bool ranges_contain(const struct platform_range *a, unsigned count, struct platform_range r)
{
    for (unsigned i = 0; i < count; i++)
        if (a[i].base <= r.base && end_of(r) <= end_of(a[i]))
            return true;
    return false;
}
