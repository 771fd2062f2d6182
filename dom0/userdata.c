/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Files named as libxl names them: userdata-d.DOMID.UUID.libxl-json. Written beside and renamed, so
 * that nobody reads a half.
 */
#include "dom0/userdata.h"

#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dom0/domain_text.h"
#include "dom0/libxl_json.h"

static int write_file(const char *path, const char *text, struct error *err)
{
    char fresh[160];
    size_t size = strlen(text);
    int fd;
    bool written;

    snprintf(fresh, sizeof(fresh), "%s.new", path);
    fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, "cannot write %s", fresh);
    written = write(fd, text, size) == (ssize_t)size;
    if (close(fd) == 0 && written && rename(fresh, path) == 0)
        return 0;
    unlink(fresh);
    return error_errno(err, "cannot write %s", path);
}

int userdata_write(const char *dir, uint32_t domid, const struct config *config,
                   struct error *err)
{
    struct json_object *json = libxl_json_config(config);
    char uuid[DOMAIN_UUID_TEXT];
    char path[144];
    int rc;

    if (!json)
        return error_set(err, ERROR_FAILED, "out of memory");
    domain_text_uuid(config->uuid, uuid);
    snprintf(path, sizeof(path), "%s/userdata-d.%u.%s.libxl-json", dir, domid, uuid);
    mkdir(dir, 0755);
    rc = write_file(path, json_object_to_json_string(json), err);
    json_object_put(json);
    return rc;
}

void userdata_remove(const char *dir, uint32_t domid)
{
    char pattern[128];
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%s/userdata-?.%u.*", dir, domid);
    if (glob(pattern, 0, NULL, &found))
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        unlink(found.gl_pathv[i]);
    globfree(&found);
}
