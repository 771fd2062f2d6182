/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/mmio.c: stage-2 data aborts: emulated frames, and what is nowhere.
 */
#include "irq/vgic_reg.h"
#include "tests/unit/sched_env.h"

#define PC 0x40080000ul
#define TYPER 0x4ul
#define IROUTER32 0x6100ul

static struct vcpu *v;

static void guest_up(void)
{
    sched_env_run(1, 1);
    v = step(0);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL1H);
    fake_sysreg_set(FAKE_VBAR_EL1, 0x40000800ul);
}

/* A data abort at IPA `at`, a translation fault at level 3. */
static void access(uint64_t at, uint64_t iss)
{
    fake_sysreg_set(FAKE_ELR_EL2, PC);
    fake_sysreg_set(FAKE_ESR_EL1, 0);
    fake_sysreg_set(FAKE_HPFAR_EL2, at >> PAGE_SHIFT << 4);
    fake_sysreg_set(FAKE_FAR_EL2, 0xffff000000000000ul | (at & 0xfff));
    trap_sync(v, (uint64_t)EC_DABT_LOW << ESR_EC_SHIFT | ESR_IL | iss | 7);
}

static uint64_t iss(unsigned log2_size, unsigned reg, uint64_t more)
{
    return DABT_ISV | (uint64_t)log2_size << 22 | (uint64_t)reg << 16 | more;
}

static void assert_done(void)
{
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), PC + 4);
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0);
}

static void assert_external_abort(uint64_t more)
{
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0x96000010ul | more);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL1), PC);
}

static void test_64_bit_registers_are_read_and_written_whole(void **state)
{
    (void)state;
    guest_up();
    v->x[3] = 1ul << 31; /* any one: IRM */
    access(GUEST_GICV3_GICD_BASE + IROUTER32, iss(3, 3, DABT_SF | DABT_WNR));
    assert_done();
    v->x[4] = ~0ul;
    access(GUEST_GICV3_GICD_BASE + IROUTER32, iss(3, 4, DABT_SF));
    assert_done();
    assert_int_equal(v->x[4] >> 32, 0);
}

static void test_loads_are_extended_as_the_instruction_says(void **state)
{
    uint64_t at = GUEST_GICV3_GICD_BASE + 0x420; /* IPRIORITYR: bytes */

    (void)state;
    guest_up();
    v->x[1] = 0x80;
    access(at, iss(0, 1, DABT_WNR));
    assert_done();
    v->x[2] = ~0ul;
    access(at, iss(0, 2, 0));
    assert_int_equal(v->x[2], 0x80);
    access(at, iss(0, 2, DABT_SSE));
    assert_int_equal(v->x[2], 0xffffff80);
    access(at, iss(0, 2, DABT_SSE | DABT_SF));
    assert_int_equal(v->x[2], 0xffffffffffffff80ul);
}

/* A load that another CPU has to answer is executed again, which must let that one go first: on a
 * machine whose CPUs take turns it would spin for ever. */
static void test_a_load_that_waits_for_another_cpu_yields(void **state)
{
    struct vgic_irq *irq;

    (void)state;
    sched_env_run(2, 2);
    step(1);
    v = step(0);
    fake_trace_reset();
    access(GUEST_GICV3_GICD_BASE + 0x304, iss(2, 1, 0));
    assert_done();
    assert_int_equal(fake_count(FAKE_EV_YIELD), 0);
    irq = &v->domain->vgic.spi[0].irq[0];
    irq->home = &v->domain->vcpu[!v->id]->vgic;
    irq->lr = 0;
    access(GUEST_GICV3_GICD_BASE + 0x304, iss(2, 1, 0));
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), PC);
    assert_int_equal(fake_count(FAKE_EV_YIELD), 1);
}

static void test_register_31_is_zero(void **state)
{
    (void)state;
    guest_up();
    access(GUEST_GICV3_GICD_BASE + TYPER, iss(2, 31, 0));
    assert_done();
    v->x[1] = 0x80;
    access(GUEST_GICV3_GICD_BASE + 0x420, iss(0, 1, DABT_WNR));
    access(GUEST_GICV3_GICD_BASE + 0x420, iss(0, 31, DABT_WNR));
    access(GUEST_GICV3_GICD_BASE + 0x420, iss(0, 1, 0));
    assert_int_equal(v->x[1], 0);
}

static void test_pairs_and_write_back_have_no_syndrome_and_abort(void **state)
{
    (void)state;
    guest_up();
    access(GUEST_GICV3_GICD_BASE + TYPER, 0);
    assert_external_abort(0);
    access(GUEST_GICV3_GICD_BASE + TYPER, DABT_WNR);
    assert_external_abort(DABT_WNR);
}

