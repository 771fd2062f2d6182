/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How a domain's state and identity are spelled.
 */
#ifndef DOM0_DOMAIN_TEXT_H
#define DOM0_DOMAIN_TEXT_H

#include "dom0/domain.h"

/* "running", "blocked", "paused", "shutdown", "crashed" or "dying". */
const char *domain_text_state(const struct domain *domain);

/* Why it shut down: "poweroff", "reboot", "suspend", "crash" or "watchdog". */
const char *domain_text_reason(enum domain_shutdown reason);

/* The usual spelling: 8-4-4-4-12 hexadecimal digits. */
void domain_text_uuid(const uint8_t uuid[16], char text[DOMAIN_UUID_TEXT]);

#endif
