/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/bench/plugin/symbols.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAME_BYTES 64u

static struct { uint64_t address; char name[NAME_BYTES]; } table[SYMBOLS_MAX] = {
    { 0, "(nothing known)" },
};
static unsigned count = 1;

bool symbols_read(const char *path)
{
    char line[512], name[NAME_BYTES], type;
    uint64_t address;
    FILE *f = fopen(path, "r");

    if (!f)
        return false;
    while (count < SYMBOLS_MAX && fgets(line, sizeof(line), f)) {
        if (sscanf(line, "%" SCNx64 " %c %63s", &address, &type, name) != 3 ||
            !strchr("tTwW", type) || name[0] == '$' || name[0] == '.')
            continue;
        table[count].address = address;
        memcpy(table[count].name, name, sizeof(name));
        count++;
    }
    fclose(f);
    return count > 1;
}

unsigned symbols_at(uint64_t address)
{
    unsigned low = 0, high = count;

    while (high - low > 1) {
        unsigned middle = (low + high) / 2;

        if (table[middle].address <= address)
            low = middle;
        else
            high = middle;
    }
    return low;
}

const char *symbols_name(unsigned index) { return table[index].name; }
