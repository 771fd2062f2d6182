/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Domains that exist. The hypervisor is the truth about which do; xenstore tells their names.
 */
#include "dom0/domain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dom0/device.h"
#include "dom0/domain_text.h"
#include "dom0/domctl.h"
#include "dom0/orphan.h"
#include "dom0/record.h"
#include "dom0/sysctl.h"
#include "dom0/userdata.h"
#include "dom0/vbd.h"

#define LOOP_LIMIT_MS 10000
#define MAKER_LIMIT_MS 10000
#define GONE_LIMIT_MS 10000
#define GONE_STEP_MS 5

static void describe(struct purlin *session, const struct xen_domctl_getdomaininfo *info,
                     struct domain *domain)
{
    char *name = store_read(&session->store, "/local/domain/%u/name", info->domain);

    memset(domain, 0, sizeof(*domain));
    domain->domid = info->domain;
    if (name)
        snprintf(domain->name, sizeof(domain->name), "%s", name);
    else if (info->domain == 0)
        snprintf(domain->name, sizeof(domain->name), "Domain-0");
    else
        snprintf(domain->name, sizeof(domain->name), "(unnamed)");
    free(name);
    domain_text_uuid(info->handle, domain->uuid);
    domain->memory_kib = info->tot_pages * 4;
    domain->max_memory_kib = info->max_pages * 4;
    domain->vcpus = info->nr_online_vcpus;
    domain->cpu_time_ns = info->cpu_time;
    domain->running = info->flags & XEN_DOMINF_running;
    domain->blocked = info->flags & XEN_DOMINF_blocked;
    domain->paused = info->flags & XEN_DOMINF_paused;
    domain->shutdown = info->flags & XEN_DOMINF_shutdown;
    domain->dying = info->flags & XEN_DOMINF_dying;
    domain->reason = (info->flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
}

static int append(struct purlin *session, struct domain **domains, size_t used,
                  const struct xen_domctl_getdomaininfo *info)
{
    struct domain *bigger = realloc(*domains, (used + 1) * sizeof(*bigger));

    if (!bigger)
        return -ENOMEM;
    *domains = bigger;
    describe(session, info, &bigger[used]);
    return 0;
}

/* One by one: a call for a list says that somebody watches CPU times (docs/ARCHITECTURE.md). */
int domain_list(struct purlin *session, struct domain **domains, struct error *err)
{
    struct xen_domctl_getdomaininfo info = {.domain = 0};
    size_t used = 0;
    int rc;

    *domains = NULL;
    while ((rc = domctl_next(&session->hyper, info.domain, &info)) == 0) {
        rc = append(session, domains, used++, &info);
        if (rc)
            break;
        info.domain++;
    }
    if (rc == -ESRCH)
        return (int)used;
    free(*domains);
    *domains = NULL;
    errno = -rc;
    return error_errno(err, "cannot list the domains");
}

int domain_get(struct purlin *session, uint32_t domid, struct domain *domain, struct error *err)
{
    struct xen_domctl_getdomaininfo info;
    int rc = domctl_info(&session->hyper, (domid_t)domid, &info);

    if (rc == -ESRCH)
        return error_set(err, ERROR_NOT_FOUND, "domain %u does not exist", domid);
    if (rc) {
        errno = -rc;
        return error_errno(err, "domain %u", domid);
    }
    describe(session, &info, domain);
    return 0;
}

static bool is_id(const char *name, const struct domain *domain)
{
    char *end;
    unsigned long id = strtoul(name, &end, 10);

    return *name && *end == '\0' && id == domain->domid;
}

/* Xen's tools allow longer names than struct domain holds. */
static bool is_called(struct purlin *session, const char *name, const struct domain *domain)
{
    char *full;
    bool same;

    if (strlen(name) < sizeof(domain->name))
        return strcmp(name, domain->name) == 0;
    full = store_read(&session->store, "/local/domain/%u/name", domain->domid);
    same = full && strcmp(name, full) == 0;
    free(full);
    return same;
}

int domain_find(struct purlin *session, const char *name, struct domain *domain,
                struct error *err)
{
    struct domain *all;
    int count = domain_list(session, &all, err);
    int found = -1;

