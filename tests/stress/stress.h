/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads as CPUs, for what is shared without a lock. Built with ThreadSanitizer: a race is a
 * failure, whatever came out. Volatile accesses (READ_ONCE, WRITE_ONCE) are none there, as in the
 * hypervisor (tests/fake/fake_tsan.c).
 */
#ifndef TESTS_STRESS_STRESS_H
#define TESTS_STRESS_STRESS_H

#include <pthread.h>

#include "tests/unit/domain_env.h"

struct stress_thread {
    unsigned cpu;
    struct vcpu *vcpu;      /* current on that CPU */
    void (*run)(struct stress_thread *t);
    uint32_t random;
    pthread_t id;
};

static inline uint32_t stress_random(struct stress_thread *t)
{
    t->random ^= t->random << 13;
    t->random ^= t->random >> 17;
    t->random ^= t->random << 5;
    return t->random;
}

static void *stress_body(void *context)
{
    struct stress_thread *t = context;

    fake_cpu_switch(t->cpu);
    fake_percpu->current = t->vcpu;
    t->run(t);
    return NULL;
}

/* Runs them all, to the end; seeds are fixed. */
static inline void stress_run(struct stress_thread *threads, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        threads[i].random = 0x9e3779b9u * (i + 1);
        assert_int_equal(pthread_create(&threads[i].id, NULL, stress_body, &threads[i]), 0);
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i].id, NULL);
    fake_cpu_switch(0);
}

#endif
