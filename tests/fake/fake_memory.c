/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RAM for tests that need the page allocator: one bank, all of it allocatable.
 */
#include "core/base/hw.h"
#include "mm/page_alloc.h"

void fake_memory_init(uint64_t bytes)
{
    fake_ram_add(paddr(FAKE_RAM_BASE), bytes);
    fake_check(page_alloc_add_bank(paddr(FAKE_RAM_BASE), bytes) == 0, "page_alloc_add_bank");
    page_alloc_start();
}
