/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts from the host's device tree: one walk over it, each node handed to who knows its kind.
 * Pure: decides nothing, touches no hardware, takes no lock; compiled on the host by its tests.
 */
#include "boot/platform.h"

#include "boot/ranges.h"
#include "core/base/errors.h"
#include "core/base/log.h"
#include "core/base/sysreg_bits.h"
#include "core/base/xen_abi.h"
#include "drivers/timer.h"
#include "irq/vgic.h"
#include "irq/vtimer.h"

#define BLOCK_BYTES 0x200000ul
#define PATH_BYTES 128

static const char *const gicv2_compatibles[] = {
    "arm,gic-400", "arm,cortex-a15-gic", "arm,cortex-a7-gic", "arm,arm1176jzf-devchip-gic", NULL
};
const char *const platform_pmu_compatibles[] = {
    "arm,armv8-pmuv3", "arm,cortex-a53-pmu", "arm,cortex-a57-pmu", "arm,cortex-a72-pmu", NULL
};
static const char *const psci_compatibles[] = { "arm,psci-1.0", "arm,psci-0.2", NULL };
static const char *const module_compatibles[] = {
    "multiboot,module", "xen,multiboot-module", NULL
};
static const char *const kernel_compatibles[] = { "multiboot,kernel", "xen,linux-zimage", NULL };
static const char *const ramdisk_compatibles[] = { "multiboot,ramdisk", "xen,linux-initrd", NULL };

static void read_memory(const struct fdt_walk *w, struct platform *p)
{
    struct platform_range r;

    if (!fdt_util_says(w->fdt, fdt_util_node(w), "device_type", "memory"))
        return;
    for (unsigned i = 0; !fdt_util_reg(w, i, &r.base, &r.bytes); i++)
        if (r.bytes && !ranges_add(p->bank, &p->banks, PLATFORM_BANKS_MAX, r))
            log_warning("RAM at %lx: more than %u banks, left out\n", r.base, PLATFORM_BANKS_MAX);
}

static void read_cpu(const struct fdt_walk *w, struct platform *p)
{
    const void *fdt = w->fdt;
    int node = fdt_util_node(w), bytes;
    const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &bytes);
    struct platform_cpu *c = &p->cpu[p->cpus];

    if (!fdt_util_says(fdt, node, "device_type", "cpu") || !reg || (bytes != 4 && bytes != 8) ||
        !fdt_util_is_available(fdt, node) || p->cpus == NR_CPUS_MAX)
        return;
    c->mpidr = fdt_util_number(reg, (unsigned)bytes / 4) & MPIDR_AFFINITY;
    c->compatible = fdt_util_string(fdt, node, "compatible");
    c->release_address = fdt_util_property(fdt, node, "cpu-release-addr", 0);
    if (fdt_util_says(fdt, node, "enable-method", "psci"))
        c->start = PLATFORM_CPU_PSCI;
    else if (fdt_util_says(fdt, node, "enable-method", "spin-table") && c->release_address)
        c->start = PLATFORM_CPU_SPIN;
    p->cpus++;
}

static void read_gicv2(const struct fdt_walk *w, struct gic_config *g)
{
    uint64_t bytes;

    g->version = GIC_V2;
    fdt_util_reg(w, 0, &g->gicd_base, &bytes);
    fdt_util_reg(w, 1, &g->gicc_base, &bytes);
    fdt_util_reg(w, 2, &g->gich_base, &bytes);
    fdt_util_reg(w, 3, &g->gicv_base, &bytes);
}

static void read_gicv3(const struct fdt_walk *w, struct gic_config *g)
{
    uint64_t regions = fdt_util_property(w->fdt, fdt_util_node(w), "#redistributor-regions", 1);
    uint64_t bytes;

    g->version = GIC_V3;
    fdt_util_reg(w, 0, &g->gicd_base, &bytes);
    for (unsigned i = 0; i < regions && i < ARRAY_SIZE(g->gicr); i++)
        if (!fdt_util_reg(w, i + 1, &g->gicr[i].base, &g->gicr[i].bytes))
            g->gicr_regions = i + 1;
}

