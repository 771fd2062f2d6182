/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel files: Image, gzip, EFI zboot, and what only looks like one.
 */
#include <stdlib.h>
#include <string.h>

#include "dom0/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file file = { .data = malloc(size ? size : 1), .size = size };
    struct image image;
    struct error err;

    memcpy(file.data, data, size);
    memset(&err, 0, sizeof(err));
    if (image_parse(&image, &file, "fuzz", &err)) {
        if (!err.text[0])
            abort();
        return 0;
    }
    if (image.memory_size < image.file.size || image.file.size > IMAGE_LIMIT)
        abort();
    image_free(&image);
    return 0;
}
