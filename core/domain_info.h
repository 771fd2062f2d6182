/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain as the control interface describes it (Xen public domctl.h, getdomaininfo).
 */
#ifndef CORE_DOMAIN_INFO_H
#define CORE_DOMAIN_INFO_H

#include "core/domain.h"

/* XEN_DOMCTL_CONFIG_GIC_*. */
static inline uint8_t domain_info_gic(enum gic_version version)
{
    return version == GIC_V3 ? XEN_DOMCTL_CONFIG_GIC_V3 : XEN_DOMCTL_CONFIG_GIC_V2;
}
void domain_info_get(struct domain *d, xen_domctl_getdomaininfo_t *out);

#endif
