/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The files under /run/purlin. A supervisor holds a lock on DOMID.lock, who dumps a domain one on
 * DOMID.dump; who changes any record one on .turn, and who asks for Dom0's claims one on a byte of
 * .claims: the kernel drops them with the process, however that ends.
 */
#include "dom0/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dom0/config_text.h"
#include "dom0/domain_text.h"
#include "dom0/file.h"

#define PATH_SIZE 48

static void record_path(uint32_t domid, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, RECORD_DIR "/%u.cfg", domid);
}

static void lock_path(uint32_t domid, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, RECORD_DIR "/%u.lock", domid);
}

static void dump_path(uint32_t domid, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, RECORD_DIR "/%u.dump", domid);
}

/* Waits for those that change a record now: it takes them no time. The descriptor, or -1. */
static int take_turn(void)
{
    int fd = open(RECORD_DIR "/.turn", O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

    while (fd >= 0 && flock(fd, LOCK_EX) && errno == EINTR)
        continue;
    return fd;
}

static void end_turn(int fd)
{
    if (fd >= 0)
        close(fd);
}

static int write_in_turn(uint32_t domid, const struct config *config, struct error *err)
{
    char path[PATH_SIZE];
    char fresh[PATH_SIZE + 4];
    FILE *out;
    bool good;

    record_path(domid, path);
    snprintf(fresh, sizeof(fresh), "%s.new", path);
    unlink(fresh);
    out = file_create(fresh, 0600); /* secrets in cmdline= */
    if (!out)
        return error_errno(err, "cannot write %s", fresh);
    config_text_write(out, config);
    good = !ferror(out);
    good = fclose(out) == 0 && good;
    if (good && rename(fresh, path) == 0)
        return 0;
    error_errno(err, "cannot write %s", path);
    unlink(fresh);
    return -EIO;
}

int record_write(uint32_t domid, const struct config *config, struct error *err)
{
    int turn;
    int rc;

    mkdir(RECORD_DIR, 0755);
    turn = take_turn();
    rc = write_in_turn(domid, config, err);
    end_turn(turn);
    return rc;
}

int record_update(const struct domain *domain, record_change_fn *change, void *arg,
                  struct error *err)
{
    int turn = take_turn();
    struct config config;
    int rc = 0;

    if (record_load(domain, &config)) {
        rc = change(&config, arg, err);
        if (rc == 0)
            rc = write_in_turn(domain->domid, &config, err);
        config_free(&config);
    }
    end_turn(turn);
    return rc;
}

void record_remove(uint32_t domid)
{
    char path[PATH_SIZE];
    char fresh[PATH_SIZE + 4];
    int turn = take_turn(); /* or one that is being changed would come back */

    record_path(domid, path);
    snprintf(fresh, sizeof(fresh), "%s.new", path); /* of a writer that was killed */
    unlink(fresh);
    unlink(path);
    lock_path(domid, path);
    unlink(path);
    dump_path(domid, path);
    unlink(path);
    end_turn(turn);
}

static void ignore(const char *text, void *arg)
{
    (void)text;
    (void)arg;
}

bool record_load(const struct domain *domain, struct config *config)
{
    char path[PATH_SIZE];
    char uuid[DOMAIN_UUID_TEXT];
    struct config_source source = {.path = path, .warn = ignore};
    struct error err = {0};

    record_path(domain->domid, path);
    if (config_load(config, &source, &err))
        return false;
    domain_text_uuid(config->uuid, uuid);
    if (strcmp(uuid, domain->uuid) == 0)
        return true;
    config_free(config);
    return false;
}

int record_supervise(uint32_t domid)
{
    char path[PATH_SIZE];
    int fd;

    lock_path(domid, path);
    fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* A lock on one byte of a file for each key: one disk that does not answer keeps up no other. */
int record_claim_turn(uint64_t key)
{
    struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET,
                         .l_start = (off_t)(key & INT32_MAX), .l_len = 1};
    int fd;
    int rc;

    mkdir(RECORD_DIR, 0755);
    fd = open(RECORD_DIR "/.claims", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    do
        rc = fcntl(fd, F_OFD_SETLKW, &byte);
    while (rc && errno == EINTR);
    return fd;
}

/* The directory is locked: shared by those who restart. */
int record_gate(bool closed)
{
    int fd;
    int rc;

    mkdir(RECORD_DIR, 0755);
    fd = open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (flock(fd, (closed ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
        return fd;
    rc = -errno;
    close(fd);
    return rc;
}

bool record_is_supervised(uint32_t domid)
{
    char path[PATH_SIZE];
    int fd;
    bool locked;

    lock_path(domid, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    locked = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return locked;
}

int record_dump_lock(const struct domain *domain, struct error *err)
{
    char path[PATH_SIZE];
    struct stat st;
    int fd;

    mkdir(RECORD_DIR, 0755);
    dump_path(domain->domid, path);
    fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, "cannot open %s", path);
    /* Without a name: its owner has ended since it was opened. */
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 && st.st_nlink)
        return fd;
    close(fd);
    return error_set(err, ERROR_EXISTS, "%s is being dumped already", domain->name);
}

void record_dump_unlock(uint32_t domid, int fd)
{
    char path[PATH_SIZE];

    dump_path(domid, path);
    unlink(path);
    close(fd);
}
