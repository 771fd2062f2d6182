/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fetches what goes into a core file: registers by domctl, memory by loader.c. Owns the file until
 * it is complete; refuses to know its layout (core_file.c).
 */
#include "dom0/core_dump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xen/version.h>

#include "dom0/core_file.h"
#include "dom0/domctl.h"
#include "dom0/file.h"
#include "dom0/guest_map.h"
#include "dom0/interrupt.h"
#include "dom0/loader.h"
#include "dom0/record.h"
#include "dom0/sysctl.h"

#define EL1H 5u /* PSTATE.M of EL1 with its own stack pointer */
#define MODE_MASK 0xfu

struct dump {
    struct purlin *session;
    const struct domain *domain;
    struct core_file core;
    uint8_t *buffer;
    uint64_t frames; /* one more than the guest's last frame */
};

static void convert(const struct vcpu_guest_context *context, struct core_file_vcpu *vcpu)
{
    const struct vcpu_guest_core_regs *regs = &context->user_regs;

    memcpy(vcpu->x, &regs->x0, sizeof(vcpu->x)); /* x0..x30 follow one another */
    vcpu->sp = (regs->cpsr & MODE_MASK) == EL1H ? regs->sp_el1 : regs->sp_el0;
    vcpu->pc = regs->pc64;
    vcpu->pstate = regs->cpsr;
}
_Static_assert(offsetof(struct vcpu_guest_core_regs, x30) -
               offsetof(struct vcpu_guest_core_regs, x0) == 30 * 8, "x0..x30");

static int read_registers(struct dump *d, struct error *err)
{
    struct hyper *hyper = &d->session->hyper;
    struct xen_domctl_getdomaininfo info;
    struct vcpu_guest_context *contexts;
    struct core_file_vcpu *vcpus;
    int rc = domctl_info(hyper, (domid_t)d->domain->domid, &info);
    size_t count = info.max_vcpu_id + 1u;

    if (rc)
        return error_set(err, ERROR_NOT_FOUND, "%s is gone", d->domain->name);
    contexts = calloc(count, sizeof(*contexts));
    vcpus = calloc(count, sizeof(*vcpus));
    d->core.contexts = contexts;
    d->core.context_size = sizeof(*contexts);
    d->core.vcpus = vcpus;
    d->core.vcpu_count = count;
    if (!contexts || !vcpus)
        return error_set(err, ERROR_FAILED, "out of memory");
    for (size_t i = 0; i < count; i++) {
        rc = domctl_get_vcpu(hyper, (domid_t)d->domain->domid, (uint32_t)i, &contexts[i]);
        errno = -rc;
        if (rc && rc != -ENODATA) /* never started: all zero */
            return error_errno(err, "cannot read the registers of %s", d->domain->name);
        convert(&contexts[i], &vcpus[i]);
    }
    return 0;
}

static int dump_batch(struct dump *d, uint64_t gfn, size_t count, struct error *err)
{
    struct loader_pages pages = {.count = count, .data = d->buffer};
    int rc = loader_read(&d->session->hyper, (domid_t)d->domain->domid, gfn, &pages, err);

    for (size_t i = 0; i < count && rc == 0; i++)
        if (pages.present[i])
            rc = core_file_add_page(&d->core, gfn + i,
                                    d->buffer + (i << GUEST_MAP_PAGE_SHIFT), err);
    return rc;
}

