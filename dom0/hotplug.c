/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Runs hot-plug scripts with the arguments and the environment that libxl gives them. Refuses to
 * know what they do. A script that does not end is killed, with its
 * children.
 */
#include "dom0/hotplug.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dom0/interrupt.h"

#define HOME "/local/domain/0/"
#define VIF_BACKEND HOME "backend/vif/"

/* Scripts look up the interface's name in $vif; that of a device is vifDOMID.DEVID. */
static void set_interface(const char *back)
{
    char name[32];
    char *slash;

    if (strncmp(back, VIF_BACKEND, strlen(VIF_BACKEND)))
        return;
    snprintf(name, sizeof(name), "vif%s", back + strlen(VIF_BACKEND));
    slash = strchr(name, '/');
    if (slash)
        *slash = '.';
    setenv("vif", name, 1);
}

static void run(const char *script, const char *kind, const char *back)
{
    bool is_vif = strcmp(kind, "vif") == 0;
    int null;

    setenv("script", script, 1);
    setenv("XENBUS_TYPE", kind, 1);
    setenv("XENBUS_PATH", back + strlen(HOME), 1);
    setenv("XENBUS_BASE_PATH", "backend", 1);
    set_interface(back);
    interrupt_leave();
    /* What a script prints is for a log, not for a person. What the parent has not written yet is
     * the parent's: stdio's buffers are left alone. */
    null = open("/dev/null", O_WRONLY);
    if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
        _exit(126);
    if (is_vif)
        execl(script, script, "offline", "type_if=vif", (char *)NULL);
    else
        execl(script, script, "remove", (char *)NULL);
    _exit(127);
}

/* The exit status, or negative. */
static int wait_for(pid_t pid)
{
    struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    int status;
    int n = 0;

    if (end.fd >= 0) {
        do
            n = poll(&end, 1, HOTPLUG_LIMIT_MS);
        while (n < 0 && errno == EINTR);
        close(end.fd);
    }
    /* And whatever it has started; it leads a group since interrupt_leave(). */
    if (n <= 0 && kill(-pid, SIGKILL))
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    if (n <= 0)
        return -ETIMEDOUT;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

int hotplug_undo(const char *script, const char *kind, const char *back, struct error *err)
{
    pid_t pid;
    int rc;

    if (strncmp(back, HOME, strlen(HOME)))
        return error_set(err, ERROR_FAILED, "%s is not a back end of Dom0", back);
    pid = fork();
    if (pid < 0)
        return error_errno(err, "cannot run %s", script);
    if (pid == 0)
        run(script, kind, back);
    rc = wait_for(pid);
    if (rc == 0)
        return 0;
    if (rc == -ETIMEDOUT)
        return error_set(err, ERROR_FAILED, "%s did not end within %d s", script,
                         HOTPLUG_LIMIT_MS / 1000);
    return error_set(err, ERROR_FAILED, "%s failed for %s (status %d)", script, back, rc);
}