static void read_gic(const struct fdt_walk *w, struct platform *p)
{
    int node = fdt_util_node(w);
    bool is_v2 = fdt_util_is_compatible(w->fdt, node, gicv2_compatibles);

    if (p->gic_node >= 0 || !fdt_util_is_available(w->fdt, node) ||
        (!is_v2 && fdt_node_check_compatible(w->fdt, node, "arm,gic-v3")))
        return;
    p->gic_node = node;
    p->gic_phandle = fdt_get_phandle(w->fdt, node);
    if (is_v2) {
        read_gicv2(w, &p->gic);
        p->gic.is_flawed = p->gic.gicd_base == 0x78010000 || /* X-Gene 1, the secure alias */
                           !fdt_node_check_compatible(w->fdt, 0, "linux,dummy-virt");
    } else {
        read_gicv3(w, &p->gic);
    }
    /* The node's own interrupt is its own, whatever interrupt-parent it inherits. */
    p->gic.maintenance_irq = fdt_util_interrupt(w, 0, p->gic_phandle);
    if (!p->gic.maintenance_irq) {
        int bytes;
        const fdt32_t *irq = fdt_getprop(w->fdt, node, "interrupts", &bytes);

        if (irq && bytes >= 12 && fdt32_to_cpu(irq[0]) == 1)
            p->gic.maintenance_irq = 16 + fdt32_to_cpu(irq[1]);
    }
}

/* The node's interrupt of that index, if it is a PPI. */
static unsigned node_ppi(const struct fdt_walk *w, const struct platform *p, unsigned index,
                         unsigned fallback)
{
    unsigned intid = fdt_util_interrupt(w, index, p->gic_phandle);

    return intid >= 16 && intid < 32 ? intid : fallback;
}

/* Some boards have an SPI for each CPU instead: not used. */
static void read_pmu(const struct fdt_walk *w, struct platform *p)
{
    if (!p->pmu_irq && fdt_util_is_compatible(w->fdt, fdt_util_node(w), platform_pmu_compatibles))
        p->pmu_irq = node_ppi(w, p, 0, 0);
}

/* The third and fourth interrupt are the virtual timer's and EL2's (Linux's binding
 * arm,arch_timer). */
static void read_timer(const struct fdt_walk *w, struct platform *p)
{
    int node = fdt_util_node(w);

    if (p->timer_node >= 0 || fdt_node_check_compatible(w->fdt, node, "arm,armv8-timer"))
        return;
    p->timer_node = node;
    p->timer_frequency_hz = (uint32_t)fdt_util_property(w->fdt, node, "clock-frequency", 0);
    p->timer_virtual_irq = node_ppi(w, p, 2, VTIMER_PPI_VIRTUAL);
    p->timer_hyp_irq = node_ppi(w, p, 3, TIMER_PPI_HYP);
}

static void read_psci(const struct fdt_walk *w, struct platform *p)
{
    int node = fdt_util_node(w);

    if (!fdt_util_is_compatible(w->fdt, node, psci_compatibles))
        return;
    p->has_psci = fdt_util_says(w->fdt, node, "method", "smc");
    p->psci_by_hvc = fdt_util_says(w->fdt, node, "method", "hvc");
}

/* Linux's bindings syscon-poweroff and syscon-reboot, old ones without a value included. The
 * register is in the node of `regmap`, or in the parent. */
static void read_syscon(const struct fdt_walk *w, const char *compatible, struct power_reg *r)
{
    int node = fdt_util_node(w), of;
    uint64_t base, bytes, offset = fdt_util_property(w->fdt, node, "offset", 0);
    struct fdt_walk at;

    if (r->base || fdt_node_check_compatible(w->fdt, node, compatible))
        return;
    of = fdt_node_offset_by_phandle(w->fdt,
                                    (uint32_t)fdt_util_property(w->fdt, node, "regmap", 0));
    if (!fdt_util_walk_at(&at, w->fdt, of >= 0 ? of : fdt_parent_offset(w->fdt, node)) ||
        fdt_util_reg(&at, 0, &base, &bytes) || (base | offset) % 4 || bytes < 4 ||
        offset > bytes - 4) {
        log_warning("%s: its register is not found: not used\n", compatible);
        return;
    }
    r->base = base + offset;
    r->mask = (uint32_t)fdt_util_property(w->fdt, node, "mask", UINT32_MAX);
    r->value = (uint32_t)fdt_util_property(w->fdt, node, "value", r->mask);
    if (!fdt_getprop(w->fdt, node, "value", NULL))
        r->mask = UINT32_MAX;
}

