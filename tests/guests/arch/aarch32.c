/* SPDX-License-Identifier: BSD-2-Clause
 *
 * 32-bit programs at EL0: what of the timer, of debug and of the performance monitors EL1 lets them
 * reach, and what not; conditions and IT blocks (DDI 0487, AArch32 System registers). Pieces of A32
 * code end with SVC.
 */
#include "tests/guests/arch/arch.h"

#define EC(esr) ((esr) >> 26)
enum { EC_MCR15 = 3, EC_MCRR15 = 4, EC_SVC32 = 0x11, EC_SVC64 = 0x15 };
#define EL0PTEN BIT(9)
#define EL0PCTEN BIT(0)
#define Z BIT(30)
#define THUMB BIT(5)
#define NOTHING_READ 0xdeadul       /* r4 before */

__asm__(".macro a32_mrc cond, cp, rt, crn, crm, opc2\n"
        ".inst \\cond << 28 | 0x0e100010 | \\crn << 16 | \\rt << 12 | \\cp << 8 | \\opc2 << 5 |"
        " \\crm\n"
        ".endm\n"
        ".macro a32_mcr cp, rt, crn, crm, opc2\n"
        ".inst 0xee000010 | \\crn << 16 | \\rt << 12 | \\cp << 8 | \\opc2 << 5 | \\crm\n"
        ".endm\n"
        ".macro a32_mrrc cp, opc1, rt, rt2, crm\n"
        ".inst 0xec500000 | \\rt2 << 16 | \\rt << 12 | \\cp << 8 | \\opc1 << 4 | \\crm\n"
        ".endm\n"
        ".macro a32_mcrr cp, opc1, rt, rt2, crm\n"
        ".inst 0xec400000 | \\rt2 << 16 | \\rt << 12 | \\cp << 8 | \\opc1 << 4 | \\crm\n"
        ".endm\n"
        ".macro a32_svc\n"
        ".inst 0xef000000\n"
        ".endm\n"
        ".balign 4\n"
        "cntpct: a32_mrrc 15, 0, 0, 1, 14\n a32_svc\n"
        "cntp_cval: a32_mcrr 15, 2, 4, 5, 14\n a32_mrrc 15, 2, 0, 1, 14\n a32_svc\n"
        "cntp_ctl: a32_mcr 15, 4, 14, 2, 1\n a32_mrc 14, 15, 0, 14, 2, 1\n a32_svc\n"
        "cntp_tval: a32_mcr 15, 4, 14, 2, 0\n a32_mrc 14, 15, 0, 14, 2, 0\n a32_svc\n"
        "cntp_ctl_eq: a32_mrc 0, 15, 4, 14, 2, 1\n a32_svc\n"
        "it_block: .2byte 0xbf0c, 0xee1e, 0x4f32\n" /* ITE EQ; MRC r4, CNTP_CTL */
        " .2byte 0x2001, 0xdf00\n .balign 4\n"      /* MOV r0, #1; SVC #0 */
        "cntpct_64: mrs x0, cntpct_el0\n svc #0\n"
        "dbgdidr: a32_mrc 14, 14, 0, 0, 0, 0\n a32_svc\n"
        "dbgdrar: a32_mrc 14, 14, 0, 1, 0, 0\n a32_svc\n"
        "dbgdrar_64: a32_mrrc 14, 0, 0, 1, 1\n a32_svc\n"
        "dbgdsar_64: a32_mrrc 14, 0, 0, 1, 2\n a32_svc\n"
        "dbgbvr: a32_mrc 14, 14, 0, 0, 0, 4\n a32_svc\n"
        "pmccntr: a32_mrc 14, 15, 0, 9, 13, 0\n a32_svc\n");
extern char cntpct[], cntpct_64[], cntp_cval[], cntp_ctl[], cntp_tval[], cntp_ctl_eq[],
    it_block[], dbgdidr[], dbgdrar[], dbgdrar_64[], dbgdsar_64[], dbgbvr[], pmccntr[];

/* Runs a piece with r4 set; the class of the exception that ended it. */
static uint64_t run(const char *pc, uint64_t spsr, uint64_t r4)
{
    argument = r4;
    below(pc + USER_RAM, SPSR_EL0_32 | spsr);
    return EC(caught.esr);
}

