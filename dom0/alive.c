/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The one refusal of dying domains. Pure: knows neither hypervisor nor xenstore.
 */
#include "dom0/alive.h"

int alive_check(const struct domain *domain, struct error *err)
{
    if (!domain->dying)
        return 0;
    return error_set(err, ERROR_NOT_FOUND, "domain %u %s is dying: purlin destroy %u waits for its "
                     "end", domain->domid, domain->name, domain->domid);
}
