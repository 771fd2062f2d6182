/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the image runs, from the device tree. Untranslated addresses of the root's children are
 * enough: boards with their GIC behind a bus are not read right.
 */
#include <libfdt.h>

#include "tests/bench/image/bench.h"

#define GIC_PPI 1u
#define PPI_FIRST 16u

struct facts facts;

static uint64_t cells(const fdt32_t *cell, int count)
{
    uint64_t value = 0;

    while (count--)
        value = value << 32 | fdt32_to_cpu(*cell++);
    return value;
}

/* The address of the node's n-th range; 0: it has none. */
static uint64_t reg(const void *fdt, int node, int n)
{
    int parent = fdt_parent_offset(fdt, node), bytes;
    int address = fdt_address_cells(fdt, parent), size = fdt_size_cells(fdt, parent);
    const fdt32_t *cell = fdt_getprop(fdt, node, "reg", &bytes);
    int at = n * (address + size);

    if (!cell || (at + address) * 4 > bytes)
        return 0;
    return cells(cell + at, address);
}

static bool read_gic(const void *fdt)
{
    static const char *const v2[] = { "arm,cortex-a15-gic", "arm,gic-400" };
    int node = fdt_node_offset_by_compatible(fdt, -1, "arm,gic-v3");

    facts.gic = node >= 0 ? 3 : 2;
    for (unsigned i = 0; i < ARRAY_SIZE(v2) && node < 0; i++)
        node = fdt_node_offset_by_compatible(fdt, -1, v2[i]);
    if (node < 0)
        return false;
    facts.gicd = reg(fdt, node, 0);
    facts.gicc = reg(fdt, node, 1);
    return facts.gicd && facts.gicc;
}

static void read_hypervisor(const void *fdt)
{
    int node = fdt_path_offset(fdt, "/hypervisor"), bytes;
    const fdt32_t *irq;

    if (node < 0 || fdt_node_check_compatible(fdt, node, "xen,xen"))
        return;
    facts.has_xen = true;
    irq = fdt_getprop(fdt, node, "interrupts", &bytes);
    if (irq && bytes >= 12 && fdt32_to_cpu(irq[0]) == GIC_PPI)
        facts.event_intid = PPI_FIRST + fdt32_to_cpu(irq[1]);
}

static unsigned count_cpus(const void *fdt)
{
    int parent = fdt_path_offset(fdt, "/cpus"), node, bytes;
    unsigned count = 0;

    fdt_for_each_subnode(node, fdt, parent) {
        const char *type = fdt_getprop(fdt, node, "device_type", &bytes);

        count += type && bytes == 4 && type[0] == 'c';
    }
    return count;
}

bool facts_read(const void *fdt)
{
    int node;

    facts.args = "";
    if (!fdt || fdt_check_header(fdt) || !read_gic(fdt))
        return false;
    read_hypervisor(fdt);
    facts.cpus = count_cpus(fdt);
    node = fdt_path_offset(fdt, "/psci");
    if (node >= 0) {
        const char *method = fdt_getprop(fdt, node, "method", NULL);

        facts.psci_by_hvc = method && method[0] == 'h';
    }
    node = fdt_node_offset_by_compatible(fdt, -1, "arm,pl011");
    if (node >= 0 && !facts.has_xen)
        facts.uart = reg(fdt, node, 0);
    node = fdt_path_offset(fdt, "/chosen");
    if (node >= 0 && fdt_getprop(fdt, node, "bootargs", NULL))
        facts.args = fdt_getprop(fdt, node, "bootargs", NULL);
    return true;
}

/* Debian's libfdt is compiled with a stack protector. */
uintptr_t __stack_chk_guard = 0x5afe57ac;
void __stack_chk_fail(void) { bench_fail("libfdt: stack smashed"); }
