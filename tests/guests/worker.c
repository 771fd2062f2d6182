/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The guest of the endurance tests: small enough to be made a thousand times, and yet it uses what
 * a guest uses. It says a line on its console, writes to xenstore, and then does what it is asked:
 *   data/up     written by it: "1", when it has come so far
 *   data/mode   read once: "burn" works as told below, "crash" crashes, else it serves
 *   data/ping   a new value is answered in data/pong
 *   control/shutdown  "poweroff", "reboot": does so
 * Burning: data/from = "ask" is answered with its clock (ns) in data/now. A number there is a
 * moment of that clock: it works from a second before, and writes what it gets done in the SPAN_NS
 * after it to data/count, and the time that it had a CPU then to data/ran. All guests' clocks are
 * one.
 */
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define SHARED_GFN (GUEST_GNTTAB_BASE >> 12) /* a place with nothing in it */
#define SPAN_NS 10000000000ul
#define LEAD_NS 1000000000ul /* it works so long before it counts */
#define WORK 2000 /* turns of an empty loop: one unit of work */
#define TURN_NS 100000ul
#define TEXT 64

static shared_info_t *const shared = (shared_info_t *)GUEST_GNTTAB_BASE;
static struct xenstore_domain_interface *store;
static uint32_t store_port;
static uint32_t request_id;
static volatile struct vcpu_runstate_info runstate;

/* --- hypercalls --------------------------------------------------------------------------- */

static int64_t hypercall3(uint64_t number, uint64_t a, uint64_t b, const volatile void *c)
{
    register uint64_t x0 __asm__("x0") = a;
    register uint64_t x1 __asm__("x1") = b;
    register uint64_t x2 __asm__("x2") = (uint64_t)c;
    register uint64_t x16 __asm__("x16") = number;

    __asm__ volatile("hvc #0xea1" : "+r"(x0), "+r"(x1), "+r"(x2) : "r"(x16)
                     : "x3", "x4", "memory");
    return (int64_t)x0;
}

static int64_t hypercall(uint64_t number, uint64_t a, const volatile void *b)
{
    return hypercall3(number, a, (uint64_t)b, NULL);
}

static void die(unsigned reason)
{
    struct sched_shutdown arg = {.reason = reason};

    for (;;)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &arg);
}

static void check(int64_t rc)
{
    if (rc)
        die(SHUTDOWN_crash);
}

static uint64_t parameter(uint32_t index)
{
    struct xen_hvm_param arg = {.domid = DOMID_SELF, .index = index};

    check(hypercall(__HYPERVISOR_hvm_op, HVMOP_get_param, &arg));
    return arg.value;
}

static void notify(uint32_t port)
{
    struct evtchn_send arg = {.port = port};

    check(hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &arg));
}

/* Masked, an event wakes the poll and raises no upcall. */
static void mask(uint32_t port)
{
    __atomic_fetch_or(&shared->evtchn_mask[port / 64], 1ul << port % 64, __ATOMIC_SEQ_CST);
}

/* Returns when the port has had an event; what it was about is looked at after this. */
static void wait_for(uint32_t port)
{
    evtchn_port_t ports[] = {port};
    struct sched_poll arg = {.nr_ports = 1};

    set_xen_guest_handle(arg.ports, ports);
    check(hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, &arg));
    __atomic_fetch_and(&shared->evtchn_pending[port / 64], ~(1ul << port % 64), __ATOMIC_SEQ_CST);
}

/* --- text --------------------------------------------------------------------------------- */

static size_t length(const char *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    return n;
}

static int equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static void number_text(uint64_t value, char text[TEXT])
{
    char digits[20];
    int n = 0;

    do
        digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    while (n)
        *text++ = digits[--n];
    *text = '\0';
}

static uint64_t text_number(const char *text)
{
    uint64_t value = 0;

    while (*text >= '0' && *text <= '9')
        value = value * 10 + (uint64_t)(*text++ - '0');
    return value;
}

static void console_say(const char *text)
{
    struct xencons_interface *ring =
        (struct xencons_interface *)(parameter(HVM_PARAM_CONSOLE_PFN) << 12);
    XENCONS_RING_IDX at = ring->out_prod;

    for (; *text; text++)
        ring->out[MASK_XENCONS_IDX(at++, ring->out)] = *text;
    __atomic_store_n(&ring->out_prod, at, __ATOMIC_RELEASE);
    notify((uint32_t)parameter(HVM_PARAM_CONSOLE_EVTCHN));
}

