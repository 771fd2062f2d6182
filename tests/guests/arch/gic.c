/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The interrupt controller (IHI 0048, IHI 0069): every kind of register, as the guest of either
 * version sees it. PPI 20 is nobody's, as SPI 40 where there are any: their state is only what is
 * written. Runs with interrupts masked; the second vCPU sends and receives.
 */
#include "tests/guests/arch/arch.h"

enum { CTLR = 0, TYPER = 4, IIDR = 8, TYPER2 = 0xc, IGROUPR = 0x80, ISENABLER = 0x100,
       ICENABLER = 0x180, ISPENDR = 0x200, ICPENDR = 0x280, ISACTIVER = 0x300, ICACTIVER = 0x380,
       IPRIORITYR = 0x400, ITARGETSR = 0x800, ICFGR = 0xc00, IGRPMODR = 0xd00, NSACR = 0xe00,
       SGIR = 0xf00, CPENDSGIR = 0xf10, SPENDSGIR = 0xf20 };
enum { GICC_CTLR = 0, GICC_PMR = 4, GICC_IAR = 0xc, GICC_EOIR = 0x10,
       GICC_RPR = 0x14, GICC_DIR = 0x1000 };
#define PPI 20u
#define SPI 40u
#define SPURIOUS 1023u
#define SGI_FRAME 0x10000ul

unsigned gic_version;

/* The frame of this vCPU's private interrupts. */
static uint64_t private_frame(void)
{
    return gic_version == 2 ? GICD : GICR + (mrs(mpidr_el1) & 15) * 0x20000 + SGI_FRAME;
}

void gic_start(void)
{
    wr32(GICD + CTLR, 3);
    if (gic_version == 2) {
        wr32(GICC + GICC_PMR, 0xff);
        wr32(GICC + GICC_CTLR, 3);
        return;
    }
    msr(S3_0_C4_C6_0, 0xf8);    /* ICC_PMR_EL1 */
    msr(S3_0_C12_C12_7, 1);     /* ICC_IGRPEN1_EL1 */
    isb();
    wr32(private_frame() + ISENABLER, 0xffff);
}

uint32_t gic_ack(void)
{
    uint64_t iar = gic_version == 2 ? rd32(GICC + GICC_IAR) : mrs(S3_0_C12_C12_0);

    dsb();
    return (uint32_t)iar;
}

void gic_end(uint32_t iar)
{
    if ((iar & 0x3ff) == SPURIOUS)
        return;
    if (gic_version == 2)
        wr32(GICC + GICC_EOIR, iar);
    else
        msr(S3_0_C12_C12_1, iar);
    isb();
}

void gic_ppi_enable(unsigned intid, bool on)
{
    wr32(private_frame() + (on ? ISENABLER : ICENABLER), 1u << intid);
}

static void identification(void)
{
    static const uint8_t cidr[] = { 0x0d, 0xf0, 0x05, 0xb1 };
    uint64_t pages = gic_version == 2 ? GICD : GICD + 0xf000;

    check("GICD_PIDR2", rd32(pages + 0xfe8), gic_version == 2 ? 0x2b : 0x3b);
    for (unsigned i = 0; i < 4; i++)
        check("GICD_CIDR", rd32(pages + 0xff0 + 4 * i), cidr[i]);
    check("GICD_IIDR: implementer", rd32(GICD + IIDR) & 0xfff, 0x43b);
    check("GICD_TYPER2", rd32(GICD + TYPER2), 0);
    wr32(GICD + TYPER, ~0u);
    check("GICD_TYPER is read-only", !~rd32(GICD + TYPER), 0);
    if (gic_version == 2) {
        check("GICD_TYPER: CPUs", rd32(GICD + TYPER) >> 5 & 7, 1);
        check("GICD_TYPER: security", rd32(GICD + TYPER) >> 10 & 1, 0);
        check("GICD_CTLR", rd32(GICD + CTLR), 3);
        return;
    }
    check("GICD_TYPER: ID bits", rd32(GICD + TYPER) >> 19 & 31, 9);
    check("GICD_TYPER: LPIs, messages", rd32(GICD + TYPER) >> 16 & 3, 0);
    check("GICD_CTLR: DS, ARE, groups", rd32(GICD + CTLR) & 0x7fffffff, 0x53);
    check("GICR_PIDR2", rd32(GICR + 0xffe8), 0x3b);
    check("GICR_TYPER of the first", rd64(GICR + 8), 0);
    check("GICR_TYPER of the last", rd64(GICR + 0x20008), 1ul << 32 | 1 << 8 | 1 << 4);
    check("GICR_TYPER, high half", rd32(GICR + 0x2000c), 1);
    check("GICR_IIDR: implementer", rd32(GICR + 4) & 0xfff, 0x43b);
}

