/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A file DOMID.making for each domain in the making, locked by its maker, and for each that is
 * being destroyed; UUID.PID.TID.unborn, by its maker, for one that has no id yet. One that is not
 * locked is of an orphan. Each begins as draft.PID.TID. The locks are those of open files, so that
 * of two threads neither has the other's. Whoever is forked meanwhile shares them until it closes
 * its descriptors, as all do that outlive their parent.
 */
#include "dom0/orphan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dom0/domain.h"
#include "dom0/domain_text.h"
#include "dom0/record.h"

#define PATH_SIZE 96
#define UNBORN ".unborn"
#define WAIT_STEP_MS 5
#define DRAFT "draft."

static void making_path(unsigned domid, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, RECORD_DIR "/%u.making", domid);
}

static bool lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    return fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

/* Of one that has no id yet. */
static void unborn_path(const uint8_t uuid[16], char path[PATH_SIZE])
{
    char text[DOMAIN_UUID_TEXT];

    domain_text_uuid(uuid, text);
    snprintf(path, PATH_SIZE, RECORD_DIR "/%s.%ld.%ld" UNBORN, text, (long)getpid(),
             (long)gettid());
}

/* Where others look for it, it is locked already. */
static int mark(const char *path)
{
    char draft[PATH_SIZE];
    int fd;

    mkdir(RECORD_DIR, 0755);
    snprintf(draft, sizeof(draft), RECORD_DIR "/" DRAFT "%ld.%ld", (long)getpid(), (long)gettid());
    fd = open(draft, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return fd;
    if (lock(fd) && rename(draft, path) == 0)
        return fd;
    unlink(draft);
    close(fd);
    return -1;
}

int orphan_begin(const uint8_t uuid[16])
{
    char path[PATH_SIZE];

    unborn_path(uuid, path);
    return mark(path);
}

void orphan_born(const uint8_t uuid[16], uint32_t domid, int fd)
{
    char unborn[PATH_SIZE];
    char path[PATH_SIZE];

    if (fd < 0)
        return;
    unborn_path(uuid, unborn);
    making_path(domid, path);
    rename(unborn, path);
}

void orphan_unborn(const uint8_t uuid[16], int fd)
{
    char path[PATH_SIZE];

    if (fd < 0)
        return;
    unborn_path(uuid, path);
    unlink(path);
    close(fd);
}

int orphan_mark(uint32_t domid)
{
    char path[PATH_SIZE];

    making_path(domid, path);
    return mark(path);
}

bool orphan_is_marked(uint32_t domid)
{
    char path[PATH_SIZE];

    making_path(domid, path);
    return access(path, F_OK) == 0;
}

/* Has nobody else marked, or forgotten, what this mark is of? */
static bool has_name(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && st.st_nlink;
}

void orphan_adopt(uint32_t domid, int fd)
{
    if (fd < 0)
        return;
    if (has_name(fd))
        orphan_forget(domid);
    close(fd);
}

bool orphan_is_overtaken(int fd)
{
    return fd >= 0 && !has_name(fd);
}

int orphan_watch(uint32_t domid)
{
    char path[PATH_SIZE];

    making_path(domid, path);
    return open(path, O_RDWR | O_CLOEXEC);
}

/* No event tells when it can be had in time; to wait in the kernel would be without end. */
void orphan_wait(int fd, int limit_ms)
{
    const struct timespec step = {.tv_nsec = WAIT_STEP_MS * 1000000};

    for (int waited = 0; fd >= 0 && waited < limit_ms && !lock(fd); waited += WAIT_STEP_MS)
        nanosleep(&step, NULL);
}

void orphan_forget(uint32_t domid)
{
    char path[PATH_SIZE];

    making_path(domid, path);
    unlink(path);
}

/* The lock of somebody who has died: its descriptor, or -1. */
static int inherit(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    /* Without a name: it was adopted or forgotten since it was opened. */
    if (fd < 0 || (lock(fd) && has_name(fd)))
        return fd;
    close(fd);
    return -1;
}

static void destroy(struct purlin *session, unsigned domid)
{
    struct error err = {0};

    purlin_progress(session, "destroying domain %u: who made or destroyed it has died", domid);
    if (domain_destroy(session, domid, &err))
        purlin_progress(session, "%s", err.text);
}

static void reap(struct purlin *session, unsigned domid)
{
    char path[PATH_SIZE];
    int fd;

    making_path(domid, path);
    fd = inherit(path);
    if (fd < 0)
        return;
    close(fd); /* who destroys it waits for this lock */
    destroy(session, domid);
}

/* Who died may have had no time to note the domain's id. It has nothing yet, not even memory; one
 * of the same UUID that has, or that is noted, is another's. */
static void reap_unborn(struct purlin *session, const char *name)
{
    struct error err = {0};
    struct domain *all = NULL;
    char path[PATH_SIZE];
    int count;
    int fd;

    snprintf(path, sizeof(path), RECORD_DIR "/%s", name);
    fd = inherit(path);
    if (fd < 0)
        return;
    count = domain_list(session, &all, &err);
    for (int i = 0; i < count; i++)
        if (all[i].domid && all[i].memory_kib == 0 && !orphan_is_marked(all[i].domid) &&
            strncmp(all[i].uuid, name, strlen(all[i].uuid)) == 0)
            destroy(session, all[i].domid);
    free(all);
    if (count >= 0)
        unlink(path);
    close(fd);
}

/* Its maker's death alone counts: a lock on it would be in the way of one that lives, and is about
 * to take it. */
static void remove_draft(const char *name)
{
    char path[PATH_SIZE + NAME_MAX];
    long maker = strtol(name + strlen(DRAFT), NULL, 10);

    if (maker <= 0 || kill((pid_t)maker, 0) == 0 || errno != ESRCH)
        return;
    snprintf(path, sizeof(path), RECORD_DIR "/%s", name);
    unlink(path);
}

void orphan_reap(struct purlin *session)
{
    DIR *dir = opendir(RECORD_DIR);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char *end = strrchr(entry->d_name, '.');
        unsigned long domid;

        if (strncmp(entry->d_name, DRAFT, strlen(DRAFT)) == 0)
            remove_draft(entry->d_name);
        if (end && strcmp(end, UNBORN) == 0)
            reap_unborn(session, entry->d_name);
        domid = strtoul(entry->d_name, &end, 10);
        if (end != entry->d_name && strcmp(end, ".making") == 0)
            reap(session, (unsigned)domid);
    }
    if (dir)
        closedir(dir);
}
