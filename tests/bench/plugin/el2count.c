/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU plugin: counts what a hypervisor executes, exactly. Its code is known by its address range.
 * Two reports, written to `out` when QEMU ends:
 *   row ...   instructions and accesses by kind between the guest's markers (HINT #MARK_*)
 *   in ...    the functions that took most of the row before
 *   stay ...  uninterrupted stays at EL2, from a vector to ERET (or to a wait, which an interrupt
 *             ends, or to a look for interrupts): the longest by the function that takes most of
 *             each, and how many are how long
 * Arguments: out=FILE first=ADDRESS last=ADDRESS vectors=ADDRESS poll=ADDRESS symbols=FILE
 * slice=N; poll is the function that looks for interrupts. After N instructions of one stay a CPU
 * lets the next one run: QEMU 7.2 with -icount gives that one no time while the first spins without
 * YIELD or WFE, as Xen does. Not for MTTCG.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/plugin/insn.h"
#include "tests/bench/plugin/marks.h"
#include "tests/bench/plugin/qemu_api.h"
#include "tests/bench/plugin/symbols.h"

#define CPUS_MAX 64u
#define ROWS_MAX 64u
#define DEVICES_MAX 32u
#define FUNCTIONS_SHOWN 6u
#define ROW_FUNCTIONS_SHOWN 16u
#define VECTORS_LOWER 0x400u    /* of exceptions from a lower level */
#define VECTORS_BYTES 0x800u
#define VECTOR_BYTES 0x80u
#define STAY_CLASSES 24u        /* powers of two */

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_API_VERSION;
PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

struct counts {
    uint64_t kind[INSN_KIND_COUNT];
    uint64_t io_read[DEVICES_MAX], io_write[DEVICES_MAX];
    uint64_t functions[SYMBOLS_MAX];
};

/* What is known of an instruction when it is translated. */
struct instruction {
    uint32_t function;
    uint8_t kind;
    bool is_vector, is_poll;
    struct instruction *next;
    uint64_t address;
};

struct stay {
    uint64_t instructions;
    uint32_t functions[SYMBOLS_MAX];    /* instructions in each */
    uint32_t touched[SYMBOLS_MAX], touched_count;
    uint32_t vector;
    bool has_begun;                     /* at a vector: what boots is no stay */
};

/* The longest stay of those in which one function took most. */
struct longest {
    uint64_t instructions, times;
    uint32_t vector, top[FUNCTIONS_SHOWN], top_instructions[FUNCTIONS_SHOWN];
};

static struct {
    const char *out, *symbols;
    uint64_t first, last, vectors, poll, slice;
} args;

static struct counts rows[ROWS_MAX], *row = rows;
static bool is_on;
static const char *devices[DEVICES_MAX];
static struct stay stays[CPUS_MAX];
static struct longest longest[SYMBOLS_MAX];
static uint64_t stay_classes[STAY_CLASSES], stay_count;
static struct instruction *known[1 << 16];

/* --- stays -------------------------------------------------------------------------------- */

/* The functions that took most of a stay, most first. */
static void stay_top(const struct stay *s, struct longest *l)
{
    memset(l->top_instructions, 0, sizeof(l->top_instructions));
    for (uint32_t i = 0; i < s->touched_count; i++) {
        uint32_t function = s->touched[i], n = s->functions[function], at = FUNCTIONS_SHOWN;

        while (at && n > l->top_instructions[at - 1])
            at--;
        if (at == FUNCTIONS_SHOWN)
            continue;
        for (uint32_t k = FUNCTIONS_SHOWN - 1; k > at; k--) {
            l->top[k] = l->top[k - 1];
            l->top_instructions[k] = l->top_instructions[k - 1];
        }
        l->top[at] = function;
        l->top_instructions[at] = n;
    }
}

static void stay_record(const struct stay *s)
{
    struct longest now = { .instructions = s->instructions, .vector = s->vector }, *best;
    unsigned class = 0;

    stay_top(s, &now);
    best = &longest[now.top[0]];
    now.times = best->times + 1;
    if (now.instructions > best->instructions)
        *best = now;
    best->times = now.times;
    while (class < STAY_CLASSES - 1 && s->instructions >> (class + 1))
        class++;
    stay_classes[class]++;
    stay_count++;
}

