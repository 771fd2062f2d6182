/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * core/purlin_op.c: copies between Dom0's memory and a domain's RAM.
 */
#include "core/base/purlin_abi.h"
#include "core/memory_map.h"
#include "tests/unit/domain_env.h"

#define BASE 0x40000000ul /* the guest's RAM: 64 pages, one by one, not contiguous */
#define PAGES 64u

static struct purlin_copy *c;
static uint64_t c_at, buf_at;
static uint8_t *buf; /* 16 pages of Dom0's */
static struct domain *d;
static gva_t not_present; /* a page that Dom0 has not mapped; 0: none */

#define BUF_BYTES (16 * PAGE_SIZE)
#define AGAIN 0x7000000000ul /* they are mapped there as well, twice in a row */

static bool stage1(gva_t va, bool write, ipa_t *out)
{
    (void)write;
    *out = ipa(va.v < AGAIN ? va.v : buf_at + (va.v - AGAIN) % BUF_BYTES);
    return va.v >> PAGE_SHIFT != not_present.v >> PAGE_SHIFT;
}

static void up(void)
{
    env_up(2, 64ul << 20);
    c = env_guest_pages(0, &c_at);
    buf = env_guest_pages(4, &buf_at);
    not_present = gva(0);
    fake_stage1 = stage1;
    d = env_domu(1, 1024);
    for (unsigned i = PAGES; i--;) {
        struct page *p = domain_page_alloc(d, 0);

        assert_non_null(p);
        assert_int_equal(memory_map_ram(d, (BASE >> PAGE_SHIFT) + i,
                                        paddr_to_mfn(page_to_paddr(p)), 0), 0);
    }
    fake_trace_reset();
}

static uint8_t *theirs(uint64_t address)
{
    struct stage2_leaf leaf;

    assert_true(stage2_lookup(&d->s2, ipa(address), &leaf));
    return hw_phys_to_virt(leaf.pa);
}

static int64_t copy(uint16_t direction, uint64_t address, uint64_t buffer, uint64_t bytes)
{
    *c = (struct purlin_copy){ .version = PURLIN_ABI_VERSION, .domid = d->id, .address = address,
                               .direction = direction, .buffer = buffer, .bytes = bytes };
    return env_call(purlin_hypercall, PURLIN_OP_copy, c_at, 0);
}

static int64_t load(uint64_t address, uint64_t buffer, uint64_t bytes)
{
    return copy(PURLIN_COPY_to_domain, address, buffer, bytes);
}

static void only_the_privileged_may_call(void **state)
{
    (void)state;
    up();
    assert_int_equal(env_call(purlin_hypercall, PURLIN_OP_version, 0, 0), PURLIN_ABI_VERSION);
    assert_int_equal(env_call(purlin_hypercall, 2, c_at, 0), -ENOSYS);
    assert_int_equal(__HYPERVISOR_arch_0, PURLIN_HYPERCALL);
    assert_ptr_equal(hypercall_table[PURLIN_HYPERCALL], purlin_hypercall);
    fake_percpu->current = d->vcpu[0];
    assert_int_equal(env_call(purlin_hypercall, PURLIN_OP_version, 0, 0), -EPERM);
    assert_int_equal(load(BASE, buf_at, 1), -EPERM);
}

static void what_is_wrong_is_refused_before_anything_is_written(void **state)
{
    (void)state;
    up();
    memset(buf, 0x5a, PAGE_SIZE);
    assert_int_equal(env_call(purlin_hypercall, PURLIN_OP_copy, 0x10, 0), -EFAULT);
    assert_int_equal(load(BASE, buf_at, 0), 0);
    c->version = 2;
    c->bytes = 8;
    assert_int_equal(env_call(purlin_hypercall, PURLIN_OP_copy, c_at, 0), -EACCES);
    assert_int_equal(copy(2, BASE, buf_at, 8), -EINVAL);
    c->version = PURLIN_ABI_VERSION;
    c->direction = PURLIN_COPY_to_domain;
    c->domid = 77;
    assert_int_equal(env_call(purlin_hypercall, PURLIN_OP_copy, c_at, 0), -ESRCH);
    c->domid = 0;
    assert_int_equal(env_call(purlin_hypercall, PURLIN_OP_copy, c_at, 0), -EINVAL);
    assert_int_equal(load(~0ul - 4, buf_at, 64), -ENOENT);
    assert_int_equal(load(BASE, 0x10, 64), -EFAULT);
    assert_int_equal(c->bytes, 64);
    assert_int_equal(theirs(BASE)[0], 0);
    d->state = DOMAIN_DYING;
    assert_int_equal(load(BASE, buf_at, 8), -ESRCH);
    assert_int_equal(theirs(BASE)[0], 0);
}

/* From an odd address to another, over page ends of both, in several stays at EL2. */
static void bytes_arrive_where_they_belong_and_nowhere_else(void **state)
{
    const uint64_t size = 31 * PAGE_SIZE + 77;

    (void)state;
    up();
    for (uint64_t i = 0; i < BUF_BYTES; i++)
        buf[i] = (uint8_t)(i * 7 + i / 251 + 1);
    assert_int_equal(load(BASE + 4000, AGAIN + 5, size), 0);
    assert_true(env_chunks > 1);
    assert_int_equal(c->bytes, 0);
    assert_int_equal(c->address, BASE + 4000 + size);
    assert_int_equal(c->buffer, AGAIN + 5 + size);
    for (uint64_t i = 0; i < size; i++)
        assert_int_equal(*theirs(BASE + 4000 + i), buf[(i + 5) % BUF_BYTES]);
    assert_int_equal(*theirs(BASE + 3999), 0);
    assert_int_equal(*theirs(BASE + 4000 + size), 0);
}

