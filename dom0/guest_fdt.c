/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Builds guests' device trees with libfdt's sequential writer. Owns nothing but the blob that it
 * returns. Refuses to know hypercalls and files.
 */
#include "dom0/guest_fdt.h"

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PHANDLE_GIC 0xfde8
#define SIZE_FIRST 4096u
#define SIZE_LIMIT (1u << 20)

#define GIC_PPI 1
#define GIC_SPI 0
#define IRQ_LEVEL_LOW 8
#define IRQ_LEVEL_HIGH 4
#define PPI_TIMER_SECURE 13
#define PPI_TIMER_PHYS 14
#define PPI_TIMER_VIRT 11
#define PPI_EVENT_CHANNEL 15
#define PPI_PMU 7

/* A tree being written; the first failure sticks and makes the rest do nothing. */
struct writer {
    void *blob;
    int status;
};

static void begin(struct writer *w, const char *name)
{
    if (w->status == 0)
        w->status = fdt_begin_node(w->blob, name);
}

static void end(struct writer *w)
{
    if (w->status == 0)
        w->status = fdt_end_node(w->blob);
}

static void bytes(struct writer *w, const char *name, const void *value, size_t size)
{
    if (w->status == 0)
        w->status = fdt_property(w->blob, name, value, (int)size);
}

static void string(struct writer *w, const char *name, const char *value)
{
    bytes(w, name, value, strlen(value) + 1);
}

static void cell(struct writer *w, const char *name, uint32_t value)
{
    if (w->status == 0)
        w->status = fdt_property_u32(w->blob, name, value);
}

static void cells64(struct writer *w, const char *name, const uint64_t *values, size_t count)
{
    fdt64_t encoded[8];

    for (size_t i = 0; i < count; i++)
        encoded[i] = cpu_to_fdt64(values[i]);
    bytes(w, name, encoded, count * sizeof(encoded[0]));
}

/* Three-cell GIC interrupt specifiers for PPIs, wired as to up to eight CPUs. */
static void ppis(struct writer *w, const uint32_t *numbers, size_t count)
{
    fdt32_t encoded[3 * 3];

    for (size_t i = 0; i < count; i++) {
        encoded[3 * i] = cpu_to_fdt32(GIC_PPI);
        encoded[3 * i + 1] = cpu_to_fdt32(numbers[i]);
        encoded[3 * i + 2] = cpu_to_fdt32(0xf00 | IRQ_LEVEL_LOW);
    }
    bytes(w, "interrupts", encoded, count * 3 * sizeof(encoded[0]));
    cell(w, "interrupt-parent", PHANDLE_GIC);
}

static void write_root(struct writer *w, const struct guest_fdt *guest)
{
    char model[40];
    char compatible[64];
    int length;

    snprintf(model, sizeof(model), "XENVM-%u.%u", guest->version_major, guest->version_minor);
    string(w, "model", model);
    length = snprintf(compatible, sizeof(compatible), "xen,xenvm-%u.%u", guest->version_major,
                      guest->version_minor);
    memcpy(compatible + length + 1, "xen,xenvm", sizeof("xen,xenvm"));
    bytes(w, "compatible", compatible, (size_t)length + 1 + sizeof("xen,xenvm"));
    cell(w, "interrupt-parent", PHANDLE_GIC);
    cell(w, "#address-cells", 2);
    cell(w, "#size-cells", 2);
}

static const char uart_path[] = "/sbsa-uart@22000000";

static void write_chosen(struct writer *w, const struct guest_fdt *guest)
{
    const struct guest_map_range *ramdisk = &guest->map->ramdisk;
    uint64_t start = ramdisk->base;
    uint64_t stop = ramdisk->base + ramdisk->size;

    begin(w, "chosen");
    string(w, "bootargs", guest->cmdline);
    if (guest->has_uart)
        string(w, "stdout-path", uart_path);
    if (ramdisk->size) {
        cells64(w, "linux,initrd-start", &start, 1);
        cells64(w, "linux,initrd-end", &stop, 1);
    }
    if (guest->rng_seed)
        bytes(w, "rng-seed", guest->rng_seed, GUEST_FDT_SEED_BYTES);
    end(w);
}

