/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domains that end while two other CPUs send them events, map and copy their grants, give them
 * memory and ask about them: on threads as CPUs, with the memory reused at once. Whatever a visit
 * has found must last until it ends; in the end everything has come back.
 */
#include <pthread.h>

#include "core/domain_info.h"
#include "core/grant_entry.h"
#include "core/memory_map.h"
#include "tests/unit/domain_env.h"

#define CPUS 3u
#define ROUNDS 15u
#define PAGES 8u
#define RAM_GFN 0x40000ul
#define MAP_GFN 0x90000ul /* of Dom0: nothing there */
#define MEETINGS 6u       /* visits of each worker in a domain's life */

static uint32_t victim;              /* id; atomic */
static uint32_t visits[CPUS];        /* atomic */
static bool is_over;                 /* atomic */
static char *ops[CPUS];
static uint64_t ops_at[CPUS];

/* --- what the workers do, as Dom0 ------------------------------------------------------------- */

static void events(struct domain *d)
{
    int port = evtchn_bind_interdomain(domain0, d, 1);
    evtchn_status_t status = { .port = 1 };

    evtchn_status(d, &status);
    if (port <= 0)
        return;
    for (unsigned i = 0; i < 4; i++)
        evtchn_send(domain0, (evtchn_port_t)port);
    assert_int_equal(evtchn_close(domain0, (evtchn_port_t)port), 0);
}

static int16_t grant_call(unsigned cpu, unsigned cmd, size_t status_at)
{
    int16_t status;

    memcpy(ops[cpu] + status_at, &(int16_t){ 99 }, sizeof(status));
    grant_hypercall(cmd, ops_at[cpu], 1, 0, 0);
    memcpy(&status, ops[cpu] + status_at, sizeof(status));
    return status;
}

static void map_and_unmap(struct domain *d, unsigned cpu)
{
    gnttab_map_grant_ref_t map = {
        .host_addr = (MAP_GFN + cpu) << PAGE_SHIFT, .flags = GNTMAP_host_map, .ref = cpu,
        .dom = d->id,
    };
    gnttab_unmap_grant_ref_t unmap = { .host_addr = map.host_addr };

    memcpy(ops[cpu], &map, sizeof(map));
    if (grant_call(cpu, GNTTABOP_map_grant_ref, offsetof(gnttab_map_grant_ref_t, status)))
        return;
    memcpy(&map, ops[cpu], sizeof(map));
    page_alloc_quiesce(cpu); /* the mapping outlives the visit */
    fake_host_yield();
    unmap.handle = map.handle;
    memcpy(ops[cpu], &unmap, sizeof(unmap));
    assert_int_equal(grant_call(cpu, GNTTABOP_unmap_grant_ref,
                                offsetof(gnttab_unmap_grant_ref_t, status)), GNTST_okay);
}

static void copy(struct domain *d, unsigned cpu)
{
    gnttab_copy_t op = {
        .source = { .u.ref = cpu, .domid = d->id }, .dest = { .u.ref = cpu + 3, .domid = d->id },
        .len = 64, .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref,
    };

    memcpy(ops[cpu], &op, sizeof(op));
    grant_call(cpu, GNTTABOP_copy, offsetof(gnttab_copy_t, status));
}

static void memory(struct domain *d)
{
    xen_domctl_getdomaininfo_t info;
    struct page *p = domain_page_alloc(d, 0);

    domain_info_get(d, &info);
    if (p)
        domain_page_put(p);
    p = domain_gfn_page_get(d, RAM_GFN, true);
    if (p)
        domain_page_put(p);
}

