/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMIDs: unique among what runs, kept over a rollover by who runs, never reused with old entries.
 */
#include "core/base/hw.h"
#include "mm/page_alloc.h"
#include "mm/vmid.h"

#include <cmocka.h>

#define SPACES 300u

static struct stage2 space[SPACES];

static void start(unsigned cpus, unsigned spaces)
{
    fake_machine_init(cpus);
    fake_memory_init(32ul << 20);
    for (unsigned i = 0; i < spaces; i++)
        assert_int_equal(stage2_init(&space[i], 40), 0);
}

static unsigned vmid_of(uint64_t vttbr) { return (unsigned)(vttbr >> 48); }

static uint64_t activate_on(unsigned cpu, struct stage2 *s)
{
    uint64_t vttbr;

    fake_cpu_switch(cpu);
    vttbr = vmid_activate(s);
    fake_cpu_switch(0);
    return vttbr;
}

static void vmids_are_unique_and_not_zero(void **state)
{
    uint64_t seen[4] = { 0 };

    (void)state;
    start(1, 255);
    fake_trace_reset();
    for (unsigned i = 0; i < 255; i++) {
        uint64_t vttbr = vmid_activate(&space[i]);

        assert_in_range(vmid_of(vttbr), 1, 255);
        assert_int_equal(vttbr & 0xffffffffffff, space[i].root.v);
        assert_false((seen[vmid_of(vttbr) / 64] >> (vmid_of(vttbr) % 64)) & 1);
        seen[vmid_of(vttbr) / 64] |= 1ul << (vmid_of(vttbr) % 64);
    }
    assert_int_equal(fake_count(FAKE_EV_TLBI_ALL_GUESTS), 0);
    assert_int_equal(vmid_activate(&space[7]), vmid_vttbr(&space[7]));
}

static void rolling_over_drops_all_guests_entries(void **state)
{
    unsigned before = vmid_rollovers();
    paddr_t pa;

    (void)state;
    start(1, SPACES);
    lock_acquire(&space[0].lock);
    stage2_map(&space[0], 0, 0x80000, 0, stage2_kind(STAGE2_RAM, STAGE2_RWX));
    lock_release(&space[0].lock);
    fake_guest_access(vmid_activate(&space[0]), space[0].vtcr, ipa(0), false, &pa);
    for (unsigned i = 1; i < SPACES; i++) {
        uint64_t vttbr = vmid_activate(&space[i]);

        /* Nobody finds another's translations under its VMID. */
        assert_int_equal(fake_guest_access(vttbr, space[i].vtcr, ipa(0), false, &pa),
                         FAKE_ACCESS_TRANSLATION);
    }
    assert_int_equal(fake_count(FAKE_EV_TLBI_ALL_GUESTS), 1);
    assert_int_equal(vmid_rollovers(), before + 1);
}

static void who_runs_keeps_its_vmid_over_a_rollover(void **state)
{
    uint64_t on0, on1;

    (void)state;
    start(3, SPACES);
    on0 = activate_on(0, &space[0]);
    on1 = activate_on(1, &space[1]);
    for (unsigned i = 2; i < SPACES; i++) {
        uint64_t vttbr = activate_on(2, &space[i]);

        assert_int_not_equal(vmid_of(vttbr), vmid_of(on0));
        assert_int_not_equal(vmid_of(vttbr), vmid_of(on1));
    }
    /* Its next activation brings it to the new generation, with the same VMID, on any CPU. */
    assert_int_equal(activate_on(2, &space[1]), on1);
    assert_int_equal(activate_on(1, &space[1]), on1);
    assert_int_equal(activate_on(0, &space[0]), on0);
}

/* A CPU that runs on through two rollovers without passing here still owns its VMID. */
static void it_keeps_it_over_two_rollovers(void **state)
{
    uint64_t on0;

    (void)state;
    start(2, SPACES);
    on0 = activate_on(0, &space[0]);
    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 1; i < SPACES; i++)
            assert_int_not_equal(vmid_of(activate_on(1, &space[i])), vmid_of(on0));
    assert_true(fake_count(FAKE_EV_TLBI_ALL_GUESTS) >= 3);
    assert_int_equal(activate_on(0, &space[0]), on0);
}

static void sixteen_bits_are_used_where_they_exist(void **state)
{
    (void)state;
    vmid_init(16);
    start(1, SPACES);
    for (unsigned i = 0; i < SPACES; i++)
        assert_int_equal(vmid_of(vmid_activate(&space[i])), i + 1);
    assert_int_equal(fake_count(FAKE_EV_TLBI_ALL_GUESTS), 0);
    assert_int_equal(vmid_bits(), 16);
}

static void the_fast_path_takes_no_lock(void **state)
{
    (void)state;
    start(1, 2);
    vmid_activate(&space[0]);
    vmid_activate(&space[1]);
    fake_trace_reset();
    vmid_activate(&space[0]);
    vmid_activate(&space[1]);
    assert_int_equal(fake_count(FAKE_EV_DSB_ISH), 0);
    assert_ptr_equal(vmid_active(), &space[1]);
}

static void what_stays_current_need_not_be_activated(void **state)
{
    (void)state;
    start(1, 2);
    assert_false(vmid_is_current(&space[0]));
    hw_sysreg_write(VTTBR_EL2, vmid_activate(&space[0]));
    assert_true(vmid_is_current(&space[0]));
    assert_false(vmid_is_current(&space[1]));
    hw_sysreg_write(VTTBR_EL2, vmid_activate(&space[1]));
    assert_false(vmid_is_current(&space[0]));
    /* Another one at the same address, with neither root nor VMID yet. */
    assert_int_equal(stage2_init(&space[1], 40), 0);
    assert_false(vmid_is_current(&space[1]));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(vmids_are_unique_and_not_zero),
    cmocka_unit_test(rolling_over_drops_all_guests_entries),
    cmocka_unit_test(who_runs_keeps_its_vmid_over_a_rollover),
    cmocka_unit_test(it_keeps_it_over_two_rollovers),
    cmocka_unit_test(sixteen_bits_are_used_where_they_exist),
    cmocka_unit_test(the_fast_path_takes_no_lock),
    cmocka_unit_test(what_stays_current_need_not_be_activated),
};

FAKE_TEST_MAIN(tests)
