/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A directory of the test program's own: cmocka's set-up and tear-down of the group.
 */
#ifndef TESTS_UNIT_DOM0_TEST_DIR_H
#define TESTS_UNIT_DOM0_TEST_DIR_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[] = "/tmp/purlin-test-XXXXXX";

static inline int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

/* The tests have removed what they made. */
static inline int remove_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

/* Good until the next call. */
static inline const char *file(const char *name)
{
    static char path[160];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

#endif
