/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What this plugin uses of QEMU's TCG plugin interface, version 1 (QEMU 7.2, docs/devel/
 * tcg-plugins). Debian ships no header for it; these are our own declarations of that interface.
 */
#ifndef TESTS_BENCH_QEMU_API_H
#define TESTS_BENCH_QEMU_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_API_VERSION 1
#define PLUGIN_EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;

enum { PLUGIN_NO_REGS = 0 };
enum { PLUGIN_MEM_READ = 1, PLUGIN_MEM_WRITE = 2, PLUGIN_MEM_BOTH = 3 };

/* A translated block has been made; instruments may be put into it. */
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*fn)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            void (*fn)(unsigned cpu, void *data), int flags,
                                            void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
                                      void (*fn)(unsigned cpu, qemu_plugin_meminfo_t info,
                                                 uint64_t address, void *data),
                                      int flags, int access, void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*fn)(qemu_plugin_id_t, void *),
                                    void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t address);
bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *address);
const char *qemu_plugin_hwaddr_device_name(const struct qemu_plugin_hwaddr *address);

/* Not of that interface: QEMU's own functions, which Debian's build exports for its modules. A CPU
 * that is told to exit ends its turn at the next block. */
void *qemu_get_cpu(int index);
void cpu_exit(void *cpu);

#endif
