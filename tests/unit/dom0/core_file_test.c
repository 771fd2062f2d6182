/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Core files, read back the way Xen's tools and debuggers read them.
 */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/core_file.h"

#define CONTEXT_SIZE 40

static struct error err;
static uint8_t *file;
static long file_size;

/* Frames 5, 6, 7 and 100; 6 is zero. */
static void write_core(void)
{
    static const uint64_t frames[] = {5, 6, 7, 100};
    static uint8_t contexts[2 * CONTEXT_SIZE];
    struct core_file_vcpu vcpus[2] = {{.x = {11}, .sp = 22, .pc = 33, .pstate = 44},
                                      {.x = {[30] = 55}}};
    struct core_file core = {
        .out = tmpfile(), .vcpus = vcpus, .vcpu_count = 2, .contexts = contexts,
        .context_size = CONTEXT_SIZE,
        .xen = {4, 17, ".7", "xen-3.0-aarch64", "a change set that is longer than the sixty-four "
                "bytes that it may have in a core file"},
    };
    uint8_t page[CORE_FILE_PAGE];

    memset(contexts, 0x77, sizeof(contexts));
    memset(&err, 0, sizeof(err));
    for (size_t i = 0; i < 4; i++) {
        memset(page, frames[i] == 6 ? 0 : (int)frames[i], sizeof(page));
        assert_int_equal(core_file_add_page(&core, frames[i], page, &err), 0);
    }
    assert_int_equal(core_file_finish(&core, &err), 0);
    fseek(core.out, 0, SEEK_END);
    file_size = ftell(core.out);
    rewind(core.out);
    file = malloc((size_t)file_size);
    assert_int_equal(fread(file, 1, (size_t)file_size, core.out), file_size);
    fclose(core.out);
    core_file_free(&core);
}

static const Elf64_Ehdr *header(void)
{
    return (const Elf64_Ehdr *)file;
}

static const Elf64_Shdr *section(const char *name)
{
    const Elf64_Shdr *all = (const Elf64_Shdr *)(file + header()->e_shoff);
    const char *names = (const char *)file + all[header()->e_shstrndx].sh_offset;

    for (unsigned i = 0; i < header()->e_shnum; i++)
        if (strcmp(names + all[i].sh_name, name) == 0)
            return &all[i];
    fail_msg("no section %s", name);
    return NULL;
}

/* The n-th note of a type, or NULL. */
static const void *note(uint32_t type, unsigned n, const char *name)
{
    const Elf64_Shdr *s = section(".note.Xen");
    const uint8_t *p = file + s->sh_offset;

    while (p < file + s->sh_offset + s->sh_size) {
        const Elf64_Nhdr *h = (const Elf64_Nhdr *)p;
        const char *owner = (const char *)(h + 1);

        p = (const uint8_t *)owner + ((h->n_namesz + 3) & ~3u);
        if (h->n_type == type && strcmp(owner, name) == 0 && n-- == 0)
            return p;
        p += (h->n_descsz + 3) & ~3u;
    }
    return NULL;
}

/* Notes are aligned to four bytes only. */
static uint64_t word(const void *at, size_t index)
{
    uint64_t value;

    memcpy(&value, (const uint8_t *)at + 8 * index, sizeof(value));
    return value;
}

static void it_is_a_core_file_of_arm64(void **state)
{
    (void)state;
    write_core();
    assert_memory_equal(file, ELFMAG, SELFMAG);
    assert_int_equal(header()->e_type, ET_CORE);
    assert_int_equal(header()->e_machine, EM_AARCH64);
    assert_int_equal(header()->e_shoff + header()->e_shnum * sizeof(Elf64_Shdr), file_size);
    free(file);
}