uint64_t guest_fdt_mpidr(unsigned vcpu)
{
    return (vcpu & 0xf) | (uint64_t)(vcpu >> 4 & 0xff) << 8;
}

static void write_cpus(struct writer *w, const struct guest_fdt *guest)
{
    begin(w, "cpus");
    cell(w, "#address-cells", 1);
    cell(w, "#size-cells", 0);
    for (unsigned i = 0; i < guest->vcpus; i++) {
        uint64_t mpidr = guest_fdt_mpidr(i);
        char name[24];

        snprintf(name, sizeof(name), "cpu@%llx", (unsigned long long)mpidr);
        begin(w, name);
        string(w, "device_type", "cpu");
        string(w, "compatible", "arm,armv8");
        string(w, "enable-method", "psci");
        cell(w, "reg", (uint32_t)mpidr);
        end(w);
    }
    end(w);
}

static void write_psci(struct writer *w)
{
    static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2\0arm,psci";

    begin(w, "psci");
    bytes(w, "compatible", compatible, sizeof(compatible));
    string(w, "method", "hvc");
    cell(w, "cpu_off", 1);
    cell(w, "cpu_on", 2);
    end(w);
}

static void write_memory(struct writer *w, const struct guest_map_range *bank)
{
    uint64_t reg[2] = {bank->base, bank->size};
    char name[32];

    if (bank->size == 0)
        return;
    snprintf(name, sizeof(name), "memory@%llx", (unsigned long long)bank->base);
    begin(w, name);
    string(w, "device_type", "memory");
    cells64(w, "reg", reg, 2);
    end(w);
}

static void write_gic(struct writer *w, unsigned version)
{
    static const char v2[] = "arm,cortex-a15-gic\0arm,cortex-a9-gic";
    static const char v3[] = "arm,gic-v3";
    static const uint64_t reg_v2[] = {GUEST_MAP_GICD_BASE, GUEST_MAP_GICD_SIZE,
                                      GUEST_MAP_GICC_BASE, GUEST_MAP_GICC_SIZE};
    static const uint64_t reg_v3[] = {GUEST_MAP_GICD_BASE, GUEST_MAP_GICV3_GICD_SIZE,
                                      GUEST_MAP_GICR_BASE, GUEST_MAP_GICR_SIZE};
    char name[40];

    snprintf(name, sizeof(name), "interrupt-controller@%llx", GUEST_MAP_GICD_BASE);
    begin(w, name);
    if (version == 3)
        bytes(w, "compatible", v3, sizeof(v3));
    else
        bytes(w, "compatible", v2, sizeof(v2));
    cell(w, "#interrupt-cells", 3);
    cell(w, "#address-cells", 0);
    bytes(w, "interrupt-controller", NULL, 0);
    cells64(w, "reg", version == 3 ? reg_v3 : reg_v2, 4);
    cell(w, "linux,phandle", PHANDLE_GIC);
    cell(w, "phandle", PHANDLE_GIC);
    end(w);
}

static void write_timer(struct writer *w, uint32_t frequency)
{
    static const uint32_t irqs[] = {PPI_TIMER_SECURE, PPI_TIMER_PHYS, PPI_TIMER_VIRT};

    begin(w, "timer");
    string(w, "compatible", "arm,armv8-timer");
    ppis(w, irqs, 3);
    if (frequency)
        cell(w, "clock-frequency", frequency);
    end(w);
}

static void write_pmu(struct writer *w)
{
    static const uint32_t irq = PPI_PMU;

    begin(w, "pmu");
    string(w, "compatible", "arm,armv8-pmuv3");
    ppis(w, &irq, 1);
    end(w);
}

