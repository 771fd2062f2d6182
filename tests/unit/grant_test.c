/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grant.c, grant_op.c: the tables, their limits and what is told of them; versions, swapping,
 * cache maintenance.
 */
#include "tests/unit/grant_env.h"

static void a_table_has_one_frame_and_grows_to_its_limit(void **state)
{
    gnttab_query_size_t q = { .dom = DOMID_SELF, .status = 99 };
    struct page *page;

    (void)state;
    grant_env_up();
    assert_int_equal(GRANT_CALL(query_size, &q, 1), 0);
    assert_int_equal(q.status, GNTST_okay);
    assert_int_equal(q.nr_frames, 1);
    assert_int_equal(q.max_nr_frames, 4);
    assert_int_equal(grant_frame_get(mapper, 2, &page), 0);
    assert_int_equal(page->type, PAGE_SHARED);
    assert_int_equal(page->refs, 2);
    page_put(page);
    assert_int_equal(grant_frame_get(mapper, 4, &page), -EINVAL);
    assert_int_equal(grant_frame_get(mapper, ~0u, &page), -EINVAL);
    assert_int_equal(GRANT_CALL(query_size, &q, 1), 0);
    assert_int_equal(q.nr_frames, 3);
    assert_int_equal(mapper->pages_shared, 4);
    assert_int_equal(GRANT_CALL(query_size, &q, 2), -EINVAL);
    assert_int_equal(GRANT_CALL(query_size, &q, 0), -EINVAL);
    q.dom = owner->id;
    assert_int_equal(GRANT_CALL(query_size, &q, 1), 0);
    assert_int_equal(q.status, GNTST_permission_denied);
    q.dom = 7777;
    assert_int_equal(GRANT_CALL(query_size, &q, 1), 0);
    assert_int_equal(q.status, GNTST_bad_domain);
    fake_percpu->current = domain0->vcpu[0];
    q.dom = owner->id;
    assert_int_equal(GRANT_CALL(query_size, &q, 1), 0);
    assert_int_equal(q.status, GNTST_okay);
}

static void limits_are_checked_at_creation(void **state)
{
    struct domain d = { .id = 5 };

    (void)state;
    grant_env_up();
    assert_int_equal(grant_init(&d, 0, 4), -EINVAL);
    assert_int_equal(grant_init(&d, GRANT_FRAMES_MAX + 1, 4), -EINVAL);
    assert_int_equal(grant_init(&d, 4, GRANT_MAPTRACK_FRAMES_MAX + 1), -EINVAL);
    assert_int_equal(grant_init(&d, ~0u, ~0u), 0);
    assert_int_equal(d.grants.frames_max, GRANT_FRAMES_DEFAULT);
    grant_free(&d);
}

static void setup_grows_and_lists_the_frames(void **state)
{
    gnttab_setup_table_t op = { .dom = DOMID_SELF, .nr_frames = 3, .status = 99 };
    xen_pfn_t *list;

    (void)state;
    grant_env_up();
    list = (xen_pfn_t *)(void *)(ops_memory + PAGE_SIZE);
    op.frame_list.p = (void *)(uintptr_t)(ops_address + PAGE_SIZE);
    grant_frame_gfn_set(mapper, 0, 0x38000);
    assert_int_equal(GRANT_CALL(setup_table, &op, 1), 0);
    assert_int_equal(op.status, GNTST_okay);
    assert_int_equal(list[0], 0x38000);
    assert_true(list[1] == ~0ul && list[2] == ~0ul);
    assert_int_equal(mapper->grants.frames, 3);
    op.nr_frames = 5;
    assert_int_equal(GRANT_CALL(setup_table, &op, 1), 0);
    assert_int_equal(op.status, GNTST_general_error);
    op.nr_frames = 1;
    op.frame_list.p = (void *)0x1000;
    assert_int_equal(GRANT_CALL(setup_table, &op, 1), 0);
    assert_int_equal(op.status, GNTST_bad_virt_addr);
    op.dom = owner->id;
    assert_int_equal(GRANT_CALL(setup_table, &op, 1), 0);
    assert_int_equal(op.status, GNTST_permission_denied);
    assert_int_equal(GRANT_CALL(setup_table, &op, 2), -EINVAL);
    assert_int_equal(grant_frame_gfn(mapper, 77), ~0ul);
    grant_frame_gfn_set(mapper, 77, 1);
}

