/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dom0: memory, devices, kernel, ramdisk, device tree, vCPUs. In its home bank the kernel is at the
 * start, device tree and ramdisk are at the end. Boot CPU only; Dom0 does not run yet, so locks
 * are taken only where the callee wants them held.
 */
#include "boot/dom0_build.h"

#include "boot/boot.h"
#include "boot/dom0_devices.h"
#include "boot/dom0_fdt.h"
#include "boot/ranges.h"
#include "core/domain.h"
#include "core/pmu.h"
#include "core/sched.h"
#include "mm/page_alloc.h"

#define EVENT_PPI 16u               /* INTID; no device of any known board has this PPI */
#define DTB_BYTES_MAX 0x200000ul    /* arm64 boot protocol: in one 2 MiB block */
#define MEMORY_BLOCK 0x200000ul
#define MEMORY_DEFAULT_BYTES (512ul << 20)
#define FREE_RUNS_MAX 32u
#define GRANT_BYTES (GRANT_FRAMES_DEFAULT * PAGE_SIZE)

/* Its RAM: where it is, as it is mapped 1:1. */
struct dom0_memory {
    struct platform_range bank[PLATFORM_BANKS_MAX]; /* ascending, whole 2 MiB blocks */
    unsigned banks;
    unsigned home;        /* the bank that holds kernel, ramdisk and device tree */
    uint64_t bytes;
};

/* Where things are in Dom0's memory; 1:1, so also in the machine's. */
struct layout {
    struct dom0_image image;
    uint64_t kernel, ramdisk, dtb;
};

/* --- memory, found by asking the page allocator for one 2 MiB block after the other --------- */

static bool block_is_free(uint64_t base)
{
    for (uint64_t pa = base; pa < base + MEMORY_BLOCK; pa += PAGE_SIZE) {
        const struct page *p = page_of(paddr(pa));

        if (!p || p->type != PAGE_FREE)
            return false;
    }
    return true;
}

/* Runs of free 2 MiB blocks, ascending. */
static unsigned find_runs(const struct platform *p, struct platform_range *run)
{
    const struct platform_range *bank = p->bank;
    unsigned runs = 0;

    for (; bank < p->bank + p->banks; bank++)
        for (uint64_t pa = bank->base; pa < bank->base + bank->bytes; pa += MEMORY_BLOCK) {
            if (!block_is_free(pa))
                continue;
            if (runs && run[runs - 1].base + run[runs - 1].bytes == pa)
                run[runs - 1].bytes += MEMORY_BLOCK;
            else if (!ranges_add(run, &runs, FREE_RUNS_MAX,
                                 (struct platform_range){ pa, MEMORY_BLOCK }))
                return runs;
        }
    return runs;
}

/* Free blocks are taken in the largest aligned pieces: that much less to ask. */
static bool take(uint64_t base, uint64_t bytes)
{
    while (bytes) {
        unsigned order = BLOCK_2M_ORDER;

        while (order < PAGE_ORDER_MAX && IS_ALIGNED(base, PAGE_SIZE << (order + 1)) &&
               bytes >= PAGE_SIZE << (order + 1))
            order++;
        if (page_alloc_at(paddr(base), order, PAGE_DOMAIN, 0))
            return false;
        base += PAGE_SIZE << order;
        bytes -= PAGE_SIZE << order;
    }
    return true;
}

static void take_run(struct dom0_memory *m, const struct platform_range *run, uint64_t wanted)
{
    struct platform_range r = { run->base, MIN(run->bytes, wanted) };

    if (m->banks < PLATFORM_BANKS_MAX && r.bytes && take(r.base, r.bytes)) {
        m->bank[m->banks++] = r;
        m->bytes += r.bytes;
    }
}

/* Takes `bytes` of free RAM for domain 0 from the page allocator: large runs first, low addresses
 * first (devices with 32-bit DMA), one run of at least home_bytes. m->bytes: what could be had;
 * m->home: PLATFORM_BANKS_MAX when the large run lacks. */
static void memory_take(const struct platform *p, uint64_t bytes, uint64_t home_bytes,
                        struct dom0_memory *m)
{
    struct platform_range run[FREE_RUNS_MAX];
    unsigned runs = find_runs(p, run);

    for (unsigned i = 0; i < runs; i++)
        if (run[i].bytes >= home_bytes)
            take_run(m, &run[i], bytes - m->bytes);
    for (unsigned i = 0; i < runs; i++)
        if (run[i].bytes < home_bytes)
            take_run(m, &run[i], bytes - m->bytes);
    ranges_sort(m->bank, &m->banks);
    m->home = PLATFORM_BANKS_MAX;
    for (unsigned i = m->banks; i-- > 0;)
        if (m->bank[i].bytes >= home_bytes)
            m->home = i;
}

/* --- the rest ------------------------------------------------------------------------------- */

