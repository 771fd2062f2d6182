/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The xenbus side of devices. Owns the directories under device/ and backend/, and their removal.
 * Refuses to know what a disk or a network is.
 */
#include "dom0/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xen/io/xenbus.h>

#include "dom0/hotplug.h"
#include "dom0/interrupt.h"

/* The hot-plug script of every device: there is nothing left to do for one. xen-netback refuses to
 * start without a name, and Xen's tools run it when they destroy a domain. */
#define DEVICE_SCRIPT "/bin/true"
#define BACKENDS "/local/domain/0/backend"

void device_frontend_path(const struct device *device, char *path)
{
    snprintf(path, STORE_PATH_MAX, "/local/domain/%u/device/%s/%u", device->domid, device->kind,
             device->devid);
}

void device_backend_path(const struct device *device, char *path)
{
    snprintf(path, STORE_PATH_MAX, BACKENDS "/%s/%u/%u", device->kind, device->domid,
             device->devid);
}

void device_record_path(const struct device *device, char *path)
{
    snprintf(path, STORE_PATH_MAX, "/libxl/%u/device/%s/%u", device->domid, device->kind,
             device->devid);
}

static int run_modprobe(const char *module)
{
    pid_t pid = fork();
    int status;

    if (pid < 0)
        return -errno;
    if (pid == 0) {
        interrupt_leave();
        execlp("modprobe", "modprobe", "-q", module, (char *)NULL);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ENOENT;
}

int device_need_driver(const char *kind, const char *module, struct error *err)
{
    char path[96];

    snprintf(path, sizeof(path), "/sys/bus/xen-backend/drivers/%s", kind);
    if (access(path, F_OK) == 0)
        return 0;
    if (run_modprobe(module) == 0 && access(path, F_OK) == 0)
        return 0;
    return error_set(err, ERROR_UNAVAILABLE, "Dom0's kernel has no back end for %s devices: "
                     "modprobe %s fails", kind, module);
}

void device_write_front(struct store *store, const struct device *device)
{
    char front[STORE_PATH_MAX];
    char back[STORE_PATH_MAX];

    device_frontend_path(device, front);
    device_backend_path(device, back);
    store_node(store, device->domid, STORE_FRONTEND, "%s", front);
    store_write(store, back, "%s/backend", front);
    store_write(store, "0", "%s/backend-id", front);
    store_write_number(store, XenbusStateInitialising, "%s/state", front);
}

void device_write_record(struct store *store, const struct device *device)
{
    char front[STORE_PATH_MAX];
    char back[STORE_PATH_MAX];
    char record[STORE_PATH_MAX];

    device_frontend_path(device, front);
    device_backend_path(device, back);
    device_record_path(device, record);
    store_write(store, front, "%s/frontend", record);
    store_write(store, back, "%s/backend", record);
    store_write(store, DEVICE_SCRIPT, "%s/script", record);
}

void device_promise_back(struct store *store, const struct device *device)
{
    char back[STORE_PATH_MAX];

    device_backend_path(device, back);
    store_node(store, device->domid, STORE_READABLE, BACKENDS "/%s/%u", device->kind,
               device->domid);
    store_write_number(store, XenbusStateUnknown, "%s/state", back);
}

int device_check_promise(struct store *store, const struct device *device, struct error *err)
{
    char back[STORE_PATH_MAX];

    device_backend_path(device, back);
    if (store_read_int(store, -1, "%s/state", back) == XenbusStateUnknown)
        return 0;
    return error_set(err, ERROR_FAILED, "%s was taken away while its domain was being made",
                     device->label);
}

void device_write_back(struct store *store, const struct device *device)
{
    char front[STORE_PATH_MAX];
    char back[STORE_PATH_MAX];

    device_frontend_path(device, front);
    device_backend_path(device, back);
    store_remove(store, "%s", back);
    store_node(store, device->domid, STORE_READABLE, "%s", back);
    store_write(store, front, "%s/frontend", back);
    store_write_number(store, device->domid, "%s/frontend-id", back);
    store_write(store, "1", "%s/online", back);
    store_write(store, DEVICE_SCRIPT, "%s/script", back);
    store_write_number(store, XenbusStateInitialising, "%s/state", back);
}

static int backend_is_ready(struct store *store, void *arg)
{
    char back[STORE_PATH_MAX];
    int state;

    device_backend_path(arg, back);
    state = store_read_int(store, XenbusStateUnknown, "%s/state", back);
    if (state == XenbusStateInitialising)
        return 0;
    return state >= XenbusStateInitWait && state <= XenbusStateConnected ? 1 : -EIO;
}

/* The kernel's reason, or NULL. Back ends report below error/ under their own home. */
static char *backend_error(struct store *store, const struct device *device)
{
    return store_read(store, "/local/domain/0/error/backend/%s/%u/%u/error", device->kind,
                      device->domid, device->devid);
}

int device_wait_backend(struct store *store, const struct device *device, struct error *err)
{
    char back[STORE_PATH_MAX];
    const char *paths[] = {back};
    struct store_wait wait = {.paths = paths, .path_count = 1, .limit_ms = DEVICE_LIMIT_MS,
                              .fd = -1, .interruptible = true, .done = backend_is_ready,
                              .arg = (void *)(uintptr_t)device};
    char *why;
    int rc;

    device_backend_path(device, back);
    rc = store_wait(store, &wait);
    if (rc > 0)
        return 0;
    if (rc == -EINTR)
        return error_set(err, ERROR_INTERRUPTED, "interrupted");
    why = backend_error(store, device);
    if (rc == -ETIMEDOUT)
        rc = error_set(err, ERROR_FAILED, "%s: its back end in Dom0 did not answer within %d s",
                       device->label, DEVICE_LIMIT_MS / 1000);
    else
        rc = error_set(err, ERROR_FAILED, "%s: its back end in Dom0 gave up: %s", device->label,
                       why ? why : "no reason given (see dmesg)");
    free(why);
    return rc;
}

/* Calls `each` for every back end directory of a domain, with kind and number. The sum of what it
 * returns. */
static int for_each_backend(struct store *store, unsigned domid,
                            int (*each)(struct store *store, const struct device *device,
                                        void *arg), void *arg)
{
    unsigned kind_count;
    char **kinds = store_list(store, &kind_count, BACKENDS);
    int sum = 0;

    for (unsigned i = 0; i < kind_count; i++) {
        unsigned count;
        char **ids = store_list(store, &count, BACKENDS "/%s/%u", kinds[i], domid);

        for (unsigned j = 0; j < count; j++) {
            struct device device = {.kind = kinds[i], .domid = domid,
                                    .devid = (uint32_t)strtoul(ids[j], NULL, 10)};

            sum += each(store, &device, arg);
        }
        free(ids);
    }
    free(kinds);
    return sum;
}

static bool has_state_machine(const struct device *device)
{
    return strcmp(device->kind, "console") != 0 && strcmp(device->kind, "vuart") != 0;
}

static int close_backend(struct store *store, const struct device *device, void *arg)
{
    char back[STORE_PATH_MAX];
    char front[STORE_PATH_MAX];
    int state;

    (void)arg;
    if (!has_state_machine(device))
        return 0;
    device_backend_path(device, back);
    device_frontend_path(device, front);
    store_remove(store, "%s", front);
    state = store_read_int(store, -1, "%s/state", back);
    if (state == XenbusStateUnknown)
        store_remove_up(store, "%s", back); /* who has promised it sees that, and gives up */
    if (state <= XenbusStateUnknown)
        return 0;
    store_write(store, "0", "%s/online", back);
    if (state != XenbusStateClosed)
        store_write_number(store, XenbusStateClosing, "%s/state", back);
    return 0;
}

static int close_body(struct store *store, void *arg)
{
    return for_each_backend(store, *(unsigned *)arg, close_backend, NULL);
}

/* 1 when the back end still holds on. */
static int is_open(struct store *store, const struct device *device, void *arg)
{
    char back[STORE_PATH_MAX];
    int state;

    (void)arg;
    if (!has_state_machine(device))
        return 0;
    device_backend_path(device, back);
    state = store_read_int(store, XenbusStateUnknown, "%s/state", back);
    return state != XenbusStateUnknown && state != XenbusStateClosed;
}

static int all_closed(struct store *store, void *arg)
{
    return for_each_backend(store, *(unsigned *)arg, is_open, NULL) == 0;
}

static int is_promised(struct store *store, const struct device *device, void *arg)
{
    char back[STORE_PATH_MAX];

    (void)arg;
    device_backend_path(device, back);
    return has_state_machine(device) &&
           store_read_int(store, -1, "%s/state", back) == XenbusStateUnknown;
}

bool device_all_announced(struct store *store, unsigned domid)
{
    return for_each_backend(store, domid, is_promised, NULL) == 0;
}

int device_undo_script(struct store *store, const struct device *device, struct error *err)
{
    char path[STORE_PATH_MAX];
    char *script;
    int rc = 0;

    device_backend_path(device, path);
    script = store_read(store, "%s/script", path);
    if (script && strcmp(script, DEVICE_SCRIPT))
        rc = hotplug_undo(script, device->kind, path, err);
    free(script);
    return rc;
}

static int undo_script(struct store *store, const struct device *device, void *arg)
{
    return has_state_machine(device) ? device_undo_script(store, device, arg) : 0;
}

static int remove_backend(struct store *store, const struct device *device, void *arg)
{
    char path[STORE_PATH_MAX];

    (void)arg;
    device_backend_path(device, path);
    store_remove_up(store, "%s", path);
    store_remove_up(store, "/local/domain/0/error/backend/%s/%u/%u", device->kind, device->domid,
                    device->devid);
    return 0;
}

/* How many kinds there are of which the domain has a directory, be it empty. `remove`: had. */
static unsigned count_kinds(struct store *store, unsigned domid, bool remove)
{
    unsigned kind_count;
    char **kinds = store_list(store, &kind_count, BACKENDS);
    unsigned count = 0;

    for (unsigned i = 0; i < kind_count; i++) {
        if (!store_exists(store, BACKENDS "/%s/%u", kinds[i], domid))
            continue;
        count++;
        if (remove)
            store_remove_up(store, BACKENDS "/%s/%u", kinds[i], domid);
    }
    free(kinds);
    return count;
}

bool device_any(struct store *store, unsigned domid)
{
    return count_kinds(store, domid, false) > 0;
}

static int remove_body(struct store *store, void *arg)
{
    unsigned domid = *(unsigned *)arg;

    for_each_backend(store, domid, remove_backend, NULL);
    count_kinds(store, domid, true); /* who is killed while it promises leaves an empty one */
    store_remove(store, "/local/domain/%u/device", domid);
    return 0;
}

int device_close_all(struct store *store, unsigned domid, struct error *err)
{
    return store_transact(store, close_body, &domid, "closing devices", err);
}

int device_remove_all(struct store *store, unsigned domid, struct error *err)
{
    const char *paths[] = {BACKENDS};
    struct store_wait wait = {.paths = paths, .path_count = 1, .limit_ms = DEVICE_LIMIT_MS,
                              .fd = -1, .done = all_closed, .arg = &domid};
    int rc = 0;
    int removed;
    int undone;

    if (store_wait(store, &wait) < 0)
        rc = error_set(err, ERROR_FAILED, "domain %u: a back end in Dom0 did not close within %d s",
                       domid, DEVICE_LIMIT_MS / 1000);
    undone = for_each_backend(store, domid, undo_script, err);
    if (rc == 0)
        rc = undone;
    removed = store_transact(store, remove_body, &domid, "removing devices", err);
    return rc ? rc : removed;
}
