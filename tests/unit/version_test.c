/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xen_version, and the small calls beside it: vm_assist, platform_op's clock, what is not there.
 */
#include "core/version.h"
#include "core/wallclock.h"
#include "tests/unit/domain_env.h"

static char *buf; /* in guest memory */
static uint64_t buf_at;

static void up(void)
{
    env_up(1, 32ul << 20);
    buf = env_guest_pages(0, &buf_at);
}

static int64_t version(uint64_t cmd)
{
    return env_call(version_hypercall, cmd, buf_at, 0);
}

static void the_abi_is_that_of_4_17(void **state)
{
    (void)state;
    up();
    assert_int_equal(version(XENVER_version), 0x40011);
    assert_int_equal(version(XENVER_pagesize), 4096);
    assert_int_equal(version(XENVER_capabilities), 0);
    assert_non_null(strstr(buf, "xen-3.0-aarch64"));
    assert_int_equal(version(XENVER_extraversion), 0);
    assert_int_equal(version(XENVER_changeset), 0);
    assert_int_equal(version(XENVER_compile_info), 0);
    assert_int_equal(version(XENVER_platform_parameters), 0);
    assert_int_equal(version(11), -ENOSYS);
    assert_int_equal(env_call(version_hypercall, XENVER_capabilities, 0x10, 0), -EFAULT);
}

static void features_are_by_kind_of_domain(void **state)
{
    xen_feature_info_t *f;

    (void)state;
    up();
    f = (void *)buf;
    f->submap_idx = 0;
    assert_int_equal(version(XENVER_get_features), 0);
    assert_int_equal(f->submap, 0x26805);
    f->submap_idx = 1;
    assert_int_equal(version(XENVER_get_features), -EINVAL);
    fake_percpu->current = env_domu(1, 16)->vcpu[0];
    f->submap_idx = 0;
    assert_int_equal(version(XENVER_get_features), 0);
    assert_int_equal(f->submap, 0x16005);
}

static void the_command_line_and_build_id_are_dom0s_to_know(void **state)
{
    struct xen_build_id *id;

    (void)state;
    up();
    id = (void *)buf;
    assert_int_equal(version(XENVER_build_id), -ENODATA);
    version_init("dom0_mem=512M", "01234567890123456789", 20);
    assert_int_equal(version(XENVER_commandline), 0);
    assert_string_equal(buf, "dom0_mem=512M");
    assert_int_equal(env_call(version_hypercall, XENVER_build_id, 0, 0), 20);
    id->len = 19;
    assert_int_equal(version(XENVER_build_id), -ENOBUFS);
    id->len = 64;
    assert_int_equal(version(XENVER_build_id), 20);
    assert_memory_equal(id->buf, "01234567890123456789", 20);
    fake_percpu->current = env_domu(1, 16)->vcpu[0];
    assert_int_equal(version(XENVER_commandline), 0);
    assert_string_equal(buf, "<denied>");
    assert_int_equal(version(XENVER_build_id), -EPERM);
}

static void vm_assist_has_one_switch(void **state)
{
    (void)state;
    up();
    assert_int_equal(env_call(vm_assist_hypercall, VMASST_CMD_enable,
                              VMASST_TYPE_runstate_update_flag, 0), 0);
    assert_true(domain0->runstate_update_flag);
    assert_int_equal(env_call(vm_assist_hypercall, VMASST_CMD_disable,
                              VMASST_TYPE_runstate_update_flag, 0), 0);
    assert_false(domain0->runstate_update_flag);
    assert_int_equal(env_call(vm_assist_hypercall, VMASST_CMD_enable, 2, 0), -EINVAL);
    assert_int_equal(env_call(vm_assist_hypercall, 2, VMASST_TYPE_runstate_update_flag, 0),
                     -ENOSYS);
}

