/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sample device trees (tests/unit/dts), compiled by the build, and platform_read() of them.
 */
#ifndef TESTS_UNIT_FDT_ENV_H
#define TESTS_UNIT_FDT_ENV_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot/platform.h"
#include "core/base/errors.h"

#define FDT_ENV_BYTES 0x40000u

/* A tree with room to be edited; never NULL. */
static inline void *fdt_env_load(const char *name)
{
    static char blob[FDT_ENV_BYTES];
    char path[256];
    void *fdt = malloc(FDT_ENV_BYTES);
    FILE *f;

    snprintf(path, sizeof(path), FDT_ENV_DIR "%s.dtb", name);
    f = fopen(path, "rb");
    assert_non_null(f);
    assert_true(fread(blob, 1, sizeof(blob), f) > 0);
    fclose(f);
    assert_non_null(fdt);
    assert_int_equal(fdt_open_into(blob, fdt, FDT_ENV_BYTES), 0);
    return fdt;
}

/* Offset of a node that must be there. */
static inline int fdt_env_node(const void *fdt, const char *path)
{
    int node = fdt_path_offset(fdt, path);

    if (node < 0)
        fail_msg("no node %s", path);
    return node;
}

static inline void fdt_env_walk(struct fdt_walk *w, const void *fdt, const char *path)
{
    assert_true(fdt_util_walk_at(w, fdt, fdt_env_node(fdt, path)));
}

#endif
