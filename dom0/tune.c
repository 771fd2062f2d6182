/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Requests through xenstore (cpu/N/availability, memory/target) and the control interface. The
 * hypervisor tells whether the guest has done its part; it has no event for that, so this looks
 * again and again.
 */
#include "dom0/tune.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/alive.h"
#include "dom0/domctl.h"
#include "dom0/interrupt.h"
#include "dom0/sysctl.h"

#define STEP_MS 20
#define SLACK_KIB 1024          /* pages of a domain that are not its RAM */
#define NEAR_KIB (2 * SLACK_KIB) /* the balloon driver counts a little differently */

struct goal {
    struct purlin *session;
    const struct domain *domain;
    uint64_t wanted;
    bool (*is_reached)(const struct xen_domctl_getdomaininfo *info, uint64_t wanted);
    struct error *err;
};

static int failed(const struct domain *domain, int rc, const char *what, struct error *err)
{
    if (rc == -ESRCH)
        return error_set(err, ERROR_NOT_FOUND, "%s is gone", domain->name);
    errno = -rc;
    return error_errno(err, "%s: the hypervisor refused %s", domain->name, what);
}

static int check_up(const struct domain *domain, struct error *err)
{
    int rc = alive_check(domain, err);

    if (rc)
        return rc;
    if (domain->shutdown)
        return error_set(err, ERROR_FAILED, "%s has shut down: purlin destroy %s removes it",
                         domain->name, domain->name);
    return 0;
}

/* 0, -ETIMEDOUT, or an error that is set. */
static int wait_for(const struct goal *goal)
{
    struct xen_domctl_getdomaininfo info;

    for (int waited = 0; waited < TUNE_LIMIT_MS; waited += STEP_MS) {
        struct pollfd fd = {.fd = interrupt_fd(), .events = POLLIN};
        int rc = domctl_info(&goal->session->hyper, (domid_t)goal->domain->domid, &info);

        if (rc == 0 && info.flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown))
            rc = -ESRCH;
        if (rc)
            return failed(goal->domain, rc, "to describe it", goal->err);
        if (goal->is_reached(&info, goal->wanted))
            return 0;
        if (poll(&fd, 1, STEP_MS) > 0)
            return error_set(goal->err, ERROR_INTERRUPTED, "interrupted: the request stays");
    }
    return -ETIMEDOUT;
}

/* --- vCPUs ------------------------------------------------------------------------------- */

struct availability {
    struct purlin *session;
    unsigned domid;
    unsigned count;
    unsigned max;
    struct error *err;
};

static int write_availability(struct store *store, void *arg)
{
    const struct availability *a = arg;
    int rc = domain_check_home(a->session, a->domid, a->err);

    for (unsigned i = 0; i < a->max && rc == 0; i++)
        store_write(store, i < a->count ? "online" : "offline",
                    "/local/domain/%u/cpu/%u/availability", a->domid, i);
    return rc;
}

static bool has_vcpus(const struct xen_domctl_getdomaininfo *info, uint64_t wanted)
{
    return info->nr_online_vcpus == wanted;
}

int tune_vcpus(struct purlin *session, const struct domain *domain, unsigned count, bool wait,
               struct error *err)
{
    struct goal goal = {session, domain, count, has_vcpus, err};
    struct availability a = {.session = session, .domid = domain->domid, .count = count,
                             .err = err};
    struct xen_domctl_getdomaininfo info;
    int rc = check_up(domain, err);

    if (rc)
        return rc;
    rc = domctl_info(&session->hyper, (domid_t)domain->domid, &info);
    if (rc)
        return failed(domain, rc, "to describe it", err);
    a.max = info.max_vcpu_id + 1;
    if (count < 1 || count > a.max)
        return error_set(err, ERROR_USAGE, "%s can have 1 to %u vCPUs: more need maxvcpus= in its "
                         "configuration when it is made", domain->name, a.max);
    rc = store_transact(&session->store, write_availability, &a, "vCPUs", err);
    if (rc || !wait)
        return rc;
    if (domain->paused)
        return error_set(err, ERROR_FAILED, "%s is paused: it will have %u vCPUs after purlin "
                         "unpause %s", domain->name, count, domain->name);
    purlin_progress(session, "waiting for the guest to have %u vCPUs", count);
    rc = wait_for(&goal);
    if (rc != -ETIMEDOUT)
        return rc;
    domctl_info(&session->hyper, (domid_t)domain->domid, &info);
    return error_set(err, ERROR_FAILED, "%s still has %u vCPUs after %d s%s", domain->name,
                     info.nr_online_vcpus, TUNE_LIMIT_MS / 1000,
                     info.nr_online_vcpus > count ?
                     ": has its kernel CPU hot-plug (CONFIG_HOTPLUG_CPU) and is it up?" :
                     ": Linux on arm64 leaves the last step to the guest's user space (echo 1 > "
                     "/sys/devices/system/cpu/cpuN/online)");
}

/* --- memory ------------------------------------------------------------------------------- */

struct memory_node {
    struct purlin *session;
    unsigned domid;
    const char *node;
    uint64_t kib;
    struct error *err;
};

static int write_memory(struct store *store, void *arg)
{
    const struct memory_node *m = arg;
    int rc = domain_check_home(m->session, m->domid, m->err);

    if (rc == 0)
        store_write_number(store, m->kib, "/local/domain/%u/memory/%s", m->domid, m->node);
    return rc;
}

