/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dom0's device tree, made from a copy of the host's: first nodes and properties go, then new ones
 * come. Pure: compiled on the host by its unit tests. Errors of libfdt stick in struct edit, so
 * that a list of edits reads as a list.
 */
#include "boot/dom0_fdt.h"

#include "core/base/errors.h"
#include "core/base/log.h"
#include "core/vcpu.h"

#define PATH_BYTES 256
#define GIC_PPI 1u
#define GIC_LEVEL_LOW_ALL_CPUS 0xf08u /* GIC binding: flags of a PPI */
#define GIC_LEVEL_HIGH 4u
#define GUEST_GIC_PHANDLE 1u
#define TIMERS 3u                     /* secure, non-secure, virtual */
#define INTERRUPT_CELLS_MAX 4u        /* GIC binding: 3; GICv3 with partitions: 4 */

/* Where every guest has its timers' interrupts, Dom0 too. */
static const unsigned timer_ppi[] = { GUEST_TIMER_PHYS_S_PPI, GUEST_TIMER_PHYS_NS_PPI,
                                      GUEST_TIMER_VIRT_PPI };

struct edit {
    void *fdt;
    int error; /* first error of libfdt, 0: none */
};

static const char *const dropped_compatibles[] = {
    "arm,psci-1.0", "arm,psci-0.2", "arm,psci", "arm,gic-v3-its", "arm,armv7-timer-mem",
    "multiboot,module", "xen,multiboot-module", "xen,domain", NULL
};

/* --- edits that do nothing after an error ------------------------------------------------- */
static void note(struct edit *e, int rc)
{
    if (rc < 0 && !e->error)
        e->error = rc;
}

static int add_node(struct edit *e, int parent, const char *name)
{
    int node = e->error ? e->error : fdt_add_subnode(e->fdt, parent, name);

    note(e, node);
    return node;
}

static void set_bytes(struct edit *e, int node, const char *name, const void *value, size_t bytes)
{
    if (!e->error)
        note(e, fdt_setprop(e->fdt, node, name, value, (int)bytes));
}

static void set_string(struct edit *e, int node, const char *name, const char *value)
{
    set_bytes(e, node, name, value, strlen(value) + 1);
}

/* A list of strings: a literal with a NUL between each two. */
#define set_strings(e, node, name, list) set_bytes((e), (node), (name), (list), sizeof(list))

static void set_cell(struct edit *e, int node, const char *name, uint32_t value)
{
    fdt32_t v = cpu_to_fdt32(value);

    set_bytes(e, node, name, &v, sizeof(v));
}

static void set_u64(struct edit *e, int node, const char *name, uint64_t value)
{
    fdt64_t v = cpu_to_fdt64(value);

    set_bytes(e, node, name, &v, sizeof(v));
}

static void drop(struct edit *e, int node, const char *name)
{
    if (!e->error && fdt_getprop(e->fdt, node, name, NULL))
        note(e, fdt_delprop(e->fdt, node, name));
}

static fdt32_t *put_number(struct edit *e, fdt32_t *p, uint64_t v, unsigned cells)
{
    for (unsigned i = cells; i-- > 0; v >>= 32)
        p[i] = cpu_to_fdt32((uint32_t)v);
    note(e, v ? -FDT_ERR_BADVALUE : 0); /* it does not fit */
    return p + cells;
}

/* reg, by addresses of the parent's bus. */
static void set_reg(struct edit *e, int parent, int node, const struct platform_range *r,
                    unsigned count)
{
    unsigned ac = fdt_util_address_cells(e->fdt, parent), sc = fdt_util_size_cells(e->fdt, parent);
    fdt32_t cells[PLATFORM_BANKS_MAX * 4], *p = cells;

    if (ac > 2 || sc > 2 || count > PLATFORM_BANKS_MAX) {
        note(e, -FDT_ERR_BADNCELLS);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        p = put_number(e, p, r[i].base, ac);
        p = put_number(e, p, r[i].bytes, sc);
    }
    set_bytes(e, node, "reg", cells, (size_t)(p - cells) * sizeof(*p));
}

