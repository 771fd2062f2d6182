/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console.c: what reaches the UART, who gets its input, and console_io. The UART is this file's;
 * the layers around are replaced by functions that record.
 */
#include "core/base/errors.h"
#include "core/base/hw.h"
#include "core/base/log.h"
#include "core/console.h"
#include "core/domain.h"
#include "core/evtchn.h"
#include "core/hypercall.h"
#include "irq/gic.h"
#include "irq/irq.h"
#include "mm/guest_mem.h"

#include <cmocka.h>

static char out[8192];
static size_t out_bytes;
static const char *in = "";
static irq_handler handler;
static unsigned virqs, acks;
static char keys[64];
static unsigned key_count;
static bool guest_faults;

static struct domain dom0 = { .id = 0, .is_privileged = true }, domu = { .id = 1 };
static struct vcpu vcpu = { .domain = &dom0 };
struct domain *domain0;

/* --- the UART ------------------------------------------------------------------------------- */
static int uart_init(const struct uart_config *c, volatile void *regs)
{
    (void)regs;
    return c->base ? 0 : -EINVAL;
}

static bool uart_put(char c)
{
    out[out_bytes++] = c;
    return true;
}

static int uart_getc(void) { return *in ? (unsigned char)*in++ : -1; }
static void uart_nop(void) { }
static void uart_ack(void) { acks++; }

static const struct uart_driver driver = {
    .init = uart_init, .put = uart_put, .getc = uart_getc, .rx_irq_enable = uart_nop,
    .irq_ack = uart_ack,
};

/* --- what is around ------------------------------------------------------------------------- */
int irq_register(unsigned intid, irq_handler h, void *owner)
{
    (void)owner;
    assert_int_equal(intid, 33);
    handler = h;
    return 0;
}

void gic_irq_set_type(unsigned intid, bool edge) { (void)intid; assert_false(edge); }
void gic_irq_set_target(unsigned intid, unsigned cpu) { (void)intid; assert_int_equal(cpu, 0); }
void gic_irq_enable(unsigned intid) { (void)intid; }

void evtchn_virq_raise(struct domain *d, unsigned virq)
{
    assert_ptr_equal(d, domain0);
    assert_int_equal(virq, VIRQ_CONSOLE);
    virqs++;
}

static char heard[16]; /* by domu's UART, while it has one here */
static size_t heard_count;

struct domain *domain_next(unsigned id)
{
    return id == 0 && domain0 ? domain0 : id <= domu.id ? &domu : NULL;
}

struct domain *domain_by_id(domid_t id) { return id ? id == domu.id ? &domu : NULL : domain0; }

bool vpl011_receive(struct domain *d, char c)
{
    assert_ptr_equal(d, &domu);
    if (domu.vpl011.ring)
        heard[heard_count++] = c;
    return domu.vpl011.ring;
}

void console_debug_key(char key) { keys[key_count++] = key; }

int guest_mem_read(void *dst, gva_t src, size_t bytes)
{
    assert_true(bytes <= 128);
    if (guest_faults)
        return -EFAULT;
    memcpy(dst, (const void *)(uintptr_t)src.v, bytes);
    return 0;
}

int guest_mem_write(gva_t dst, const void *src, size_t bytes)
{
    if (guest_faults)
        return -EFAULT;
    memcpy((void *)(uintptr_t)dst.v, src, bytes);
    return 0;
}

int64_t hypercall_continue(unsigned count, uint64_t a0, uint64_t a1, uint64_t a2)
{
    assert_int_equal(count, 3);
    return console_hypercall(a0, a1, a2, 0, 0);
}

static void up(void)
{
    const struct uart_config c = { .base = 1, .irq = 33 };

    fake_machine_init(1);
    fake_percpus[0].current = &vcpu;
    domain0 = &dom0;
    assert_int_equal(console_init(&driver, &c, NULL), 0);
    console_irq_init();
    out_bytes = 0;
}

static void type(const char *text)
{
    in = text;
    handler(33, NULL);
}

static int64_t console_io(unsigned cmd, const void *buf, size_t bytes)
{
    return console_hypercall(cmd, bytes, (uintptr_t)buf, 0, 0);
}

static const char *printed(void)
{
    out[out_bytes] = '\0';
    return out;
}

