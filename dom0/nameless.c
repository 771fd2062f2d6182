/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What xenstore holds of a domain that has no toolstack: enough to be listed, found and destroyed
 * by name, by this tool and by xl. One that waits for xenstore (xen,enhanced) gets its ring.
 * Refuses to give it devices.
 */
#include "dom0/nameless.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xen/grant_table.h>
#include <xen/hvm/params.h>
#include <xen/io/xs_wire.h>

#include "dom0/domain.h"
#include "dom0/domain_text.h"
#include "dom0/domctl.h"
#include "dom0/grant_seed.h"
#include "dom0/guest_map.h"
#include "dom0/loader.h"
#include "dom0/populate.h"
#include "dom0/tree.h"

#define PAGE_KIB 4

struct naming {
    const struct domain *domain;
    char uuid[DOMAIN_UUID_TEXT];
    uint64_t store_port; /* 0: it knows nothing of xenstore */
    uint64_t store_gfn;
    unsigned vcpus;      /* of one that knows, those that are off too */
};

static void write_for_guest(struct store *store, const struct naming *n, const char *home)
{
    store_write_number(store, n->store_port, "%s/store/port", home);
    store_write_number(store, n->store_gfn, "%s/store/ring-ref", home);
    store_write(store, "1", "%s/control/platform-feature-xs_reset_watches", home);
    for (unsigned i = 0; i < n->vcpus; i++)
        store_write(store, "online", "%s/cpu/%u/availability", home, i);
}

static int write_body(struct store *store, void *arg)
{
    const struct naming *n = arg;
    uint32_t domid = n->domain->domid;
    char home[40];
    char name[24];
    char vm[48];

    snprintf(home, sizeof(home), "/local/domain/%u", domid);
    snprintf(name, sizeof(name), "dom0less-%u", domid);
    snprintf(vm, sizeof(vm), "/vm/%s", n->uuid);
    store_node(store, domid, n->store_port ? STORE_READABLE : STORE_PRIVATE, "%s", home);
    if (n->store_port)
        tree_write_directories(store, domid, home);
    store_node(store, domid, STORE_PRIVATE, "%s", vm);
    store_write(store, name, "%s/name", home);
    store_write_number(store, domid, "%s/domid", home);
    store_write(store, vm, "%s/vm", home);
    store_write_number(store, n->domain->max_memory_kib, "%s/memory/static-max", home);
    store_write_number(store, n->domain->max_memory_kib, "%s/memory/target", home);
    store_write(store, name, "%s/name", vm);
    store_write(store, n->uuid, "%s/uuid", vm);
    if (n->store_port)
        write_for_guest(store, n, home);
    return 0;
}

/* The port by which it waits for xenstore: it has one, and xenstored does not know it yet. 0: it
 * does not wait. */
static uint64_t waiting_port(struct purlin *session, uint32_t domid)
{
    uint64_t port = 0;

    if (hyper_get_param(&session->hyper, (domid_t)domid, HVM_PARAM_STORE_EVTCHN, &port) ||
        (port && xs_is_domain_introduced(session->store.xs, domid)))
        return 0;
    return port;
}

static void find_port(struct purlin *session, struct naming *n)
{
    struct xen_domctl_getdomaininfo info;

    n->store_port = waiting_port(session, n->domain->domid);
    if (domctl_info(&session->hyper, (domid_t)n->domain->domid, &info))
        n->store_port = 0;
    else
        n->vcpus = info.max_vcpu_id + 1;
    n->store_gfn = guest_map_magic_gfn(GUEST_MAP_XENSTORE);
}

static bool has_ring(struct hyper *hyper, const struct naming *n)
{
    uint64_t gfn;

    return hyper_get_param(hyper, (domid_t)n->domain->domid, HVM_PARAM_STORE_PFN, &gfn) == 0 &&
           gfn == n->store_gfn;
}

