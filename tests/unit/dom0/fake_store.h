/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Xenstore for tests of what is written there: nodes in a list, parents made as xenstored makes
 * them. A test includes it once; others' requests come where it defines fake_store_turn(), which is
 * called before each request that is not in a transaction, and before each transaction.
 */
#ifndef TESTS_UNIT_DOM0_FAKE_STORE_H
#define TESTS_UNIT_DOM0_FAKE_STORE_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dom0/store.h"

#define FAKE_STORE_NODES 256

static struct fake_node {
    char path[STORE_PATH_MAX];
    char value[STORE_PATH_MAX];
} fake_nodes[FAKE_STORE_NODES];
static unsigned fake_node_count;
static bool fake_in_transaction;
static bool fake_is_frozen; /* nothing changes */

static void fake_store_turn(void);

static void fake_store_reset(void)
{
    fake_node_count = 0;
    fake_in_transaction = false;
    fake_is_frozen = false;
}

static void fake_turn(void)
{
    if (!fake_in_transaction)
        fake_store_turn();
}

static struct fake_node *fake_find(const char *path)
{
    for (unsigned i = 0; i < fake_node_count; i++)
        if (strcmp(fake_nodes[i].path, path) == 0)
            return &fake_nodes[i];
    return NULL;
}

static struct fake_node *fake_make(const char *path)
{
    struct fake_node *node = fake_find(path);
    char parent[STORE_PATH_MAX];

    if (node)
        return node;
    snprintf(parent, sizeof(parent), "%s", path);
    *strrchr(parent, '/') = '\0';
    if (parent[0])
        fake_make(parent);
    assert_true(fake_node_count < FAKE_STORE_NODES);
    node = &fake_nodes[fake_node_count++];
    memset(node, 0, sizeof(*node));
    snprintf(node->path, sizeof(node->path), "%s", path);
    return node;
}

static void fake_write(const char *path, const char *value)
{
    struct fake_node *node = fake_is_frozen ? NULL : fake_make(path);

    if (node)
        snprintf(node->value, sizeof(node->value), "%s", value);
}

static bool fake_is_below(const char *path, const char *top)
{
    size_t size = strlen(top);

    return strncmp(path, top, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

static void fake_remove(const char *path)
{
    unsigned kept = 0;

    if (fake_is_frozen)
        return;

    for (unsigned i = 0; i < fake_node_count; i++)
        if (!fake_is_below(fake_nodes[i].path, path))
            fake_nodes[kept++] = fake_nodes[i];
    fake_node_count = kept;
}

/* The name of a child of `path`, or NULL. */
static const char *fake_child(const struct fake_node *node, const char *path)
{
    size_t size = strlen(path);

    if (strncmp(node->path, path, size) || node->path[size] != '/' ||
        strchr(node->path + size + 1, '/'))
        return NULL;
    return node->path + size + 1;
}

static bool fake_has_children(const char *path)
{
    for (unsigned i = 0; i < fake_node_count; i++)
        if (fake_child(&fake_nodes[i], path))
            return true;
    return false;
}

#define FAKE_PATH(path, format) \
    char path[STORE_PATH_MAX]; \
    va_list args_; \
    va_start(args_, format); \
    vsnprintf(path, sizeof(path), format, args_); \
    va_end(args_); \
    (void)store; \
    fake_turn()

char *store_read(struct store *store, const char *format, ...)
{
    FAKE_PATH(path, format);

    return fake_find(path) ? strdup(fake_find(path)->value) : NULL;
}

int store_read_int(struct store *store, int missing, const char *format, ...)
{
    FAKE_PATH(path, format);

    return fake_find(path) ? atoi(fake_find(path)->value) : missing;
}

bool store_exists(struct store *store, const char *format, ...)
{
    FAKE_PATH(path, format);

    return fake_find(path) != NULL;
}

/* Names lie behind the array, as xs_directory's do. */
char **store_list(struct store *store, unsigned *count, const char *format, ...)
{
    char **list;
    char *text;

    FAKE_PATH(path, format);
    *count = 0;
    if (!fake_has_children(path))
        return NULL;
    list = calloc(fake_node_count, sizeof(*list) + STORE_PATH_MAX);
    assert_non_null(list);
    text = (char *)(list + fake_node_count);
    for (unsigned i = 0; i < fake_node_count; i++)
        if (fake_child(&fake_nodes[i], path)) {
            list[*count] = strcpy(text, fake_child(&fake_nodes[i], path));
            text += STORE_PATH_MAX;
            ++*count;
        }
    return list;
}

void store_write(struct store *store, const char *value, const char *format, ...)
{
    FAKE_PATH(path, format);

    fake_write(path, value);
}

void store_write_number(struct store *store, uint64_t value, const char *format, ...)
{
    char text[24];

    FAKE_PATH(path, format);
    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    fake_write(path, text);
}

void store_node(struct store *store, unsigned domid, enum store_access access, const char *format,
                ...)
{
    FAKE_PATH(path, format);

    (void)domid;
    (void)access;
    fake_write(path, "");
}

void store_make(struct store *store, const char *format, ...)
{
    FAKE_PATH(path, format);

    if (!fake_is_frozen)
        fake_make(path);
}

void store_allow(struct store *store, unsigned domid, enum store_access access,
                 const char *format, ...)
{
    FAKE_PATH(path, format);

    (void)domid;
    (void)access;
}

void store_remove(struct store *store, const char *format, ...)
{
    FAKE_PATH(path, format);

    fake_remove(path);
}

void store_remove_up(struct store *store, const char *format, ...)
{
    FAKE_PATH(path, format);

    while (fake_find(path) && !fake_is_frozen) {
        fake_remove(path);
        *strrchr(path, '/') = '\0';
        if (!path[0] || fake_has_children(path))
            return;
    }
}

int store_transact(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                   const char *what, struct error *err)
{
    int rc;

    (void)what;
    (void)err;
    fake_turn();
    fake_in_transaction = true;
    rc = body(store, arg);
    fake_in_transaction = false;
    return rc;
}

int store_apply(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                const char *what, struct error *err)
{
    (void)what;
    (void)err;
    return body(store, arg);
}

#endif
