/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI 1.1 (DEN 0022) and SMCCC 1.1 (DEN 0028) as guests see them, by HVC or SMC. Speculation
 * workarounds are passed on to the firmware where it has them.
 */
#include "core/domain.h"
#include "core/sched.h"
#include "drivers/psci_fw.h"

enum { PSCI_01_CPU_OFF = 1, PSCI_01_CPU_ON = 2 }; /* what a device tree names for PSCI 0.1 */

enum {
    PSCI_SUCCESS = 0, PSCI_NOT_SUPPORTED = -1, PSCI_INVALID_PARAMETERS = -2,
    PSCI_ALREADY_ON = -4, PSCI_INVALID_ADDRESS = -9,
};

#define PSCI_VERSION_1_1 0x10001
/* Xen public arch-arm/smccc.h, XEN_SMCCC_UID and revision: a package header that includes its
 * neighbours by another name than it installs them. */
#define VPSCI_XEN_UID { 0xa7, 0x18, 0x12, 0xdc, 0xc6, 0x98, 0x43, 0x69, \
                        0x9a, 0xcf, 0x79, 0xd1, 0x8d, 0xde, 0xe6, 0x67 }
#define VPSCI_XEN_MAJOR 0
#define VPSCI_XEN_MINOR 1

static struct vcpu *vpsci_target(const struct domain *d, uint64_t mpidr)
{
    uint64_t id = (mpidr & 15) | (mpidr >> 8 & 0xff) << 4;

    return mpidr & ~0xff0ful ? NULL : domain_vcpu(d, id);
}

static int64_t vpsci_cpu_on(struct vcpu *v, uint64_t mpidr, uint64_t entry, uint64_t context)
{
    struct vcpu *target = vpsci_target(v->domain, mpidr & ~BIT(31));
    bool off = false;

    if (!target)
        return PSCI_INVALID_PARAMETERS;
    if (entry & 3)
        return PSCI_INVALID_ADDRESS;
    /* One of several callers wins; the vCPU itself is past CPU_OFF only when it is unloaded: until
     * then it is on, here and for AFFINITY_INFO. */
    if (!__atomic_compare_exchange_n(&target->is_online, &off, true, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED))
        return PSCI_ALREADY_ON;
    if (sched_is_loaded(target) || target->sched.state != VCPU_OFFLINE) {
        __atomic_store_n(&target->is_online, false, __ATOMIC_RELEASE);
        return PSCI_ALREADY_ON;
    }
    vcpu_reset(target, entry, context);
    target->is_initialised = true;
    sched_vcpu_online(target);
    return PSCI_SUCCESS;
}

static int64_t vpsci_cpu_off(struct vcpu *v)
{
    sched_vcpu_offline(v);
    __atomic_store_n(&v->is_online, false, __ATOMIC_RELEASE);
    return PSCI_SUCCESS;
}

/* 0 on, 1 off: the level 0 affinity only (DEN 0022, AFFINITY_INFO). */
static int64_t vpsci_affinity_info(struct vcpu *v, uint64_t mpidr, uint64_t level)
{
    struct vcpu *target = vpsci_target(v->domain, mpidr & ~BIT(31));

    if (level || !target)
        return PSCI_INVALID_PARAMETERS;
    return target->is_online || sched_is_loaded(target) ? 0 : 1;
}

static int64_t vpsci_system(struct vcpu *v, uint32_t reason)
{
    domain_shutdown(v->domain, reason);
    return PSCI_NOT_SUPPORTED; /* seen only if the tools resume the domain */
}

static int64_t vpsci_features(uint32_t fn)
{
    static const uint32_t known[] = {
        SMCCC_VERSION, PSCI_VERSION, PSCI_CPU_SUSPEND, PSCI_CPU_SUSPEND64, PSCI_CPU_OFF,
        PSCI_CPU_ON, PSCI_CPU_ON64, PSCI_AFFINITY_INFO, PSCI_AFFINITY_INFO64,
        PSCI_MIGRATE_INFO_TYPE, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET, PSCI_FEATURES,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(known); i++)
        if (known[i] == fn)
            return PSCI_SUCCESS;
    return PSCI_NOT_SUPPORTED;
}

static bool vpsci_is_workaround(uint32_t fn)
{
    return fn == SMCCC_WORKAROUND_1 || fn == SMCCC_WORKAROUND_2 || fn == SMCCC_WORKAROUND_3;
}

static int64_t vpsci_smccc_features(uint32_t fn)
{
    if (vpsci_is_workaround(fn))
        return psci_fw_arch_feature(fn);
    return fn == SMCCC_VERSION || fn == SMCCC_ARCH_FEATURES ? PSCI_SUCCESS : PSCI_NOT_SUPPORTED;
}

/* The UUID's bytes, four to a register, the first lowest (DEN 0028, Call UID Query). */
static int64_t vpsci_uid(struct vcpu *v)
{
    static const uint8_t uid[16] = VPSCI_XEN_UID;
    uint32_t words[4];

    memcpy(words, uid, sizeof(words));
    v->x[1] = words[1];
    v->x[2] = words[2];
    v->x[3] = words[3];
    return words[0];
}

static int64_t vpsci_smccc(struct vcpu *v, uint32_t fn)
{
    if (vpsci_is_workaround(fn)) {
        psci_fw_arch_workaround(fn, v->x[1]);
        return (int64_t)v->x[0];
    }
    switch (fn) {
    case SMCCC_VERSION:
        return SMCCC_VERSION_1_1;
    case SMCCC_ARCH_FEATURES:
        return vpsci_smccc_features((uint32_t)v->x[1]);
    case SMCCC_HYP_CALL_COUNT:
        return 3;
    case SMCCC_HYP_CALL_UID:
        return vpsci_uid(v);
    case SMCCC_HYP_CALL_REVISION:
        v->x[1] = VPSCI_XEN_MINOR;
        return VPSCI_XEN_MAJOR;
    default:
        return PSCI_NOT_SUPPORTED;
    }
}

int64_t vpsci_call(struct vcpu *v)
{
    uint32_t fn = (uint32_t)v->x[0];
    uint64_t mask = fn & BIT(30) ? ~0ul : 0xfffffffful; /* of a 64-bit call: all of them */

    switch (fn) {
    case PSCI_VERSION:
        return PSCI_VERSION_1_1;
    case PSCI_CPU_SUSPEND: case PSCI_CPU_SUSPEND64:
        vcpu_wait(v);
        return PSCI_SUCCESS;
    case PSCI_01_CPU_OFF: case PSCI_CPU_OFF:
        return vpsci_cpu_off(v);
    case PSCI_01_CPU_ON:
        return vpsci_cpu_on(v, v->x[1], v->x[2], 0);
    case PSCI_CPU_ON: case PSCI_CPU_ON64:
        return vpsci_cpu_on(v, v->x[1] & mask, v->x[2] & mask, v->x[3] & mask);
    case PSCI_AFFINITY_INFO: case PSCI_AFFINITY_INFO64:
        return vpsci_affinity_info(v, v->x[1] & mask, v->x[2] & mask);
    case PSCI_MIGRATE_INFO_TYPE:
        return 2; /* no trusted OS to migrate */
    case PSCI_SYSTEM_OFF:
        return vpsci_system(v, SHUTDOWN_poweroff);
    case PSCI_SYSTEM_RESET:
        return vpsci_system(v, SHUTDOWN_reboot);
    case PSCI_FEATURES:
        return vpsci_features((uint32_t)v->x[1]);
    default:
        return vpsci_smccc(v, fn);
    }
}
