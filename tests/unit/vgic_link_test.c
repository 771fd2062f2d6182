/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical interrupts of the vGIC: linked SPIs, and the timer's PPI.
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

/* --- physical links ------------------------------------------------------------------------ */

static void link_spi(void)
{
    assert_int_equal(vgic_link_physical(&vgic, SPI, 77), 0);
    assert_int_equal(vgic_link_physical(&vgic, SPI, 78), -EBUSY);
    dist_write(0, 0x180 + SPI / 32 * 4, 4, 1u << (SPI % 32));
}

/* The interrupt exception on this CPU: who is to be kicked. */
static struct vgic_cpu *fire(struct vgic_cpu *c)
{
    unsigned pirq = model_take();

    assert_int_not_equal(pirq, MODEL_NONE);
    return vgic_physical_fired(&vgic, c, pirq == 77 ? SPI : pirq);
}

static void bad_links_are_refused(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    assert_int_equal(vgic_link_physical(&vgic, 5, 77), -EINVAL);
    assert_int_equal(vgic_link_physical(&vgic, SPI, 27), -EINVAL);
    assert_int_equal(vgic_link_physical(&vgic, 27, 77), -EINVAL);
    assert_int_equal(vgic_link_physical(&vgic, 96, 77), -EINVAL);
    assert_int_equal(vgic_link_physical(&vgic, SPI, MODEL_INTIDS), -EINVAL);
    save(0);
    domain_free();
}

static void a_linked_interrupt_is_ended_by_the_guest_alone(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    link_spi();
    assert_false(model_spi[77].enabled);
    guest_enable(0, SPI);
    assert_true(model_spi[77].enabled);
    for (unsigned i = 0; i < 3; i++) {
        model_line(&model_spi[77], true);
        assert_ptr_equal(fire(NULL), &vcpu[0]);
        assert_int_equal(model_take(), MODEL_NONE);
        assert_int_equal(guest_ack(), SPI);
        model_line(&model_spi[77], false);
        guest_eoi(SPI);
        assert_false(model_spi[77].active);
    }
    assert_int_equal(model_cpu[0].lr_reads + model_cpu[0].elrsr_reads, 0);
    assert_int_equal(model_cpu[0].lr_writes, 3);
    save(0);
    domain_free();
}

static void where_links_do_not_deactivate_the_eoi_is_asked_for(void **state)
{
    (void)state;
    model_info.is_flawed = true;
    set_up(GIC_V2, 1, 1);
    link_spi();
    guest_enable(0, SPI);
    for (unsigned i = 0; i < 3; i++) {
        model_line(&model_spi[77], true);
        assert_ptr_equal(fire(NULL), &vcpu[0]);
        assert_int_equal(guest_ack(), SPI);
        guest_eoi(SPI);
        assert_true(model_spi[77].active);
        assert_true(model_maintenance());
        vgic_maintenance(&vcpu[0]);
        assert_false(model_spi[77].active);
        assert_false(model_maintenance());
    }
    fire(NULL);
    model_line(&model_spi[77], false);
    assert_int_equal(guest_ack(), SPI);
    guest_eoi(SPI);
    save(0);
    assert_false(model_spi[77].active);
    domain_free();
}

static void disabling_takes_a_linked_interrupt_back_and_enabling_resamples_it(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    link_spi();
    guest_enable(0, SPI);
    model_line(&model_spi[77], true);
    fire(NULL);
    dist_write(0, 0x184, 4, 1u << (SPI % 32));
    assert_false(model_spi[77].enabled);
    assert_int_equal(guest_ack(), MODEL_NONE);
    model_line(&model_spi[77], false);
    guest_enable(0, SPI);
    assert_false(model_spi[77].active);
    assert_int_equal(model_take(), MODEL_NONE);
    assert_int_equal(guest_ack(), MODEL_NONE);
    save(0);
    domain_free();
}

static void an_edge_is_not_lost_by_disabling(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    link_spi();
    dist_write(0, 0xc00 + SPI / 16 * 4, 4, 2u << (SPI % 16 * 2));
    assert_true(model_spi[77].edge);
    guest_enable(0, SPI);
    model_line(&model_spi[77], true);
    fire(NULL);
    dist_write(0, 0x184, 4, 1u << (SPI % 32));
    guest_enable(0, SPI);
    assert_ptr_equal(fire(NULL), &vcpu[0]);
    assert_int_equal(guest_ack(), SPI);
    guest_eoi(SPI);
    assert_int_equal(model_take(), MODEL_NONE);
    save(0);
    domain_free();
}

