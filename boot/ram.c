/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RAM at boot: what is whose before the page allocator rules. Boot CPU only, no lock.
 */
#include "boot/ram.h"

#include "boot/boot.h"
#include "boot/ranges.h"
#include "core/base/log.h"
#include "mm/el2_map.h"
#include "mm/page_alloc.h"

struct part { const char *name; struct platform_range r; };

#define MODULES_MAX (2 * (PLATFORM_DOMAINS_MAX + 1))

static unsigned add_module(struct part *part, unsigned count, const char *name,
                           const struct platform_module *m)
{
    if (m->bytes)
        part[count++] = (struct part){ name, { m->base, m->bytes } };
    return count;
}

static unsigned list_modules(const struct platform *p, struct part *part)
{
    unsigned count = add_module(part, 0, "kernel module", &p->kernel);

    count = add_module(part, count, "ramdisk module", &p->ramdisk);
    for (unsigned i = 0; i < p->domains; i++) {
        count = add_module(part, count, p->domain[i].name, &p->domain[i].kernel);
        count = add_module(part, count, p->domain[i].name, &p->domain[i].ramdisk);
    }
    return count;
}

/* What is loaded in RAM must be in RAM, and not two at one place; domains may share a module. */
static void check_parts(const struct platform *p, const struct part *part, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t end = part[i].r.base + part[i].r.bytes - 1;

        if (!ranges_contain(p->bank, p->banks, part[i].r))
            boot_fail("the %s at %lx-%lx is not in RAM as the device tree's memory nodes "
                      "describe it.\n", part[i].name, part[i].r.base, end);
        for (unsigned j = 0; j < i; j++)
            if (memcmp(&part[i].r, &part[j].r, sizeof(part[i].r)) &&
                ranges_overlap(&part[j].r, 1, part[i].r))
                boot_fail("the %s at %lx-%lx overlaps the %s at %lx: load one of them elsewhere.\n",
                          part[i].name, part[i].r.base, end, part[j].name, part[j].r.base);
    }
}

static void add_banks(const struct platform *p)
{
    for (unsigned i = 0; i < p->banks; i++) {
        struct platform_range r = p->bank[i];

        log_info("RAM: %lx-%lx, %lu MiB\n", r.base, r.base + r.bytes - 1, r.bytes >> 20);
        if (el2_map_ram(paddr(r.base), r.bytes))
            boot_fail("RAM at %lx can't be mapped.\n", r.base);
    }
}

static void start_allocator(const struct platform *p, const struct part *part, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        page_alloc_reserve(paddr(part[i].r.base), part[i].r.bytes);
    for (unsigned i = 0; i < p->reserveds; i++)
        page_alloc_reserve(paddr(p->reserved[i].base), p->reserved[i].bytes);
    for (unsigned i = 0; i < p->banks; i++)
        if (page_alloc_add_bank(paddr(p->bank[i].base), p->bank[i].bytes))
            log_warning("RAM at %lx is not used: no place for its page table\n", p->bank[i].base);
    page_alloc_start();
}

void ram_init(const struct platform *p, struct platform_range dtb)
{
    struct part part[2 + MODULES_MAX] = {
        { "hypervisor's image", { boot_image_pa, IMAGE_BLOCK_BYTES } },
        { "device tree", dtb },
    };
    unsigned count = 2 + list_modules(p, part + 2);

    if (!p->banks)
        boot_fail("no RAM: no node of the device tree with device_type \"memory\" has a reg.\n");
    check_parts(p, part, count);
    add_banks(p);
    start_allocator(p, part, count);
}

/* By whole pages, and what several share once. */
void ram_release_modules(const struct platform *p)
{
    struct part part[MODULES_MAX];
    struct platform_range r[MODULES_MAX];
    unsigned count = list_modules(p, part);

    for (unsigned i = 0; i < count; i++)
        r[i] = ranges_pages(part[i].r);
    ranges_sort(r, &count);
    for (unsigned i = 0; i < count; i++)
        if (!ranges_overlap(p->reserved, p->reserveds, r[i]))
            page_alloc_unreserve(paddr(r[i].base), r[i].bytes);
}
