/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers: overflow, priorities, one sender of an SGI after the other.
 */
#include "tests/unit/vgic_model.h"

#define SPI 40u

static void set_up(unsigned cpus, unsigned vcpus)
{
    domain_make(GIC_V2, cpus, vcpus);
    load(0, 0);
    dist_write(0, 0x000, 4, 3);
    dist_write(0, 0x104, 4, ~0u);
    dist_write(0, 0x108, 4, ~0u);
    kicked[0] = 0;
}

static void priority(unsigned intid, uint8_t p) { dist_write(0, 0x400 + intid, 1, p); }
static void inject(unsigned intid) { vgic_inject(&vgic, &vcpu[0], intid); }

/* Acknowledges and ends all, serving maintenance; the order, as digits INTID - SPI. */
static unsigned long drain(void)
{
    unsigned long order = 0;

    for (;;) {
        unsigned intid;

        if (model_maintenance())
            vgic_maintenance(&vcpu[0]);
        intid = guest_ack();
        if (intid == MODEL_NONE)
            break;
        order = order * 10 + (intid - SPI);
        guest_eoi(intid);
    }
    assert_false(model_maintenance());
    return order;
}

static void more_than_fit_come_in_order_of_priority(void **state)
{
    (void)state;
    set_up(1, 1);
    for (unsigned i = 1; i <= 9; i++) {
        priority(SPI + i, (uint8_t)(0x90 - i * 8));
        inject(SPI + i);
    }
    assert_true(model_cpu[0].underflow);
    assert_int_equal(drain(), 987654321);
    assert_false(model_cpu[0].underflow);
    save(0);
    domain_free();
}

static void of_equal_priorities_each_is_served_once(void **state)
{
    unsigned long order;
    unsigned served = 0;

    (void)state;
    set_up(1, 1);
    for (unsigned i = 1; i <= 9; i++)
        inject(SPI + i);
    for (order = drain(); order; order /= 10)
        served += 1u << (order % 10 * 3);
    assert_int_equal(served, 0x9249248);
    save(0);
    domain_free();
}

static void what_fits_never_asks_for_maintenance(void **state)
{
    (void)state;
    set_up(1, 1);
    for (unsigned round = 0; round < 5; round++) {
        for (unsigned i = 1; i <= 4; i++)
            inject(SPI + (round + i) % 7);
        for (unsigned i = 1; i <= 4; i++) {
            unsigned intid = guest_ack();

            assert_int_not_equal(intid, MODEL_NONE);
            guest_eoi(intid);
        }
        assert_false(model_cpu[0].underflow);
    }
    save(0);
    domain_free();
}

static void empty_list_registers_are_looked_for_only_when_all_were_used(void **state)
{
    (void)state;
    set_up(1, 1);
    for (unsigned i = 0; i < 4; i++) {
        inject(SPI + i);
        guest_eoi(guest_ack());
    }
    assert_int_equal(model_cpu[0].elrsr_reads + model_cpu[0].lr_reads, 0);
    inject(SPI + 4);
    assert_int_equal(model_cpu[0].elrsr_reads, 1);
    for (unsigned i = 5; i < 8; i++)
        inject(SPI + i);
    assert_int_equal(model_cpu[0].elrsr_reads, 1);
    assert_int_equal(model_cpu[0].lr_reads, 0);
    save(0);
    domain_free();
}

static void an_urgent_interrupt_takes_a_list_register_from_a_pending_one(void **state)
{
    (void)state;
    set_up(1, 1);
    for (unsigned i = 1; i <= 6; i++)
        priority(SPI + i, (uint8_t)(0xa0 + i * 8));
    for (unsigned i = 2; i <= 6; i++)
        inject(SPI + i);
    priority(SPI + 1, 0x10);
    inject(SPI + 1);
    assert_int_equal(guest_ack(), SPI + 1);
    guest_eoi(SPI + 1);
    assert_int_equal(drain(), 23456);
    save(0);
    domain_free();
}

static void active_interrupts_keep_their_list_registers(void **state)
{
    (void)state;
    set_up(1, 1);
    for (unsigned i = 1; i <= 4; i++) {
        priority(SPI + i, (uint8_t)(0xa0 - i * 8));
        inject(SPI + i);
        assert_int_equal(guest_ack(), SPI + i);
    }
    inject(SPI + 5);
    assert_int_equal(guest_ack(), MODEL_NONE);
    for (unsigned i = 4; i >= 1; i--)
        guest_eoi(SPI + i);
    assert_true(model_maintenance());
    assert_int_equal(drain(), 5);
    save(0);
    domain_free();
}

static void all_that_is_in_flight_is_saved_and_comes_back(void **state)
{
    (void)state;
    set_up(2, 1);
    for (unsigned i = 1; i <= 6; i++) {
        priority(SPI + i, (uint8_t)(0xa0 + i * 8));
        inject(SPI + i);
    }
    assert_int_equal(guest_ack(), SPI + 1);
    save(0);
    assert_false(model_cpu[0].underflow);
    load(0, 1);
    assert_true(model_cpu[1].underflow);
    guest_eoi(SPI + 1);
    assert_int_equal(drain(), 23456);
    save(0);
    domain_free();
}

