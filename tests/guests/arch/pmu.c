/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The performance monitors (DDI 0487, PMUv3): the cycle counter, event counters, filters, and the
 * overflow interrupt, which is PPI 23.
 */
#include "tests/guests/arch/arch.h"

#define PPI 23u
#define CYCLES BIT(31)
#define EVENT_SOFTWARE_INCREMENT 0ul

static volatile unsigned overflows;
static volatile uint64_t overflow_flags;

static void spin(void)
{
    for (volatile unsigned i = 0; i < 20000; i++)
        ;
}

static void overflowed(void)
{
    uint32_t iar = gic_ack();

    if ((iar & 0x3ff) == PPI) {
        overflow_flags = mrs(pmovsclr_el0);
        msr(pmovsclr_el0, overflow_flags);
        isb();
        overflows++;
    }
    gic_end(iar);
}

static void cycle_counter(void)
{
    uint64_t before;

    msr(pmcr_el0, 0x47);        /* long counter, both reset, on */
    msr(pmcntenset_el0, CYCLES);
    isb();
    before = mrs(pmccntr_el0);
    spin();
    check("cycles pass", mrs(pmccntr_el0) > before, 1);
    msr(pmcntenclr_el0, CYCLES);
    isb();
    before = mrs(pmccntr_el0);
    spin();
    check("cycles stop", mrs(pmccntr_el0), before);
    msr(pmccfiltr_el0, BIT(31)); /* not at EL1 */
    msr(pmcntenset_el0, CYCLES);
    isb();
    before = mrs(pmccntr_el0);
    spin();
    check("cycles of EL1 filtered", mrs(pmccntr_el0), before);
    msr(pmccfiltr_el0, 0);
}

static void event_counters(void)
{
    check("PMCR.N is not 0", (mrs(pmcr_el0) >> 11 & 31) > 0, 1);
    msr(pmselr_el0, 0);
    isb();
    msr(pmxevtyper_el0, EVENT_SOFTWARE_INCREMENT);
    msr(pmcntenset_el0, 1);
    isb();
    msr(pmswinc_el0, 1);
    msr(pmswinc_el0, 1);
    isb();
    check("an event counter counts", mrs(pmevcntr0_el0), 2);
    check("PMXEVCNTR is the same", mrs(pmxevcntr_el0), 2);
    msr(pmevcntr0_el0, 0xffffffff);
    msr(pmswinc_el0, 1);
    isb();
    check("an event counter overflows", mrs(pmovsclr_el0) & 1, 1);
    msr(pmovsclr_el0, 1);
    check("PMOVSCLR", mrs(pmovsclr_el0) & 1, 0);
}

static void interrupt(void)
{
    on_irq = overflowed;
    gic_ppi_enable(PPI, true);
    msr(pmintenset_el1, CYCLES);
    msr(pmccntr_el0, ~0ul - 20000);
    __asm__ volatile("msr daifclr, #2" : : : "memory");
    wait_for(&overflows);
    check("the overflow interrupts", overflows, 1);
    check("it says what", overflow_flags, CYCLES);
    overflows = 0;
    msr(pmccntr_el0, ~0ul - 20000);
    wait_for(&overflows);
    check("and again", overflows, 1);
    __asm__ volatile("msr daifset, #2" : : : "memory");
    msr(pmintenclr_el1, CYCLES);
    gic_ppi_enable(PPI, false);
}

static volatile uint64_t second_count, second_enabled;

static void other_vcpu(void)
{
    second_count = mrs(pmccntr_el0);
    second_enabled = mrs(pmcntenset_el0);
    msr(pmccntr_el0, 7);
}

void pmu_checks(void)
{
    if (!(mrs(id_aa64dfr0_el1) >> 8 & 15)) {
        print("arch: no performance monitors\r\n");
        return;
    }
    cycle_counter();
    event_counters();
    interrupt();
    on_second(other_vcpu);
    check("another vCPU's cycle counter", second_count, 0);
    check("another vCPU's PMCNTENSET", second_enabled, 0);
    check("this vCPU's cycle counter", mrs(pmccntr_el0) != 7, 1);
    msr(pmcr_el0, 0);
}