static void check_modules(const struct platform *p, struct dom0_image *image)
{
    const char *problem;

    if (!p->kernel.bytes)
        boot_fail("no Dom0 kernel: looked in /chosen for a node compatible with "
                  "\"multiboot,kernel\" and \"multiboot,module\" that has reg = <address size>. "
                  "The boot loader's script makes it (configs/); QEMU: -device "
                  "guest-loader,addr=ADDRESS,kernel=FILE.\n");
    problem = dom0_image_read(dom0_module_ptr(&p->kernel), p->kernel.bytes, image);
    if (problem)
        boot_fail("the Dom0 kernel module at %lx, %lu bytes: %s.\n", p->kernel.base,
                  p->kernel.bytes, problem);
}

/* The bank that holds kernel, ramdisk and tree: 128 MiB are wanted, what they take is needed. */
static uint64_t home_bytes(const struct platform *p, const struct dom0_image *image)
{
    uint64_t bytes = ALIGN_UP(image->text_offset + image->bytes, MEMORY_BLOCK) +
                     ALIGN_UP(p->ramdisk.bytes, MEMORY_BLOCK) + 2 * DTB_BYTES_MAX;

    return MAX(bytes, 128ul << 20);
}

static void take_memory(const struct platform *p, const struct options *o,
                        const struct dom0_image *image, struct dom0_memory *m)
{
    uint64_t wanted = ALIGN_UP(o->dom0_mem_bytes, MEMORY_BLOCK), home = home_bytes(p, image);
    uint64_t free = page_alloc_free_count() << PAGE_SHIFT;

    /* A quarter stays for guests and for the tables that map them. */
    if (!wanted)
        wanted = ALIGN_DOWN(MIN(free - free / 4, MEMORY_DEFAULT_BYTES), MEMORY_BLOCK);
    if (wanted < home)
        boot_fail("Dom0's memory, %lu MiB, is too little for its kernel and ramdisk: at least %lu "
                  "MiB are needed (option dom0_mem=, or more RAM).\n", wanted >> 20, home >> 20);
    memory_take(p, wanted, home, m);
    if (m->home == PLATFORM_BANKS_MAX)
        boot_fail("no free run of %lu MiB of RAM for Dom0's kernel and ramdisk: RAM is too small, "
                  "or the modules are loaded in the middle of it.\n", home >> 20);
    if (m->bytes < wanted)
        boot_fail("Dom0 wants %lu MiB (option dom0_mem=), but only %lu MiB of RAM are free.\n",
                  wanted >> 20, m->bytes >> 20);
}

static void make_layout(const struct platform *p, const struct dom0_memory *m, struct layout *l)
{
    const struct platform_range *home = &m->bank[m->home];

    l->kernel = home->base + l->image.text_offset;
    l->dtb = home->base + home->bytes - DTB_BYTES_MAX;
    l->ramdisk = ALIGN_DOWN(l->dtb - p->ramdisk.bytes, PAGE_SIZE);
}

static unsigned vcpu_count(const struct options *o)
{
    unsigned limit = gic_info()->version == GIC_V3 ? VGIC_VCPUS_MAX_V3 : VGIC_VCPUS_MAX_V2;
    unsigned vcpus = o->dom0_max_vcpus ? o->dom0_max_vcpus : cpu_count;

    if (vcpus > limit)
        log_warning("Dom0: %u vCPUs are more than the GIC allows: %u\n", vcpus, limit);
    return MIN(vcpus, limit);
}

static struct domain *create(const struct options *o, uint64_t devices_end)
{
    uint64_t end = MAX(devices_end, mfn_to_paddr(page_max_mfn()).v);
    struct domain_config c = {
        .id = 0, .vcpus = vcpu_count(o), .spis = gic_info()->intids - 32,
        .gic = gic_info()->version, .pmu_irq = pmu_physical_irq(),
        .max_evtchn_port = EVTCHN_PORTS_MAX - 1, .max_grant_frames = GRANT_FRAMES_DEFAULT,
        .max_maptrack_frames = GRANT_MAPTRACK_FRAMES_DEFAULT,
        .is_privileged = true, .is_direct_mapped = true,
        /* What a guest is told has no 43 (ID_AA64MMFR0_EL1.PARange): it reaches half as far. */
        .ipa_bits = end >> (STAGE2_BITS_SHORT - 1) ? STAGE2_BITS_MAX : STAGE2_BITS_SHORT,
    };
    struct domain *d;
    int rc = domain_create(&c, &d);

    for (unsigned i = 0; i < c.vcpus && !rc; i++)
        rc = vcpu_create(d, i);
    if (rc)
        boot_fail("Dom0 can't be created: error %d (12: no memory).\n", -rc);
    d->event_irq = EVENT_PPI;
    return d;
}

