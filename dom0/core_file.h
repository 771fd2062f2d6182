/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Core files of domains: ELF, with the sections of Xen's format (xen.git docs/misc/
 * dump-core-format.txt: .note.Xen, .xen_prstatus, .xen_pfn, .xen_pages), and with program headers
 * and NT_PRSTATUS notes over the same bytes, which debuggers of plain core files understand.
 */
#ifndef DOM0_CORE_FILE_H
#define DOM0_CORE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "dom0/error.h"

#define CORE_FILE_PAGE 4096u
#define CORE_FILE_PAGES_AT CORE_FILE_PAGE /* where the first page lies in the file */

/* Registers as Linux's NT_PRSTATUS has them on arm64. */
struct core_file_vcpu {
    uint64_t x[31];
    uint64_t sp;
    uint64_t pc;
    uint64_t pstate;
};

/* What XENVER_* says; strings are cut to the format's sizes. */
struct core_file_xen {
    uint64_t major;
    uint64_t minor;
    const char *extra;
    const char *capabilities;
    const char *changeset;
};

struct core_file {
    FILE *out;
    const struct core_file_vcpu *vcpus;
    size_t vcpu_count;
    const void *contexts; /* struct vcpu_guest_context of each, as the hypervisor gave it */
    size_t context_size;
    struct core_file_xen xen;
    /* filled by core_file_add_page */
    uint64_t *pfns;
    size_t page_count;
};

/* Puts a page of the guest into the file, frames in ascending order. Pages of zeroes become
 * holes. */
int core_file_add_page(struct core_file *core, uint64_t pfn, const void *page, struct error *err);

/* Writes all that is not pages. */
int core_file_finish(struct core_file *core, struct error *err);

/* Frees what core_file_add_page allocated. */
void core_file_free(struct core_file *core);

#endif