static void reserved(void)
{
    static const uint16_t offsets[] = { 0x10, 0x40, 0xd00, 0xd7c, 0xe00, 0xefc, 0xf40, 0xfcc };

    for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        wr32(GICD + offsets[i], ~0u);
        check("a reserved register of GICD", rd32(GICD + offsets[i]), 0);
    }
    if (gic_version == 2)
        return;
    wr32(GICD + 0x3000, ~0u);
    check("a reserved register of GICD, higher", rd32(GICD + 0x3000), 0);
    check("GICD_ISENABLER0", rd32(GICD + ISENABLER), 0);
    check("GICD_ITARGETSR0", rd32(GICD + ITARGETSR), 0);
    check("a reserved register of GICR", rd32(GICR + 0x40), 0);
    check("GICR_WAKER when awake", rd32(GICR + 0x14), 0);
    wr32(GICR + 0x14, 2);
    check("GICR_WAKER when asleep", rd32(GICR + 0x14), 6);
    wr32(GICR + 0x14, 0);
    check("GICR_WAKER when awake again", rd32(GICR + 0x14), 0);
}

/* Set and clear registers of one interrupt, in its frame. */
static void bits(uint64_t frame, unsigned intid)
{
    uint64_t w = frame + intid / 32 * 4, priority = frame + IPRIORITYR + intid;
    uint32_t bit = 1u << intid % 32, group = rd32(w + IGROUPR);

    wr32(w + ICENABLER, bit);
    check("ISENABLER at first", rd32(w + ISENABLER) & bit, 0);
    wr32(w + ISENABLER, bit);
    wr32(w + ISENABLER, 0);
    check("ISENABLER set", rd32(w + ISENABLER) & bit, bit);
    check("ICENABLER reads the same", rd32(w + ICENABLER) & bit, bit);
    wr32(w + ICENABLER, bit);
    check("ICENABLER cleared", rd32(w + ISENABLER) & bit, 0);
    wr32(w + ISPENDR, bit);
    check("ISPENDR set", rd32(w + ISPENDR) & bit, bit);
    check("ICPENDR reads the same", rd32(w + ICPENDR) & bit, bit);
    wr32(w + ICPENDR, bit);
    check("ICPENDR cleared", rd32(w + ISPENDR) & bit, 0);
    wr32(w + ISACTIVER, bit);
    check("ISACTIVER set", rd32(w + ISACTIVER) & bit, bit);
    check("ICACTIVER reads the same", rd32(w + ICACTIVER) & bit, bit);
    wr32(w + ICACTIVER, bit);
    check("ICACTIVER cleared", rd32(w + ISACTIVER) & bit, 0);
    wr32(priority, 0x30201048);
    check("IPRIORITYR, a word", rd32(priority), 0x30201048);
    wr8(priority + 1, 0xa0);
    check("IPRIORITYR, a byte", rd8(priority + 1), 0xa0);
    check("IPRIORITYR, its neighbours", rd32(priority), 0x3020a048);
    wr32(priority, 0);
    wr32(w + IGROUPR, rd32(w + IGROUPR) & ~bit);
    check("IGROUPR cleared", rd32(w + IGROUPR) & bit, 0);
    wr32(w + IGROUPR, rd32(w + IGROUPR) | bit);
    check("IGROUPR set", rd32(w + IGROUPR) & bit, bit);
    wr32(w + IGROUPR, group);
    check("IGROUPR at reset: group 0 on GICv2", group & bit, gic_version == 2 ? 0 : bit);
}

