/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/vcpu.c: what is loaded and saved, kicks, contexts from the toolstack.
 */
#include "tests/unit/sched_env.h"

static void test_registers_survive_a_switch(void **state)
{
    struct vcpu *v, *w;

    (void)state;
    sched_env_run(1, 2);
    v = step(0);
    fake_sysreg_set(FAKE_ELR_EL2, 0x1111);
    fake_sysreg_set(FAKE_SPSR_EL2, PSTATE_EL0T);
    fake_el1_state()->ttbr0 = 0x2222;
    w = wfi(0);
    assert_ptr_not_equal(v, w);
    assert_int_not_equal(fake_sysreg_get(FAKE_ELR_EL2), 0x1111);
    assert_int_not_equal(fake_el1_state()->ttbr0, 0x2222);
    sched_wake(v);
    assert_ptr_equal(wfi(0), v);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), 0x1111);
    assert_int_equal(fake_sysreg_get(FAKE_SPSR_EL2), PSTATE_EL0T);
    assert_int_equal(fake_el1_state()->ttbr0, 0x2222);
    assert_int_equal(fake_sysreg_get(FAKE_VMPIDR_EL2), BIT(31) | v->id);
}

/* They are not there for guests, but nothing traps them. */
static void test_the_next_does_not_find_what_is_in_registers_of_later_architectures(void **state)
{
    struct domain *d;
    struct vcpu *v;

    (void)state;
    sched_env_up(1, 1);
    fake_sysreg_set(FAKE_ID_AA64PFR0_EL1, fake_sysreg_get(FAKE_ID_AA64PFR0_EL1) | 1ul << 28);
    fake_sysreg_set(FAKE_ID_AA64PFR1_EL1, 1ul << 24);
    d = env_domu(2, 16);
    sched_vcpu_online(d->vcpu[0]);
    sched_vcpu_online(d->vcpu[1]);
    domain_unpause(d);
    v = step(0);
    fake_sysreg_set(FAKE_VDISR_EL2, 0x80000011);
    fake_sysreg_set(FAKE_TPIDR2_EL0, 0x2222);
    assert_ptr_not_equal(wfi(0), v);
    assert_int_equal(fake_sysreg_get(FAKE_VDISR_EL2), 0);
    assert_int_equal(fake_sysreg_get(FAKE_TPIDR2_EL0), 0);
    /* With fine-grained traps no guest reaches it, and EL3 may have it for itself. */
    fake_sysreg_set(FAKE_ID_AA64MMFR0_EL1, fake_sysreg_get(FAKE_ID_AA64MMFR0_EL1) | 1ul << 56);
    fake_sysreg_set(FAKE_TPIDR2_EL0, 0x2222);
    sched_wake(v);
    assert_ptr_equal(wfi(0), v);
    assert_int_equal(fake_sysreg_get(FAKE_TPIDR2_EL0), 0x2222);
}

static void test_registers_that_the_cpu_does_not_have_are_left_alone(void **state)
{
    struct vcpu *v;

    (void)state;
    sched_env_run(1, 2);
    v = step(0);
    fake_sysreg_set(FAKE_VDISR_EL2, 1);
    fake_sysreg_set(FAKE_TPIDR2_EL0, 1);
    assert_ptr_not_equal(wfi(0), v);
    assert_int_equal(fake_sysreg_get(FAKE_VDISR_EL2), 1);
    assert_int_equal(fake_sysreg_get(FAKE_TPIDR2_EL0), 1);
}

/* Each has translations of its own, and all have one VMID. */
static void test_a_sibling_does_not_find_what_the_tlb_has_cached(void **state)
{
    struct vcpu *v, *w;

    (void)state;
    sched_env_run(1, 2);
    v = step(0);
    fake_trace_reset();
    w = wfi(0);
    assert_ptr_not_equal(v, w);
    assert_int_equal(fake_count(FAKE_EV_TLBI_LOCAL), 1);
    assert_null(wfi(0));
    sched_wake(w);
    assert_ptr_equal(step(0), w);
    assert_int_equal(fake_count(FAKE_EV_TLBI_LOCAL), 1);
}

