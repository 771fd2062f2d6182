/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a supervisor knows, and what it does when its domain has shut down.
 */
#ifndef DOM0_SUPERVISOR_ACT_H
#define DOM0_SUPERVISOR_ACT_H

#include <stdbool.h>

#include "dom0/config.h"
#include "dom0/create.h"
#include "dom0/domain.h"
#include "dom0/pace.h"

/*
 * running -> running: restart, rename-restart: another domain is watched
 * running -> preserved: preserve, or what was to be done failed and it is there still; until
 *            someone destroys it
 * running, preserved -> over: destroyed, by this process or by others
 * running -> over, too: it has crashed too often to be restarted (pace.h)
 */
struct supervisor {
    struct config config; /* as its record was when it was last looked at */
    bool owns_config;     /* false: what its pointers lead to is that of the caller */
    struct purlin session;
    uint32_t domid;
    bool preserved;
    struct pace pace;
    int64_t since_ms; /* CLOCK_MONOTONIC: when this process began to watch the domain */
    int ready_fd; /* written once: watching; -1 afterwards */
    int lock_fd;  /* record_supervise() */
    struct domain domain; /* as it was last seen */
};

/* The domain starts now, or is found running. */
void supervisor_act_started(struct supervisor *s);

/* Does what the configuration says for the reason in s->domain. True when there is a domain to
 * watch afterwards. */
bool supervisor_act(struct supervisor *s);

/* Marks the process as supervisor of s->domid. False when there is another. */
bool supervisor_act_claim(struct supervisor *s);

/* A line in the log. */
void supervisor_act_note(const struct supervisor *s, const char *text, const char *detail);

#endif
