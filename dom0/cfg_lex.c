/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The lexer of configuration files. Owns the current token's text. Refuses to know grammar.
 */
#include "dom0/cfg_lex.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void cfg_lex_init(struct cfg_lex *lex, const char *file, const char *text, size_t length)
{
    memset(lex, 0, sizeof(*lex));
    lex->next = text;
    lex->end = text + length;
    lex->here = (struct cfg_pos){.file = file, .line = 1, .column = 1};
    lex->start = lex->here;
}

static int peek(const struct cfg_lex *lex)
{
    return lex->next < lex->end ? (unsigned char)*lex->next : -1;
}

static int advance(struct cfg_lex *lex)
{
    int c = peek(lex);

    if (c < 0)
        return c;
    lex->next++;
    lex->here.column++;
    if (c == '\n') {
        lex->here.line++;
        lex->here.column = 1;
    }
    return c;
}

static void skip_blanks(struct cfg_lex *lex)
{
    for (;;) {
        int c = peek(lex);

        if (c == '#') {
            while (peek(lex) >= 0 && peek(lex) != '\n')
                advance(lex);
        } else if (c == '\\' && lex->next + 1 < lex->end && lex->next[1] == '\n') {
            advance(lex);
            advance(lex);
        } else if (c == ' ' || c == '\t' || c == '\r') {
            advance(lex);
        } else {
            return;
        }
    }
}

static enum cfg_token keep_text(struct cfg_lex *lex, const char *from, enum cfg_token token)
{
    lex->text = strndup(from, (size_t)(lex->next - from));
    return lex->text ? token : CFG_LEX_ERROR;
}

static enum cfg_token lex_word(struct cfg_lex *lex)
{
    const char *from = lex->next;

    while (isalnum(peek(lex)) || peek(lex) == '_' || peek(lex) == '-' || peek(lex) == '.')
        advance(lex);
    return keep_text(lex, from, CFG_LEX_WORD);
}

static enum cfg_token lex_number(struct cfg_lex *lex, struct error *err)
{
    const char *from = lex->next;
    char *end;

    if (peek(lex) == '-')
        advance(lex);
    while (isalnum(peek(lex)))
        advance(lex);
    if (keep_text(lex, from, CFG_LEX_NUMBER) == CFG_LEX_ERROR)
        return CFG_LEX_ERROR;
    errno = 0;
    lex->number = strtoll(lex->text, &end, 0);
    if (errno || *end || end == lex->text) {
        cfg_error(err, &lex->start, "'%s' is not a number that fits 64 bits", lex->text);
        return CFG_LEX_ERROR;
    }
    return CFG_LEX_NUMBER;
}

/* Up to `max` digits of the base; -1 when there is none or the value is no usable byte. */
static int escape_digits(struct cfg_lex *lex, int base, int max)
{
    int value = 0;
    int count = 0;

    while (count < max && isxdigit(peek(lex))) {
        int c = tolower(peek(lex));
        int digit = isdigit(c) ? c - '0' : c - 'a' + 10;

        if (digit >= base)
            break;
        value = value * base + digit;
        advance(lex);
        count++;
    }
    return count == 0 || value == 0 || value > 255 ? -1 : value;
}

static int lex_escape(struct cfg_lex *lex)
{
    static const char names[] = "abfnrtv";
    static const char values[] = "\a\b\f\n\r\t\v";
    int c = peek(lex);
    const char *found;

    if (c >= '0' && c <= '7')
        return escape_digits(lex, 8, 3);
    advance(lex);
    if (c == 'x')
        return escape_digits(lex, 16, 2);
    if (c == '\'' || c == '"' || c == '\\')
        return c;
    found = c > 0 ? strchr(names, c) : NULL;
    return found ? values[found - names] : -1;
}

static enum cfg_token lex_string(struct cfg_lex *lex, struct error *err)
{
    int quote = advance(lex);
    size_t length = 0;

    lex->text = malloc((size_t)(lex->end - lex->next) + 1);
    if (!lex->text)
        return CFG_LEX_ERROR;
    for (;;) {
        struct cfg_pos at = lex->here;
        int c = peek(lex);

        if (c < 0 || c == '\n') {
            cfg_error(err, &lex->start, "a string begins here, but the line ends before it: "
                      "close it with %c", quote);
            return CFG_LEX_ERROR;
        }
        advance(lex);
        if (c == quote)
            break;
        if (c == '\\')
            c = lex_escape(lex);
        if (c <= 0) {
            cfg_error(err, &at, "unknown escape or NUL byte in a string; allowed are \\a \\b \\f "
                      "\\n \\r \\t \\v \\\\ \\' \\\" \\xHH \\OOO");
            return CFG_LEX_ERROR;
        }
        lex->text[length++] = (char)c;
    }
    lex->text[length] = '\0';
    return CFG_LEX_STRING;
}

static enum cfg_token lex_punctuation(struct cfg_lex *lex, struct error *err)
{
    int c = advance(lex);

    switch (c) {
    case -1:
        return CFG_LEX_END;
    case '\n':
    case ';':
        return CFG_LEX_NEWLINE;
    case '=':
        return CFG_LEX_ASSIGN;
    case '[':
        return CFG_LEX_OPEN;
    case ']':
        return CFG_LEX_CLOSE;
    case ',':
        return CFG_LEX_COMMA;
    case '+':
        if (peek(lex) == '=') {
            advance(lex);
            return CFG_LEX_APPEND;
        }
        break;
    default:
        break;
    }
    if (c > ' ' && c < 0x7f)
        cfg_error(err, &lex->start, "unexpected character '%c'", c);
    else
        cfg_error(err, &lex->start, "unexpected byte 0x%02x: is this a text file?", c);
    return CFG_LEX_ERROR;
}

enum cfg_token cfg_lex_next(struct cfg_lex *lex, struct error *err)
{
    enum cfg_token token;
    int c;

    free(lex->text);
    lex->text = NULL;
    skip_blanks(lex);
    lex->start = lex->here;
    c = peek(lex);
    if (isalpha(c) || c == '_')
        token = lex_word(lex);
    else if (isdigit(c) || c == '-')
        token = lex_number(lex, err);
    else if (c == '"' || c == '\'')
        token = lex_string(lex, err);
    else
        token = lex_punctuation(lex, err);
    if (token == CFG_LEX_ERROR)
        error_set(err, ERROR_FAILED, "out of memory");
    return token;
}

char *cfg_lex_take(struct cfg_lex *lex)
{
    char *text = lex->text;

    lex->text = NULL;
    return text;
}

void cfg_lex_done(struct cfg_lex *lex)
{
    free(lex->text);
    lex->text = NULL;
}

const char *cfg_lex_name(enum cfg_token token)
{
    static const char *const names[] = {
        [CFG_LEX_END] = "the end of the file",
        [CFG_LEX_NEWLINE] = "the end of the line",
        [CFG_LEX_WORD] = "a bare word (strings need quotes)",
        [CFG_LEX_STRING] = "a string",
        [CFG_LEX_NUMBER] = "a number",
        [CFG_LEX_ASSIGN] = "'='",
        [CFG_LEX_APPEND] = "'+='",
        [CFG_LEX_OPEN] = "'['",
        [CFG_LEX_CLOSE] = "']'",
        [CFG_LEX_COMMA] = "','",
        [CFG_LEX_ERROR] = "an error",
    };

    return names[token];
}