/* It may come back with other registers, and who walks its tables meanwhile is nobody. */
static void test_no_tables_are_loaded_when_nobody_is(void **state)
{
    struct domain *d = sched_env_run(2, 1);
    struct vcpu *v = d->vcpu[0];
    unsigned here = v->sched.cpu, there = 1 - here;

    (void)state;
    assert_ptr_equal(step(here), v);
    sched_affinity_set(v, BIT(there), BIT(there));
    assert_null(step(here));
    assert_ptr_equal(step(there), v);
    fake_el1_state()->ttbr0 = 0x2222;
    sched_affinity_set(v, BIT(here), BIT(here));
    assert_null(step(there));
    fake_cpu_switch(here);
    fake_trace_reset();
    assert_ptr_equal(step(here), v);
    assert_int_equal(fake_count(FAKE_EV_EL1_RESTORE), 1);
    for (unsigned i = 0; fake_trace(i); i++)
        if (fake_trace(i)->event == FAKE_EV_EL1_RESTORE)
            assert_int_equal(fake_trace(i)->a, 0);
}

/* What EL1's registers hold in between is nobody's context: nothing may be translated by it. */
static void test_no_tables_are_loaded_while_el1_becomes_another_domains(void **state)
{
    struct domain *other;
    uint64_t before;

    (void)state;
    sched_env_run(1, 1);
    before = fake_sysreg_get(FAKE_VTTBR_EL2);
    other = env_domu(1, 16);
    other->vcpu[0]->is_online = other->vcpu[0]->is_initialised = true;
    sched_vcpu_online(other->vcpu[0]);
    domain_unpause(other);
    fake_trace_reset();
    assert_ptr_equal(wfi(0), other->vcpu[0]);
    assert_int_equal(fake_count(FAKE_EV_EL1_RESTORE), 1);
    for (unsigned i = 0; fake_trace(i); i++)
        if (fake_trace(i)->event == FAKE_EV_EL1_RESTORE)
            assert_int_equal(fake_trace(i)->a, 0);
    assert_int_equal(fake_sysreg_get(FAKE_VTTBR_EL2), vmid_vttbr(&other->s2));
    assert_int_not_equal(fake_sysreg_get(FAKE_VTTBR_EL2), before);
}

/* Of one domain only what its registers were partly makes goes, with the rest of the sibling's. */
static void test_a_siblings_translations_go_when_el1_is_complete(void **state)
{
    bool is_restored = false;

    (void)state;
    sched_env_run(1, 2);
    step(0);
    fake_trace_reset();
    assert_non_null(wfi(0));
    for (unsigned i = 0; fake_trace(i); i++) {
        is_restored = is_restored || fake_trace(i)->event == FAKE_EV_EL1_RESTORE;
        assert_true(is_restored || fake_trace(i)->event != FAKE_EV_TLBI_LOCAL);
    }
    assert_int_equal(fake_count(FAKE_EV_TLBI_LOCAL), 1);
}

static void test_virtual_timer_of_a_switched_out_sleeper_wakes_it(void **state)
{
    struct vcpu *v, *w;

    (void)state;
    sched_env_run(1, 2);
    v = step(0);
    fake_sysreg_set(FAKE_CNTV_CVAL_EL0, timer_now() - v->domain->cntvoff + 10 * MS);
    fake_sysreg_set(FAKE_CNTV_CTL_EL0, 1);
    w = wfi(0);
    assert_int_equal(fake_sysreg_get(FAKE_CNTV_CTL_EL0), 0);
    assert_true(v->wake_timer.is_set);
    fake_counter_advance(9 * MS);
    assert_ptr_equal(tick(0), w);
    assert_int_equal(v->sched.state, VCPU_BLOCKED);
    fake_counter_advance(2 * MS);
    tick(0);
    assert_ptr_equal(step(0), v);
    assert_false(v->wake_timer.is_set);
    assert_int_equal(fake_sysreg_get(FAKE_CNTV_CTL_EL0), 1);
}