/* X-Gene's own binding: reg is the register. */
static void read_power(const struct fdt_walk *w, struct platform *p)
{
    int node = fdt_util_node(w);
    uint64_t base, bytes;

    read_syscon(w, "syscon-poweroff", &p->off);
    read_syscon(w, "syscon-reboot", &p->reset);
    if (p->reset.base || fdt_node_check_compatible(w->fdt, node, "apm,xgene-reboot") ||
        fdt_util_reg(w, 0, &base, &bytes) || base % 4)
        return;
    p->reset = (struct power_reg){ .base = base, .mask = UINT32_MAX,
                                   .value = (uint32_t)fdt_util_property(w->fdt, node, "mask", 1) };
}

/* Boot loaders leave out #address-cells in /chosen: then the property's length tells. */
static bool module_reg(const void *fdt, int chosen, int node, struct platform_module *m)
{
    int bytes;
    const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &bytes);
    unsigned ac = fdt_util_address_cells(fdt, chosen), sc = fdt_util_size_cells(fdt, chosen);

    if (!reg)
        return false;
    if (bytes != (int)(ac + sc) * 4) {
        ac = bytes == 8 ? 1 : 2;
        sc = bytes == 16 ? 2 : 1;
    }
    if (bytes != (int)(ac + sc) * 4)
        return false;
    m->base = fdt_util_number(reg, ac);
    m->bytes = fdt_util_number(reg + ac, sc);
    return m->bytes && m->base + m->bytes > m->base;
}

/* Without a specific compatible the first module is the kernel, the second the ramdisk. */
static struct platform_module *module_kind(const void *fdt, int node, unsigned *untyped,
                                           struct platform_module *const kinds[2])
{
    if (fdt_util_is_compatible(fdt, node, kernel_compatibles))
        return kinds[0];
    if (fdt_util_is_compatible(fdt, node, ramdisk_compatibles))
        return kinds[1];
    if (!fdt_node_check_compatible(fdt, node, "xen,xsm-policy") || *untyped == 2)
        return NULL;
    return kinds[(*untyped)++];
}

/* False: one of them can't be used. */
static bool read_modules(const void *fdt, int parent, struct platform_module *const kinds[2])
{
    unsigned untyped = 0;
    bool is_good = true;
    int node;

    fdt_for_each_subnode(node, fdt, parent) {
        struct platform_module *kind, m = { 0, 0, NULL };
        char path[PATH_BYTES] = "?";

        if (!fdt_util_is_compatible(fdt, node, module_compatibles))
            continue;
        fdt_get_path(fdt, node, path, sizeof(path));
        kind = module_kind(fdt, node, &untyped, kinds);
        if (!module_reg(fdt, parent, node, &m)) {
            log_error("%s: reg is missing, empty or malformed\n", path);
            is_good = false;
        } else if (!kind || kind->bytes) {
            log_warning("%s: a module that is not used\n", path);
            is_good = false;
        } else {
            m.bootargs = fdt_util_string(fdt, node, "bootargs");
            *kind = m;
        }
    }
    return is_good;
}

/* What Xen's binding has and Purlin has not: properties, and nodes by their compatible. The text;
 * NULL: there is none of it. */
