/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vGIC as the hypervisor uses it: set-up, injection, loading and saving.
 */
#include "tests/unit/vgic_model.h"

#include "core/base/errors.h"

#define UPCALL 31u
#define SPI 40u

static void set_up(enum gic_version version, unsigned cpus, unsigned vcpus)
{
    domain_make(version, cpus, vcpus);
    load(0, 0);
    guest_enable(0, UPCALL);
    guest_enable(0, SPI);
    kicked[0] = 0;
}

static void more_cpus_or_interrupts_than_the_version_has_are_refused(void **state)
{
    struct vgic v;
    struct vgic_cpu c;

    (void)state;
    fake_machine_init(1);
    assert_int_equal(vgic_init(&v, GIC_V2, 32, 9), -EINVAL);
    assert_int_equal(vgic_init(&v, GIC_V3, 32, 129), -EINVAL);
    assert_int_equal(vgic_init(&v, GIC_V2, 993, 1), -EINVAL);
    assert_int_equal(vgic_init(&v, GIC_V2, 32, 0), -EINVAL);
    assert_int_equal(vgic_init(&v, GIC_V2, 988, 2), 0);
    assert_int_equal(vgic_cpu_init(&v, &c, 2), -EINVAL);
    assert_int_equal(vgic_cpu_init(&v, &c, 0), 0);
    assert_int_equal(vgic_cpu_init(&v, &c, 0), -EINVAL);
    vgic_cpu_destroy(&c);
    vgic_destroy(&v);
    assert_int_equal(model_allocations, 0);
}

static void an_injection_is_in_a_list_register_at_once_when_loaded_here(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    assert_ptr_equal(vgic_inject(&vgic, &vcpu[0], UPCALL), &vcpu[0]);
    assert_false(vgic_cpu_needs_flush(&vcpu[0]));
    assert_int_equal(model_cpu[0].lr_writes, 1);
    assert_int_equal(model_cpu[0].lr_reads + model_cpu[0].elrsr_reads, 0);
    assert_int_equal(guest_ack(), UPCALL);
    guest_eoi(UPCALL);
    assert_false(model_maintenance());
    save(0);
    domain_free();
}

static void a_disabled_interrupt_wakes_nobody_and_comes_when_enabled(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    dist_write(0, 0x180, 4, 1u << UPCALL);
    assert_null(vgic_inject(&vgic, &vcpu[0], UPCALL));
    assert_int_equal(guest_ack(), MODEL_NONE);
    assert_false(vgic_cpu_has_pending(&vcpu[0]));
    dist_write(0, 0x100, 4, 1u << UPCALL);
    assert_int_equal(guest_ack(), UPCALL);
    save(0);
    domain_free();
}

static void an_event_during_the_upcall_makes_it_active_and_pending(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    vgic_inject(&vgic, &vcpu[0], UPCALL);
    assert_int_equal(guest_ack(), UPCALL);
    vgic_inject(&vgic, &vcpu[0], UPCALL);
    assert_int_equal(guest_ack(), MODEL_NONE);
    guest_eoi(UPCALL);
    assert_int_equal(guest_ack(), UPCALL);
    guest_eoi(UPCALL);
    assert_int_equal(guest_ack(), MODEL_NONE);
    save(0);
    domain_free();
}

static void an_event_before_the_acknowledge_is_the_same_interrupt(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    vgic_inject(&vgic, &vcpu[0], UPCALL);
    vgic_inject(&vgic, &vcpu[0], UPCALL);
    assert_int_equal(guest_ack(), UPCALL);
    guest_eoi(UPCALL);
    assert_int_equal(guest_ack(), MODEL_NONE);
    save(0);
    domain_free();
}

static void a_vcpu_elsewhere_is_queued_kicked_once_and_flushes(void **state)
{
    (void)state;
    set_up(GIC_V2, 2, 2);
    load(1, 1);
    guest_enable(1, UPCALL);
    fake_cpu_switch(0);
    assert_ptr_equal(vgic_inject(&vgic, &vcpu[1], UPCALL), &vcpu[1]);
    assert_null(vgic_inject(&vgic, &vcpu[1], UPCALL));
    assert_int_equal(model_cpu[0].lr_writes + model_cpu[1].lr_writes, 0);
    flush(1);
    assert_int_equal(guest_ack(), UPCALL);
    save(0);
    save(1);
    domain_free();
}

static void what_is_in_flight_survives_a_switch_to_another_cpu(void **state)
{
    (void)state;
    set_up(GIC_V2, 2, 1);
    vgic_inject(&vgic, &vcpu[0], UPCALL);
    vgic_inject(&vgic, &vcpu[0], SPI);
    dist_write(0, 0x400 + SPI, 1, 0x80);
    assert_int_equal(guest_ack(), UPCALL);
    vgic_inject(&vgic, &vcpu[0], UPCALL);
    save(0);
    assert_true(vgic_cpu_has_pending(&vcpu[0]));
    load(0, 1);
    assert_int_equal(guest_ack(), SPI);
    assert_int_equal(guest_ack(), MODEL_NONE);
    guest_eoi(UPCALL);
    assert_int_equal(guest_ack(), UPCALL);
    guest_eoi(UPCALL);
    guest_eoi(SPI);
    save(0);
    assert_false(vgic_cpu_has_pending(&vcpu[0]));
    domain_free();
}