static void the_log_comes_out_with_carriage_returns(void **state)
{
    const struct uart_config c = { .base = 1 };

    (void)state;
    fake_machine_init(1);
    log_info("early\n");
    assert_int_equal(console_init(&driver, &c, NULL), 0);
    assert_string_equal(printed(), "(PUR) early\r\n");
}

static void a_uart_that_fails_is_told(void **state)
{
    const struct uart_config c = { .base = 0 };

    (void)state;
    fake_machine_init(1);
    assert_int_equal(console_init(&driver, &c, NULL), -EINVAL);
    console_irq_init(); /* no UART, no input: not fatal */
    assert_null(handler);
}

static void dom0_writes_any_length(void **state)
{
    char text[1000];

    (void)state;
    up();
    memset(text, 'x', sizeof(text));
    assert_int_equal(console_io(CONSOLEIO_write, text, sizeof(text)), 0);
    assert_int_equal(out_bytes, sizeof(text));
    assert_int_equal(console_io(CONSOLEIO_write, text, 0), 0);
}

static void a_carriage_return_is_not_doubled(void **state)
{
    (void)state;
    up();
    console_io(CONSOLEIO_write, "a\r", 2);
    console_io(CONSOLEIO_write, "\nb\n", 3);
    assert_string_equal(printed(), "a\r\nb\r\n");
}

static void no_line_goes_on_in_anothers(void **state)
{
    (void)state;
    up();
    console_io(CONSOLEIO_write, "dom0:~# ", 8);
    log_info("one\n");
    log_info("two\n");
    console_io(CONSOLEIO_write, "a", 1);
    console_io(CONSOLEIO_write, "b\n", 2);
    log_info("three\n");
    console_io(CONSOLEIO_write, "c\r", 2);
    assert_true(console_domain_write(1, "d\n", 2));
    assert_string_equal(printed(), "dom0:~# \r\n\r(PUR) one\r\n(PUR) two\r\nab\r\n(PUR) three\r\n"
                                   "c\r\n\r(d1) d\r\n");
}

static void dom0_reads_what_was_typed(void **state)
{
    char buf[16];

    (void)state;
    up();
    assert_int_equal(console_io(CONSOLEIO_read, buf, sizeof(buf)), 0);
    type("hello\r");
    assert_int_equal(virqs, 1);
    assert_int_equal(acks, 1);
    assert_int_equal(console_io(CONSOLEIO_read, buf, 3), 3);
    assert_memory_equal(buf, "hel", 3);
    assert_int_equal(console_io(CONSOLEIO_read, buf, sizeof(buf)), 3);
    assert_memory_equal(buf, "lo\r", 3);
}

static void input_survives_a_reader_that_faults(void **state)
{
    char buf[16];

    (void)state;
    up();
    type("abc");
    guest_faults = true;
    assert_int_equal(console_io(CONSOLEIO_read, buf, sizeof(buf)), -EFAULT);
    assert_int_equal(console_io(CONSOLEIO_write, buf, 4), -EFAULT);
    guest_faults = false;
    assert_int_equal(console_io(CONSOLEIO_read, buf, sizeof(buf)), 3);
}

static void a_full_ring_drops_the_newest(void **state)
{
    char buf[128];
    size_t total = 0;
    int64_t n;

    (void)state;
    up();
    for (unsigned i = 0; i < 100; i++)
        type("0123456789abcdef");
    while ((n = console_io(CONSOLEIO_read, buf, sizeof(buf))) > 0)
        total += (size_t)n;
    assert_int_equal(total, 1024);
}

static void others_may_not_use_it(void **state)
{
    char buf[4];

    (void)state;
    up();
    type("secret");
    vcpu.domain = &domu;
    assert_int_equal(console_io(CONSOLEIO_write, "x", 1), -EPERM);
    assert_int_equal(console_io(CONSOLEIO_read, buf, 4), -EPERM);
    assert_int_equal(out_bytes, 0);
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    up();
    assert_int_equal(console_io(2, NULL, 0), -ENOSYS);
    assert_int_equal(console_io(CONSOLEIO_write, NULL, 0x80000000ul), -E2BIG);
}