static void there_is_version_1_only(void **state)
{
    gnttab_set_version_t set = { .version = 1 };
    gnttab_get_version_t get = { .dom = DOMID_SELF };

    (void)state;
    grant_env_up();
    assert_int_equal(GRANT_CALL(set_version, &set, 1), 0);
    set.version = 2;
    assert_int_equal(GRANT_CALL(set_version, &set, 1), -ENOSYS);
    assert_int_equal(set.version, 1);
    set.version = 3;
    assert_int_equal(GRANT_CALL(set_version, &set, 1), -EINVAL);
    assert_int_equal(GRANT_CALL(get_version, &get, 1), 0);
    assert_int_equal(get.version, 1);
    get.dom = owner->id;
    assert_int_equal(GRANT_CALL(get_version, &get, 1), -EPERM);
    get.dom = 7777;
    assert_int_equal(GRANT_CALL(get_version, &get, 1), -ESRCH);
    assert_int_equal(env_call(grant_hypercall, GNTTABOP_get_status_frames, ops_address, 1),
                     -ENOSYS);
}

static void unknown_commands_are_refused(void **state)
{
    (void)state;
    grant_env_up();
    assert_int_equal(env_call(grant_hypercall, GNTTABOP_dump_table, ops_address, 1), -ENOSYS);
    assert_int_equal(env_call(grant_hypercall, GNTTABOP_transfer, ops_address, 1), -ENOSYS);
    assert_int_equal(env_call(grant_hypercall, 99, ops_address, 1), -ENOSYS);
    assert_int_equal(env_call(grant_hypercall, GNTTABOP_copy | 1u << 12, ops_address, 1), -EINVAL);
    /* The command and the count are 32 bits wide. */
    assert_int_equal(env_call(grant_hypercall, GNTTABOP_copy | 5ul << 32, ops_address, 3ul << 32),
                     0);
    assert_int_equal(env_call(grant_hypercall, GNTTABOP_query_size, 0x1000, 1), -EFAULT);
}

static void caches_are_cleaned_of_own_and_mapped_pages(void **state)
{
    gnttab_cache_flush_t op[2] = { { .op = 0 } };

    (void)state;
    grant_env_up();
    assert_int_equal(GRANT_CALL(cache_flush, op, 1), 0);
    op[0].a.dev_bus_addr = grant_env_pa(mapper, GRANT_GFN).v + 8;
    op[0].op = GNTTAB_CACHE_CLEAN;
    op[0].offset = 64;
    op[0].length = 128;
    op[1] = op[0];
    op[1].op = GNTTAB_CACHE_INVAL;
    fake_trace_reset();
    assert_int_equal(GRANT_CALL(cache_flush, op, 2), 0);
    assert_int_equal(fake_count(FAKE_EV_DCACHE_CLEAN), 1);
    assert_int_equal(fake_count(FAKE_EV_DCACHE_CLEAN_INVAL), 1);
    op[0].offset = 4000;
    assert_int_equal(GRANT_CALL(cache_flush, op, 1), -EINVAL);
    op[0].offset = 64;
    op[0].op = 8;
    assert_int_equal(GRANT_CALL(cache_flush, op, 1), -EINVAL);
    op[0].op = GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_SOURCE_GREF;
    assert_int_equal(GRANT_CALL(cache_flush, op, 1), -EOPNOTSUPP);
    op[0].op = GNTTAB_CACHE_CLEAN;
    op[0].a.dev_bus_addr = 0x1000;
    assert_int_equal(GRANT_CALL(cache_flush, op, 1), -EINVAL);
}

static void caches_of_others_pages_only_while_mapped(void **state)
{
    gnttab_cache_flush_t op = { .op = GNTTAB_CACHE_CLEAN, .length = 64 };
    gnttab_map_grant_ref_t map;
    struct page *page;

    (void)state;
    grant_env_up();
    while (grant_frame_get(owner, 3, &page) == -ERESTART)
        ;
    page_put(page);
    op.a.dev_bus_addr = grant_env_pa(owner, GRANT_GFN).v;
    assert_int_equal(GRANT_CALL(cache_flush, &op, 1), -EINVAL);
    assert_true(env_chunks > 1);
    grant_env_grant(owner, 1500, mapper->id, GRANT_GFN, 0);
    map = grant_env_map(1500, MAP_GFN, 0);
    assert_int_equal(GRANT_CALL(cache_flush, &op, 1), 0);
    assert_int_equal(env_chunks, 2);
    assert_int_equal(grant_env_page(owner, GRANT_GFN)->refs, 2);
    assert_int_equal(grant_env_unmap(map.handle, MAP_GFN), GNTST_okay);
    assert_int_equal(GRANT_CALL(cache_flush, &op, 1), -EINVAL);
    op.a.dev_bus_addr = ops_address; /* EL2's own */
    assert_int_equal(GRANT_CALL(cache_flush, &op, 1), -EPERM);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_table_has_one_frame_and_grows_to_its_limit),
    cmocka_unit_test(limits_are_checked_at_creation),
    cmocka_unit_test(setup_grows_and_lists_the_frames),
    cmocka_unit_test(there_is_version_1_only),
    cmocka_unit_test(unknown_commands_are_refused),
    cmocka_unit_test(caches_are_cleaned_of_own_and_mapped_pages),
    cmocka_unit_test(caches_of_others_pages_only_while_mapped),
};

FAKE_TEST_MAIN(tests)
