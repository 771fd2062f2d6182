/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The layout of a core file: ELF header, pages, then everything that is known only when the pages
 * are: registers, notes, frame numbers, section and program headers. Pure: writes to a stream.
 */
#include "dom0/core_file.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* xen/elfnote.h, XEN_ELFNOTE_DUMPCORE_* */
#define NOTE_NONE 0x2000000u
#define NOTE_HEADER 0x2000001u
#define NOTE_XEN_VERSION 0x2000002u
#define NOTE_FORMAT_VERSION 0x2000003u
#define MAGIC_HVM 0xF00FEBEEull /* of a domain with translated addresses */
#define FORMAT_VERSION 1

#define GROW_PAGES 65536u
#define SEGMENTS_MAX 60000u /* e_phnum has 16 bits */

enum section { S_NULL, S_NAMES, S_NOTES, S_REGISTERS, S_PAGES, S_PFNS, S_COUNT };

static const char section_names[] =
    "\0.shstrtab\0.note.Xen\0.xen_prstatus\0.xen_pages\0.xen_pfn";

struct xen_header {
    uint64_t magic;
    uint64_t vcpus;
    uint64_t pages;
    uint64_t page_size;
};

struct xen_version {
    uint64_t major;
    uint64_t minor;
    char extra[16];
    char compiler[64];
    char compiled_by[16];
    char compile_domain[32];
    char compile_date[32];
    char capabilities[1024];
    char changeset[64];
    uint64_t virt_start;
    uint64_t page_size;
};

/* struct elf_prstatus of Linux on arm64. */
struct prstatus {
    int32_t siginfo[3];
    int16_t cursig;
    int16_t pad;
    uint64_t signals[2];
    int32_t ids[4]; /* the first is the thread: vCPU number + 1 */
    int64_t times[8];
    struct core_file_vcpu regs;
    int32_t has_fp;
    int32_t pad_end;
};
_Static_assert(sizeof(struct prstatus) == 392, "NT_PRSTATUS of arm64");
_Static_assert(sizeof(struct xen_version) == 1280, "XEN_ELFNOTE_DUMPCORE_XEN_VERSION");

static int failed(struct error *err)
{
    errno = errno ? errno : EIO;
    return error_errno(err, "cannot write the core file");
}

static int put(struct core_file *core, const void *data, size_t size, struct error *err)
{
    return size == 0 || fwrite(data, 1, size, core->out) == size ? 0 : failed(err);
}

static uint64_t here(const struct core_file *core)
{
    return (uint64_t)ftello(core->out);
}

static bool is_zero(const void *page)
{
    const uint64_t *words = page;

    for (size_t i = 0; i < CORE_FILE_PAGE / sizeof(*words); i++)
        if (words[i])
            return false;
    return true;
}

int core_file_add_page(struct core_file *core, uint64_t pfn, const void *page, struct error *err)
{
    uint64_t at = CORE_FILE_PAGES_AT + (uint64_t)core->page_count * CORE_FILE_PAGE;

    if (core->page_count % GROW_PAGES == 0) {
        size_t bytes = (core->page_count + GROW_PAGES) * sizeof(*core->pfns);
        uint64_t *bigger = realloc(core->pfns, bytes);

        if (!bigger)
            return error_set(err, ERROR_FAILED, "out of memory");
        core->pfns = bigger;
    }
    core->pfns[core->page_count++] = pfn;
    if (is_zero(page))
        return 0;
    if (here(core) != at && fseeko(core->out, (off_t)at, SEEK_SET))
        return failed(err);
    return put(core, page, CORE_FILE_PAGE, err);
}

/* One note; names and contents are padded to four bytes. */
static int put_note(struct core_file *core, const char *name, uint32_t type, const void *data,
                    uint32_t size)
{
    static const char zeroes[4];
    struct error err = {0};
    Elf64_Nhdr header = {.n_namesz = (uint32_t)strlen(name) + 1, .n_descsz = size,
                         .n_type = type};
    int rc = put(core, &header, sizeof(header), &err);

    if (rc == 0)
        rc = put(core, name, header.n_namesz, &err);
    if (rc == 0)
        rc = put(core, zeroes, -header.n_namesz & 3, &err);
    if (rc == 0)
        rc = put(core, data, size, &err);
    return rc ? rc : put(core, zeroes, -size & 3, &err);
}

