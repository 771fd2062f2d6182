/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What clang calls for volatile accesses (READ_ONCE, WRITE_ONCE) when ThreadSanitizer is told to
 * distinguish them: they count as no races, as in the hypervisor, and are nothing to check.
 */
#define VOLATILE(n) \
    void __tsan_volatile_read##n(void *p); \
    void __tsan_volatile_write##n(void *p); \
    void __tsan_unaligned_volatile_read##n(void *p); \
    void __tsan_unaligned_volatile_write##n(void *p); \
    void __tsan_volatile_read##n(void *p) { (void)p; } \
    void __tsan_volatile_write##n(void *p) { (void)p; } \
    void __tsan_unaligned_volatile_read##n(void *p) { (void)p; } \
    void __tsan_unaligned_volatile_write##n(void *p) { (void)p; }
VOLATILE(1)
VOLATILE(2)
VOLATILE(4)
VOLATILE(8)
VOLATILE(16)