/* --- SGIs with a source ----------------------------------------------------------------------- */

static void sgi(unsigned from, unsigned to, unsigned intid)
{
    fake_cpu_switch(vcpu[from].cpu);
    dist_write(from, 0xf00, 4, 1u << (16 + to) | intid);
}

static void each_sender_is_delivered_with_its_own_number(void **state)
{
    unsigned source, seen = 0;

    (void)state;
    set_up(4, 4);
    for (unsigned i = 1; i < 4; i++)
        load(i, i);
    for (unsigned i = 1; i < 4; i++)
        sgi(i, 0, 3);
    assert_int_equal(kicked[0], 1);
    flush(0);
    for (unsigned i = 1; i < 4; i++) {
        if (model_maintenance())
            vgic_maintenance(&vcpu[0]);
        assert_int_equal(guest_ack_source(&source), 3);
        seen |= 1u << source;
        guest_eoi(3);
    }
    assert_int_equal(seen, 0xe);
    assert_int_equal(guest_ack(), MODEL_NONE);
    if (model_maintenance())
        vgic_maintenance(&vcpu[0]);
    assert_int_equal(guest_ack(), MODEL_NONE);
    for (unsigned i = 0; i < 4; i++)
        save(i);
    domain_free();
}

static void another_sender_waits_for_the_eoi_of_the_first(void **state)
{
    unsigned source;

    (void)state;
    set_up(2, 2);
    load(1, 1);
    sgi(0, 0, 5);
    fake_cpu_switch(0);
    assert_int_equal(guest_ack_source(&source), 5);
    assert_int_equal(source, 0);
    sgi(1, 0, 5);
    flush(0);
    assert_int_equal(guest_ack(), MODEL_NONE);
    guest_eoi(5);
    assert_true(model_maintenance());
    vgic_maintenance(&vcpu[0]);
    assert_int_equal(guest_ack_source(&source), 5);
    assert_int_equal(source, 1);
    guest_eoi(5);
    assert_false(model_maintenance());
    save(0);
    save(1);
    domain_free();
}

static void the_same_sender_again_is_active_and_pending(void **state)
{
    unsigned source;

    (void)state;
    set_up(1, 1);
    sgi(0, 0, 5);
    assert_int_equal(guest_ack(), 5);
    sgi(0, 0, 5);
    guest_eoi(5);
    assert_false(model_maintenance());
    assert_int_equal(guest_ack_source(&source), 5);
    assert_int_equal(source, 0);
    guest_eoi(5);
    assert_int_equal(guest_ack(), MODEL_NONE);
    save(0);
    domain_free();
}

static void a_switch_keeps_the_senders_apart(void **state)
{
    unsigned source;

    (void)state;
    set_up(2, 2);
    load(1, 1);
    sgi(1, 0, 7);
    flush(0);
    assert_int_equal(guest_ack_source(&source), 7);
    assert_int_equal(source, 1);
    sgi(0, 0, 7);
    save(0);
    load(0, 0);
    guest_eoi(7);
    vgic_maintenance(&vcpu[0]);
    assert_int_equal(guest_ack_source(&source), 7);
    assert_int_equal(source, 0);
    guest_eoi(7);
    save(0);
    save(1);
    domain_free();
}

static void a_self_sgi_is_one_write(void **state)
{
    (void)state;
    set_up(1, 1);
    sgi(0, 0, 1);
    assert_int_equal(kicked[0], 0);
    assert_int_equal(model_cpu[0].lr_writes, 1);
    assert_int_equal(model_cpu[0].lr_reads + model_cpu[0].elrsr_reads, 0);
    guest_eoi(guest_ack());
    sgi(0, 0, 1);
    assert_int_equal(model_cpu[0].lr_writes, 2);
    assert_int_equal(model_cpu[0].lr_reads, 1);
    assert_int_equal(guest_ack(), 1);
    save(0);
    domain_free();
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_than_fit_come_in_order_of_priority),
        cmocka_unit_test(of_equal_priorities_each_is_served_once),
        cmocka_unit_test(what_fits_never_asks_for_maintenance),
        cmocka_unit_test(empty_list_registers_are_looked_for_only_when_all_were_used),
        cmocka_unit_test(an_urgent_interrupt_takes_a_list_register_from_a_pending_one),
        cmocka_unit_test(active_interrupts_keep_their_list_registers),
        cmocka_unit_test(all_that_is_in_flight_is_saved_and_comes_back),
        cmocka_unit_test(each_sender_is_delivered_with_its_own_number),
        cmocka_unit_test(another_sender_waits_for_the_eoi_of_the_first),
        cmocka_unit_test(the_same_sender_again_is_active_and_pending),
        cmocka_unit_test(a_switch_keeps_the_senders_apart),
        cmocka_unit_test(a_self_sgi_is_one_write),
    };

    return fake_run_tests(tests, ARRAY_SIZE(tests), argc, argv);
}