static const char *find_refused(const void *fdt, int node)
{
    static const struct { const char *name, *remedy; } refused[] = {
        { "xen,static-mem", "memory is taken from what is free" },
        { "direct-map", "a guest's memory is where Xen's arch-arm.h has it" },
        { "domain-cpupool", "there is one pool, with all CPUs" },
        { "multiboot,device-tree", "devices are Dom0's, which can share them" },
        { "xen,domain-shared-memory-v1", "guests share pages by grants (xen,enhanced)" },
        { "xen,evtchn-v1", "guests bind event channels themselves (xen,enhanced)" },
    };
    static char text[128];

    for (unsigned i = 0; i < ARRAY_SIZE(refused); i++) {
        bool is_there = fdt_getprop(fdt, node, refused[i].name, NULL);
        int child;

        fdt_for_each_subnode(child, fdt, node)
            is_there |= !fdt_node_check_compatible(fdt, child, refused[i].name);
        if (!is_there)
            continue;
        log_format(text, sizeof(text), "%s is not supported, leave it out: %s", refused[i].name,
                   refused[i].remedy);
        return text;
    }
    return NULL;
}

/* NULL, or the property that is wrong, and how. */
static const char *read_domain(const void *fdt, int node, struct platform_domain *d)
{
    uint64_t kib = fdt_util_property(fdt, node, "memory", 0);
    uint64_t cpus = fdt_util_property(fdt, node, "cpus", 0);
    uint64_t spis = fdt_util_property(fdt, node, "nr_spis", 32);
    const char *enhanced = fdt_getprop(fdt, node, "xen,enhanced", NULL), *refused;
    struct platform_module *const kinds[2] = { &d->kernel, &d->ramdisk };

    *d = (struct platform_domain){ .name = fdt_get_name(fdt, node, NULL) };
    d->has_uart = fdt_getprop(fdt, node, "vpl011", NULL);
    d->has_pmu = fdt_getprop(fdt, node, "vpmu", NULL);
    d->memory_bytes = kib << 10 & PAGE_MASK;
    d->cpus = (unsigned)cpus;
    d->spis = (unsigned)MAX(spis, d->has_uart ? 1ul : 0ul);
    if (!kib || kib > (GUEST_RAM0_SIZE + GUEST_RAM1_SIZE) >> 10)
        return "memory is missing, or not a number of KiB that a guest can have";
    if (!cpus || cpus > VGIC_VCPUS_MAX_V3)
        return "cpus is missing, or not a number from 1 to 128";
    if (spis > VGIC_SPIS_MAX)
        return "nr_spis is more than a GIC has";
    if (enhanced)
        enhanced = fdt_util_string(fdt, node, "xen,enhanced") ?: "";
    d->is_enhanced = enhanced && strcmp(enhanced, "disabled");
    if (d->is_enhanced && *enhanced && strcmp(enhanced, "enabled"))
        return "xen,enhanced is neither empty nor \"enabled\" or \"disabled\"";
    refused = find_refused(fdt, node);
    if (refused)
        return refused;
    if (!read_modules(fdt, node, kinds))
        return "a module can't be used: no reg, or a second one of its kind";
    return d->kernel.bytes ? NULL : "no module that is compatible with \"multiboot,kernel\"";
}

static void read_chosen(const void *fdt, struct platform *p)
{
    struct platform_module *const dom0[2] = { &p->kernel, &p->ramdisk };
    int chosen = fdt_path_offset(fdt, "/chosen"), node;

    if (chosen < 0)
        return;
    read_modules(fdt, chosen, dom0);
    fdt_for_each_subnode(node, fdt, chosen) {
        const char *problem = "more domains than there is room for";

        if (fdt_node_check_compatible(fdt, node, "xen,domain"))
            continue;
        if (p->domains < PLATFORM_DOMAINS_MAX)
            problem = read_domain(fdt, node, &p->domain[p->domains]);
        if (problem)
            log_error("/chosen/%s: %s; the domain is left out\n", fdt_get_name(fdt, node, NULL),
                      problem);
        p->domains += !problem;
    }
}

void platform_read_args(const void *fdt, struct platform *p)
{
    int chosen = fdt_path_offset(fdt, "/chosen"); /* negative: has no properties */
    const char *own = fdt_util_string(fdt, chosen, "xen,xen-bootargs");
    const char *dom0 = fdt_util_string(fdt, chosen, "xen,dom0-bootargs");
    const char *plain = fdt_util_string(fdt, chosen, "bootargs");

    if (p->kernel.bootargs)
        dom0 = p->kernel.bootargs;
    if (!own && dom0)
        own = plain;
    p->args = own ?: "";
    p->dom0_args = (dom0 ?: plain) ?: "";
}

