/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests from the device tree: memory where Xen public arch-arm.h has it, the kernel at its start,
 * ramdisk and device tree at the end of the first bank, a UART on the machine's console. Enhanced
 * ones know of Xen, and get xenstore from Dom0; the others know nothing of it. Boot CPU only; they
 * do not run yet.
 */
#include "boot/domu_build.h"

#include "boot/boot.h"
#include "boot/dom0_build.h"
#include "boot/dom0_fdt.h"
#include "core/base/errors.h"
#include "core/console.h"
#include "core/memory_map.h"
#include "core/pmu.h"
#include "core/reclaim.h"
#include "mm/page_alloc.h"

#define TREE_BYTES 0x10000ul
#define TREE_ALIGN 0x200000ul /* arm64 boot protocol: in one 2 MiB block */

/* Where things are; guest addresses. */
struct layout {
    struct platform_range bank[2];
    struct dom0_image image;
    uint64_t kernel, ramdisk, dtb;
};

/* NULL, or what is wrong. */
static const char *make_layout(const struct platform_domain *g, struct layout *l)
{
    const char *problem = dom0_image_read(dom0_module_ptr(&g->kernel), g->kernel.bytes, &l->image);
    uint64_t low = MIN(g->memory_bytes, GUEST_RAM0_SIZE), end = GUEST_RAM0_BASE + low;

    if (problem)
        return problem;
    if (g->has_pmu && !pmu_physical_irq())
        return "vpmu needs the machine's PMU interrupt, a PPI: leave it out";
    if (g->is_enhanced && !domain0)
        return "xen,enhanced needs a Dom0: leave it out, or add a kernel module for Dom0";
    l->bank[0] = (struct platform_range){ GUEST_RAM0_BASE, low };
    l->bank[1] = (struct platform_range){ GUEST_RAM1_BASE, g->memory_bytes - low };
    l->kernel = GUEST_RAM0_BASE + l->image.text_offset;
    l->dtb = ALIGN_DOWN(end - TREE_BYTES, TREE_ALIGN);
    l->ramdisk = ALIGN_DOWN(l->dtb - g->ramdisk.bytes, PAGE_SIZE);
    if (l->image.text_offset % PAGE_SIZE)
        return "the kernel's text_offset is not a multiple of 4 KiB";
    if (low < TREE_ALIGN || l->kernel + l->image.bytes + g->ramdisk.bytes + PAGE_SIZE > l->dtb)
        return "memory is too little for its kernel and ramdisk";
    return (g->memory_bytes >> PAGE_SHIFT) + PAGE_ALLOC_KEPT > page_alloc_free_count()
               ? "memory is more than is free" : NULL;
}

/* Its xenstore ring comes later, from Dom0 (Xen's init-dom0less; purlin autostart): Linux waits for
 * an event on this port then. */
static int promise_xenstore(struct domain *d)
{
    int port = evtchn_alloc_unbound(d, domain0->id, NULL);

    d->hvm_param[HVM_PARAM_STORE_PFN] = ~0ul;
    d->hvm_param[HVM_PARAM_STORE_EVTCHN] = (uint64_t)MAX(port, 0);
    return MIN(port, 0);
}

static int create(const struct platform_domain *g, struct domain **out)
{
    struct domain_config c = {
        .id = DOMID_INVALID, .vcpus = g->cpus, .spis = g->spis, .gic = gic_info()->version,
        .pmu_irq = g->has_pmu ? PMU_PPI : 0, .max_evtchn_port = 1023,
        .max_grant_frames = GRANT_FRAMES_DEFAULT,
        .max_maptrack_frames = GRANT_MAPTRACK_FRAMES_DEFAULT,
    };
    int rc = domain_create(&c, out);

    if (rc)
        return rc;
    (*out)->pages_max = (uint32_t)(g->memory_bytes >> PAGE_SHIFT);
    (*out)->s2.table_limit = 256 * c.vcpus + (unsigned)(g->memory_bytes >> 20) + 128;
    for (unsigned i = 0; i < c.vcpus && !rc; i++)
        rc = vcpu_create(*out, i);
    if (!rc && g->has_uart)
        rc = vpl011_init_console(*out);
    return !rc && g->is_enhanced ? promise_xenstore(*out) : rc;
}

