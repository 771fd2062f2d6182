/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Network interfaces of Dom0 (netdevice(7)), as much as a virtual interface needs.
 */
#ifndef DOM0_NETDEV_H
#define DOM0_NETDEV_H

#include <stdbool.h>

#include "dom0/error.h"

bool netdev_exists(const char *name);
bool netdev_is_bridge(const char *name);

/* The interface must be down. */
int netdev_rename(const char *from, const char *to, struct error *err);
int netdev_join_bridge(const char *name, const char *bridge, struct error *err);
int netdev_up(const char *name, struct error *err);

#endif