static void test_nothing_there_aborts(void **state)
{
    (void)state;
    guest_up();
    access(0x30000000ul, iss(2, 0, 0));
    assert_external_abort(0);
    access(0x30000000ul, iss(3, 0, DABT_WNR));
    assert_external_abort(DABT_WNR);
    access(0x30000000ul, DABT_CM | DABT_WNR);
    assert_external_abort(DABT_CM | DABT_WNR);
}

static void test_byte_access_where_none_is_allowed_aborts(void **state)
{
    (void)state;
    guest_up();
    access(GUEST_GICV3_GICD_BASE + IROUTER32, iss(0, 0, 0));
    assert_external_abort(0);
}

static void test_access_to_what_is_mapped_by_now_is_made_again(void **state)
{
    struct domain *d;

    (void)state;
    guest_up();
    d = v->domain;
    lock_acquire(&d->s2.lock);
    assert_int_equal(stage2_map_range(&d->s2, 0x30000, 0x40100, 1,
                                      stage2_kind(STAGE2_RAM, STAGE2_R)), 0);
    lock_release(&d->s2.lock);
    access(0x30000000ul, iss(2, 0, 0));
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), PC);
    assert_int_equal(fake_sysreg_get(FAKE_ESR_EL1), 0);
    access(0x30000000ul, iss(2, 0, DABT_WNR));
    assert_external_abort(DABT_WNR);
}

/* The short way to GICD_SGIR, and what has to go the long one. */
static void test_only_a_word_to_a_gicv2_sgir_sends_an_sgi(void **state)
{
    uint64_t at = GUEST_GICV3_GICD_BASE + VGIC_V2_SGIR;
    struct vgic_irq *irq;

    (void)state;
    guest_up();
    irq = &v->vgic.privates->irq[3];
    v->x[1] = 1u << 16 | 3; /* to vCPU 0 */
    access(at, iss(2, 1, DABT_WNR));
    assert_done();
    assert_false(irq->is_latched); /* GICv3: reserved */
    v->domain->vgic.dist = vgic_v2_dist;
    v->vgic.in_dist = v->vgic.privates;
    irq->has_sources = true;
    access(at, iss(1, 1, DABT_WNR));
    assert_done();
    access(at, iss(2, 1, 0));
    assert_done();
    assert_false(irq->is_latched);
    v->x[1] = 1u << 16 | 3;
    access(at + PAGE_SIZE, iss(2, 1, DABT_WNR));
    assert_done(); /* GICv3's frame is longer */
    assert_false(irq->is_latched);
    access(at, iss(2, 1, DABT_WNR));
    assert_done();
    assert_true(irq->is_latched);
    assert_int_equal(irq->sources, 1);
}

static void test_gicv2s_second_page_of_the_cpu_interface_is_emulated(void **state)
{
    struct vgic_irq *irq;

    (void)state;
    guest_up();
    v->domain->gicc_or_gicr.base = GUEST_GICC_BASE;
    v->domain->gicc_or_gicr.bytes = GUEST_GICC_SIZE;
    v->domain->gicd.base = 0x50000000;
    v->domain->vgic.version = GIC_V2;
    irq = &v->vgic.privates->irq[20];
    irq->is_active = true;
    v->x[1] = 20;
    access(GUEST_GICC_BASE + 0x1000, iss(2, 1, DABT_WNR));
    assert_done();
    assert_true(irq->is_active); /* EOImode 0 */
    fake_sysreg_set(FAKE_ICH_VMCR_EL2, GIC_VMCR_EOIM);
    access(GUEST_GICC_BASE + 0x1000, iss(2, 1, DABT_WNR));
    assert_done();
    assert_false(irq->is_active);
    access(GUEST_GICC_BASE + GUEST_GICC_SIZE, iss(2, 1, DABT_WNR));
    assert_external_abort(DABT_WNR);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_64_bit_registers_are_read_and_written_whole),
    cmocka_unit_test(test_loads_are_extended_as_the_instruction_says),
    cmocka_unit_test(test_a_load_that_waits_for_another_cpu_yields),
    cmocka_unit_test(test_register_31_is_zero),
    cmocka_unit_test(test_pairs_and_write_back_have_no_syndrome_and_abort),
    cmocka_unit_test(test_nothing_there_aborts),
    cmocka_unit_test(test_byte_access_where_none_is_allowed_aborts),
    cmocka_unit_test(test_access_to_what_is_mapped_by_now_is_made_again),
    cmocka_unit_test(test_gicv2s_second_page_of_the_cpu_interface_is_emulated),
    cmocka_unit_test(test_only_a_word_to_a_gicv2_sgir_sends_an_sgi),
};

FAKE_TEST_MAIN(tests)
