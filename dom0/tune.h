/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Changing what a running domain has: vCPUs, memory, its share of the CPUs. The guest's own drivers
 * do the first two; these functions ask, and wait for the answer.
 */
#ifndef DOM0_TUNE_H
#define DOM0_TUNE_H

#include "dom0/domain.h"

/* How long a guest may take. */
#define TUNE_LIMIT_MS 60000

/* Makes the first `count` vCPUs of a domain those that are on line. wait: until they are.
 * ERROR_USAGE: more than it was made with. */
int tune_vcpus(struct purlin *session, const struct domain *domain, unsigned count, bool wait,
               struct error *err);

/* Asks the guest's balloon driver for this much memory. wait: until it is so. ERROR_USAGE: above
 * the limit; ERROR_FAILED: not enough is free. */
int tune_memory(struct purlin *session, const struct domain *domain, uint64_t kib, bool wait,
                struct error *err);

/* The limit that tune_memory can go up to. */
int tune_max_memory(struct purlin *session, const struct domain *domain, uint64_t kib,
                    struct error *err);

struct tune_share {
    unsigned weight; /* 1 to 65535; 256 is the default */
    unsigned cap;    /* percent of one CPU, 0: none */
};

int tune_get_share(struct purlin *session, const struct domain *domain, struct tune_share *share,
                   struct error *err);
int tune_set_share(struct purlin *session, const struct domain *domain,
                   const struct tune_share *share, struct error *err);

#endif
