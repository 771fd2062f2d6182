/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads as CPUs, for what is shared without a lock. Built with ThreadSanitizer: a race is a
 * failure, whatever came out. Volatile accesses (READ_ONCE, WRITE_ONCE) count as synchronisation
 * there, as they do in the hypervisor.
 */
#ifndef TESTS_STRESS_STRESS_H
#define TESTS_STRESS_STRESS_H

#include <pthread.h>

#include "tests/unit/domain_env.h"

/* clang calls these for volatile accesses (-tsan-distinguish-volatile). */
#define STRESS_VOLATILE(n) \
    void __tsan_volatile_read##n(void *p); \
    void __tsan_volatile_write##n(void *p); \
    void __tsan_unaligned_volatile_read##n(void *p); \
    void __tsan_unaligned_volatile_write##n(void *p); \
    void __tsan_volatile_read##n(void *p) { (void)p; } \
    void __tsan_volatile_write##n(void *p) { (void)p; } \
    void __tsan_unaligned_volatile_read##n(void *p) { (void)p; } \
    void __tsan_unaligned_volatile_write##n(void *p) { (void)p; }
STRESS_VOLATILE(1)
STRESS_VOLATILE(2)
STRESS_VOLATILE(4)
STRESS_VOLATILE(8)
STRESS_VOLATILE(16)
#undef STRESS_VOLATILE

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
