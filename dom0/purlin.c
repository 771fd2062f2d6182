/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sessions. Owns the two connections.
 */
#include "dom0/purlin.h"

#include <stdarg.h>
#include <stdio.h>

int purlin_open(struct purlin *session, struct error *err)
{
    int rc;

    session->progress = NULL;
    session->arg = NULL;
    session->store = (struct store){0};
    rc = hyper_open(&session->hyper, err);
    if (rc)
        return rc;
    rc = store_open(&session->store, err);
    if (rc)
        hyper_close(&session->hyper);
    return rc;
}

void purlin_close(struct purlin *session)
{
    store_close(&session->store);
    hyper_close(&session->hyper);
}

void purlin_progress(struct purlin *session, const char *format, ...)
{
    char text[256];
    va_list args;

    if (!session->progress)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    session->progress(session->arg, text);
}
