/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What went wrong, in one line that a person can act on. Every function of libpurlin that can fail
 * takes a struct error, returns a negative errno, and fills the struct before it returns.
 */
#ifndef DOM0_ERROR_H
#define DOM0_ERROR_H

/* The kinds are the exit codes of the command line tool: see purlin(1), EXIT STATUS. */
enum error_kind {
    ERROR_NONE = 0,
    ERROR_FAILED = 1,        /* the operation was tried and failed */
    ERROR_USAGE = 2,         /* wrong command line or configuration: nothing was tried */
    ERROR_NOT_FOUND = 3,     /* no such domain */
    ERROR_EXISTS = 4,        /* the name or the resource is taken */
    ERROR_UNAVAILABLE = 5,   /* no hypervisor, no xenstored, or no right to use them */
    ERROR_INTERRUPTED = 130, /* the user pressed Ctrl-C; what had been done is undone */
};

struct error {
    enum error_kind kind;
    char text[1024]; /* one line, no newline and no other control character */
};

/* Records kind and text; a text that is already there is kept as the root cause (error_clear
 * makes room). Returns the negative errno that belongs to the kind. */
int error_set(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set with ERROR_FAILED, with ": " and the message of errno appended; permission problems
 * become ERROR_UNAVAILABLE. Returns -errno. */
int error_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "text: " before what is recorded. */
void error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

void error_clear(struct error *err);

#endif