static void config(void)
{
    check("ICFGR0: SGIs are edges", rd32(private_frame() + ICFGR), 0xaaaaaaaa);
    check("ICFGR1: these PPIs are levels", rd32(private_frame() + ICFGR + 4), 0);
    if (!(rd32(GICD + TYPER) & 31))
        return;
    wr32(GICD + ICFGR + SPI / 16 * 4, 2u << SPI % 16 * 2);
    check("ICFGR edge", rd32(GICD + ICFGR + SPI / 16 * 4), 2u << SPI % 16 * 2);
    wr32(GICD + ICFGR + SPI / 16 * 4, 0);
    check("ICFGR level", rd32(GICD + ICFGR + SPI / 16 * 4), 0);
}

static void routing_v2(void)
{
    wr8(GICD + ITARGETSR + SPI, 0xff);
    check("ITARGETSR, a byte: CPUs that are there", rd8(GICD + ITARGETSR + SPI), 3);
    wr8(GICD + ITARGETSR + SPI, 1);
    check("ITARGETSR, a word", rd32(GICD + ITARGETSR + SPI) & 0xff, 1);
}

static void routing_v3(void)
{
    uint64_t router = GICD + 0x6000 + 8 * SPI;

    wr64(router, 1);
    check("IROUTER", rd64(router), 1);
    wr32(router, 0);
    check("IROUTER, low half", rd64(router), 0);
    wr64(router, BIT(31));
    check("IROUTER.IRM where there is no 1 of N", rd64(router), 0);
    check("IROUTER of a private interrupt", rd64(GICD + 0x6000), 0);
}

/* Pending, then acknowledged, then ended: what the registers say while it is in a list register. */
static void life(uint64_t frame, unsigned intid)
{
    uint64_t w = frame + intid / 32 * 4;
    uint32_t bit = 1u << intid % 32, iar;

    wr32(w + ISENABLER, bit);
    wr32(w + ISPENDR, bit);
    check("delivered: pending", rd32(w + ISPENDR) & bit, bit);
    check("delivered: not active", rd32(w + ISACTIVER) & bit, 0);
    iar = gic_ack();
    check("acknowledged: IAR", iar, intid);
    check("acknowledged: not pending", rd32(w + ISPENDR) & bit, 0);
    check("acknowledged: active", rd32(w + ISACTIVER) & bit, bit);
    wr32(w + ISPENDR, bit);
    check("again: pending", rd32(w + ISPENDR) & bit, bit);
    check("again: active", rd32(w + ISACTIVER) & bit, bit);
    wr32(w + ICPENDR, bit);
    check("again, cleared: not pending", rd32(w + ISPENDR) & bit, 0);
    gic_end(iar);
    check("ended: not active", rd32(w + ISACTIVER) & bit, 0);
    check("ended: spurious", gic_ack(), SPURIOUS);
    wr32(w + ISPENDR, bit);
    wr32(w + ICPENDR, bit);
    check("taken back: spurious", gic_ack(), SPURIOUS);
    wr32(w + ISPENDR, bit);
    wr32(w + ICENABLER, bit);
    check("disabled: spurious", gic_ack(), SPURIOUS);
    check("disabled: still pending", rd32(w + ISPENDR) & bit, bit);
    wr32(w + ICPENDR, bit);
}

/* The physical timer is a level: it goes with its source. */
static void level(void)
{
    uint64_t frame = private_frame();

    gic_ppi_enable(30, true);
    msr(cntp_cval_el0, 0);
    msr(cntp_ctl_el0, 1);
    isb();
    check("level high: pending", rd32(frame + ISPENDR) >> 30 & 1, 1);
    wr32(frame + ICPENDR, BIT(30));
    check("level high: ICPENDR changes nothing", rd32(frame + ISPENDR) >> 30 & 1, 1);
    msr(cntp_ctl_el0, 3);
    isb();
    check("level low: not pending", rd32(frame + ISPENDR) >> 30 & 1, 0);
    check("level low: spurious", gic_ack(), SPURIOUS);
    msr(cntp_ctl_el0, 0);
    gic_ppi_enable(30, false);
}

