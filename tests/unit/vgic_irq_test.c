/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One interrupt's state machine when another CPU is concerned: requests, answers, homes.
 */
#include "tests/unit/vgic_model.h"

#define SPI 40u
#define BIT_SPI (1u << (SPI % 32))

/* vCPU i on CPU i; SPI enabled, to vCPU 0; this thread is CPU 1, so vCPU 0 is elsewhere. */
static void set_up(void)
{
    domain_make(GIC_V2, 3, 3);
    for (unsigned i = 0; i < 3; i++)
        load(i, i);
    guest_enable(0, SPI);
    fake_cpu_switch(1);
    kicked[0] = 0;
}

static void tear_down(void)
{
    for (unsigned i = 0; i < 3; i++)
        save(i);
    assert_int_equal(vgic.requests, 0);
    domain_free();
}

static void deliver(void)
{
    vgic_inject(&vgic, NULL, SPI);
    flush(0);
    fake_cpu_switch(1);
}

static unsigned ack_on(unsigned cpu)
{
    unsigned intid;

    fake_cpu_switch(cpu);
    intid = guest_ack();
    fake_cpu_switch(1);
    return intid;
}

static void a_disable_from_elsewhere_works_at_the_next_flush(void **state)
{
    (void)state;
    set_up();
    deliver();
    dist_write(1, 0x184, 4, BIT_SPI);
    assert_int_equal(kicked[0], 1);
    assert_int_equal(vgic.requests, 1);
    flush(0);
    assert_int_equal(vgic.requests, 0);
    assert_int_equal(ack_on(0), MODEL_NONE);
    dist_write(1, 0x104, 4, BIT_SPI);
    flush(0);
    assert_int_equal(ack_on(0), SPI);
    tear_down();
}

static void a_switch_answers_requests_too(void **state)
{
    (void)state;
    set_up();
    deliver();
    dist_write(1, 0x184, 4, BIT_SPI);
    save(0);
    assert_int_equal(vgic.requests, 0);
    load(0, 0);
    assert_int_equal(ack_on(0), MODEL_NONE);
    tear_down();
}

static void a_read_of_anothers_state_is_retried_and_then_true(void **state)
{
    (void)state;
    set_up();
    deliver();
    assert_int_equal(ack_on(0), SPI);
    dist_read(1, 0x304, 4);
    assert_true(dist_retried);
    assert_int_equal(kicked[0], 1);
    flush(0);
    fake_cpu_switch(1);
    assert_int_equal(dist_read(1, 0x304, 4), BIT_SPI);
    assert_false(dist_retried);
    /* The answer is good once. */
    fake_cpu_switch(0);
    guest_eoi(SPI);
    fake_cpu_switch(1);
    dist_read(1, 0x304, 4);
    assert_true(dist_retried);
    flush(0);
    fake_cpu_switch(1);
    assert_int_equal(dist_read(1, 0x304, 4), 0);
    assert_false(dist_retried);
    tear_down();
}

static void a_read_of_an_unloaded_vcpus_state_is_true_at_once(void **state)
{
    (void)state;
    set_up();
    deliver();
    ack_on(0);
    save(0);
    fake_cpu_switch(1);
    assert_int_equal(dist_read(1, 0x304, 4), BIT_SPI);
    assert_false(dist_retried);
    load(0, 0);
    tear_down();
}

static void of_opposite_requests_the_last_counts(void **state)
{
    (void)state;
    set_up();
    deliver();
    dist_write(1, 0x284, 4, BIT_SPI);
    dist_write(1, 0x204, 4, BIT_SPI);
    flush(0);
    assert_int_equal(ack_on(0), SPI);
    dist_write(1, 0x204, 4, BIT_SPI);
    dist_write(1, 0x284, 4, BIT_SPI);
    dist_write(1, 0x384, 4, BIT_SPI);
    flush(0);
    assert_int_equal(ack_on(0), MODEL_NONE);
    assert_int_equal(gic_lr_empty_mask(), 0xf);
    tear_down();
}

static void clearing_pending_leaves_active_alone(void **state)
{
    (void)state;
    set_up();
    fake_cpu_switch(0);
    vgic_inject(&vgic, NULL, SPI);
    assert_int_equal(guest_ack(), SPI);
    vgic_inject(&vgic, NULL, SPI);
    assert_int_equal(dist_read(0, 0x204, 4), BIT_SPI);
    dist_write(0, 0x284, 4, BIT_SPI);
    assert_int_equal(dist_read(0, 0x204, 4), 0);
    assert_int_equal(dist_read(0, 0x304, 4), BIT_SPI);
    guest_eoi(SPI);
    assert_int_equal(guest_ack(), MODEL_NONE);
    tear_down();
}

static void set_active_is_ended_by_an_eoi(void **state)
{
    (void)state;
    set_up();
    fake_cpu_switch(0);
    dist_write(0, 0x304, 4, BIT_SPI);
    assert_int_equal(dist_read(0, 0x304, 4), BIT_SPI);
    vgic_inject(&vgic, NULL, SPI);
    assert_int_equal(guest_ack(), MODEL_NONE);
    guest_eoi(SPI);
    assert_int_equal(guest_ack(), SPI);
    tear_down();
}

