/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The syntax of guest configuration files (xl.cfg(5), SYNTAX): a tree of settings with the position
 * of every value. Knows nothing of what the keys mean.
 */
#ifndef DOM0_CFG_H
#define DOM0_CFG_H

#include <stddef.h>
#include <stdint.h>

#include "dom0/error.h"

/* Lists in lists deeper than this are refused. */
#define CFG_MAX_DEPTH 8

struct cfg_pos {
    const char *file; /* as given by the user, or "command line" */
    unsigned line;
    unsigned column;
};

enum cfg_type { CFG_STRING, CFG_NUMBER, CFG_LIST };

struct cfg_value {
    enum cfg_type type;
    struct cfg_pos pos;
    char *text;               /* STRING: its content; NUMBER: its spelling; LIST: NULL */
    int64_t number;           /* NUMBER only */
    struct cfg_value **items; /* LIST only */
    size_t count;
};

struct cfg_setting {
    char *key;
    struct cfg_pos pos;
    struct cfg_value *value;
    struct cfg_setting *next;
};

struct cfg {
    char *file;
    struct cfg_setting *first;
    struct cfg_setting **tail;
};

/* Starts an empty tree for `file` (copied). */
void cfg_init(struct cfg *cfg, const char *file);
void cfg_free(struct cfg *cfg);

/* Parses `length` bytes of text (untrusted, need not end in NUL) and appends its settings. On an
 * error the text says file:line:column and what was expected. -EINVAL, -ENOMEM. */
int cfg_parse(struct cfg *cfg, const char *text, size_t length, struct error *err);

/* Appends one "key=value" of a command line. A value that is no valid number, quoted string or list
 * is taken as a string, so that quotes need not be quoted from the shell. */
int cfg_override(struct cfg *cfg, const char *assignment, struct error *err);

/* The setting in force for a key: the last one. NULL when there is none. */
const struct cfg_setting *cfg_find(const struct cfg *cfg, const char *key);

/* An ERROR_USAGE at a position. */
int cfg_error(struct error *err, const struct cfg_pos *pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void cfg_value_free(struct cfg_value *value);

#endif
