/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Interface ioctls. Owns no state; opens a socket for each call.
 */
#include "dom0/netdev.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

bool netdev_exists(const char *name)
{
    return if_nametoindex(name) != 0;
}

bool netdev_is_bridge(const char *name)
{
    char path[64];

    snprintf(path, sizeof(path), "/sys/class/net/%.15s/bridge", name);
    return access(path, F_OK) == 0;
}

static int request(unsigned long code, struct ifreq *ifr)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int rc;

    if (fd < 0)
        return -errno;
    rc = ioctl(fd, code, ifr) ? -errno : 0;
    close(fd);
    errno = -rc;
    return rc;
}

static struct ifreq named(const char *name)
{
    struct ifreq ifr;

    memset(&ifr, 0, sizeof(ifr));
    snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
    return ifr;
}

int netdev_rename(const char *from, const char *to, struct error *err)
{
    struct ifreq ifr = named(from);

    snprintf(ifr.ifr_newname, sizeof(ifr.ifr_newname), "%s", to);
    if (request(SIOCSIFNAME, &ifr) == 0)
        return 0;
    return error_errno(err, "cannot rename interface %s to vifname %s", from, to);
}

int netdev_join_bridge(const char *name, const char *bridge, struct error *err)
{
    struct ifreq ifr = named(bridge);

    ifr.ifr_ifindex = (int)if_nametoindex(name);
    if (request(SIOCBRADDIF, &ifr) == 0)
        return 0;
    return error_errno(err, "cannot add interface %s to bridge %s", name, bridge);
}

int netdev_up(const char *name, struct error *err)
{
    struct ifreq ifr = named(name);

    if (request(SIOCGIFFLAGS, &ifr) == 0) {
        ifr.ifr_flags |= IFF_UP;
        if (request(SIOCSIFFLAGS, &ifr) == 0)
            return 0;
    }
    return error_errno(err, "cannot bring up interface %s", name);
}