static void a_pending_interrupt_goes_to_its_new_target(void **state)
{
    (void)state;
    set_up();
    deliver();
    dist_write(1, 0x800 + SPI, 1, 4);
    assert_int_equal(kicked[0], 1);
    kicked[0] = 0;
    flush(0);
    assert_int_equal(kicked[0], 4);
    assert_int_equal(ack_on(0), MODEL_NONE);
    flush(2);
    assert_int_equal(ack_on(2), SPI);
    tear_down();
}

static void an_active_interrupt_is_ended_where_it_was_acknowledged(void **state)
{
    (void)state;
    set_up();
    deliver();
    assert_int_equal(ack_on(0), SPI);
    dist_write(1, 0x800 + SPI, 1, 4);
    flush(0);
    vgic_inject(&vgic, NULL, SPI);
    flush(0);
    assert_int_equal(ack_on(2), MODEL_NONE);
    fake_cpu_switch(0);
    guest_eoi(SPI);
    kicked[0] = 0;
    assert_true(model_maintenance());
    assert_true(vgic_maintenance(&vcpu[0]));
    take_kicks(vcpu[0].kick);
    assert_int_equal(kicked[0], 4);
    assert_int_equal(guest_ack(), MODEL_NONE);
    flush(2);
    assert_int_equal(ack_on(2), SPI);
    tear_down();
}

static void without_a_target_it_stays_pending(void **state)
{
    (void)state;
    set_up();
    dist_write(1, 0x800 + SPI, 1, 0);
    assert_null(vgic_inject(&vgic, NULL, SPI));
    assert_int_equal(dist_read(1, 0x204, 4), BIT_SPI);
    dist_write(1, 0x800 + SPI, 1, 2);
    assert_int_equal(ack_on(1), SPI);
    tear_down();
}

static void a_change_of_target_while_queued_needs_no_detour(void **state)
{
    (void)state;
    set_up();
    save(0);
    fake_cpu_switch(1);
    assert_ptr_equal(vgic_inject(&vgic, NULL, SPI), &vcpu[0]);
    dist_write(1, 0x800 + SPI, 1, 2);
    assert_int_equal(ack_on(1), SPI);
    load(0, 0);
    assert_int_equal(ack_on(0), MODEL_NONE);
    tear_down();
}

/* The guest clears the active state itself before it has looked at what another CPU asked for. */
static void a_request_outlives_a_deactivation(void **state)
{
    (void)state;
    set_up();
    deliver();
    assert_int_equal(ack_on(0), SPI);
    dist_write(1, 0x204, 4, BIT_SPI);      /* GICD_ISPENDR by CPU 1: a request */
    assert_int_equal(vgic.requests, 1);
    fake_cpu_switch(0);
    dist_write(0, 0x384, 4, BIT_SPI);      /* GICD_ICACTIVER by CPU 0, before the kick */
    flush(0);
    assert_int_equal(vgic.requests, 0);
    assert_int_equal(ack_on(0), SPI);
    tear_down();
}

/* What another CPU has asked for keeps a vCPU from blocking: its kick may have come before. */
static void a_request_keeps_the_vcpu_awake(void **state)
{
    (void)state;
    set_up();
    deliver();
    assert_int_equal(ack_on(0), SPI);
    fake_cpu_switch(0);
    guest_eoi(SPI);                        /* the list register is empty, not yet reclaimed */
    fake_cpu_switch(1);
    dist_write(1, 0x204, 4, BIT_SPI);      /* GICD_ISPENDR */
    assert_int_equal(vgic.requests, 1);
    fake_cpu_switch(0);
    assert_true(vgic_cpu_has_pending(&vcpu[0]));
    tear_down();
}

/* An injection for a new target that the old one still has to hand over. */
static void a_stray_keeps_the_vcpu_awake(void **state)
{
    (void)state;
    set_up();
    deliver();
    assert_int_equal(ack_on(0), SPI);
    dist_write(1, 0x800 + SPI, 1, 4);
    flush(0);
    guest_eoi(SPI);
    fake_cpu_switch(1);
    kicked[0] = 0;
    assert_ptr_equal(vgic_inject(&vgic, NULL, SPI), &vcpu[0]);
    fake_cpu_switch(0);
    assert_true(vgic_cpu_has_pending(&vcpu[0]));
    tear_down();
}

/* Nobody else would tell of that EOI: the level does not change. */
static void a_level_that_stays_high_goes_to_the_new_target_at_the_eoi(void **state)
{
    (void)state;
    set_up();
    fake_cpu_switch(0);
    vgic_set_level(&vgic, NULL, SPI, true);
    assert_int_equal(guest_ack(), SPI);
    dist_write(0, 0x800 + SPI, 1, 4);
    flush(0);
    guest_eoi(SPI);
    assert_true(model_maintenance());
    vgic_maintenance(&vcpu[0]);
    flush(2);
    assert_int_equal(ack_on(2), SPI);
    tear_down();
}

