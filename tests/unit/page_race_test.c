/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What page.c and page_alloc.c do without locks, under threads: references and quiescence. Also
 * built with TSan (make tsan).
 */
#include "core/base/hw.h"
#include "mm/page_alloc.h"

#include <pthread.h>

#include <cmocka.h>

#define THREADS 3u
#define ROUNDS 4000u

static struct page *shared_page;
static unsigned last_puts, is_done;

/* Thread i is CPU i; CPU 0 goes on as the test itself. */
static void run(void *(*body)(void *), void (*meanwhile)(void))
{
    pthread_t thread[THREADS];

    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, body, (void *)(uintptr_t)(i + 1)), 0);
    if (meanwhile)
        meanwhile();
    __atomic_store_n(&is_done, 1, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
}

static void start(void)
{
    fake_machine_init(THREADS + 1);
    fake_memory_init(32ul << 20);
}

/* Every thread gets and puts; one put of all is the last. */
static void *get_and_put(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < ROUNDS; i++)
        if (page_get(shared_page, 1) && page_put(shared_page))
            __atomic_fetch_add(&last_puts, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void put_the_allocation(void)
{
    if (page_put(shared_page))
        __atomic_fetch_add(&last_puts, 1, __ATOMIC_RELAXED);
}

static void a_page_is_freed_once(void **state)
{
    (void)state;
    start();
    shared_page = page_alloc(0, PAGE_DOMAIN, 1);
    run(get_and_put, put_the_allocation);
    assert_int_equal(last_puts, 1);
    assert_int_equal(shared_page->refs, 0);
    assert_int_equal(shared_page->type, PAGE_DIRTY);
}

/* A visit to EL2 finds the page, uses it, and leaves; what it saw must not change meanwhile. */
static struct page *published;
static unsigned reused_too_early;

static void *visit(void *arg)
{
    unsigned cpu = (unsigned)(uintptr_t)arg;

    fake_cpu_switch(cpu);
    while (!__atomic_load_n(&is_done, __ATOMIC_SEQ_CST)) {
        struct page *p = __atomic_load_n(&published, __ATOMIC_ACQUIRE);

        if (p) {
            uint64_t *word = page_to_virt(p), first = __atomic_load_n(word, __ATOMIC_RELAXED);

            fake_host_yield();
            if (__atomic_load_n(word, __ATOMIC_RELAXED) != first)
                __atomic_store_n(&reused_too_early, 1, __ATOMIC_RELAXED);
        }
        page_alloc_quiesce(cpu);
    }
    return NULL;
}

static void publish_and_free(void)
{
    for (unsigned i = 1; i <= ROUNDS / 8; i++) {
        struct page *p = page_alloc(0, PAGE_DOMAIN, 1);

        if (p) {
            __atomic_store_n((uint64_t *)page_to_virt(p), i, __ATOMIC_RELAXED);
            __atomic_store_n(&published, p, __ATOMIC_RELEASE);
            __atomic_store_n(&published, NULL, __ATOMIC_RELEASE);
            page_put(p);
        }
        page_alloc_progress(16);
        page_alloc_quiesce(0);
    }
}

static void a_page_in_use_by_a_visit_is_not_reused(void **state)
{
    (void)state;
    start();
    run(visit, publish_and_free);
    assert_int_equal(reused_too_early, 0);
}

/* Pages come and go on all CPUs at once, next to their buddies: none is two's. */
static unsigned owned_twice;

static void *churn(void *arg)
{
    unsigned cpu = (unsigned)(uintptr_t)arg;

    fake_cpu_switch(cpu);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct page *p = page_alloc(i % 3, PAGE_EL2, DOMID_INVALID);
        uint64_t *word;

        if (p) {
            word = page_to_virt(p);
            __atomic_store_n(word, cpu, __ATOMIC_RELAXED);
            fake_host_yield();
            if (__atomic_load_n(word, __ATOMIC_RELAXED) != cpu)
                __atomic_store_n(&owned_twice, 1, __ATOMIC_RELAXED);
            page_free_el2(word);
        }
        page_alloc_progress(16);
        page_alloc_quiesce(cpu);
        page_alloc_quiesce(0);
    }
    return NULL;
}

static void no_page_is_given_out_twice(void **state)
{
    uint64_t before;

    (void)state;
    start();
    before = page_alloc_free_count();
    run(churn, NULL);
    while (page_alloc_is_pending()) {
        page_alloc_progress(64);
        for (unsigned cpu = 0; cpu <= THREADS; cpu++)
            page_alloc_quiesce(cpu);
    }
    assert_int_equal(owned_twice, 0);
    assert_int_equal(page_alloc_free_count(), before);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_page_is_given_out_twice),
    cmocka_unit_test(a_page_is_freed_once),
    cmocka_unit_test(a_page_in_use_by_a_visit_is_not_reused),
};

FAKE_TEST_MAIN(tests)
