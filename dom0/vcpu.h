/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The virtual CPUs of a domain: what they do, and where they may run.
 */
#ifndef DOM0_VCPU_H
#define DOM0_VCPU_H

#include <stdbool.h>

#include "dom0/config.h"
#include "dom0/domain.h"

struct vcpu {
    uint32_t id;
    bool online;
    bool running;
    bool blocked;
    uint32_t cpu; /* where it runs, or ran last */
    uint64_t cpu_time_ns;
    struct config_cpumap hard; /* where it may run */
    struct config_cpumap soft; /* where it would rather run */
};

/* All that a domain can have, on line or not: heap array. Their number, or a negative errno. */
int vcpu_list(struct purlin *session, const struct domain *domain, struct vcpu **vcpus,
              struct error *err);

struct vcpu_pin {
    uint32_t id;
    const struct config_cpumap *hard; /* NULL: leave */
    const struct config_cpumap *soft;
};

/* Binds a vCPU. ERROR_USAGE when no CPU of `hard` is there. */
int vcpu_pin(struct purlin *session, const struct domain *domain, const struct vcpu_pin *pin,
             struct error *err);

#endif
