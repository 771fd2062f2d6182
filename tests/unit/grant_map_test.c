/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * grant_map.c: what may be mapped, what a mapping is, that no TLB and no page outlives it, that a
 * page outlives its owner.
 */
#include "tests/unit/grant_env.h"

static void a_granted_page_is_mapped_and_unmapped(void **state)
{
    gnttab_map_grant_ref_t op;
    paddr_t pa;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN + 3, 0);
    op = grant_env_map(9, MAP_GFN, 0);
    assert_int_equal(op.status, GNTST_okay);
    assert_int_equal(op.dev_bus_addr, grant_env_pa(owner, GRANT_GFN + 3).v);
    assert_int_equal(grant_env_entry(owner, 9)->flags,
                     GTF_permit_access | GTF_reading | GTF_writing);
    assert_int_equal(grant_env_page(owner, GRANT_GFN + 3)->refs, 2);
    assert_int_equal(grant_env_access(MAP_GFN, true, &pa), FAKE_ACCESS_OK);
    assert_int_equal(pa.v, op.dev_bus_addr);
    assert_int_equal(grant_env_unmap(op.handle, MAP_GFN), GNTST_okay);
    grant_env_tlb_check();
    assert_int_equal(grant_env_access(MAP_GFN, false, NULL), FAKE_ACCESS_TRANSLATION);
    assert_int_equal(grant_env_entry(owner, 9)->flags, GTF_permit_access);
    assert_int_equal(grant_env_page(owner, GRANT_GFN + 3)->refs, 1);
    assert_int_equal(grant_env_unmap(op.handle, MAP_GFN), GNTST_bad_handle);
    assert_int_equal(mapper->grants.maptrack_used, 0);
}

static void access_is_no_more_than_granted_and_asked_for(void **state)
{
    gnttab_map_grant_ref_t op;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, GTF_readonly);
    assert_int_equal(grant_env_map(9, MAP_GFN, 0).status, GNTST_general_error);
    assert_int_equal(grant_env_entry(owner, 9)->flags, GTF_permit_access | GTF_readonly);
    op = grant_env_map(9, MAP_GFN, GNTMAP_readonly);
    assert_int_equal(op.status, GNTST_okay);
    assert_int_equal(grant_env_entry(owner, 9)->flags,
                     GTF_permit_access | GTF_readonly | GTF_reading);
    assert_int_equal(grant_env_access(MAP_GFN, false, NULL), FAKE_ACCESS_OK);
    assert_int_equal(grant_env_access(MAP_GFN, true, NULL), FAKE_ACCESS_PERMISSION);
    /* In use for reading: writing is checked all the same. */
    assert_int_equal(grant_env_map(9, MAP_GFN + 1, 0).status, GNTST_general_error);
    assert_int_equal(grant_env_unmap(op.handle, MAP_GFN), GNTST_okay);
    grant_env_grant(owner, 10, mapper->id, GRANT_GFN, 0);
    op = grant_env_map(10, MAP_GFN, GNTMAP_readonly);
    assert_int_equal(op.status, GNTST_okay);
    assert_int_equal(grant_env_access(MAP_GFN, true, NULL), FAKE_ACCESS_PERMISSION);
    assert_int_equal(grant_env_entry(owner, 10)->flags, GTF_permit_access | GTF_reading);
}

