/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fields of the system registers that core/ programs, by their names in DDI 0487.
 */
#ifndef CORE_BASE_SYSREG_BITS_H
#define CORE_BASE_SYSREG_BITS_H

#include "core/base/bits.h"

/* HCR_EL2 */
#define HCR_VM     BIT(0)
#define HCR_SWIO   BIT(1)
#define HCR_PTW    BIT(2)
#define HCR_FMO    BIT(3)
#define HCR_IMO    BIT(4)
#define HCR_AMO    BIT(5)
#define HCR_VSE    BIT(8)
#define HCR_FB     BIT(9)
#define HCR_BSU_IS (1ul << 10)
#define HCR_TWI    BIT(13)
#define HCR_TWE    BIT(14)
#define HCR_TID3   BIT(18)
#define HCR_TSC    BIT(19)
#define HCR_TIDCP  BIT(20)
#define HCR_TACR   BIT(21)
#define HCR_RW     BIT(31)
#define HCR_TLOR   BIT(35)
#define HCR_TERR   BIT(36)
#define HCR_APK    BIT(40)
#define HCR_API    BIT(41)

#define ISR_A BIT(8) /* ISR_EL1: a physical SError is pending */

/* CPTR_EL2, HCR_EL2.E2H 0 */
#define CPTR_RES1 0x32fful
#define CPTR_TZ   BIT(8)
#define CPTR_TFP  BIT(10)
#define CPTR_TTA  BIT(20)
#define CPTR_TAM  BIT(30)

/* MDCR_EL2; HPMD, HCCD: nothing is counted at EL2 */
#define MDCR_TPMCR BIT(5)
#define MDCR_TPM   BIT(6)
#define MDCR_TDA   BIT(9)
#define MDCR_TDOSA BIT(10)
#define MDCR_TDRA  BIT(11)
#define MDCR_TPMS  BIT(14)
#define MDCR_HPMD  BIT(17)
#define MDCR_TTRF  BIT(19)
#define MDCR_HCCD  BIT(23)

#define MDSCR_MDE BIT(15) /* MDSCR_EL1: breakpoints and watchpoints are on */

/* SPSR_EL2, PSTATE */
#define PSTATE_EL0T 0x0ul
#define PSTATE_EL1T 0x4ul
#define PSTATE_EL1H 0x5ul
#define PSTATE_MODE 0xful
#define PSTATE_AARCH32 BIT(4)
#define PSTATE_F    BIT(6)
#define PSTATE_I    BIT(7)
#define PSTATE_A    BIT(8)
#define PSTATE_D    BIT(9)
#define PSTATE_BTYPE (3ul << 10)
#define PSTATE_IT_HIGH (0x3ful << 10) /* AArch32: ITSTATE[7:2] */
#define PSTATE_IT_LOW (3ul << 25)     /* AArch32: ITSTATE[1:0] */
#define PSTATE_SSBS BIT(12)
#define PSTATE_SS   BIT(21)
#define PSTATE_PAN  BIT(22)
#define PSTATE_DIT  BIT(24)
#define PSTATE_NZCV (15ul << 28)

/* SCTLR_EL1 */
#define SCTLR_EL1_SPAN BIT(23)
#define SCTLR_EL1_DSSBS BIT(44)
#define SCTLR_EL1_RESET 0x30c50838ul /* RES1 as of ARMv8.0, MMU and caches off, EL0 traps off */

#define MPIDR_AFFINITY 0xff00fffffful /* MPIDR_EL1, VMPIDR_EL2: Aff3, Aff2, Aff1, Aff0 */

/* ESR_ELx */
#define ESR_EC_SHIFT 26
#define ESR_EC(esr)  BITS_GET((esr), 31, 26)
#define ESR_IL       BIT(25)
#define ESR_ISS(esr) BITS_GET((esr), 24, 0)
#define ISS_CV       BIT(24) /* of AArch32 instructions: their condition is valid, in [23:20] */

enum {
    EC_UNKNOWN = 0x00, EC_WFX = 0x01, EC_CP15_32 = 0x03, EC_CP15_64 = 0x04, EC_CP14_32 = 0x05,
    EC_CP14_LS = 0x06, EC_FP = 0x07, EC_PAUTH = 0x09, EC_CP14_64 = 0x0c, EC_ILLEGAL = 0x0e,
    EC_HVC64 = 0x16, EC_SMC64 = 0x17, EC_SYSREG = 0x18, EC_SVE = 0x19, EC_IABT_LOW = 0x20,
    EC_DABT_LOW = 0x24, EC_DABT_SAME = 0x25,
};

/* Data abort ISS */
#define DABT_ISV    BIT(24)
#define DABT_SAS(i) BITS_GET((i), 23, 22)
#define DABT_SSE    BIT(21)
#define DABT_SRT(i) BITS_GET((i), 20, 16)
#define DABT_SF     BIT(15)
#define DABT_CM     BIT(8)
#define DABT_WNR    BIT(6)
#define ABT_S1PTW   BIT(7) /* also of instruction aborts */
#define HPFAR_FIPA  0xfffffffff0ul /* the page's address, this much to the right: */
#define HPFAR_SHIFT 8
#define ABT_FSC(i)  BITS_GET((i), 5, 0)
#define FSC_TRANSLATION 0x04u /* level in [1:0] */
#define FSC_EXTERNAL    0x10u
#define FSC_EXTERNAL_WALK 0x14u /* level in [1:0] */
#define FSC_ALIGNMENT   0x21u
#define FSC_TYPE(fsc)   ((fsc) & 0x3cu)

/* Does this CPU implement pointer authentication (ID_AA64ISAR1_EL1.APA/API/GPA/GPI, ISAR2)? */
bool sysreg_has_pauth(void);

#endif