static void *worker(void *context)
{
    unsigned cpu = (unsigned)(uintptr_t)context, n = 0;

    fake_cpu_switch(cpu);
    fake_percpu->current = domain0->vcpu[0];
    while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
        struct domain *d = domain_by_id((domid_t)__atomic_load_n(&victim, __ATOMIC_ACQUIRE));

        if (d && n % 4 == 0)
            events(d);
        else if (d && n % 4 == 1)
            map_and_unmap(d, cpu);
        else if (d && n % 4 == 2)
            copy(d, cpu);
        else if (d)
            memory(d);
        n++;
        env_end();
        page_alloc_quiesce(cpu);
        __atomic_fetch_add(&visits[cpu], 1, __ATOMIC_RELEASE);
    }
    return NULL;
}

/* --- the victims ------------------------------------------------------------------------------ */

/* What the last one had is free again: the next one gets it. */
static void memory_wait(void)
{
    while (page_alloc_is_pending()) {
        page_alloc_progress(64);
        page_alloc_quiesce(0);
        fake_host_yield();
    }
}

static struct domain *victim_make(void)
{
    struct domain *d = env_domu(1, 64);

    for (unsigned i = 0; i < PAGES; i++) {
        struct page *p = domain_page_alloc(d, 0);
        struct grant_active *active;
        grant_entry_v1_t *e = NULL;

        assert_non_null(p);
        assert_int_equal(memory_map_ram(d, RAM_GFN + i, paddr_to_mfn(page_to_paddr(p)), 0), 0);
        assert_true(grant_entry_find(d, i, &active, &e));
        *e = (grant_entry_v1_t){ .domid = 0, .frame = (uint32_t)(RAM_GFN + i),
                                 .flags = GTF_permit_access };
    }
    assert_int_equal(evtchn_alloc_unbound(d, 0, NULL), 1);
    d->vcpu[0]->is_online = true;
    sched_vcpu_online(d->vcpu[0]);
    domain_unpause(d);
    return d;
}

static void visits_wait(void)
{
    for (unsigned cpu = 1; cpu < CPUS; cpu++) {
        uint32_t until = __atomic_load_n(&visits[cpu], __ATOMIC_ACQUIRE) + MEETINGS;

        while ((int32_t)(until - __atomic_load_n(&visits[cpu], __ATOMIC_ACQUIRE)) > 0) {
            page_alloc_quiesce(0);
            fake_host_yield();
        }
    }
}

static void victim_end(struct domain *d)
{
    int rc;

    assert_int_equal(domain_kill(d), 0);
    do {
        rc = domain_relinquish(d);
        page_alloc_progress(64);
        page_alloc_quiesce(0);
    } while (rc == -ERESTART);
    assert_int_equal(rc, 0);
    env_end();
    memory_wait();
}

static void domains_end_while_others_use_them(void **state)
{
    pthread_t threads[CPUS];
    uint64_t before;

    (void)state;
    env_up(CPUS, 32ul << 20);
    for (unsigned cpu = 1; cpu < CPUS; cpu++)
        ops[cpu] = env_guest_pages(0, &ops_at[cpu]);
    lock_acquire(&domain0->s2.lock); /* the tables that mappings need stay */
    assert_int_equal(stage2_map(&domain0->s2, MAP_GFN + 8, 1, 0,
                                stage2_kind(STAGE2_MMIO, STAGE2_RW)), 0);
    lock_release(&domain0->s2.lock);
    before = env_free_pages();
    for (unsigned cpu = 1; cpu < CPUS; cpu++)
        assert_int_equal(pthread_create(&threads[cpu], NULL, worker, (void *)(uintptr_t)cpu), 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct domain *d = victim_make();

        __atomic_store_n(&victim, d->id, __ATOMIC_RELEASE);
        visits_wait();
        victim_end(d);
    }
    __atomic_store_n(&is_over, true, __ATOMIC_RELEASE);
    for (unsigned cpu = 1; cpu < CPUS; cpu++)
        pthread_join(threads[cpu], NULL);
    fake_percpu->current = domain0->vcpu[0];
    assert_null(domain_next(1));
    assert_int_equal(domain0->grants.maptrack_used, 0);
    assert_int_equal(env_free_pages(), before);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(domains_end_while_others_use_them),
};

FAKE_TEST_MAIN(tests)
