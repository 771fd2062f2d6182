/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A file DOMID.making for each domain in the making, locked by its maker, and for each that is
 * being destroyed. One that is not locked is of an orphan. The locks are a process's own: who is
 * forked from it, and outlives it, does not have them.
 */
#include "dom0/orphan.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dom0/domain.h"
#include "dom0/record.h"

#define PATH_SIZE 48

static void making_path(unsigned domid, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, RECORD_DIR "/%u.making", domid);
}

static bool lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return fcntl(fd, F_SETLK, &whole) == 0;
}

/* Where others look for it, it is locked already. */
int orphan_mark(uint32_t domid)
{
    char path[PATH_SIZE];
    char draft[PATH_SIZE];
    int fd;

    mkdir(RECORD_DIR, 0755);
    making_path(domid, path);
    snprintf(draft, sizeof(draft), RECORD_DIR "/%u.%ld", domid, (long)getpid());
    fd = open(draft, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fd;
    if (lock(fd) && rename(draft, path) == 0)
        return fd;
    unlink(draft);
    close(fd);
    return -1;
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
    struct stat st;
    char path[PATH_SIZE];
    int fd;

    making_path(domid, path);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    /* Without a name: it was adopted or forgotten since it was opened. */
    if (lock(fd) && fstat(fd, &st) == 0 && st.st_nlink) {
        purlin_progress(session, "destroying domain %u: who made or destroyed it has died", domid);
        if (domain_destroy(session, domid, &err))
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
