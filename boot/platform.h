/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts from the host's device tree: RAM, CPUs, GIC, timer, firmware, console, and what the boot
 * loader left in /chosen. Read once at boot; strings point into the tree.
 */
#ifndef BOOT_PLATFORM_H
#define BOOT_PLATFORM_H

#include "boot/fdt_util.h"
#include "drivers/power.h"
#include "drivers/uart.h"
#include "irq/gic.h"

#define PLATFORM_BANKS_MAX 16u
#define PLATFORM_RESERVED_MAX 48u

struct platform_range { uint64_t base, bytes; };

struct platform_module {
    uint64_t base, bytes;  /* bytes 0: there is none */
    const char *bootargs;  /* or NULL */
};

#define PLATFORM_DOMAINS_MAX 8u

/* A domain that is described in the tree (Xen's docs/misc/arm/device-tree/booting.txt). */
struct platform_domain {
    const char *name;      /* of its node in /chosen */
    uint64_t memory_bytes;
    unsigned cpus, spis;
    bool has_uart;         /* vpl011 */
    bool has_pmu;          /* vpmu */
    bool is_enhanced;      /* xen,enhanced: it has grants and event channels, and knows of Xen */
    struct platform_module kernel, ramdisk;
};

enum platform_cpu_start { PLATFORM_CPU_NONE, PLATFORM_CPU_PSCI, PLATFORM_CPU_SPIN };

struct platform_cpu {
    uint64_t mpidr;
    enum platform_cpu_start start;
    uint64_t release_address;  /* spin table */
    const char *compatible;    /* or NULL */
};

struct platform_uart {
    int node;                  /* -1: none found */
    const struct uart_driver *driver;
    struct uart_config config;
};

struct platform {
    const void *fdt;
    const char *model;         /* never NULL */
    const char *args;          /* the hypervisor's own, never NULL */
    const char *dom0_args;     /* never NULL */

    /* RAM, ascending, without no-map regions, whole 2 MiB blocks. */
    struct platform_range bank[PLATFORM_BANKS_MAX];
    unsigned banks;
    /* Parts of it that are somebody's: /memreserve/, /reserved-memory. */
    struct platform_range reserved[PLATFORM_RESERVED_MAX];
    unsigned reserveds;

    struct platform_cpu cpu[NR_CPUS_MAX];
    unsigned cpus;

    int gic_node;              /* -1: none */
    uint32_t gic_phandle;
    struct gic_config gic;

    int timer_node;            /* -1: none */
    uint32_t timer_frequency_hz; /* 0: CNTFRQ_EL0 counts */
    unsigned timer_virtual_irq, timer_hyp_irq; /* PPIs */
    unsigned pmu_irq;          /* PPI of the performance monitors; 0: not known */
    bool has_psci;
    bool psci_by_hvc;          /* nobody serves that at EL2 */
    struct power_reg off, reset; /* the board's own; not mapped yet */

    struct platform_module kernel, ramdisk; /* Dom0's */
    struct platform_domain domain[PLATFORM_DOMAINS_MAX]; /* whose nodes are sound */
    unsigned domains;
};

/* Nodes of performance monitors. */
extern const char *const platform_pmu_compatibles[];

/* Reads everything but the console, of a tree that is sound by fdt_util_is_sound(). What is missing
 * stays empty; the caller says what it needs. */
void platform_read(const void *fdt, struct platform *p);
/* /chosen's arguments for the hypervisor and for Dom0, by the rules of Xen's
 * docs/misc/arm/device-tree/booting.txt, "Command lines". Part of platform_read(). */
void platform_read_args(const void *fdt, struct platform *p);
/* The console's UART: `path` is a path or alias (an option ":115200n8" is cut off); NULL:
 * /chosen/stdout-path. 0, -ENOENT: no such node, -ENODEV: no driver knows it, -EINVAL: no reg; its
 * node is -1 then. */
int platform_uart(const struct platform *p, const char *path, struct platform_uart *uart);

#endif
