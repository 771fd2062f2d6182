/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct page: who owns a page, and when it comes back.
 */
#include "core/base/hw.h"
#include "mm/page.h"
#include "mm/page_alloc.h"

#include <cmocka.h>

#define RAM_BYTES (16ul << 20)

static struct page *setup(void)
{
    struct page *p;

    fake_machine_init(1);
    fake_memory_init(RAM_BYTES);
    p = page_alloc(0, PAGE_DOMAIN, 5);
    assert_non_null(p);
    return p;
}

static void every_page_of_ram_has_one_struct_page(void **state)
{
    (void)state;
    setup();
    for (uint64_t pa = FAKE_RAM_BASE; pa < FAKE_RAM_BASE + RAM_BYTES; pa += PAGE_SIZE) {
        struct page *p = page_of(paddr(pa + 123));

        assert_non_null(p);
        assert_int_equal(page_to_paddr(p).v, pa);
    }
    assert_null(page_of(paddr(FAKE_RAM_BASE - 1)));
    assert_null(page_of(paddr(FAKE_RAM_BASE + RAM_BYTES)));
    assert_null(page_of(paddr(~0ul)));
    assert_int_equal(page_max_mfn(), (FAKE_RAM_BASE + RAM_BYTES - 1) >> PAGE_SHIFT);
}

static void a_reference_needs_the_right_owner(void **state)
{
    struct page *p = setup();

    (void)state;
    assert_true(page_get(p, 5));
    assert_true(page_get_shared(p, p->owner));
    assert_false(page_get(p, 6));
    assert_int_equal(p->refs, 3);
}

static void shared_pages_are_never_taken_as_domain_pages(void **state)
{
    struct page *p;

    (void)state;
    setup();
    p = page_alloc(0, PAGE_SHARED, 5);
    assert_false(page_get(p, 5));
    assert_true(page_get_shared(p, 5));
    assert_false(page_get_shared(p, 6));
}

static void other_types_give_no_reference(void **state)
{
    struct page *el2;

    (void)state;
    setup();
    el2 = page_alloc(0, PAGE_EL2, DOMID_INVALID);
    assert_false(page_get(el2, DOMID_INVALID));
    assert_false(page_get_shared(el2, DOMID_INVALID));
    page_free_el2(page_to_virt(el2));
    assert_false(page_get_shared(el2, DOMID_INVALID));
}

static void the_last_put_frees_and_no_other(void **state)
{
    struct page *p = setup();

    (void)state;
    page_get(p, 5);
    assert_false(page_put(p));
    assert_true(page_put(p));
    assert_int_equal(p->type, PAGE_DIRTY);
    assert_int_equal(p->owner, DOMID_INVALID);
    assert_false(page_get_shared(p, DOMID_INVALID));
    assert_false(page_get(p, 5));
}

/* The moment between the last put and the page's way to DIRTY. */
static void a_page_without_references_gives_none(void **state)
{
    struct page *p = setup();

    (void)state;
    p->refs = 0;
    assert_false(page_get(p, 5));
    assert_int_equal(p->refs, 0);
}

static void a_put_too_many_is_caught(void **state)
{
    struct page *p = setup();

    (void)state;
    page_put(p);
    fake_expect_panic(page_put(p));
}

static void references_do_not_wrap(void **state)
{
    struct page *p = setup();

    (void)state;
    p->refs = UINT32_MAX;
    assert_false(page_get(p, 5));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_page_of_ram_has_one_struct_page),
    cmocka_unit_test(a_reference_needs_the_right_owner),
    cmocka_unit_test(shared_pages_are_never_taken_as_domain_pages),
    cmocka_unit_test(other_types_give_no_reference),
    cmocka_unit_test(the_last_put_frees_and_no_other),
    cmocka_unit_test(a_page_without_references_gives_none),
    cmocka_unit_test(a_put_too_many_is_caught),
    cmocka_unit_test(references_do_not_wrap),
};

FAKE_TEST_MAIN(tests)