/* A block between pages, which are neither before nor after it in memory. */
static void a_block_ends_where_it_ends(void **state)
{
    const uint64_t block = 2ul << 20, at = BASE + block, after = at + block;
    struct page *p, *q;

    (void)state;
    up();
    p = env_page_alloc(d, 9);
    assert_non_null(p);
    assert_int_equal(memory_map_ram(d, at >> PAGE_SHIFT, paddr_to_mfn(page_to_paddr(p)), 9), 0);
    q = domain_page_alloc(d, 0);
    assert_non_null(q);
    assert_int_equal(memory_map_ram(d, after >> PAGE_SHIFT, paddr_to_mfn(page_to_paddr(q)), 0), 0);
    for (uint64_t i = 0; i < 4 * PAGE_SIZE; i++)
        buf[i] = (uint8_t)(i / 509 + 1);
    assert_int_equal(load(after - 2 * PAGE_SIZE - 100, buf_at, 3 * PAGE_SIZE), 0);
    for (uint64_t i = 0; i < 3 * PAGE_SIZE; i++)
        assert_int_equal(*theirs(after - 2 * PAGE_SIZE - 100 + i), buf[i]);
    assert_int_equal(load(after, buf_at, 2 * PAGE_SIZE), -ENOENT);
    assert_int_equal(c->bytes, PAGE_SIZE);
    assert_int_equal(load(at - PAGE_SIZE, buf_at, 2 * PAGE_SIZE), -ENOENT);
    assert_int_equal(c->bytes, 2 * PAGE_SIZE);
}

static void a_guest_with_its_caches_off_sees_what_was_loaded(void **state)
{
    uint64_t cleaned = 0;

    (void)state;
    up();
    assert_int_equal(load(BASE, buf_at, 3 * PAGE_SIZE), 0);
    for (unsigned i = 0; fake_trace(i); i++)
        if (fake_trace(i)->event == FAKE_EV_DCACHE_CLEAN_INVAL)
            cleaned += fake_trace(i)->b;
    assert_int_equal(cleaned, 3 * PAGE_SIZE);
    assert_true(fake_count(FAKE_EV_ICACHE_INVAL) > 0);
}

static void the_other_direction_reads_and_writes_nothing(void **state)
{
    (void)state;
    up();
    memset(theirs(BASE + 2 * PAGE_SIZE), 0xc3, PAGE_SIZE);
    memset(buf, 0xff, 16 * PAGE_SIZE);
    assert_int_equal(copy(PURLIN_COPY_from_domain, BASE + PAGE_SIZE, buf_at, 2 * PAGE_SIZE), 0);
    assert_int_equal(buf[0], 0);
    assert_int_equal(buf[PAGE_SIZE], 0xc3);
    assert_int_equal(buf[2 * PAGE_SIZE], 0xff);
    assert_int_equal(fake_count(FAKE_EV_DCACHE_CLEAN_INVAL), 0);
}

static void it_stops_where_there_is_no_ram_and_says_so(void **state)
{
    (void)state;
    up();
    assert_int_equal(load(BASE + (PAGES - 1) * PAGE_SIZE, buf_at, 2 * PAGE_SIZE), -ENOENT);
    assert_int_equal(c->bytes, PAGE_SIZE);
    assert_int_equal(c->address, BASE + PAGES * PAGE_SIZE);
    assert_int_equal(load(d->gicd.base, buf_at, 8), -ENOENT);
    assert_int_equal(c->bytes, 8);
}

/* As Linux takes a page away between two stays: the caller brings it back and goes on. */
static void a_buffer_page_that_is_away_can_be_touched_and_the_copy_goes_on(void **state)
{
    (void)state;
    up();
    memset(buf, 0x11, 4 * PAGE_SIZE);
    not_present = gva(buf_at + 2 * PAGE_SIZE);
    assert_int_equal(load(BASE, buf_at, 4 * PAGE_SIZE), -EFAULT);
    assert_int_equal(c->bytes, 2 * PAGE_SIZE);
    not_present = gva(0);
    assert_int_equal(env_call(purlin_hypercall, PURLIN_OP_copy, c_at, 0), 0);
    assert_int_equal(*theirs(BASE + 4 * PAGE_SIZE - 1), 0x11);
    assert_int_equal(*theirs(BASE + 4 * PAGE_SIZE), 0);
}

static void no_stay_at_el2_is_longer_than_its_budget(void **state)
{
    unsigned pieces = 2 * 32 - 1, most = HYPERCALL_BUDGET / 400 + 1;

    (void)state;
    up();
    assert_int_equal(load(BASE, AGAIN + 1, 2 * BUF_BYTES - 1), 0);
    assert_true(env_chunks * most >= pieces);
    assert_true(env_chunks > 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(only_the_privileged_may_call),
    cmocka_unit_test(what_is_wrong_is_refused_before_anything_is_written),
    cmocka_unit_test(bytes_arrive_where_they_belong_and_nowhere_else),
    cmocka_unit_test(a_block_ends_where_it_ends),
    cmocka_unit_test(a_guest_with_its_caches_off_sees_what_was_loaded),
    cmocka_unit_test(the_other_direction_reads_and_writes_nothing),
    cmocka_unit_test(it_stops_where_there_is_no_ram_and_says_so),
    cmocka_unit_test(a_buffer_page_that_is_away_can_be_touched_and_the_copy_goes_on),
    cmocka_unit_test(no_stay_at_el2_is_longer_than_its_budget),
};

FAKE_TEST_MAIN(tests)
