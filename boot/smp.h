/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bringing up the other CPUs, by the firmware's PSCI or a spin table.
 */
#ifndef BOOT_SMP_H
#define BOOT_SMP_H

#include "boot/platform.h"

/* The offsets of root and percpu are known to start.S (boot/el2_regs.h). */
struct smp_start {
    uint64_t root;    /* TTBR0_EL2 */
    uint64_t percpu;  /* TPIDR_EL2 of the CPU that is called; others that come here wait */
    uint64_t midr;    /* MIDR_EL1 of the boot CPU; one of another kind is left out */
};

/* Starts all CPUs of the device tree but this one. A CPU that does not come is left out, with
 * a message. */
void smp_start_all(const struct platform *p);
/* From start.S, on the new CPU's stack. */
_Noreturn void smp_secondary_main(void);
/* What each CPU sets up of GIC, timers and scheduler; 0 or -errno. */
int smp_cpu_init(void);

#endif
