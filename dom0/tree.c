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

#include "dom0/domain_text.h"
#include "dom0/domctl.h"

#define CONSOLE_LIMIT_BYTES 1048576

struct tree {
    const struct builder *built;
    char home[40];
    char vm[48];
    char uuid[DOMAIN_UUID_TEXT];
};

static struct tree tree_of(const struct builder *built)
{
    struct tree tree = {.built = built};

    snprintf(tree.home, sizeof(tree.home), "/local/domain/%u", built->domid);
    domain_text_uuid(built->config->uuid, tree.uuid);
    snprintf(tree.vm, sizeof(tree.vm), "/vm/%s", tree.uuid);
    return tree;
}

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
static int check_uuid(struct purlin *session, const struct tree *tree, struct error *err)
{
    long user = find_user(session, "vm", tree->vm, tree->built->domid);

    if (user < 0)
        return 0;
    return error_set(err, ERROR_EXISTS, "uuid %s is that of domain %ld: change uuid= or "
                     "remove it", tree->uuid, user);
}

/* The others, readable as the home is, come with what is written below them. Those that the domain
 * owns inherit that from the home, which is lent to them: half the requests. */
void tree_write_directories(struct store *store, unsigned domid, const char *home)
{
    static const char *const owned[] = {
        "device/suspend/event-channel", "control/shutdown", "control/feature-poweroff",
        "control/feature-reboot", "control/feature-suspend", "control/sysrq", "data", "drivers",
        "feature", "attr", "error",
    };
    static const char *const lent[] = {"/device/suspend", "/device", "/control", ""};

    store_allow(store, domid, STORE_OWNED, "%s", home);
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        store_make(store, "%s/%s", home, owned[i]);
    for (size_t i = 0; i < sizeof(lent) / sizeof(lent[0]); i++)
        store_allow(store, domid, STORE_READABLE, "%s%s", home, lent[i]);
}

int tree_claim(struct purlin *session, const struct builder *built, struct error *err)
{
    const struct tree tree = tree_of(built);
    struct store *store = &session->store;
    int rc = tree_check_name(session, built->config->name, err);

    if (rc == 0)
        rc = check_uuid(session, &tree, err);
    if (rc)
        return rc;
    store_remove(store, "%s", tree.home);
    store_remove(store, "%s", tree.vm);
    store_remove(store, "/libxl/%u", built->domid);
    store_node(store, built->domid, STORE_READABLE, "%s", tree.home);
    store_write(store, tree.vm, "%s/vm", tree.home);
    store_write(store, built->config->name, "%s/name", tree.home);
    return 0;
}

static void write_identity(struct store *store, const struct tree *tree)
{
    const struct config *config = tree->built->config;
    const char *home = tree->home;

    store_write_number(store, tree->built->domid, "%s/domid", home);
    store_write_number(store, config->maxmem_mib * 1024, "%s/memory/static-max", home);
    store_write_number(store, config->memory_mib * 1024, "%s/memory/target", home);
    store_write(store, "1", "%s/control/platform-feature-multiprocessor-suspend", home);
    store_write(store, "1", "%s/control/platform-feature-xs_reset_watches", home);
    for (unsigned i = 0; i < config->maxvcpus; i++)
        store_write(store, i < config->vcpus ? "online" : "offline", "%s/cpu/%u/availability",
                    home, i);
}

/* What xenconsoled serves. It looks at the front end's directory alone: there is none of a back
 * end, which libxl would make, and Dom0's kernel look at in vain. */
struct terminal {
    const char *kind;
    char front[64];
    uint32_t port;
    uint64_t gfn;
};

#define BACK_PATH "/local/domain/0/backend/%s/%u/0"

/* Readable as the home is. */
static void write_front(struct store *store, unsigned domid, const struct terminal *terminal)
{
    const char *front = terminal->front;
    char back[STORE_PATH_MAX];

    snprintf(back, sizeof(back), BACK_PATH, terminal->kind, domid);
    store_write(store, back, "%s/backend", front);
    store_write(store, "0", "%s/backend-id", front);
    store_write_number(store, CONSOLE_LIMIT_BYTES, "%s/limit", front);
    store_write(store, "xenconsoled", "%s/type", front);
    store_write_number(store, terminal->port, "%s/port", front);
    store_write_number(store, terminal->gfn, "%s/ring-ref", front);
}

