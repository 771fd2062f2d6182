/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * populate_physmap of an extent in which another vCPU maps a page after the look whether it is
 * free. What the guest has seen meanwhile must not be free at once: others may hold or use it.
 */
#include <pthread.h>

#include "tests/unit/domain_env.h"

#define GFN 0x40000ul
#define ORDER 7u
#define LAST ((1ul << ORDER) - 1)
#define ROUNDS 20000u

static struct domain *d;
static uint64_t *seen; /* what the guest could write to; atomic */
static bool is_ready, is_over;

/* The guest's third vCPU: writes to the extent's first page as soon as it is there. */
static void *third_vcpu(void *)
{
    fake_cpu_switch(1);
    __atomic_store_n(&is_ready, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
        uint64_t *p = stage2_ram_ptr(&d->s2, GFN, true);

        if (!p)
            continue;
        *p = 0x5ec7e7;
        __atomic_store_n(&seen, p, __ATOMIC_RELEASE);
    }
    return NULL;
}

/* The second vCPU, in its own populate or add_to_physmap of the last page, has the lock. */
static void second_vcpu(void)
{
    fake_on_wfe = NULL;
    assert_int_equal(stage2_map(&d->s2, GFN + LAST, 1, 0, stage2_kind(STAGE2_SHARED, STAGE2_RW)),
                     0);
    lock_release(&d->s2.lock);
}

static void what_a_guest_has_seen_is_not_free_at_once(void **)
{
    struct { struct xen_memory_reservation r; uint64_t gfn; } *arg;
    struct stage2_gather g = { 0 };
    struct stage2_leaf old;
    pthread_t thread;
    uint64_t arg_at, *page;

    env_up(2, 64ul << 20);
    arg = env_guest_pages(0, &arg_at);
    d = env_domu(1, 4096);
    assert_int_equal(pthread_create(&thread, NULL, third_vcpu, NULL), 0);
    while (!__atomic_load_n(&is_ready, __ATOMIC_ACQUIRE))
        fake_host_yield();
    for (unsigned i = 0; i < ROUNDS && !__atomic_load_n(&seen, __ATOMIC_ACQUIRE); i++) {
        arg->r = (struct xen_memory_reservation){ .nr_extents = 1, .extent_order = ORDER,
                                                  .domid = d->id };
        arg->r.extent_start.q = arg_at + sizeof(arg->r);
        arg->gfn = GFN;
        lock_acquire(&d->s2.lock);
        fake_on_wfe = second_vcpu;
        assert_int_equal(env_call(memory_hypercall, XENMEM_populate_physmap, arg_at, 0), 0);
        lock_acquire(&d->s2.lock);
        assert_int_equal(stage2_unmap(&d->s2, GFN + LAST, 0, &old, &g), 0);
        lock_release(&d->s2.lock);
    }
    __atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    while ((page = page_alloc_el2(PAGE_SIZE)))
        if (*page)
            fake_fail("a new page of EL2's (a stage-2 table, say) begins with the guest's %lx",
                      (unsigned long)*page);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_a_guest_has_seen_is_not_free_at_once),
};

FAKE_TEST_MAIN(tests)
