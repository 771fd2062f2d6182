/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Asking a running domain to do something (Xen: docs/misc/xenstore-paths, control/), and waiting
 * for what becomes of it.
 */
#ifndef DOM0_CONTROL_H
#define DOM0_CONTROL_H

#include "dom0/domain.h"

/* How long a guest may take to accept a request, unless the caller says less. */
#define CONTROL_ACCEPT_S 30u

/* Asks the guest to power off or to reboot, and waits until it has accepted. A guest that is still
 * booting accepts when its driver is up. limit_s: 0 for CONTROL_ACCEPT_S. ERROR_FAILED when it is
 * paused, has shut down already, or does not react; the request is then taken back. */
int control_request(struct purlin *session, const struct domain *domain,
                    enum domain_shutdown reason, unsigned limit_s, struct error *err);

/* As above, without asking: the domain is as if it had shut down with this reason. One that has
 * ended meanwhile is as it should be. */
int control_force(struct purlin *session, const struct domain *domain,
                  enum domain_shutdown reason, struct error *err);

/* Sends a magic SysRq key (Linux: Documentation/admin-guide/sysrq.rst) and waits until the guest
 * has taken it. */
int control_sysrq(struct purlin *session, const struct domain *domain, char key,
                  struct error *err);

struct control_end {
    unsigned limit_ms; /* 0: none */
    unsigned said_s;   /* of which that is the rest, for messages; 0: limit_ms is all of it */
    bool settled;      /* wait also for what on_poweroff and the others do about it */
    bool gone;                   /* out: it does not exist any more */
    bool has_reason;             /* out: its end was seen, and `reason` is valid */
    enum domain_shutdown reason;
};

/* Waits until a domain has shut down or is gone. `settled`: until its supervisor has destroyed it,
 * if it is to. -ETIMEDOUT with ERROR_FAILED, ERROR_INTERRUPTED. */
int control_wait_end(struct purlin *session, const struct domain *domain, struct control_end *end,
                     struct error *err);

#endif
