/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header of an arm64 Image. Pure: compiled on the host by its tests; the module is untrusted.
 */
#include "boot/dom0_build.h"

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

/* PE/COFF, as EFI-stub kernels have it (UEFI specification, UEFI Images): signature, file header
 * with the numbers below, optional header, section headers. */
#define PE_SIGNATURE "PE\0\0"
#define PE_FILE_HEADER_BYTES 24u
#define PE_SECTIONS_AT 6u
#define PE_OPTIONAL_BYTES_AT 20u
#define PE_SECTION_BYTES 40u
#define PE_SECTION_RAW_AT 16u /* size in the file, offset in the file */

/* The header of an Image does not tell the file's length, but the sections do. NULL: complete, or
 * no PE file. */
static const char *check_sections(const uint8_t *module, uint64_t bytes, uint64_t pe)
{
    uint16_t sections, optional;
    uint64_t at;

    if (!pe)
        return NULL;
    if (pe + PE_FILE_HEADER_BYTES > bytes)
        return "its PE header lies outside of it: the file is damaged or cut short";
    if (memcmp(module + pe, PE_SIGNATURE, 4))
        return NULL;
    memcpy(&sections, module + pe + PE_SECTIONS_AT, sizeof(sections));
    memcpy(&optional, module + pe + PE_OPTIONAL_BYTES_AT, sizeof(optional));
    at = pe + PE_FILE_HEADER_BYTES + optional;
    for (; sections--; at += PE_SECTION_BYTES) {
        uint32_t raw[2];

        if (at + PE_SECTION_BYTES > bytes)
            return "its section headers lie outside of it: the file is damaged or cut short";
        memcpy(raw, module + at + PE_SECTION_RAW_AT, sizeof(raw));
        if ((uint64_t)raw[0] + raw[1] > bytes)
            return "it ends before its last section does: the file was cut short";
    }
    return NULL;
}

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
        return "not an arm64 Image: the magic \"ARM\\x64\" is not at offset 56 (a wrong "
               "address, another kind of file, or something loaded over it)";
    if (h.flags & IMAGE_FLAG_BIG_ENDIAN)
        return "a big-endian Image: not supported";
    image->text_offset = h.image_bytes ? h.text_offset : OLD_TEXT_OFFSET;
    image->bytes = h.image_bytes ? h.image_bytes : bytes + OLD_BSS_BYTES;
    if (image->text_offset >= IMAGE_BYTES_MAX || image->bytes >= IMAGE_BYTES_MAX)
        return "its header has an absurd size: the file is damaged";
    image->text_offset %= 0x200000;
    if (image->bytes < bytes)
        image->bytes = bytes;
    return check_sections(module, bytes, h.pe_offset);
}
