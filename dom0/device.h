/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Para-virtual devices of any kind: the two xenstore directories, and the hand-shake with the back
 * end in Dom0's kernel (xen/io/xenbus.h, enum xenbus_state).
 */
#ifndef DOM0_DEVICE_H
#define DOM0_DEVICE_H

#include <stdint.h>

#include "dom0/error.h"
#include "dom0/store.h"

/* How long a back end may take for one step. */
#define DEVICE_LIMIT_MS 30000

struct device {
    const char *kind; /* "vbd" or "vif" */
    unsigned domid;   /* of the front end; the back end is Dom0 */
    uint32_t devid;
    char label[48]; /* for messages: "disk xvda" */
};

/* Where one of the two directories is; `path` has STORE_PATH_MAX bytes. */
void device_frontend_path(const struct device *device, char *path);
void device_backend_path(const struct device *device, char *path);
/* And the toolstack's own record of it, as libxl keeps it where no guest can write. */
void device_record_path(const struct device *device, char *path);

/* Makes sure that Dom0's kernel has the back end driver; loads its module if need be. */
int device_need_driver(const char *kind, const char *module, struct error *err);

/* Writes the front end's directory, of which there is none, or the record; what is special to the
 * kind follows. */
void device_write_front(struct store *store, const struct device *device);
void device_write_record(struct store *store, const struct device *device);

/* The back end's, as far as a guest looks for it: where there is none its driver gives up. While
 * the state is Unknown a disk's driver waits, and Dom0's. Not Linux's driver of an interface: that
 * is to see nothing before all is there. */
void device_promise_back(struct store *store, const struct device *device);
/* In the transaction that keeps the promise: ERROR_FAILED when somebody has removed it. */
int device_check_promise(struct store *store, const struct device *device, struct error *err);
/* Is none of a domain's back ends only promised? */
bool device_all_announced(struct store *store, unsigned domid);

/* All of it, in a transaction: Dom0's driver looks when the state is Initialising. */
void device_write_back(struct store *store, const struct device *device);

/* Waits until the back end is ready for the front end; its own error text becomes ours. */
int device_wait_backend(struct store *store, const struct device *device, struct error *err);

/* Between a back end's end and the removal of its directories: devices that libxl connected have a
 * script that must take back what it did (a loop device, a bridge's port); ours have none. */
int device_undo_script(struct store *store, const struct device *device, struct error *err);

/* Has a domain any back end, whatever its state? */
bool device_any(struct store *store, unsigned domid);

/* Asks the back ends of all devices of a domain to close them, whatever the guest does. */
int device_close_all(struct store *store, unsigned domid, struct error *err);

/* Then: waits for them and removes the devices' directories. What a back end still held after the
 * time limit is reported, but its directories are removed. */
int device_remove_all(struct store *store, unsigned domid, struct error *err);

#endif