    if (count < 0)
        return count;
    for (int i = 0; i < count; i++)
        if (is_id(name, &all[i]))
            found = i;
    for (int i = 0; i < count; i++)
        if (is_called(session, name, &all[i]))
            found = i;
    if (found >= 0)
        *domain = all[found];
    free(all);
    if (found >= 0)
        return 0;
    return error_set(err, ERROR_NOT_FOUND, "no domain is called '%s': see purlin list", name);
}

static int control(struct purlin *session, uint32_t domid, struct error *err,
                   int (*call)(struct hyper *hyper, domid_t domid), const char *what)
{
    int rc = call(&session->hyper, (domid_t)domid);

    if (rc == -ESRCH)
        return error_set(err, ERROR_NOT_FOUND, "domain %u does not exist", domid);
    errno = -rc;
    return rc ? error_errno(err, "cannot %s domain %u", what, domid) : 0;
}

int domain_pause(struct purlin *session, uint32_t domid, struct error *err)
{
    return control(session, domid, err, domctl_pause, "pause");
}

int domain_unpause(struct purlin *session, uint32_t domid, struct error *err)
{
    return control(session, domid, err, domctl_unpause, "unpause");
}

int domain_start(struct purlin *session, uint32_t domid, struct error *err)
{
    struct error refused = {0};
    struct error ignored = {0};
    struct domain domain;
    int rc = domain_unpause(session, domid, &refused);

    if (rc && domain_get(session, domid, &domain, &ignored) == 0 && !domain.paused)
        return 0; /* others did it: purlin unpause --all, for instance */
    if (rc)
        *err = refused;
    return rc;
}

int domain_unpause_all(struct purlin *session, uint32_t domid, struct error *err)
{
    struct domain domain = {.paused = true};
    struct error refused = {0};
    int failed = 0;
    int rc = 0;

    while (rc == 0 && domain.paused && failed == 0) {
        failed = domain_unpause(session, domid, &refused);
        rc = domain_get(session, domid, &domain, err);
    }
    if (rc == 0 && domain.paused) {
        rc = failed;
        *err = refused;
    } else {
        error_clear(&refused); /* others did it meanwhile */
    }
    return rc;
}

int domain_check_home(struct purlin *session, uint32_t domid, struct error *err)
{
    if (store_exists(&session->store, "/local/domain/%u", domid))
        return 0;
    if (domctl_is_gone(&session->hyper, (domid_t)domid))
        return error_set(err, ERROR_NOT_FOUND, "domain %u is gone", domid);
    return error_set(err, ERROR_FAILED, "xenstore does not know domain %u: purlin autostart tells "
                     "it of those that the hypervisor started itself", domid);
}

static int forget_body(struct store *store, void *arg)
{
    uint32_t domid = *(uint32_t *)arg;
    char *vm = store_read(store, "/local/domain/%u/vm", domid);

    if (vm && strncmp(vm, "/vm/", 4) == 0)
        store_remove_up(store, "%s", vm);
    free(vm);
    store_remove_up(store, "/libxl/%u", domid);
    return 0;
}

static int wait_for_loops(const struct loop *loops, struct error *err)
{
    for (const struct loop *loop = loops; loop && loop->path[0]; loop++)
        if (!loop_wait_detached(loop, LOOP_LIMIT_MS))
            return error_set(err, ERROR_FAILED, "%s is still in use after %d s: losetup -d %s when "
                             "its user is gone", loop->path, LOOP_LIMIT_MS / 1000, loop->path);
    return 0;
}

/* A dead domain exists until its last page is unmapped: xenstored and xenconsoled drop the two
 * rings when they hear of its death. No event tells of that end, so this looks again and again. */
int domain_wait_gone(struct purlin *session, uint32_t domid, struct error *err)
{
    const struct timespec pause = {.tv_nsec = GONE_STEP_MS * 1000000};
    struct xen_domctl_getdomaininfo info;

    for (int waited = 0; waited < GONE_LIMIT_MS; waited += GONE_STEP_MS) {
        if (domctl_info(&session->hyper, (domid_t)domid, &info) == -ESRCH)
            return 0;
        nanosleep(&pause, NULL);
    }
    return error_set(err, ERROR_FAILED, "domain %u is dead, but some of its pages are still in use "
                     "by a back end, xenstored or xenconsoled", domid);
}

/* What others may still hold of a domain that is destroyed. */
struct held {
    struct loop *loops;
    int maker_fd; /* orphan_watch(): its maker has files open that xenstore knows nothing of yet */
};

/* Of one that the hypervisor has destroyed, or does not know. */
static int clear_up(struct purlin *session, uint32_t domid, const struct held *held,
                    struct error *err)
{
    int devices = device_remove_all(&session->store, domid, err);
    int forgotten;
    int rc;

