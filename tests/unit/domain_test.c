/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domain.c: the table, references, states, and death that gives back every page.
 */
#include "core/memory_map.h"
#include "tests/unit/domain_env.h"

static struct page *give_page(struct domain *d, uint64_t gfn, unsigned order)
{
    struct page *p = env_page_alloc(d, order);

    assert_int_equal(memory_map_ram(d, gfn, paddr_to_mfn(page_to_paddr(p)), order), 0);
    return p;
}

static void creation_and_death_leave_no_page_behind(void **state)
{
    uint64_t before;

    (void)state;
    env_up(1, 64ul << 20);
    before = env_free_pages();
    for (unsigned round = 0; round < 3; round++) {
        struct domain *d = env_domu(4, 4096);

        give_page(d, 0x40000, 9);
        give_page(d, 0x40200, 9);
        for (unsigned i = 0; i < 70; i++)
            give_page(d, 0x80000 + i * 3, 0);
        assert_int_equal(d->pages_allocated, 1024 + 70);
        assert_true(env_free_pages() < before - 1024 - 70);
        env_destroy(d);
        assert_int_equal(env_free_pages(), before);
    }
}

static void creation_that_runs_out_of_memory_leaves_nothing_behind(void **state)
{
    struct domain_config c = {
        .id = DOMID_INVALID, .vcpus = 1, .gic = GIC_V3, .max_evtchn_port = 1023,
        .max_grant_frames = 4, .max_maptrack_frames = 4,
    };
    struct page *held[64];
    unsigned n = 0;
    struct domain *d;
    uint64_t before;

    (void)state;
    env_up(1, 4ul << 20);
    while (env_free_pages() > PAGE_ALLOC_KEPT + 40)
        assert_non_null(page_alloc(0, PAGE_SHARED, 0));
    for (before = env_free_pages(); before > PAGE_ALLOC_KEPT; before = env_free_pages()) {
        int rc = domain_create(&c, &d);

        if (rc == 0)
            env_destroy(d);
        else
            assert_int_equal(rc, -ENOMEM);
        assert_int_equal(env_free_pages(), before);
        held[n] = page_alloc(0, PAGE_SHARED, 0);
        assert_non_null(held[n++]);
        assert_true(n < ARRAY_SIZE(held));
    }
    assert_null(domain_by_id(1));
}

static void ids_are_found_in_order_and_not_reused_soon(void **state)
{
    struct domain *a, *b, *c;

    (void)state;
    env_up(1, 32ul << 20);
    a = env_domu(1, 0);
    b = env_domu(1, 0);
    assert_int_equal(a->id, 1);
    assert_int_equal(b->id, 2);
    assert_ptr_equal(domain_by_id(1), a);
    assert_ptr_equal(domain_by_id(DOMID_SELF), domain0);
    assert_null(domain_by_id(3));
    assert_ptr_equal(domain_next(0), domain0);
    assert_ptr_equal(domain_next(1), a);
    env_destroy(a);
    assert_null(domain_by_id(1));
    assert_ptr_equal(domain_next(1), b);
    c = env_domu(1, 0);
    assert_int_equal(c->id, 3);
    assert_null(domain_next(4));
}

static void a_wanted_id_that_exists_is_refused(void **state)
{
    struct domain_config c = { .id = 7, .vcpus = 1, .gic = GIC_V3, .max_evtchn_port = 63,
                               .max_grant_frames = 1, .max_maptrack_frames = 1 };
    struct domain *d;

    (void)state;
    env_up(1, 32ul << 20);
    assert_int_equal(domain_create(&c, &d), 0);
    assert_int_equal(d->id, 7);
    assert_int_equal(domain_create(&c, &d), -EEXIST);
    c.id = DOMID_FIRST_RESERVED;
    assert_int_equal(domain_create(&c, &d), -EINVAL);
    c.id = DOMID_INVALID;
    c.vcpus = VGIC_VCPUS_MAX_V3 + 1;
    assert_int_equal(domain_create(&c, &d), -EINVAL);
    c.vcpus = 1;
    c.gic = GIC_V2;
    assert_int_equal(domain_create(&c, &d), -EINVAL);
}

static void a_referenced_page_keeps_the_dead_domain_and_its_id(void **state)
{
    uint64_t before;
    struct domain *d;
    struct page *p;
    domid_t id;

    (void)state;
    env_up(1, 32ul << 20);
    before = env_free_pages();
    d = env_domu(1, 16);
    id = d->id;
    p = give_page(d, 0x40000, 0);
    give_page(d, 0x40001, 0);
    assert_true(page_get(p, id)); /* as a foreign mapping does */
    env_destroy(d);
    assert_ptr_equal(domain_by_id(id), d);
    assert_int_equal(d->state, DOMAIN_DEAD);
    assert_int_equal(d->pages_allocated, 1);
    assert_int_equal(domain_relinquish(d), 0);
    assert_true(env_free_pages() < before);
    domain_page_put(p);
    assert_ptr_equal(domain_by_id(id), d);
    env_end();
    assert_null(domain_by_id(id));
    assert_int_equal(env_free_pages(), before);
}

