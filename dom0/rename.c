/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Names live in xenstore, twice, and in the record; the UUID in the hypervisor, too. Owns keeping
 * them the same.
 */
#include "dom0/rename.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "dom0/alive.h"
#include "dom0/config.h"
#include "dom0/device.h"
#include "dom0/domain_text.h"
#include "dom0/domctl.h"
#include "dom0/record.h"
#include "dom0/tree.h"

struct renaming {
    struct purlin *session;
    const struct domain *domain;
    const char *name;
    const uint8_t *uuid; /* NULL: keep. A new one: it is kept for inspection, whatever follows */
    struct error *err;
};

static void move_uuid(struct store *store, const struct renaming *r, char vm[48])
{
    char text[DOMAIN_UUID_TEXT];

    domain_text_uuid(r->uuid, text);
    store_remove(store, "%s", vm);
    snprintf(vm, 48, "/vm/%s", text);
    store_node(store, r->domain->domid, STORE_READABLE, "%s", vm);
    store_write(store, text, "%s/uuid", vm);
    store_write(store, vm, "/local/domain/%u/vm", r->domain->domid);
}

static int body(struct store *store, void *arg)
{
    const struct renaming *r = arg;
    char *vm = store_read(store, "/local/domain/%u/vm", r->domain->domid);
    int rc = domain_check_home(r->session, r->domain->domid, r->err);
    char path[48];

    if (rc == 0)
        rc = tree_check_name(r->session, r->name, r->err);
    snprintf(path, sizeof(path), "%s", vm ? vm : "");
    free(vm);
    if (rc)
        return rc;
    if (path[0] && r->uuid)
        move_uuid(store, r, path);
    if (path[0])
        store_write(store, r->name, "%s/name", path);
    store_write(store, r->name, "/local/domain/%u/name", r->domain->domid);
    return 0;
}

static int change_record(struct config *config, void *arg, struct error *err)
{
    const struct renaming *r = arg;
    char *name = strdup(r->name);

    if (!name)
        return error_set(err, ERROR_FAILED, "out of memory");
    free(config->name);
    config->name = name;
    if (r->uuid) {
        memcpy(config->uuid, r->uuid, sizeof(config->uuid));
        config->on_poweroff = config->on_reboot = CONFIG_PRESERVE;
        config->on_crash = config->on_watchdog = CONFIG_PRESERVE;
    }
    return 0;
}

static int run(struct renaming *r)
{
    int rc = store_transact(&r->session->store, body, r, "rename", r->err);
    struct error ignored = {0};

    if (rc == 0)
        record_update(r->domain, change_record, r, &ignored);
    return rc;
}

int rename_domain(struct purlin *session, const struct domain *domain, const char *name,
                  struct error *err)
{
    struct renaming r = {.session = session, .domain = domain, .name = name, .err = err};
    int rc;

    if (!config_name_is_good(name))
        return error_set(err, ERROR_USAGE, "'%s' cannot be a name: " CONFIG_NAME_RULE, name);
    if (domain->domid == 0)
        return error_set(err, ERROR_USAGE, "Domain-0 keeps its name: others rely on it");
    rc = alive_check(domain, err);
    return rc ? rc : run(&r);
}

int rename_aside(struct purlin *session, const struct domain *domain, struct error *err)
{
    char name[CONFIG_NAME_MAX + 1];
    uint8_t uuid[16];
    struct renaming r = {.session = session, .domain = domain, .name = name, .uuid = uuid,
                         .err = err};
    int rc;

    snprintf(name, sizeof(name), "%.50s-%u", domain->name, domain->domid);
    if (getrandom(uuid, sizeof(uuid), 0) != sizeof(uuid))
        return error_errno(err, "no random numbers");
    rc = tree_check_name(session, name, err);
    if (rc == 0)
        rc = device_close_all(&session->store, domain->domid, err);
    if (rc == 0)
        rc = device_remove_all(&session->store, domain->domid, err);
    if (rc == 0)
        rc = domctl_set_uuid(&session->hyper, (domid_t)domain->domid, uuid);
    if (rc && err->kind == ERROR_NONE) {
        errno = -rc;
        return error_errno(err, "cannot change the UUID of %s", domain->name);
    }
    return rc ? rc : run(&r);
}
