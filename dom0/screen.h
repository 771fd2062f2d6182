/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The live screen of purlin top (ncurses).
 */
#ifndef DOM0_SCREEN_H
#define DOM0_SCREEN_H

#include <stdbool.h>

#include "dom0/rates.h"

struct screen_view {
    unsigned seconds;       /* between two looks */
    enum rates_order order;
    size_t first;           /* line at the top */
};

/* Takes over the terminal. ERROR_USAGE when there is none that can be used so. */
int screen_open(struct error *err);
void screen_close(void);

void screen_show(struct screen_view *view, const struct sample *now,
                 const struct rates_line *lines);

/* Handles keys until it is time for the next look; a change of order is that, too. False: leave. */
bool screen_keys(struct screen_view *view, size_t count);

/* Without a screen. True when a held signal came meanwhile. */
bool screen_wait(unsigned ms);

#endif