/* A new one has begun if its first instruction is a vector's, or follows a wait. */
static void stay_end(struct stay *s, bool is_followed)
{
    if (s->has_begun && s->instructions)
        stay_record(s);
    s->has_begun = is_followed;
    for (uint32_t i = 0; i < s->touched_count; i++)
        s->functions[s->touched[i]] = 0;
    s->touched_count = 0;
    s->instructions = 0;
}

/* --- execution ---------------------------------------------------------------------------- */

static void executed(unsigned cpu, void *data)
{
    const struct instruction *i = data;
    struct stay *s = &stays[cpu % CPUS_MAX];

    if (is_on) {
        row->kind[i->kind]++;
        row->functions[i->function]++;
    }
    if (i->is_vector) {
        stay_end(s, true);
        s->vector = (uint32_t)((i->address - args.vectors) / VECTOR_BYTES);
    }
    if (i->is_poll)
        stay_end(s, s->has_begun);
    s->instructions++;
    if (args.slice && s->instructions % args.slice == 0)
        cpu_exit(qemu_get_cpu((int)cpu));
    if (!s->functions[i->function]++)
        s->touched[s->touched_count++] = i->function;
    if (i->kind == INSN_eret)
        stay_end(s, false);
    else if (i->kind == INSN_wait)
        stay_end(s, s->has_begun);
}

static unsigned device_index(const char *name)
{
    unsigned i = 0;

    while (i < DEVICES_MAX - 1 && devices[i] && strcmp(devices[i], name))
        i++;
    if (!devices[i])
        devices[i] = strdup(name);
    return i;
}

static void accessed(unsigned cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data)
{
    struct qemu_plugin_hwaddr *where;
    unsigned device;

    (void)cpu, (void)data;
    if (!is_on)
        return;
    where = qemu_plugin_get_hwaddr(info, address);
    if (!where || !qemu_plugin_hwaddr_is_io(where))
        return;
    device = device_index(qemu_plugin_hwaddr_device_name(where));
    (qemu_plugin_mem_is_store(info) ? row->io_write : row->io_read)[device]++;
}

static void marked(unsigned cpu, void *data)
{
    (void)cpu;
    switch ((uintptr_t)data) {
    case MARK_ON:
        is_on = true;
        break;
    case MARK_OFF:
        is_on = false;
        break;
    case MARK_DROP:
        memset(row, 0, sizeof(*row));
        break;
    default:
        if (row < &rows[ROWS_MAX - 1])
            row++;
    }
}

/* --- translation -------------------------------------------------------------------------- */

/* Code may be translated again: what is known of it stays the same. */
static struct instruction *describe(uint64_t address, uint32_t code)
{
    struct instruction **bucket = &known[address >> 2 & 0xffff], *i = *bucket;
    uint64_t offset = address - args.vectors;
    uint8_t kind = (uint8_t)insn_kind(code);

    while (i && (i->address != address || i->kind != kind))
        i = i->next;
    if (i)
        return i;
    i = calloc(1, sizeof(*i));
    if (!i)
        abort();
    i->address = address;
    i->function = symbols_at(address);
    i->kind = kind;
    i->is_poll = address == args.poll;
    i->is_vector = offset >= VECTORS_LOWER && offset < VECTORS_BYTES && !(offset % VECTOR_BYTES);
    i->next = *bucket;
    *bucket = i;
    return i;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t count = qemu_plugin_tb_n_insns(tb);

    (void)id;
    for (size_t n = 0; n < count; n++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, n);
        uint64_t address = qemu_plugin_insn_vaddr(insn);
        struct instruction *i;
        uint32_t code;
        int hint;

