/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/pmu.c: whose performance monitors the machine holds, and when.
 */
#include "core/pmu.h"
#include "core/domain_irq.h"
#include "irq/vgic_irq.h"
#include "tests/unit/sched_env.h"

#define PIRQ 28u
#define COUNTERS 6u
#define TRAPS (MDCR_TPM | MDCR_TPMCR)

static uint64_t type[COUNTERS], count[COUNTERS];
static struct vcpu *v;

static uint64_t on_type(enum fake_sysreg reg)
{
    (void)reg;
    return type[fake_sysreg_get(FAKE_PMSELR_EL0)];
}

static uint64_t on_count(enum fake_sysreg reg)
{
    (void)reg;
    return count[fake_sysreg_get(FAKE_PMSELR_EL0)];
}

static void on_type_write(enum fake_sysreg reg, uint64_t value)
{
    (void)reg;
    type[fake_sysreg_get(FAKE_PMSELR_EL0)] = value;
}

static void on_count_write(enum fake_sysreg reg, uint64_t value)
{
    (void)reg;
    count[fake_sysreg_get(FAKE_PMSELR_EL0)] = value;
}

static void on_clear(enum fake_sysreg reg, uint64_t value)
{
    enum fake_sysreg set = reg == FAKE_PMCNTENCLR_EL0 ? FAKE_PMCNTENSET_EL0
                           : reg == FAKE_PMINTENCLR_EL1 ? FAKE_PMINTENSET_EL1 : FAKE_PMOVSSET_EL0;

    fake_sysreg_set(set, fake_sysreg_get(set) & ~value);
}

static void on_pmcr_write(enum fake_sysreg reg, uint64_t value)
{
    fake_sysreg_set(reg, COUNTERS << 11 | (value & 0x7f9)); /* N is fixed */
}

static bool touch(struct vcpu *who)
{
    struct sysreg_access a = { .retry = false };

    return pmu_access(who, &a) && a.retry;
}

static void guest_up(void)
{
    struct domain *d = sched_env_run(1, 1);

    fake_sysreg_on_read[FAKE_PMXEVTYPER_EL0] = on_type;
    fake_sysreg_on_read[FAKE_PMXEVCNTR_EL0] = on_count;
    fake_sysreg_on_write[FAKE_PMXEVTYPER_EL0] = on_type_write;
    fake_sysreg_on_write[FAKE_PMXEVCNTR_EL0] = on_count_write;
    fake_sysreg_on_write[FAKE_PMCNTENCLR_EL0] = on_clear;
    fake_sysreg_on_write[FAKE_PMINTENCLR_EL1] = on_clear;
    fake_sysreg_on_write[FAKE_PMOVSCLR_EL0] = on_clear;
    fake_sysreg_on_write[FAKE_PMCR_EL0] = on_pmcr_write;
    fake_sysreg_set(FAKE_PMCR_EL0, COUNTERS << 11);
    pmu_init(PIRQ);
    assert_int_equal(pmu_enable(d, PMU_PPI), 0);
    v = step(0);
}

/* What the guest does once its accesses go to the machine. */
static void count_in_guest(uint64_t pmcr)
{
    fake_sysreg_set(FAKE_PMCR_EL0, COUNTERS << 11 | pmcr);
    fake_sysreg_set(FAKE_PMCNTENSET_EL0, BIT(31) | 4);
    fake_sysreg_set(FAKE_PMINTENSET_EL1, BIT(31));
    fake_sysreg_set(FAKE_PMOVSSET_EL0, 4);
    fake_sysreg_set(FAKE_PMCCNTR_EL0, 0xfffffff0);
    fake_sysreg_set(FAKE_PMSELR_EL0, 3);
    type[2] = 0x11;
    count[2] = 1234;
}

static void spoil(void)
{
    fake_sysreg_set(FAKE_PMCNTENSET_EL0, 0x3f);
    fake_sysreg_set(FAKE_PMOVSSET_EL0, 0x3f);
    fake_sysreg_set(FAKE_PMCCNTR_EL0, 99);
    fake_sysreg_set(FAKE_PMSELR_EL0, 1);
    type[2] = count[2] = 77;
}

static void test_first_access_brings_the_registers_and_untraps(void **state)
{
    (void)state;
    guest_up();
    assert_false(pmu_is_used(v));
    assert_int_equal(fake_sysreg_get(FAKE_MDCR_EL2) & TRAPS, TRAPS);
    spoil();
    assert_true(touch(v));
    assert_true(pmu_is_used(v));
    assert_int_equal(fake_sysreg_get(FAKE_MDCR_EL2) & TRAPS, 0);
    assert_int_equal(fake_sysreg_get(FAKE_PMCCNTR_EL0), 0); /* nothing of another guest is left */
    assert_int_equal(fake_sysreg_get(FAKE_PMOVSSET_EL0), 0);
    assert_int_equal(type[2] | count[2], 0);
}

/* As MCR, MRC and MRRC name them; the instruction is executed again. */
static void test_a_32_bit_programs_access_brings_them_too(void **state)
{
    static const uint64_t accesses[] = {
        (uint64_t)EC_CP15_32 << ESR_EC_SHIFT | SYSREG(0, 0, 9, 12, 0),  /* PMCR */
        (uint64_t)EC_CP15_32 << ESR_EC_SHIFT | SYSREG(0, 0, 9, 14, 3),  /* PMOVSSET */
        (uint64_t)EC_CP15_32 << ESR_EC_SHIFT | SYSREG(0, 0, 14, 15, 7), /* PMCCFILTR */
        (uint64_t)EC_CP15_64 << ESR_EC_SHIFT | 9 << 1,                  /* PMCCNTR */
    };

    (void)state;
    guest_up();
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_AARCH32);
    fake_sysreg_set(FAKE_ELR_EL2, 0x8000);
    for (unsigned i = 0; i < ARRAY_SIZE(accesses); i++) {
        pmu_reset(v);
        trap_sync(v, accesses[i] | ESR_IL | 0x1e00001);
        assert_true(pmu_is_used(v));
        assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), 0x8000);
    }
}

