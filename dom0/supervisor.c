/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The supervisor of one domain. Owns a process of its own with a session of its own; shares nothing
 * with the command that started it but the configuration that it inherited.
 */
#include "dom0/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dom0/domain.h"
#include "dom0/interrupt.h"

#define READY_FD 3
#define FIRST_HELD_FD 512 /* above all that a short-lived command opens */

enum fate { FATE_GONE = 1, FATE_SHUTDOWN = 2 };

struct supervisor {
    const struct config *config;
    struct purlin session;
    struct create_result made;
    bool preserved; /* shut down, and to be left alone until someone destroys it */
    int ready_fd; /* written once: watching; -1 afterwards */
    enum domain_shutdown reason;
};

static void note(const struct supervisor *s, const char *text, const char *detail)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm tm;

    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
    fprintf(stderr, "%s %s (domain %u): %s%s\n", stamp, s->config->name, s->made.domid, text,
            detail);
}

/* The store_wait predicate: called once at once, so the first call means that the watch is set. */
static int check_domain(struct store *store, void *arg)
{
    struct supervisor *s = arg;
    struct error err = {0};
    struct domain domain;

    (void)store;
    if (s->ready_fd >= 0) {
        if (write(s->ready_fd, "", 1) != 1)
            return -EPIPE;
        close(s->ready_fd);
        s->ready_fd = -1;
    }
    if (domain_get(&s->session, s->made.domid, &domain, &err) || domain.dying)
        return FATE_GONE;
    s->reason = domain.reason;
    return domain.shutdown && !s->preserved ? FATE_SHUTDOWN : 0;
}

static enum config_action choose(const struct supervisor *s)
{
    switch (s->reason) {
    case DOMAIN_POWEROFF:
        return s->config->on_poweroff;
    case DOMAIN_REBOOT:
        return s->config->on_reboot;
    case DOMAIN_CRASH:
    case DOMAIN_WATCHDOG:
        return s->config->on_crash;
    default:
        return CONFIG_PRESERVE;
    }
}

static bool restart(struct supervisor *s)
{
    struct error err = {0};

    if (create_domain(&s->session, s->config, &s->made, &err) == 0 &&
        domain_unpause(&s->session, s->made.domid, &err) == 0) {
        note(s, "restarted", "");
        return true;
    }
    note(s, "cannot restart: ", err.text);
    return false;
}

/* True when there is a domain to watch again. */
static bool act(struct supervisor *s)
{
    static const char *const reasons[] = {"powered off", "wants a reboot", "suspended", "crashed",
                                          "was stopped by its watchdog"};
    size_t reason = s->reason < sizeof(reasons) / sizeof(reasons[0]) ? s->reason : DOMAIN_CRASH;
    enum config_action action = choose(s);
    struct error err = {0};

    note(s, reasons[reason], action == CONFIG_PRESERVE ? ": preserved" : "");
    s->preserved = action == CONFIG_PRESERVE;
    if (s->preserved)
        return true;
    create_release(&s->made);
    if (domain_destroy(&s->session, s->made.domid, &err)) {
        note(s, "cannot destroy: ", err.text);
        return false;
    }
    note(s, "destroyed", "");
    return action == CONFIG_RESTART && restart(s);
}

static void supervise(struct supervisor *s)
{
    const char *paths[] = {"@releaseDomain"};
    struct store_wait wait = {.paths = paths, .path_count = 1, .fd = -1, .done = check_domain,
                              .arg = s};
    struct error err = {0};
    int fate;

    if (purlin_open(&s->session, &err)) {
        note(s, "cannot watch: ", err.text);
        return;
    }
    do
        fate = store_wait(&s->session.store, &wait);
    while (fate == FATE_SHUTDOWN && act(s));
    if (fate < 0)
        note(s, "stopped watching: ", strerror(-fate));
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

/* Keeps the descriptors that matter, in places of our own, and closes all others. */
static void keep_descriptors(struct supervisor *s, const struct create_result *made, int ready_fd)
{
    s->made = *made;
    for (size_t i = 0; i < made->fd_count; i++)
        s->made.fds[i] = dup2(made->fds[i], FIRST_HELD_FD + (int)i);
    s->ready_fd = dup2(ready_fd, READY_FD);
    close_range(READY_FD + 1, FIRST_HELD_FD - 1, 0);
    close_range(FIRST_HELD_FD + (unsigned)made->fd_count, ~0u, 0);
}

/* Leaves behind terminal, session and everything that the parent had open. */
static void run_detached(const struct config *config, const struct create_result *made,
                         int ready_fd)
{
    struct supervisor s = {.config = config};

    interrupt_release();
    if (setsid() < 0 || chdir("/"))
        _exit(1);
    redirect(config);
    keep_descriptors(&s, made, ready_fd);
    switch (fork()) {
    case 0:
        supervise(&s);
        _exit(0);
    default:
        _exit(0);
    }
}

int supervisor_start(const struct config *config, const struct create_result *made,
                     struct error *err)
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
        run_detached(config, made, ready[1]);
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
