/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/runstate.c: the times of each state, and where the guest sees them.
 */
#include "tests/unit/sched_env.h"

static struct domain *d;
static struct vcpu *v;
static struct page *area_page;
static uint64_t area_at;

/* A guest's page, and the guest's addresses are the machine's. */
static void guest_up(void)
{
    d = sched_env_run(1, 1);
    v = step(0);
    fake_sysreg_set(FAKE_VTTBR_EL2, 0);
    area_page = domain_page_alloc(d, 2);
    assert_non_null(area_page);
    area_at = hw_virt_to_phys(page_to_virt(area_page)).v;
}

static int64_t call(uint64_t cmd, uint64_t id, const void *arg, size_t bytes)
{
    uint64_t at;
    void *p = env_guest_pages(0, &at);

    memcpy(p, arg, bytes);
    return vcpu_hypercall(cmd, id, at, 0, 0);
}

static int64_t register_area(uint64_t at)
{
    struct vcpu_register_runstate_memory_area r = { .addr.p = at };

    return call(VCPUOP_register_runstate_memory_area, 0, &r, sizeof(r));
}

static void test_area_follows_the_vcpu(void **state)
{
    vcpu_runstate_info_t *info;

    (void)state;
    guest_up();
    assert_int_equal(register_area(area_at + 64), 0);
    info = fake_phys_to_virt(paddr(area_at + 64));
    assert_int_equal(info->state, RUNSTATE_running);
    fake_counter_advance(10 * MS);
    assert_null(wfi(0));
    assert_int_equal(info->state, RUNSTATE_blocked);
    assert_in_range(info->time[RUNSTATE_running], 9900000, 10100000);
    fake_counter_advance(5 * MS);
    sched_wake(v);
    assert_ptr_equal(step(0), v);
    assert_in_range(info->time[RUNSTATE_blocked], 4900000, 5100000);
    assert_int_equal(info->state_entry_time & XEN_RUNSTATE_UPDATE, 0);
}

static void test_pause_counts_as_off_line_not_as_running(void **state)
{
    (void)state;
    guest_up();
    domain_pause(d);
    assert_null(step(0));
    fake_counter_advance(10 * MS);
    domain_unpause(d);
    assert_ptr_equal(step(0), v);
    assert_in_range(v->runstate.time[RUNSTATE_offline], 9900000, 10100000);
    assert_in_range(v->runstate.time[RUNSTATE_running], 0, 100000);
}

/* The page that follows in the guest's addresses is another one in the machine. */
static bool second_page_is_elsewhere(gva_t va, bool write, ipa_t *out)
{
    (void)write;
    *out = ipa(va.v);
    if (va.v - area_at - PAGE_SIZE < PAGE_SIZE)
        *out = ipa(va.v + PAGE_SIZE);
    return true;
}

static void test_area_may_cross_a_page(void **state)
{
    vcpu_runstate_info_t info;

    (void)state;
    guest_up();
    fake_stage1 = second_page_is_elsewhere;
    assert_int_equal(register_area(area_at + PAGE_SIZE - 16), 0);
    fake_counter_advance(10 * MS);
    assert_null(wfi(0));
    memcpy(&info, fake_phys_to_virt(paddr(area_at + PAGE_SIZE - 16)), 16);
    memcpy((char *)&info + 16, fake_phys_to_virt(paddr(area_at + 2 * PAGE_SIZE)),
           sizeof(info) - 16);
    assert_int_equal(info.state, RUNSTATE_blocked);
    assert_in_range(info.time[RUNSTATE_running], 9900000, 10100000);
}

static void test_a_new_area_gives_the_old_page_back(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(register_area(area_at), 0);
    assert_int_equal(register_area(area_at + PAGE_SIZE), 0);
    assert_ptr_equal(page_of(hw_virt_to_phys(v->runstate_ptr[0])), area_page + 1);
    memset(page_to_virt(area_page), 0xaa, PAGE_SIZE);
    assert_null(wfi(0));
    assert_int_equal(*(uint8_t *)page_to_virt(area_page), 0xaa);
    vcpu_runstate_unregister(v);
    assert_null(v->runstate_ptr[0]);
}

static void test_bad_areas_are_refused(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(register_area(area_at + 4), -EINVAL);
    assert_int_equal(register_area(0x1000), -EFAULT);
    assert_int_equal(vcpu_hypercall(VCPUOP_register_runstate_memory_area, 0, 0x1000, 0, 0),
                     -EFAULT);
    assert_null(v->runstate_ptr[0]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_area_follows_the_vcpu),
    cmocka_unit_test(test_pause_counts_as_off_line_not_as_running),
    cmocka_unit_test(test_area_may_cross_a_page),
    cmocka_unit_test(test_a_new_area_gives_the_old_page_back),
    cmocka_unit_test(test_bad_areas_are_refused),
};

FAKE_TEST_MAIN(tests)