/* --- xenstore ----------------------------------------------------------------------------- */

static void send_bytes(const void *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        while (store->req_prod - __atomic_load_n(&store->req_cons, __ATOMIC_ACQUIRE) ==
               XENSTORE_RING_SIZE)
            wait_for(store_port);
        store->req[MASK_XENSTORE_IDX(store->req_prod)] = ((const char *)from)[i];
        __atomic_store_n(&store->req_prod, store->req_prod + 1, __ATOMIC_RELEASE);
    }
}

static void receive_bytes(void *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        while (store->rsp_cons == __atomic_load_n(&store->rsp_prod, __ATOMIC_ACQUIRE))
            wait_for(store_port);
        ((char *)to)[i] = store->rsp[MASK_XENSTORE_IDX(store->rsp_cons)];
        __atomic_store_n(&store->rsp_cons, store->rsp_cons + 1, __ATOMIC_RELEASE);
    }
}

/* One message; its text, cut at TEXT. The answer to the last request, or a watch's event. */
static uint32_t receive(char text[TEXT])
{
    struct xsd_sockmsg head;
    char byte;

    receive_bytes(&head, sizeof(head));
    for (uint32_t i = 0; i < head.len; i++) {
        receive_bytes(&byte, 1);
        if (i < TEXT - 1)
            text[i] = byte;
    }
    text[head.len < TEXT - 1 ? head.len : TEXT - 1] = '\0';
    notify(store_port);
    return head.type;
}

/* `first` and `second` are the request's strings; the last one of a write has no end. */
static uint32_t ask(uint32_t type, const char *first, const char *second, char answer[TEXT])
{
    size_t end = type == XS_WRITE ? 0 : 1;
    struct xsd_sockmsg head = {.type = type, .req_id = ++request_id};
    uint32_t got;

    head.len = (uint32_t)(length(first) + 1 + (second ? length(second) + end : 0));
    send_bytes(&head, sizeof(head));
    send_bytes(first, length(first) + 1);
    if (second)
        send_bytes(second, length(second) + end);
    notify(store_port);
    do /* the events that come before the answer are seen again: every value is looked at */
        got = receive(answer);
    while (got == XS_WATCH_EVENT);
    return got;
}

static void store_write(const char *path, const char *value)
{
    char answer[TEXT];

    if (ask(XS_WRITE, path, value, answer) != XS_WRITE)
        die(SHUTDOWN_crash);
}

/* "" when it is not there. */
static void store_read(const char *path, char value[TEXT])
{
    if (ask(XS_READ, path, NULL, value) != XS_READ)
        value[0] = '\0';
}

/* --- what it does ------------------------------------------------------------------------- */

/* Unix time of the counter's zero, and the counter. */
static uint64_t now_ns(void)
{
    uint64_t hz, ticks;

    __asm__ volatile("isb; mrs %0, cntfrq_el0; mrs %1, cntvct_el0" : "=r"(hz), "=r"(ticks));
    return shared->wc_sec * 1000000000ul + shared->wc_nsec + ticks / hz * 1000000000ul +
           ticks % hz * 1000000000ul / hz;
}

/* The timer's interrupt ends a WFI; it is enabled nowhere, so nothing else comes of it. */
static void sleep_until(uint64_t end)
{
    uint64_t hz, ticks, now = now_ns();

    if (now >= end)
        return;
    __asm__ volatile("mrs %0, cntfrq_el0; mrs %1, cntvct_el0" : "=r"(hz), "=r"(ticks));
    ticks += (end - now) / 1000 * hz / 1000000;
    __asm__ volatile("msr cntv_cval_el0, %0; msr cntv_ctl_el0, %1; isb" : : "r"(ticks), "r"(1ul));
    while (now_ns() < end)
        __asm__ volatile("wfi");
    __asm__ volatile("msr cntv_ctl_el0, xzr; isb");
}

/* ns that it has had a CPU up to when it got it last, and when that was, by its clock. */
struct stint {
    uint64_t ran;
    uint64_t since;
};

/* The hypervisor's time of run states begins at a moment that no guest is told: the least that the
 * clock was ever ahead of it, which is right after a switch. */
