/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A guest that waits for ever, has no drivers and answers to nothing.
 */
#include "tests/guests/image.h"

    image_header
entry:
    wfi
    b       entry
