/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory and string functions of C (ISO C11 7.24) that EL2 and libfdt use, built without
 * FP/SIMD registers. Same names, same contracts; host builds use the C library's.
 */
#ifndef CORE_BASE_STRING_H
#define CORE_BASE_STRING_H

#include <stddef.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

#endif
