/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * string.c against the C library's functions. It is compiled in here under other names, for host
 * programs use the library's.
 */
#include "tests/fake/fake.h"

#include <cmocka.h>

/* boot/world.S's goes upwards, so that memmove() may use it. */
static void *upward_memcpy(void *dst, const void *src, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)dst)[i] = ((const unsigned char *)src)[i];
    return dst;
}

#define memcpy upward_memcpy
#define memmove own_memmove
#define memset own_memset
#define memcmp own_memcmp
#define memchr own_memchr
#define strlen own_strlen
#define strnlen own_strnlen
#define strcmp own_strcmp
#define strncmp own_strncmp
#define strchr own_strchr
#define strrchr own_strrchr
#include "core/base/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr

#define SIZE 96u

static unsigned char want[SIZE], got[SIZE], source[SIZE];

static void refill(void)
{
    for (unsigned i = 0; i < SIZE; i++) {
        want[i] = got[i] = (unsigned char)(200 - i);
        source[i] = (unsigned char)(i * 7 + 1);
    }
}

static void overlapping_moves_of_every_distance(void **state)
{
    (void)state;
    for (unsigned d = 0; d < 24; d++)
        for (unsigned s = 0; s < 24; s++)
            for (unsigned n = 0; n < 64; n += 3) {
                refill();
                memmove(want + d, want + s, n);
                assert_ptr_equal(own_memmove(got + d, got + s, n), got + d);
                assert_memory_equal(got, want, SIZE);
            }
}

static void fills_of_every_alignment_and_length(void **state)
{
    (void)state;
    for (unsigned d = 0; d < 9; d++)
        for (unsigned n = 0; n < 64; n++) {
            refill();
            memset(want + d, 0xa5, n);
            assert_ptr_equal(own_memset(got + d, 0x1a5, n), got + d);
            assert_memory_equal(got, want, SIZE);
        }
}

static int sign(int v) { return (v > 0) - (v < 0); }

static void comparisons_agree_in_sign(void **state)
{
    static const char *const words[] = { "", "a", "ab", "abc", "abd", "b", "\xff", "a\x80" };

    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
        for (unsigned j = 0; j < ARRAY_SIZE(words); j++) {
            const char *a = words[i], *b = words[j];
            size_t n = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

            assert_int_equal(sign(own_strcmp(a, b)), sign(strcmp(a, b)));
            assert_int_equal(sign(own_memcmp(a, b, n)), sign(memcmp(a, b, n)));
            for (size_t k = 0; k < 4; k++)
                assert_int_equal(sign(own_strncmp(a, b, k)), sign(strncmp(a, b, k)));
        }
}

static void searches_find_the_same_place(void **state)
{
    const char *text = "a.b.c";

    (void)state;
    assert_ptr_equal(own_strchr(text, '.'), strchr(text, '.'));
    assert_ptr_equal(own_strrchr(text, '.'), strrchr(text, '.'));
    assert_ptr_equal(own_strchr(text, 0), text + 5);
    assert_ptr_equal(own_strrchr(text, 0), text + 5);
    assert_null(own_strchr(text, 'x'));
    assert_null(own_strrchr(text, 'x'));
    assert_ptr_equal(own_memchr(text, 'b', 3), text + 2);
    assert_null(own_memchr(text, 'b', 2));
    assert_int_equal(own_strlen(text), 5);
    assert_int_equal(own_strnlen(text, 3), 3);
    assert_int_equal(own_strnlen(text, 9), 5);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(overlapping_moves_of_every_distance),
    cmocka_unit_test(fills_of_every_alignment_and_length),
    cmocka_unit_test(comparisons_agree_in_sign),
    cmocka_unit_test(searches_find_the_same_place),
};

FAKE_TEST_MAIN(tests)