static void wrong_requests_get_their_status(void **state)
{
    gnttab_map_grant_ref_t op = { .ref = 9 };

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    grant_env_grant(owner, 10, 0, GRANT_GFN, 0);
    grant_env_grant(owner, 11, mapper->id, GRANT_GFN + 5000, 0);
    grant_env_grant(owner, 12, mapper->id, 0xffffffff, 0);
    grant_env_grant(owner, 13, mapper->id, GRANT_GFN, GTF_sub_page);
    assert_int_equal(grant_env_map(8, MAP_GFN, 0).status, GNTST_general_error);
    assert_int_equal(grant_env_map(10, MAP_GFN, 0).status, GNTST_general_error);
    assert_int_equal(grant_env_map(11, MAP_GFN, 0).status, GNTST_bad_page);
    assert_int_equal(grant_env_map(12, MAP_GFN, 0).status, GNTST_bad_page);
    assert_int_equal(grant_env_map(13, MAP_GFN, 0).status, GNTST_general_error);
    assert_int_equal(grant_env_entry(owner, 11)->flags, GTF_permit_access);
    assert_int_equal(grant_env_map(512, MAP_GFN, 0).status, GNTST_bad_gntref);
    assert_int_equal(grant_env_map(~0u, MAP_GFN, 0).status, GNTST_bad_gntref);
    assert_int_equal(grant_env_map(9, MAP_GFN, GNTMAP_device_map).status, GNTST_general_error);
    assert_int_equal(grant_env_map(9, MAP_GFN, GNTMAP_contains_pte).status, GNTST_general_error);
    assert_int_equal(grant_env_map(9, MAP_GFN, GNTMAP_application_map).status,
                     GNTST_general_error);
    assert_int_equal(grant_env_map(9, 1ul << 50, 0).status, GNTST_general_error);
    grant_env_entry(owner, 9)->flags = GTF_accept_transfer;
    assert_int_equal(grant_env_map(9, MAP_GFN, 0).status, GNTST_general_error);
    grant_env_entry(owner, 9)->flags = GTF_transitive;
    assert_int_equal(grant_env_map(9, MAP_GFN, 0).status, GNTST_general_error);
    op.dom = owner->id;
    assert_int_equal(GRANT_CALL(map_grant_ref, &op, 1), 0);
    assert_int_equal(op.status, GNTST_bad_gntref);
    op.flags = GNTMAP_host_map;
    op.dom = 7777;
    assert_int_equal(GRANT_CALL(map_grant_ref, &op, 1), 0);
    assert_int_equal(op.status, GNTST_bad_domain);
    op.dom = DOMID_SELF;
    assert_int_equal(GRANT_CALL(map_grant_ref, &op, 1), 0);
    assert_int_equal(op.status, GNTST_bad_domain);
    assert_int_equal(mapper->grants.maptrack_used, 0);
    assert_int_equal(grant_env_page(owner, GRANT_GFN)->refs, 1);
    assert_false(grant_entry_is_used(grant_env_active(owner, 9)));
}

static void what_is_in_use_does_not_change_with_the_shared_entry(void **state)
{
    gnttab_map_grant_ref_t ro, rw;
    paddr_t pa;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    ro = grant_env_map(9, MAP_GFN, GNTMAP_readonly);
    grant_env_entry(owner, 9)->frame = GRANT_GFN + 1;
    grant_env_entry(owner, 9)->domid = 0;
    rw = grant_env_map(9, MAP_GFN + 1, 0);
    assert_int_equal(rw.status, GNTST_okay);
    assert_int_equal(grant_env_access(MAP_GFN + 1, true, &pa), FAKE_ACCESS_OK);
    assert_int_equal(pa.v, grant_env_pa(owner, GRANT_GFN).v);
    /* One reference for the entry, however often it is mapped. */
    assert_int_equal(grant_env_page(owner, GRANT_GFN)->refs, 2);
    fake_percpu->current = domain0->vcpu[0];
    assert_int_equal(grant_env_map(9, MAP_GFN, 0).status, GNTST_general_error);
    fake_percpu->current = mapper->vcpu[0];
    assert_int_equal(grant_env_unmap(rw.handle, MAP_GFN + 1), GNTST_okay);
    assert_int_equal(grant_env_entry(owner, 9)->flags, GTF_permit_access | GTF_reading);
    assert_int_equal(grant_env_unmap(ro.handle, MAP_GFN), GNTST_okay);
    assert_int_equal(grant_env_entry(owner, 9)->flags, GTF_permit_access);
    assert_int_equal(grant_env_page(owner, GRANT_GFN)->refs, 1);
    grant_env_tlb_check();
}