static void a_deactivation_reaches_the_physical_interrupt(void **state)
{
    (void)state;
    set_up(GIC_V3, 2, 2);
    load(1, 1);
    fake_cpu_switch(0);
    link_spi();
    guest_enable(0, SPI);
    for (unsigned i = 0; i < 2; i++) {
        model_cpu[0].interface.vmcr = model_cpu[1].interface.vmcr = GIC_VMCR_EOIM;
        model_line(&model_spi[77], true);
        assert_ptr_equal(fire(NULL), &vcpu[0]);
        assert_int_equal(guest_ack(), SPI);
        model_line(&model_spi[77], false);
        fake_cpu_switch(i);
        assert_ptr_equal(vgic_deactivate(&vcpu[i], SPI), i ? &vcpu[0] : NULL);
        flush(0);
        assert_false(model_spi[77].active);
    }
    save(1);
    save(0);
    domain_free();
}

/* Read while it is in a list register, while the vCPU is not loaded, and from another CPU. */
static void a_linked_level_that_its_device_takes_back_reads_as_not_pending(void **state)
{
    (void)state;
    set_up(GIC_V2, 2, 2);
    load(1, 1);
    fake_cpu_switch(0);
    link_spi();
    guest_enable(0, SPI);
    for (unsigned i = 0; i < 3; i++) {
        fake_cpu_switch(0);
        model_line(&model_spi[77], true);
        assert_ptr_equal(fire(NULL), &vcpu[0]);
        assert_int_equal(dist_read(0, 0x204, 4), 1u << (SPI % 32));
        model_line(&model_spi[77], false);
        if (i == 1)
            save(0);
        fake_cpu_switch(i > 0);
        dist_read(i > 0, 0x204, 4);
        assert_int_equal(dist_retried, i == 2);
        if (i == 1)
            load(0, 0);
        flush(0);
        assert_int_equal(dist_read(0, 0x204, 4), 0);
        assert_false(model_spi[77].active);
        assert_int_equal(guest_ack(), MODEL_NONE);
    }
    save(1);
    save(0);
    domain_free();
}

static void clearing_active_does_not_leave_the_physical_interrupt_stuck(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    link_spi();
    guest_enable(0, SPI);
    model_line(&model_spi[77], true);
    fire(NULL);
    assert_int_equal(guest_ack(), SPI);
    assert_int_equal(dist_read(0, 0x304, 4), 1u << (SPI % 32));
    model_line(&model_spi[77], false);
    dist_write(0, 0x384, 4, 1u << (SPI % 32));
    assert_false(model_spi[77].active);
    assert_int_equal(dist_read(0, 0x304, 4), 0);
    model_line(&model_spi[77], true);
    fire(NULL);
    assert_int_equal(guest_ack(), SPI);
    save(0);
    domain_free();
}

static void software_pends_a_linked_interrupt_in_the_physical_gic(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    link_spi();
    guest_enable(0, SPI);
    dist_write(0, 0x204, 4, 1u << (SPI % 32));
    assert_int_equal(dist_read(0, 0x204, 4), 1u << (SPI % 32));
    fire(NULL);
    assert_int_equal(guest_ack(), SPI);
    dist_write(0, 0x204, 4, 1u << (SPI % 32));
    assert_int_equal(model_take(), MODEL_NONE);
    guest_eoi(SPI);
    fire(NULL);
    assert_int_equal(guest_ack(), SPI);
    guest_eoi(SPI);
    assert_int_equal(model_take(), MODEL_NONE);
    save(0);
    domain_free();
}

static void a_retargeted_linked_interrupt_follows_the_vcpu(void **state)
{
    (void)state;
    set_up(GIC_V2, 2, 2);
    load(1, 1);
    fake_cpu_switch(0);
    link_spi();
    guest_enable(0, SPI);
    dist_write(0, 0x800 + SPI, 1, 2);
    assert_int_equal(model_spi[77].cpu, 1);
    model_line(&model_spi[77], true);
    assert_int_equal(model_take(), MODEL_NONE);
    fake_cpu_switch(1);
    assert_ptr_equal(fire(NULL), &vcpu[1]);
    assert_int_equal(guest_ack(), SPI);
    save(0);
    save(1);
    domain_free();
}

