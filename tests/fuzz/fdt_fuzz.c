/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Damaged device trees and kernel images at boot: what is read of them, and Dom0's tree made of
 * them. The boot loader is trusted, but what it loaded may be broken.
 */
#include <stdlib.h>

#include "boot/dom0_devices.h"
#include "boot/dom0_fdt.h"
#include "boot/dom0_build.h"
#include "boot/options.h"
#include "core/base/hw.h"
#include "tests/fuzz/fuzz.h"

#define OUT_BYTES 0x20000u

static void dom0_make(const struct platform *p, int uart_node)
{
    static const struct platform_range bank = { 0x50000000, 0x10000000 };
    static char out[OUT_BYTES];
    struct dom0_fdt d = {
        .platform = p, .uart_node = uart_node, .bank = &bank, .banks = 1,
        .vcpus = 2, .gicd_bytes = 0x10000,
        .gicc_or_gicr_bytes = p->gic.version == GIC_V2 ? 0x2000 : 0x40000,
        .grant = { 0x40200000, 0x40000 }, .ramdisk = { 0x5f000000, 0x1234 },
        .bootargs = p->dom0_args, .event_irq = 16,
    };
    int bytes = dom0_fdt_build(&d, out, sizeof(out));

    fake_check(bytes <= (int)sizeof(out), "Dom0's tree is %d bytes", bytes);
}

static void tree_read(const void *fdt)
{
    static struct platform p;
    struct platform_range windows[16];
    struct platform_uart uart;
    struct options options;
    unsigned count = 0;

    platform_read(fdt, &p);
    fake_check(p.banks <= PLATFORM_BANKS_MAX && p.cpus <= NR_CPUS_MAX &&
               p.reserveds <= PLATFORM_RESERVED_MAX, "more than there is room for");
    for (unsigned i = 1; i < p.banks; i++)
        fake_check(p.bank[i].base >= p.bank[i - 1].base + p.bank[i - 1].bytes, "banks overlap");
    options_parse(p.args, &options);
    if (platform_uart(&p, options.uart_path[0] ? options.uart_path : NULL, &uart))
        uart.node = -1;
    dom0_devices_windows(&p, uart.node, windows, &count, ARRAY_SIZE(windows));
    fake_check(count <= ARRAY_SIZE(windows), "%u windows", count);
    dom0_make(&p, uart.node);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Of its own length, so that the sanitizer sees what reads beyond; aligned as boot has it. */
    void *copy = aligned_alloc(8, ALIGN_UP(size + 1, 8ul));
    struct dom0_image image;

    memcpy(copy, data, size);
    dom0_image_read(copy, size, &image);
    if (size >= FDT_V17_SIZE && fdt_totalsize(copy) <= size && fdt_util_is_sound(copy, size))
        tree_read(copy);
    free(copy);
    return 0;
}
