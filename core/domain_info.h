/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain as the control interface describes it (Xen public domctl.h, getdomaininfo).
 */
#ifndef CORE_DOMAIN_INFO_H
#define CORE_DOMAIN_INFO_H

#include "core/domain.h"

void domain_info_get(struct domain *d, xen_domctl_getdomaininfo_t *out);

#endif