        memcpy(&code, qemu_plugin_insn_data(insn), sizeof(code));
        hint = insn_hint(code);
        if (hint >= MARK_FIRST && hint <= MARK_LAST)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, PLUGIN_NO_REGS,
                                                   (void *)(uintptr_t)hint);
        if (address < args.first || address > args.last)
            continue;
        i = describe(address, code);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, PLUGIN_NO_REGS, i);
        if (i->kind == INSN_load || i->kind == INSN_store || i->kind == INSN_atomic)
            qemu_plugin_register_vcpu_mem_cb(insn, accessed, PLUGIN_NO_REGS, PLUGIN_MEM_BOTH, i);
    }
}

/* --- report ------------------------------------------------------------------------------- */

/* Takes the counts of what it writes away. */
static void write_functions(FILE *f, uint64_t *functions)
{
    fprintf(f, "in");
    for (unsigned n = 0; n < ROW_FUNCTIONS_SHOWN; n++) {
        unsigned most = 0;

        for (unsigned i = 1; i < SYMBOLS_MAX; i++)
            if (functions[i] > functions[most])
                most = i;
        if (!functions[most])
            break;
        fprintf(f, " %s=%" PRIu64, symbols_name(most), functions[most]);
        functions[most] = 0;
    }
    fprintf(f, "\n");
}

static void write_rows(FILE *f)
{
    for (struct counts *r = rows; r < row; r++) {
        fprintf(f, "row %td", r - rows);
        for (unsigned k = 0; k < INSN_KIND_COUNT; k++)
            fprintf(f, " %s=%" PRIu64, insn_kind_names[k], r->kind[k]);
        for (unsigned d = 0; d < DEVICES_MAX && devices[d]; d++)
            fprintf(f, " io_read:%s=%" PRIu64 " io_write:%s=%" PRIu64, devices[d], r->io_read[d],
                    devices[d], r->io_write[d]);
        fprintf(f, "\n");
        write_functions(f, r->functions);
    }
}

static void write_stays(FILE *f)
{
    fprintf(f, "stays %" PRIu64 "\n", stay_count);
    for (unsigned i = 0; i < STAY_CLASSES; i++)
        if (stay_classes[i])
            fprintf(f, "class %lu %" PRIu64 "\n", 1ul << i, stay_classes[i]);
    for (unsigned s = 0; s < SYMBOLS_MAX; s++) {
        const struct longest *l = &longest[s];

        if (!l->times)
            continue;
        fprintf(f, "stay %" PRIu64 " times=%" PRIu64 " vector=%u", l->instructions, l->times,
                l->vector);
        for (unsigned i = 0; i < FUNCTIONS_SHOWN && l->top_instructions[i]; i++)
            fprintf(f, " %s=%u", symbols_name(l->top[i]), l->top_instructions[i]);
        fprintf(f, "\n");
    }
}

static void report(qemu_plugin_id_t id, void *data)
{
    FILE *f = fopen(args.out, "w");

    (void)id, (void)data;
    if (!f)
        return;
    write_rows(f);
    write_stays(f);
    fclose(f);
}

static bool take_argument(const char *text)
{
    const char *value = strchr(text, '=');

    if (!value++)
        return false;
    if (!strncmp(text, "out=", 4))
        args.out = strdup(value);
    else if (!strncmp(text, "symbols=", 8))
        args.symbols = strdup(value);
    else if (!strncmp(text, "first=", 6))
        args.first = strtoull(value, NULL, 0);
    else if (!strncmp(text, "last=", 5))
        args.last = strtoull(value, NULL, 0);
    else if (!strncmp(text, "vectors=", 8))
        args.vectors = strtoull(value, NULL, 0);
    else if (!strncmp(text, "poll=", 5))
        args.poll = strtoull(value, NULL, 0);
    else if (!strncmp(text, "slice=", 6))
        args.slice = strtoull(value, NULL, 0);
    else
        return false;
    return true;
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++)
        if (!take_argument(argv[i])) {
            fprintf(stderr, "el2count: argument %s is not known\n", argv[i]);
            return -1;
        }
    if (!args.out || !args.last || (args.symbols && !symbols_read(args.symbols))) {
        fprintf(stderr, "el2count: out=, first=, last= are needed, symbols= must be readable\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, report, NULL);
    return 0;
}