static void a_batch_is_flushed_once_a_chunk(void **state)
{
    gnttab_map_grant_ref_t map[40];
    gnttab_unmap_grant_ref_t unmap[40];

    (void)state;
    grant_env_up();
    for (unsigned i = 0; i < 40; i++) {
        grant_env_grant(owner, 20 + i, mapper->id, GRANT_GFN + i, 0);
        map[i] = (gnttab_map_grant_ref_t){ .host_addr = (MAP_GFN + i) << PAGE_SHIFT, .ref = 20 + i,
                                           .flags = GNTMAP_host_map, .dom = owner->id };
    }
    map[7].ref = 19;
    assert_int_equal(GRANT_CALL(map_grant_ref, map, 40), 0);
    for (unsigned i = 0; i < 40; i++) {
        assert_int_equal(map[i].status, i == 7 ? GNTST_general_error : GNTST_okay);
        assert_int_equal(grant_env_access(MAP_GFN + i, true, NULL),
                         i == 7 ? FAKE_ACCESS_TRANSLATION : FAKE_ACCESS_OK);
        unmap[i] = (gnttab_unmap_grant_ref_t){ .host_addr = map[i].host_addr,
                                               .handle = i == 7 ? 5000 : map[i].handle };
    }
    fake_trace_reset();
    assert_int_equal(GRANT_CALL(unmap_grant_ref, unmap, 40), 0);
    assert_true(fake_count(FAKE_EV_TLBI_IPA_FINISH) + fake_count(FAKE_EV_TLBI_VMID) <= 3);
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal(unmap[i].status, i == 7 ? GNTST_bad_handle : GNTST_okay);
    grant_env_tlb_check();
    assert_int_equal(mapper->grants.maptrack_used, 0);
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal(grant_env_page(owner, GRANT_GFN + i)->refs, 1);
}

static void long_batches_continue(void **state)
{
    static gnttab_map_grant_ref_t map[200];
    static gnttab_unmap_grant_ref_t unmap[200];

    (void)state;
    grant_env_up();
    for (unsigned i = 0; i < 200; i++) {
        grant_env_grant(owner, 20 + i, mapper->id, GRANT_GFN + i % GRANT_PAGES, 0);
        map[i] = (gnttab_map_grant_ref_t){ .host_addr = (MAP_GFN + i) << PAGE_SHIFT, .ref = 20 + i,
                                           .flags = GNTMAP_host_map, .dom = owner->id };
    }
    assert_int_equal(GRANT_CALL(map_grant_ref, map, 200), 0);
    assert_true(env_chunks > 1 && env_chunks < 20);
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(map[i].status, GNTST_okay);
        unmap[i] = (gnttab_unmap_grant_ref_t){ .host_addr = map[i].host_addr,
                                               .handle = map[i].handle };
    }
    assert_int_equal(GRANT_CALL(unmap_grant_ref, unmap, 200), 0);
    assert_true(env_chunks > 1 && env_chunks < 20);
    assert_int_equal(mapper->grants.maptrack_used, 0);
    assert_int_equal(env_call(grant_hypercall, GNTTABOP_unmap_grant_ref, 0x1000, 0), 0);
    assert_int_equal(env_call(grant_hypercall, GNTTABOP_unmap_grant_ref, 0x1000, 1), -EFAULT);
    assert_int_equal(env_call(grant_hypercall, GNTTABOP_map_grant_ref, ops_address, 1ul << 31),
                     -EINVAL);
}