static void a_pending_linked_interrupt_moves_with_its_new_target(void **state)
{
    (void)state;
    set_up(GIC_V2, 2, 2);
    load(1, 1);
    fake_cpu_switch(0);
    link_spi();
    guest_enable(0, SPI);
    model_line(&model_spi[77], true);
    fire(NULL);
    kicked[0] = 0;
    /* vCPU 1 takes it from vCPU 0, which has it in a list register. */
    fake_cpu_switch(1);
    dist_write(1, 0x800 + SPI, 1, 2);
    assert_int_equal(kicked[0], 1);
    assert_int_equal(guest_ack(), MODEL_NONE);
    kicked[0] = 0;
    flush(0);
    assert_int_equal(guest_ack(), MODEL_NONE);
    assert_int_equal(kicked[0], 2);
    flush(1);
    assert_int_equal(guest_ack(), SPI);
    model_line(&model_spi[77], false);
    guest_eoi(SPI);
    assert_false(model_spi[77].active);
    save(0);
    save(1);
    domain_free();
}

static void unlinking_leaves_the_physical_interrupt_off_and_idle(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    link_spi();
    guest_enable(0, SPI);
    model_line(&model_spi[77], true);
    fire(NULL);
    assert_int_equal(guest_ack(), SPI);
    save(0);
    vgic_unlink_physical(&vgic, SPI);
    assert_false(model_spi[77].active);
    assert_false(model_spi[77].enabled);
    assert_null(vgic_physical_fired(&vgic, NULL, SPI));
    load(0, 0);
    assert_int_equal(guest_ack(), MODEL_NONE);
    save(0);
    domain_free();
}

/* --- the timer PPI -------------------------------------------------------------------------- */

static void timer_set_up(unsigned cpus, unsigned vcpus)
{
    set_up(GIC_V2, cpus, vcpus);
    assert_int_equal(vgic_link_physical(&vgic, 27, 27), 0);
    for (unsigned i = 0; i < cpus; i++)
        model_cpu[i].ppi[27].enabled = true;
}

static void the_timers_active_state_travels_with_the_vcpu(void **state)
{
    (void)state;
    timer_set_up(2, 2);
    guest_enable(0, 27);
    model_line(&model_cpu[0].ppi[27], true);
    assert_ptr_equal(fire(&vcpu[0]), &vcpu[0]);
    assert_int_equal(guest_ack(), 27);
    model_line(&model_cpu[0].ppi[27], false); /* vtimer_save */
    save(0);
    assert_false(model_cpu[0].ppi[27].active);
    load(1, 0); /* vCPU 1's own timer can fire here */
    guest_enable(1, 27);
    model_line(&model_cpu[0].ppi[27], true);
    assert_ptr_equal(fire(&vcpu[1]), &vcpu[1]);
    load(0, 1);
    assert_true(model_cpu[1].ppi[27].active);
    model_line(&model_cpu[1].ppi[27], true); /* vtimer_load: still asserted, but active */
    assert_int_equal(model_take(), MODEL_NONE);
    model_line(&model_cpu[1].ppi[27], false);
    guest_eoi(27);
    assert_false(model_cpu[1].ppi[27].active);
    save(0);
    fake_cpu_switch(0);
    assert_int_equal(guest_ack(), 27);
    model_line(&model_cpu[0].ppi[27], false);
    guest_eoi(27);
    save(1);
    domain_free();
}

static void a_disabled_timer_fires_once_at_el2_and_is_sampled_when_enabled(void **state)
{
    (void)state;
    timer_set_up(1, 2);
    model_line(&model_cpu[0].ppi[27], true);
    assert_null(fire(&vcpu[0]));
    assert_int_equal(model_take(), MODEL_NONE);
    model_line(&model_cpu[0].ppi[27], false);
    save(0);
    assert_false(model_cpu[0].ppi[27].active);
    load(1, 0);
    save(1);
    load(0, 0);
    assert_true(model_cpu[0].ppi[27].active);
    guest_enable(0, 27);
    assert_false(model_cpu[0].ppi[27].active);
    assert_int_equal(guest_ack(), MODEL_NONE);
    model_line(&model_cpu[0].ppi[27], true);
    assert_ptr_equal(fire(&vcpu[0]), &vcpu[0]);
    assert_int_equal(guest_ack(), 27);
    model_line(&model_cpu[0].ppi[27], false);
    save(0);
    domain_free();
}

static void a_timer_interrupt_made_pending_stays_with_its_vcpu(void **state)
{
    (void)state;
    timer_set_up(1, 2);
    guest_enable(0, 27);
    dist_write(0, 0x200, 4, 1u << 27);
    save(0);
    load(1, 0);
    assert_int_equal(model_take(), MODEL_NONE);
    save(1);
    load(0, 0);
    assert_ptr_equal(fire(&vcpu[0]), &vcpu[0]);
    assert_int_equal(guest_ack(), 27);
    guest_eoi(27);
    save(0);
    load(0, 0);
    assert_int_equal(model_take(), MODEL_NONE);
    save(0);
    domain_free();
}