/* --- what goes ----------------------------------------------------------------------------- */
static bool is_dropped(const struct fdt_walk *w, const char *uart_path, bool has_pmu)
{
    int node = fdt_util_node(w);
    const char *name = fdt_get_name(w->fdt, node, NULL);
    char path[PATH_BYTES];

    if (w->depth == 0)
        return false;
    if (fdt_util_says(w->fdt, node, "device_type", "memory"))
        return true;
    if (w->depth == 1 && name && (!strcmp(name, "cpus") || !strcmp(name, "hypervisor")))
        return true;
    if (fdt_util_is_compatible(w->fdt, node, dropped_compatibles) ||
        (!has_pmu && fdt_util_is_compatible(w->fdt, node, platform_pmu_compatibles)))
        return true;
    return *uart_path && !fdt_get_path(w->fdt, node, path, sizeof(path)) &&
           !strcmp(path, uart_path);
}

/* Offsets move with each deletion, so the walk starts again. */
static void drop_nodes(struct edit *e, const char *uart_path, bool has_pmu)
{
    struct fdt_walk w;

    fdt_util_walk_begin(&w, e->fdt);
    while (!e->error && fdt_util_walk_next(&w)) {
        if (!is_dropped(&w, uart_path, has_pmu))
            continue;
        note(e, fdt_del_node(e->fdt, fdt_util_node(&w)));
        fdt_util_walk_begin(&w, e->fdt);
    }
}

/* The cell'th cell of the property names a node that is gone. */
static bool is_dangling(const void *fdt, int node, const char *name, unsigned cell)
{
    int bytes;
    const fdt32_t *p = fdt_getprop(fdt, node, name, &bytes);

    return p && (unsigned)bytes / 4 > cell &&
           fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(p[cell])) < 0;
}

static void drop_msi_references(struct edit *e)
{
    struct fdt_walk w;

    fdt_util_for_each(&w, e->fdt) {
        if (is_dangling(e->fdt, fdt_util_node(&w), "msi-map", 1))
            drop(e, fdt_util_node(&w), "msi-map");
        if (is_dangling(e->fdt, fdt_util_node(&w), "msi-parent", 0))
            drop(e, fdt_util_node(&w), "msi-parent");
    }
}

static const char *dangling_alias(const void *fdt, int aliases)
{
    int property;

    fdt_for_each_property_offset(property, fdt, aliases) {
        const char *name;
        const char *path = fdt_getprop_by_offset(fdt, property, &name, NULL);

        if (path && *path == '/' && fdt_path_offset(fdt, path) < 0)
            return name;
    }
    return NULL;
}

static void drop_aliases(struct edit *e)
{
    int aliases = fdt_path_offset(e->fdt, "/aliases");
    const char *name;

    while (aliases >= 0 && !e->error && (name = dangling_alias(e->fdt, aliases)))
        drop(e, aliases, name);
}

static void drop_reservations(struct edit *e)
{
    while (!e->error && fdt_num_mem_rsv(e->fdt) > 0)
        note(e, fdt_del_mem_rsv(e->fdt, 0));
}

