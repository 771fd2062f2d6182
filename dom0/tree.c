/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The xenstore side of a domain's identity: name, limits, control nodes, console, xenstore ring.
 * Owns the layout. Refuses to know devices.
 */
#include "dom0/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xen/io/xenbus.h>

#include "dom0/domain_text.h"
#include "dom0/domctl.h"

#define CONSOLE_LIMIT_BYTES 1048576

struct tree {
    struct purlin *session;
    const struct builder *built;
    char home[40];
    char vm[48];
    char uuid[DOMAIN_UUID_TEXT];
    struct error *err;
};

static bool is_alive(struct purlin *session, long domid)
{
    struct xen_domctl_getdomaininfo info;

    return domctl_info(&session->hyper, (domid_t)domid, &info) != -ESRCH;
}

/* The living domain, `except` apart, whose node below its home has this value; negative: none. */
static long find_user(struct purlin *session, const char *node, const char *value, long except)
{
    unsigned count;
    char **ids = store_list(&session->store, &count, "/local/domain");
    long user = -1;

    for (unsigned i = 0; i < count && user < 0; i++) {
        char *other = store_read(&session->store, "/local/domain/%s/%s", ids[i], node);
        long domid = strtol(ids[i], NULL, 10);

        if (other && strcmp(other, value) == 0 && domid != except && is_alive(session, domid))
            user = domid;
        free(other);
    }
    free(ids);
    return user;
}

int tree_check_name(struct purlin *session, const char *name, struct error *err)
{
    long user = find_user(session, "name", name, -1);

    if (user < 0)
        return 0;
    return error_set(err, ERROR_EXISTS, "the name '%s' is taken by domain %ld: choose another with "
                     "name=, or purlin destroy %s", name, user, name);
}

/* Two living domains with one UUID would share, and then lose, /vm/UUID. */
static int check_uuid(const struct tree *tree)
{
    long user = find_user(tree->session, "vm", tree->vm, tree->built->domid);

    if (user < 0)
        return 0;
    return error_set(tree->err, ERROR_EXISTS, "uuid %s is that of domain %ld: change uuid= or "
                     "remove it", tree->uuid, user);
}

/* The others, readable as the home is, come with what is written below them. */
void tree_write_directories(struct store *store, unsigned domid, const char *home)
{
    static const char *const owned[] = {
        "device/suspend/event-channel", "control/shutdown", "control/feature-poweroff",
        "control/feature-reboot", "control/feature-suspend", "control/sysrq", "data", "drivers",
        "feature", "attr", "error",
    };

    store_node(store, domid, STORE_READABLE, "%s", home);
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        store_node(store, domid, STORE_OWNED, "%s/%s", home, owned[i]);
}

static void make_room(struct store *store, const struct tree *tree)
{
    unsigned domid = tree->built->domid;

    store_remove(store, "%s", tree->home);
    store_remove(store, "%s", tree->vm);
    store_remove(store, "/libxl/%u", domid);
    store_node(store, domid, STORE_READABLE, "%s", tree->vm);
    store_node(store, domid, STORE_PRIVATE, "/libxl/%u", domid);
    tree_write_directories(store, domid, tree->home);
}

static void write_identity(struct store *store, const struct tree *tree)
{
    const struct config *config = tree->built->config;
    const char *home = tree->home;

    store_write(store, tree->vm, "%s/vm", home);
    store_write(store, config->name, "%s/name", home);
    store_write_number(store, tree->built->domid, "%s/domid", home);
    store_write_number(store, config->maxmem_mib * 1024, "%s/memory/static-max", home);
    store_write_number(store, config->memory_mib * 1024, "%s/memory/target", home);
    store_write(store, "1", "%s/control/platform-feature-multiprocessor-suspend", home);
    store_write(store, "1", "%s/control/platform-feature-xs_reset_watches", home);
    for (unsigned i = 0; i < config->maxvcpus; i++)
        store_write(store, i < config->vcpus ? "online" : "offline", "%s/cpu/%u/availability",
                    home, i);
    store_write(store, tree->uuid, "%s/uuid", tree->vm);
    store_write(store, config->name, "%s/name", tree->vm);
    store_write(store, "linux", "%s/image/ostype", tree->vm);
    store_write(store, config->kernel, "%s/image/kernel", tree->vm);
    store_write(store, config->cmdline, "%s/image/cmdline", tree->vm);
    if (config->ramdisk)
        store_write(store, config->ramdisk, "%s/image/ramdisk", tree->vm);
    store_write_number(store, (uint64_t)time(NULL), "%s/start_time", tree->vm);
    store_write(store, "pvh", "/libxl/%u/type", tree->built->domid);
}

