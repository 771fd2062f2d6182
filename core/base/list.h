/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Circular doubly linked list, links embedded in the object. An initialised link that is on no
 * list points to itself. The list's user names the lock that protects it.
 */
#ifndef CORE_BASE_LIST_H
#define CORE_BASE_LIST_H

#include "core/base/types.h"

struct list { struct list *next, *prev; };

#define LIST_INIT(l) { &(l), &(l) }

static inline void list_init(struct list *l) { l->next = l->prev = l; }
static inline bool list_is_empty(const struct list *l) { return l->next == l; }

/* Insert item before pos: at the tail when pos is the head. */
static inline void list_insert_before(struct list *pos, struct list *item)
{
    struct list *prev = pos->prev;

    *item = (struct list){ .next = pos, .prev = prev };
    prev->next = pos->prev = item;
}

static inline void list_insert_after(struct list *pos, struct list *item)
{
    list_insert_before(pos->next, item);
}

/* Takes item off its list and leaves it initialised; harmless when it is on none. */
static inline void list_remove(struct list *item)
{
    struct list *next = item->next, *prev = item->prev;

    prev->next = next;
    next->prev = prev;
    list_init(item);
}

#define list_entry(l, type, member) container_of(l, type, member)
#define list_for_each(pos, head) \
    for (struct list *pos = (head)->next; pos != (head); pos = pos->next)

#endif
