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
static sigset_t held;

/* What whoever started us ignores (nohup) stays ignored: blocked, it would become pending. */
static void fill(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

    sigemptyset(&held);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction action;

        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&held, signals[i]);
    }
}

void interrupt_hold(void)
{
    if (signal_fd >= 0)
        return;
    fill();
    pthread_sigmask(SIG_BLOCK, &held, NULL);
    signal_fd = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool interrupt_pending(void)
{
    sigset_t set;

    if (signal_fd < 0 || sigpending(&set))
        return false;
    sigandset(&set, &set, &held);
    return !sigisemptyset(&set);
}

int interrupt_fd(void)
{
    return signal_fd;
}

void interrupt_release(void)
{
    if (signal_fd < 0)
        return;
    close(signal_fd);
    signal_fd = -1;
    pthread_sigmask(SIG_UNBLOCK, &held, NULL);
}
