/* SPDX-License-Identifier: BSD-2-Clause
 *
 * When a disk's target is free. Xenstore and the kernel's view of targets are replaced by tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dom0/record.h"
#undef RECORD_DIR
#define RECORD_DIR "/tmp/purlin-vbd-test"
#include "dom0/record.c"
#include "dom0/vbd.c"
#include "tests/unit/dom0/test_dir.h"

#define OLD 7u

/* The disks of domain 7: 8:N is a device with the identity {8:N, 0}. */
static struct {
    const char *mode;
    const char *number;
} disks[] = {{"w", "8:1"}, {"r", "8:2"}, {"w", NULL}};

static dev_t device;    /* what the target's file stands for */
static bool is_used; /* by Dom0 */
static struct error err;
static bool has_let_go_of_all; /* each detach has timed out, and the guest closed then */

/* --- xenstore ------------------------------------------------------------------------------- */
char *store_read(struct store *store, const char *path, ...)
{
    char text[STORE_PATH_MAX];
    unsigned domid;
    unsigned i;
    char node[32];
    va_list args;
    const char *value;

    (void)store;
    va_start(args, path);
    vsnprintf(text, sizeof(text), path, args);
    va_end(args);
    if (sscanf(text, BACKENDS "/%u/%u/%31s", &domid, &i, node) != 3 || domid != OLD || i > 2)
        return NULL;
    value = strcmp(node, "mode") == 0 ? disks[i].mode :
            strcmp(node, "physical-device") == 0 ? disks[i].number : NULL;
    return value ? strdup(value) : NULL;
}

bool store_exists(struct store *store, const char *path, ...)
{
    char text[STORE_PATH_MAX];
    unsigned domid;
    unsigned i;
    va_list args;

    (void)store;
    va_start(args, path);
    vsnprintf(text, sizeof(text), path, args);
    va_end(args);
    return sscanf(text, BACKENDS "/%u/%u", &domid, &i) == 2 && domid == OLD && i < 3;
}

int store_read_int(struct store *store, int missing, const char *path, ...)
{
    (void)store;
    if (!has_let_go_of_all)
        return missing;
    return strcmp(path + strlen(path) - 6, "online") == 0 ? 0 : XenbusStateClosed;
}

char **store_list(struct store *store, unsigned *count, const char *path, ...)
{
    static const char *const names[] = {"0", "1", "2"};
    static const char *const domains[] = {"7"};
    char text[STORE_PATH_MAX];
    char **list = calloc(3, sizeof(*list));
    va_list args;

    (void)store;
    va_start(args, path);
    vsnprintf(text, sizeof(text), path, args);
    va_end(args);
    *count = 0;
    if (strcmp(text, BACKENDS) == 0)
        memcpy(list, domains, sizeof(domains[0]) * (*count = 1));
    if (strcmp(text, BACKENDS "/7") == 0)
        memcpy(list, names, sizeof(names[0]) * (*count = 3));
    return list;
}

void store_write(struct store *store, const char *value, const char *path, ...)
{
    (void)store, (void)value, (void)path;
}

void store_write_number(struct store *store, uint64_t value, const char *path, ...)
{
    (void)store, (void)value, (void)path;
}

/* --- targets -------------------------------------------------------------------------------- */
struct target target_of_device(dev_t number)
{
    return (struct target){.self = {.device = number}, .whole = {.device = number},
                           .disk = number};
}

struct target target_of(const struct stat *st)
{
    (void)st;
    return target_of_device(device);
}

bool target_overlaps(const struct target *a, const struct target *b)
{
    return a->self.device == b->self.device;
}

bool target_is_claimed(const char *path, const struct target *target, char *loop)
{
    (void)path, (void)target;
    loop[0] = '\0';
    for (int i = 0; i < 2; i++) {
        struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1,
                             .l_start = (off_t)(target->whole.device + (unsigned)i) * 31};
        int fd = open(RECORD_DIR "/.claims", O_RDWR | O_CLOEXEC);

        /* Others wait for their turn, but for other disks. */
        assert_int_equal(fcntl(fd, F_OFD_SETLK, &byte), i ? 0 : -1);
        close(fd);
    }
    return is_used;
}

/* --- what is not asked here ------------------------------------------------------------------- */
void device_frontend_path(const struct device *d, char *path)
{
    (void)d, (void)path;
    fail();
}

void device_backend_path(const struct device *d, char *path)
{
    (void)d, (void)path;
    fail();
}

void device_record_path(const struct device *d, char *path)
{
    (void)d, (void)path;
    fail();
}

void device_write_front(struct store *store, const struct device *d)
{
    (void)store, (void)d;
    fail();
}

void device_write_record(struct store *store, const struct device *d)
{
    (void)store, (void)d;
    fail();
}