static void what_is_deactivated_from_elsewhere_wakes_who_has_it_pending(void **state)
{
    (void)state;
    set_up();
    deliver();
    assert_int_equal(ack_on(0), SPI);
    save(0);
    fake_cpu_switch(1);
    assert_null(vgic_inject(&vgic, NULL, SPI));
    assert_false(vgic_cpu_has_pending(&vcpu[0]));
    kicked[0] = 0;
    dist_write(1, 0x384, 4, BIT_SPI);
    assert_true(vgic_cpu_has_pending(&vcpu[0]));
    assert_int_equal(kicked[0], 1);
    load(0, 0);
    tear_down();
}

/* --- deactivation by GICC_DIR or ICC_DIR_EL1 ------------------------------------------------- */

static void split_eoi(void)
{
    for (unsigned i = 0; i < 3; i++)
        model_cpu[i].interface.vmcr = GIC_VMCR_EOIM;
}

static void another_vcpu_deactivates_what_one_has_acknowledged(void **state)
{
    (void)state;
    set_up();
    split_eoi();
    for (unsigned i = 0; i < 2; i++) {
        deliver();
        assert_int_equal(ack_on(0), SPI);
        assert_ptr_equal(vgic_deactivate(&vcpu[1], SPI), &vcpu[0]);
        flush(0);
        assert_int_equal(dist_read(0, 0x304, 4), 0);
        fake_cpu_switch(1);
    }
    tear_down();
}

static void what_is_active_in_no_list_register_is_deactivated(void **state)
{
    (void)state;
    set_up();
    split_eoi();
    deliver();
    assert_int_equal(ack_on(0), SPI);
    save(0);
    fake_cpu_switch(1);
    assert_null(vgic_deactivate(&vcpu[1], SPI));
    assert_int_equal(dist_read(1, 0x304, 4), 0);
    load(0, 0);
    fake_cpu_switch(1);
    deliver();
    assert_int_equal(ack_on(0), SPI);
    tear_down();
}

static void what_came_again_while_active_is_pending_after_ones_own_deactivation(void **state)
{
    (void)state;
    set_up();
    split_eoi();
    deliver();
    fake_cpu_switch(0);
    assert_int_equal(guest_ack(), SPI);
    vgic_inject(&vgic, NULL, SPI);
    assert_int_equal(guest_ack(), MODEL_NONE);
    assert_null(vgic_deactivate(&vcpu[0], SPI));
    assert_int_equal(guest_ack(), SPI);
    assert_null(vgic_deactivate(&vcpu[0], SPI));
    assert_int_equal(guest_ack(), MODEL_NONE);
    tear_down();
}

static void without_priority_drop_a_deactivation_is_ignored(void **state)
{
    (void)state;
    set_up();
    deliver();
    assert_int_equal(ack_on(0), SPI);
    assert_null(vgic_deactivate(&vcpu[1], SPI));
    fake_cpu_switch(0);
    assert_null(vgic_deactivate(&vcpu[0], SPI));
    assert_int_equal(dist_read(0, 0x304, 4), BIT_SPI);
    split_eoi();
    assert_null(vgic_deactivate(&vcpu[0], 96)); /* there is none */
    assert_null(vgic_deactivate(&vcpu[0], 1023));
    assert_null(vgic_deactivate(&vcpu[0], SPI));
    assert_int_equal(dist_read(0, 0x304, 4), 0);
    tear_down();
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disable_from_elsewhere_works_at_the_next_flush),
        cmocka_unit_test(a_switch_answers_requests_too),
        cmocka_unit_test(a_read_of_anothers_state_is_retried_and_then_true),
        cmocka_unit_test(a_read_of_an_unloaded_vcpus_state_is_true_at_once),
        cmocka_unit_test(of_opposite_requests_the_last_counts),
        cmocka_unit_test(clearing_pending_leaves_active_alone),
        cmocka_unit_test(set_active_is_ended_by_an_eoi),
        cmocka_unit_test(a_pending_interrupt_goes_to_its_new_target),
        cmocka_unit_test(an_active_interrupt_is_ended_where_it_was_acknowledged),
        cmocka_unit_test(without_a_target_it_stays_pending),
        cmocka_unit_test(a_change_of_target_while_queued_needs_no_detour),
    cmocka_unit_test(a_request_outlives_a_deactivation),
    cmocka_unit_test(a_request_keeps_the_vcpu_awake),
    cmocka_unit_test(a_stray_keeps_the_vcpu_awake),
    cmocka_unit_test(a_level_that_stays_high_goes_to_the_new_target_at_the_eoi),
    cmocka_unit_test(what_is_deactivated_from_elsewhere_wakes_who_has_it_pending),
        cmocka_unit_test(another_vcpu_deactivates_what_one_has_acknowledged),
        cmocka_unit_test(what_is_active_in_no_list_register_is_deactivated),
        cmocka_unit_test(what_came_again_while_active_is_pending_after_ones_own_deactivation),
        cmocka_unit_test(without_priority_drop_a_deactivation_is_ignored),
    };

    return fake_run_tests(tests, ARRAY_SIZE(tests), argc, argv);
}
