/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grants under threads: two vCPUs map, unmap and copy the same grants while their owner takes them
 * back and grants them anew. A grant that its owner got back is not in use by anyone; in the end
 * nothing is left.
 */
#include "core/hypercall.h"
#include "tests/stress/stress.h"
#include "tests/unit/grant_env.h"

#define REFS 6u
#define ROUNDS 3000u
#define COPIES 6u   /* in a call */
#define WORKERS 3u
#define MEETINGS 20u

static uint32_t workers_left, revoked, mapped, copied;
static uint32_t held[REFS]; /* mappings that workers have, by grant */

struct worker_memory { char *ops; uint64_t address; };
static struct worker_memory memory[WORKERS];

static uint32_t *entry_word(grant_ref_t ref)
{
    return (uint32_t *)(void *)grant_env_entry(owner, ref);
}

static void call(struct stress_thread *t, unsigned cmd, void *ops, size_t bytes, unsigned count)
{
    struct worker_memory *m = &memory[t->cpu];

    memcpy(m->ops, ops, bytes);
    if (grant_hypercall(cmd, m->address, count, 0, 0))
        fake_fail("grant_hypercall");
    memcpy(ops, m->ops, bytes);
}

static void map_some(struct stress_thread *t)
{
    grant_ref_t ref = stress_random(t) % REFS;
    gnttab_map_grant_ref_t op = {
        /* Two places only: they meet there, too. */
        .host_addr = (MAP_GFN + t->cpu * 2 + stress_random(t) % 2) << PAGE_SHIFT, .ref = ref,
        .flags = GNTMAP_host_map | (stress_random(t) % 2 ? GNTMAP_readonly : 0), .dom = owner->id,
    };
    gnttab_unmap_grant_ref_t undo;

    call(t, GNTTABOP_map_grant_ref, &op, sizeof(op), 1);
    if (op.status)
        return;
    __atomic_fetch_add(&held[ref], 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&mapped, 1, __ATOMIC_RELAXED);
    if (stress_random(t) % 4 == 0)
        fake_host_yield();
    __atomic_fetch_sub(&held[ref], 1, __ATOMIC_SEQ_CST);
    undo = (gnttab_unmap_grant_ref_t){ .host_addr = op.host_addr, .handle = op.handle };
    call(t, GNTTABOP_unmap_grant_ref, &undo, sizeof(undo), 1);
    if (undo.status)
        fake_fail("a mapping could not be undone");
}

/* A batch in which a grant is one end, then the other, then both: its lock is held from one
 * operation to the next, and never while one with a lower address is taken. */
static void copy_some(struct stress_thread *t)
{
    gnttab_copy_t ops[COPIES];

    for (unsigned i = 0; i < COPIES; i++) {
        unsigned kind = stress_random(t) % 3;

        ops[i] = (gnttab_copy_t){
            .source = { .domid = DOMID_SELF, .offset = 64 },
            .dest = { .domid = DOMID_SELF, .offset = (uint16_t)(t->cpu * 1024) },
            .len = 32,
        };
        ops[i].source.u.gmfn = ops[i].dest.u.gmfn = GRANT_GFN;
        if (kind != 1) {
            ops[i].source.u.ref = stress_random(t) % REFS;
            ops[i].source.domid = owner->id;
            ops[i].flags |= GNTCOPY_source_gref;
        }
        if (kind != 0) {
            ops[i].dest.u.ref = stress_random(t) % REFS;
            ops[i].dest.domid = owner->id;
            ops[i].flags |= GNTCOPY_dest_gref;
        }
    }
    call(t, GNTTABOP_copy, ops, sizeof(ops), COPIES);
    for (unsigned i = 0; i < COPIES; i++)
        if (!ops[i].status)
            __atomic_fetch_add(&copied, 1, __ATOMIC_RELAXED);
}

static uint32_t meeting_count(void)
{
    uint32_t taken_back = __atomic_load_n(&revoked, __ATOMIC_RELAXED);

    return MIN(taken_back, MIN(__atomic_load_n(&mapped, __ATOMIC_RELAXED),
                               __atomic_load_n(&copied, __ATOMIC_RELAXED)));
}

static void worker(struct stress_thread *t)
{
    /* On a busy host the owner may not have run yet: on until they have met. */
    for (unsigned i = 0; i < ROUNDS || meeting_count() <= MEETINGS; i++) {
        if (t->cpu == 0 || (t->cpu == 1 && stress_random(t) % 2))
            copy_some(t);
        else
            map_some(t);
    }
    __atomic_fetch_sub(&workers_left, 1, __ATOMIC_SEQ_CST);
}

/* Ends access as the ABI says: compare and exchange of entries that are not in use. */
static void revoker(struct stress_thread *t)
{
    while (__atomic_load_n(&workers_left, __ATOMIC_SEQ_CST)) {
        grant_ref_t ref = stress_random(t) % REFS;
        uint32_t *word = entry_word(ref), v = __atomic_load_n(word, __ATOMIC_SEQ_CST);

        if (!(v & (GTF_reading | GTF_writing)) &&
            __atomic_compare_exchange_n(word, &v, v & 0xffff0000, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_SEQ_CST)) {
            struct grant_active *a = grant_env_active(owner, ref);

            if (__atomic_load_n(&held[ref], __ATOMIC_SEQ_CST))
                fake_fail("grant %u was taken back while it was mapped", ref);
            __atomic_fetch_add(&revoked, 1, __ATOMIC_RELAXED);
            if (stress_random(t) % 4 == 0)
                fake_host_yield();
            lock_acquire(&a->lock);
            if (grant_entry_is_used(a))
                fake_fail("grant %u was mapped after it had been taken back", ref);
            lock_release(&a->lock);
            __atomic_fetch_or(word, GTF_permit_access, __ATOMIC_SEQ_CST);
        }
        fake_host_yield();
    }
}

static void a_grant_is_in_use_or_not_granted(void **state)
{
    struct stress_thread threads[WORKERS + 1];

    (void)state;
    grant_env_up_cpus(WORKERS + 1);
    for (grant_ref_t ref = 0; ref < REFS; ref++)
        grant_env_grant(owner, ref, mapper->id, GRANT_GFN + ref, 0);
    for (unsigned i = 0; i < WORKERS; i++) {
        memory[i].ops = env_guest_pages(0, &memory[i].address);
        threads[i] = (struct stress_thread){ .cpu = i, .vcpu = mapper->vcpu[0], .run = worker };
    }
    threads[WORKERS] = (struct stress_thread){ .cpu = WORKERS, .vcpu = owner->vcpu[0],
                                               .run = revoker };
    __atomic_store_n(&workers_left, WORKERS, __ATOMIC_SEQ_CST);
    stress_run(threads, WORKERS + 1);
    assert_int_equal(mapper->grants.maptrack_used, 0);
    for (grant_ref_t ref = 0; ref < REFS; ref++) {
        assert_int_equal(grant_env_page(owner, GRANT_GFN + ref)->refs, 1);
        assert_int_equal(grant_env_entry(owner, ref)->flags, GTF_permit_access);
    }
    grant_env_tlb_check();
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_grant_is_in_use_or_not_granted),
};

FAKE_TEST_MAIN(tests)