static void test_who_counts_is_switched(void **state)
{
    (void)state;
    guest_up();
    touch(v);
    count_in_guest(1);
    vcpu_save(v);
    assert_int_equal(fake_sysreg_get(FAKE_PMCR_EL0) & 1, 0);    /* the machine's stand still, */
    assert_int_equal(fake_sysreg_get(FAKE_PMINTENSET_EL1), 0);  /* and do not interrupt */
    spoil();
    vcpu_load(v);
    assert_true(pmu_is_used(v));
    assert_int_equal(fake_sysreg_get(FAKE_PMCR_EL0) & 1, 1);
    assert_int_equal(fake_sysreg_get(FAKE_PMCNTENSET_EL0), BIT(31) | 4);
    assert_int_equal(fake_sysreg_get(FAKE_PMINTENSET_EL1), BIT(31));
    assert_int_equal(fake_sysreg_get(FAKE_PMOVSSET_EL0), 4);
    assert_int_equal(fake_sysreg_get(FAKE_PMCCNTR_EL0), 0xfffffff0);
    assert_int_equal(fake_sysreg_get(FAKE_PMSELR_EL0), 3);
    assert_int_equal(type[2], 0x11);
    assert_int_equal(count[2], 1234);
}

static void test_who_has_stopped_counting_is_not_switched(void **state)
{
    (void)state;
    guest_up();
    touch(v);
    count_in_guest(0);
    vcpu_save(v);
    spoil();
    vcpu_load(v);
    assert_false(pmu_is_used(v));
    assert_int_equal(fake_sysreg_get(FAKE_MDCR_EL2) & TRAPS, TRAPS);
    assert_int_equal(fake_sysreg_get(FAKE_PMCCNTR_EL0), 99);
    touch(v); /* its values come with the next access */
    assert_int_equal(fake_sysreg_get(FAKE_PMCCNTR_EL0), 0xfffffff0);
    assert_int_equal(count[2], 1234);
}

/* EL0's accesses are EL1's business first: PMUSERENR_EL0 must be the guest's own. */
static void test_who_lets_el0_read_is_switched(void **state)
{
    (void)state;
    guest_up();
    touch(v);
    fake_sysreg_set(FAKE_PMUSERENR_EL0, 1);
    vcpu_save(v);
    fake_sysreg_set(FAKE_PMUSERENR_EL0, 0);
    vcpu_load(v);
    assert_int_equal(fake_sysreg_get(FAKE_PMUSERENR_EL0), 1);
}

static uint64_t next_iar;

static uint64_t on_iar(enum fake_sysreg reg)
{
    (void)reg;
    return next_iar;
}

static void test_overflow_is_the_loaded_vcpus_interrupt(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(domain_irq_init(), 0);
    fake_sysreg_on_read[FAKE_ICC_IAR1_EL1] = on_iar;
    next_iar = PIRQ;
    v->vgic.privates->enabled |= 1u << PMU_PPI;
    v->domain->vgic.ctlr = 3;
    vgic_irq_refresh(&v->vgic.privates->irq[PMU_PPI]);
    irq_dispatch();
    assert_true(vcpu_has_pending(v));
    assert_true(v->vgic.privates->irq[PMU_PPI].is_hw_active);
    assert_false(v->vgic.privates->irq[PIRQ].is_hw_active);
}

static void test_a_cpu_without_them_gives_none(void **state)
{
    struct domain *d;

    (void)state;
    d = sched_env_run(1, 1);
    fake_sysreg_set(FAKE_ID_AA64DFR0_EL1, 0xf06);
    pmu_init(PIRQ);
    assert_int_equal(pmu_physical_irq(), 0);
    assert_int_equal(pmu_enable(d, PMU_PPI), -EINVAL);
    assert_false(touch(d->vcpu[0]));
    fake_sysreg_set(FAKE_ID_AA64DFR0_EL1, 0x106);
    pmu_init(0); /* no interrupt known */
    assert_int_equal(pmu_physical_irq(), 0);
}

static void test_a_reset_takes_them_away(void **state)
{
    (void)state;
    guest_up();
    touch(v);
    count_in_guest(1);
    vcpu_save(v);
    pmu_reset(v);
    assert_false(pmu_is_used(v));
    assert_int_equal(v->pmu.ccntr | v->pmu.pmcr | v->pmu.count[2], 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_first_access_brings_the_registers_and_untraps),
    cmocka_unit_test(test_a_32_bit_programs_access_brings_them_too),
    cmocka_unit_test(test_who_counts_is_switched),
    cmocka_unit_test(test_who_has_stopped_counting_is_not_switched),
    cmocka_unit_test(test_who_lets_el0_read_is_switched),
    cmocka_unit_test(test_overflow_is_the_loaded_vcpus_interrupt),
    cmocka_unit_test(test_a_cpu_without_them_gives_none),
    cmocka_unit_test(test_a_reset_takes_them_away),
};

FAKE_TEST_MAIN(tests)
