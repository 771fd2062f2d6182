/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The UART's users: the log (by its sink), Dom0 (console_io of Xen public xen.h) and the domains
 * whose emulated UART is shown here. uart_lock protects transmission: who writes after another that
 * is in the middle of a line begins a new one. ring_lock protects the input waiting for Dom0.
 * Reception belongs to the interrupt handler, which one CPU runs.
 */
#include "core/console.h"

#include "core/base/errors.h"
#include "core/base/log.h"
#include "core/domain.h"
#include "core/hypercall.h"
#include "irq/irq.h"
#include "mm/guest_mem.h"

#define CHUNK_BYTES 128u    /* of one stay at EL2 */
#define RING_BYTES 1024u    /* input that Dom0 has not read yet */
#define RX_PER_INTERRUPT 64u
#define COUNT_MAX 0x7fffffffu /* xen.h: console_io supports 2 GiB */

#define SWITCH_KEY 0x01     /* Ctrl-A */
#define SWITCH_PRESSES 3u

static const struct uart_driver *uart; /* NULL: none */
static unsigned uart_irq;
static struct lock uart_lock = LOCK_INIT;
static char last_out = '\n'; /* a line feed gets a carriage return unless one was sent */
static domid_t last_writer; /* DOMID_INVALID: the log */

static struct lock ring_lock = LOCK_INIT;
static char ring[RING_BYTES];
static unsigned ring_head, ring_used;

#define INPUT_KEYS DOMID_INVALID /* to Purlin's debug keys */
static domid_t input_domain; /* only the receiving CPU writes it */
static unsigned switch_presses; /* in a row, not yet passed on */

static void put(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '\n' && last_out != '\r')
            uart_putc(uart, '\r');
        uart_putc(uart, text[i]);
        last_out = text[i];
    }
}

/* A line that another cuts in two ends with "\r\n\r": who reads the console can join it again. The
 * mark begins each line. In panic mode without the lock: its holder may have been stopped. */
static void write_out(domid_t writer, const char *mark, const char *text,
                      size_t bytes) LOCK_UNCHECKED
{
    bool is_locked = !log_is_in_panic();

    if (!uart)
        return;
    if (is_locked)
        lock_acquire(&uart_lock);
    if (writer != last_writer && last_out != '\n')
        put("\n\r", 2);
    if (writer != last_writer || last_out == '\n')
        put(mark, strlen(mark));
    last_writer = writer;
    put(text, bytes);
    if (is_locked)
        lock_release(&uart_lock);
}

static void log_out(const char *text, size_t bytes) { write_out(DOMID_INVALID, "", text, bytes); }

int console_init(const struct uart_driver *driver, const struct uart_config *config,
                 volatile void *regs)
{
    int error = driver->init(config, regs);

    if (error)
        return error;
    uart = driver;
    uart_irq = config->irq;
    log_set_sink(log_out);
    return 0;
}

static void ring_put(char c)
{
    lock_acquire(&ring_lock);
    if (ring_used < RING_BYTES)
        ring[(ring_head + ring_used++) % RING_BYTES] = c;
    lock_release(&ring_lock);
}

/* True when Dom0 has something new to read. */
static bool deliver(char c)
{
    struct domain *d = input_domain == INPUT_KEYS ? NULL : domain_by_id(input_domain);

    if (d && d == domain0) {
        ring_put(c);
        return true;
    }
    if (!d || !vpl011_receive(d, c))
        console_debug_key(c);
    return false;
}

void console_next_input(void)
{
    struct domain *d = domain_next(input_domain == INPUT_KEYS ? 0 : input_domain + 1);
    char name[16] = "Purlin", text[128];

    while (d && d != domain0 && !vpl011_is_on_console(&d->vpl011))
        d = domain_next(d->id + 1);
    WRITE_ONCE(input_domain, d ? d->id : INPUT_KEYS);
    if (d)
        log_format(name, sizeof(name), "Dom%u", d->id);
    log_format(text, sizeof(text), "*** Input goes to %s now%s; Ctrl-A three times: to the next\n",
               name, d ? "" : " ('h' lists the keys)");
    log_out(text, strlen(text));
}

bool console_domain_write(domid_t id, const char *text, size_t bytes)
{
    char mark[16] = "";

    if (READ_ONCE(input_domain) != id) {
        if (text[bytes - 1] != '\n' && bytes < CONSOLE_LINE_BYTES)
            return false;
        log_format(mark, sizeof(mark), "(d%u) ", id);
    }
    write_out(id, mark, text, bytes);
    return true;
}

/* One or two Ctrl-A that something else follows were meant for the reader, and come late. */
static bool receive(char c)
{
    bool has_input = false;

    if (c == SWITCH_KEY) {
        if (++switch_presses == SWITCH_PRESSES) {
            switch_presses = 0;
            console_next_input();
        }
        return false;
    }
    for (; switch_presses; switch_presses--)
        has_input |= deliver(SWITCH_KEY);
    return deliver(c) | has_input;
}

static bool console_interrupt(unsigned, void *)
{
    bool has_input = false;
    int c;

    uart->irq_ack(); /* before the reads: a character that comes after them interrupts again */
    for (unsigned n = 0; n < RX_PER_INTERRUPT && (c = uart->getc()) >= 0; n++)
        has_input |= receive((char)c);
    if (has_input)
        evtchn_virq_raise(domain0, VIRQ_CONSOLE);
    return true;
}

void console_irq_init(void)
{
    int error;

    if (!uart || !uart_irq) {
        log_warning("console: the UART has no interrupt: no input\n");
        return;
    }
    error = irq_register(uart_irq, console_interrupt, NULL);
    if (error) {
        log_error("console: interrupt %u can't be used: no input, error %d\n", uart_irq, error);
        return;
    }
    gic_irq_set_type(uart_irq, false);
    gic_irq_set_target(uart_irq, 0);
    gic_irq_enable(uart_irq);
    uart->rx_irq_enable();
}

static int64_t guest_write(uint64_t count, uint64_t buf)
{
    char chunk[CHUNK_BYTES];
    size_t bytes = MIN(count, CHUNK_BYTES);

    if (guest_mem_read(chunk, gva(buf), bytes)) /* untrusted; read once */
        return -EFAULT;
    write_out(domain0->id, "", chunk, bytes);
    return count > bytes ? hypercall_continue(3, CONSOLEIO_write, count - bytes, buf + bytes) : 0;
}

/* What a fault keeps from the reader stays in the ring. */
static int64_t guest_read(uint64_t count, uint64_t buf)
{
    char chunk[CHUNK_BYTES];
    int64_t result;
    unsigned bytes;

    lock_acquire(&ring_lock);
    bytes = (unsigned)MIN(MIN(count, CHUNK_BYTES), ring_used);
    for (unsigned i = 0; i < bytes; i++)
        chunk[i] = ring[(ring_head + i) % RING_BYTES];
    result = guest_mem_write(gva(buf), chunk, bytes);
    if (result == 0) {
        ring_head = (ring_head + bytes) % RING_BYTES;
        ring_used -= bytes;
        result = bytes;
    }
    lock_release(&ring_lock);
    return result;
}

int64_t console_hypercall(uint64_t cmd, uint64_t count, uint64_t buf, uint64_t, uint64_t)
{
    count = (uint32_t)count;
    if (!domain_current()->is_privileged)
        return -EPERM;
    if (count > COUNT_MAX)
        return -E2BIG;
    if ((uint32_t)cmd == CONSOLEIO_write)
        return guest_write(count, buf);
    return (uint32_t)cmd == CONSOLEIO_read ? guest_read(count, buf) : -ENOSYS;
}
