/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at stage-2 tables without the lock while a block is split: the pages that stay are
 * mapped all the time. The modelled TLB invalidation makes the moment between break and make long.
 */
#include "core/base/hw.h"
#include "mm/page_alloc.h"
#include "mm/stage2.h"
#include "mm/vmid.h"

#include <pthread.h>

#include <cmocka.h>

#define THREADS 2u
#define BLOCKS 400u
#define FIRST (BLOCKS * 512ul) /* looked at until the first is split */
#define MFN 0x80000ul
#define RAM_RWX stage2_kind(STAGE2_RAM, STAGE2_RWX)

static struct stage2 s;
static uint64_t block; /* first gfn of the block that is being split; atomic */
static unsigned is_done, unseen, seen;

static void *look(void *arg)
{
    unsigned cpu = (unsigned)(uintptr_t)arg;

    fake_cpu_switch(cpu);
    while (!__atomic_load_n(&is_done, __ATOMIC_SEQ_CST)) {
        uint64_t gfn = __atomic_load_n(&block, __ATOMIC_ACQUIRE) + cpu;
        struct stage2_leaf leaf;

        if (!stage2_lookup(&s, gfn_to_ipa(gfn), &leaf) || paddr_to_mfn(leaf.pa) != MFN + gfn)
            __atomic_store_n(&unseen, 1, __ATOMIC_RELAXED);
        __atomic_fetch_add(&seen, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

/* Both sides go on together, however the host schedules them. */
static void wait_for_a_look(void)
{
    unsigned before = __atomic_load_n(&seen, __ATOMIC_RELAXED);

    while (__atomic_load_n(&seen, __ATOMIC_RELAXED) - before < THREADS)
        fake_host_yield();
}

static void split_blocks(void)
{
    for (uint64_t gfn = 0; gfn < BLOCKS * 512; gfn += 512) {
        struct stage2_gather g;
        struct stage2_leaf old;

        stage2_gather_init(&g);
        lock_acquire(&s.lock);
        assert_int_equal(stage2_map(&s, gfn, MFN + gfn, 9, RAM_RWX), 0);
        __atomic_store_n(&block, gfn, __ATOMIC_RELEASE);
        wait_for_a_look();
        assert_int_equal(stage2_unmap(&s, gfn, 0, &old, &g), 0);
        lock_release(&s.lock);
        stage2_flush(&s, &g);
    }
}

static void a_split_is_never_seen_half_done(void **state)
{
    pthread_t thread[THREADS];

    (void)state;
    fake_machine_init(THREADS + 1);
    fake_memory_init(32ul << 20);
    assert_int_equal(stage2_init(&s, 40), 0);
    vmid_activate(&s);
    lock_acquire(&s.lock);
    assert_int_equal(stage2_map(&s, FIRST, MFN + FIRST, 9, RAM_RWX), 0);
    lock_release(&s.lock);
    block = FIRST;
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, look, (void *)(uintptr_t)(i + 1)), 0);
    split_blocks();
    __atomic_store_n(&is_done, 1, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(unseen, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_split_is_never_seen_half_done),
};

FAKE_TEST_MAIN(tests)
