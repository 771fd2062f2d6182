/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A domain that others destroy, or rename, while it is being made: at each request to xenstore.
 * Whatever comes of it, nothing is left. Others are a tool that works as libxl does; replaced are
 * the hypervisor, the back ends, files and processes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <xen/io/xenbus.h>

/* Not those that are linked. */
#define userdata_write   write_userdata
#define userdata_remove  remove_userdata
#include "dom0/create.c"
#define access(path, how) 0 /* the kernel has each back end */
#include "dom0/device.c"
#undef access
#include "dom0/domain.c"
#define forget_body tree_forget_body /* domain.c has one, too */
#include "dom0/tree.c"
#include "tests/unit/dom0/fake_store.h"

#define DOMID 7u
#define HOME "/local/domain/7"
#define VM "/vm/00000000-0000-0000-0000-000000000000"
#define BACK "/local/domain/0/backend"

static struct {
    unsigned turn;   /* of xenstore, since the domain was made */
    unsigned steps;  /* that the other tool has done */
    unsigned at[3];  /* when it does them; 0: never */
    bool renames;
    bool is_gone;
    bool has_userdata;
    bool has_disk_open;
    bool is_supervised;
    bool is_marked;
    unsigned killed_at; /* the maker */
    unsigned begun_with; /* back ends that are announced, when it is said to have begun */
} world;

static struct purlin session;

/* --- the other tool -------------------------------------------------------------------------- */
static char listed[4][STORE_PATH_MAX];
static unsigned listed_count;

/* What the toolstack's records say of devices. */
static void list_devices(void)
{
    listed_count = 0;
    for (unsigned i = 0; i < fake_node_count && listed_count < 4; i++) {
        const char *path = fake_nodes[i].path;
        size_t size = strlen(path);

        if (fake_is_below(path, "/libxl/7/device") && size > 8 &&
            strcmp(path + size - 8, "/backend") == 0)
            strcpy(listed[listed_count++], fake_nodes[i].value);
    }
}

static void remove_up(char *path)
{
    do {
        fake_remove(path);
        *strrchr(path, '/') = '\0';
    } while (path[0] && fake_find(path) && !fake_has_children(path));
}

static void forget_domain(void)
{
    char paths[][STORE_PATH_MAX] = {VM, HOME, "/libxl/7"};

    for (unsigned i = 0; i < listed_count; i++)
        if (fake_find(listed[i]))
            remove_up(listed[i]);
    world.has_userdata = false;
    for (unsigned i = 0; i < 3; i++)
        if (fake_find(paths[i]))
            remove_up(paths[i]);
}

static void do_step(void)
{
    switch (world.steps++) {
    case 0:
        list_devices();
        break;
    case 1:
        forget_domain();
        break;
    default:
        world.is_gone = true;
    }
}

static void let_others_work(unsigned turn)
{
    while (world.steps < 3 && world.at[world.steps] && world.at[world.steps] <= turn)
        do_step();
    if (world.renames && turn >= world.at[0] && fake_find(HOME "/name")) {
        fake_write(HOME "/name", "bob");
        fake_write(VM "/name", "bob");
        world.renames = false;
    }
    fake_is_frozen |= turn == world.killed_at;
}

static void fake_store_turn(void)
{
    let_others_work(++world.turn);
}

/* --- the hypervisor -------------------------------------------------------------------------- */
bool domctl_is_gone(struct hyper *hyper, domid_t domid)
{
    (void)hyper, (void)domid;
    let_others_work(++world.turn);
    return world.is_gone;
}

int domctl_info(struct hyper *hyper, domid_t domid, struct xen_domctl_getdomaininfo *info)
{
    (void)hyper;
    memset(info, 0, sizeof(*info));
    info->domain = domid;
    return world.is_gone || fake_is_frozen ? -ESRCH : 0; /* a dead maker waits for nothing */
}

int domctl_next(struct hyper *hyper, domid_t first, struct xen_domctl_getdomaininfo *info)
{
    return domctl_info(hyper, first, info);
}