void device_write_back(struct store *store, const struct device *d)
{
    (void)store, (void)d;
    fail();
}

int device_wait_backend(struct store *store, const struct device *d, struct error *e)
{
    (void)store, (void)d, (void)e;
    fail();
    return 0;
}

int loop_attach(int file_fd, const char *name, bool read_only, char path[LOOP_PATH_MAX],
                struct error *e)
{
    (void)file_fd, (void)name, (void)read_only, (void)path, (void)e;
    fail();
    return 0;
}

bool loop_note(struct loop *loop, const char *path, const char *backing)
{
    (void)loop, (void)path, (void)backing;
    fail();
    return false;
}

/* --------------------------------------------------------------------------------------------- */
static int check(dev_t number, bool read_only, const struct target_id *had)
{
    struct disk_spec spec = {.target = (char *)(uintptr_t)file("disk"), .vdev = "xvda",
                             .read_only = read_only};

    memset(&err, 0, sizeof(err));
    device = number;
    return vbd_check(NULL, &spec, had, &err);
}

static int up(void **state)
{
    FILE *out = fopen(file("disk"), "w");

    (void)state;
    is_used = false;
    return fputs("x", out) < 0 || fclose(out) ? -1 : 0;
}

static int down(void **state)
{
    (void)state;
    return unlink(file("disk")) || system("rm -rf " RECORD_DIR) ? -1 : 0;
}

static void what_dom0_uses_may_only_be_read(void **state)
{
    (void)state;
    assert_int_equal(check(makedev(8, 9), false, NULL), 0);
    is_used = true;
    assert_int_equal(check(makedev(8, 9), true, NULL), 0);
    assert_int_equal(check(makedev(8, 9), false, NULL), -EEXIST);
    assert_non_null(strstr(err.text, "in use by Dom0 itself"));
}

static void a_domain_writes_to_disks_that_are_connected_and_not_read_only(void **state)
{
    struct target_id *had = vbd_written(NULL, OLD);
    struct target_id *none = vbd_written(NULL, OLD + 1);

    (void)state;
    assert_int_equal(had[0].device, makedev(8, 1));
    assert_int_equal(had[1].device, 0);
    assert_int_equal(none[0].device, 0);
    free(none);
    has_let_go_of_all = true;
    none = vbd_written(NULL, OLD);
    has_let_go_of_all = false;
    assert_int_equal(none[0].device, 0);
    free(had);
    free(none);
}

/* The name may mean another device by then, or the disk was taken away: 8:1 it was. */
static void only_of_what_a_guest_had_dom0_is_not_asked(void **state)
{
    struct target_id *had = vbd_written(NULL, OLD);

    (void)state;
    disks[0].number = NULL; /* domain 7 is gone */
    disks[1].number = NULL;
    is_used = true;
    assert_int_equal(check(makedev(8, 1), false, had), 0);
    assert_int_equal(check(makedev(8, 2), false, had), -EEXIST);
    assert_int_equal(check(makedev(8, 9), false, had), -EEXIST);
    disks[0].number = "8:1";
    disks[1].number = "8:2";
    free(had);
}

/* Domain 7 has lost its disk 5 to another tool. */
static void what_another_tool_has_detached_is_forgotten(void **state)
{
    struct config config = {.disks = calloc(3, sizeof(struct disk_spec)), .disk_count = 3};
    const uint32_t devids[] = {2, 5, 0};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        config.disks[i] = (struct disk_spec){.target = strdup("/a"), .devid = devids[i]};
    vbd_forget_detached(NULL, OLD, &config);
    assert_int_equal(config.disk_count, 2);
    assert_int_equal(config.disks[0].devid, 2);
    assert_int_equal(config.disks[1].devid, 0);
    vbd_forget_detached(NULL, OLD + 1, &config);
    assert_int_equal(config.disk_count, 0);
    free(config.disks);
}

static void another_guests_disk_is_in_use_whoever_had_it(void **state)
{
    const struct target_id had[] = {{.device = makedev(8, 1)}, {0}};

    (void)state;
    assert_int_equal(check(makedev(8, 1), false, had), -EEXIST);
    assert_non_null(strstr(err.text, "in use by domain"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_dom0_uses_may_only_be_read, up, down),
        cmocka_unit_test_setup_teardown(
            a_domain_writes_to_disks_that_are_connected_and_not_read_only, up, down),
        cmocka_unit_test_setup_teardown(only_of_what_a_guest_had_dom0_is_not_asked, up, down),
        cmocka_unit_test(what_another_tool_has_detached_is_forgotten),
        cmocka_unit_test_setup_teardown(another_guests_disk_is_in_use_whoever_had_it, up, down),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
