/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Domains that exist: finding, describing, pausing, destroying them.
 */
#ifndef DOM0_DOMAIN_H
#define DOM0_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "dom0/purlin.h"

#define DOMAIN_UUID_TEXT 37

/* Why a domain shut down (xen/sched.h, SHUTDOWN_*). */
enum domain_shutdown {
    DOMAIN_POWEROFF = 0,
    DOMAIN_REBOOT = 1,
    DOMAIN_SUSPEND = 2,
    DOMAIN_CRASH = 3,
    DOMAIN_WATCHDOG = 4,
};

struct domain {
    uint32_t domid;
    char name[64]; /* the beginning of it */
    char uuid[DOMAIN_UUID_TEXT];
    uint64_t memory_kib;
    uint64_t max_memory_kib;
    uint32_t vcpus; /* online */
    uint64_t cpu_time_ns;
    bool running;
    bool blocked;
    bool paused;
    bool shutdown;
    bool dying;
    enum domain_shutdown reason; /* when shutdown */
};

/* All domains in order of their ids: heap array. Negative errno, or their number. */
int domain_list(struct purlin *session, struct domain **domains, struct error *err);

/* By name, or by id when nothing has that name. ERROR_NOT_FOUND. */
int domain_find(struct purlin *session, const char *name, struct domain *domain,
                struct error *err);

/* By id. ERROR_NOT_FOUND when it is gone. */
int domain_get(struct purlin *session, uint32_t domid, struct domain *domain, struct error *err);

/* Pauses a domain for good, closes its devices, gives everything back and forgets it. Works on one
 * that is half made or dying. Returns when nothing is left. What the hypervisor refuses to destroy
 * is not forgotten. */
int domain_destroy(struct purlin *session, uint32_t domid, struct error *err);

/* Removes what is left of one that has been destroyed, when whoever makes or destroys it has ended:
 * other tools do not know of all that is purlin's. Nothing of one that exists. */
int domain_clear_up(struct purlin *session, uint32_t domid, struct error *err);

/* Waits until the hypervisor has forgotten a dying domain. */
int domain_wait_gone(struct purlin *session, uint32_t domid, struct error *err);

/* In a transaction that writes below the domain's home in xenstore: it is there, so what is written
 * goes with the domain. ERROR_NOT_FOUND; ERROR_FAILED for one that xenstore was not told of. */
int domain_check_home(struct purlin *session, uint32_t domid, struct error *err);

int domain_pause(struct purlin *session, uint32_t domid, struct error *err);
/* Undoes one pause: one more may be another tool's. */
int domain_unpause(struct purlin *session, uint32_t domid, struct error *err);
/* Undoes the pause that a domain is made with, unless others did so already. */
int domain_start(struct purlin *session, uint32_t domid, struct error *err);
/* Undoes all, whoever's they are. */
int domain_unpause_all(struct purlin *session, uint32_t domid, struct error *err);

#endif
