/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which interfaces a domain has lost to other tools. Xenstore is a list of nodes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dom0/vif.c"
#include "tests/unit/dom0/fake_store.h"

static void fake_store_turn(void)
{
}

/* --- what is not asked for here -------------------------------------------------------------- */
void device_frontend_path(const struct device *device, char *path)
{
    (void)device;
    path[0] = '\0';
}

void device_backend_path(const struct device *device, char *path)
{
    (void)device;
    path[0] = '\0';
}

void device_record_path(const struct device *device, char *path)
{
    (void)device;
    path[0] = '\0';
}

void device_write_front(struct store *store, const struct device *device)
{
    (void)store, (void)device;
}

void device_write_back(struct store *store, const struct device *device)
{
    (void)store, (void)device;
}

void device_write_record(struct store *store, const struct device *device)
{
    (void)store, (void)device;
}

int device_wait_backend(struct store *store, const struct device *device, struct error *err)
{
    (void)store, (void)device, (void)err;
    return 0;
}

bool netdev_exists(const char *name)
{
    (void)name;
    return true;
}

bool netdev_is_bridge(const char *name)
{
    (void)name;
    return true;
}

int netdev_rename(const char *from, const char *to, struct error *err)
{
    (void)from, (void)to, (void)err;
    return 0;
}

int netdev_join_bridge(const char *name, const char *bridge, struct error *err)
{
    (void)name, (void)bridge, (void)err;
    return 0;
}

int netdev_up(const char *name, struct error *err)
{
    (void)name, (void)err;
    return 0;
}

/* --------------------------------------------------------------------------------------------- */
static void what_another_tool_has_detached_is_forgotten(void **state)
{
    struct vif_spec vifs[] = {{.mac = {2, 0, 0, 0, 0, 1}}, {.mac = {2, 0, 0, 0, 0, 0xab}},
                              {.mac = {2, 0, 0, 0, 0, 3}}};
    struct config config = {.vifs = vifs, .vif_count = 3};

    (void)state;
    fake_store_reset();
    fake_write(BACKENDS "/7/0/mac", "02:00:00:00:00:AB"); /* whoever wrote it */
    fake_write(BACKENDS "/7/4/mac", "02:00:00:00:00:03");
    fake_write(BACKENDS "/7/5/mac", "none");
    fake_write(BACKENDS "/8/0/mac", "02:00:00:00:00:01");
    vif_forget_detached(NULL, 7, &config);
    assert_int_equal(config.vif_count, 2);
    assert_int_equal(config.vifs[0].mac[5], 0xab);
    assert_int_equal(config.vifs[1].mac[5], 3);
    vif_forget_detached(NULL, 9, &config);
    assert_int_equal(config.vif_count, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_another_tool_has_detached_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