/* What cannot be kept apart is nobody's RAM. */
static void reserve(struct platform *p, struct platform_range r)
{
    if (!r.bytes || ranges_add(p->reserved, &p->reserveds, PLATFORM_RESERVED_MAX, r))
        return;
    log_warning("reserved memory at %lx: one region too many, its RAM is not used\n", r.base);
    ranges_subtract(p->bank, &p->banks, PLATFORM_BANKS_MAX, r);
}

/* Regions with no-map are taken out of RAM: not even EL2 maps them. */
static void read_reserved(const void *fdt, struct platform *p)
{
    int parent = fdt_path_offset(fdt, "/reserved-memory"), node;
    struct platform_range r;
    struct fdt_walk w;

    for (int i = 0; i < fdt_num_mem_rsv(fdt); i++)
        if (!fdt_get_mem_rsv(fdt, i, &r.base, &r.bytes))
            reserve(p, r);
    if (parent < 0)
        return;
    fdt_for_each_subnode(node, fdt, parent) {
        if (!fdt_util_is_available(fdt, node) || !fdt_util_walk_at(&w, fdt, node))
            continue;
        for (unsigned i = 0; !fdt_util_reg(&w, i, &r.base, &r.bytes); i++) {
            if (fdt_getprop(fdt, node, "no-map", NULL))
                ranges_subtract(p->bank, &p->banks, PLATFORM_BANKS_MAX, r);
            else
                reserve(p, r);
        }
    }
}

void platform_read(const void *fdt, struct platform *p)
{
    struct fdt_walk w;

    memset(p, 0, sizeof(*p));
    p->fdt = fdt;
    p->gic_node = p->timer_node = -1;
    p->model = fdt_util_string(fdt, 0, "model") ?: "unnamed machine";
    fdt_util_for_each(&w, fdt)
        read_gic(&w, p); /* first: it says whose the others' interrupts are */
    fdt_util_for_each(&w, fdt) {
        read_cpu(&w, p);
        read_pmu(&w, p);
        if (!fdt_util_is_available(fdt, fdt_util_node(&w)))
            continue;
        read_memory(&w, p);
        read_timer(&w, p);
        read_psci(&w, p);
        read_power(&w, p);
    }
    read_chosen(fdt, p);
    platform_read_args(fdt, p);
    ranges_sort(p->bank, &p->banks);
    read_reserved(fdt, p);
    ranges_shrink(p->bank, &p->banks, BLOCK_BYTES);
}

/* The node of a path or alias, options after ':' ignored. */
static int uart_node(const void *fdt, const char *path)
{
    int chosen = fdt_path_offset(fdt, "/chosen");
    const char *end;

    if (!path)
        path = fdt_util_string(fdt, chosen, "stdout-path");
    if (!path)
        path = fdt_util_string(fdt, chosen, "linux,stdout-path");
    if (!path || !*path)
        return -1;
    end = strchr(path, ':');
    return fdt_path_offset_namelen(fdt, path, end ? (int)(end - path) : (int)strlen(path));
}

int platform_uart(const struct platform *p, const char *path, struct platform_uart *u)
{
    const struct uart_driver *const *d = uart_drivers;
    int node = uart_node(p->fdt, path);
    struct fdt_walk w;

    *u = (struct platform_uart){ .node = -1 };
    if (node < 0 || !fdt_util_walk_at(&w, p->fdt, node))
        return -ENOENT;
    while (*d && !fdt_util_is_compatible(p->fdt, node, (*d)->compatibles))
        d++;
    if (!*d)
        return -ENODEV;
    if (fdt_util_reg(&w, 0, &u->config.base, &u->config.bytes))
        return -EINVAL;
    u->node = node;
    u->driver = *d;
    u->config.irq = fdt_util_interrupt(&w, 0, p->gic_phandle);
    u->config.reg_shift = (unsigned)fdt_util_property(p->fdt, node, "reg-shift", 0);
    u->config.reg_width = (unsigned)fdt_util_property(p->fdt, node, "reg-io-width", 1);
    return 0;
}
