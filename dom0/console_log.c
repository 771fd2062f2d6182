/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A growing array whose beginning is cut off now and then.
 */
#include "dom0/console_log.h"

#include <stdlib.h>
#include <string.h>

#define GROW 65536u

static void forget(struct console_log *log)
{
    size_t cut = log->used - CONSOLE_LOG_KEEP;
    const char *line = memchr(log->text + cut, '\n', log->used - cut);

    if (line) /* whole lines, if there are any */
        cut = (size_t)(line - log->text) + 1;
    log->used -= cut;
    log->first += cut;
    memmove(log->text, log->text + cut, log->used);
}

int console_log_add(struct console_log *log, const char *text, size_t size)
{
    if (log->used + size > log->size) {
        char *bigger = realloc(log->text, log->used + size + GROW);

        if (!bigger)
            return -1;
        log->text = bigger;
        log->size = log->used + size + GROW;
    }
    memcpy(log->text + log->used, text, size);
    log->used += size;
    if (log->used > CONSOLE_LOG_KEEP + CONSOLE_LOG_EXTRA)
        forget(log);
    return 0;
}

size_t console_log_peek(const struct console_log *log, uint64_t *position, const char **text)
{
    if (*position < log->first)
        *position = log->first;
    *text = log->text + (*position - log->first);
    return log->used - (size_t)(*position - log->first);
}

void console_log_free(struct console_log *log)
{
    free(log->text);
    memset(log, 0, sizeof(*log));
}