/* --- what changes -------------------------------------------------------------------------- */
/* The first two frames stay where they are on the node's bus; the others are the hypervisor's. */
static void change_gic(struct edit *e, const struct dom0_fdt *d)
{
    int node = fdt_node_offset_by_phandle(e->fdt, d->platform->gic_phandle), bytes;
    int parent = fdt_parent_offset(e->fdt, node);
    bool is_v2 = d->platform->gic.version == GIC_V2;
    unsigned ac = fdt_util_address_cells(e->fdt, parent), sc = fdt_util_size_cells(e->fdt, parent);
    const fdt32_t *reg = fdt_getprop(e->fdt, node, "reg", &bytes);
    struct platform_range frame[2];

    if (e->error || parent < 0 || !reg || ac > 2 || sc > 2 || bytes < (int)(2 * (ac + sc) * 4)) {
        note(e, -FDT_ERR_BADVALUE);
        return;
    }
    frame[0] = (struct platform_range){ fdt_util_number(reg, ac), d->gicd_bytes };
    frame[1] = (struct platform_range){ fdt_util_number(reg + ac + sc, ac),
                                        d->gicc_or_gicr_bytes };
    set_reg(e, parent, node, frame, 2);
    if (!is_v2)
        set_cell(e, node, "#redistributor-regions", 1);
    drop(e, node, "redistributor-stride"); /* ours follow each other */
    drop(e, node, "interrupts"); /* maintenance */
    drop(e, node, "interrupts-extended");
}

static unsigned interrupt_cells(const struct edit *e, uint32_t gic_phandle)
{
    int node = fdt_node_offset_by_phandle(e->fdt, gic_phandle);

    return fdt_util_property(e->fdt, node, "#interrupt-cells", 3) == 4 ? 4 : 3;
}

/* The hypervisor's own timer interrupt, the fourth, is not Dom0's. The flags stay. */
static void change_timer(struct edit *e, uint32_t gic_phandle)
{
    unsigned cells = interrupt_cells(e, gic_phandle);
    struct fdt_walk w;
    fdt32_t copy[TIMERS * INTERRUPT_CELLS_MAX];
    int bytes;

    fdt_util_walk_begin(&w, e->fdt);
    while (!e->error && fdt_util_walk_next(&w)) {
        int node = fdt_util_node(&w);
        const void *irqs = fdt_getprop(e->fdt, node, "interrupts", &bytes);

        if (fdt_node_check_compatible(e->fdt, node, "arm,armv8-timer"))
            continue;
        if (!irqs || bytes < (int)(TIMERS * cells * sizeof(*copy)))
            return;
        memcpy(copy, irqs, TIMERS * cells * sizeof(*copy));
        for (unsigned i = 0; i < TIMERS; i++)
            copy[cells * i + 1] = cpu_to_fdt32(timer_ppi[i] - 16);
        set_bytes(e, node, "interrupts", copy, TIMERS * cells * sizeof(*copy));
        drop(e, node, "interrupt-names"); /* of another order */
        return;
    }
}

static void change_chosen(struct edit *e, const struct dom0_fdt *d)
{
    static const char *const dropped[] = {
        "stdout-path", "linux,stdout-path", "xen,xen-bootargs", "xen,dom0-bootargs",
        "linux,initrd-start", "linux,initrd-end",
    };
    int chosen = fdt_path_offset(e->fdt, "/chosen");

    if (chosen < 0)
        chosen = add_node(e, 0, "chosen");
    for (unsigned i = 0; i < ARRAY_SIZE(dropped); i++)
        drop(e, chosen, dropped[i]);
    set_string(e, chosen, "bootargs", d->bootargs);
    if (d->ramdisk.bytes) {
        set_u64(e, chosen, "linux,initrd-start", d->ramdisk.base);
        set_u64(e, chosen, "linux,initrd-end", d->ramdisk.base + d->ramdisk.bytes);
    }
}

/* --- what comes ---------------------------------------------------------------------------- */
static void add_memory(struct edit *e, const struct dom0_fdt *d)
{
    char name[32];
    int node;

    log_format(name, sizeof(name), "memory@%lx", (unsigned long)d->bank[0].base);
    node = add_node(e, 0, name);
    set_string(e, node, "device_type", "memory");
    set_reg(e, 0, node, d->bank, d->banks);
}