int domctl_pause(struct hyper *hyper, domid_t domid)
{
    (void)hyper, (void)domid;
    return world.is_gone ? -ESRCH : 0;
}

int domctl_unpause(struct hyper *hyper, domid_t domid)
{
    return domctl_pause(hyper, domid);
}

int domctl_destroy(struct hyper *hyper, domid_t domid)
{
    int rc = domctl_pause(hyper, domid);

    world.is_gone |= !fake_is_frozen;
    return rc;
}

int builder_read_files(struct builder_files *files, const struct config *config, struct error *err)
{
    (void)files, (void)config, (void)err;
    return 0;
}

void builder_free_files(struct builder_files *files)
{
    (void)files;
}

int builder_preview(struct builder *builder, struct guest_map *map, struct file *dtb,
                    struct error *err)
{
    (void)builder, (void)map, (void)dtb, (void)err;
    return 0;
}

int builder_run(struct builder *builder, struct error *err)
{
    (void)err;
    builder->domid = DOMID;
    builder->born(builder->born_arg, DOMID);
    world.turn = 0;
    return 0;
}

bool xs_introduce_domain(struct xs_handle *h, unsigned domid, unsigned long gfn, unsigned port)
{
    (void)h, (void)domid, (void)gfn, (void)port;
    let_others_work(++world.turn);
    return !world.is_gone;
}

/* --- devices: the back ends answer at once --------------------------------------------------- */
int vbd_check(struct store *store, const struct disk_spec *spec, const struct target_id *had,
              struct error *err)
{
    (void)store, (void)spec, (void)had, (void)err;
    return 0;
}

int vbd_check_pair(const struct disk_spec *first, const struct disk_spec *second,
                   struct error *err)
{
    (void)first, (void)second, (void)err;
    return 0;
}

int vbd_check_again(struct store *store, const struct vbd *vbd, struct error *err)
{
    (void)store, (void)vbd, (void)err;
    return 0;
}

int vbd_open(unsigned domid, const struct disk_spec *spec, struct vbd *vbd, struct error *err)
{
    (void)err;
    vbd->spec = spec;
    vbd->device = (struct device){.kind = "vbd", .domid = domid, .devid = spec->devid};
    world.has_disk_open = true;
    return 0;
}

void vbd_release(struct vbd *vbd)
{
    (void)vbd;
    world.has_disk_open = false;
}

void vbd_write_front(struct store *store, const struct vbd *vbd)
{
    device_write_front(store, &vbd->device);
}

void vbd_write_back(struct store *store, const struct vbd *vbd)
{
    device_write_back(store, &vbd->device);
}

void vbd_write_record(struct store *store, const struct vbd *vbd)
{
    device_write_record(store, &vbd->device);
}

static int wait_for(struct store *store, const struct device *device, struct error *err)
{
    char back[STORE_PATH_MAX];

    device_backend_path(device, back);
    if (store_read_int(store, 0, "%s/state", back) == XenbusStateInitialising)
        return 0;
    return error_set(err, ERROR_FAILED, "%s: its back end gave up", device->kind);
}

int vbd_wait(struct store *store, struct vbd *vbd, struct error *err)
{
    return wait_for(store, &vbd->device, err);
}

struct loop *vbd_loops(struct store *store, unsigned domid)
{
    (void)store, (void)domid;
    return calloc(1, sizeof(struct loop));
}

int vif_check(const struct vif_spec *spec, struct error *err)
{
    (void)spec, (void)err;
    return 0;
}

void vif_init(struct vif *vif, unsigned domid, uint32_t devid, const struct vif_spec *spec)
{
    vif->spec = spec;
    vif->device = (struct device){.kind = "vif", .domid = domid, .devid = devid};
}

void vif_write_front(struct store *store, const struct vif *vif)
{
    device_write_front(store, &vif->device);
}

void vif_write_back(struct store *store, const struct vif *vif)
{
    device_write_back(store, &vif->device);
}

void vif_write_record(struct store *store, const struct vif *vif)
{
    device_write_record(store, &vif->device);
}

