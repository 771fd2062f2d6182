/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What xenstore holds of a domain that has no toolstack: enough to be listed, found and destroyed
 * by name, by this tool and by xl. Refuses to give it devices: it has no xenstore ring.
 */
#include "dom0/nameless.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "dom0/domain.h"
#include "dom0/domain_text.h"
#include "dom0/domctl.h"

struct naming {
    const struct domain *domain;
    const char *uuid;
};

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
    store_node(store, domid, STORE_PRIVATE, "%s", home);
    store_node(store, domid, STORE_PRIVATE, "%s", vm);
    store_write(store, name, "%s/name", home);
    store_write_number(store, domid, "%s/domid", home);
    store_write(store, vm, "%s/vm", home);
    store_write_number(store, n->domain->max_memory_kib, "%s/memory/static-max", home);
    store_write_number(store, n->domain->memory_kib, "%s/memory/target", home);
    store_write(store, name, "%s/name", vm);
    store_write(store, n->uuid, "%s/uuid", vm);
    return 0;
}

static int adopt(struct purlin *session, const struct domain *domain, struct error *err)
{
    char text[DOMAIN_UUID_TEXT];
    struct naming naming = {.domain = domain, .uuid = text};
    uint8_t uuid[16];
    int rc;

    if (getrandom(uuid, sizeof(uuid), 0) != sizeof(uuid))
        return error_errno(err, "no random numbers");
    domain_text_uuid(uuid, text);
    rc = domctl_set_uuid(&session->hyper, (domid_t)domain->domid, uuid);
    errno = -rc;
    if (rc)
        return error_errno(err, "cannot give domain %u a UUID", domain->domid);
    purlin_progress(session, "domain %u is dom0less-%u", domain->domid, domain->domid);
    return store_transact(&session->store, write_body, &naming, "a domain without a name", err);
}

/* One that is being made is paused until it is in xenstore. */
static bool is_nameless(struct purlin *session, const struct domain *domain)
{
    return domain->domid != 0 && !domain->paused && !domain->dying &&
           !store_exists(&session->store, "/local/domain/%u/name", domain->domid);
}

int nameless_adopt(struct purlin *session, struct error *err)
{
    struct domain *all;
    int count = domain_list(session, &all, err);
    int adopted = 0;
    int rc = 0;

    for (int i = 0; i < count && rc == 0; i++) {
        if (!is_nameless(session, &all[i]))
            continue;
        rc = adopt(session, &all[i], err);
        adopted++;
    }
    if (count < 0)
        return count;
    free(all);
    return rc ? rc : adopted;
}
