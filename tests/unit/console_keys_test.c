/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console_keys.c: the table, and that the dumps of a small machine say what they should.
 */
#include "core/base/hw.h"
#include "core/base/log.h"
#include "core/console.h"
#include "core/domain.h"
#include "drivers/power.h"
#include "irq/gic.h"
#include "irq/irq.h"
#include "mm/page_alloc.h"

#include <cmocka.h>

static struct vcpu vcpu = {
    .pc = 0xffff800012345678, .pstate = 0x5, .id = 0,
    .sched = { .state = VCPU_BLOCKED, .cpu = 1, .on_queue = true },
};
static struct vcpu *vcpus[2] = { &vcpu, NULL };
static struct domain dom0 = { .id = 0, .state = DOMAIN_RUNNING, .vcpu_max = 2, .vcpu = vcpus,
                              .pages_allocated = 77 };
struct domain *domain0 = &dom0;
static const struct gic_info gic = { .intids = 64 };
static bool was_reset;
static jmp_buf reset_jump;

struct domain *domain_next(unsigned id) { return id == 0 ? &dom0 : NULL; }
uint64_t page_alloc_free_count(void) { return 1234; }
uint64_t page_alloc_total_count(void) { return 5678; }
bool page_alloc_is_pending(void) { return true; }
unsigned vmid_bits(void) { return 8; }
unsigned vmid_rollovers(void) { return 3; }
const struct gic_info *gic_info(void) { return &gic; }
bool gic_irq_is_pending(unsigned intid) { return intid == 33; }
bool gic_irq_is_active(unsigned intid) { (void)intid; return false; }
bool irq_is_registered(unsigned intid) { return intid == 33; }
void *irq_owner(unsigned intid) { (void)intid; return NULL; }

_Noreturn void power_reset(void)
{
    was_reset = true;
    longjmp(reset_jump, 1);
}

static const char *dump(char key)
{
    static char buf[LOG_RING_BYTES + 1];
    uint64_t pos;

    log_clear(log_end());
    pos = log_oldest();
    console_debug_key(key);
    buf[log_read(&pos, buf, LOG_RING_BYTES)] = '\0';
    return buf;
}

static void up(void)
{
    fake_machine_init(2);
    vcpu.domain = &dom0;
    for (unsigned i = 0; i < ARRAY_SIZE(vcpu.x); i++)
        vcpu.x[i] = 0x1000 + i;
}

static void help_lists_every_key(void **state)
{
    (void)state;
    up();
    for (const char *key = "hqrmi0R"; *key; key++) {
        char quoted[] = { '\'', *key, '\'', '\0' };

        assert_non_null(strstr(dump('h'), quoted));
    }
}

static void dumps_say_what_they_should(void **state)
{
    (void)state;
    up();
    assert_non_null(strstr(dump('q'), "domain 0: running"));
    assert_non_null(strstr(dump('q'), "vcpu 0: blocked, CPU 1"));
    assert_non_null(strstr(dump('q'), "pages 77"));
    assert_non_null(strstr(dump('r'), "waits: domain 0 vcpu 0"));
    assert_non_null(strstr(dump('m'), "1234 pages free of 5678"));
    assert_non_null(strstr(dump('m'), "VMIDs: 8 bits, rolled over 3 times"));
    assert_non_null(strstr(dump('i'), "interrupt 33"));
    assert_non_null(strstr(dump('i'), "pending"));
}

static void registers_of_an_unloaded_vcpu_are_all_shown(void **state)
{
    (void)state;
    up();
    assert_non_null(strstr(dump('0'), "pc ffff800012345678"));
    assert_non_null(strstr(dump('0'), "x20 0000000000001014"));
    assert_non_null(strstr(dump('0'), "x30 000000000000101e\n"));
}

static void a_vcpu_loaded_elsewhere_is_only_named(void **state)
{
    (void)state;
    up();
    vcpu.sched.is_loaded = true;
    assert_non_null(strstr(dump('0'), "loaded on CPU 1"));
    assert_null(strstr(dump('0'), "x0 "));
}

static void the_vcpu_interrupted_here_has_its_pc_in_elr(void **state)
{
    (void)state;
    up();
    vcpu.sched.is_loaded = true;
    fake_percpus[0].current = &vcpu;
    fake_sysreg_set(FAKE_ELR_EL2, 0xabcd0);
    assert_non_null(strstr(dump('0'), "pc abcd0"));
    assert_null(strstr(dump('0'), "x20 "));
}

static void unknown_keys_do_nothing(void **state)
{
    (void)state;
    up();
    assert_string_equal(dump('Z'), "");
    assert_string_equal(dump('\0'), "");
    assert_string_equal(dump((char)0xff), "");
}

static void reboot_resets_the_machine(void **state)
{
    (void)state;
    up();
    if (setjmp(reset_jump) == 0)
        console_debug_key('R');
    assert_true(was_reset);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(help_lists_every_key),
    cmocka_unit_test(dumps_say_what_they_should),
    cmocka_unit_test(registers_of_an_unloaded_vcpu_are_all_shown),
    cmocka_unit_test(a_vcpu_loaded_elsewhere_is_only_named),
    cmocka_unit_test(the_vcpu_interrupted_here_has_its_pc_in_elr),
    cmocka_unit_test(unknown_keys_do_nothing),
    cmocka_unit_test(reboot_resets_the_machine),
};

FAKE_TEST_MAIN(tests)
