/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The syntax of disk specifications. Pure: opens nothing, so whether the target exists is for
 * others to find out.
 */
#include "dom0/disk_spec.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct disk_parser {
    struct disk_spec *disk;
    bool prefixed; /* an old prefix stood for the format, which is no positional part then */
    bool have_format;
    bool have_access;
    struct error *err;
};

struct disk_key {
    const char *name;
    int (*set)(struct disk_parser *p, const char *value);
};

/* "a".."zz" as 0..701; false when there is no letter. */
static bool parse_letters(const char **text, uint32_t *index)
{
    uint32_t value = 0;
    int count = 0;

    for (; islower((unsigned char)**text); (*text)++) {
        value = value * 26 + (uint32_t)(**text - 'a' + 1);
        if (++count > 2)
            return false;
    }
    *index = value - 1;
    return count > 0;
}

static bool parse_number(const char *text, uint32_t *number)
{
    char *end;
    unsigned long value;

    if (!isdigit((unsigned char)*text))
        return false;
    value = strtoul(text, &end, 0);
    *number = (uint32_t)value;
    return *end == '\0' && value < (1ul << 29);
}

/* Numbers of Linux's old IDE majors: two disks each. */
static bool ide_devid(uint32_t disk, uint32_t part, uint32_t *devid)
{
    static const uint32_t majors[] = {3, 22};

    if (disk >= 4 || part >= 64)
        return false;
    *devid = majors[disk / 2] << 8 | (disk % 2) << 6 | part;
    return true;
}

bool disk_spec_devid(const char *vdev, uint32_t *devid)
{
    bool xvd = strncmp(vdev, "xvd", 3) == 0;
    uint32_t disk;
    uint32_t part = 0;
    const char *p = vdev + (xvd ? 3 : 2);

    if (parse_number(vdev, devid))
        return true;
    if (!xvd && strncmp(vdev, "hd", 2) && strncmp(vdev, "sd", 2) && strncmp(vdev, "vd", 2))
        return false;
    if (!parse_letters(&p, &disk) || (*p && !parse_number(p, &part)))
        return false;
    if (vdev[0] == 'h')
        return ide_devid(disk, part, devid);
    if (vdev[0] == 's') {
        *devid = 8u << 8 | disk << 4 | part;
        return disk < 16 && part < 16;
    }
    if (disk < 16 && part < 16)
        *devid = 202u << 8 | disk << 4 | part;
    else
        *devid = 1u << 28 | disk << 8 | part;
    return part < 256;
}

static int set_target(struct disk_parser *p, const char *value)
{
    free(p->disk->target);
    p->disk->target = strdup(value);
    return p->disk->target ? 0 : error_set(p->err, ERROR_FAILED, "out of memory");
}

static int set_format(struct disk_parser *p, const char *value)
{
    p->have_format = true;
    if (*value == '\0' || strcmp(value, "raw") == 0)
        return 0;
    return error_set(p->err, ERROR_USAGE, "disk format '%s' is not supported, only 'raw': convert "
                     "the image with qemu-img convert -O raw", value);
}

static int set_vdev(struct disk_parser *p, const char *value)
{
    size_t length = strcspn(value, ":");

    if (value[length] && strcmp(value + length, ":cdrom") == 0)
        p->disk->cdrom = true;
    if (length >= sizeof(p->disk->vdev))
        return error_set(p->err, ERROR_USAGE, "virtual device name '%s' is too long", value);
    memcpy(p->disk->vdev, value, length);
    p->disk->vdev[length] = '\0';
    if (disk_spec_devid(p->disk->vdev, &p->disk->devid))
        return 0;
    return error_set(p->err, ERROR_USAGE, "'%s' is no virtual device name: use xvda, xvdb1, hda, "
                     "sda or the like", value);
}

static int set_access(struct disk_parser *p, const char *value)
{
    if (*value == '\0')
        return 0;
    p->have_access = true;
    p->disk->read_only = strcmp(value, "r") == 0 || strcmp(value, "ro") == 0;
    if (p->disk->read_only || strcmp(value, "w") == 0 || strcmp(value, "rw") == 0)
        return 0;
    return error_set(p->err, ERROR_USAGE, "disk access '%s' is not one of r, ro, w, rw", value);
}

static int set_devtype(struct disk_parser *p, const char *value)
{
    p->disk->cdrom = strcmp(value, "cdrom") == 0;
    if (p->disk->cdrom || strcmp(value, "disk") == 0)
        return 0;
    return error_set(p->err, ERROR_USAGE, "disk devtype '%s' is not one of disk, cdrom", value);
}