static void cut(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

static int put_xen_notes(struct core_file *core)
{
    const struct xen_header header = {MAGIC_HVM, core->vcpu_count, core->page_count,
                                      CORE_FILE_PAGE};
    const uint64_t format = FORMAT_VERSION;
    struct xen_version version = {.major = core->xen.major, .minor = core->xen.minor,
                                  .page_size = CORE_FILE_PAGE};
    int rc = put_note(core, "Xen", NOTE_NONE, NULL, 0);

    cut(version.extra, sizeof(version.extra), core->xen.extra);
    cut(version.capabilities, sizeof(version.capabilities), core->xen.capabilities);
    cut(version.changeset, sizeof(version.changeset), core->xen.changeset);
    if (rc == 0)
        rc = put_note(core, "Xen", NOTE_HEADER, &header, sizeof(header));
    if (rc == 0)
        rc = put_note(core, "Xen", NOTE_XEN_VERSION, &version, sizeof(version));
    return rc ? rc : put_note(core, "Xen", NOTE_FORMAT_VERSION, &format, sizeof(format));
}

static int put_prstatus_notes(struct core_file *core)
{
    int rc = 0;

    for (size_t i = 0; i < core->vcpu_count && rc == 0; i++) {
        struct prstatus status = {.ids = {(int32_t)i + 1}, .regs = core->vcpus[i]};

        rc = put_note(core, "CORE", NT_PRSTATUS, &status, sizeof(status));
    }
    return rc;
}

/* The number of pages from `first` on that follow one another in the guest. */
static size_t run_length(const struct core_file *core, size_t first)
{
    size_t count = 1;

    while (first + count < core->page_count &&
           core->pfns[first + count] == core->pfns[first] + count)
        count++;
    return count;
}

static size_t count_runs(const struct core_file *core)
{
    size_t runs = 0;

    for (size_t i = 0; i < core->page_count; i += run_length(core, i))
        runs++;
    return runs;
}

/* Too many runs for the format: Xen's sections alone tell where the pages belong. */
static int put_segments(struct core_file *core, const Elf64_Shdr *notes, size_t runs,
                        struct error *err)
{
    Elf64_Phdr header = {.p_type = PT_NOTE, .p_offset = notes->sh_offset,
                         .p_filesz = notes->sh_size, .p_align = 4};
    int rc = put(core, &header, sizeof(header), err);

    for (size_t i = 0; i < core->page_count && runs && rc == 0; i += run_length(core, i)) {
        uint64_t address = core->pfns[i] * CORE_FILE_PAGE;
        uint64_t size = (uint64_t)run_length(core, i) * CORE_FILE_PAGE;

        header = (Elf64_Phdr){
            .p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X, .p_vaddr = address,
            .p_paddr = address, .p_filesz = size, .p_memsz = size, .p_align = CORE_FILE_PAGE,
            .p_offset = CORE_FILE_PAGES_AT + (uint64_t)i * CORE_FILE_PAGE,
        };
        rc = put(core, &header, sizeof(header), err);
    }
    return rc;
}

static uint32_t name_at(const char *name)
{
    const char *p = section_names;

    while (strcmp(p, name))
        p += strlen(p) + 1;
    return (uint32_t)(p - section_names);
}

static Elf64_Shdr section(const char *name, uint32_t type, uint64_t offset, uint64_t end)
{
    return (Elf64_Shdr){.sh_name = name_at(name), .sh_type = type, .sh_offset = offset,
                        .sh_size = end - offset, .sh_addralign = 8};
}

/* Contents of all sections but the pages. */
static int put_contents(struct core_file *core, Elf64_Shdr *s, struct error *err)
{
    uint64_t at = CORE_FILE_PAGES_AT;
    uint64_t end = at + (uint64_t)core->page_count * CORE_FILE_PAGE;
    int rc = fseeko(core->out, (off_t)end, SEEK_SET) ? failed(err) : 0;

    s[S_PAGES] = section(".xen_pages", SHT_PROGBITS, at, end);
    s[S_PAGES].sh_entsize = s[S_PAGES].sh_addralign = CORE_FILE_PAGE;
    if (rc == 0)
        rc = put(core, core->pfns, core->page_count * sizeof(*core->pfns), err);
    s[S_PFNS] = section(".xen_pfn", SHT_PROGBITS, end, here(core));
    s[S_PFNS].sh_entsize = sizeof(*core->pfns);
    at = here(core);
    if (rc == 0)
        rc = put(core, core->contexts, core->vcpu_count * core->context_size, err);
    s[S_REGISTERS] = section(".xen_prstatus", SHT_PROGBITS, at, here(core));
    s[S_REGISTERS].sh_entsize = core->context_size;
    at = here(core);
    if (rc == 0 && (put_xen_notes(core) || put_prstatus_notes(core)))
        rc = failed(err);
    s[S_NOTES] = section(".note.Xen", SHT_NOTE, at, here(core));
    s[S_NOTES].sh_addralign = 4;
    at = here(core);
    if (rc == 0)
        rc = put(core, section_names, sizeof(section_names), err);
    s[S_NAMES] = section(".shstrtab", SHT_STRTAB, at, here(core));
    s[S_NAMES].sh_addralign = 1;
    /* the headers that follow are read in place */
    return rc ? rc : put(core, section_names, -here(core) & 7, err);
}

int core_file_finish(struct core_file *core, struct error *err)
{
    Elf64_Shdr sections[S_COUNT] = {0};
    size_t runs = count_runs(core) <= SEGMENTS_MAX ? count_runs(core) : 0;
    Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_CORE, .e_machine = EM_AARCH64, .e_version = EV_CURRENT,
        .e_ehsize = sizeof(header), .e_phentsize = sizeof(Elf64_Phdr),
        .e_shentsize = sizeof(Elf64_Shdr), .e_shnum = S_COUNT, .e_shstrndx = S_NAMES,
        .e_phnum = (uint16_t)(runs + 1),
    };
    int rc = put_contents(core, sections, err);

    header.e_phoff = here(core);
    if (rc == 0)
        rc = put_segments(core, &sections[S_NOTES], runs, err);
    header.e_shoff = here(core);
    if (rc == 0)
        rc = put(core, sections, sizeof(sections), err);
    if (rc == 0 && fseeko(core->out, 0, SEEK_SET))
        rc = failed(err);
    if (rc == 0)
        rc = put(core, &header, sizeof(header), err);
    return rc || fflush(core->out) == 0 ? rc : failed(err);
}

void core_file_free(struct core_file *core)
{
    free(core->pfns);
    core->pfns = NULL;
    core->page_count = 0;
}
