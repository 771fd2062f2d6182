/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/hypercall.c: multicalls, and hypercalls that go on later.
 */
#include "tests/unit/sched_env.h"

#define VCPUOP 24u
#define SCHEDOP 29u
#define CONSOLEOP 18u

static multicall_entry_t *calls;
static uint64_t calls_at;

static void guest_up(void)
{
    env_up(1, 16ul << 20);
    calls = env_guest_pages(0, &calls_at);
}

static void test_each_call_has_its_result(void **state)
{
    (void)state;
    guest_up();
    calls[0] = (multicall_entry_t){ .op = VCPUOP, .args = { 99, 77 } };
    calls[1] = (multicall_entry_t){ .op = 13 }; /* no multicall in a multicall */
    calls[2] = (multicall_entry_t){ .op = SCHEDOP, .args = { SCHEDOP_yield } };
    calls[3] = (multicall_entry_t){ .op = 1ul << 40 };
    assert_int_equal(env_call(multicall_hypercall, calls_at, 4, 0), 0);
    assert_int_equal((int64_t)calls[0].result, -ENOENT);
    assert_int_equal((int64_t)calls[1].result, -ENOSYS);
    assert_int_equal((int64_t)calls[2].result, 0);
    assert_int_equal((int64_t)calls[3].result, -ENOSYS);
    assert_int_equal(env_chunks, 1);
}

/* Of 1.25 microseconds: with 0.32 between two looks at the clock, 4 calls. */
static void test_many_calls_are_made_in_chunks(void **state)
{
    (void)state;
    guest_up();
    fake_counter_step = 20;
    for (unsigned i = 0; i < 40; i++)
        calls[i] = (multicall_entry_t){ .op = VCPUOP, .result = 1, .args = { 99, 77 } };
    assert_int_equal(env_call(multicall_hypercall, calls_at, 40, 0), 0);
    assert_int_equal(env_chunks, 10);
    for (unsigned i = 0; i < 40; i++)
        assert_int_equal((int64_t)calls[i].result, -ENOENT);
}

static void test_a_waiting_cpu_ends_a_chunk_after_one_call(void **state)
{
    int64_t rc;

    (void)state;
    guest_up();
    for (unsigned i = 0; i < 3; i++)
        calls[i] = (multicall_entry_t){ .op = VCPUOP, .result = 1, .args = { 99, 77 } };
    fake_percpu->todo = TODO_RESCHED;
    fake_sysreg_set(FAKE_ELR_EL2, 0x1004);
    rc = multicall_hypercall(calls_at, 3, 0, 0, 0);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), 0x1000);
    assert_int_equal(rc, calls_at + sizeof(*calls));
    assert_int_equal(vcpu_current()->x[1], 2);
    assert_int_equal((int64_t)calls[0].result, -ENOENT);
    assert_int_equal(calls[1].result, 1);
}

/* A sub-call that goes on later does so with all the arguments it asked for, the first included. */
static void test_continued_sub_call_keeps_its_progress(void **state)
{
    struct vcpu *v;
    int64_t rc;

    (void)state;
    guest_up();
    v = vcpu_current();
    v->in_multicall = true;
    fake_sysreg_set(FAKE_ELR_EL2, 0x1004);
    v->x[1] = 77;
    v->multicall_args[2] = v->multicall_args[3] = 78;
    rc = hypercall_continue(3, 1, 2, 3);
    assert_int_equal(rc, 0);
    assert_true(v->multicall_continued);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(v->multicall_args[i], i + 1);
    assert_int_equal(v->multicall_args[3], 78);
    assert_int_equal(v->x[1], 77);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), 0x1004);
    v->in_multicall = v->multicall_continued = false;
}

static void test_long_console_write_inside_a_multicall_ends(void **state)
{
    uint64_t text_at;
    char *text;

    (void)state;
    guest_up();
    text = env_guest_pages(2, &text_at);
    memset(text, 'x', 16000);
    calls[0] = (multicall_entry_t){ .op = CONSOLEOP, .args = { CONSOLEIO_write, 16000, text_at } };
    calls[1] = (multicall_entry_t){ .op = VCPUOP, .args = { 99, 77 } };
    assert_int_equal(env_call(multicall_hypercall, calls_at, 2, 0), 0);
    assert_true(env_chunks > 1);
    assert_true((int64_t)calls[0].result >= 0);
    assert_int_equal((int64_t)calls[1].result, -ENOENT);
}

/* memory_op keeps its progress in its first argument. */
static void test_memory_op_inside_a_multicall_goes_on_where_it_was(void **state)
{
    struct xen_memory_reservation *r;
    struct domain *d;
    uint64_t at, list_at, *list;

    (void)state;
    guest_up();
    d = env_domu(1, 4096);
    list = env_guest_pages(1, &list_at);
    for (unsigned i = 0; i < 1000; i++)
        list[i] = 0x40000 + i;
    r = env_guest_pages(0, &at);
    r->extent_start.p = (xen_pfn_t *)list_at;
    r->nr_extents = 1000;
    r->domid = d->id;
    calls[0] = (multicall_entry_t){ .op = 12, .args = { XENMEM_populate_physmap, at } };
    assert_int_equal(env_call(multicall_hypercall, calls_at, 1, 0), 0);
    assert_true(env_chunks > 1);
    assert_int_equal(calls[0].result, 1000);
    assert_int_equal(d->pages_allocated, 1000);
}

static void test_calls_that_are_not_readable_fault(void **state)
{
    (void)state;
    guest_up();
    assert_int_equal(env_call(multicall_hypercall, 0x1000, 1, 0), -EFAULT);
    assert_int_equal(env_call(multicall_hypercall, calls_at, 0, 0), 0);
}

/* Xen public arch-arm.h: only the registers of a call's arguments may change. */
static void test_continuation_moves_the_pc_back_and_leaves_other_registers(void **state)
{
    struct vcpu *v;

    (void)state;
    guest_up();
    v = vcpu_current();
    fake_sysreg_set(FAKE_ELR_EL2, 0x1004);
    for (unsigned i = 0; i < 5; i++)
        v->x[i] = 77;
    assert_int_equal(hypercall_continue(2, 6, 7, 8), 6);
    assert_int_equal(fake_sysreg_get(FAKE_ELR_EL2), 0x1000);
    assert_int_equal(v->x[1], 7);
    for (unsigned i = 2; i < 5; i++)
        assert_int_equal(v->x[i], 77);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_each_call_has_its_result),
    cmocka_unit_test(test_many_calls_are_made_in_chunks),
    cmocka_unit_test(test_a_waiting_cpu_ends_a_chunk_after_one_call),
    cmocka_unit_test(test_continued_sub_call_keeps_its_progress),
    cmocka_unit_test(test_long_console_write_inside_a_multicall_ends),
    cmocka_unit_test(test_memory_op_inside_a_multicall_goes_on_where_it_was),
    cmocka_unit_test(test_calls_that_are_not_readable_fault),
    cmocka_unit_test(test_continuation_moves_the_pc_back_and_leaves_other_registers),
};

FAKE_TEST_MAIN(tests)