static void timer(void)
{
    uint64_t before;

    msr(cntkctl_el1, 0);
    check("32-bit CNTP_CTL, not let: class", run(cntp_ctl, 0, 0), EC_MCR15);
    check("32-bit CNTP_CTL, not let: ISS", caught.esr & 0x1ffffff, 0x1e00000 | 1 << 17 | 14 << 10 |
                                                                  4 << 5 | 2 << 1);
    check("32-bit CNTP_CTL, not let: vector", caught.vector, 12);
    check("32-bit CNTP_CVAL, not let: class", run(cntp_cval, 0, 0), EC_MCRR15);
    check("32-bit CNTPCT, not let: class", run(cntpct, 0, 0), EC_MCRR15);
    msr(cntkctl_el1, EL0PTEN | EL0PCTEN);
    isb();
    before = mrs(cntpct_el0);
    check("32-bit CNTPCT: class", run(cntpct, 0, 0), EC_SVC32);
    check("32-bit CNTPCT counts", (caught.x[1] << 32 | caught.x[0]) - before < mrs(cntfrq_el0), 1);
    below(cntpct_64 + USER_RAM, SPSR_EL0);
    check("CNTPCT_EL0 at EL0: class", EC(caught.esr), EC_SVC64);
    check("CNTPCT_EL0 at EL0 counts", caught.x[0] - before < mrs(cntfrq_el0), 1);
    check("32-bit CNTP_CVAL: class", run(cntp_cval, 0, 0x89abcdef), EC_SVC32);
    check("32-bit CNTP_CVAL: low", caught.x[0], 0x89abcdef);
    check("32-bit CNTP_CVAL: high", caught.x[1], caught.x[5]);
    check("32-bit CNTP_CVAL is the 64-bit one", mrs(cntp_cval_el0),
          caught.x[1] << 32 | caught.x[0]);
    check("32-bit CNTP_TVAL: class", run(cntp_tval, 0, 0x40000000), EC_SVC32);
    check("32-bit CNTP_TVAL counts down", 0x40000000 - caught.x[0] < 0x10000000, 1);
    check("32-bit CNTP_CTL: class", run(cntp_ctl, 0, 3), EC_SVC32);
    check("32-bit CNTP_CTL", caught.x[0], 3);
    msr(cntp_cval_el0, 0);
    check("32-bit CNTP_CTL, its time has come: class", run(cntp_ctl, 0, 3), EC_SVC32);
    check("32-bit CNTP_CTL, its time has come", caught.x[0], 7);
}

static void conditions(void)
{
    check("32-bit MRC, EQ holds: class", run(cntp_ctl_eq, Z, NOTHING_READ), EC_SVC32);
    check("32-bit MRC, EQ holds", caught.x[4], 7);
    check("32-bit MRC, EQ fails: class", run(cntp_ctl_eq, 0, NOTHING_READ), EC_SVC32);
    check("32-bit MRC, EQ fails", caught.x[4], NOTHING_READ);
    check("32-bit MRC keeps the flags", caught.spsr, SPSR_EL0_32);
    check("IT block, EQ holds: class", run(it_block, THUMB | Z, NOTHING_READ), EC_SVC32);
    check("IT block, EQ holds: MRC", caught.x[4], 7);
    check("IT block, EQ holds: not MOVNE", caught.x[0] == 1, 0);
    check("IT block, EQ holds: behind it", caught.spsr, SPSR_EL0_32 | THUMB | Z);
    check("IT block, EQ fails: class", run(it_block, THUMB, NOTHING_READ), EC_SVC32);
    check("IT block, EQ fails: not MRC", caught.x[4], NOTHING_READ);
    check("IT block, EQ fails: MOVNE", caught.x[0], 1);
    msr(cntp_ctl_el0, 0);
    msr(cntkctl_el1, 0);
}

/* QEMU (7.2) has neither DBGDSCRint nor DBGDTRRXint at EL0, and MDSCR_EL1.TDCC does nothing. */
static void debug(void)
{
    uint64_t dfr0 = mrs(id_aa64dfr0_el1);

    check("DBGDIDR: class", run(dbgdidr, 0, 0), EC_SVC32);
    check("DBGDIDR", caught.x[0], (dfr0 >> 20 & 15) << 28 | (dfr0 >> 12 & 15) << 24 |
                                  (dfr0 >> 28 & 15) << 20 | (dfr0 & 15) << 16 | 0x8000);
    check("DBGDRAR: class", run(dbgdrar, 0, 0), EC_SVC32);
    check("DBGDRAR", caught.x[0], 0);
    check("DBGDRAR, 64 bits: class", run(dbgdrar_64, 0, 0), EC_SVC32);
    check("DBGDRAR, 64 bits", caught.x[0] | caught.x[1], 0);
    check("DBGDSAR, 64 bits: class", run(dbgdsar_64, 0, 0), EC_SVC32);
    check("DBGDSAR, 64 bits", caught.x[0] | caught.x[1], 0);
    check("DBGBVR0 at EL0: undefined", run(dbgbvr, 0, 0), 0);
}

static void monitors(void)
{
    if (!(mrs(id_aa64dfr0_el1) >> 8 & 15))
        return;
    msr(pmuserenr_el0, 0);
    isb();
    check("32-bit PMCCNTR, not let: class", run(pmccntr, 0, 0), EC_MCR15);
    msr(pmccntr_el0, 1234);
    msr(pmuserenr_el0, 1);
    isb();
    check("32-bit PMCCNTR: class", run(pmccntr, 0, 0), EC_SVC32);
    check("32-bit PMCCNTR", caught.x[0], 1234);
    msr(pmuserenr_el0, 0);
}

void aarch32_checks(void)
{
    timer();
    conditions();
    debug();
    monitors();
}
