/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Prints device trees. Pure: reads a blob through libfdt, writes to a stream.
 */
#include "dom0/fdt_text.h"

#include <ctype.h>
#include <libfdt.h>
#include <stdbool.h>
#include <string.h>

static void indent(FILE *out, int depth)
{
    for (int i = 0; i < depth; i++)
        fputc('\t', out);
}

/* One or more non-empty strings of printable characters, each with its NUL. */
static bool is_strings(const char *value, int length)
{
    if (length < 2 || value[length - 1] != '\0' || value[0] == '\0')
        return false;
    for (int i = 0; i < length; i++) {
        bool ends_two = value[i] == '\0' && i > 0 && value[i - 1] == '\0';

        if (ends_two || (value[i] != '\0' && !isprint((unsigned char)value[i])))
            return false;
    }
    return true;
}

static void write_strings(FILE *out, const char *value, int length)
{
    for (const char *p = value; p < value + length; p += strlen(p) + 1) {
        fputs(p == value ? "\"" : ", \"", out);
        for (const char *c = p; *c; c++)
            fprintf(out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
        fputc('"', out);
    }
}

static void write_value(FILE *out, const char *value, int length)
{
    fputs(" = ", out);
    if (is_strings(value, length)) {
        write_strings(out, value, length);
    } else if (length % 4 == 0) {
        for (int i = 0; i < length; i += 4)
            fprintf(out, "%s0x%x", i ? " " : "<", fdt32_ld((const fdt32_t *)(value + i)));
        fputc('>', out);
    } else {
        for (int i = 0; i < length; i++)
            fprintf(out, "%s%02x", i ? " " : "[", (unsigned char)value[i]);
        fputc(']', out);
    }
}

static int write_properties(FILE *out, const void *blob, int node, int depth)
{
    int at;

    fdt_for_each_property_offset(at, blob, node) {
        const char *name;
        int length;
        const char *value = fdt_getprop_by_offset(blob, at, &name, &length);

        if (!value)
            return length;
        indent(out, depth);
        fputs(name, out);
        if (length > 0)
            write_value(out, value, length);
        fputs(";\n", out);
    }
    return at == -FDT_ERR_NOTFOUND ? 0 : at;
}

static void close_nodes(FILE *out, int from, int to)
{
    for (; from > to; from--) {
        indent(out, from - 1);
        fputs("};\n", out);
    }
}

int fdt_text_write(FILE *out, const void *blob)
{
    int status = fdt_check_header(blob);
    int depth = 0;
    int open = 0; /* nodes whose brace is still to be closed */
    int node;

    if (status)
        return status;
    fputs("/dts-v1/;\n\n", out);
    for (node = 0; node >= 0 && depth >= 0; node = fdt_next_node(blob, node, &depth)) {
        const char *name = fdt_get_name(blob, node, &status);

        if (!name)
            return status;
        close_nodes(out, open, depth);
        indent(out, depth);
        fprintf(out, "%s {\n", depth == 0 ? "/" : name);
        open = depth + 1;
        status = write_properties(out, blob, node, open);
        if (status)
            return status;
    }
    close_nodes(out, open, 0);
    return node == -FDT_ERR_NOTFOUND || depth < 0 ? 0 : node;
}
