/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The device tree of a guest: what xen/arch-arm.h promises, in the bindings that Linux documents
 * (arm/xen.txt, arm/psci.yaml, interrupt-controller/arm,gic*.yaml, timer/arm,arch_timer.yaml,
 * arm/pmu.yaml).
 */
#ifndef DOM0_GUEST_FDT_H
#define DOM0_GUEST_FDT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dom0/error.h"
#include "dom0/guest_map.h"

#define GUEST_FDT_SEED_BYTES 32
#define GUEST_FDT_UART_SPI 32 /* INTID; GUEST_VPL011_SPI of xen/arch-arm.h */

struct guest_fdt {
    const struct guest_map *map;
    unsigned vcpus;
    unsigned gic;             /* 2 or 3: architecture version of the virtual GIC */
    bool has_pmu;             /* performance monitors */
    uint32_t clock_frequency; /* Hz, or 0: CNTFRQ is right */
    unsigned address_bits;    /* guest physical address width */
    const char *cmdline;
    bool has_uart;
    unsigned version_major; /* of the hypervisor's interface, for /hypervisor */
    unsigned version_minor;
    /* GUEST_FDT_SEED_BYTES for the guest's random numbers (/chosen/rng-seed), or NULL: without
     * them Linux has none for its first minutes, and collects them at each system call. */
    const uint8_t *rng_seed;
};

/* Builds the tree; *blob is heap memory of *size bytes. Its size does not depend on the addresses
 * in the map, so that a first build can tell how much room the tree needs. */
int guest_fdt_build(const struct guest_fdt *guest, void **blob, size_t *size, struct error *err);

/* MPIDR affinity bits of a vCPU: 16 to a cluster. */
uint64_t guest_fdt_mpidr(unsigned vcpu);

#endif