static void map_memory(struct domain *d, const struct dom0_memory *m)
{
    uint64_t pages = m->bytes >> PAGE_SHIFT;
    int rc = 0;

    lock_acquire(&d->s2.lock);
    for (unsigned i = 0; i < m->banks && !rc; i++) {
        uint64_t first = m->bank[i].base >> PAGE_SHIFT, count = m->bank[i].bytes >> PAGE_SHIFT;

        rc = stage2_map_range(&d->s2, first, first, count, stage2_kind(STAGE2_RAM, STAGE2_RWX));
        d->gfn_max = MAX(d->gfn_max, first + count - 1);
    }
    /* Dom0 gives single pages away and takes them back for its guests' sake, so in the end each of
     * its blocks may be a table of pages. */
    if (!rc)
        rc = stage2_reserve(&d->s2, (unsigned)(pages >> BLOCK_2M_ORDER) + m->banks);
    lock_release(&d->s2.lock);
    if (rc)
        boot_fail("no memory for Dom0's stage-2 tables.\n");
    d->pages_allocated += (uint32_t)pages;
    d->pages_max = (uint32_t)pages;
    d->refs += (uint32_t)pages;
}

/* Grant frames go where the hypervisor's image is: RAM that is not Dom0's, and no device. */
static uint64_t write_fdt(struct domain *d, const struct platform *p, const struct dom0_memory *m,
                          const struct layout *l, int uart_node)
{
    struct dom0_fdt f = {
        .platform = p, .uart_node = uart_node, .bank = m->bank, .banks = m->banks,
        .vcpus = d->vcpu_max, .bootargs = p->dom0_args, .event_irq = EVENT_PPI,
        .gicd_bytes = d->gicd.bytes, .gicc_or_gicr_bytes = d->gicc_or_gicr.bytes,
        .grant = { boot_image_pa, GRANT_BYTES }, .ramdisk = { l->ramdisk, p->ramdisk.bytes },
    };
    int bytes = dom0_fdt_build(&f, hw_phys_to_virt(paddr(l->dtb)), DTB_BYTES_MAX);

    _Static_assert(GRANT_BYTES <= IMAGE_BLOCK_BYTES, "the image's block is large enough");
    if (bytes < 0)
        boot_fail("Dom0's device tree can't be made from the host's: error %d.\n", -bytes);
    return (uint64_t)bytes;
}

/* Dom0 starts with its caches off: what was written, and the zeroes that its .bss and first page
 * tables are written over, must not come out of a cache later. */
static void load(const struct platform *p, const struct layout *l, uint64_t dtb_bytes)
{
    void *kernel = hw_phys_to_virt(paddr(l->kernel)), *ramdisk = hw_phys_to_virt(paddr(l->ramdisk));

    hw_copy(kernel, dom0_module_ptr(&p->kernel), p->kernel.bytes);
    hw_dcache_clean_inval(kernel, l->image.bytes);
    if (p->ramdisk.bytes) {
        hw_copy(ramdisk, dom0_module_ptr(&p->ramdisk), p->ramdisk.bytes);
        hw_dcache_clean_inval(ramdisk, p->ramdisk.bytes);
    }
    hw_dcache_clean_inval(hw_phys_to_virt(paddr(l->dtb)), dtb_bytes);
    hw_icache_inval_all();
}

void dom0_start(struct domain *d, uint64_t kernel, uint64_t dtb)
{
    struct vcpu *v = d->vcpu[0];

    vcpu_reset(v, kernel, dtb);
    v->is_initialised = true;
    v->is_online = true;
    d->state = DOMAIN_RUNNING;
    d->paused_by_tools = 0;
    sched_vcpu_online(v);
    domain_unpause(d);
}

void dom0_build(const struct platform *p, const struct options *o, int uart_node)
{
    static struct dom0_memory memory;
    const struct gic_config *g = &p->gic;
    struct layout layout;
    struct domain *d;
    uint64_t dtb_bytes;

    check_modules(p, &layout.image);
    take_memory(p, o, &layout.image, &memory);
    make_layout(p, &memory, &layout);
    d = create(o, dom0_devices_end(p, uart_node));
    map_memory(d, &memory);
    if (domain_gic_place(d, g->gicd_base, g->version == GIC_V2 ? g->gicc_base : g->gicr[0].base))
        boot_fail("Dom0's GIC can't be mapped.\n");
    if (dom0_devices_assign(d, p, uart_node))
        boot_fail("no memory to map Dom0's devices.\n");
    dtb_bytes = write_fdt(d, p, &memory, &layout, uart_node);
    load(p, &layout, dtb_bytes);
    for (unsigned i = 0; i < memory.banks; i++)
        log_info("Dom0: memory %lx-%lx\n", memory.bank[i].base,
                 memory.bank[i].base + memory.bank[i].bytes - 1);
    log_info("Dom0: %lu MiB, %u vCPUs, kernel %lx, ramdisk %lx (%lu bytes), device tree %lx\n",
             memory.bytes >> 20, d->vcpu_max, layout.kernel, layout.ramdisk, p->ramdisk.bytes,
             layout.dtb);
    log_info("Dom0: command line: %s\n", p->dom0_args);
    dom0_start(d, layout.kernel, layout.dtb);
}