/* In blocks where they fit and can be had: RAM as found at boot is scrubbed in parts before. */
static int add_memory(struct domain *d, const struct platform_range *bank)
{
    uint64_t gfn = bank->base >> PAGE_SHIFT, end = gfn + (bank->bytes >> PAGE_SHIFT);

    while (gfn < end) {
        unsigned order = BLOCK_2M_ORDER;
        bool fits = IS_ALIGNED(gfn, 1ul << order) && gfn + (1ul << order) <= end;
        struct page *p = fits ? domain_page_alloc(d, order) : NULL;

        while (fits && !p && reclaim_idle())
            p = domain_page_alloc(d, order);
        if (!p)
            p = domain_page_alloc(d, order = 0);
        if (!p)
            return -ENOMEM;
        if (memory_map_ram(d, gfn, paddr_to_mfn(page_to_paddr(p)), order)) {
            for (unsigned i = 0; i < 1u << order; i++)
                domain_page_put(p + i);
            return -ENOMEM;
        }
        gfn += 1ul << order;
    }
    return 0;
}

/* Guests start with their caches off: nothing of the first `span` bytes may be in one. */
static void copy_in(struct domain *d, uint64_t at, const char *from, uint64_t bytes, uint64_t span)
{
    for (uint64_t done = 0; done < span; done += PAGE_SIZE) {
        char *to = stage2_ram_ptr(&d->s2, (at + done) >> PAGE_SHIFT, true);

        if (done < bytes)
            hw_copy(to, from + done, MIN(bytes - done, PAGE_SIZE));
        hw_dcache_clean_inval(to, PAGE_SIZE);
    }
}

static int load(struct domain *d, const struct platform *p, const struct platform_domain *g,
                const struct layout *l)
{
    const struct platform_module *kernel = &g->kernel, *ramdisk = &g->ramdisk;
    const struct dom0_fdt f = {
        .platform = p, .bank = l->bank, .banks = l->bank[1].bytes ? 2 : 1,
        .vcpus = d->vcpu_max, .ramdisk = { l->ramdisk, ramdisk->bytes },
        .bootargs = kernel->bootargs ?: "",
        .grant = { GUEST_GNTTAB_BASE, GUEST_GNTTAB_SIZE },
        .event_irq = g->is_enhanced ? d->event_irq : 0, .pmu_irq = d->pmu_irq,
    };
    void *tree = page_alloc_el2(TREE_BYTES);
    int bytes = -ENOMEM;

    if (tree)
        bytes = dom0_fdt_build_guest(&f, g->has_uart, tree, TREE_BYTES);
    if (bytes > 0) {
        copy_in(d, l->dtb, tree, (uint64_t)bytes, (uint64_t)bytes);
        copy_in(d, l->kernel, dom0_module_ptr(kernel), kernel->bytes, l->image.bytes);
        copy_in(d, l->ramdisk, dom0_module_ptr(ramdisk), ramdisk->bytes, ramdisk->bytes);
        hw_icache_inval_all();
    }
    if (tree)
        page_free_el2(tree);
    return bytes < 0 ? bytes : 0;
}

static bool build(const struct platform *p, const struct platform_domain *g)
{
    struct domain *d = NULL;
    struct layout l;
    const char *problem = make_layout(g, &l);
    int rc = problem ? 0 : create(g, &d);

    for (unsigned i = 0; i < 2 && !problem && !rc; i++)
        rc = add_memory(d, &l.bank[i]);
    if (!problem && !rc)
        rc = load(d, p, g, &l);
    if (!problem && !rc) {
        log_info("/chosen/%s: domain %u, %lu MiB, %u vCPUs, kernel %lx, ramdisk %lx (%lu bytes)\n",
                 g->name, d->id, g->memory_bytes >> 20, d->vcpu_max, l.kernel, l.ramdisk,
                 g->ramdisk.bytes);
        dom0_start(d, l.kernel, l.dtb);
        return true;
    }
    if (problem)
        log_error("/chosen/%s: %s; the domain is left out\n", g->name, problem);
    else
        log_error("/chosen/%s: memory, cpus or nr_spis can't be had (error %d; 12: no memory); the "
                  "domain is left out\n", g->name, -rc);
    if (d && !domain_kill(d))
        while (domain_relinquish(d) == -ERESTART)
            ;
    return false;
}

void domu_build_all(const struct platform *p)
{
    unsigned built = 0;

    for (unsigned i = 0; i < p->domains; i++)
        built += build(p, &p->domain[i]);
    if (domain0)
        return;
    if (!built)
        boot_fail("nothing to run: no Dom0, and none of the domains in /chosen can be made.\n");
    log_info("no Dom0: the machine runs %u domains, and nobody controls them\n", built);
    console_next_input();
}
