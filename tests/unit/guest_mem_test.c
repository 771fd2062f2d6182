/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's memory by virtual address: page borders, faults, and what is not RAM.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "mm/guest_mem.h"
#include "mm/page_alloc.h"
#include "mm/stage2.h"
#include "mm/vmid.h"

#include <cmocka.h>

#define VA 0x10000ul

static struct stage2 s;
static struct page *page[2];

/* VA and the next page are two pages of RAM that are no neighbours, in reverse order. */
static void start(void)
{
    fake_machine_init(1);
    fake_memory_init(16ul << 20);
    fake_percpu->domid = 1;
    page[1] = page_alloc(0, PAGE_DOMAIN, 1);
    page_alloc(0, PAGE_DOMAIN, 1);
    page[0] = page_alloc(0, PAGE_DOMAIN, 1);
    assert_int_equal(stage2_init(&s, 40), 0);
    lock_acquire(&s.lock);
    for (unsigned i = 0; i < 2; i++)
        stage2_map(&s, (VA >> PAGE_SHIFT) + i, paddr_to_mfn(page_to_paddr(page[i])), 0,
                   stage2_kind(STAGE2_RAM, STAGE2_RWX));
    lock_release(&s.lock);
    hw_sysreg_write(VTCR_EL2, s.vtcr);
    hw_sysreg_write(VTTBR_EL2, vmid_activate(&s));
}

static void a_copy_crosses_pages(void **state)
{
    char text[64] = "across the border of two pages that are not neighbours", back[64];

    (void)state;
    start();
    assert_int_equal(guest_mem_write(gva(VA + PAGE_SIZE - 10), text, sizeof(text)), 0);
    assert_memory_equal((char *)page_to_virt(page[0]) + PAGE_SIZE - 10, text, 10);
    assert_memory_equal(page_to_virt(page[1]), text + 10, sizeof(text) - 10);
    assert_int_equal(guest_mem_read(back, gva(VA + PAGE_SIZE - 10), sizeof(back)), 0);
    assert_memory_equal(back, text, sizeof(text));
    assert_int_equal(guest_mem_read(back, gva(0), 0), 0);
}

static void what_does_not_translate_is_efault(void **state)
{
    char buf[32] = "x";

    (void)state;
    start();
    assert_int_equal(guest_mem_read(buf, gva(0), 1), -EFAULT);
    assert_int_equal(guest_mem_write(gva(VA + 2 * PAGE_SIZE - 5), "12345678", 8), -EFAULT);
    assert_memory_equal((char *)page_to_virt(page[1]) + PAGE_SIZE - 5, "12345", 5);
    assert_int_equal(guest_mem_read(buf, gva(~0ul - 3), 8), -EFAULT);
    assert_null(guest_mem_ptr(gva(VA - 1), false));
}

static void read_only_memory_is_not_written(void **state)
{
    uint32_t v = 7;

    (void)state;
    start();
    lock_acquire(&s.lock);
    stage2_map(&s, 1, paddr_to_mfn(page_to_paddr(page[0])), 0,
               stage2_kind(STAGE2_GRANT_RO, STAGE2_R));
    lock_release(&s.lock);
    assert_int_equal(guest_mem_read(&v, gva(PAGE_SIZE), 4), 0);
    assert_int_equal(guest_mem_write(gva(PAGE_SIZE), &v, 4), -EFAULT);
}

static void a_device_is_never_touched(void **state)
{
    uint32_t v;

    (void)state;
    start();
    lock_acquire(&s.lock);
    stage2_map(&s, 1, 0x9000, 0, stage2_kind(STAGE2_MMIO, STAGE2_RW | STAGE2_DEVICE));
    lock_release(&s.lock);
    assert_int_equal(guest_mem_read(&v, gva(PAGE_SIZE), 4), -EFAULT);
    assert_null(guest_mem_ptr(gva(PAGE_SIZE), true));
}

/* Theirs, granted or mapped: it may be taken back while EL2 uses it. What is nobody's may be used:
 * memory that firmware keeps is Dom0's to touch. */
static void another_domains_memory_is_no_argument(void **state)
{
    struct page *theirs;
    uint32_t v = 1;

    (void)state;
    start();
    theirs = page_alloc(0, PAGE_DOMAIN, 2);
    lock_acquire(&s.lock);
    stage2_map(&s, 1, paddr_to_mfn(page_to_paddr(theirs)), 0,
               stage2_kind(STAGE2_GRANT_RW, STAGE2_RW));
    lock_release(&s.lock);
    assert_int_equal(guest_mem_read(&v, gva(PAGE_SIZE), 4), -EFAULT);
    assert_int_equal(guest_mem_write(gva(PAGE_SIZE), &v, 4), -EFAULT);
    assert_null(guest_mem_ptr(gva(PAGE_SIZE), false));
    theirs->owner = DOMID_INVALID;
    assert_non_null(guest_mem_ptr(gva(PAGE_SIZE), true));
}

static bool no_stage1(gva_t va, bool write, ipa_t *out)
{
    (void)va, (void)write, (void)out;
    return false;
}

static void a_stage_1_fault_is_efault_at_once(void **state)
{
    uint32_t v;

    (void)state;
    start();
    fake_stage1 = no_stage1;
    assert_int_equal(guest_mem_read(&v, gva(VA), 4), -EFAULT);
}

/* Another CPU is between break and make when the walk fails; it is done when it is waited for. */
static uint64_t hidden_descriptor, *hidden_entry;

static void finish_the_break(void)
{
    *hidden_entry = hidden_descriptor;
    s.break_seq++;
}

static void a_leaf_that_is_being_replaced_is_waited_for(void **state)
{
    uint32_t v = 1;
    uint64_t *table = NULL;

    (void)state;
    start();
    /* The third level's table is the one page that points to page[0]. */
    for (uint64_t pa = FAKE_RAM_BASE; !table; pa += PAGE_SIZE) {
        uint64_t *e = hw_phys_to_virt(paddr(pa + (VA >> PAGE_SHIFT) * 8));

        if ((*e & 0xfffffffff000ul) == page_to_paddr(page[0]).v)
            table = e;
    }
    hidden_entry = table;
    hidden_descriptor = *table;
    *table = 0;
    s.break_seq++;
    fake_on_wfe = finish_the_break;
    assert_int_equal(guest_mem_read(&v, gva(VA), 4), 0);
    assert_int_equal(v, 0);
    assert_true(fake_count(FAKE_EV_WFE) >= 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_copy_crosses_pages),
    cmocka_unit_test(what_does_not_translate_is_efault),
    cmocka_unit_test(read_only_memory_is_not_written),
    cmocka_unit_test(a_device_is_never_touched),
    cmocka_unit_test(another_domains_memory_is_no_argument),
    cmocka_unit_test(a_stage_1_fault_is_efault_at_once),
    cmocka_unit_test(a_leaf_that_is_being_replaced_is_waited_for),
};

FAKE_TEST_MAIN(tests)