int vif_connect(struct store *store, struct vif *vif, struct error *err)
{
    return wait_for(store, &vif->device, err);
}

/* Back ends close when they are told to. */
int store_wait(struct store *store, const struct store_wait *wait)
{
    for (unsigned i = 0; i < fake_node_count; i++)
        if (fake_is_below(fake_nodes[i].path, BACK) &&
            strcmp(strrchr(fake_nodes[i].path, '/'), "/state") == 0 &&
            atoi(fake_nodes[i].value) == XenbusStateClosing)
            snprintf(fake_nodes[i].value, sizeof(fake_nodes[i].value), "%d", XenbusStateClosed);
    return wait->done(store, wait->arg);
}

int hotplug_undo(const char *script, const char *kind, const char *back, struct error *err)
{
    (void)script, (void)kind, (void)back, (void)err;
    return 0;
}

bool loop_wait_detached(const struct loop *loop, int limit_ms)
{
    (void)loop, (void)limit_ms;
    return true;
}

/* --- files and processes --------------------------------------------------------------------- */
int userdata_write(const char *dir, uint32_t domid, const struct config *config, struct error *err)
{
    (void)dir, (void)domid, (void)config, (void)err;
    let_others_work(++world.turn);
    world.has_userdata |= !fake_is_frozen;
    return 0;
}

void userdata_remove(const char *dir, uint32_t domid)
{
    (void)dir, (void)domid;
    world.has_userdata = false;
}

int record_write(uint32_t domid, const struct config *config, struct error *err)
{
    (void)domid, (void)config, (void)err;
    return 0;
}

void record_remove(uint32_t domid)
{
    (void)domid;
}

int orphan_begin(const uint8_t uuid[16])
{
    (void)uuid;
    return -1;
}

void orphan_born(const uint8_t uuid[16], uint32_t domid, int fd)
{
    (void)uuid, (void)domid, (void)fd;
    world.is_marked = true;
}

void orphan_unborn(const uint8_t uuid[16], int fd)
{
    (void)uuid, (void)fd;
}

int orphan_mark(uint32_t domid)
{
    (void)domid;
    world.is_marked = true;
    return -1;
}

bool orphan_is_marked(uint32_t domid)
{
    (void)domid;
    return world.is_marked;
}

void orphan_adopt(uint32_t domid, int fd)
{
    (void)domid, (void)fd;
    world.is_marked = false;
}

void orphan_forget(uint32_t domid)
{
    (void)domid;
    world.is_marked = false;
}

bool orphan_is_overtaken(int fd)
{
    (void)fd;
    return false;
}

int orphan_watch(uint32_t domid)
{
    (void)domid;
    assert_false(world.has_disk_open);
    return -1;
}

void orphan_wait(int fd, int limit_ms)
{
    (void)fd, (void)limit_ms;
}

void purlin_progress(struct purlin *s, const char *format, ...)
{
    (void)s, (void)format;
}

void orphan_reap(struct purlin *s)
{
    (void)s;
}

/* --------------------------------------------------------------------------------------------- */
static int begun(void *arg, uint32_t domid, struct error *err)
{
    (void)arg, (void)domid, (void)err;
    for (unsigned i = 0; i < fake_node_count; i++)
        world.begun_with += fake_is_below(fake_nodes[i].path, BACK) &&
                            strcmp(strrchr(fake_nodes[i].path, '/'), "/online") == 0;
    return 0;
}

static int supervise(void *arg, uint32_t domid, struct error *err)
{
    (void)arg, (void)domid, (void)err;
    world.is_supervised = true;
    return 0;
}

static int make_alice(void)
{
    static struct disk_spec disk = {.devid = 51712, .vdev = "xvda", .target = (char *)"/disk"};
    static struct vif_spec vif;
    static const struct config config = {.name = (char *)"alice", .kernel = (char *)"k",
                                         .cmdline = (char *)"", .vcpus = 1, .maxvcpus = 1,
                                         .disks = &disk, .disk_count = 1, .vifs = &vif,
                                         .vif_count = 1};
    const struct create_options options = {.start = true, .begun = begun, .supervise = supervise};
    struct error err = {0};
    uint32_t domid;

    return create_domain(&session, &config, &options, &domid, &err);
}

