/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Self-hosted debug: breakpoints, watchpoints, single step, the OS lock (DDI 0487, AArch64
 * Self-hosted Debug). What is debugged runs at EL1 with debug exceptions of EL1 on.
 */
#include "tests/guests/arch/arch.h"

#define KDE BIT(13)
#define MDE BIT(15)
#define STEP BIT(0)
#define SPSR_EL1H_DEBUG (SPSR_EL1H & ~BIT(9))
#define PSTATE_SS BIT(21)
#define EC(esr) ((esr) >> 26)
enum { EC_BREAK = 0x31, EC_BREAK_LOW = 0x30, EC_STEP = 0x33, EC_WATCH = 0x35, EC_BRK = 0x3c };
#define BCR_EL1 0x1e3ul         /* all bytes, EL1, on */
#define BCR_EL0 0x1e5ul
#define WCR_STORE 0x1ff3ul      /* eight bytes, stores, EL1, on */

static uint64_t watched[2] __attribute__((aligned(16)));

__asm__("steps: mov x3, #1\n"
        "step_1: mrs x3, id_aa64pfr0_el1\n"     /* traps: must be one step too */
        "step_2: mov x3, #3\n"
        "to_watch: ldr x3, [x4]\n"
        "watch_store: str x3, [x4]\n"
        "stop: brk #7\n");
extern char steps[], step_1[], step_2[], to_watch[], watch_store[], stop[];

static void registers(void)
{
    uint64_t dfr0 = mrs(id_aa64dfr0_el1);

    check("ID_AA64DFR0: debug", (dfr0 & 15) >= 6, 1);
    check("OSLSR at reset: locked", mrs(oslsr_el1), 0xa);
    argument = (uint64_t)watched;
    msr(mdscr_el1, MDE | KDE);
    msr(dbgbvr0_el1, steps);
    msr(dbgbcr0_el1, BCR_EL1);
    isb();
    below(steps, SPSR_EL1H_DEBUG);
    check("OS lock holds breakpoints off", EC(caught.esr), EC_BRK);
    msr(oslar_el1, 0);
    isb();
    check("OSLSR unlocked", mrs(oslsr_el1), 8);
    check("MDSCR as written", mrs(mdscr_el1), MDE | KDE);
    check("DBGBVR as written", mrs(dbgbvr0_el1), (uint64_t)steps);
    check("DBGBCR as written", mrs(dbgbcr0_el1), BCR_EL1);
    check("DBGBVR5", mrs(dbgbvr5_el1), 0);
}

static void breakpoints(void)
{
    below(steps, SPSR_EL1H_DEBUG);
    check("breakpoint: class", EC(caught.esr), EC_BREAK);
    check("breakpoint: ISS", caught.esr & 0x1ffffff, 0x22);
    check("breakpoint: ELR", caught.elr, (uint64_t)steps);
    msr(dbgbvr0_el1, steps + USER_RAM);
    msr(dbgbcr0_el1, BCR_EL0);
    isb();
    below(steps + USER_RAM, SPSR_EL0);
    check("breakpoint at EL0: class", EC(caught.esr), EC_BREAK_LOW);
    msr(dbgbcr0_el1, 0);
    msr(dbgbvr3_el1, step_2);
    msr(dbgbcr3_el1, BCR_EL1);
    isb();
    below(steps, SPSR_EL1H_DEBUG);
    check("the fourth breakpoint: ELR", caught.elr, (uint64_t)step_2);
    msr(dbgbcr3_el1, 0);
    isb();
    below(steps, SPSR_EL1H_DEBUG);
    check("no breakpoint: BRK", caught.esr, (uint64_t)EC_BRK << 26 | BIT(25) | 7);
    check("no breakpoint: ELR", caught.elr, (uint64_t)stop);
}

static void watchpoints(void)
{
    msr(dbgwvr0_el1, watched);
    msr(dbgwcr0_el1, WCR_STORE);
    isb();
    below(to_watch, SPSR_EL1H_DEBUG);
    check("watchpoint: class", EC(caught.esr), EC_WATCH);
    check("watchpoint: ISS", caught.esr & 0x7f, 0x62);
    check("watchpoint: FAR", caught.far, (uint64_t)watched);
    check("watchpoint: ELR, not the load", caught.elr, (uint64_t)watch_store);
    msr(dbgwcr0_el1, 0);
    msr(dbgwvr3_el1, watched);
    msr(dbgwcr3_el1, (WCR_STORE & ~BIT(4)) | BIT(3));
    isb();
    below(to_watch, SPSR_EL1H_DEBUG);
    check("the fourth watchpoint, loads: ELR", caught.elr, (uint64_t)to_watch);
    msr(dbgwcr3_el1, 0);
    isb();
    below(to_watch, SPSR_EL1H_DEBUG);
    check("no watchpoint: BRK", EC(caught.esr), EC_BRK);
}

static void single_step(void)
{
    msr(mdscr_el1, MDE | KDE | STEP);
    isb();
    below(steps, SPSR_EL1H_DEBUG | PSTATE_SS);
    check("step: class", EC(caught.esr), EC_STEP);
    check("step: ISS", caught.esr & 0x3f, 0x22);
    check("step: ELR", caught.elr, (uint64_t)step_1);
    below(step_1, SPSR_EL1H_DEBUG | PSTATE_SS);
    check("step of what is emulated: class", EC(caught.esr), EC_STEP);
    check("step of what is emulated: ELR", caught.elr, (uint64_t)step_2);
    msr(mdscr_el1, MDE | KDE);
    isb();
}

static volatile uint64_t second_mdscr, second_bcr;

static void other_vcpu(void)
{
    second_mdscr = mrs(mdscr_el1);
    second_bcr = mrs(dbgbcr0_el1);
    msr(oslar_el1, 0);
    msr(dbgbcr0_el1, BCR_EL0);
}

void debug_checks(void)
{
    registers();
    breakpoints();
    watchpoints();
    single_step();
    msr(dbgbcr0_el1, BCR_EL1);
    on_second(other_vcpu);
    check("another vCPU's MDSCR", second_mdscr, 0);
    check("another vCPU's DBGBCR0", second_bcr, 0);
    check("this vCPU's DBGBCR0", mrs(dbgbcr0_el1), BCR_EL1);
    msr(dbgbcr0_el1, 0);
    msr(mdscr_el1, 0);
}
