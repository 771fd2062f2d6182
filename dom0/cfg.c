/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The grammar of configuration files: settings, lists, += and overrides. Owns the tree. Refuses to
 * know what a key means.
 */
#include "dom0/cfg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/cfg_lex.h"

struct parser {
    struct cfg_lex lex;
    enum cfg_token token;
    struct error *err;
};

int cfg_error(struct error *err, const struct cfg_pos *pos, const char *format, ...)
{
    char text[768];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return error_set(err, ERROR_USAGE, "%s:%u:%u: %s", pos->file, pos->line, pos->column, text);
}

void cfg_init(struct cfg *cfg, const char *file)
{
    cfg->file = strdup(file);
    cfg->first = NULL;
    cfg->tail = &cfg->first;
}

void cfg_value_free(struct cfg_value *value)
{
    if (!value)
        return;
    for (size_t i = 0; i < value->count; i++)
        cfg_value_free(value->items[i]);
    free(value->items);
    free(value->text);
    free(value);
}

static void setting_free(struct cfg_setting *setting)
{
    if (!setting)
        return;
    free(setting->key);
    cfg_value_free(setting->value);
    free(setting);
}

void cfg_free(struct cfg *cfg)
{
    while (cfg->first) {
        struct cfg_setting *next = cfg->first->next;

        setting_free(cfg->first);
        cfg->first = next;
    }
    cfg->tail = &cfg->first;
    free(cfg->file);
    cfg->file = NULL;
}

const struct cfg_setting *cfg_find(const struct cfg *cfg, const char *key)
{
    const struct cfg_setting *found = NULL;

    for (const struct cfg_setting *s = cfg->first; s; s = s->next)
        if (strcmp(s->key, key) == 0)
            found = s;
    return found;
}

static void step(struct parser *p)
{
    p->token = cfg_lex_next(&p->lex, p->err);
}

static void skip_newlines(struct parser *p)
{
    while (p->token == CFG_LEX_NEWLINE)
        step(p);
}

static int unexpected(struct parser *p, const char *wanted)
{
    return cfg_error(p->err, &p->lex.start, "expected %s, found %s", wanted,
                     cfg_lex_name(p->token));
}

static struct cfg_value *new_value(struct parser *p, enum cfg_type type)
{
    struct cfg_value *value = calloc(1, sizeof(*value));

    if (!value) {
        error_set(p->err, ERROR_FAILED, "out of memory");
        return NULL;
    }
    value->type = type;
    value->pos = p->lex.start;
    return value;
}

static int list_append(struct cfg_value *list, struct cfg_value *item)
{
    struct cfg_value **items = realloc(list->items, (list->count + 1) * sizeof(*items));

    if (!items)
        return -ENOMEM;
    list->items = items;
    list->items[list->count++] = item;
    return 0;
}

static struct cfg_value *parse_value(struct parser *p, unsigned depth);

static int parse_item(struct parser *p, struct cfg_value *list, unsigned depth)
{
    struct cfg_value *item = parse_value(p, depth + 1);

    if (!item)
        return -EINVAL;
    if (list_append(list, item)) {
        cfg_value_free(item);
        return error_set(p->err, ERROR_FAILED, "out of memory");
    }
    skip_newlines(p);
    if (p->token == CFG_LEX_COMMA) {
        step(p);
        skip_newlines(p);
        return 0;
    }
    return p->token == CFG_LEX_CLOSE ? 0 : unexpected(p, "',' or ']'");
}

static struct cfg_value *parse_list(struct parser *p, unsigned depth)
{
    struct cfg_value *list = new_value(p, CFG_LIST);

    if (!list)
        return NULL;
    if (depth >= CFG_MAX_DEPTH) {
        cfg_error(p->err, &p->lex.start, "lists are nested deeper than %d", CFG_MAX_DEPTH);
        goto fail;
    }
    step(p);
    skip_newlines(p);
    while (p->token != CFG_LEX_CLOSE)
        if (parse_item(p, list, depth))
            goto fail;
    step(p);
    return list;
fail:
    cfg_value_free(list);
    return NULL;
}

static struct cfg_value *parse_value(struct parser *p, unsigned depth)
{
    struct cfg_value *value;

    if (p->token == CFG_LEX_OPEN)
        return parse_list(p, depth);
    if (p->token != CFG_LEX_STRING && p->token != CFG_LEX_NUMBER) {
        unexpected(p, "a quoted string, a number or a [list]");
        return NULL;
    }
    value = new_value(p, p->token == CFG_LEX_STRING ? CFG_STRING : CFG_NUMBER);
    if (!value)
        return NULL;
    value->text = cfg_lex_take(&p->lex);
    value->number = p->lex.number;
    step(p);
    return value;
}

