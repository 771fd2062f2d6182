/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header of an arm64 Image. Pure: compiled on the host by its tests; the module is untrusted.
 */
#include "boot/dom0_build.h"

#include "core/base/string.h"

#define IMAGE_MAGIC "ARM\x64"
#define IMAGE_FLAG_BIG_ENDIAN 1u
#define IMAGE_BYTES_MAX (1ul << 32)
#define OLD_TEXT_OFFSET 0x80000u /* kernels before image_size: this offset, size unknown */
#define OLD_BSS_BYTES 0x400000u

/* Little endian, as EL2 and its hosts in tests are. */
struct image_header {
    uint32_t code[2];
    uint64_t text_offset, image_bytes, flags, reserved[3];
    char magic[4];
    uint32_t pe_offset;
};
_Static_assert(sizeof(struct image_header) == 64, "the boot protocol's");

const char *dom0_image_read(const void *module, uint64_t bytes, struct dom0_image *image)
{
    struct image_header h;
    const uint8_t *start = module;

    if (bytes < sizeof(h))
        return "too short for an arm64 Image";
    memcpy(&h, module, sizeof(h));
    if (start[0] == 0x1f && start[1] == 0x8b)
        return "gzip-compressed: unpack it, an arm64 Image is needed";
    if (memcmp(h.magic, IMAGE_MAGIC, sizeof(h.magic)))
        return "not an arm64 Image: the magic \"ARM\\x64\" is not at offset 56. Is the address "
               "right, and was nothing loaded over it?";
    if (h.flags & IMAGE_FLAG_BIG_ENDIAN)
        return "a big-endian Image: not supported";
    image->text_offset = h.image_bytes ? h.text_offset : OLD_TEXT_OFFSET;
    image->bytes = h.image_bytes ? h.image_bytes : bytes + OLD_BSS_BYTES;
    if (image->text_offset >= IMAGE_BYTES_MAX || image->bytes >= IMAGE_BYTES_MAX)
        return "its header has an absurd size: the file is damaged";
    image->text_offset %= 0x200000;
    if (image->bytes < bytes)
        image->bytes = bytes;
    return NULL;
}
