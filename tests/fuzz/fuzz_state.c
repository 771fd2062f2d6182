/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeps and restores what a run changes. EL2's objects and the fake machine's are linked with their
 * writable sections under names of their own (fuzz.mk), so that these, and nothing of the fuzzer or
 * the sanitizers, can be copied. RAM is a private mapping of a file: what was written to it is
 * forgotten at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fake/fake.h"
#include "tests/fuzz/fuzz.h"

extern char __start_el2_data[], __stop_el2_data[], __start_el2_bss[], __stop_el2_bss[];

static struct { char *from, *copy; size_t bytes; } kept[2];
static void *ram_at;
static uint64_t ram_bytes;

/* The sections hold the red zones of the address sanitizer, too: copied without it looking. */
__attribute__((no_sanitize("address"), noinline))
static void copy(char *to, const char *from, size_t bytes)
{
    for (size_t i = 0; i + sizeof(uint64_t) <= bytes; i += sizeof(uint64_t))
        *(volatile uint64_t *)(to + i) = *(const volatile uint64_t *)(from + i);
    for (size_t i = bytes & ~7ul; i < bytes; i++)
        *(volatile char *)(to + i) = from[i];
}

static void keep(unsigned n, char *from, char *end)
{
    kept[n].from = from;
    kept[n].bytes = (size_t)(end - from);
    kept[n].copy = malloc(kept[n].bytes);
    copy(kept[n].copy, from, kept[n].bytes);
}

void fuzz_state_keep(paddr_t ram, uint64_t bytes)
{
    int fd = fileno(tmpfile());

    ram_at = fake_phys_to_virt(ram);
    ram_bytes = bytes;
    fake_check(fd >= 0 && write(fd, ram_at, bytes) == (ssize_t)bytes, "no room for the RAM");
    fake_check(mmap(ram_at, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0) ==
               ram_at, "mmap of the RAM");
    keep(0, __start_el2_data, __stop_el2_data);
    keep(1, __start_el2_bss, __stop_el2_bss);
}

void fuzz_state_restore(void)
{
    for (unsigned i = 0; i < 2; i++)
        copy(kept[i].from, kept[i].copy, kept[i].bytes);
    fake_check(madvise(ram_at, ram_bytes, MADV_DONTNEED) == 0, "madvise");
    fake_cpu_switch(0);
}