/* The back end's path is for libxl, which removes what is there. */
static void write_record(struct store *store, unsigned domid, const struct terminal *terminal)
{
    char back[STORE_PATH_MAX];

    snprintf(back, sizeof(back), BACK_PATH, terminal->kind, domid);
    store_write(store, terminal->front, "/libxl/%u/device/%s/0/frontend", domid, terminal->kind);
    store_write(store, back, "/libxl/%u/device/%s/0/backend", domid, terminal->kind);
}

static struct terminal console_of(const struct tree *tree)
{
    struct terminal console = {"console", "", tree->built->console_port,
                               tree->built->console_gfn};

    snprintf(console.front, sizeof(console.front), "%s/console", tree->home);
    return console;
}

static struct terminal uart_of(const struct tree *tree)
{
    struct terminal uart = {"vuart", "", tree->built->vuart_port, tree->built->vuart_gfn};

    snprintf(uart.front, sizeof(uart.front), "%s/vuart/0", tree->home);
    return uart;
}

void tree_write(struct store *store, const struct builder *built)
{
    const struct tree tree = tree_of(built);
    const struct terminal console = console_of(&tree);
    const struct terminal uart = uart_of(&tree);

    tree_write_directories(store, built->domid, tree.home);
    write_identity(store, &tree);
    store_write_number(store, built->store_port, "%s/store/port", tree.home);
    store_write_number(store, built->store_gfn, "%s/store/ring-ref", tree.home);
    write_front(store, built->domid, &console);
    store_write(store, "pty", "%s/output", console.front);
    if (built->config->has_vuart)
        write_front(store, built->domid, &uart);
}

void tree_write_record(struct store *store, const struct builder *built)
{
    const struct tree tree = tree_of(built);
    const struct config *config = built->config;
    const struct terminal console = console_of(&tree);
    const struct terminal uart = uart_of(&tree);
    char *name = store_read(store, "%s/name", tree.home); /* it may have another by now */

    store_node(store, built->domid, STORE_READABLE, "%s", tree.vm);
    store_node(store, built->domid, STORE_PRIVATE, "/libxl/%u", built->domid);
    store_write(store, tree.uuid, "%s/uuid", tree.vm);
    store_write(store, name ? name : config->name, "%s/name", tree.vm);
    free(name);
    store_write(store, "linux", "%s/image/ostype", tree.vm);
    store_write(store, config->kernel, "%s/image/kernel", tree.vm);
    store_write(store, config->cmdline, "%s/image/cmdline", tree.vm);
    if (config->ramdisk)
        store_write(store, config->ramdisk, "%s/image/ramdisk", tree.vm);
    store_write_number(store, (uint64_t)time(NULL), "%s/start_time", tree.vm);
    store_write(store, "pvh", "/libxl/%u/type", built->domid);
    write_record(store, built->domid, &console);
    if (config->has_vuart)
        write_record(store, built->domid, &uart);
}

struct forgotten {
    struct purlin *session;
    const struct tree *tree;
};

/* A new domain may have the UUID already. */
static int forget_body(struct store *store, void *arg)
{
    const struct forgotten *f = arg;

    if (find_user(f->session, "vm", f->tree->vm, f->tree->built->domid) < 0)
        store_remove_up(store, "%s", f->tree->vm);
    return 0;
}

void tree_forget(struct purlin *session, const struct builder *built)
{
    const struct tree tree = tree_of(built);
    struct forgotten forgotten = {session, &tree};
    struct error ignored = {0};

    store_transact(&session->store, forget_body, &forgotten, "failed domain", &ignored);
    error_clear(&ignored);
}

int tree_introduce(struct purlin *session, const struct builder *built, struct error *err)
{
    if (xs_introduce_domain(session->store.xs, built->domid, built->store_gfn, built->store_port))
        return 0;
    return error_errno(err, "xenstored does not accept domain %u", built->domid);
}
