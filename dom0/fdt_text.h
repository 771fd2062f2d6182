/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A flattened device tree as text, in the syntax of device tree source files.
 */
#ifndef DOM0_FDT_TEXT_H
#define DOM0_FDT_TEXT_H

#include <stdio.h>

/* Writes the tree; a property is shown as strings, 32-bit cells or bytes, whichever its value looks
 * like. 0, or libfdt's negative error when the blob is damaged. */
int fdt_text_write(FILE *out, const void *blob);

#endif