static void operations_may_lie_across_a_page_boundary(void **state)
{
    gnttab_map_grant_ref_t map = { .host_addr = MAP_GFN << PAGE_SHIFT, .ref = 9,
                                   .flags = GNTMAP_host_map };
    gnttab_unmap_grant_ref_t unmap;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    map.dom = owner->id;
    for (unsigned off = PAGE_SIZE - 40; off <= PAGE_SIZE + 4; off += 4) {
        memcpy(ops_memory + off, &map, sizeof(map));
        assert_int_equal(env_call(grant_hypercall, GNTTABOP_map_grant_ref, ops_address + off, 1),
                         0);
        memcpy(&map, ops_memory + off, sizeof(map));
        assert_int_equal(map.status, GNTST_okay);
        unmap = (gnttab_unmap_grant_ref_t){ .host_addr = map.host_addr, .handle = map.handle };
        memcpy(ops_memory + off, &unmap, sizeof(unmap));
        assert_int_equal(env_call(grant_hypercall, GNTTABOP_unmap_grant_ref, ops_address + off, 1),
                         0);
        memcpy(&unmap, ops_memory + off, sizeof(unmap));
        assert_int_equal(unmap.status, GNTST_okay);
    }
}

static void ram_in_the_way_goes(void **state)
{
    gnttab_map_grant_ref_t op;
    uint32_t had;
    paddr_t pa;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    had = mapper->pages_allocated;
    assert_int_equal(grant_env_access(GRANT_GFN + 7, true, NULL), FAKE_ACCESS_OK);
    op = grant_env_map(9, GRANT_GFN + 7, 0);
    assert_int_equal(op.status, GNTST_okay);
    grant_env_tlb_check();
    assert_int_equal(mapper->pages_allocated, had - 1);
    assert_int_equal(grant_env_access(GRANT_GFN + 7, true, &pa), FAKE_ACCESS_OK);
    assert_int_equal(pa.v, op.dev_bus_addr);
    /* Another grant in its place: the first handle remains, and its unmap leaves the leaf alone. */
    grant_env_grant(owner, 10, mapper->id, GRANT_GFN + 1, 0);
    assert_int_equal(grant_env_map(10, GRANT_GFN + 7, 0).status, GNTST_okay);
    assert_int_equal(grant_env_unmap(op.handle, GRANT_GFN + 7), GNTST_okay);
    grant_env_tlb_check();
    assert_int_equal(grant_env_access(GRANT_GFN + 7, true, &pa), FAKE_ACCESS_OK);
    assert_int_equal(pa.v, grant_env_pa(owner, GRANT_GFN + 1).v);
    assert_int_equal(grant_env_page(owner, GRANT_GFN)->refs, 1);
}

static void only_the_mapping_that_the_handle_names_is_undone(void **state)
{
    gnttab_map_grant_ref_t first, second;
    gnttab_unmap_grant_ref_t nothing;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    first = grant_env_map(9, MAP_GFN, 0);
    second = grant_env_map(9, MAP_GFN + 1, 0);
    assert_int_equal(grant_env_unmap(first.handle, MAP_GFN + 1), GNTST_general_error);
    assert_int_equal(grant_env_unmap(~0u, MAP_GFN), GNTST_bad_handle);
    assert_int_equal(grant_env_unmap(first.handle + 100, MAP_GFN), GNTST_bad_handle);
    /* No host address: nothing is asked for. */
    nothing = (gnttab_unmap_grant_ref_t){ .handle = first.handle, .status = 99 };
    assert_int_equal(GRANT_CALL(unmap_grant_ref, &nothing, 1), 0);
    assert_int_equal(nothing.status, GNTST_okay);
    assert_int_equal(grant_env_access(MAP_GFN, true, NULL), FAKE_ACCESS_OK);
    assert_int_equal(grant_env_unmap(first.handle, MAP_GFN), GNTST_okay);
    assert_int_equal(grant_env_access(MAP_GFN + 1, true, NULL), FAKE_ACCESS_OK);
    assert_int_equal(grant_env_unmap(second.handle, MAP_GFN + 1), GNTST_okay);
    grant_env_tlb_check();
}

