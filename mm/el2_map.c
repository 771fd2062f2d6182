/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL2's translation tables (DDI 0487, VMSAv8-64, 4 KiB granule, 48-bit addresses). Entries
 * only ever go from invalid to valid, so nothing needs invalidation. Knows nothing of what the
 * devices are. `lock` protects the tables and the next free addresses.
 */
#include "mm/el2_map.h"

#include "core/base/assert.h"
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "core/base/lock.h"
#include "mm/page_alloc.h"
#include "mm/pte.h"

#define IMAGE_BLOCK PTE_BYTES(2)

/* Attributes of leaves; Normal is MAIR index 0. */
#define LEAF_BASE (PTE_AF | PTE_SH_INNER | PTE_EL2_AP1)
#define LEAF_TEXT (LEAF_BASE | PTE_EL2_INDEX(0) | PTE_EL2_RO)
#define LEAF_RODATA (LEAF_TEXT | PTE_XN)
#define LEAF_DATA (LEAF_BASE | PTE_EL2_INDEX(0) | PTE_XN)
#define LEAF_DEVICE (LEAF_BASE | PTE_EL2_INDEX(1) | PTE_XN)

/* The linker script's, each 4 KiB aligned. */
extern char image_start[], image_text_end[], image_rodata_end[], image_end[];

static struct lock lock;
static uint64_t *root; /* level 0 */
static char *pool; /* pages for the first tables, before the page allocator has any */
static unsigned pool_left;
static uint64_t image_pa;
static uint64_t next_device = EL2_DEVICE_BASE;
static uint64_t next_stack = EL2_STACK_BASE;

static uint64_t image_bytes(void) { return (uint64_t)(image_end - image_start); }

/* The pool is in the image, which is not in the direct map. */
static paddr_t table_pa(const uint64_t *t)
{
    uint64_t offset = (uintptr_t)t - (uintptr_t)image_start;

    return offset < image_bytes() ? paddr(image_pa + offset) : hw_virt_to_phys(t);
}

static uint64_t *table_at(uint64_t pa)
{
    uint64_t offset = pa - image_pa;

    return offset < image_bytes() ? (void *)(image_start + offset) : hw_phys_to_virt(paddr(pa));
}

static uint64_t *table_alloc(void)
{
    return pool_left ? (void *)(pool + PAGE_SIZE * --pool_left) : page_alloc_el2(PAGE_SIZE);
}

/* The table that the entry points to, made when there is none. NULL: no memory. */
static uint64_t *table_below(uint64_t *e) LOCK_REQUIRES(lock)
{
    uint64_t *t;

    if (*e & PTE_VALID) {
        assert(*e & PTE_TABLE);
        return table_at(*e & PTE_ADDRESS);
    }
    t = table_alloc();
    if (!t)
        return NULL;
    hw_dsb_ishst(); /* the table's zeroes before the link to it */
    WRITE_ONCE(*e, table_pa(t).v | PTE_VALID | PTE_TABLE);
    return t;
}

/* One leaf: the largest that alignment and length allow; it may be there already. Returns its size,
 * 0: no memory. */
static uint64_t map_leaf(uint64_t va, uint64_t pa, uint64_t bytes, uint64_t attributes)
    LOCK_REQUIRES(lock)
{
    uint64_t *t = root;

    for (unsigned level = 0;; level++) {
        uint64_t *e = &t[pte_index(va, level)], size = PTE_BYTES(level);

        if (level > 0 && bytes >= size && IS_ALIGNED(va | pa, size) && !pte_is_table(*e, level)) {
            assert(!(*e & PTE_VALID) || (*e & PTE_ADDRESS) == pa);
            WRITE_ONCE(*e, pa | attributes | pte_leaf_bits(level));
            return size;
        }
        t = table_below(e);
        if (!t)
            return 0;
    }
}

/* Page aligned. */
static int map_range(uint64_t va, uint64_t pa, uint64_t bytes, uint64_t attributes)
{
    int rc = 0;

    assert(IS_ALIGNED(va | pa | bytes, PAGE_SIZE));
    lock_acquire(&lock);
    while (bytes && !rc) {
        uint64_t size = map_leaf(va, pa, bytes, attributes);

        if (!size)
            rc = -ENOMEM;
        va += size;
        pa += size;
        bytes -= size;
    }
    lock_release(&lock);
    hw_dsb_ishst(); /* the entries before the first access through them */
    hw_isb();
    return rc;
}

static int map_section(const char *start, const char *end, uint64_t attributes)
{
    return map_range((uintptr_t)start, image_pa + (uint64_t)(start - image_start),
                     (uint64_t)(end - start), attributes);
}

static int map_direct(uint64_t base, uint64_t end)
{
    return base < end ? map_range(EL2_DIRECT_BASE + base, base, end - base, LEAF_DATA) : 0;
}

/* But for the image: code that could be written at another address is not read-only. */
int el2_map_ram(paddr_t base, uint64_t bytes)
{
    uint64_t start = ALIGN_DOWN(base.v, PAGE_SIZE), end = ALIGN_UP(base.v + bytes, PAGE_SIZE);
    uint64_t hole_end = ALIGN_UP(image_pa + image_bytes(), IMAGE_BLOCK);
    int rc;

    if (bytes > EL2_DIRECT_BYTES || end > EL2_DIRECT_BYTES || end < start)
        return -EINVAL;
    rc = map_direct(start, MIN(end, image_pa));
    return rc ? rc : map_direct(MAX(start, hole_end), end);
}

int el2_map_init(paddr_t image, void *tables, unsigned count)
{
    int rc;

    assert(IS_ALIGNED(image.v, IMAGE_BLOCK));
    image_pa = image.v;
    pool = tables;
    pool_left = count;
    root = table_alloc();
    if (!root)
        return -ENOMEM;
    rc = map_section(image_start, image_text_end, LEAF_TEXT);
    if (!rc)
        rc = map_section(image_text_end, image_rodata_end, LEAF_RODATA);
    return rc ? rc : map_section(image_rodata_end, image_end, LEAF_DATA);
}

volatile void *el2_map_device(paddr_t pa, size_t bytes)
{
    uint64_t offset = pa.v & (PAGE_SIZE - 1), size = ALIGN_UP(offset + bytes, PAGE_SIZE), va;

    lock_acquire(&lock);
    va = next_device;
    next_device += size + PAGE_SIZE; /* a page between devices stays unmapped */
    lock_release(&lock);
    return map_range(va, pa.v - offset, size, LEAF_DEVICE) ? NULL : (volatile void *)(va + offset);
}

void *el2_map_stack(unsigned pages)
{
    uint64_t va;

    lock_acquire(&lock);
    va = next_stack + PAGE_SIZE;
    next_stack = va + pages * PAGE_SIZE;
    lock_release(&lock);
    for (unsigned i = 0; i < pages; i++) {
        void *page = page_alloc_el2(PAGE_SIZE);

        if (!page || map_range(va + i * PAGE_SIZE, hw_virt_to_phys(page).v, PAGE_SIZE, LEAF_DATA))
            return NULL;
    }
    return (void *)(va + pages * PAGE_SIZE);
}

paddr_t el2_map_root(void) { return table_pa(root); }

void el2_map_activate(void)
{
    hw_dsb_ishst(); /* the tables before the first walk of them */
    hw_sysreg_write(TTBR0_EL2, el2_map_root().v);
    hw_isb();
    hw_tlbi_el2_all(); /* start.S's entries, which are not read-only */
}
