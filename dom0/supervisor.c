/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The supervisor of one domain. Owns a process of its own with a session of its own; shares nothing
 * with the command that started it but the configuration that it inherited.
 */
#include "dom0/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dom0/domctl.h"
#include "dom0/interrupt.h"
#include "dom0/record.h"
#include "dom0/supervisor_act.h"

#define READY_FD 3
#define ASK_AGAIN_S 1

enum fate { FATE_NONE, FATE_GONE, FATE_SHUTDOWN };

/* Only the answer that there is no such domain means that it is gone. Without any answer (Dom0 has
 * no memory, say) its end could be missed, so this asks until there is one. */
static enum fate look(struct supervisor *s)
{
    struct error err = {0};

    while (domain_get(&s->session, s->domid, &s->domain, &err)) {
        if (err.kind == ERROR_NOT_FOUND)
            return FATE_GONE;
        error_clear(&err);
        sleep(ASK_AGAIN_S);
    }
    if (s->domain.dying)
        return FATE_GONE;
    return s->domain.shutdown && !s->preserved ? FATE_SHUTDOWN : FATE_NONE;
}

/* The store_wait predicate: called once at once, so the first call means that the watch is set. */
static int check_domain(struct store *store, void *arg)
{
    struct supervisor *s = arg;
    struct xen_domctl_getdomaininfo info;
    int rc;

    (void)store;
    if (s->ready_fd >= 0) {
        if (write(s->ready_fd, "", 1) != 1)
            return -EPIPE;
        close(s->ready_fd);
        s->ready_fd = -1;
    }
    /* Most often another domain has ended: each supervisor wakes then, and is to be cheap. */
    rc = domctl_info(&s->session.hyper, (domid_t)s->domid, &info);
    if (rc == 0 && !(info.flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown)))
        return FATE_NONE;
    return look(s);
}

static void supervise(struct supervisor *s)
{
    const char *paths[] = {"@releaseDomain"};
    struct store_wait wait = {.paths = paths, .path_count = 1, .fd = -1, .done = check_domain,
                              .arg = s};
    struct error err = {0};
    int fate;

    if (purlin_open(&s->session, &err)) {
        supervisor_act_note(s, "cannot watch: ", err.text);
        return;
    }
    if (!supervisor_act_claim(s)) {
        supervisor_act_note(s, "has a supervisor already", "");
        return;
    }
    supervisor_act_started(s);
    do
        fate = store_wait(&s->session.store, &wait);
    while (fate == FATE_SHUTDOWN && supervisor_act(s));
    if (fate == FATE_GONE && domain_clear_up(&s->session, s->domid, &err))
        supervisor_act_note(s, "destroyed by others, but ", err.text);
    if (fate < 0)
        supervisor_act_note(s, "stopped watching: ", strerror(-fate));
    purlin_close(&s->session);
}

static void redirect(const struct config *config)
{
    char path[160];
    int null = open("/dev/null", O_RDWR);
    int log;

    mkdir(SUPERVISOR_LOG_DIR, 0755);
    snprintf(path, sizeof(path), SUPERVISOR_LOG_DIR "/%s.log", config->name);
    log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(null, 0);
    dup2(log >= 0 ? log : null, 1);
    dup2(log >= 0 ? log : null, 2);
}

/* Leaves behind terminal, session and everything that the parent had open. */
static void run_detached(const struct config *config, uint32_t domid, int ready_fd)
{
    struct supervisor s = {.config = *config, .domid = domid, .lock_fd = -1};

    interrupt_leave();
    if (chdir("/"))
        _exit(1);
    redirect(config);
    s.ready_fd = dup2(ready_fd, READY_FD);
    close_range(READY_FD + 1, ~0u, 0);
    switch (fork()) {
    case 0:
        supervise(&s);
        _exit(0);
    default:
        _exit(0);
    }
}

int supervisor_start(const struct config *config, uint32_t domid, struct error *err)
{
    int ready[2];
    char byte;
    pid_t pid;
    ssize_t n;

    if (pipe2(ready, O_CLOEXEC))
        return error_errno(err, "cannot start the supervisor");
    fflush(NULL);
    pid = fork();
    if (pid == 0)
        run_detached(config, domid, ready[1]);
    close(ready[1]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    do
        n = pid > 0 ? read(ready[0], &byte, 1) : -1;
    while (n < 0 && pid > 0 && errno == EINTR);
    close(ready[0]);
    if (n == 1)
        return 0;
    return error_set(err, ERROR_FAILED, "the supervisor of %s did not start: see %s/%s.log",
                     config->name, SUPERVISOR_LOG_DIR, config->name);
}
