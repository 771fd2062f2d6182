/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GNTTABOP_cache_flush names any page of the machine by its address: one, too, that a populate has
 * just taken and gives back at once, as it could not be mapped. Whoever gets it next keeps it.
 */
#include <pthread.h>

#include "tests/unit/grant_env.h"

#define FAR_GFN 0x90000ul /* no table is there, and none may be made */
#define VICTIM_GFN 0x40000ul

static uint64_t populate_at, flush_at;
static unsigned is_populated;
static int64_t flush_rc;

/* A vCPU of `owner`. */
static void *populate(void *)
{
    fake_cpu_switch(1);
    fake_percpu->current = owner->vcpu[0];
    fake_percpu->domid = owner->id;
    assert_int_equal(memory_hypercall(XENMEM_populate_physmap, populate_at, 0, 0, 0), 0);
    __atomic_store_n(&is_populated, 1, __ATOMIC_RELEASE);
    return NULL;
}

/* A vCPU of `mapper`, its accomplice. */
static void *flush(void *)
{
    fake_cpu_switch(2);
    fake_percpu->current = mapper->vcpu[0];
    fake_percpu->domid = mapper->id;
    flush_rc = grant_hypercall(GNTTABOP_cache_flush, flush_at, 1, 0, 0);
    return NULL;
}

static void a_flush_puts_no_reference_of_the_next_owner(void **)
{
    struct { struct xen_memory_reservation r; uint64_t gfn; } *arg;
    gnttab_cache_flush_t *op;
    struct domain *victim;
    struct grant_active *a;
    struct page *p, *next;
    pthread_t thread[2];

    grant_env_up_cpus(3);
    victim = env_domu(1, 64);
    env_free_pages();
    arg = env_guest_pages(0, &populate_at);
    op = env_guest_pages(0, &flush_at);
    owner->s2.table_limit = owner->s2.table_pages; /* the guest can use up what it may have */
    p = domain_page_alloc(owner, 0); /* which page it will be */
    domain_page_unalloc(owner, p, 0);
    arg->r = (struct xen_memory_reservation){ .nr_extents = 1, .domid = DOMID_SELF };
    arg->r.extent_start.q = populate_at + sizeof(arg->r);
    arg->gfn = FAR_GFN;
    *op = (gnttab_cache_flush_t){ .op = GNTTAB_CACHE_CLEAN, .length = 64 };
    op->a.dev_bus_addr = page_to_paddr(p).v;

    a = grant_env_active(owner, 0);
    lock_acquire(&owner->s2.lock);
    lock_acquire(&a->lock);
    assert_int_equal(pthread_create(&thread[0], NULL, populate, NULL), 0);
    while (__atomic_load_n(&p->type, __ATOMIC_ACQUIRE) != PAGE_DOMAIN)
        fake_host_yield();
    assert_int_equal(pthread_create(&thread[1], NULL, flush, NULL), 0);
    for (unsigned i = 0; i < 20000 && __atomic_load_n(&p->refs, __ATOMIC_ACQUIRE) != 2; i++)
        fake_host_yield();
    lock_release(&owner->s2.lock);
    pthread_join(thread[0], NULL);
    assert_int_equal(is_populated, 1);

    /* All that follows is before the flush's visit to EL2 ends. */
    next = domain_page_alloc(victim, 0);
    assert_ptr_equal(next, p);
    assert_int_equal(memory_map_ram(victim, VICTIM_GFN, paddr_to_mfn(page_to_paddr(p)), 0), 0);
    lock_release(&a->lock);
    pthread_join(thread[1], NULL);
    if (p->type != PAGE_DOMAIN || p->refs != 1)
        fake_fail("the page that another domain has mapped has type %u, %u references, owner %x",
                  p->type, p->refs, p->owner);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_flush_puts_no_reference_of_the_next_owner),
};

FAKE_TEST_MAIN(tests)
