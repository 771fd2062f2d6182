/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The process that stays behind for a domain and does what on_poweroff, on_reboot and on_crash say
 * when it shuts down.
 */
#ifndef DOM0_SUPERVISOR_H
#define DOM0_SUPERVISOR_H

#include <stdint.h>

#include "dom0/config.h"
#include "dom0/error.h"

#define SUPERVISOR_LOG_DIR "/var/log/purlin"

/* Starts it, detached from terminal and session, and returns when it is watching; an end of the
 * domain that was before is seen, too. It writes what it does to SUPERVISOR_LOG_DIR/NAME.log, and
 * ends when the domain is gone. */
int supervisor_start(const struct config *config, uint32_t domid, struct error *err);

#endif