static void add_cpu(struct edit *e, const struct dom0_fdt *d, int cpus, unsigned i)
{
    const struct platform *p = d->platform;
    const char *compatible = i < p->cpus ? p->cpu[i].compatible : p->cpu[0].compatible;
    char name[32];
    int node;

    log_format(name, sizeof(name), "cpu@%lx", vcpu_mpidr(i));
    node = add_node(e, cpus, name);
    set_string(e, node, "device_type", "cpu");
    set_string(e, node, "compatible", compatible ? compatible : "arm,armv8");
    set_cell(e, node, "reg", (uint32_t)vcpu_mpidr(i));
    set_string(e, node, "enable-method", "psci");
}

/* New nodes come first among their siblings, so the last vCPU is added first. */
static void add_cpus(struct edit *e, const struct dom0_fdt *d)
{
    int cpus = add_node(e, 0, "cpus");

    set_cell(e, cpus, "#address-cells", 1);
    set_cell(e, cpus, "#size-cells", 0);
    for (unsigned i = d->vcpus; i-- > 0;)
        add_cpu(e, d, cpus, i);
}

/* PSCI 0.1's function numbers are for kernels that know "arm,psci" only. */
static void add_psci(struct edit *e)
{
    int node = add_node(e, 0, "psci");

    set_strings(e, node, "compatible", "arm,psci-1.0\0arm,psci-0.2\0arm,psci");
    set_string(e, node, "method", "hvc");
    set_cell(e, node, "cpu_off", 1);
    set_cell(e, node, "cpu_on", 2);
}

/* Linux, Documentation/devicetree/bindings/arm/xen.txt */
static void add_hypervisor(struct edit *e, const struct dom0_fdt *d, uint32_t gic_phandle)
{
    fdt32_t irq[INTERRUPT_CELLS_MAX] = { cpu_to_fdt32(GIC_PPI), cpu_to_fdt32(d->event_irq - 16),
                                         cpu_to_fdt32(GIC_LEVEL_LOW_ALL_CPUS) };
    int node = add_node(e, 0, "hypervisor");

    set_strings(e, node, "compatible", "xen,xen-4.17\0xen,xen");
    set_reg(e, 0, node, &d->grant, 1);
    set_bytes(e, node, "interrupts", irq, interrupt_cells(e, gic_phandle) * sizeof(*irq));
    set_cell(e, node, "interrupt-parent", gic_phandle);
}

static int finish(struct edit *e)
{
    if (!e->error)
        note(e, fdt_pack(e->fdt));
    if (!e->error)
        return (int)fdt_totalsize(e->fdt);
    return e->error == -FDT_ERR_NOSPACE ? -ENOSPC : -EINVAL;
}

int dom0_fdt_build(const struct dom0_fdt *d, void *buf, size_t bytes)
{
    const void *host = d->platform->fdt;
    struct edit e = { buf, 0 };
    char uart_path[PATH_BYTES] = "";

    if (d->uart_node >= 0)
        note(&e, fdt_get_path(host, d->uart_node, uart_path, sizeof(uart_path)));
    note(&e, fdt_open_into(host, buf, (int)bytes));
    drop_nodes(&e, uart_path, d->platform->pmu_irq);
    drop_msi_references(&e);
    drop_aliases(&e);
    drop_reservations(&e);
    change_gic(&e, d);
    change_timer(&e, d->platform->gic_phandle);
    change_chosen(&e, d);
    add_memory(&e, d);
    add_cpus(&e, d);
    add_psci(&e);
    add_hypervisor(&e, d, d->platform->gic_phandle);
    return finish(&e);
}

/* --- a domain without Dom0's tools --------------------------------------------------------- */
static void add_guest_root(struct edit *e)
{
    set_cell(e, 0, "#address-cells", 2);
    set_cell(e, 0, "#size-cells", 2);
    set_cell(e, 0, "interrupt-parent", GUEST_GIC_PHANDLE);
    set_strings(e, 0, "compatible", "xen,xenvm-4.17\0xen,xenvm");
    set_string(e, 0, "model", "XENVM-4.17");
}

