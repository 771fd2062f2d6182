/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Guest kernels: arm64 Image files, plain, gzip-compressed, or as EFI zboot images with a gzip
 * payload (Linux: Documentation/arm64/booting.rst; drivers/firmware/efi/libstub/zboot-header.S).
 */
#ifndef DOM0_IMAGE_H
#define DOM0_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "dom0/error.h"
#include "dom0/file.h"

/* No kernel, packed or unpacked, is larger. */
#define IMAGE_LIMIT (512u << 20)

struct image {
    struct file file;     /* the unpacked Image */
    uint64_t text_offset; /* where it wants to lie, from a 2 MiB boundary at the start of RAM */
    uint64_t memory_size; /* bytes it uses in memory, BSS included; at least file.size */
};

/* Reads, unpacks and checks a kernel. The error says what the file is instead. */
int image_load(struct image *image, const char *path, struct error *err);

/* As image_load, from `packed`, whose contents are consumed (moved or freed) in any case. `path` is
 * for messages. */
int image_parse(struct image *image, struct file *packed, const char *path, struct error *err);

void image_free(struct image *image);

#endif
