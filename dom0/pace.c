/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Counts quick crashes. Refuses to know clocks and domains.
 */
#include "dom0/pace.h"

bool pace_allows(struct pace *pace, int64_t lived_ms)
{
    pace->quick = lived_ms < PACE_QUICK_MS ? pace->quick + 1 : 0;
    if (pace->quick < PACE_LIMIT)
        return true;
    pace->quick = 0;
    return false;
}