/* Xenstore has nothing, but for what is always there. */
static void nothing_is_left(const char *of_what)
{
    fake_make("/local/domain");
    for (unsigned i = 0; i < fake_node_count && fake_node_count > 2; i++)
        print_error("%s: %s\n", of_what, fake_nodes[i].path);
    assert_int_equal(fake_node_count, 2);
    assert_false(world.has_userdata);
}

static void reset(void)
{
    fake_store_reset();
    memset(&world, 0, sizeof(world));
}

static unsigned turns_of_a_making(void)
{
    reset();
    assert_int_equal(make_alice(), 0);
    return world.turn;
}

static void one_that_is_left_alone_has_all(void **state)
{
    (void)state;
    assert_true(turns_of_a_making() > 30);
    assert_true(world.is_supervised && world.has_userdata && !world.has_disk_open);
    assert_int_equal(world.begun_with, 2);
    assert_string_equal(fake_find(BACK "/vbd/7/51712/state")->value, "1");
    assert_string_equal(fake_find(BACK "/vif/7/0/state")->value, "1");
    assert_non_null(fake_find("/libxl/7/device/vbd/51712/backend"));
    assert_non_null(fake_find("/libxl/7/device/vif/0/backend"));
}

/* The other tool's steps at three turns of xenstore. */
static void destroy_at(unsigned first, unsigned second, unsigned third)
{
    struct error err = {0};
    char text[80];
    int rc;

    reset();
    world.at[0] = first;
    world.at[1] = second;
    world.at[2] = third;
    rc = make_alice();
    assert_true(rc == 0 ? world.is_supervised : world.is_gone);
    assert_false(world.has_disk_open);
    while (world.steps < 3)
        do_step();
    assert_int_equal(domain_clear_up(&session, DOMID, &err), 0); /* as its supervisor does */
    snprintf(text, sizeof(text), "turns %u, %u and %u, rc %d", first, second, third, rc);
    nothing_is_left(text);
}

static void one_that_others_destroy_leaves_nothing(void **state)
{
    static const unsigned delays[] = {0, 1, 2, 5, 12, 30};
    const unsigned count = sizeof(delays) / sizeof(delays[0]);
    unsigned turns = turns_of_a_making();

    (void)state;
    for (unsigned i = 1; i <= turns; i++)
        for (unsigned j = 0; j < count * count; j++)
            destroy_at(i, i + delays[j / count], i + delays[j / count] + delays[j % count]);
}

/* Nothing comes of what it does when it is dead. */
static void one_whose_maker_is_killed_leaves_nothing_when_it_is_destroyed(void **state)
{
    unsigned turns = turns_of_a_making();
    struct error err = {0};

    (void)state;
    for (unsigned i = 1; i <= turns; i++) {
        char text[40];

        reset();
        world.killed_at = i;
        make_alice();
        fake_is_frozen = false;
        assert_int_equal(domain_destroy(&session, DOMID, &err), 0);
        snprintf(text, sizeof(text), "killed at turn %u", i);
        nothing_is_left(text);
    }
}

static void one_that_others_rename_has_one_name(void **state)
{
    unsigned turns = turns_of_a_making();

    (void)state;
    for (unsigned i = 1; i <= turns; i++) {
        reset();
        world.renames = true;
        world.at[0] = i;
        world.steps = 3;
        assert_int_equal(make_alice(), 0);
        assert_string_equal(fake_find(HOME "/name")->value, "bob");
        assert_string_equal(fake_find(VM "/name")->value, "bob");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_is_left_alone_has_all),
        cmocka_unit_test(one_that_others_destroy_leaves_nothing),
        cmocka_unit_test(one_whose_maker_is_killed_leaves_nothing_when_it_is_destroyed),
        cmocka_unit_test(one_that_others_rename_has_one_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