static void handles_run_out_and_come_back(void **state)
{
    static gnttab_map_grant_ref_t map[500];
    static grant_handle_t handle[600];
    unsigned n = 0;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    for (;;) {
        gnttab_map_grant_ref_t op = grant_env_map(9, MAP_GFN + n, 0);

        if (op.status == GNTST_no_space)
            break;
        assert_int_equal(op.status, GNTST_okay);
        handle[n++] = op.handle;
    }
    assert_int_equal(n, 4 * PAGE_SIZE / 32);
    for (unsigned i = 0; i < 20; i++)
        map[i] = (gnttab_map_grant_ref_t){ .host_addr = (MAP_GFN + n + i) << PAGE_SHIFT, .ref = 9,
                                           .flags = GNTMAP_host_map, .dom = owner->id };
    assert_int_equal(grant_env_unmap(handle[3], MAP_GFN + 3), GNTST_okay);
    assert_int_equal(GRANT_CALL(map_grant_ref, map, 20), 0);
    assert_int_equal(map[0].status, GNTST_okay);
    assert_int_equal(map[0].handle, handle[3]);
    for (unsigned i = 1; i < 20; i++)
        assert_int_equal(map[i].status, GNTST_no_space);
}

static void a_page_outlives_its_owner_until_it_is_unmapped(void **state)
{
    gnttab_map_grant_ref_t op;
    uint64_t before;
    domid_t id;
    paddr_t pa;

    (void)state;
    env_up(2, 64ul << 20);
    mapper = env_domu(1, 4096);
    grant_env_ram(mapper);
    ops_memory = env_guest_pages(2, &ops_address);
    fake_percpu->current = mapper->vcpu[0];
    before = env_free_pages();
    for (unsigned round = 0; round < 2; round++) {
        fake_percpu->current = domain0->vcpu[0];
        owner = env_domu(1, 4096);
        grant_env_ram(owner);
        fake_percpu->current = mapper->vcpu[0];
        grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
        op = grant_env_map(9, MAP_GFN, 0);
        id = owner->id;
        env_destroy(owner);
        assert_ptr_equal(domain_by_id(id), owner);
        assert_int_equal(owner->pages_allocated, 1);
        assert_int_equal(grant_env_access(MAP_GFN, true, &pa), FAKE_ACCESS_OK);
        assert_int_equal(pa.v, op.dev_bus_addr);
        assert_int_equal(grant_env_map(9, MAP_GFN + 1, 0).status, GNTST_general_error);
        assert_int_equal(grant_env_unmap(op.handle, MAP_GFN), GNTST_okay);
        env_end();
        assert_null(domain_by_id(id));
    }
    /* The mapper keeps its page of handles and the tables for MAP_GFN. */
    assert_in_range(before - env_free_pages(), 1, 5);
}

static void a_dying_mapper_lets_go_of_everything(void **state)
{
    uint64_t before;

    (void)state;
    env_up(2, 64ul << 20);
    owner = env_domu(1, 4096);
    grant_env_ram(owner);
    ops_memory = env_guest_pages(2, &ops_address);
    before = env_free_pages();
    mapper = env_domu(1, 4096);
    fake_percpu->current = mapper->vcpu[0];
    for (unsigned i = 0; i < 300; i++) {
        grant_env_grant(owner, i, mapper->id, GRANT_GFN + i % GRANT_PAGES, 0);
        assert_int_equal(grant_env_map(i, MAP_GFN + i, i & 1 ? GNTMAP_readonly : 0).status,
                         GNTST_okay);
    }
    fake_percpu->current = domain0->vcpu[0];
    env_destroy(mapper);
    for (unsigned i = 0; i < GRANT_PAGES; i++)
        assert_int_equal(grant_env_page(owner, GRANT_GFN + i)->refs, 1);
    for (unsigned i = 0; i < 300; i++) {
        assert_int_equal(grant_env_entry(owner, i)->flags, GTF_permit_access);
        assert_false(grant_entry_is_used(grant_env_active(owner, i)));
    }
    assert_int_equal(env_free_pages(), before);
}

