/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Held signals. Owns the process's signal mask, what becomes of it when a write fails, and one
 * signalfd. The signals are never consumed: a pending one stays pending until the process exits.
 */
#include "dom0/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A write that cannot be done: an error is enough. */
static const int write_signals[] = {SIGPIPE, SIGXFSZ};
#define WRITE_SIGNALS (sizeof(write_signals) / sizeof(write_signals[0]))

static int signal_fd = -1;
static sigset_t held;
static struct sigaction before[WRITE_SIGNALS];

/* What whoever started us ignores (nohup) stays ignored: blocked, it would become pending. */
static void fill(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

    sigemptyset(&held);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct sigaction action;

        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&held, signals[i]);
    }
}

void interrupt_hold(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    if (signal_fd >= 0)
        return;
    fill();
    pthread_sigmask(SIG_BLOCK, &held, NULL);
    for (size_t i = 0; i < WRITE_SIGNALS; i++)
        sigaction(write_signals[i], &ignore, &before[i]);
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
    for (size_t i = 0; i < WRITE_SIGNALS; i++)
        sigaction(write_signals[i], &before[i], NULL);
    pthread_sigmask(SIG_UNBLOCK, &held, NULL);
}

/* Those that came since the fork were meant for the parent: what is ignored is not pending. */
static void drop_pending(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;

        if (sigismember(&held, number) != 1)
            continue;
        sigaction(number, &ignore, &action);
        sigaction(number, &action, NULL);
    }
}

void interrupt_leave(void)
{
    setsid(); /* first: none comes from the terminal any more */
    if (signal_fd >= 0)
        drop_pending();
    interrupt_release();
}
