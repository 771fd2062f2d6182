/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What is to be changed must not be on its way out.
 */
#ifndef DOM0_ALIVE_H
#define DOM0_ALIVE_H

#include "dom0/domain.h"

/* 0, or ERROR_NOT_FOUND for a domain that is being destroyed: the hypervisor takes most changes of
 * it, but nothing of them lasts. */
int alive_check(const struct domain *domain, struct error *err);

#endif
