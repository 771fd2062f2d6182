/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Disk and network interface specifications.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dom0/disk_spec.h"
#include "dom0/vif_spec.h"

static struct error err;
static int warned;

static void count_warning(const char *text, void *arg)
{
    (void)text;
    (void)arg;
    warned++;
}

static int disk(struct disk_spec *spec, const char *text)
{
    memset(&err, 0, sizeof(err));
    return disk_spec_parse(spec, text, &err);
}

static void assert_disk(const char *text, const char *target, const char *vdev, bool read_only)
{
    struct disk_spec spec;

    if (disk(&spec, text))
        fail_msg("%s: %s", text, err.text);
    assert_string_equal(spec.target, target);
    assert_string_equal(spec.vdev, vdev);
    assert_int_equal(spec.read_only, read_only);
    disk_spec_free(&spec);
}

static void assert_bad_disk(const char *text, const char *message)
{
    struct disk_spec spec;

    assert_true(disk(&spec, text) < 0);
    assert_int_equal(err.kind, ERROR_USAGE);
    if (!strstr(err.text, message))
        fail_msg("'%s' is not in '%s'", message, err.text);
}

static void all_spellings_of_a_disk_mean_the_same(void **state)
{
    (void)state;
    assert_disk("/d/a,raw,xvda,w", "/d/a", "xvda", false);
    assert_disk("/d/a,,xvda", "/d/a", "xvda", false);
    assert_disk("/d/a,,xvda,", "/d/a", "xvda", false);
    assert_disk(" /d/a , raw , xvda , rw ", "/d/a", "xvda", false);
    assert_disk("file:/d/a,xvda,w", "/d/a", "xvda", false);
    assert_disk("phy:/dev/vg/a,xvda1,r", "/dev/vg/a", "xvda1", true);
    assert_disk("vdev=xvda,access=ro,target=/d/a,b=c", "/d/a,b=c", "xvda", true);
    assert_disk("format=raw, vdev=hdc:cdrom, target=/d/a", "/d/a", "hdc", true);
    assert_disk("/d/a,raw,hdc,devtype=cdrom", "/d/a", "hdc", true);
    assert_disk("/d/x=y,raw,xvdb,w", "/d/x=y", "xvdb", false);
}

static void a_cd_is_read_only_whatever_its_access(void **state)
{
    (void)state;
    assert_disk("/d/a,raw,hdc:cdrom,w", "/d/a", "hdc", true);
    assert_disk("devtype=cdrom,access=rw,vdev=hdc,target=/d/a", "/d/a", "hdc", true);
    assert_disk("/d/a,raw,hdc,w,cdrom", "/d/a", "hdc", true);
}

static void flags_may_stand_before_the_target(void **state)
{
    struct disk_spec spec;

    (void)state;
    assert_disk("cdrom,vdev=hdc,target=/d/a", "/d/a", "hdc", true);
    assert_int_equal(disk(&spec, "vdev=xvdb, no-discard, target=/d/a"), 0);
    assert_string_equal(spec.target, "/d/a");
    assert_true(spec.no_discard);
    disk_spec_free(&spec);
}

static void wrong_disks_say_what_is_allowed(void **state)
{
    (void)state;
    assert_bad_disk("", "no target");
    assert_bad_disk("/a,raw", "no virtual device name");
    assert_bad_disk("/a,qcow2,xvda,w", "only 'raw'");
    assert_bad_disk("/a,raw,nvme0,w", "no virtual device name");
    assert_bad_disk("/a,raw,xvda,x", "not one of r, ro, w, rw");
    assert_bad_disk("/a,raw,xvda,w,what", "one part too many");
    assert_bad_disk("/a,raw,xvda,w,color=red", "unknown disk key 'color'");
    assert_bad_disk("/a,raw,xvda,w,script=block-nbd", "scripts are not run");
    assert_bad_disk("/a,raw,xvda,w,backend=driverdom", "Domain-0 only");
    assert_bad_disk("/a,raw,xvda,w,backendtype=qdisk", "only 'phy'");
    assert_bad_disk("/a,raw,xvdaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,w", "too long");
}

static void device_names_have_the_numbers_of_the_interface(void **state)
{
    static const struct {
        const char *name;
        uint32_t id;
    } known[] = {
        {"xvda", 51712}, {"xvdb", 51728}, {"xvda1", 51713}, {"xvdp15", 51967},
        {"xvdq", (1u << 28) | (16u << 8)}, {"xvda16", (1u << 28) | 16}, {"hda", 768},
        {"hdb1", 833}, {"hdc", 5632}, {"sda", 2048}, {"sdb2", 2066}, {"51712", 51712},
        {"xvdaa", (1u << 28) | (26u << 8)},
    };
    static const char *const unknown[] = {"", "x", "xvd", "xvdA", "xvda1x", "hde", "sdq", "sda16",
                                          "hda64", "xvda256", "xvdaaa", "foo"};
    uint32_t id;

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        assert_true(disk_spec_devid(known[i].name, &id));
        assert_int_equal(id, known[i].id);
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_false(disk_spec_devid(unknown[i], &id));
}

static void interfaces_take_their_keys_and_warn_of_others(void **state)
{
    struct vif_spec vif;

    (void)state;
    memset(&err, 0, sizeof(err));
    warned = 0;
    assert_int_equal(vif_spec_parse(&vif, "mac=00:16:3E:aa:bb:cc, bridge=br0 ,vifname=web",
                                    count_warning, NULL, &err), 0);
    assert_true(vif.mac_given);
    assert_int_equal(vif.mac[3], 0xaa);
    assert_string_equal(vif.bridge, "br0");
    assert_string_equal(vif.name, "web");
    assert_int_equal(warned, 0);
    assert_int_equal(vif_spec_parse(&vif, "script=vif-x,frob=1", count_warning, NULL, &err), 0);
    assert_int_equal(warned, 2);
    assert_false(vif.mac_given);
}

static void wrong_interfaces_are_refused(void **state)
{
    static const char *const wrong[] = {
        "bridge", "bridge=", "bridge=a/b", "vifname=sixteen-letters-x", "mac=00:16:3e:00:00",
        "mac=01:00:00:00:00:00", "mac=00:16:3e:00:00:0g", "mac=00:16:3e:00:00:00:00",
        "backend=other",
    };
    struct vif_spec vif;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        memset(&err, 0, sizeof(err));
        assert_true(vif_spec_parse(&vif, wrong[i], count_warning, NULL, &err) < 0);
        assert_int_equal(err.kind, ERROR_USAGE);
    }
}

static void addresses_survive_formatting(void **state)
{
    uint8_t mac[6];
    char text[VIF_SPEC_MAC_TEXT];

    (void)state;
    assert_true(vif_spec_parse_mac("00:16:3e:01:f2:0a", mac));
    vif_spec_format_mac(mac, text);
    assert_string_equal(text, "00:16:3e:01:f2:0a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_spellings_of_a_disk_mean_the_same),
        cmocka_unit_test(a_cd_is_read_only_whatever_its_access),
        cmocka_unit_test(flags_may_stand_before_the_target),
        cmocka_unit_test(wrong_disks_say_what_is_allowed),
        cmocka_unit_test(device_names_have_the_numbers_of_the_interface),
        cmocka_unit_test(interfaces_take_their_keys_and_warn_of_others),
        cmocka_unit_test(wrong_interfaces_are_refused),
        cmocka_unit_test(addresses_survive_formatting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