/* Nothing else is in the timer's queue: the counter stands still, and so it fires 8 times in one
 * go; it must not be all that it needs. */
static void the_end_of_a_domain_that_was_held_is_made_of_pieces(void **state)
{
    struct domain_config c = { .id = DOMID_INVALID, .vcpus = 1, .gic = GIC_V3,
                               .max_evtchn_port = 1023, .max_grant_frames = GRANT_FRAMES_MAX,
                               .max_maptrack_frames = 1 };
    unsigned goes = 0;
    uint64_t before;
    struct domain *d;
    struct page *p;
    domid_t id;

    (void)state;
    env_up(1, 64ul << 20);
    before = env_free_pages();
    assert_int_equal(domain_create(&c, &d), 0);
    d->pages_max = 1;
    id = d->id;
    while (grant_grow(d, GRANT_FRAMES_MAX))
        ;
    p = give_page(d, 0x40000, 0);
    assert_true(page_get(p, id));
    env_destroy(d);
    assert_int_equal(d->grants.frames, GRANT_FRAMES_MAX);
    domain_page_put(p);
    for (; domain_by_id(id); goes++) {
        unsigned had = d->grants.frames;

        env_end();
        assert_true(had - d->grants.frames <= 64);
    }
    assert_true(goes >= GRANT_FRAMES_MAX / 64);
    assert_int_equal(env_free_pages(), before);
}

static void the_frames_of_a_domain_that_nobody_holds_go_in_steps(void **state)
{
    struct domain_config c = { .id = DOMID_INVALID, .vcpus = 1, .gic = GIC_V3,
                               .max_evtchn_port = 1023, .max_grant_frames = GRANT_FRAMES_MAX,
                               .max_maptrack_frames = 1 };
    uint64_t before;
    struct domain *d;
    unsigned steps = 0;

    (void)state;
    env_up(1, 64ul << 20);
    before = env_free_pages();
    assert_int_equal(domain_create(&c, &d), 0);
    while (grant_grow(d, GRANT_FRAMES_MAX))
        ;
    assert_int_equal(domain_kill(d), 0);
    for (int rc = -ERESTART; rc; steps++) {
        unsigned had = d->grants.frames;

        rc = domain_relinquish(d);
        assert_true(!rc || had - d->grants.frames <= 8);
    }
    assert_true(steps > GRANT_FRAMES_MAX / 8);
    assert_null(domain_next(1));
    assert_int_equal(env_free_pages(), before);
}

static void the_page_limit_holds(void **state)
{
    struct domain *d;
    struct page *p;

    (void)state;
    env_up(1, 32ul << 20);
    d = env_domu(1, 3);
    assert_null(domain_page_alloc(d, 2));
    p = domain_page_alloc(d, 1);
    assert_non_null(p);
    assert_null(domain_page_alloc(d, 1));
    assert_non_null(domain_page_alloc(d, 0));
    assert_null(domain_page_alloc(d, 0));
    assert_int_equal(d->pages_allocated, 3);
    domain_page_put(p);
    assert_int_equal(d->pages_allocated, 2);
    assert_int_equal(d->refs, 3);
}

static void gfn_page_get_gives_own_ram_only(void **state)
{
    struct domain *d;
    struct page *p;

    (void)state;
    env_up(1, 32ul << 20);
    d = env_domu(1, 16);
    p = give_page(d, 0x40000, 0);
    assert_ptr_equal(domain_gfn_page_get(d, 0x40000, true), p);
    domain_page_put(p);
    assert_null(domain_gfn_page_get(d, 0x40001, false));
    assert_null(domain_gfn_page_get(d, ~0ul >> 12, false));
    assert_null(domain_gfn_page_get(d, 1ul << 52, false));
    assert_null(domain_gfn_page_get(d, 0x40000 + (1ul << 52), false)); /* no wrap to a real one */
    assert_int_equal(domain_kill(d), 0);
    assert_null(domain_gfn_page_get(d, 0x40000, false));
}

static void pauses_count_for_vcpus_made_before_and_after(void **state)
{
    struct domain *d;

    (void)state;
    env_up(1, 32ul << 20);
    d = env_domu(2, 16);
    assert_int_equal(d->vcpu[0]->sched.pause_count, 1);
    domain_pause(d);
    assert_int_equal(d->vcpu[1]->sched.pause_count, 2);
    domain_unpause(d);
    domain_unpause(d);
    assert_int_equal(d->vcpu[0]->sched.pause_count, 0);
    assert_int_equal(d->vcpu[1]->sched.pause_count, 0);
    assert_int_equal(domain0->vcpu[0]->sched.pause_count, 0);
}

