/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel files: what is recognised, unpacked, refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "dom0/image.h"

#define KERNEL_SIZE 70000

static struct error err;
static struct image image;

static void put_le(uint8_t *to, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static struct file copy_file(const void *data, size_t size)
{
    struct file file = {.data = malloc(size ? size : 1), .size = size};

    memcpy(file.data, data, size);
    return file;
}

/* A plain arm64 Image with recognisable contents. */
static struct file make_kernel(uint64_t text_offset, uint64_t image_size)
{
    struct file file = {.data = malloc(KERNEL_SIZE), .size = KERNEL_SIZE};

    for (size_t i = 0; i < KERNEL_SIZE; i++)
        file.data[i] = (uint8_t)(i * 7 + (i >> 8));
    memset(file.data, 0, 64);
    memcpy(file.data, "MZ\0\0\1\2\3\4", 8);
    put_le(file.data + 8, text_offset, 8);
    put_le(file.data + 16, image_size, 8);
    memcpy(file.data + 56, "ARM\x64", 4);
    return file;
}

static struct file gzip(const struct file *file)
{
    struct file out = {.size = file->size + 1000};
    z_stream z;

    memset(&z, 0, sizeof(z));
    out.data = malloc(out.size);
    deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    z.next_in = file->data;
    z.avail_in = (uInt)file->size;
    z.next_out = out.data;
    z.avail_out = (uInt)out.size;
    deflate(&z, Z_FINISH);
    out.data = realloc(out.data, z.total_out);
    out.size = z.total_out;
    deflateEnd(&z);
    return out;
}

static struct file make_zboot(const struct file *payload, const char *method, size_t payload_size)
{
    struct file file = {.size = 128 + payload->size};

    file.data = calloc(1, file.size);
    memcpy(file.data, "MZ\0\0zimg", 8);
    put_le(file.data + 8, 128, 4);
    put_le(file.data + 12, payload_size, 4);
    strcpy((char *)file.data + 24, method);
    memcpy(file.data + 128, payload->data, payload->size);
    return file;
}

static int parse(struct file file)
{
    memset(&err, 0, sizeof(err));
    return image_parse(&image, &file, "vmlinuz", &err);
}

static void assert_refused(struct file file, const char *message)
{
    assert_true(parse(file) < 0);
    assert_int_equal(err.kind, ERROR_USAGE);
    if (!strstr(err.text, message))
        fail_msg("'%s' is not in '%s'", message, err.text);
}

static void assert_is_kernel(void)
{
    struct file want = make_kernel(0, 0x20000);

    assert_int_equal(image.file.size, want.size);
    assert_memory_equal(image.file.data, want.data, want.size);
    assert_int_equal(image.memory_size, 0x20000);
    file_free(&want);
    image_free(&image);
}

static void plain_image_is_taken_as_it_is(void **state)
{
    (void)state;
    assert_int_equal(parse(make_kernel(0, 0x20000)), 0);
    assert_is_kernel();
}

static void gzip_image_is_unpacked(void **state)
{
    struct file plain = make_kernel(0, 0x20000);

    (void)state;
    assert_int_equal(parse(gzip(&plain)), 0);
    assert_is_kernel();
    file_free(&plain);
}

static void zboot_image_is_unpacked(void **state)
{
    struct file plain = make_kernel(0, 0x20000);
    struct file packed = gzip(&plain);

    (void)state;
    assert_int_equal(parse(make_zboot(&packed, "gzip", packed.size)), 0);
    assert_is_kernel();
    file_free(&plain);
    file_free(&packed);
}

static void broken_packing_is_refused(void **state)
{
    struct file plain = make_kernel(0, 0x20000);
    struct file packed = gzip(&plain);

    (void)state;
    assert_refused(copy_file(packed.data, packed.size / 2), "corrupt or truncated gzip");
    assert_refused(copy_file(packed.data, 11), "corrupt or truncated gzip");
    assert_refused(make_zboot(&packed, "zstd22", packed.size), "only gzip");
    assert_refused(make_zboot(&packed, "gzip", packed.size + 1), "outside the file");
    assert_refused(make_zboot(&packed, "gzip", 0xffffffff), "outside the file");
    assert_refused(make_zboot(&packed, "gzip", packed.size - 20), "corrupt or truncated");
    packed.data[packed.size / 2] ^= 0x55;
    assert_refused(copy_file(packed.data, packed.size), "corrupt or truncated gzip");
    file_free(&plain);
    file_free(&packed);
}

static void impossible_headers_are_refused(void **state)
{
    (void)state;
    assert_refused(make_kernel(0x200000, 0x20000), "impossible text_offset");
    assert_refused(make_kernel(0x123, 0x20000), "impossible text_offset");
    assert_refused(make_kernel(0, 1ull << 40), "impossible image_size");
    assert_refused(make_kernel(0, ~0ull), "impossible image_size");
}

static void old_kernels_without_a_size_get_the_old_offset(void **state)
{
    (void)state;
    assert_int_equal(parse(make_kernel(0, 0)), 0);
    assert_int_equal(image.text_offset, 0x80000);
    assert_int_equal(image.memory_size, KERNEL_SIZE);
    image_free(&image);
}

static void a_size_below_the_file_counts_as_the_file(void **state)
{
    (void)state;
    assert_int_equal(parse(make_kernel(0x1000, 100)), 0);
    assert_int_equal(image.memory_size, KERNEL_SIZE);
    image_free(&image);
}

static void strangers_are_called_by_their_name(void **state)
{
    char x86[0x300] = {0};

    (void)state;
    memcpy(x86 + 0x202, "HdrS", 4);
    assert_refused(copy_file("\x7f" "ELF....", 8), "ELF file");
    assert_refused(copy_file("\x27\x05\x19\x56....", 8), "uImage");
    assert_refused(copy_file("\x28\xb5\x2f\xfd....", 8), "zstd");
    assert_refused(copy_file("070701000", 9), "cpio");
    assert_refused(copy_file(x86, sizeof(x86)), "x86 kernel");
    assert_refused(copy_file("hello", 5), "no arm64 Image");
    assert_refused(copy_file("", 0), "no arm64 Image");
    assert_refused(copy_file("MZ\0\0zimg", 8), "no arm64 Image");
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    memset(&err, 0, sizeof(err));
    assert_true(image_load(&image, "/nonexistent/vmlinuz", &err) < 0);
    assert_non_null(strstr(err.text, "kernel: cannot open /nonexistent/vmlinuz: No such file"));
    memset(&err, 0, sizeof(err));
    assert_true(image_load(&image, "/dev", &err) < 0);
    assert_non_null(strstr(err.text, "not a regular file"));
}

static void check_loaded(const struct file *file, size_t mapped)
{
    char path[] = "/tmp/image_test.XXXXXX";
    int fd = mkstemp(path);

    assert_int_equal(write(fd, file->data, file->size), file->size);
    close(fd);
    memset(&err, 0, sizeof(err));
    assert_int_equal(image_load(&image, path, &err), 0);
    assert_int_equal(image.file.size, KERNEL_SIZE);
    assert_int_equal(image.file.mapped, mapped);
    image_free(&image);
    unlink(path);
}

static void from_a_file_only_a_plain_image_is_mapped(void **state)
{
    struct file kernel = make_kernel(0, 0x20000);
    struct file packed = gzip(&kernel);

    (void)state;
    check_loaded(&kernel, KERNEL_SIZE);
    check_loaded(&packed, 0);
    free(kernel.data);
    free(packed.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_image_is_taken_as_it_is),
        cmocka_unit_test(gzip_image_is_unpacked),
        cmocka_unit_test(zboot_image_is_unpacked),
        cmocka_unit_test(broken_packing_is_refused),
        cmocka_unit_test(impossible_headers_are_refused),
        cmocka_unit_test(old_kernels_without_a_size_get_the_old_offset),
        cmocka_unit_test(a_size_below_the_file_counts_as_the_file),
        cmocka_unit_test(strangers_are_called_by_their_name),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(from_a_file_only_a_plain_image_is_mapped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
