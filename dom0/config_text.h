/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A configuration back as the text of a configuration file.
 */
#ifndef DOM0_CONFIG_TEXT_H
#define DOM0_CONFIG_TEXT_H

#include <stdio.h>

#include "dom0/config.h"

/* Writes every setting in force, defaults and random identities included, so that reading the text
 * gives the same configuration. */
void config_text_write(FILE *out, const struct config *config);

#endif
