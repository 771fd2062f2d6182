/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory_op when the machine's memory is used up: a guest can give memory back, whatever others do.
 */
#include "tests/unit/memory_env.h"

/* One that has a block of RAM, gives a page of it back: what others did before is no reason not to
 * split it. */
static void give_a_page_back(struct domain *d)
{
    ext->gfn[0] = 0x40005;
    assert_int_equal(reservation(XENMEM_decrease_reservation, d->id, 0, 1), 1);
}

static struct domain *domu_with_a_block(void)
{
    struct domain *d = env_domu(1, 4096);

    ext->gfn[0] = 0x40000;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 9, 1), 1);
    env_free_pages();
    return d;
}

/* Its RAM: all that there is. */
static struct domain *greedy_domu(void)
{
    struct domain_config c = {
        .id = DOMID_INVALID, .vcpus = 1, .spis = 32, .gic = GIC_V3, .max_evtchn_port = 1023,
        .max_grant_frames = ~0u, .max_maptrack_frames = ~0u,
    };
    uint64_t gfn = 0x80000;
    struct domain *d;

    assert_int_equal(domain_create(&c, &d), 0);
    assert_int_equal(vcpu_create(d, 0), 0);
    d->pages_max = 1u << 20;
    while (one(XENMEM_populate_physmap, d->id, gfn) == 1)
        gfn++;
    return d;
}

static void other_guests_tables_leave_the_last_pages(void **state)
{
    struct domain *d, *greedy;

    (void)state;
    up();
    d = domu_with_a_block();
    greedy = greedy_domu();
    while (grant_grow(greedy, 64) == -ERESTART)
        ;
    for (unsigned n = 0; n < 1023 && evtchn_alloc_unbound(greedy, 0, NULL) > 0; n++)
        ;
    give_a_page_back(d);
}

static void other_guests_sparse_mappings_leave_the_last_pages(void **state)
{
    struct xen_add_to_physmap *add;
    struct domain *d, *greedy;
    unsigned n = 0;

    (void)state;
    up();
    add = args;
    d = domu_with_a_block();
    greedy = greedy_domu();
    do
        *add = (struct xen_add_to_physmap){ .domid = greedy->id, .gpfn = 0x100000 + 512ul * n++,
                                            .space = XENMAPSPACE_grant_table };
    while (n < 1024 && !env_call(memory_hypercall, XENMEM_add_to_physmap, args_at, 0));
    give_a_page_back(d);
}

static void a_guest_can_give_memory_back_when_there_is_none(void **state)
{
    struct domain *d, *greedy;
    uint64_t gfn = 0x80000;

    (void)state;
    up();
    d = env_domu(1, 4096);
    for (unsigned i = 0; i < 4; i++)
        ext->gfn[i] = 0x40000 + 512 * i;
    assert_int_equal(reservation(XENMEM_populate_physmap, d->id, 9, 4), 4);
    env_free_pages();
    d->s2.table_limit = 576; /* what libxl gives 192 MiB */
    greedy = env_domu(1, 1u << 20);
    while (one(XENMEM_populate_physmap, greedy->id, gfn) == 1)
        gfn++;
    for (unsigned i = 0; i < 4; i++)
        ext->gfn[i] = 0x40005 + 512 * i;
    assert_int_equal(reservation(XENMEM_decrease_reservation, d->id, 0, 4), 4);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_guest_can_give_memory_back_when_there_is_none),
    cmocka_unit_test(other_guests_tables_leave_the_last_pages),
    cmocka_unit_test(other_guests_sparse_mappings_leave_the_last_pages),
};


FAKE_TEST_MAIN(tests)