static void xens_sections_tell_which_page_is_which(void **state)
{
    const Elf64_Shdr *pages;
    const Elf64_Shdr *pfns;
    const uint64_t *numbers;

    (void)state;
    write_core();
    pages = section(".xen_pages");
    pfns = section(".xen_pfn");
    numbers = (const uint64_t *)(file + pfns->sh_offset);
    assert_int_equal(pages->sh_offset % CORE_FILE_PAGE, 0);
    assert_int_equal(pages->sh_size, 4 * CORE_FILE_PAGE);
    assert_int_equal(pfns->sh_size, 4 * 8);
    for (size_t i = 0; i < 4; i++) {
        int want = numbers[i] == 6 ? 0 : (int)numbers[i];

        assert_int_equal(file[pages->sh_offset + i * CORE_FILE_PAGE], want);
        assert_int_equal(file[pages->sh_offset + (i + 1) * CORE_FILE_PAGE - 1], want);
    }
    assert_int_equal(numbers[3], 100);
    assert_int_equal(section(".xen_prstatus")->sh_size, 2 * CONTEXT_SIZE);
    assert_int_equal(section(".xen_prstatus")->sh_entsize, CONTEXT_SIZE);
    assert_int_equal(file[section(".xen_prstatus")->sh_offset], 0x77);
    free(file);
}

static void xens_notes_hold_counts_and_version(void **state)
{
    const void *counts;
    const char *version;

    (void)state;
    write_core();
    counts = note(0x2000001, 0, "Xen");
    assert_int_equal(word(counts, 0), 0xF00FEBEE);
    assert_int_equal(word(counts, 1), 2);
    assert_int_equal(word(counts, 2), 4);
    assert_int_equal(word(counts, 3), CORE_FILE_PAGE);
    version = note(0x2000002, 0, "Xen");
    assert_int_equal(word(version, 0), 4);
    assert_int_equal(word(version, 1), 17);
    assert_string_equal(version + 16, ".7");
    assert_string_equal(version + 176, "xen-3.0-aarch64");
    assert_int_equal(strlen(version + 1200), 63);
    assert_int_equal(word(note(0x2000003, 0, "Xen"), 0), 1);
    assert_non_null(note(0x2000000, 0, "Xen"));
    free(file);
}

static void a_debugger_finds_registers_and_memory(void **state)
{
    const Elf64_Phdr *segments;
    const void *registers;

    (void)state;
    write_core();
    segments = (const Elf64_Phdr *)(file + header()->e_phoff);
    assert_int_equal(header()->e_phnum, 3);
    assert_int_equal(segments[0].p_type, PT_NOTE);
    assert_int_equal(segments[0].p_offset, section(".note.Xen")->sh_offset);
    assert_int_equal(segments[1].p_paddr, 5 * CORE_FILE_PAGE);
    assert_int_equal(segments[1].p_filesz, 3 * CORE_FILE_PAGE);
    assert_int_equal(segments[2].p_vaddr, 100 * CORE_FILE_PAGE);
    assert_int_equal(file[segments[2].p_offset], 100);
    registers = (const uint8_t *)note(NT_PRSTATUS, 0, "CORE") + 112;
    assert_int_equal(word(registers, 0), 11);
    assert_int_equal(word(registers, 31), 22);
    assert_int_equal(word(registers, 32), 33);
    assert_int_equal(word(registers, 33), 44);
    registers = (const uint8_t *)note(NT_PRSTATUS, 1, "CORE") + 112;
    assert_int_equal(word(registers, 30), 55);
    assert_null(note(NT_PRSTATUS, 2, "CORE"));
    free(file);
}

static void a_full_disk_is_an_error(void **state)
{
    struct core_file core = {.out = fopen("/dev/full", "w"), .contexts = "", .vcpu_count = 0};
    uint8_t page[CORE_FILE_PAGE];
    int rc = 0;

    (void)state;
    memset(page, 1, sizeof(page));
    memset(&err, 0, sizeof(err));
    for (int i = 0; i < 16 && rc == 0; i++)
        rc = core_file_add_page(&core, (uint64_t)i, page, &err);
    if (rc == 0)
        rc = core_file_finish(&core, &err);
    assert_true(rc < 0);
    assert_non_null(strstr(err.text, "No space left"));
    fclose(core.out);
    core_file_free(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_core_file_of_arm64),
        cmocka_unit_test(xens_sections_tell_which_page_is_which),
        cmocka_unit_test(xens_notes_hold_counts_and_version),
        cmocka_unit_test(a_debugger_finds_registers_and_memory),
        cmocka_unit_test(a_full_disk_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