static uint64_t states_began = UINT64_MAX;

static struct stint stint_now(void)
{
    struct stint s;
    uint64_t ahead;

    do {
        s.since = runstate.state_entry_time;
        s.ran = runstate.time[RUNSTATE_running];
        ahead = now_ns() - s.since;
    } while (s.since != runstate.state_entry_time);
    states_began = ahead < states_began ? ahead : states_began;
    s.since += states_began;
    return s;
}

/* With -icount the emulator runs one CPU until the next timer of any fires, and all CPUs' clocks go
 * on meanwhile: a timer that interrupts nobody makes such turns short. */
static void keep_turns_short(void)
{
    uint64_t hz, ticks;

    __asm__ volatile("mrs %0, cntfrq_el0; mrs %1, cntvct_el0" : "=r"(hz), "=r"(ticks));
    ticks += TURN_NS * hz / 1000000000ul;
    __asm__ volatile("msr cntv_cval_el0, %0; msr cntv_ctl_el0, %1" : : "r"(ticks), "r"(3ul));
}

/* Works until `end`; *ran: ns that it has had a CPU by then. It may see the end long after: when
 * it waited for its CPU, or when the emulator did not run it. */
static uint64_t work_until(uint64_t end, uint64_t *ran)
{
    struct stint before = stint_now(), last;
    uint64_t done = 0;

    while (now_ns() < end) {
        before = stint_now();
        keep_turns_short();
        for (int i = 0; i < WORK; i++)
            __asm__ volatile("");
        done++;
    }
    last = stint_now();
    if (last.since > end) { /* waiting at the end, or since then */
        uint64_t most = before.since < end ? before.ran + end - before.since : before.ran;

        *ran = last.ran < most ? last.ran : most;
    } else {
        *ran = last.ran + end - last.since;
    }
    return done;
}

static void burn(void)
{
    char text[TEXT], clock[TEXT];
    struct vcpu_register_runstate_memory_area area = {.addr.p = (uint64_t)&runstate};
    uint64_t from, before, after, done;

    check(hypercall3(__HYPERVISOR_vcpu_op, VCPUOP_register_runstate_memory_area, 0, &area));
    ask(XS_WATCH, "data/from", "f", text);
    do {
        receive(text);
        store_read("data/from", text);
        number_text(now_ns(), clock);
        if (equal(text, "ask"))
            store_write("data/now", clock);
    } while (text[0] < '0' || text[0] > '9');
    from = text_number(text);
    sleep_until(from - LEAD_NS);
    work_until(from, &before);
    done = work_until(from + SPAN_NS, &after);
    number_text(after - before, text);
    store_write("data/ran", text);
    number_text(done, text);
    store_write("data/count", text);
}

static void serve(void)
{
    char text[TEXT], seen[TEXT] = "";

    ask(XS_WATCH, "control/shutdown", "s", text);
    ask(XS_WATCH, "data/ping", "p", text);
    for (;;) {
        receive(text);
        store_read("control/shutdown", text);
        if (text[0])
            store_write("control/shutdown", "");
        if (equal(text, "poweroff"))
            die(SHUTDOWN_poweroff);
        if (equal(text, "reboot"))
            die(SHUTDOWN_reboot);
        store_read("data/ping", text);
        if (!equal(text, seen))
            store_write("data/pong", text);
        for (size_t i = 0; i < TEXT; i++)
            seen[i] = text[i];
    }
}

void worker(void)
{
    struct xen_add_to_physmap arg = {.domid = DOMID_SELF, .space = XENMAPSPACE_shared_info,
                                     .gpfn = SHARED_GFN};
    uint32_t console_port = (uint32_t)parameter(HVM_PARAM_CONSOLE_EVTCHN);
    char mode[TEXT];

    check(hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, &arg));
    store = (struct xenstore_domain_interface *)(parameter(HVM_PARAM_STORE_PFN) << 12);
    store_port = (uint32_t)parameter(HVM_PARAM_STORE_EVTCHN);
    mask(console_port);
    mask(store_port);
    console_say("worker: up\r\n");
    store_read("data/mode", mode);
    store_write("data/up", "1");
    if (equal(mode, "crash"))
        die(SHUTDOWN_crash);
    if (equal(mode, "burn"))
        burn();
    serve();
}