/* --- SGIs, from the second vCPU ---------------------------------------------------------- */
static void send_5(void)
{
    if (gic_version == 2)
        wr32(GICD + SGIR, 1u << 16 | 5);
    else
        msr(S3_0_C12_C11_5, 5ul << 24 | 1); /* ICC_SGI1R_EL1 */
    isb();
}

static void send_6_to_others(void)
{
    if (gic_version == 2)
        wr32(GICD + SGIR, 1u << 24 | 6);
    else
        msr(S3_0_C12_C11_5, 6ul << 24 | BIT(40));
    isb();
}

static volatile uint32_t seen_iar, seen_pending;

static void see(void)
{
    seen_pending = rd32(private_frame() + ISPENDR);
    seen_iar = gic_ack();
    gic_end(seen_iar);
}

static void sgi_sources(void)
{
    uint32_t iar;

    on_second(send_5);
    check("SPENDSGIR: the sender", rd8(GICD + SPENDSGIR + 5), 2);
    wr32(GICD + SGIR, 2u << 24 | 5); /* self */
    check("SPENDSGIR: both senders", rd8(GICD + SPENDSGIR + 5), 3);
    check("CPENDSGIR reads the same, a word", rd32(GICD + CPENDSGIR + 4), 3u << 8);
    wr8(GICD + CPENDSGIR + 5, 1);
    check("CPENDSGIR: one cleared", rd8(GICD + SPENDSGIR + 5), 2);
    iar = gic_ack();
    check("IAR: SGI and sender", iar, 1u << 10 | 5);
    check("SGI acknowledged: no sender pending", rd8(GICD + SPENDSGIR + 5), 0);
    gic_end(iar);
    wr32(GICD + SPENDSGIR + 4, 3u << 8);
    iar = gic_ack();
    gic_end(iar);
    check("SPENDSGIR set: the first", iar & 0x3ff, 5);
    check("SPENDSGIR set: the second", gic_ack() ^ iar, 1u << 10);
    gic_end(iar ^ 1u << 10);
    wr32(GICD + ISPENDR, 0x20);
    check("ISPENDR does not set SGIs", rd32(GICD + ISPENDR) & 0xffff, 0);
    wr32(GICD + SGIR, 3u << 24 | 5);
    check("GICD_SGIR, reserved filter", rd32(GICD + ISPENDR) & 0xffff, 0);
}

static void sgis(void)
{
    uint32_t iar, sender = gic_version == 2 ? 1u << 10 : 0;

    on_second(send_5);
    check("SGI: pending", rd32(private_frame() + ISPENDR) & 0xffff, 0x20);
    iar = gic_ack();
    check("SGI: IAR", iar, sender | 5);
    gic_end(iar);
    on_second(send_6_to_others);
    iar = gic_ack();
    check("SGI to others, here: IAR", iar, sender | 6);
    gic_end(iar);
    on_second(see);
    check("SGI to others, at the sender: none", seen_iar & 0x3ff, SPURIOUS);
    send_6_to_others();
    on_second(see);
    check("SGI there: pending", seen_pending & 0xffff, 0x40);
    check("SGI there: IAR", seen_iar, 6);
    if (gic_version == 2)
        return;
    msr(S3_0_C12_C11_5, 5ul << 24 | 1ul << 44 | 1); /* range 1: nobody */
    msr(S3_0_C12_C11_5, 5ul << 24 | 1ul << 16 | 1); /* another cluster: nobody */
    isb();
    check("SGI to nobody", gic_ack(), SPURIOUS);
    msr(S3_0_C12_C11_7, 5ul << 24 | 1); /* ICC_SGI0R_EL1: group 0 only */
    isb();
    check("group 0 SGI of a group 1 interrupt", gic_ack(), SPURIOUS);
}

/* --- EOImode 1: priority drop and deactivation apart -------------------------------------- */

static volatile uint32_t to_deactivate;

static void deactivate(void)
{
    if (gic_version == 2)
        wr32(GICC + GICC_DIR, to_deactivate);
    else
        msr(S3_0_C12_C11_1, to_deactivate); /* ICC_DIR_EL1 */
    isb();
}

