/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of a grant entry's handling that is off every path. No lock.
 */
#include "core/grant_entry.h"

#include "core/base/log.h"

void grant_entry_unstable(void)
{
    log_guest("a grant entry stays in use: its word keeps changing\n");
}

int16_t grant_entry_owner_status(domid_t id)
{
    return domain_by_id(id) ? GNTST_general_error : GNTST_bad_domain;
}