static void test_wake_timer_of_an_earlier_wait_wakes_nobody(void **state)
{
    struct vcpu *v, *w;

    (void)state;
    sched_env_run(1, 2);
    v = step(0);
    fake_sysreg_set(FAKE_CNTV_CVAL_EL0, timer_now() - v->domain->cntvoff + 10 * MS);
    fake_sysreg_set(FAKE_CNTV_CTL_EL0, 1);
    w = wfi(0);
    sched_wake(v);
    assert_ptr_equal(wfi(0), v);
    fake_sysreg_set(FAKE_CNTV_CVAL_EL0, timer_now() - v->domain->cntvoff + 30 * MS);
    sched_wake(w);
    assert_ptr_equal(wfi(0), w);
    fake_counter_advance(11 * MS);
    assert_ptr_equal(tick(0), w);
    assert_int_equal(v->sched.state, VCPU_BLOCKED);
    assert_true(v->wake_timer.is_set);
    fake_counter_advance(20 * MS);
    tick(0);
    assert_ptr_equal(step(0), v);
}

static void test_kick_of_a_vcpu_that_runs_elsewhere_is_one_sgi(void **state)
{
    struct domain *d = sched_env_run(2, 1);
    struct vcpu *v = d->vcpu[0];
    unsigned cpu = v->sched.cpu;

    (void)state;
    fake_percpus[cpu].todo = 0;
    sched_env_sgis[cpu] = 0;
    fake_cpu_switch(!cpu);
    vcpu_kick(v);
    vcpu_kick(v);
    assert_int_equal(sched_env_sgis[cpu], 1);
    assert_true(fake_percpus[cpu].todo & TODO_VGIC);
}

static void test_kick_of_the_current_vcpu_with_nothing_queued_is_free(void **state)
{
    struct vcpu *v;

    (void)state;
    sched_env_run(1, 1);
    v = step(0);
    vcpu_kick(v);
    assert_int_equal(fake_percpu->todo, 0);
}

static void test_kick_mask_leaves_out_who_does_not_exist(void **state)
{
    const uint64_t all[2] = { ~0ul, ~0ul };
    struct domain *d = sched_env_run(1, 1);

    (void)state;
    assert_null(wfi(0));
    vcpus_act(d, VCPUS_KICK, all);
    assert_ptr_equal(step(0), d->vcpu[0]);
}

static unsigned count(const struct domain *d, enum vcpu_state state)
{
    unsigned n = 0;

    domain_for_each_vcpu(d, v)
        n += v->sched.state == state;
    return n;
}

/* CPU `cpu` enters EL2 again at once. */
static struct vcpu *later(unsigned cpu)
{
    fake_counter_advance(1);
    return tick(cpu);
}

static void test_many_are_kicked_in_pieces(void **state)
{
    const uint64_t all[2] = { ~0ul, ~0ul };
    struct domain *d = sched_env_run(1, 128);

    (void)state;
    while (d->vcpus_timer.is_set)
        later(0);
    while (wfi(0))
        ;
    assert_int_equal(count(d, VCPU_BLOCKED), 128);
    vcpus_act(d, VCPUS_KICK, all);
    for (unsigned left = 112; left; left -= 16) {
        assert_int_equal(count(d, VCPU_BLOCKED), left);
        later(0);
    }
    assert_int_equal(count(d, VCPU_BLOCKED), 0);
    assert_false(d->vcpus_timer.is_set);
}

static unsigned count_queued(const struct domain *d)
{
    unsigned n = 0;

    domain_for_each_vcpu(d, v)
        n += v->sched.on_queue || v->sched.state == VCPU_RUNNING;
    return n;
}

/* Paused again meanwhile, who was to go on does not. */
static void test_many_go_on_in_pieces(void **state)
{
    struct domain *d = sched_env_up(1, 128);

    (void)state;
    domain_unpause(d);
    assert_int_equal(count_queued(d), 16);
    later(0);
    assert_int_equal(count_queued(d), 32);
    domain_pause(d);
    assert_null(step(0));
    later(0);
    assert_int_equal(count_queued(d), 0);
    domain_unpause(d);
    for (unsigned n = 16; n <= 128; n += 16) {
        assert_int_equal(count_queued(d), n);
        later(0);
    }
}