static void a_dying_domain_maps_nothing(void **state)
{
    gnttab_map_grant_ref_t op = { .host_addr = MAP_GFN << PAGE_SHIFT, .ref = 9,
                                  .flags = GNTMAP_host_map };

    (void)state;
    grant_env_up();
    op.dom = owner->id;
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    mapper->state = DOMAIN_DYING;
    assert_int_equal(GRANT_CALL(map_grant_ref, &op, 1), 0);
    assert_int_equal(op.status, GNTST_general_error);
    assert_int_equal(grant_env_page(owner, GRANT_GFN)->refs, 1);
    assert_int_equal(mapper->grants.maptrack_used, 0);
}

static void a_domain_may_map_its_own_grant(void **state)
{
    gnttab_map_grant_ref_t op = { .host_addr = MAP_GFN << PAGE_SHIFT, .ref = 9,
                                  .flags = GNTMAP_host_map };
    paddr_t pa;

    (void)state;
    grant_env_up();
    grant_env_grant(mapper, 9, mapper->id, GRANT_GFN, 0);
    op.dom = mapper->id;
    assert_int_equal(GRANT_CALL(map_grant_ref, &op, 1), 0);
    assert_int_equal(op.status, GNTST_okay);
    assert_int_equal(grant_env_access(MAP_GFN, true, &pa), FAKE_ACCESS_OK);
    assert_int_equal(pa.v, grant_env_pa(mapper, GRANT_GFN).v);
    assert_int_equal(grant_env_unmap(op.handle, MAP_GFN), GNTST_okay);
}

static void a_page_given_back_while_mapped_lives_on(void **state)
{
    struct memory_map_batch batch;
    gnttab_map_grant_ref_t op;
    struct page *p;

    (void)state;
    grant_env_up();
    grant_env_grant(owner, 9, mapper->id, GRANT_GFN, 0);
    p = grant_env_page(owner, GRANT_GFN);
    op = grant_env_map(9, MAP_GFN, 0);
    memory_map_begin(&batch, owner);
    assert_int_equal(memory_map_remove(&batch, GRANT_GFN, MEMORY_MAP_RAM), 0);
    memory_map_end(&batch);
    assert_int_equal(p->type, PAGE_DOMAIN);
    assert_int_equal(p->refs, 1);
    assert_int_equal(grant_env_unmap(op.handle, MAP_GFN), GNTST_okay);
    assert_int_not_equal(p->type, PAGE_DOMAIN);
    assert_int_equal(owner->pages_allocated, GRANT_PAGES - 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_granted_page_is_mapped_and_unmapped),
    cmocka_unit_test(access_is_no_more_than_granted_and_asked_for),
    cmocka_unit_test(wrong_requests_get_their_status),
    cmocka_unit_test(what_is_in_use_does_not_change_with_the_shared_entry),
    cmocka_unit_test(a_batch_is_flushed_once_a_chunk),
    cmocka_unit_test(long_batches_continue),
    cmocka_unit_test(operations_may_lie_across_a_page_boundary),
    cmocka_unit_test(ram_in_the_way_goes),
    cmocka_unit_test(only_the_mapping_that_the_handle_names_is_undone),
    cmocka_unit_test(handles_run_out_and_come_back),
    cmocka_unit_test(a_page_outlives_its_owner_until_it_is_unmapped),
    cmocka_unit_test(a_dying_mapper_lets_go_of_everything),
    cmocka_unit_test(a_dying_domain_maps_nothing),
    cmocka_unit_test(a_domain_may_map_its_own_grant),
    cmocka_unit_test(a_page_given_back_while_mapped_lives_on),
};

FAKE_TEST_MAIN(tests)
