/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the workloads' scripts need besides Debian's programs, static, the same in every Linux:
 *   tool seed                  credits the kernel's random number generator (untrusted bits: a rig)
 *   tool begin NAME | end NAME opens and closes a measured window: tells the counting plugin by
 *                              HINT instructions, and the console by CNTVCT in ns
 *   tool serve PORT            runs a shell for each connection, its input and output the socket
 *   tool ask HOST PORT COMMAND has one run COMMAND; prints its output
 */
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
    fprintf(stderr, "usage: tool seed | begin NAME | end NAME | serve PORT | ask HOST PORT TEXT\n");
    return 2;
}