static void dom0_sets_everyones_clock(void **state)
{
    struct xen_platform_op *op;
    struct domain *d;

    (void)state;
    up();
    op = (void *)buf;
    d = env_domu(1, 16);
    memset(op, 0x5a, sizeof(*op)); /* Linux leaves the version unset */
    op->cmd = XENPF_settime64;
    op->u.settime64 = (struct xenpf_settime64){ .secs = 0x123456789, .nsecs = 500,
                                                .system_time = 500 };
    assert_int_equal(env_call(platform_hypercall, buf_at, 0, 0), 0);
    assert_int_equal(domain0->shared_info->wc_sec, 0x23456789);
    assert_int_equal(domain0->shared_info->wc_sec_hi, 1);
    assert_int_equal(domain0->shared_info->wc_nsec, 0);
    assert_int_equal(d->shared_info->wc_version & 1, 0);
    assert_true(d->shared_info->wc_sec - 0x23456789 < 2);
    d->time_offset_s = 3600;
    wallclock_publish(d);
    assert_true(d->shared_info->wc_sec - 0x23456789 - 3600 < 2);
    op->u.settime64.mbz = 1;
    assert_int_equal(env_call(platform_hypercall, buf_at, 0, 0), -EINVAL);
    op->cmd = XENPF_change_freq;
    assert_int_equal(env_call(platform_hypercall, buf_at, 0, 0), -EACCES);
    op->interface_version = XENPF_INTERFACE_VERSION;
    assert_int_equal(env_call(platform_hypercall, buf_at, 0, 0), -ENOSYS);
    fake_percpu->current = d->vcpu[0];
    assert_int_equal(env_call(platform_hypercall, buf_at, 0, 0), -EPERM);
}

/* The clock's writer does not hold the CPU for them all; each hears of it once. */
static void many_domains_hear_of_the_clock_in_parts(void **state)
{
    struct xen_platform_op *op;
    struct domain *d[150];

    (void)state;
    env_up(1, 128ul << 20);
    op = env_guest_pages(0, &buf_at);
    for (unsigned i = 0; i < ARRAY_SIZE(d); i++)
        d[i] = env_domu(1, 1);
    op->cmd = XENPF_settime64;
    op->u.settime64 = (struct xenpf_settime64){ .secs = 77000 };
    assert_int_equal(env_call(platform_hypercall, buf_at, 0, 0), 0);
    assert_int_equal(env_chunks, 3);
    for (unsigned i = 0; i < ARRAY_SIZE(d); i++) {
        assert_true(d[i]->shared_info->wc_sec - 77000 < 60);
        assert_int_equal(d[i]->shared_info->wc_version, d[0]->shared_info->wc_version);
    }
    op->u.settime64.secs = 78000;
    assert_int_equal(env_call(platform_hypercall, buf_at, 0, 0), 0);
    assert_int_equal(env_chunks, 3);
    assert_true(d[0]->shared_info->wc_sec - 78000 < 60);
    assert_true(d[ARRAY_SIZE(d) - 1]->shared_info->wc_sec - 78000 < 60);
}

static void a_domain_that_starts_later_reads_a_later_zero(void **state)
{
    struct domain *d;

    (void)state;
    up();
    wallclock_set(1000000, 0, 0);
    fake_counter_advance(5ul * FAKE_COUNTER_HZ);
    d = env_domu(1, 16);
    assert_true(d->shared_info->wc_sec >= 1000005 && d->shared_info->wc_sec <= 1000006);
}

static void what_is_not_implemented_says_so(void **state)
{
    (void)state;
    up();
    assert_int_equal(hypercall_table[__HYPERVISOR_physdev_op](0, 0, 0, 0, 0), -ENOSYS);
    assert_int_equal(hypercall_table[__HYPERVISOR_xsm_op](0, 0, 0, 0, 0), -ENOSYS);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_abi_is_that_of_4_17),
    cmocka_unit_test(features_are_by_kind_of_domain),
    cmocka_unit_test(the_command_line_and_build_id_are_dom0s_to_know),
    cmocka_unit_test(vm_assist_has_one_switch),
    cmocka_unit_test(dom0_sets_everyones_clock),
    cmocka_unit_test(many_domains_hear_of_the_clock_in_parts),
    cmocka_unit_test(a_domain_that_starts_later_reads_a_later_zero),
    cmocka_unit_test(what_is_not_implemented_says_so),
};

FAKE_TEST_MAIN(tests)