static void a_reset_leaves_nothing_active(void **state)
{
    (void)state;
    timer_set_up(1, 1);
    guest_enable(0, 27);
    model_line(&model_cpu[0].ppi[27], true);
    fire(&vcpu[0]);
    assert_int_equal(guest_ack(), 27);
    model_line(&model_cpu[0].ppi[27], false);
    save(0);
    vgic_cpu_reset(&vcpu[0]);
    assert_false(vgic_cpu_has_pending(&vcpu[0]));
    load(0, 0);
    assert_false(model_cpu[0].ppi[27].active);
    assert_int_equal(dist_read(0, 0x300, 4), 0);
    save(0);
    domain_free();
}

static void a_level_that_software_made_pending_survives_a_read(void **state)
{
    (void)state;
    set_up(GIC_V2, 1, 1);
    link_spi();
    guest_enable(0, SPI);
    dist_write(0, 0x204, 4, 1u << (SPI % 32));
    assert_int_equal(dist_read(0, 0x204, 4), 1u << (SPI % 32));
    fire(NULL);
    assert_int_equal(dist_read(0, 0x204, 4), 1u << (SPI % 32));
    assert_int_equal(guest_ack(), SPI);
    dist_write(0, 0x204, 4, 1u << (SPI % 32)); /* while active */
    guest_eoi(SPI);
    fire(NULL);
    dist_read(0, 0x304, 4);
    assert_int_equal(guest_ack(), SPI);
    save(0);
    domain_free();
}

static void a_read_of_anothers_timer_meets_the_switch(void **state)
{
    struct vgic_access a;

    (void)state;
    domain_make(GIC_V3, 2, 2);
    assert_int_equal(vgic_link_physical(&vgic, 27, 27), 0);
    load(1, 1);
    load(0, 0);
    guest_enable(0, 27);
    model_cpu[0].ppi[27].enabled = true;
    model_line(&model_cpu[0].ppi[27], true);
    assert_int_equal(model_take(), 27);
    vgic_physical_fired(&vgic, &vcpu[0], 27);
    fake_cpu_switch(1);
    a = access_make(1, 0x10200, 4);
    assert_true(vgic_v3_redist_access(&vgic, &a));
    assert_true(a.retry);
    model_line(&model_cpu[0].ppi[27], false); /* vtimer_save() */
    save(0);
    fake_cpu_switch(1);
    a = access_make(1, 0x10200, 4);
    assert_true(vgic_v3_redist_access(&vgic, &a));
    assert_false(a.retry);
    assert_int_equal(a.value, 1u << 27);
    save(1);
    domain_free();
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_links_are_refused),
        cmocka_unit_test(a_linked_interrupt_is_ended_by_the_guest_alone),
        cmocka_unit_test(where_links_do_not_deactivate_the_eoi_is_asked_for),
        cmocka_unit_test(disabling_takes_a_linked_interrupt_back_and_enabling_resamples_it),
        cmocka_unit_test(an_edge_is_not_lost_by_disabling),
        cmocka_unit_test(a_deactivation_reaches_the_physical_interrupt),
        cmocka_unit_test(a_linked_level_that_its_device_takes_back_reads_as_not_pending),
        cmocka_unit_test(clearing_active_does_not_leave_the_physical_interrupt_stuck),
        cmocka_unit_test(a_level_that_software_made_pending_survives_a_read),
        cmocka_unit_test(a_read_of_anothers_timer_meets_the_switch),
        cmocka_unit_test(software_pends_a_linked_interrupt_in_the_physical_gic),
        cmocka_unit_test(a_retargeted_linked_interrupt_follows_the_vcpu),
        cmocka_unit_test(a_pending_linked_interrupt_moves_with_its_new_target),
        cmocka_unit_test(unlinking_leaves_the_physical_interrupt_off_and_idle),
        cmocka_unit_test(the_timers_active_state_travels_with_the_vcpu),
        cmocka_unit_test(a_disabled_timer_fires_once_at_el2_and_is_sampled_when_enabled),
        cmocka_unit_test(a_timer_interrupt_made_pending_stays_with_its_vcpu),
        cmocka_unit_test(a_reset_leaves_nothing_active),
    };

    return fake_run_tests(tests, ARRAY_SIZE(tests), argc, argv);
}
