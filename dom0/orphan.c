/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A file DOMID.making for each domain in the making, locked by its maker, and for each that is
 * being destroyed. One that is not locked is of an orphan.
 */
#include "dom0/orphan.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dom0/domain.h"
#include "dom0/record.h"

#define PATH_SIZE 48

static void making_path(unsigned domid, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, RECORD_DIR "/%u.making", domid);
}

int orphan_mark(uint32_t domid)
{
    char path[PATH_SIZE];
    int fd;

    mkdir(RECORD_DIR, 0755);
    making_path(domid, path);
    fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        flock(fd, LOCK_EX | LOCK_NB);
    return fd;
}

void orphan_adopt(uint32_t domid, int fd)
{
    if (fd < 0)
        return;
    orphan_forget(domid);
    close(fd);
}

void orphan_forget(uint32_t domid)
{
    char path[PATH_SIZE];

    making_path(domid, path);
    unlink(path);
}

static void reap(struct purlin *session, unsigned domid)
{
    struct error err = {0};
    char path[PATH_SIZE];
    int fd;

    making_path(domid, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        purlin_progress(session, "destroying domain %u: who made or destroyed it has died", domid);
        if (domain_destroy(session, domid, &err) == 0)
            unlink(path);
        else
            purlin_progress(session, "%s", err.text);
    }
    close(fd);
}

void orphan_reap(struct purlin *session)
{
    DIR *dir = opendir(RECORD_DIR);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char *end;
        unsigned long domid = strtoul(entry->d_name, &end, 10);

        if (end != entry->d_name && strcmp(end, ".making") == 0)
            reap(session, (unsigned)domid);
    }
    if (dir)
        closedir(dir);
}
