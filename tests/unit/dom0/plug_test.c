/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Devices that come and go while a domain runs: its record, which a restart goes by, says so.
 * Xenstore and back ends are replaced by functions that do what is wanted.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "dom0/record.h"
#undef RECORD_DIR
#define RECORD_DIR "/tmp/purlin-plug-test"
#include "dom0/plug.c"
#include "dom0/record.c"

#define DOMID 7u
#define UUID "01000000-0000-0000-0000-000000000000"
#define ROUNDS 200u

static struct purlin session;
static const struct domain domain = {.domid = DOMID, .name = "web", .uuid = UUID};
static struct error err;
static const char *mac;      /* of the interface that is removed */
static int connecting;       /* what the back end answers */
static int closing;          /* and the guest */
static unsigned undone;
static char attached[STORE_PATH_MAX];
static bool is_lost;         /* somebody takes what was attached away again */
static bool has_ended, is_gone; /* the guest, in the end */
static int back_state;       /* of one that drives itself; 0: none does */

/* --- xenstore and devices ------------------------------------------------------------------- */
char *store_read(struct store *store, const char *path, ...)
{
    va_list args;
    const char *node;

    (void)store;
    va_start(args, path);
    va_end(args);
    node = strrchr(path, '/');
    if (strcmp(node, "/mac") == 0)
        return mac ? strdup(mac) : NULL;
    return strcmp(node, "/bridge") == 0 ? strdup("xenbr0") : NULL;
}

int store_read_int(struct store *store, int missing, const char *path, ...)
{
    (void)store, (void)path;
    return back_state ? back_state : missing;
}

bool store_exists(struct store *store, const char *path, ...)
{
    char text[STORE_PATH_MAX];
    va_list args;

    (void)store;
    va_start(args, path);
    vsnprintf(text, sizeof(text), path, args);
    va_end(args);
    return strcmp(text, attached) == 0;
}

static void attach_as(const struct device *device)
{
    snprintf(attached, sizeof(attached), "/local/domain/0/backend/%s/%u/%u/state", device->kind,
             device->domid, device->devid);
}

void store_write(struct store *store, const char *value, const char *path, ...)
{
    (void)store, (void)value, (void)path;
}

void store_write_number(struct store *store, uint64_t value, const char *path, ...)
{
    (void)store, (void)path;
    if (back_state)
        back_state = (int)value;
}

void store_remove(struct store *store, const char *path, ...)
{
    (void)store, (void)path;
}

void store_remove_up(struct store *store, const char *path, ...)
{
    (void)store, (void)path;
}

int store_transact(struct store *store, int (*body)(struct store *store, void *arg), void *arg,
                   const char *what, struct error *e)
{
    (void)e;
    undone += strcmp(what, "closing the device") == 0;
    if (strcmp(what, "removing the device") == 0)
        attached[0] = '\0';
    return body(store, arg);
}

int store_wait(struct store *store, const struct store_wait *wait)
{
    if (!back_state)
        return closing;
    /* As the driver does that was about to connect, and does not look in between. */
    assert_int_equal(back_state, XenbusStateClosing);
    back_state = XenbusStateConnected;
    assert_int_equal(wait->done(store, wait->arg), 0);
    assert_int_equal(back_state, XenbusStateClosing);
    assert_int_equal(wait->done(store, wait->arg), 0);
    back_state = XenbusStateClosed;
    return wait->done(store, wait->arg);
}

void device_frontend_path(const struct device *device, char *path)
{
    (void)device;
    strcpy(path, "/front");
}

void device_backend_path(const struct device *device, char *path)
{
    (void)device;
    strcpy(path, "/back");
}

int device_need_driver(const char *kind, const char *module, struct error *e)
{
    (void)kind, (void)module, (void)e;
    return 0;
}

int device_undo_script(struct store *store, const struct device *device, struct error *e)
{
    (void)store, (void)device, (void)e;
    return 0;
}

int domain_get(struct purlin *s, uint32_t domid, struct domain *now, struct error *e)
{
    (void)s;
    *now = (struct domain){.domid = domid, .shutdown = has_ended};
    return is_gone ? error_set(e, ERROR_NOT_FOUND, "domain %u is gone", domid) : 0;
}

int domain_check_home(struct purlin *s, uint32_t domid, struct error *e)
{
    (void)s, (void)domid, (void)e;
    return 0;
}

int vbd_check(struct store *store, const struct disk_spec *spec, const struct target_id *had,
              struct error *e)
{
    (void)store, (void)spec, (void)e;
    assert_null(had);
    return 0;
}

int vbd_check_again(struct store *store, const struct vbd *vbd, struct error *e)
{
    (void)store, (void)vbd, (void)e;
    return 0;
}

int vbd_open(unsigned domid, const struct disk_spec *spec, struct vbd *vbd, struct error *e)
{
    (void)e;
    vbd->spec = spec;
    vbd->device = (struct device){.kind = "vbd", .domid = domid, .devid = spec->devid};
    return 0;
}

void vbd_write_front(struct store *store, const struct vbd *vbd)
{
    (void)store, (void)vbd;
}