static int set_backend(struct disk_parser *p, const char *value)
{
    if (strcmp(value, "0") == 0 || strcmp(value, "Domain-0") == 0)
        return 0;
    return error_set(p->err, ERROR_USAGE, "disk back ends run in Domain-0 only, not in '%s'",
                     value);
}

static int set_backendtype(struct disk_parser *p, const char *value)
{
    if (strcmp(value, "phy") == 0)
        return 0;
    return error_set(p->err, ERROR_USAGE, "disk backendtype '%s' is not supported, only 'phy'",
                     value);
}

static int refuse_script(struct disk_parser *p, const char *value)
{
    return error_set(p->err, ERROR_USAGE, "disk script '%s': scripts are not run; give a file or "
                     "block device as target", value);
}

static const struct disk_key keys[] = {
    {"target", set_target}, {"format", set_format},           {"vdev", set_vdev},
    {"access", set_access}, {"devtype", set_devtype},         {"backend", set_backend},
    {"script", refuse_script}, {"backendtype", set_backendtype},
};

static int parse_flag(struct disk_parser *p, const char *word, bool *known)
{
    *known = true;
    if (strcmp(word, "cdrom") == 0)
        p->disk->cdrom = true;
    else if (strcmp(word, "no-discard") == 0)
        p->disk->no_discard = true;
    else if (strcmp(word, "discard") && strcmp(word, "direct-io-safe"))
        *known = false;
    return 0;
}

static int parse_positional(struct disk_parser *p, const char *word)
{
    bool known = false;

    parse_flag(p, word, &known);
    if (known)
        return 0;
    if (!p->disk->target)
        return set_target(p, word);
    if (!p->have_format && !p->prefixed)
        return set_format(p, word);
    if (!p->disk->vdev[0])
        return set_vdev(p, word);
    if (!p->have_access)
        return set_access(p, word);
    return error_set(p->err, ERROR_USAGE, "'%s' is one part too many: a disk is "
                     "target,format,vdev,access", word);
}

static int parse_keyed(struct disk_parser *p, const char *word, size_t key_length)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strlen(keys[i].name) == key_length && strncmp(keys[i].name, word, key_length) == 0)
            return keys[i].set(p, word + key_length + 1);
    return error_set(p->err, ERROR_USAGE, "unknown disk key '%.*s': known are target, format, "
                     "vdev, access, devtype, backend, backendtype", (int)key_length, word);
}

static char *skip_prefix(struct disk_parser *p, char *text)
{
    static const char *const prefixes[] = {"phy:", "file:", "raw:"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t length = strlen(prefixes[i]);

        if (strncmp(text, prefixes[i], length) == 0) {
            p->prefixed = true;
            return text + length;
        }
    }
    return text;
}

static char *trim(char *word)
{
    size_t length;

    word += strspn(word, " \t");
    length = strlen(word);
    while (length > 0 && strchr(" \t", word[length - 1]))
        word[--length] = '\0';
    return word;
}

static int parse_words(struct disk_parser *p, char *text)
{
    char *rest = skip_prefix(p, trim(text));
    int rc = 0;

    while (rc == 0 && rest) {
        char *word;
        size_t key_length;

        rest += strspn(rest, " \t");
        /* target= takes all that is left: file names may hold commas */
        word = strncmp(rest, "target=", 7) == 0 ? rest : strsep(&rest, ",");
        if (word == rest)
            rest = NULL;
        word = trim(word);
        key_length = strcspn(word, "=");
        if (word[key_length] == '=' && word[0] != '/')
            rc = parse_keyed(p, word, key_length);
        else
            rc = parse_positional(p, word);
    }
    return rc;
}

int disk_spec_parse(struct disk_spec *disk, const char *text, struct error *err)
{
    struct disk_parser p = {.disk = disk, .err = err};
    char *copy = strdup(text);
    int rc;

    memset(disk, 0, sizeof(*disk));
    if (!copy)
        return error_set(err, ERROR_FAILED, "out of memory");
    rc = parse_words(&p, copy);
    free(copy);
    if (rc == 0 && (!disk->target || !disk->target[0]))
        rc = error_set(err, ERROR_USAGE, "the disk has no target (a file or a block device)");
    if (rc == 0 && !disk->vdev[0])
        rc = error_set(err, ERROR_USAGE, "the disk has no virtual device name: add vdev=xvda");
    if (disk->cdrom)
        disk->read_only = true; /* whatever its access is said to be */
    if (rc)
        disk_spec_free(disk);
    return rc;
}

void disk_spec_free(struct disk_spec *disk)
{
    free(disk->target);
    disk->target = NULL;
}
