/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Finding a console's terminal through xenstore. Owns no state.
 */
#include "dom0/console_tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/domctl.h"

#define TTY_LIMIT_MS 30000

struct search {
    struct purlin *session;
    uint32_t domid;
    char node[STORE_PATH_MAX];
    char *path;
};

bool console_tty_is_gone(struct purlin *session, uint32_t domid)
{
    return domctl_is_gone(&session->hyper, (domid_t)domid);
}

static int find(struct store *store, void *arg)
{
    struct search *s = arg;

    free(s->path);
    s->path = store_read(store, "%s", s->node);
    if (s->path && s->path[0])
        return 1;
    return console_tty_is_gone(s->session, s->domid) ? -ESRCH : 0;
}

static int search(struct search *s, const char *type, struct error *err)
{
    const char *paths[] = {s->node, "@releaseDomain"};
    struct store_wait wait = {.paths = paths, .path_count = 2, .limit_ms = TTY_LIMIT_MS, .fd = -1,
                              .interruptible = true, .done = find, .arg = s};
    bool pv = strcmp(type, "pv") == 0;
    int rc;

    snprintf(s->node, sizeof(s->node),
             pv ? "/local/domain/%u/console/tty" : "/local/domain/%u/vuart/0/tty", s->domid);
    if (!pv && !store_exists(&s->session->store, "/local/domain/%u/vuart", s->domid))
        return error_set(err, ERROR_FAILED, "domain %u has no emulated UART: vuart = \"sbsa_uart\" "
                         "in its configuration gives it one", s->domid);
    rc = store_wait(&s->session->store, &wait);
    if (rc == -EINTR)
        return error_set(err, ERROR_INTERRUPTED, "interrupted");
    if (rc == -ESRCH)
        return error_set(err, ERROR_NOT_FOUND, "domain %u has ended", s->domid);
    if (rc < 0)
        return error_set(err, ERROR_UNAVAILABLE, "domain %u has no console after %d s: is "
                         "xenconsoled running?", s->domid, TTY_LIMIT_MS / 1000);
    return 0;
}

int console_tty_wait(struct purlin *session, uint32_t domid, const char *type, struct error *err)
{
    struct search s = {.session = session, .domid = domid};
    int rc = search(&s, type, err);

    free(s.path);
    return rc;
}

int console_tty_open(struct purlin *session, uint32_t domid, const char *type, struct error *err)
{
    struct search s = {.session = session, .domid = domid};
    int rc = search(&s, type, err);

    if (rc == 0) {
        rc = open(s.path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        if (rc < 0)
            rc = error_errno(err, "cannot open the console %s", s.path);
    }
    free(s.path);
    return rc;
}