static void write_hypervisor(struct writer *w, const struct guest_fdt *guest)
{
    static const uint32_t irq = PPI_EVENT_CHANNEL;
    struct guest_map_range ranges[2];
    unsigned count = guest_map_free_ranges(guest->map, guest->address_bits, ranges);
    uint64_t reg[6] = {GUEST_MAP_GRANT_BASE, GUEST_MAP_GRANT_SIZE};
    char compatible[64];
    int length;

    for (unsigned i = 0; i < count; i++) {
        reg[2 + 2 * i] = ranges[i].base;
        reg[3 + 2 * i] = ranges[i].size;
    }
    length = snprintf(compatible, sizeof(compatible), "xen,xen-%u.%u", guest->version_major,
                      guest->version_minor);
    memcpy(compatible + length + 1, "xen,xen", sizeof("xen,xen"));
    begin(w, "hypervisor");
    bytes(w, "compatible", compatible, (size_t)length + 1 + sizeof("xen,xen"));
    cells64(w, "reg", reg, 2 + 2 * count);
    ppis(w, &irq, 1);
    end(w);
}

/* A PL011 also for who does not know the other name, U-Boot for one. */
static void write_uart(struct writer *w)
{
    static const char compatible[] = "arm,sbsa-uart\0arm,pl011";
    static const uint64_t reg[] = {GUEST_MAP_UART_BASE, GUEST_MAP_UART_SIZE};
    const fdt32_t irq[] = {cpu_to_fdt32(GIC_SPI), cpu_to_fdt32(GUEST_FDT_UART_SPI - 32),
                           cpu_to_fdt32(0xf00 | IRQ_LEVEL_HIGH)};

    begin(w, uart_path + 1);
    bytes(w, "compatible", compatible, sizeof(compatible));
    cells64(w, "reg", reg, 2);
    bytes(w, "interrupts", irq, sizeof(irq));
    cell(w, "interrupt-parent", PHANDLE_GIC);
    cell(w, "current-speed", 115200); /* Linux wants one; there is no line */
    end(w);
}

static int write_tree(const struct guest_fdt *guest, void *blob, size_t size)
{
    struct writer w = {.blob = blob};

    /* Looking for each name among those that are there takes longer than all the rest. */
    w.status = fdt_create_with_flags(blob, (int)size, FDT_CREATE_FLAG_NO_NAME_DEDUP);
    if (w.status == 0)
        w.status = fdt_finish_reservemap(blob);
    begin(&w, "");
    write_root(&w, guest);
    write_chosen(&w, guest);
    write_cpus(&w, guest);
    write_psci(&w);
    write_memory(&w, &guest->map->banks[0]);
    write_memory(&w, &guest->map->banks[1]);
    write_gic(&w, guest->gic);
    write_timer(&w, guest->clock_frequency);
    if (guest->has_pmu)
        write_pmu(&w);
    write_hypervisor(&w, guest);
    if (guest->has_uart)
        write_uart(&w);
    end(&w);
    if (w.status == 0)
        w.status = fdt_finish(blob);
    return w.status;
}

int guest_fdt_build(const struct guest_fdt *guest, void **blob, size_t *size, struct error *err)
{
    int status = -FDT_ERR_NOSPACE;

    *blob = NULL;
    for (size_t room = SIZE_FIRST; room <= SIZE_LIMIT && status == -FDT_ERR_NOSPACE; room *= 2) {
        free(*blob);
        *blob = calloc(1, room);
        if (!*blob)
            return error_set(err, ERROR_FAILED, "no memory for the device tree");
        status = write_tree(guest, *blob, room);
    }
    if (status) {
        free(*blob);
        *blob = NULL;
        return error_set(err, ERROR_FAILED, "cannot build the guest's device tree: %s",
                         fdt_strerror(status));
    }
    *size = fdt_totalsize(*blob);
    return 0;
}
