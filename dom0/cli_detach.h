/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The verbs that take a device away from a running guest.
 */
#ifndef DOM0_CLI_DETACH_H
#define DOM0_CLI_DETACH_H

#include "dom0/cli.h"

/* Runs `verb` for devices of `kind`, "vbd" or "vif": [-f] NAME|ID DEVICE. Returns the exit code. */
int cli_detach_run(const struct cli_verb *verb, const char *kind, int argc, char **argv);

#endif
