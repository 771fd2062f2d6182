/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Domains in words. Pure: knows neither hypervisor nor xenstore.
 */
#include "dom0/domain_text.h"

#include <stddef.h>

void domain_text_uuid(const uint8_t uuid[16], char text[DOMAIN_UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[uuid[i] >> 4];
        *text++ = digits[uuid[i] & 15];
    }
    *text = '\0';
}

const char *domain_text_state(const struct domain *domain)
{
    if (domain->dying)
        return "dying";
    if (domain->shutdown)
        return domain->reason == DOMAIN_CRASH ? "crashed" : "shutdown";
    if (domain->paused)
        return "paused";
    return domain->running ? "running" : "blocked";
}

const char *domain_text_reason(enum domain_shutdown reason)
{
    static const char *const names[] = {
        [DOMAIN_POWEROFF] = "poweroff", [DOMAIN_REBOOT] = "reboot",
        [DOMAIN_SUSPEND] = "suspend",   [DOMAIN_CRASH] = "crash",
        [DOMAIN_WATCHDOG] = "watchdog",
    };
    size_t index = (size_t)reason;

    return index < sizeof(names) / sizeof(names[0]) ? names[index] : "unknown";
}
