/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the workloads' scripts need besides Debian's programs, static, the same in every Linux:
 *   tool seed                  credits the kernel's random number generator (untrusted bits: a rig)
 *   tool begin NAME | end NAME opens and closes a measured window: tells the counting plugin by
 *                              HINT instructions, and the console by CNTVCT in ns
 *   tool serve PORT            runs a shell for each connection, its input and output the socket
 *   tool ask HOST PORT COMMAND has one run COMMAND; prints its output
 *   tool life FIRST READY COMMAND...
 *                              runs a guest, its console on its output: prints the ns until FIRST
 *                              is there, and, when READY is, those to its end by SIGTERM
 */
#define _GNU_SOURCE /* memmem */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/plugin/marks.h"

#define NS_PER_S 1000000000u
#define SEED_BYTES 256u
#define CONSOLE "/dev/console"

#define HINT(mark) __asm__ volatile("hint %0" : : "i"(mark) : "memory")

static int failed(const char *what)
{
    fprintf(stderr, "tool: %s: %s\n", what, strerror(errno));
    return 1;
}

static uint64_t now_ns(void)
{
    uint64_t count, hz;

    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count) : : "memory");
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
    return (uint64_t)((unsigned __int128)count * NS_PER_S / hz);
}

static int seed(void)
{
    struct {
        struct rand_pool_info head;
        uint8_t bytes[SEED_BYTES];
    } pool = { .head = { .entropy_count = SEED_BYTES * 8, .buf_size = SEED_BYTES } };
    int fd = open("/dev/urandom", O_RDWR);

    memset(pool.bytes, 0x5a, SEED_BYTES);
    if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) || ioctl(fd, RNDRESEEDCRNG))
        return failed("seed");
    return 0;
}

/* The window holds neither of the two lines. */
static int begin(const char *name)
{
    printf("bench: begin %s ns %llu\n", name, (unsigned long long)now_ns());
    fflush(stdout);
    HINT(MARK_OFF);
    HINT(MARK_DROP);
    HINT(MARK_ON);
    return 0;
}

static int end(const char *name)
{
    uint64_t ns;

    HINT(MARK_OFF);
    HINT(MARK_ROW);
    ns = now_ns();
    printf("bench: end %s ns %llu\n", name, (unsigned long long)ns);
    return 0;
}

/* Never returns but on failure. */
static int serve(const char *port)
{
    struct sockaddr_in where = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&where, sizeof(where)) || listen(fd, 8))
        return failed("serve");
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int peer = accept(fd, NULL, NULL);

        if (peer < 0)
            continue;
        if (fork() == 0) {
            signal(SIGCHLD, SIG_DFL);
            dup2(peer, 0);
            dup2(peer, 1);
            dup2(peer, 2);
            close(fd);
            close(peer);
            execl("/bin/sh", "sh", (char *)NULL);
            _exit(127);
        }
        close(peer);
    }
}

static int ask(const char *host, const char *port, const char *command)
{
    struct sockaddr_in where = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char buffer[4096];
    ssize_t n;

    if (inet_pton(AF_INET, host, &where.sin_addr) != 1 ||
        connect(fd, (struct sockaddr *)&where, sizeof(where)))
        return failed(host);
    if (dprintf(fd, "%s\nexit\n", command) < 0 || shutdown(fd, SHUT_WR))
        return failed("ask");
    while ((n = read(fd, buffer, sizeof(buffer))) > 0)
        if (write(1, buffer, (size_t)n) != n)
            return failed("output");
    return n < 0 ? failed("answer") : 0;
}

/* Reads until TEXT has come: the time then, 0: it never came. What comes with it is lost. */
static uint64_t await(int fd, const char *text)
{
    char seen[8192];
    size_t length = 0;

    for (;;) {
        ssize_t n = read(fd, seen + length, sizeof(seen) - 1 - length);

        if (n <= 0)
            return 0;
        length += (size_t)n;
        seen[length] = '\0';
        if (memmem(seen, length, text, strlen(text)))
            return now_ns();
        if (length > sizeof(seen) / 2) { /* its last part may begin the text */
            memmove(seen, seen + length / 2, length - length / 2);
            length -= length / 2;
        }
    }
}

static int life(const char *first, const char *ready, char **command)
{
    uint64_t start = now_ns(), line, end;
    int ends[2];
    pid_t pid;

    if (pipe(ends))
        return failed("pipe");
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        execvp(command[0], command);
        _exit(127);
    }
    close(ends[1]);
    line = await(ends[0], first);
    if (pid < 0 || !line || !await(ends[0], ready)) {
        errno = ENODATA;
        return failed(command[0]);
    }
    end = now_ns();
    if (kill(pid, SIGTERM) || waitpid(pid, NULL, 0) != pid)
        return failed("end");
    printf("first %llu end %llu\n", (unsigned long long)(line - start),
           (unsigned long long)(now_ns() - end));
    return 0;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";

    if (!strcmp(verb, "seed") && argc == 2)
        return seed();
    if (!strcmp(verb, "begin") && argc == 3)
        return begin(argv[2]);
    if (!strcmp(verb, "end") && argc == 3)
        return end(argv[2]);
    if (!strcmp(verb, "serve") && argc == 3)
        return serve(argv[2]);
    if (!strcmp(verb, "ask") && argc == 5)
        return ask(argv[2], argv[3], argv[4]);
    if (!strcmp(verb, "life") && argc > 4)
        return life(argv[2], argv[3], argv + 4);
    fprintf(stderr, "usage: tool seed | begin NAME | end NAME | serve PORT | ask HOST PORT TEXT | "
            "life FIRST READY COMMAND...\n");
    return 2;
}
