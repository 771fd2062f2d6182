/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel files: recognition, unpacking, header checks. Every field of a file is untrusted. Refuses
 * to know where the kernel will lie.
 */
#include "dom0/image.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define HEADER_SIZE 64
#define OLD_TEXT_OFFSET 0x80000 /* kernels before 3.17: image_size is 0 and this is implied */

struct signature {
    size_t offset;
    const char *bytes;
    size_t length;
    const char *what;
};

static const struct signature strangers[] = {
    {0, "\x7f" "ELF", 4, "an ELF file: give the arm64 Image instead (objcopy -O binary)"},
    {0, "\x27\x05\x19\x56", 4, "a U-Boot uImage: give the arm64 Image that it was made from"},
    {0, "\xd0\x0d\xfe\xed", 4, "a device tree or FIT image: give the arm64 Image"},
    {0, "\x28\xb5\x2f\xfd", 4, "zstd-compressed: unpack it with unzstd"},
    {0, "\xfd" "7zXZ", 5, "xz-compressed: unpack it with unxz"},
    {0, "BZh", 3, "bzip2-compressed: unpack it with bunzip2"},
    {0, "\x02\x21\x4c\x18", 4, "lz4-compressed: unpack it with unlz4"},
    {0, "070701", 6, "a cpio archive: is this the ramdisk?"},
    {0x202, "HdrS", 4, "an x86 kernel: an arm64 one is needed"},
};

_Static_assert(FILE_START_BYTES >= HEADER_SIZE, "enough to tell what is packed");

static uint64_t read_le(const struct file *file, size_t offset, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | file->data[offset + i];
    return value;
}

static bool has(const struct file *file, size_t offset, const char *bytes, size_t length)
{
    return file->size >= offset + length && memcmp(file->data + offset, bytes, length) == 0;
}

static bool is_gzip(const struct file *file)
{
    return has(file, 0, "\x1f\x8b\x08", 3);
}

static bool is_zboot(const struct file *file)
{
    return file->size >= HEADER_SIZE && has(file, 0, "MZ", 2) && has(file, 4, "zimg", 4);
}

static bool is_image(const struct file *file)
{
    return file->size >= HEADER_SIZE && has(file, 56, "ARM\x64", 4);
}

static int grow(struct file *out, size_t used, const char *path, struct error *err)
{
    size_t size = out->size ? out->size * 2 : 32u << 20;
    uint8_t *data;

    if (used >= IMAGE_LIMIT)
        return error_set(err, ERROR_USAGE, "%s unpacks to more than %u MiB: this is no kernel",
                         path, IMAGE_LIMIT >> 20);
    data = realloc(out->data, size);
    if (!data)
        return error_set(err, ERROR_FAILED, "no memory to unpack %s", path);
    out->data = data;
    out->size = size;
    return 0;
}

static int inflate_into(z_stream *z, struct file *out, const char *path, struct error *err)
{
    int status = Z_OK;

    while (status != Z_STREAM_END) {
        int rc = z->total_out == out->size ? grow(out, z->total_out, path, err) : 0;

        if (rc)
            return rc;
        z->next_out = out->data + z->total_out;
        z->avail_out = (uInt)(out->size - z->total_out);
        status = inflate(z, Z_NO_FLUSH);
        if (status == Z_BUF_ERROR && z->avail_out == 0)
            continue;
        if (status != Z_OK && status != Z_STREAM_END)
            return error_set(err, ERROR_USAGE, "%s: corrupt or truncated gzip data after %lu bytes",
                             path, z->total_in);
    }
    out->size = z->total_out;
    return 0;
}

static int gunzip(const uint8_t *data, size_t size, struct file *out, const char *path,
                  struct error *err)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)size};
    int rc;

    memset(out, 0, sizeof(*out));
    if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
        return error_set(err, ERROR_FAILED, "no memory to unpack %s", path);
    rc = inflate_into(&z, out, path, err);
    inflateEnd(&z);
    if (rc)
        file_free(out);
    return rc;
}

static int unpack_zboot(const struct file *packed, struct file *out, const char *path,
                        struct error *err)
{
    uint64_t offset = read_le(packed, 8, 4);
    uint64_t size = read_le(packed, 12, 4);

    if (!has(packed, 24, "gzip", 5))
        return error_set(err, ERROR_USAGE, "%s: an EFI zboot kernel compressed with '%.8s': only "
                         "gzip is supported", path, (const char *)packed->data + 24);
    if (offset > packed->size || size > packed->size - offset)
        return error_set(err, ERROR_USAGE, "%s: an EFI zboot kernel whose payload lies outside the "
                         "file: is it truncated?", path);
    return gunzip(packed->data + offset, size, out, path, err);
}

static int refuse(const struct file *file, const char *path, struct error *err)
{
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
        if (has(file, strangers[i].offset, strangers[i].bytes, strangers[i].length))
            return error_set(err, ERROR_USAGE, "kernel %s is %s", path, strangers[i].what);
    return error_set(err, ERROR_USAGE, "kernel %s is no arm64 Image (no \"ARM\\x64\" at byte 56)",
                     path);
}

static int read_header(struct image *image, const char *path, struct error *err)
{
    const struct file *file = &image->file;

    if (!is_image(file))
        return refuse(file, path, err);
    image->text_offset = read_le(file, 8, 8);
    image->memory_size = read_le(file, 16, 8);
    if (image->memory_size == 0)
        image->text_offset = OLD_TEXT_OFFSET;
    if (image->memory_size < file->size)
        image->memory_size = file->size;
    if (image->text_offset >= 2u << 20 || image->text_offset % 4096)
        return error_set(err, ERROR_USAGE, "kernel %s: impossible text_offset 0x%llx in its header",
                         path, (unsigned long long)image->text_offset);
    if (image->memory_size > 2ull * IMAGE_LIMIT)
        return error_set(err, ERROR_USAGE, "kernel %s: impossible image_size 0x%llx in its header",
                         path, (unsigned long long)image->memory_size);
    return 0;
}

int image_parse(struct image *image, struct file *packed, const char *path, struct error *err)
{
    int rc = 0;

    memset(image, 0, sizeof(*image));
    if (is_gzip(packed)) {
        rc = gunzip(packed->data, packed->size, &image->file, path, err);
    } else if (is_zboot(packed)) {
        rc = unpack_zboot(packed, &image->file, path, err);
    } else {
        image->file = *packed;
        memset(packed, 0, sizeof(*packed));
    }
    file_free(packed);
    if (rc == 0)
        rc = read_header(image, path, err);
    if (rc)
        image_free(image);
    return rc;
}

int image_load(struct image *image, const char *path, struct error *err)
{
    struct file start;
    struct file packed;
    int rc = file_read_start(&start, path, IMAGE_LIMIT, err);

    /* What is unpacked here is not mapped: that would be fatal if the file became shorter. */
    if (rc == 0) {
        rc = (is_gzip(&start) || is_zboot(&start) ? file_read : file_map)(&packed, path,
                                                                          IMAGE_LIMIT, err);
        file_free(&start);
    }
    if (rc) {
        memset(image, 0, sizeof(*image));
        error_prefix(err, "kernel");
        return rc;
    }
    return image_parse(image, &packed, path, err);
}

void image_free(struct image *image)
{
    file_free(&image->file);
}