/* Beside the memory that the domain has. */
static int add_page(struct hyper *hyper, const struct naming *n, struct error *err)
{
    domid_t domid = (domid_t)n->domain->domid;
    int rc = domctl_max_memory(hyper, domid, n->domain->max_memory_kib + PAGE_KIB);

    errno = -rc;
    if (rc)
        return error_errno(err, "no more memory for domain %u", domid);
    return populate_pages(hyper, domid, n->store_gfn, 1, err);
}

/* The page that the ring is in; one that was killed may have added it. xenstored sends the event
 * that the domain waits for if it finds the connection so (Xen public io/xs_wire.h). */
static int make_ring(struct hyper *hyper, const struct naming *n, struct error *err)
{
    static const struct xenstore_domain_interface ring = {.connection = XENSTORE_RECONNECT};
    const struct loader_blob page = {
        .what = "xenstore ring",
        .ipa = n->store_gfn << GUEST_MAP_PAGE_SHIFT,
        .data = &ring,
        .size = sizeof(ring),
    };
    domid_t domid = (domid_t)n->domain->domid;
    struct error not_there = {0};
    int rc = 0;

    if (loader_write(hyper, domid, &page, &not_there)) {
        rc = add_page(hyper, n, err);
        if (rc == 0)
            rc = loader_write(hyper, domid, &page, err);
    }
    if (rc == 0)
        rc = grant_seed(hyper, domid, GNTTAB_RESERVED_XENSTORE, n->store_gfn, err);
    if (rc)
        return rc;
    rc = hyper_set_param(hyper, domid, HVM_PARAM_STORE_PFN, n->store_gfn);
    errno = -rc;
    return rc ? error_errno(err, "cannot tell domain %u of xenstore", domid) : 0;
}

/* xenstored tells the domain, which then asks where the page is. */
static int introduce(struct purlin *session, const struct naming *n, struct error *err)
{
    uint32_t domid = n->domain->domid;

    if (xs_introduce_domain(session->store.xs, domid, n->store_gfn, (unsigned)n->store_port))
        return 0;
    return error_errno(err, "xenstored does not accept domain %u", domid);
}

static bool has_name(struct purlin *session, const struct domain *domain)
{
    return store_exists(&session->store, "/local/domain/%u/name", domain->domid);
}

static int give_name(struct purlin *session, struct naming *n, struct error *err)
{
    uint32_t domid = n->domain->domid;
    uint8_t uuid[16];
    int rc;

    if (getrandom(uuid, sizeof(uuid), 0) != sizeof(uuid))
        return error_errno(err, "no random numbers");
    domain_text_uuid(uuid, n->uuid);
    rc = domctl_set_uuid(&session->hyper, (domid_t)domid, uuid);
    errno = -rc;
    if (rc)
        return error_errno(err, "cannot give domain %u a UUID", domid);
    purlin_progress(session, "domain %u is dom0less-%u", domid, domid);
    return store_transact(&session->store, write_body, n, "a domain without a name", err);
}

static int adopt(struct purlin *session, const struct domain *domain, struct error *err)
{
    struct naming naming = {.domain = domain};
    int rc = 0;

    find_port(session, &naming);
    if (naming.store_port && !has_ring(&session->hyper, &naming))
        rc = make_ring(&session->hyper, &naming, err);
    if (rc == 0 && !has_name(session, domain))
        rc = give_name(session, &naming, err);
    return rc || !naming.store_port ? rc : introduce(session, &naming, err);
}

/* One that is being made is paused until it is in xenstore, and known to xenstored. One that has a
 * name and waits still was begun with by somebody who was killed. */
static bool is_to_adopt(struct purlin *session, const struct domain *domain)
{
    return domain->domid != 0 && !domain->paused && !domain->dying &&
           (!has_name(session, domain) || waiting_port(session, domain->domid) != 0);
}

int nameless_adopt(struct purlin *session, struct error *err)
{
    struct domain *all;
    int count = domain_list(session, &all, err);
    int adopted = 0;
    int rc = 0;

    for (int i = 0; i < count && rc == 0; i++) {
        if (!is_to_adopt(session, &all[i]))
            continue;
        rc = adopt(session, &all[i], err);
        adopted++;
    }
    if (count < 0)
        return count;
    free(all);
    return rc ? rc : adopted;
}
