/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The order of a directory's configurations. Refuses to know what is in them.
 */
#include "dom0/autostart.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_config(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > 4 &&
           strcmp(entry->d_name + length - 4, ".cfg") == 0;
}

/* By bytes: the order must not depend on who is logged in. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int autostart_list(const char *named, char ***paths, struct error *err)
{
    const char *dir = named ? named : AUTOSTART_DIR;
    struct dirent **entries;
    int count = scandir(dir, &entries, is_config, by_name);
    int made = 0;

    *paths = NULL;
    if (count < 0 && errno == ENOENT)
        return named ? error_set(err, ERROR_USAGE, "the directory %s does not exist", dir) : 0;
    if (count < 0)
        return error_errno(err, "cannot read the directory %s", dir);
    *paths = calloc((size_t)count + 1, sizeof(**paths));
    for (int i = 0; i < count; i++) {
        if (*paths && asprintf(&(*paths)[made], "%s/%s", dir, entries[i]->d_name) >= 0)
            made++;
        free(entries[i]);
    }
    free(entries);
    if (made == count)
        return count;
    autostart_free(*paths, (size_t)made);
    return error_set(err, ERROR_FAILED, "out of memory");
}

void autostart_free(char **paths, size_t count)
{
    for (size_t i = 0; paths && i < count; i++)
        free(paths[i]);
    free(paths);
}
