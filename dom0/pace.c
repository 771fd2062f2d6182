/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Counts quick crashes, and spaces restarts. Refuses to know clocks and domains.
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

unsigned pace_pause_ms(int64_t lived_ms)
{
    return lived_ms < PACE_RESTART_MS ? (unsigned)(PACE_RESTART_MS - lived_ms) : 0;
}
