/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Tokens of the configuration syntax (xl.cfg(5), SYNTAX).
 */
#ifndef DOM0_CFG_LEX_H
#define DOM0_CFG_LEX_H

#include "dom0/cfg.h"

enum cfg_token {
    CFG_LEX_END,
    CFG_LEX_NEWLINE, /* end of line, or ';' */
    CFG_LEX_WORD,
    CFG_LEX_STRING,
    CFG_LEX_NUMBER,
    CFG_LEX_ASSIGN,
    CFG_LEX_APPEND, /* += */
    CFG_LEX_OPEN,
    CFG_LEX_CLOSE,
    CFG_LEX_COMMA,
    CFG_LEX_ERROR, /* the struct error says what */
};

struct cfg_lex {
    const char *next;
    const char *end;
    struct cfg_pos here;  /* where `next` is */
    struct cfg_pos start; /* where the current token began */
    char *text;           /* WORD, STRING, NUMBER: heap; the next call frees it unless taken */
    int64_t number;
};

void cfg_lex_init(struct cfg_lex *lex, const char *file, const char *text, size_t length);

/* Reads one token. Untrusted input: reads inside [next, end) only. */
enum cfg_token cfg_lex_next(struct cfg_lex *lex, struct error *err);

/* Hands the token's text to the caller, who frees it. */
char *cfg_lex_take(struct cfg_lex *lex);

void cfg_lex_done(struct cfg_lex *lex);

/* What to call a token in a message. */
const char *cfg_lex_name(enum cfg_token token);

#endif
