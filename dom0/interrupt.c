/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Held signals. Owns the process's signal mask and one signalfd. The signals are never consumed: a
 * pending one stays pending until the process exits.
 */
#include "dom0/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int signal_fd = -1;

static void fill(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

void interrupt_hold(void)
{
    sigset_t set;

    if (signal_fd >= 0)
        return;
    fill(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool interrupt_pending(void)
{
    sigset_t set;

    if (signal_fd < 0 || sigpending(&set))
        return false;
    return sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1 ||
           sigismember(&set, SIGHUP) == 1;
}

int interrupt_fd(void)
{
    return signal_fd;
}

void interrupt_release(void)
{
    sigset_t set;

    if (signal_fd < 0)
        return;
    close(signal_fd);
    signal_fd = -1;
    fill(&set);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