static void shutdown_stops_once_and_resume_undoes_it(void **state)
{
    struct domain *d;

    (void)state;
    env_up(1, 32ul << 20);
    d = env_domu(1, 16);
    d->state = DOMAIN_RUNNING;
    domain_unpause(d);
    domain_shutdown(d, SHUTDOWN_reboot);
    domain_crash(d, "after that, %s", "nothing counts");
    assert_int_equal(d->state, DOMAIN_SHUTDOWN);
    assert_int_equal(d->shutdown_code, SHUTDOWN_reboot);
    assert_int_equal(d->vcpu[0]->sched.pause_count, 1);
    assert_int_equal(domain_resume(d), 0);
    assert_int_equal(d->state, DOMAIN_RUNNING);
    assert_int_equal(d->vcpu[0]->sched.pause_count, 0);
    assert_int_equal(domain_resume(d), 0);
    assert_int_equal(d->vcpu[0]->sched.pause_count, 0);
    domain_kill(d);
    assert_int_equal(domain_resume(d), -ESRCH);
}

static void death_waits_for_a_vcpu_that_is_loaded(void **state)
{
    struct domain *d;
    uint64_t before;

    (void)state;
    env_up(2, 32ul << 20);
    before = env_free_pages();
    d = env_domu(1, 16);
    d->vcpu[0]->sched.is_loaded = true;
    assert_int_equal(domain_kill(d), 0);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(domain_relinquish(d), -ERESTART);
    assert_non_null(d->vcpu[0]);
    d->vcpu[0]->sched.is_loaded = false;
    env_destroy(d);
    assert_int_equal(env_free_pages(), before);
}

static void no_tlb_knows_a_page_that_was_given_back(void **state)
{
    struct domain *d;
    struct page *p;
    paddr_t pa;
    uint64_t vttbr, vtcr;

    (void)state;
    env_up(1, 32ul << 20);
    d = env_domu(1, 1024);
    p = give_page(d, 0x40000, 9);
    pa = page_to_paddr(p);
    vttbr = vmid_activate(&d->s2);
    vtcr = d->s2.vtcr;
    assert_int_equal(fake_guest_access(vttbr, vtcr, ipa(0x40003000), true, NULL), FAKE_ACCESS_OK);
    assert_true(fake_tlb_has(paddr(pa.v + 0x3000)));
    assert_int_equal(domain_kill(d), 0);
    while (domain_relinquish(d) == -ERESTART)
        if (p[3].type == PAGE_DIRTY)
            assert_false(fake_tlb_has(paddr(pa.v + 0x3000)));
    assert_int_equal(p[3].type, PAGE_DIRTY);
    assert_false(fake_tlb_has(paddr(pa.v + 0x3000)));
}

static void what_a_dead_domain_had_of_others_is_let_go(void **state)
{
    struct domain *d;
    struct page *p;

    (void)state;
    env_up(1, 32ul << 20);
    d = env_domu(1, 16);
    p = page_alloc(0, PAGE_DOMAIN, 0);
    assert_true(page_get(p, 0));
    assert_int_equal(memory_map_set(d, 0x40000, p, STAGE2_FOREIGN), 0);
    env_destroy(d);
    assert_int_equal(p->refs, 1);
}

static void dom0_cannot_be_killed(void **state)
{
    (void)state;
    env_up(1, 32ul << 20);
    assert_int_equal(domain_kill(domain0), -EINVAL);
    assert_int_equal(domain0->state, DOMAIN_BUILDING);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(creation_and_death_leave_no_page_behind),
    cmocka_unit_test(creation_that_runs_out_of_memory_leaves_nothing_behind),
    cmocka_unit_test(ids_are_found_in_order_and_not_reused_soon),
    cmocka_unit_test(a_wanted_id_that_exists_is_refused),
    cmocka_unit_test(a_referenced_page_keeps_the_dead_domain_and_its_id),
    cmocka_unit_test(the_end_of_a_domain_that_was_held_is_made_of_pieces),
    cmocka_unit_test(the_frames_of_a_domain_that_nobody_holds_go_in_steps),
    cmocka_unit_test(the_page_limit_holds),
    cmocka_unit_test(gfn_page_get_gives_own_ram_only),
    cmocka_unit_test(pauses_count_for_vcpus_made_before_and_after),
    cmocka_unit_test(shutdown_stops_once_and_resume_undoes_it),
    cmocka_unit_test(death_waits_for_a_vcpu_that_is_loaded),
    cmocka_unit_test(no_tlb_knows_a_page_that_was_given_back),
    cmocka_unit_test(what_a_dead_domain_had_of_others_is_let_go),
    cmocka_unit_test(dom0_cannot_be_killed),
};

FAKE_TEST_MAIN(tests)