static void an_idle_switch_touches_no_list_register(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    save(0);
    load(0, 0);
    save(0);
    assert_int_equal(model_cpu[0].lr_reads + model_cpu[0].lr_writes, 0);
    assert_int_equal(model_cpu[0].elrsr_reads, 0);
    domain_free();
}

static void a_level_comes_again_at_eoi_until_it_is_lowered(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    assert_ptr_equal(vgic_set_level(&vgic, &vcpu[0], UPCALL, true), &vcpu[0]);
    assert_int_equal(guest_ack(), UPCALL);
    guest_eoi(UPCALL);
    assert_true(model_maintenance());
    vgic_maintenance(&vcpu[0]);
    assert_false(model_maintenance());
    assert_int_equal(guest_ack(), UPCALL);
    vgic_set_level(&vgic, &vcpu[0], UPCALL, false);
    guest_eoi(UPCALL);
    assert_false(model_maintenance());
    assert_int_equal(guest_ack(), MODEL_NONE);
    save(0);
    domain_free();
}

static void a_lowered_level_is_taken_back(void **state)
{
    (void)state;
    set_up(GIC_V2, 2, 2);
    vgic_set_level(&vgic, &vcpu[0], UPCALL, true);
    vgic_set_level(&vgic, &vcpu[0], UPCALL, false);
    assert_int_equal(guest_ack(), MODEL_NONE);
    load(1, 1);
    guest_enable(1, UPCALL);
    vgic_set_level(&vgic, &vcpu[1], UPCALL, true);
    fake_cpu_switch(0);
    assert_ptr_equal(vgic_set_level(&vgic, &vcpu[1], UPCALL, false), &vcpu[1]);
    flush(1);
    assert_int_equal(guest_ack(), MODEL_NONE);
    save(0);
    save(1);
    domain_free();
}

static void a_level_raised_while_active_comes_after_the_eoi(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    vgic_inject(&vgic, &vcpu[0], UPCALL);
    assert_int_equal(guest_ack(), UPCALL);
    vgic_set_level(&vgic, &vcpu[0], UPCALL, true);
    guest_eoi(UPCALL);
    assert_true(model_maintenance());
    vgic_maintenance(&vcpu[0]);
    assert_int_equal(guest_ack(), UPCALL);
    vgic_set_level(&vgic, &vcpu[0], UPCALL, false);
    save(0);
    domain_free();
}

static void a_level_under_a_latch_is_not_forgotten(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    vgic_inject(&vgic, &vcpu[0], UPCALL);
    guest_eoi(guest_ack());
    dist_write(0, 0x180, 4, 1u << UPCALL);
    vgic_inject(&vgic, &vcpu[0], UPCALL);
    vgic_set_level(&vgic, &vcpu[0], UPCALL, true);
    dist_write(0, 0x100, 4, 1u << UPCALL);
    assert_int_equal(guest_ack(), UPCALL);
    guest_eoi(UPCALL);
    assert_true(model_maintenance());
    vgic_maintenance(&vcpu[0]);
    assert_int_equal(guest_ack(), UPCALL);
    save(0);
    domain_free();
}

static void a_new_priority_counts_from_the_next_delivery_on(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    dist_write(0, 0x400 + SPI, 1, 0x80);
    vgic_inject(&vgic, NULL, SPI);
    guest_eoi(guest_ack());
    dist_write(0, 0x400 + SPI, 1, 0x20);
    dist_write(0, 0x400 + UPCALL, 1, 0x40);
    vgic_inject(&vgic, &vcpu[0], UPCALL);
    vgic_inject(&vgic, NULL, SPI);
    assert_int_equal(guest_ack(), SPI);
    save(0);
    domain_free();
}

static void a_new_group_counts_from_the_next_delivery_on(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    vgic_inject(&vgic, NULL, SPI);
    assert_false(model_cpu[0].lr[0].group1);
    guest_eoi(guest_ack());
    dist_write(0, 0x084, 4, 1u << (SPI % 32));
    vgic_inject(&vgic, NULL, SPI);
    assert_true(model_cpu[0].lr[0].group1);
    save(0);
    domain_free();
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_cpus_or_interrupts_than_the_version_has_are_refused),
        cmocka_unit_test(an_injection_is_in_a_list_register_at_once_when_loaded_here),
        cmocka_unit_test(a_disabled_interrupt_wakes_nobody_and_comes_when_enabled),
        cmocka_unit_test(an_event_during_the_upcall_makes_it_active_and_pending),
        cmocka_unit_test(an_event_before_the_acknowledge_is_the_same_interrupt),
        cmocka_unit_test(a_vcpu_elsewhere_is_queued_kicked_once_and_flushes),
        cmocka_unit_test(what_is_in_flight_survives_a_switch_to_another_cpu),
        cmocka_unit_test(an_idle_switch_touches_no_list_register),
        cmocka_unit_test(a_level_comes_again_at_eoi_until_it_is_lowered),
        cmocka_unit_test(a_lowered_level_is_taken_back),
        cmocka_unit_test(a_level_raised_while_active_comes_after_the_eoi),
        cmocka_unit_test(a_level_under_a_latch_is_not_forgotten),
        cmocka_unit_test(a_new_priority_counts_from_the_next_delivery_on),
        cmocka_unit_test(a_new_group_counts_from_the_next_delivery_on),
    };

    return fake_run_tests(tests, ARRAY_SIZE(tests), argc, argv);
}