static void three_switch_keys_move_the_input(void **state)
{
    (void)state;
    up();
    type("\x01\x01\x01");
    assert_non_null(strstr(printed(), "Purlin"));
    type("qh");
    assert_int_equal(virqs, 0);
    assert_int_equal(key_count, 2);
    assert_memory_equal(keys, "qh", 2);
    type("\x01\x01\x01x");
    assert_int_equal(virqs, 1);
    assert_int_equal(key_count, 2);
}

static void a_domain_whose_uart_is_here_has_its_turn(void **state)
{
    struct xencons_interface ring;

    (void)state;
    up();
    domu.vpl011.ring = &ring;
    type("\x01\x01\x01");
    assert_non_null(strstr(printed(), "Dom1"));
    type("ab");
    assert_int_equal(heard_count, 2);
    assert_memory_equal(heard, "ab", 2);
    type("\x01\x01\x01" "h\x01\x01\x01" "x");
    assert_int_equal(key_count, 1);
    assert_int_equal(virqs, 1);
    /* Its end while it has the input leaves that to the debug keys. */
    type("\x01\x01\x01");
    domu.vpl011.ring = NULL;
    type("m");
    assert_int_equal(key_count, 2);
    /* A ring that goes to another domain is none of this console. */
    type("\x01\x01\x01\x01\x01\x01");
    domu.vpl011 = (struct vpl011){ .ring = &ring, .port = 3 };
    out_bytes = 0;
    type("\x01\x01\x01");
    assert_non_null(strstr(printed(), "Purlin"));
    domu.vpl011 = (struct vpl011){ 0 };
}

static void domains_write_lines_and_the_one_with_the_input_characters(void **state)
{
    struct xencons_interface ring;
    char piece[CONSOLE_LINE_BYTES];

    (void)state;
    up();
    domu.vpl011.ring = &ring;
    assert_false(console_domain_write(1, "half a ", 7));
    assert_int_equal(out_bytes, 0);
    assert_true(console_domain_write(1, "half a line\n", 12));
    assert_string_equal(printed(), "(d1) half a line\r\n");
    out_bytes = 0;
    memset(piece, 'x', sizeof(piece));
    assert_true(console_domain_write(1, piece, sizeof(piece))); /* a long line, in pieces */
    assert_true(console_domain_write(1, "y\n", 2));
    assert_memory_equal(printed(), "(d1) xxx", 8);
    assert_string_equal(printed() + 5 + sizeof(piece), "y\r\n");
    type("\x01\x01\x01");
    out_bytes = 0;
    assert_true(console_domain_write(1, "$", 1));
    assert_string_equal(printed(), "$");
    domu.vpl011.ring = NULL;
}

static void fewer_switch_keys_are_input(void **state)
{
    char buf[16];

    (void)state;
    up();
    type("\x01\x01");
    assert_int_equal(virqs, 0);
    type("x");
    assert_int_equal(virqs, 1);
    assert_int_equal(console_io(CONSOLEIO_read, buf, sizeof(buf)), 3);
    assert_memory_equal(buf, "\x01\x01x", 3);
}

static void without_dom0_input_is_purlins(void **state)
{
    (void)state;
    up();
    domain0 = NULL;
    type("h");
    assert_int_equal(key_count, 1);
    assert_int_equal(virqs, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_log_comes_out_with_carriage_returns),
    cmocka_unit_test(a_uart_that_fails_is_told),
    cmocka_unit_test(dom0_writes_any_length),
    cmocka_unit_test(a_carriage_return_is_not_doubled),
    cmocka_unit_test(no_line_goes_on_in_anothers),
    cmocka_unit_test(dom0_reads_what_was_typed),
    cmocka_unit_test(input_survives_a_reader_that_faults),
    cmocka_unit_test(a_full_ring_drops_the_newest),
    cmocka_unit_test(others_may_not_use_it),
    cmocka_unit_test(wrong_calls_are_refused),
    cmocka_unit_test(three_switch_keys_move_the_input),
    cmocka_unit_test(a_domain_whose_uart_is_here_has_its_turn),
    cmocka_unit_test(domains_write_lines_and_the_one_with_the_input_characters),
    cmocka_unit_test(fewer_switch_keys_are_input),
    cmocka_unit_test(without_dom0_input_is_purlins),
};

FAKE_TEST_MAIN(tests)
