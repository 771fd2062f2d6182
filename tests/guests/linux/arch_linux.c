/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a debugger and a profiler need of a Linux guest, used as they do: counting and sampling
 * cycles with perf_event_open(), hardware breakpoints, watchpoints and single step with ptrace().
 * Prints "ok NAME" or "FAIL NAME", then a sum. As process 1 it is all of a guest's user space.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONTROL_EXECUTE 0x1e5u /* four bytes, EL0, on: DBGBCR_EL1 */
#define CONTROL_STORE 0x1ff5u  /* eight bytes, stores, EL0, on: DBGWCR_EL1 */
#define SAMPLE_PERIOD 1000000ul
#define RING_PAGES 8ul
#define SECONDS 2

struct debug_slots {           /* the kernel's struct user_hwdebug_state, 16 slots */
    uint32_t info, pad;
    struct { uint64_t address; uint32_t control, pad; } slot[16];
};

static unsigned failures;
static volatile uint64_t watched[2] __attribute__((aligned(16)));

static void check(const char *name, bool good)
{
    printf("%s %s\n", good ? "ok" : "FAIL", name);
    failures += !good;
}

/* --- performance monitors ---------------------------------------------------------------- */
static int event_open(uint64_t event, uint64_t period)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_HARDWARE, .size = sizeof(attr), .config = event,
        .sample_period = period, .sample_type = period ? PERF_SAMPLE_IP : 0,
        .exclude_hv = 1,
    };

    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static void __attribute__((noinline)) work(unsigned seconds)
{
    time_t end = time(NULL) + seconds + 1;
    volatile unsigned long sum = 0;

    while (time(NULL) < end)
        for (unsigned i = 0; i < 10000; i++)
            sum += i;
}

static uint64_t event_read(int fd)
{
    uint64_t value = 0;

    return read(fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

static unsigned samples_in(const struct perf_event_mmap_page *page)
{
    const char *data = (const char *)page + sysconf(_SC_PAGESIZE);
    uint64_t bytes = RING_PAGES * (uint64_t)sysconf(_SC_PAGESIZE);
    unsigned count = 0;

    for (uint64_t at = 0; at < page->data_head;) {
        const struct perf_event_header *h = (const void *)(data + at % bytes);

        count += h->type == PERF_RECORD_SAMPLE;
        if (!h->size)
            break;
        at += h->size;
    }
    return count;
}

static void count_and_sample(void)
{
    size_t bytes = (RING_PAGES + 1) * (size_t)sysconf(_SC_PAGESIZE);
    int counter = event_open(PERF_COUNT_HW_CPU_CYCLES, 0);
    int sampler = event_open(PERF_COUNT_HW_CPU_CYCLES, SAMPLE_PERIOD * 10);
    struct perf_event_mmap_page *page;
    uint64_t cycles, again;
    unsigned samples;

    check("perf_event_open, cycles", counter >= 0 && sampler >= 0);
    if (counter < 0 || sampler < 0) {
        printf("perf_event_open: %s\n", strerror(errno));
        return;
    }
    page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, sampler, 0);
    check("the ring buffer is mapped", page != MAP_FAILED);
    work(SECONDS);
    cycles = event_read(counter);
    samples = page != MAP_FAILED ? samples_in(page) : 0;
    printf("%llu cycles, %u samples\n", (unsigned long long)cycles, samples);
    check("cycles are counted", cycles > SAMPLE_PERIOD);
    check("overflows sample", samples >= 3);
    check("as often as the count says", samples <= cycles / (SAMPLE_PERIOD * 10) + 1);
    ioctl(counter, PERF_EVENT_IOC_DISABLE, 0);
    again = event_read(counter);
    work(0);
    check("a counter that is off stands still", event_read(counter) == again);
    close(counter);
    close(sampler);
}

/* --- debug ------------------------------------------------------------------------------- */
static void __attribute__((noinline)) target(void) { watched[1]++; }

static void child(void)
{
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    for (;;) {
        target();
        watched[0]++;
    }
}

static bool slot_set(pid_t pid, int kind, uint64_t address, uint32_t control)
{
    struct debug_slots d = { 0 };
    struct iovec v = { &d, 8 + sizeof(d.slot[0]) };

    d.slot[0].address = address;
    d.slot[0].control = control;
    return ptrace(PTRACE_SETREGSET, pid, (void *)(long)kind, &v) == 0;
}

static unsigned slots(pid_t pid, int kind)
{
    struct debug_slots d = { 0 };
    struct iovec v = { &d, sizeof(d) };

    return ptrace(PTRACE_GETREGSET, pid, (void *)(long)kind, &v) ? 0 : d.info & 0xff;
}

static uint64_t pc_of(pid_t pid)
{
    struct user_regs_struct r = { 0 };
    struct iovec v = { &r, sizeof(r) };

    ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &v);
    return r.pc;
}

/* Goes on by `request` until the next stop; is it a SIGTRAP with this code? */
static bool stops_with(pid_t pid, int request, int code, uint64_t *address)
{
    siginfo_t info = { 0 };
    int status;

    if (ptrace(request, pid, 0, 0) || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
        return false;
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    *address = (uint64_t)info.si_addr;
    return WSTOPSIG(status) == SIGTRAP && info.si_code == code;
}

static void debug(pid_t pid)
{
    uint64_t at = 0, pc;
    unsigned steps = 0;

    check("breakpoints are there", slots(pid, NT_ARM_HW_BREAK) >= 2);
    check("watchpoints are there", slots(pid, NT_ARM_HW_WATCH) >= 1);
    check("a breakpoint is set", slot_set(pid, NT_ARM_HW_BREAK, (uint64_t)target,
                                          CONTROL_EXECUTE));
    check("it is hit", stops_with(pid, PTRACE_CONT, TRAP_HWBKPT, &at) && at == (uint64_t)target);
    check("and once more", stops_with(pid, PTRACE_CONT, TRAP_HWBKPT, &at) &&
                           pc_of(pid) == (uint64_t)target);
    check("it is taken away", slot_set(pid, NT_ARM_HW_BREAK, 0, 0));
    check("a watchpoint is set", slot_set(pid, NT_ARM_HW_WATCH, (uint64_t)&watched[0],
                                          CONTROL_STORE));
    check("the store is seen", stops_with(pid, PTRACE_CONT, TRAP_HWBKPT, &at) &&
                               at == (uint64_t)&watched[0]);
    check("it is taken away, too", slot_set(pid, NT_ARM_HW_WATCH, 0, 0));
    for (pc = pc_of(pid); steps < 100; steps++) {
        uint64_t next;

        if (!stops_with(pid, PTRACE_SINGLESTEP, TRAP_TRACE, &at))
            break;
        next = pc_of(pid);
        if (next == pc)
            break;
        pc = next;
    }
    printf("%u single steps\n", steps);
    check("single steps", steps == 100);
}

int main(void)
{
    pid_t pid;
    int status;

    if (getpid() == 1) {
        mknod("/dev/console", S_IFCHR | 0600, 5 << 8 | 1);
        for (int fd = 0; fd < 3; fd++)
            dup2(open("/dev/console", O_RDWR), fd);
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    count_and_sample();
    pid = fork();
    if (!pid)
        child();
    waitpid(pid, &status, 0);
    debug(pid);
    kill(pid, SIGKILL);
    printf("arch_linux: %s\n", failures ? "FAILED" : "all ok");
    if (getpid() == 1)
        reboot(RB_POWER_OFF);
    return failures ? 1 : 0;
}