void vbd_write_record(struct store *store, const struct vbd *vbd)
{
    (void)store, (void)vbd;
}

void vbd_write_back(struct store *store, const struct vbd *vbd)
{
    (void)store;
    if (!is_lost)
        attach_as(&vbd->device);
}

int vbd_wait(struct store *store, struct vbd *vbd, struct error *e)
{
    (void)store, (void)vbd;
    return connecting ? error_set(e, ERROR_FAILED, "no back end") : 0;
}

void vbd_release(struct vbd *vbd)
{
    (void)vbd;
}

int vif_check(const struct vif_spec *spec, struct error *e)
{
    (void)spec, (void)e;
    return 0;
}

void vif_init(struct vif *vif, unsigned domid, uint32_t devid, const struct vif_spec *spec)
{
    vif->spec = spec;
    vif->device = (struct device){.kind = "vif", .domid = domid, .devid = devid};
    strcpy(vif->bridge, spec->bridge[0] ? spec->bridge : "xenbr0");
}

void vif_write_front(struct store *store, const struct vif *vif)
{
    (void)store, (void)vif;
}

void vif_write_record(struct store *store, const struct vif *vif)
{
    (void)store, (void)vif;
}

void vif_write_back(struct store *store, const struct vif *vif)
{
    (void)store;
    attach_as(&vif->device);
}

int vif_connect(struct store *store, struct vif *vif, struct error *e)
{
    (void)store, (void)vif;
    return connecting ? error_set(e, ERROR_FAILED, "no back end") : 0;
}

/* --------------------------------------------------------------------------------------------- */
static void made_with(const char *devices)
{
    struct config_source source = {.path = RECORD_DIR "/source", .warn = ignore};
    struct config config;
    FILE *out;

    mkdir(RECORD_DIR, 0755);
    out = fopen(source.path, "w");
    assert_non_null(out);
    fprintf(out, "name='web'\nmemory=32\nkernel='/k'\nuuid='" UUID "'\n%s\n", devices);
    fclose(out);
    assert_int_equal(config_load(&config, &source, &err), 0);
    assert_int_equal(record_write(DOMID, &config, &err), 0);
    config_free(&config);
}

/* "xvda=/a xvdb=/b 00:16:3e:00:00:01@xenbr0": what a restart would be with. */
static void assert_record(const char *wanted)
{
    struct config config;
    char text[512] = "";

    assert_true(record_load(&domain, &config));
    for (size_t i = 0; i < config.disk_count; i++)
        sprintf(text + strlen(text), " %s=%s", config.disks[i].vdev, config.disks[i].target);
    for (size_t i = 0; i < config.vif_count; i++) {
        char address[VIF_SPEC_MAC_TEXT];

        vif_spec_format_mac(config.vifs[i].mac, address);
        sprintf(text + strlen(text), " %s@%s", address, config.vifs[i].bridge);
    }
    config_free(&config);
    assert_string_equal(text + (text[0] == ' '), wanted);
}

static void attach_disk(const char *text, int wanted)
{
    struct disk_spec spec;

    assert_int_equal(disk_spec_parse(&spec, text, &err), 0);
    assert_int_equal(plug_attach_disk(&session, &domain, &spec, &err), wanted);
    disk_spec_free(&spec);
}

static int detach(const char *kind, uint32_t devid)
{
    return plug_detach(&session, &domain, &(struct plug_detach){kind, devid, false}, &err);
}

static uint32_t number_of(const char *vdev)
{
    uint32_t devid = 0;

    assert_true(disk_spec_devid(vdev, &devid));
    return devid;
}

static int up(void **state)
{
    (void)state;
    memset(&err, 0, sizeof(err));
    mac = NULL;
    connecting = 0;
    closing = 1;
    undone = 0;
    attached[0] = '\0';
    is_lost = has_ended = is_gone = false;
    back_state = 0;
    return system("rm -rf " RECORD_DIR) == 0 ? 0 : -1;
}

static int down(void **state)
{
    return up(state);
}

static void a_restart_is_without_a_disk_that_was_removed(void **state)
{
    (void)state;
    made_with("disk=['/a,raw,xvda,w','/b,raw,xvdb,w']");
    assert_int_equal(detach("vbd", number_of("xvdb")), 0);
    assert_record("xvda=/a");
    assert_int_equal(detach("vbd", number_of("xvda")), 0);
    assert_record("");
}

static void a_disk_that_the_guest_keeps_stays(void **state)
{
    (void)state;
    made_with("disk=['/a,raw,xvda,w']");
    closing = -ETIMEDOUT;
    assert_int_not_equal(detach("vbd", number_of("xvda")), 0);
    assert_record("xvda=/a");
}

/* Its supervisor has read the record already, or is about to destroy what is detached. */
static void a_restart_that_comes_between_is_told(void **state)
{
    (void)state;
    made_with("disk=['/a,raw,xvda,w']");
    is_gone = true;
    assert_int_not_equal(detach("vbd", number_of("xvda")), 0);
    assert_non_null(strstr(err.text, "web has ended meanwhile"));
    error_clear(&err);
    is_gone = false;
    has_ended = true;
    attach_disk("/b,raw,xvdb,r", -EIO);
    assert_non_null(strstr(err.text, "may be without the device"));
}

