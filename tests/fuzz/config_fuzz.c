/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest configuration files: their syntax, and what their keys mean.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void warn(const char *text, void *arg)
{
    (void)arg;
    if (strchr(text, '\n'))
        abort();
}

static void check_error(const struct error *err)
{
    if (err->kind == ERROR_NONE || !err->text[0] || strchr(err->text, '\n')) {
        fprintf(stderr, "an error says \"%s\"\n", err->text);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_source source = { .warn = warn };
    struct config config;
    struct error err;
    struct cfg cfg;
    char *copy = malloc(size ? size : 1);

    memcpy(copy, data, size);
    memset(&err, 0, sizeof(err));
    cfg_init(&cfg, "fuzz.cfg");
    if (cfg_parse(&cfg, copy, size, &err))
        check_error(&err);
    else if (config_from_cfg(&config, &cfg, &source, &err))
        check_error(&err);
    else
        config_free(&config);
    cfg_free(&cfg);
    free(copy);
    return 0;
}
