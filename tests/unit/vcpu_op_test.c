/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/vcpu_op.c: the shared areas that a guest registers for a vCPU.
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
    area_page = domain_page_alloc(d, 1);
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

static void test_vcpus_and_operations_that_do_not_exist(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(vcpu_hypercall(VCPUOP_register_vcpu_info, 1, 0, 0, 0), -ENOENT);
    assert_int_equal(vcpu_hypercall(VCPUOP_up, 0, 0, 0, 0), -ENOSYS);
    assert_int_equal(vcpu_hypercall(VCPUOP_set_periodic_timer, 0, 0, 0, 0), -ENOSYS);
}

static void test_vcpu_info_moves_once_with_its_contents(void **state)
{
    struct vcpu_register_vcpu_info r = { .mfn = 0x50000, .offset = 128 };
    void *page;

    (void)state;
    guest_up();
    page = page_to_virt(area_page);
    assert_int_equal(call(VCPUOP_register_vcpu_info, 0, &r, sizeof(r)), -EINVAL);
    lock_acquire(&d->s2.lock);
    assert_int_equal(stage2_map_range(&d->s2, r.mfn, paddr_to_mfn(page_to_paddr(area_page)), 1,
                                      stage2_kind(STAGE2_RAM, STAGE2_RWX)), 0);
    lock_release(&d->s2.lock);
    r.offset = PAGE_SIZE - 8;
    assert_int_equal(call(VCPUOP_register_vcpu_info, 0, &r, sizeof(r)), -EINVAL);
    r.offset = 128;
    assert_int_equal(call(VCPUOP_register_vcpu_info, 0, &r, sizeof(r)), 0);
    assert_ptr_equal(v->info, (char *)page + 128);
    assert_int_equal(call(VCPUOP_register_vcpu_info, 0, &r, sizeof(r)), -EINVAL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_vcpus_and_operations_that_do_not_exist),
    cmocka_unit_test(test_vcpu_info_moves_once_with_its_contents),
};

FAKE_TEST_MAIN(tests)