static int append_strings(struct cfg_value *to, const struct cfg_value *from)
{
    size_t length = strlen(to->text) + strlen(from->text) + 1;
    char *joined = malloc(length);

    if (!joined)
        return -ENOMEM;
    snprintf(joined, length, "%s%s", to->text, from->text);
    free(to->text);
    to->text = joined;
    return 0;
}

/* `setting` holds what stands right of "+="; afterwards it holds old value and new together. */
static int join_previous(struct cfg *cfg, struct cfg_setting *setting, struct error *err)
{
    struct cfg_setting *old = (struct cfg_setting *)cfg_find(cfg, setting->key);
    struct cfg_value *added = setting->value;

    if (!old)
        return 0;
    if (old->value->type != added->type || added->type == CFG_NUMBER)
        return cfg_error(err, &setting->pos, "'%s +=' needs two lists or two strings; the first "
                         "is at line %u", setting->key, old->pos.line);
    if (added->type == CFG_STRING) {
        if (append_strings(old->value, added))
            return error_set(err, ERROR_FAILED, "out of memory");
    }
    while (added->type == CFG_LIST && added->count > 0) {
        struct cfg_value *item = added->items[0];

        if (list_append(old->value, item))
            return error_set(err, ERROR_FAILED, "out of memory");
        memmove(added->items, added->items + 1, --added->count * sizeof(item));
    }
    setting->value = old->value;
    old->value = added;
    return 0;
}

static int parse_assignment(struct parser *p, struct cfg *cfg, struct cfg_setting *setting)
{
    bool append;

    setting->key = cfg_lex_take(&p->lex);
    setting->pos = p->lex.start;
    step(p);
    if (p->token != CFG_LEX_ASSIGN && p->token != CFG_LEX_APPEND)
        return unexpected(p, "'=' after the key");
    append = p->token == CFG_LEX_APPEND;
    step(p);
    setting->value = parse_value(p, 0);
    if (!setting->value)
        return -EINVAL;
    if (p->token != CFG_LEX_NEWLINE && p->token != CFG_LEX_END)
        return unexpected(p, "the end of the line or ';' after the value");
    return append ? join_previous(cfg, setting, p->err) : 0;
}

static int parse_setting(struct parser *p, struct cfg *cfg)
{
    struct cfg_setting *setting;
    int rc;

    if (p->token != CFG_LEX_WORD)
        return unexpected(p, "a key");
    setting = calloc(1, sizeof(*setting));
    if (!setting)
        return error_set(p->err, ERROR_FAILED, "out of memory");
    rc = parse_assignment(p, cfg, setting);
    if (rc) {
        setting_free(setting);
        return rc;
    }
    *cfg->tail = setting;
    cfg->tail = &setting->next;
    return 0;
}

static int parse_text(struct cfg *cfg, const char *file, const char *text, size_t length,
                      struct error *err)
{
    struct parser p = {.err = err};
    int rc = 0;

    cfg_lex_init(&p.lex, file, text, length);
    step(&p);
    skip_newlines(&p);
    while (rc == 0 && p.token != CFG_LEX_END) {
        rc = p.token == CFG_LEX_ERROR ? -EINVAL : parse_setting(&p, cfg);
        skip_newlines(&p);
    }
    cfg_lex_done(&p.lex);
    return rc;
}

int cfg_parse(struct cfg *cfg, const char *text, size_t length, struct error *err)
{
    return parse_text(cfg, cfg->file, text, length, err);
}

/* "key='value'" with the quotes and backslashes of the value escaped; NULL when out of memory. */
static char *quote_assignment(const char *assignment, size_t key_length)
{
    const char *from = assignment + key_length + 1;
    char *quoted = malloc(key_length + 2 * strlen(from) + 4);
    char *to = quoted;

    if (!quoted)
        return NULL;
    memcpy(to, assignment, key_length + 1);
    to += key_length + 1;
    *to++ = '\'';
    for (; *from; from++) {
        if (*from == '\'' || *from == '\\')
            *to++ = '\\';
        *to++ = *from == '\n' ? ' ' : *from;
    }
    *to++ = '\'';
    *to = '\0';
    return quoted;
}

int cfg_override(struct cfg *cfg, const char *assignment, struct error *err)
{
    static const char file[] = "command line";
    const char *equals = strchr(assignment, '=');
    struct error ignored = {0};
    char *quoted;
    int rc;

    if (!equals || equals == assignment)
        return error_set(err, ERROR_USAGE, "'%s' is neither an option nor key=value", assignment);
    if (parse_text(cfg, file, assignment, strlen(assignment), &ignored) == 0)
        return 0;
    quoted = quote_assignment(assignment, (size_t)(equals - assignment));
    if (!quoted)
        return error_set(err, ERROR_FAILED, "out of memory");
    rc = parse_text(cfg, file, quoted, strlen(quoted), err);
    free(quoted);
    return rc;
}
