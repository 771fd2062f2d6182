/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lock.c: exclusion under threads, order of tickets, wrap-around, and that a waiter sleeps.
 */
#include "core/base/hw.h"
#include "core/base/lock.h"

#include <pthread.h>

#include <cmocka.h>

#define THREADS 4u
#define ROUNDS 30000u

static struct lock lock = LOCK_INIT;
static unsigned long shared; /* written only with the lock held */
static unsigned inside;
static bool had_two_holders, has_waited; /* atomic */
static unsigned order[THREADS], order_count;

static void *count_up(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < ROUNDS; i++) {
        lock_acquire(&lock);
        if (__atomic_add_fetch(&inside, 1, __ATOMIC_RELAXED) != 1)
            __atomic_store_n(&had_two_holders, true, __ATOMIC_RELAXED);
        shared++;
        __atomic_sub_fetch(&inside, 1, __ATOMIC_RELAXED);
        lock_release(&lock);
    }
    return NULL;
}

static void one_thread_at_a_time_holds_it(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    fake_machine_init(1);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_false(had_two_holders);
    assert_int_equal(shared, THREADS * ROUNDS); /* past 65536: the tickets have wrapped */
    assert_true(lock_try(&lock));
    lock_release(&lock);
}

static void *try_up(void *arg)
{
    unsigned long *taken = arg;

    for (unsigned i = 0; i < ROUNDS; i++) {
        if (!lock_try(&lock))
            continue;
        shared++;
        (*taken)++;
        lock_release(&lock);
    }
    return NULL;
}

static void trying_excludes_too(void **state)
{
    unsigned long taken = 0;
    pthread_t trier, taker;

    (void)state;
    fake_machine_init(1);
    pthread_create(&trier, NULL, try_up, &taken);
    pthread_create(&taker, NULL, count_up, NULL);
    pthread_join(trier, NULL);
    pthread_join(taker, NULL);
    assert_int_equal(shared, ROUNDS + taken);
}

static void a_held_lock_cannot_be_tried(void **state)
{
    (void)state;
    assert_true(lock_try(&lock));
    assert_false(lock_try(&lock));
    lock_release(&lock);
    assert_true(lock_try(&lock));
}

static void the_last_ticket_is_followed_by_the_first(void **state)
{
    (void)state;
    lock.tickets = 0xffffffff;
    lock_acquire(&lock);
    assert_int_equal(lock.tickets, 0x0000ffff);
    assert_false(lock_try(&lock));
    lock_release(&lock);
    assert_int_equal(lock.tickets, 0);
    assert_true(lock_try(&lock));
}

static void *take_turn(void *arg)
{
    lock_acquire(&lock);
    order[order_count++] = *(unsigned *)arg;
    lock_release(&lock);
    return NULL;
}

static unsigned next_ticket(void)
{
    return __atomic_load_n(&lock.tickets, __ATOMIC_RELAXED) >> 16;
}

static void who_comes_first_is_served_first(void **state)
{
    pthread_t threads[THREADS];
    unsigned number[THREADS];

    (void)state;
    fake_machine_init(1);
    lock_acquire(&lock);
    for (unsigned i = 0; i < THREADS; i++) {
        number[i] = i;
        pthread_create(&threads[i], NULL, take_turn, &number[i]);
        while (next_ticket() != i + 2)
            fake_host_yield();
    }
    lock_release(&lock);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(order[i], i);
}

static void note_wait(void) { __atomic_store_n(&has_waited, true, __ATOMIC_RELAXED); }

static void a_waiter_waits_for_an_event(void **state)
{
    unsigned number = 7;
    pthread_t thread;

    (void)state;
    fake_machine_init(1);
    fake_on_wfe = note_wait;
    lock_acquire(&lock);
    assert_false(has_waited);
    pthread_create(&thread, NULL, take_turn, &number);
    /* One that never waits runs into the time limit. */
    while (!__atomic_load_n(&has_waited, __ATOMIC_RELAXED))
        fake_host_yield();
    lock_release(&lock);
    pthread_join(thread, NULL);
    assert_int_equal(order[0], 7);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(one_thread_at_a_time_holds_it),
    cmocka_unit_test(trying_excludes_too),
    cmocka_unit_test(a_held_lock_cannot_be_tried),
    cmocka_unit_test(the_last_ticket_is_followed_by_the_first),
    cmocka_unit_test(who_comes_first_is_served_first),
    cmocka_unit_test(a_waiter_waits_for_an_event),
};

FAKE_TEST_MAIN(tests)