/* Its end has cancelled the timer, or is going to. */
static void test_who_is_dying_sets_no_timer(void **state)
{
    const uint64_t all[2] = { ~0ul, ~0ul };
    struct domain *d = sched_env_run(1, 128);

    (void)state;
    assert_int_equal(domain_kill(d), 0);
    vcpus_act(d, VCPUS_KICK, all);
    assert_false(d->vcpus_timer.is_set);
    assert_null(step(0));
    while (domain_relinquish(d))
        ;
}

static void test_context_goes_in_and_out(void **state)
{
    struct domain *d = sched_env_up(1, 1);
    struct vcpu *v = d->vcpu[0];
    vcpu_guest_context_t in = { .flags = VGCF_online, .sctlr = 1, .ttbr0 = 2, .ttbr1 = 3,
                                .ttbcr = 4 }, out;

    (void)state;
    in.user_regs.x0 = 10;
    in.user_regs.pc64 = 0x40080000;
    in.user_regs.cpsr = 0x3c5;
    in.user_regs.sp_el1 = 11;
    assert_int_equal(vcpu_context_set(v, &in), 0);
    vcpu_context_get(v, &out);
    assert_memory_equal(&in, &out, sizeof(in));
}

static void test_context_above_el1_is_refused(void **state)
{
    static const uint64_t modes[] = { 0x9, 0x8, 0xd, 0x10, 0x13, 0x1 };
    struct domain *d = sched_env_up(1, 1);
    vcpu_guest_context_t c;

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
        memset(&c, 0, sizeof(c));
        c.user_regs.cpsr = modes[i];
        assert_int_equal(vcpu_context_set(d->vcpu[0], &c), -EINVAL);
    }
}

static void test_upcall_that_is_set_already_is_not_made_again(void **state)
{
    struct domain *d = sched_env_run(1, 1);
    struct vcpu *v = step(0);

    (void)state;
    d->event_irq = 0;
    v->evtchn_poll = VCPU_POLL_WAITS;
    assert_null(wfi(0)); /* WFI is no poll: events do not end it but by an interrupt */
    vcpu_event_upcall(v);
    assert_null(step(0));
    v->evtchn_poll = VCPU_POLL_WAITS;
    vcpu_event_upcall(v);
    assert_null(step(0));
    v->info->evtchn_upcall_pending = 0;
    vcpu_event_upcall(v);
    assert_ptr_equal(step(0), v);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_registers_survive_a_switch),
    cmocka_unit_test(test_the_next_does_not_find_what_is_in_registers_of_later_architectures),
    cmocka_unit_test(test_registers_that_the_cpu_does_not_have_are_left_alone),
    cmocka_unit_test(test_a_sibling_does_not_find_what_the_tlb_has_cached),
    cmocka_unit_test(test_no_tables_are_loaded_when_nobody_is),
    cmocka_unit_test(test_no_tables_are_loaded_while_el1_becomes_another_domains),
    cmocka_unit_test(test_a_siblings_translations_go_when_el1_is_complete),
    cmocka_unit_test(test_virtual_timer_of_a_switched_out_sleeper_wakes_it),
    cmocka_unit_test(test_wake_timer_of_an_earlier_wait_wakes_nobody),
    cmocka_unit_test(test_kick_of_a_vcpu_that_runs_elsewhere_is_one_sgi),
    cmocka_unit_test(test_kick_of_the_current_vcpu_with_nothing_queued_is_free),
    cmocka_unit_test(test_kick_mask_leaves_out_who_does_not_exist),
    cmocka_unit_test(test_many_are_kicked_in_pieces),
    cmocka_unit_test(test_many_go_on_in_pieces),
    cmocka_unit_test(test_who_is_dying_sets_no_timer),
    cmocka_unit_test(test_context_goes_in_and_out),
    cmocka_unit_test(test_context_above_el1_is_refused),
    cmocka_unit_test(test_upcall_that_is_set_already_is_not_made_again),
};

FAKE_TEST_MAIN(tests)