static void deactivate_on(bool is_second, uint32_t iar)
{
    to_deactivate = iar;
    if (is_second)
        on_second(deactivate);
    else
        deactivate();
}

static void set_eoi_mode(bool split)
{
    if (gic_version == 2)
        wr32(GICC + GICC_CTLR, split ? 0x203 : 3);
    else
        msr(S3_0_C12_C12_4, split ? 2 : 0); /* ICC_CTLR_EL1 */
    isb();
}

static void split(void) { set_eoi_mode(true); }
static void join(void) { set_eoi_mode(false); }

static uint64_t running_priority(void)
{
    return gic_version == 2 ? rd32(GICC + GICC_RPR) : mrs(S3_0_C12_C11_3); /* ICC_RPR_EL1 */
}

/* Acknowledged here and ended here or by the second vCPU, then once more. */
static void apart(uint64_t frame, unsigned intid, bool is_second)
{
    uint64_t w = frame + intid / 32 * 4;
    uint32_t bit = 1u << intid % 32, iar;

    wr8(frame + IPRIORITYR + intid, 0x80);
    wr32(w + ISENABLER, bit);
    for (unsigned i = 0; i < 2; i++) {
        wr32(w + ISPENDR, bit);
        iar = gic_ack();
        check(is_second ? "to be ended there: IAR" : "to be ended here: IAR", iar, intid);
        check("acknowledged: running priority", running_priority(), 0x80);
        gic_end(iar);
        check("priority dropped: idle priority", running_priority(), 0xff);
        check("priority dropped: active", rd32(w + ISACTIVER) & bit, bit);
        wr32(w + ISPENDR, bit);
        check("active and pending: spurious", gic_ack(), SPURIOUS);
        deactivate_on(is_second, iar);
        check("deactivated: pending", rd32(w + ISPENDR) & bit, bit);
        check("deactivated: not active", rd32(w + ISACTIVER) & bit, 0);
        iar = gic_ack();
        check("deactivated: fires again", iar, intid);
        gic_end(iar);
        deactivate_on(is_second, iar);
        check("deactivated again: not active", rd32(w + ISACTIVER) & bit, 0);
    }
    wr32(w + ICENABLER, bit);
    wr8(frame + IPRIORITYR + intid, 0);
}

/* More than there are list registers: all acknowledged, none ended. */
static void many_active(void)
{
    uint32_t sgis = 0xff, iar;

    wr32(private_frame() + ISACTIVER, 0xff0000 | sgis);
    for (unsigned intid = 0; intid < 24; intid += intid == 7 ? 9 : 1)
        deactivate_on(false, intid);
    check("many deactivated: none active", rd32(private_frame() + ISACTIVER), 0);
    on_second(send_5);
    iar = gic_ack();
    check("many deactivated: an SGI comes", iar & 0x3ff, 5);
    gic_end(iar);
    deactivate_on(false, iar);
}

static void split_eoi(void)
{
    split();
    on_second(split);
    check("EOImode 1 reads back", (gic_version == 2 ? rd32(GICC + GICC_CTLR) >> 9
                                                    : mrs(S3_0_C12_C12_4) >> 1) & 1, 1);
    apart(private_frame(), PPI, false);
    if (rd32(GICD + TYPER) & 31) {
        apart(GICD, SPI, false);
        apart(GICD, SPI, true);
    }
    many_active();
    on_second(join);
    join();
    if (gic_version == 3)
        check("ICC_PMR_EL1", mrs(S3_0_C4_C6_0), 0xf8);
}

void gic_checks(void)
{
    wr32(private_frame() + ISENABLER, 0xffff);
    identification();
    reserved();
    config();
    bits(private_frame(), PPI);
    life(private_frame(), PPI);
    if (rd32(GICD + TYPER) & 31) {
        bits(GICD, SPI);
        if (gic_version == 2)
            routing_v2();
        else
            routing_v3();
        life(GICD, SPI);
    } else {
        print("arch: no SPIs\r\n");
    }
    level();
    sgis();
    if (gic_version == 2) {
        check("ITARGETSR0 names this CPU", rd32(GICD + ITARGETSR), 0x01010101);
        sgi_sources();
    }
    split_eoi();
}