static void what_is_taken_away_again_does_not_come_with_a_restart(void **state)
{
    (void)state;
    made_with("disk=['/a,raw,xvda,w']");
    is_lost = true;
    attach_disk("/b,raw,xvdb,r", -EIO);
    assert_record("xvda=/a");
}

static void a_back_end_that_connects_meanwhile_is_asked_again(void **state)
{
    (void)state;
    made_with("disk=['/a,raw,xvda,w']");
    back_state = XenbusStateInitWait;
    assert_int_equal(detach("vbd", number_of("xvda")), 0);
    assert_record("");
}

static void a_restart_is_with_a_disk_that_was_added(void **state)
{
    (void)state;
    made_with("disk=['/a,raw,xvda,w']");
    attach_disk("/b,raw,xvdb,r", 0);
    assert_record("xvda=/a xvdb=/b");
    connecting = -EIO;
    attach_disk("/c,raw,xvdc,w", -EIO);
    assert_record("xvda=/a xvdb=/b");
    assert_int_equal(undone, 1);
}

static void interfaces_come_and_go_by_their_address(void **state)
{
    struct vif_spec spec = {.mac = {0, 0x16, 0x3e, 0, 0, 3}};
    uint32_t devid;

    (void)state;
    made_with("vif=['mac=00:16:3e:00:00:01','mac=00:16:3e:00:00:02,bridge=br1',"
              "'mac=00:16:3e:00:00:02']");
    assert_int_equal(plug_attach_network(&session, &domain, &spec, &devid, &err), 0);
    assert_record("00:16:3e:00:00:01@xenbr0 00:16:3e:00:00:02@br1 00:16:3e:00:00:02@xenbr0 "
                  "00:16:3e:00:00:03@xenbr0");
    mac = "00:16:3e:00:00:02";
    assert_int_equal(detach("vif", 2), 0);
    assert_record("00:16:3e:00:00:01@xenbr0 00:16:3e:00:00:02@br1 00:16:3e:00:00:03@xenbr0");
}

static void a_device_of_a_guest_without_a_record_goes_all_the_same(void **state)
{
    (void)state;
    assert_int_equal(detach("vbd", 51712), 0);
    attach_disk("/b,raw,xvdb,r", 0);
    assert_int_not_equal(access(RECORD_DIR "/7.cfg", F_OK), 0);
}

/* A record cannot list more. */
static void one_device_too_many_is_taken_back(void **state)
{
    char text[4096] = "disk=[";

    (void)state;
    for (unsigned i = 0; i < CONFIG_MAX_DEVICES; i++)
        sprintf(text + strlen(text), "'/%u,raw,xvd%c%c,w',", i, 'a' + i / 26, 'a' + i % 26);
    strcat(text, "]");
    made_with(text);
    attach_disk("/b,raw,xvdz,r", -EIO);
    assert_non_null(strstr(err.text, "64"));
    assert_int_equal(undone, 1);
    assert_int_equal(detach("vbd", number_of("xvdaa")), 0);
    memset(&err, 0, sizeof(err));
    attach_disk("/b,raw,xvdz,r", 0);
}

static int change_weight(struct config *config, void *arg, struct error *e)
{
    (void)arg, (void)e;
    config->cpu_weight++;
    return 0;
}

static void *change_many(void *failures)
{
    struct error e = {0};

    for (unsigned i = 0; i < ROUNDS; i++)
        *(unsigned *)failures += record_update(&domain, change_weight, NULL, &e) != 0;
    return NULL;
}

static void changes_at_once_are_not_in_each_others_way(void **state)
{
    unsigned failures[2] = {0};
    struct config config;
    pthread_t threads[2];

    (void)state;
    made_with("cpu_weight=1");
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, change_many, &failures[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failures[0] + failures[1], 0);
    assert_true(record_load(&domain, &config));
    assert_int_equal(config.cpu_weight, 1 + 2 * ROUNDS);
    config_free(&config);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_restart_is_without_a_disk_that_was_removed, up, down),
        cmocka_unit_test_setup_teardown(a_disk_that_the_guest_keeps_stays, up, down),
        cmocka_unit_test_setup_teardown(a_restart_that_comes_between_is_told, up, down),
        cmocka_unit_test_setup_teardown(what_is_taken_away_again_does_not_come_with_a_restart, up,
                                        down),
        cmocka_unit_test_setup_teardown(a_back_end_that_connects_meanwhile_is_asked_again, up,
                                        down),
        cmocka_unit_test_setup_teardown(a_restart_is_with_a_disk_that_was_added, up, down),
        cmocka_unit_test_setup_teardown(interfaces_come_and_go_by_their_address, up, down),
        cmocka_unit_test_setup_teardown(a_device_of_a_guest_without_a_record_goes_all_the_same, up,
                                        down),
        cmocka_unit_test_setup_teardown(one_device_too_many_is_taken_back, up, down),
        cmocka_unit_test_setup_teardown(changes_at_once_are_not_in_each_others_way, up, down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
