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

/* What is loaded in RAM must be in RAM, and not two at one place. */
static void check_parts(const struct platform *p, const struct part *part, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t end = part[i].r.base + part[i].r.bytes - 1;

        if (!part[i].r.bytes)
            continue;
        if (!ranges_contain(p->bank, p->banks, part[i].r))
            boot_fail("the %s at %lx-%lx is not in RAM as the device tree's memory nodes "
                      "describe it.\n", part[i].name, part[i].r.base, end);
        for (unsigned j = 0; j < i; j++)
            if (part[j].r.bytes && ranges_overlap(&part[j].r, 1, part[i].r))
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

static void reserve(struct platform_range r)
{
    uint64_t start = r.base & PAGE_MASK, end = ALIGN_UP(r.base + r.bytes, PAGE_SIZE);

    if (r.bytes)
        page_alloc_reserve(paddr(start), end - start);
}

static void start_allocator(const struct platform *p, const struct part *part, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        reserve(part[i].r);
    for (unsigned i = 0; i < p->reserveds; i++)
        reserve(p->reserved[i]);
    for (unsigned i = 0; i < p->banks; i++)
        if (page_alloc_add_bank(paddr(p->bank[i].base), p->bank[i].bytes))
            log_warning("RAM at %lx is not used: no place for its page table\n", p->bank[i].base);
    page_alloc_start();
}

void ram_init(const struct platform *p, struct platform_range dtb)
{
    const struct part part[] = {
        { "hypervisor's image", { boot_image_pa, IMAGE_BLOCK_BYTES } },
        { "device tree", dtb },
        { "kernel module", { p->kernel.base, p->kernel.bytes } },
        { "ramdisk module", { p->ramdisk.base, p->ramdisk.bytes } },
    };

    if (!p->banks)
        boot_fail("no RAM: no node of the device tree with device_type \"memory\" has a reg.\n");
    check_parts(p, part, ARRAY_SIZE(part));
    add_banks(p);
    start_allocator(p, part, ARRAY_SIZE(part));
}

static void release(const struct platform *p, struct platform_range r)
{
    struct platform_range pages = { r.base & PAGE_MASK, 0 };

    pages.bytes = ALIGN_UP(r.base + r.bytes, PAGE_SIZE) - pages.base;
    if (r.bytes && !ranges_overlap(p->reserved, p->reserveds, pages))
        page_alloc_unreserve(paddr(pages.base), pages.bytes);
}

void ram_release_modules(const struct platform *p)
{
    struct platform_range kernel = { p->kernel.base, p->kernel.bytes };
    struct platform_range ramdisk = { p->ramdisk.base, p->ramdisk.bytes };

    /* A page that both share is given back once. */
    if (ramdisk.bytes && (kernel.base + kernel.bytes - 1) / PAGE_SIZE == ramdisk.base / PAGE_SIZE)
        kernel.bytes = ALIGN_DOWN(ramdisk.base, PAGE_SIZE) - kernel.base;
    release(p, kernel);
    release(p, ramdisk);
}