static bool has_memory(const struct xen_domctl_getdomaininfo *info, uint64_t wanted)
{
    uint64_t kib = info->tot_pages * 4;

    return kib + NEAR_KIB >= wanted && kib <= wanted + NEAR_KIB;
}

static int check_memory(struct purlin *session, const struct domain *domain, uint64_t kib,
                        struct error *err)
{
    char *target = store_read(&session->store, "/local/domain/%u/memory/target", domain->domid);
    struct xen_sysctl_physinfo info;
    uint64_t free_kib;
    bool can = target != NULL;
    int rc = can ? 0 : domain_check_home(session, domain->domid, err);

    free(target);
    if (rc)
        return rc;
    if (!can)
        return error_set(err, ERROR_FAILED, "the memory of %s is fixed%s", domain->name,
                         domain->domid ? "" : ": dom0_mem= on the hypervisor's command line");
    if (kib + SLACK_KIB > domain->max_memory_kib)
        return error_set(err, ERROR_USAGE, "%s can have at most %llu MiB: purlin mem-max %s raises "
                         "that", domain->name,
                         (unsigned long long)(domain->max_memory_kib - SLACK_KIB) >> 10,
                         domain->name);
    rc = sysctl_physinfo(&session->hyper, &info);
    if (rc)
        return failed(domain, rc, "to tell its free memory", err);
    free_kib = info.free_pages * 4;
    if (kib <= domain->memory_kib || kib - domain->memory_kib <= free_kib)
        return 0;
    return error_set(err, ERROR_FAILED, "not enough free memory: %s has %llu MiB, and %llu MiB are "
                     "free", domain->name, (unsigned long long)domain->memory_kib >> 10,
                     (unsigned long long)free_kib >> 10);
}

int tune_memory(struct purlin *session, const struct domain *domain, uint64_t kib, bool wait,
                struct error *err)
{
    struct goal goal = {session, domain, kib, has_memory, err};
    struct memory_node m = {session, domain->domid, "target", kib, err};
    struct xen_domctl_getdomaininfo info;
    int rc = check_up(domain, err);

    if (rc == 0)
        rc = check_memory(session, domain, kib, err);
    if (rc == 0)
        rc = store_transact(&session->store, write_memory, &m, "memory", err);
    if (rc || !wait)
        return rc;
    if (domain->paused)
        return error_set(err, ERROR_FAILED, "%s is paused: it will have %llu MiB after purlin "
                         "unpause %s", domain->name, (unsigned long long)kib >> 10, domain->name);
    purlin_progress(session, "waiting for the guest to have %llu MiB",
                    (unsigned long long)kib >> 10);
    rc = wait_for(&goal);
    if (rc != -ETIMEDOUT)
        return rc;
    domctl_info(&session->hyper, (domid_t)domain->domid, &info);
    return error_set(err, ERROR_FAILED, "%s has %llu MiB after %d s: has its kernel a balloon "
                     "driver (CONFIG_XEN_BALLOON), and can it spare so much?", domain->name,
                     (unsigned long long)info.tot_pages >> 8, TUNE_LIMIT_MS / 1000);
}

int tune_max_memory(struct purlin *session, const struct domain *domain, uint64_t kib,
                    struct error *err)
{
    struct memory_node m = {session, domain->domid, "static-max", kib, err};
    int rc = check_up(domain, err);

    if (rc)
        return rc;
    if (kib + SLACK_KIB < domain->memory_kib)
        return error_set(err, ERROR_USAGE, "%s has %llu MiB now: purlin mem-set %s lowers that "
                         "first", domain->name, (unsigned long long)domain->memory_kib >> 10,
                         domain->name);
    rc = domctl_max_memory(&session->hyper, (domid_t)domain->domid, kib + SLACK_KIB);
    if (rc)
        return failed(domain, rc, "the limit", err);
    return store_transact(&session->store, write_memory, &m, "memory limit", err);
}

/* --- share -------------------------------------------------------------------------------- */

/* credit and credit2 have the same layout. */
static int call_scheduler(struct purlin *session, const struct domain *domain,
                          struct xen_domctl *op, struct error *err)
{
    struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;
    int rc = sysctl_scheduler(&session->hyper, &s->sched_id);

    op->cmd = XEN_DOMCTL_scheduler_op;
    op->domain = (domid_t)domain->domid;
    if (rc == 0)
        rc = hyper_domctl(&session->hyper, op);
    return rc ? failed(domain, rc, "this weight and cap", err) : 0;
}

int tune_get_share(struct purlin *session, const struct domain *domain, struct tune_share *share,
                   struct error *err)
{
    struct xen_domctl op = {.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo};
    int rc = call_scheduler(session, domain, &op, err);

    if (rc)
        return rc;
    share->weight = op.u.scheduler_op.u.credit2.weight;
    share->cap = op.u.scheduler_op.u.credit2.cap;
    return 0;
}

int tune_set_share(struct purlin *session, const struct domain *domain,
                   const struct tune_share *share, struct error *err)
{
    struct xen_domctl op = {.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo};

    op.u.scheduler_op.u.credit2.weight = (uint16_t)share->weight;
    op.u.scheduler_op.u.credit2.cap = (uint16_t)share->cap;
    return call_scheduler(session, domain, &op, err);
}
