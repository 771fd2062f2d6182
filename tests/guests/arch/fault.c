/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Faults that the hypervisor makes: syndrome, addresses, PSTATE and vector, as the architecture
 * takes them (DDI 0487, ESR_ELx, AArch64.TakeException).
 */
#include "tests/guests/arch/arch.h"

#define EC(esr) ((esr) >> 26)

/* MRS of an implementation-defined register: traps to EL2 (HCR_EL2.TIDCP), is undefined here. */
__asm__(".balign 4096\n"
        "user_page:\n"
        "undefined_64: mrs x3, s3_1_c15_c3_7\n"
        "load_64: ldr x3, [x4]\n"
        "undefined_32: .inst 0xee1f3f10\n"      /* mrc p15, 0, r3, c15, c0, 0 */
        "load_32: .inst 0xe5943000\n"           /* ldr r3, [r4] */
        "smc_64: smc #1\n"
        "pair: ldp x3, x5, [x4]\n"
        "store: str x3, [x4, #8]\n"
        "post: ldr x3, [x4], #8\n");
extern char undefined_64[], load_64[], undefined_32[], load_32[], smc_64[], pair[], store[], post[];

static const void *user(const char *pc) { return pc + USER_RAM; }

/* As below(), x4 or r4 set. */
static void below_with(const void *pc, uint64_t spsr, uint64_t x4)
{
    argument = x4;
    below(pc, spsr);
}

static void vectors_and_syndromes(void)
{
    below(undefined_64, SPSR_EL1H | BIT(31) | BIT(29));
    check("undefined at EL1: vector", caught.vector, 4);
    check("undefined at EL1: ESR", caught.esr, BIT(25));
    check("undefined at EL1: ELR", caught.elr, (uint64_t)undefined_64);
    check("undefined at EL1: SPSR", caught.spsr, SPSR_EL1H | BIT(31) | BIT(29));
    check("undefined at EL1: DAIF, SPSel, EL", caught.pstate, 0x3c0 | 4 | 4);
    below(undefined_64, SPSR_EL1H & ~0x3c0ul);
    check("undefined, unmasked: SPSR", caught.spsr, SPSR_EL1H & ~0x3c0ul);
    check("undefined, unmasked: DAIF", caught.pstate & 0x3c0, 0x3c0);
    below(user(undefined_64), SPSR_EL0 | BIT(30));
    check("undefined at EL0: vector", caught.vector, 8);
    check("undefined at EL0: SPSR", caught.spsr, SPSR_EL0 | BIT(30));
    below(user(undefined_32), SPSR_EL0_32);
    check("undefined at 32-bit EL0: vector", caught.vector, 12);
    check("undefined at 32-bit EL0: ESR", caught.esr, BIT(25));
    check("undefined at 32-bit EL0: ELR", caught.elr, (uint64_t)user(undefined_32));
    check("undefined at 32-bit EL0: SPSR", caught.spsr & 0x1f, 0x10);
    below(smc_64, SPSR_EL1H);
    check("SMC #1: ESR", caught.esr, BIT(25));
    check("SMC #1: ELR", caught.elr, (uint64_t)smc_64);
}

/* From SP_EL0 at EL1: the handler runs on the other stack pointer. */
static void stack_pointers(void)
{
    below(undefined_64, SPSR_EL1T);
    check("undefined at EL1t: vector", caught.vector, 0);
    check("undefined at EL1t: SPSR", caught.spsr, SPSR_EL1T);
    check("undefined at EL1t: SPSel", caught.pstate >> 2 & 1, 1);
}

static void aborts(void)
{
    const uint64_t el1 = 0x25ul << 26 | BIT(25) | 0x10, el0 = 0x24ul << 26 | BIT(25) | 0x10;

    below_with(load_64, SPSR_EL1H, NOTHING + 0x124);
    check("load of nothing: ESR", caught.esr, el1);
    check("load of nothing: FAR", caught.far, NOTHING + 0x124);
    check("load of nothing: ELR", caught.elr, (uint64_t)load_64);
    below_with(store, SPSR_EL1H, NOTHING);
    check("store to nothing: ESR", caught.esr, el1 | BIT(6));
    check("store to nothing: FAR", caught.far, NOTHING + 8);
    below_with(pair, SPSR_EL1H, NOTHING);
    check("pair from nothing: ESR", caught.esr, el1);
    below_with(post, SPSR_EL1H, NOTHING);
    check("post-indexed load of nothing: ESR", caught.esr, el1);
    below_with(pair, SPSR_EL1H, GICD);
    check("pair from the GIC: ESR", caught.esr, el1);
    check("pair from the GIC: FAR", caught.far, GICD);
    below_with(user(load_64), SPSR_EL0, USER_DEVICE + NOTHING);
    check("load of nothing at EL0: ESR", caught.esr, el0);
    check("load of nothing at EL0: vector", caught.vector, 8);
    below_with(user(load_32), SPSR_EL0_32, USER_DEVICE + NOTHING + 4);
    check("load of nothing at 32-bit EL0: ESR", caught.esr, el0);
    check("load of nothing at 32-bit EL0: FAR", caught.far, USER_DEVICE + NOTHING + 4);
    check("load of nothing at 32-bit EL0: vector", caught.vector, 12);
    below_with(load_64, SPSR_EL1H, LOST_TABLE);
    check("walk into nothing: ESR", caught.esr, el1 | 0x16);
    check("walk into nothing: FAR", caught.far, LOST_TABLE);
    below((void *)LOST_TABLE, SPSR_EL1H);
    check("fetch, walk into nothing: ESR", caught.esr, 0x21ul << 26 | BIT(25) | 0x16);
}

void fault_checks(void)
{
    vectors_and_syndromes();
    stack_pointers();
    aborts();
}