    userdata_remove(USERDATA_DIR, domid);
    forgotten = store_transact(&session->store, forget_body, &domid, "dead domain", err);
    /* Last, for it tells of the rest; and by itself, which takes less time. */
    if (forgotten == 0)
        store_remove(&session->store, "/local/domain/%u", domid);
    rc = devices ? devices : forgotten;
    if (rc == 0)
        orphan_wait(held->maker_fd, MAKER_LIMIT_MS);
    if (rc == 0)
        rc = wait_for_loops(held->loops, err);
    if (rc == 0)
        rc = domain_wait_gone(session, domid, err);
    /* Until then xenconsoled may have written where its terminal is. */
    if (rc == 0)
        store_remove(&session->store, "/local/domain/%u", domid);
    record_remove(domid);
    orphan_forget(domid);
    return rc;
}

/* What the hypervisor refuses to destroy keeps what is known of it: it can be found, and tried
 * again. One that it does not even pause goes on as it was; of the other, whose devices are being
 * closed, the mark stays for whoever reaps. */
int domain_destroy(struct purlin *session, uint32_t domid, struct error *err)
{
    struct held held = {.maker_fd = orphan_watch(domid)};
    bool was_marked = orphan_is_marked(domid);
    int ending_fd = orphan_mark(domid);
    int rc = domctl_pause(&session->hyper, (domid_t)domid);
    /* Nothing but xenstore may be left of it; or it is paused as often as can be. */
    bool is_begun = rc == 0 || rc == -ESRCH || rc == -EOVERFLOW;
    int closed = 0;

    if (is_begun) {
        closed = device_close_all(&session->store, domid, err);
        held.loops = vbd_loops(&session->store, domid); /* no more can come */
        /* The back ends close meanwhile: what they have mapped stays until they let go of it. */
        rc = domctl_destroy(&session->hyper, (domid_t)domid);
    }
    if (rc == 0 || rc == -ESRCH) {
        rc = clear_up(session, domid, &held, err);
        rc = rc ? rc : closed;
    } else {
        errno = -rc;
        rc = error_errno(err, "the hypervisor cannot destroy domain %u", domid);
        if (!is_begun && !was_marked)
            orphan_forget(domid);
    }
    if (ending_fd >= 0)
        close(ending_fd);
    if (held.maker_fd >= 0)
        close(held.maker_fd);
    free(held.loops);
    return rc;
}

int domain_clear_up(struct purlin *session, uint32_t domid, struct error *err)
{
    int maker_fd = orphan_watch(domid);

    orphan_wait(maker_fd, MAKER_LIMIT_MS);
    if (maker_fd >= 0)
        close(maker_fd);
    if (!domctl_is_gone(&session->hyper, (domid_t)domid))
        return 0;
    if (orphan_is_marked(domid) || device_any(&session->store, domid))
        return domain_destroy(session, domid, err);
    record_remove(domid);
    return 0;
}