/* Memory of a domain that ran meanwhile is of no one moment. */
static int check_stopped(struct dump *d, struct error *err)
{
    struct xen_domctl_getdomaininfo info;
    int rc = domctl_info(&d->session->hyper, (domid_t)d->domain->domid, &info);

    if (rc == 0 && !(info.flags & XEN_DOMINF_dying) &&
        info.flags & (XEN_DOMINF_paused | XEN_DOMINF_shutdown))
        return 0;
    return error_set(err, ERROR_FAILED, "%s was unpaused or destroyed while it was dumped",
                     d->domain->name);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int dump_range(struct dump *d, uint64_t base, uint64_t size, struct error *err)
{
    uint64_t gfn = base >> GUEST_MAP_PAGE_SHIFT;
    uint64_t end = (base + size) >> GUEST_MAP_PAGE_SHIFT;
    int rc = 0;

    end = least(end, d->frames);
    while (gfn < end && rc == 0) {
        size_t count = (size_t)least(end - gfn, LOADER_READ_PAGES);

        rc = dump_batch(d, gfn, count, err);
        if (rc == 0)
            rc = check_stopped(d, err);
        gfn += count;
        if (rc == 0 && interrupt_pending())
            rc = error_set(err, ERROR_INTERRUPTED, "interrupted");
    }
    return rc;
}

/* A guest's last frame is where the guest wants it. Its RAM lies at the beginning of the two banks:
 * no part of it is further from there than the machine has RAM. */
static int dump_memory(struct dump *d, struct error *err)
{
    domid_t domid = (domid_t)d->domain->domid;
    long last = hyper_memory_op(&d->session->hyper, XENMEM_maximum_gpfn, &domid, sizeof(domid));
    struct xen_sysctl_physinfo machine;
    uint64_t most;
    int rc;

    if (last < 0 || sysctl_physinfo(&d->session->hyper, &machine))
        return error_set(err, ERROR_FAILED, "cannot tell how much memory %s has",
                         d->domain->name);
    d->frames = (uint64_t)last + 1;
    d->buffer = malloc(LOADER_READ_PAGES << GUEST_MAP_PAGE_SHIFT);
    if (!d->buffer)
        return error_set(err, ERROR_FAILED, "out of memory");
    most = machine.total_pages << GUEST_MAP_PAGE_SHIFT;
    rc = dump_range(d, GUEST_MAP_MAGIC_BASE, GUEST_MAP_MAGIC_COUNT * GUEST_MAP_PAGE_SIZE, err);
    if (rc == 0)
        rc = dump_range(d, GUEST_MAP_RAM0_BASE, least(GUEST_MAP_RAM0_SIZE, most), err);
    return rc ? rc : dump_range(d, GUEST_MAP_RAM1_BASE, least(GUEST_MAP_RAM1_SIZE, most), err);
}

static int dump_all(struct dump *d, struct error *err)
{
    struct hyper *hyper = &d->session->hyper;
    char extra[64];
    char capabilities[1024];
    char changeset[64];
    int rc = read_registers(d, err);

    hyper_version_string(hyper, XENVER_extraversion, extra, sizeof(extra));
    hyper_version_string(hyper, XENVER_capabilities, capabilities, sizeof(capabilities));
    hyper_version_string(hyper, XENVER_changeset, changeset, sizeof(changeset));
    d->core.xen = (struct core_file_xen){hyper->version_major, hyper->version_minor, extra,
                                         capabilities, changeset};
    if (rc == 0)
        rc = dump_memory(d, err);
    if (rc == 0)
        rc = core_file_finish(&d->core, err);
    free((void *)(uintptr_t)d->core.contexts);
    free((void *)(uintptr_t)d->core.vcpus);
    free(d->buffer);
    core_file_free(&d->core);
    return rc;
}

static int write_file(struct dump *d, const char *path, struct error *err)
{
    int rc;

    d->core.out = file_create(path, 0600); /* a guest's memory holds its secrets */
    if (!d->core.out)
        return error_errno(err, "cannot make the core file %s", path);
    rc = dump_all(d, err);
    if (fclose(d->core.out) && rc == 0)
        rc = error_errno(err, "cannot write the core file %s", path);
    if (rc)
        unlink(path);
    return rc;
}

static int stop_and_write(struct purlin *session, const struct domain *domain, const char *path,
                          struct error *err)
{
    struct dump d = {.session = session, .domain = domain};
    bool runs = !domain->paused && !domain->shutdown;
    struct error ignored = {0};
    int rc = runs ? domain_pause(session, domain->domid, err) : 0;

    if (rc)
        return rc;
    purlin_progress(session, "writing %llu MiB to %s",
                    (unsigned long long)(domain->memory_kib >> 10), path);
    rc = write_file(&d, path, err);
    if (runs)
        domain_unpause(session, domain->domid, &ignored);
    return rc;
}

/* One that has shut down needs no pause: it does not run, whoever else dumps it. */
int core_dump_write(struct purlin *session, const struct domain *domain, const char *path,
                    struct error *err)
{
    struct domain now;
    int fd;
    int rc;

    if (domain->shutdown)
        return stop_and_write(session, domain, path, err);
    fd = record_dump_lock(domain, err);
    if (fd < 0)
        return fd;
    rc = domain_get(session, domain->domid, &now, err);
    if (rc == 0)
        rc = stop_and_write(session, &now, path, err);
    record_dump_unlock(domain->domid, fd);
    return rc;
}

int core_dump_auto(struct purlin *session, const struct domain *domain, char *path, size_t size,
                   struct error *err)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm tm;

    mkdir("/var/lib/purlin", 0755);
    mkdir(CORE_DUMP_DIR, 0700);
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
    snprintf(path, size, CORE_DUMP_DIR "/%s-%u-%s.core", domain->name, domain->domid, stamp);
    return core_dump_write(session, domain, path, err);
}