/* What xenconsoled serves. Nobody negotiates: its two directories only tell. */
struct terminal {
    const char *kind;
    const char *node; /* of the front end, below the domain's home */
    uint32_t port;
    uint64_t gfn;
};

static void write_terminal(struct store *store, const struct tree *tree,
                           const struct terminal *terminal)
{
    unsigned domid = tree->built->domid;
    char front[STORE_PATH_MAX];
    char back[STORE_PATH_MAX];

    snprintf(front, sizeof(front), "%s/%s", tree->home, terminal->node);
    snprintf(back, sizeof(back), "/local/domain/0/backend/%s/%u/0", terminal->kind, domid);
    store_node(store, domid, STORE_READABLE, "%s", back);
    store_write(store, front, "%s/frontend", back);
    store_write_number(store, domid, "%s/frontend-id", back);
    store_write(store, "1", "%s/online", back);
    store_write_number(store, XenbusStateInitialising, "%s/state", back);
    store_write(store, "vt100", "%s/protocol", back);
    store_node(store, domid, STORE_READABLE, "%s", front);
    store_write(store, back, "%s/backend", front);
    store_write(store, "0", "%s/backend-id", front);
    store_write_number(store, CONSOLE_LIMIT_BYTES, "%s/limit", front);
    store_write(store, "xenconsoled", "%s/type", front);
    store_write_number(store, terminal->port, "%s/port", front);
    store_write_number(store, terminal->gfn, "%s/ring-ref", front);
    store_write(store, front, "/libxl/%u/device/%s/0/frontend", domid, terminal->kind);
    store_write(store, back, "/libxl/%u/device/%s/0/backend", domid, terminal->kind);
}

static void write_rings(struct store *store, const struct tree *tree)
{
    const struct builder *built = tree->built;
    const struct terminal console = {"console", "console", built->console_port,
                                     built->console_gfn};
    const struct terminal uart = {"vuart", "vuart/0", built->vuart_port, built->vuart_gfn};

    store_write_number(store, built->store_port, "%s/store/port", tree->home);
    store_write_number(store, built->store_gfn, "%s/store/ring-ref", tree->home);
    write_terminal(store, tree, &console);
    store_write(store, "pty", "%s/console/output", tree->home);
    store_write(store, "", "%s/console/tty", tree->home);
    if (built->config->has_vuart)
        write_terminal(store, tree, &uart);
}

int tree_write(struct purlin *session, const struct builder *built, struct error *err)
{
    struct store *store = &session->store;
    struct tree tree = {.session = session, .built = built, .err = err};
    int rc = tree_check_name(session, built->config->name, err);

    snprintf(tree.home, sizeof(tree.home), "/local/domain/%u", built->domid);
    domain_text_uuid(built->config->uuid, tree.uuid);
    snprintf(tree.vm, sizeof(tree.vm), "/vm/%s", tree.uuid);
    if (rc == 0)
        rc = check_uuid(&tree);
    if (rc)
        return rc;
    make_room(store, &tree);
    write_identity(store, &tree);
    write_rings(store, &tree);
    return 0;
}

int tree_introduce(struct purlin *session, const struct builder *built, struct error *err)
{
    if (xs_introduce_domain(session->store.xs, built->domid, built->store_gfn, built->store_port))
        return 0;
    return error_errno(err, "xenstored does not accept domain %u", built->domid);
}