static void add_guest_gic(struct edit *e, bool is_v2)
{
    const struct platform_range v2[] = { { GUEST_GICD_BASE, GUEST_GICD_SIZE },
                                         { GUEST_GICC_BASE, GUEST_GICC_SIZE } };
    const struct platform_range v3[] = { { GUEST_GICV3_GICD_BASE, GUEST_GICV3_GICD_SIZE },
                                         { GUEST_GICV3_GICR0_BASE, GUEST_GICV3_GICR0_SIZE } };
    int node = add_node(e, 0, "interrupt-controller");

    set_string(e, node, "compatible", is_v2 ? "arm,cortex-a15-gic" : "arm,gic-v3");
    set_cell(e, node, "#interrupt-cells", 3);
    set_cell(e, node, "#address-cells", 0);
    set_bytes(e, node, "interrupt-controller", "", 0);
    set_reg(e, 0, node, is_v2 ? v2 : v3, 2);
    set_cell(e, node, "phandle", GUEST_GIC_PHANDLE);
}

static void add_guest_timer(struct edit *e, uint32_t frequency_hz)
{
    int node = add_node(e, 0, "timer");
    fdt32_t irqs[TIMERS * 3];

    for (unsigned i = 0; i < 3; i++) {
        irqs[3 * i] = cpu_to_fdt32(GIC_PPI);
        irqs[3 * i + 1] = cpu_to_fdt32(timer_ppi[i] - 16);
        irqs[3 * i + 2] = cpu_to_fdt32(GIC_LEVEL_LOW_ALL_CPUS);
    }
    set_string(e, node, "compatible", "arm,armv8-timer");
    set_bytes(e, node, "interrupts", irqs, sizeof(irqs));
    if (frequency_hz)
        set_cell(e, node, "clock-frequency", frequency_hz);
}

static void add_guest_pmu(struct edit *e, unsigned ppi)
{
    const fdt32_t irq[3] = { cpu_to_fdt32(GIC_PPI), cpu_to_fdt32(ppi - 16),
                             cpu_to_fdt32(GIC_LEVEL_LOW_ALL_CPUS) };
    int node = add_node(e, 0, "pmu");

    set_string(e, node, "compatible", "arm,armv8-pmuv3");
    set_bytes(e, node, "interrupts", irq, sizeof(irq));
}

static void add_guest_uart(struct edit *e)
{
    const struct platform_range reg = { GUEST_PL011_BASE, GUEST_PL011_SIZE };
    const fdt32_t irq[3] = { 0, cpu_to_fdt32(GUEST_VPL011_SPI - 32), cpu_to_fdt32(GIC_LEVEL_HIGH) };
    int node = add_node(e, 0, "sbsa-uart");

    set_strings(e, node, "compatible", "arm,sbsa-uart\0arm,pl011");
    set_reg(e, 0, node, &reg, 1);
    set_bytes(e, node, "interrupts", irq, sizeof(irq));
    set_cell(e, node, "current-speed", 115200); /* Linux wants one */
    set_string(e, fdt_path_offset(e->fdt, "/chosen"), "stdout-path", "/sbsa-uart");
}

int dom0_fdt_build_guest(const struct dom0_fdt *d, bool has_uart, void *buf, size_t bytes)
{
    struct edit e = { buf, 0 };

    note(&e, fdt_create_empty_tree(buf, (int)bytes));
    add_guest_root(&e);
    change_chosen(&e, d);
    add_memory(&e, d);
    add_cpus(&e, d);
    add_psci(&e);
    add_guest_gic(&e, d->platform->gic.version == GIC_V2);
    add_guest_timer(&e, d->platform->timer_frequency_hz);
    if (d->pmu_irq)
        add_guest_pmu(&e, d->pmu_irq);
    if (has_uart)
        add_guest_uart(&e);
    if (d->event_irq)
        add_hypervisor(&e, d, GUEST_GIC_PHANDLE);
    return finish(&e);
}
