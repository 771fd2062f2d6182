/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system registers that EL2 reads or writes: name (DDI 0487, IHI 0069) and the operand for MRS
 * and MSR. Registers newer than ARMv8.0, and those of the GIC, stand by encoding
 * (op0_op1_CRn_CRm_op2), so that -march and the assembler's age do not matter. The fake machine
 * lists its registers from here too.
 */
#ifndef BOOT_HW_SYSREGS_H
#define BOOT_HW_SYSREGS_H

/* Identification. */
#define HW_SYSREGS_ID(X) \
    X(MIDR_EL1, "midr_el1") \
    X(MPIDR_EL1, "mpidr_el1") \
    X(REVIDR_EL1, "revidr_el1") \
    X(AIDR_EL1, "aidr_el1") \
    X(CTR_EL0, "ctr_el0") \
    X(DCZID_EL0, "dczid_el0") \
    X(CLIDR_EL1, "clidr_el1") \
    X(CCSIDR_EL1, "ccsidr_el1") \
    X(CSSELR_EL1, "csselr_el1") \
    X(CurrentEL, "currentel") \
    X(DAIF, "daif")

/* Feature registers by encoding: the assembler's names depend on -march. */
#define HW_SYSREGS_FEATURE(X) \
    X(ID_PFR0_EL1, "s3_0_c0_c1_0") \
    X(ID_PFR1_EL1, "s3_0_c0_c1_1") \
    X(ID_DFR0_EL1, "s3_0_c0_c1_2") \
    X(ID_AFR0_EL1, "s3_0_c0_c1_3") \
    X(ID_MMFR0_EL1, "s3_0_c0_c1_4") \
    X(ID_MMFR1_EL1, "s3_0_c0_c1_5") \
    X(ID_MMFR2_EL1, "s3_0_c0_c1_6") \
    X(ID_MMFR3_EL1, "s3_0_c0_c1_7") \
    X(ID_ISAR0_EL1, "s3_0_c0_c2_0") \
    X(ID_ISAR1_EL1, "s3_0_c0_c2_1") \
    X(ID_ISAR2_EL1, "s3_0_c0_c2_2") \
    X(ID_ISAR3_EL1, "s3_0_c0_c2_3") \
    X(ID_ISAR4_EL1, "s3_0_c0_c2_4") \
    X(ID_ISAR5_EL1, "s3_0_c0_c2_5") \
    X(ID_MMFR4_EL1, "s3_0_c0_c2_6") \
    X(ID_ISAR6_EL1, "s3_0_c0_c2_7") \
    X(MVFR0_EL1, "s3_0_c0_c3_0") \
    X(MVFR1_EL1, "s3_0_c0_c3_1") \
    X(MVFR2_EL1, "s3_0_c0_c3_2") \
    X(ID_PFR2_EL1, "s3_0_c0_c3_4") \
    X(ID_DFR1_EL1, "s3_0_c0_c3_5") \
    X(ID_MMFR5_EL1, "s3_0_c0_c3_6") \
    X(ID_AA64PFR0_EL1, "s3_0_c0_c4_0") \
    X(ID_AA64PFR1_EL1, "s3_0_c0_c4_1") \
    X(ID_AA64ZFR0_EL1, "s3_0_c0_c4_4") \
    X(ID_AA64SMFR0_EL1, "s3_0_c0_c4_5") \
    X(ID_AA64DFR0_EL1, "s3_0_c0_c5_0") \
    X(ID_AA64DFR1_EL1, "s3_0_c0_c5_1") \
    X(ID_AA64AFR0_EL1, "s3_0_c0_c5_4") \
    X(ID_AA64AFR1_EL1, "s3_0_c0_c5_5") \
    X(ID_AA64ISAR0_EL1, "s3_0_c0_c6_0") \
    X(ID_AA64ISAR1_EL1, "s3_0_c0_c6_1") \
    X(ID_AA64ISAR2_EL1, "s3_0_c0_c6_2") \
    X(ID_AA64MMFR0_EL1, "s3_0_c0_c7_0") \
    X(ID_AA64MMFR1_EL1, "s3_0_c0_c7_1") \
    X(ID_AA64MMFR2_EL1, "s3_0_c0_c7_2") \
    X(ID_AA64MMFR3_EL1, "s3_0_c0_c7_3") \
    X(ID_AA64MMFR4_EL1, "s3_0_c0_c7_4")

/* EL2. */
#define HW_SYSREGS_EL2(X) \
    X(HCR_EL2, "hcr_el2") \
    X(HSTR_EL2, "hstr_el2") \
    X(MDCR_EL2, "mdcr_el2") \
    X(CPTR_EL2, "cptr_el2") \
    X(HACR_EL2, "hacr_el2") \
    X(SCTLR_EL2, "sctlr_el2") \
    X(ACTLR_EL2, "actlr_el2") \
    X(TCR_EL2, "tcr_el2") \
    X(TTBR0_EL2, "ttbr0_el2") \
    X(MAIR_EL2, "mair_el2") \
    X(AMAIR_EL2, "amair_el2") \
    X(VBAR_EL2, "vbar_el2") \
    X(VTTBR_EL2, "vttbr_el2") \
    X(VTCR_EL2, "vtcr_el2") \
    X(VPIDR_EL2, "vpidr_el2") \
    X(VMPIDR_EL2, "vmpidr_el2") \
    X(ESR_EL2, "esr_el2") \
    X(FAR_EL2, "far_el2") \
    X(HPFAR_EL2, "hpfar_el2") \
    X(AFSR0_EL2, "afsr0_el2") \
    X(AFSR1_EL2, "afsr1_el2") \
    X(ELR_EL2, "elr_el2") \
    X(SPSR_EL2, "spsr_el2") \
    X(TPIDR_EL2, "tpidr_el2") \
    X(RVBAR_EL2, "rvbar_el2")

/* EL1 and EL0. */
#define HW_SYSREGS_EL1(X) \
    X(SP_EL0, "sp_el0") \
    X(SP_EL1, "sp_el1") \
    X(ELR_EL1, "elr_el1") \
    X(SPSR_EL1, "spsr_el1") \
    X(SCTLR_EL1, "sctlr_el1") \
    X(ACTLR_EL1, "actlr_el1") \
    X(CPACR_EL1, "cpacr_el1") \
    X(TTBR0_EL1, "ttbr0_el1") \
    X(TTBR1_EL1, "ttbr1_el1") \
    X(TCR_EL1, "tcr_el1") \
    X(MAIR_EL1, "mair_el1") \
    X(AMAIR_EL1, "amair_el1") \
    X(VBAR_EL1, "vbar_el1") \
    X(ESR_EL1, "esr_el1") \
    X(FAR_EL1, "far_el1") \
    X(AFSR0_EL1, "afsr0_el1") \
    X(AFSR1_EL1, "afsr1_el1") \
    X(CONTEXTIDR_EL1, "contextidr_el1") \
    X(PAR_EL1, "par_el1") \
    X(TPIDR_EL0, "tpidr_el0") \
    X(TPIDRRO_EL0, "tpidrro_el0") \
    X(TPIDR_EL1, "tpidr_el1") \
    X(MDSCR_EL1, "mdscr_el1") \
    X(OSLAR_EL1, "oslar_el1") \
    X(OSLSR_EL1, "oslsr_el1") \
    X(OSDLR_EL1, "osdlr_el1") \
    X(PMCR_EL0, "pmcr_el0") \
    X(PMUSERENR_EL0, "pmuserenr_el0") \
    X(FPCR, "fpcr") \
    X(FPSR, "fpsr") \
    X(DACR32_EL2, "dacr32_el2") \
    X(IFSR32_EL2, "ifsr32_el2") \
    X(FPEXC32_EL2, "fpexc32_el2") \
    X(SPSR_abt, "spsr_abt") \
    X(SPSR_und, "spsr_und") \
    X(SPSR_irq, "spsr_irq") \
    X(SPSR_fiq, "spsr_fiq")

/* Generic timer. */
#define HW_SYSREGS_TIMER(X) \
    X(CNTFRQ_EL0, "cntfrq_el0") \
    X(CNTPCT_EL0, "cntpct_el0") \
    X(CNTVCT_EL0, "cntvct_el0") \
    X(CNTVOFF_EL2, "cntvoff_el2") \
    X(CNTHCTL_EL2, "cnthctl_el2") \
    X(CNTKCTL_EL1, "cntkctl_el1") \
    X(CNTHP_CTL_EL2, "cnthp_ctl_el2") \
    X(CNTHP_CVAL_EL2, "cnthp_cval_el2") \
    X(CNTHP_TVAL_EL2, "cnthp_tval_el2") \
    X(CNTV_CTL_EL0, "cntv_ctl_el0") \
    X(CNTV_CVAL_EL0, "cntv_cval_el0") \
    X(CNTV_TVAL_EL0, "cntv_tval_el0") \
    X(CNTP_CTL_EL0, "cntp_ctl_el0") \
    X(CNTP_CVAL_EL0, "cntp_cval_el0") \
    X(CNTP_TVAL_EL0, "cntp_tval_el0")

/* GICv3 CPU interface and virtual interface (IHI 0069). */
#define HW_SYSREGS_GIC(X) \
    X(ICC_PMR_EL1, "s3_0_c4_c6_0") \
    X(ICC_IAR0_EL1, "s3_0_c12_c8_0") \
    X(ICC_EOIR0_EL1, "s3_0_c12_c8_1") \
    X(ICC_HPPIR0_EL1, "s3_0_c12_c8_2") \
    X(ICC_BPR0_EL1, "s3_0_c12_c8_3") \
    X(ICC_AP0R0_EL1, "s3_0_c12_c8_4") \
    X(ICC_AP0R1_EL1, "s3_0_c12_c8_5") \
    X(ICC_AP0R2_EL1, "s3_0_c12_c8_6") \
    X(ICC_AP0R3_EL1, "s3_0_c12_c8_7") \
    X(ICC_AP1R0_EL1, "s3_0_c12_c9_0") \
    X(ICC_AP1R1_EL1, "s3_0_c12_c9_1") \
    X(ICC_AP1R2_EL1, "s3_0_c12_c9_2") \
    X(ICC_AP1R3_EL1, "s3_0_c12_c9_3") \
    X(ICC_DIR_EL1, "s3_0_c12_c11_1") \
    X(ICC_RPR_EL1, "s3_0_c12_c11_3") \
    X(ICC_SGI1R_EL1, "s3_0_c12_c11_5") \
    X(ICC_ASGI1R_EL1, "s3_0_c12_c11_6") \
    X(ICC_SGI0R_EL1, "s3_0_c12_c11_7") \
    X(ICC_IAR1_EL1, "s3_0_c12_c12_0") \
    X(ICC_EOIR1_EL1, "s3_0_c12_c12_1") \
    X(ICC_HPPIR1_EL1, "s3_0_c12_c12_2") \
    X(ICC_BPR1_EL1, "s3_0_c12_c12_3") \
    X(ICC_CTLR_EL1, "s3_0_c12_c12_4") \
    X(ICC_SRE_EL1, "s3_0_c12_c12_5") \
    X(ICC_IGRPEN0_EL1, "s3_0_c12_c12_6") \
    X(ICC_IGRPEN1_EL1, "s3_0_c12_c12_7") \
    X(ICC_SRE_EL2, "s3_4_c12_c9_5") \
    X(ICH_AP0R0_EL2, "s3_4_c12_c8_0") \
    X(ICH_AP0R1_EL2, "s3_4_c12_c8_1") \
    X(ICH_AP0R2_EL2, "s3_4_c12_c8_2") \
    X(ICH_AP0R3_EL2, "s3_4_c12_c8_3") \
    X(ICH_AP1R0_EL2, "s3_4_c12_c9_0") \
    X(ICH_AP1R1_EL2, "s3_4_c12_c9_1") \
    X(ICH_AP1R2_EL2, "s3_4_c12_c9_2") \
    X(ICH_AP1R3_EL2, "s3_4_c12_c9_3") \
    X(ICH_HCR_EL2, "s3_4_c12_c11_0") \
    X(ICH_VTR_EL2, "s3_4_c12_c11_1") \
    X(ICH_MISR_EL2, "s3_4_c12_c11_2") \
    X(ICH_EISR_EL2, "s3_4_c12_c11_3") \
    X(ICH_ELRSR_EL2, "s3_4_c12_c11_5") \
    X(ICH_VMCR_EL2, "s3_4_c12_c11_7") \
    X(ICH_LR0_EL2, "s3_4_c12_c12_0") \
    X(ICH_LR1_EL2, "s3_4_c12_c12_1") \
    X(ICH_LR2_EL2, "s3_4_c12_c12_2") \
    X(ICH_LR3_EL2, "s3_4_c12_c12_3") \
    X(ICH_LR4_EL2, "s3_4_c12_c12_4") \
    X(ICH_LR5_EL2, "s3_4_c12_c12_5") \
    X(ICH_LR6_EL2, "s3_4_c12_c12_6") \
    X(ICH_LR7_EL2, "s3_4_c12_c12_7") \
    X(ICH_LR8_EL2, "s3_4_c12_c13_0") \
    X(ICH_LR9_EL2, "s3_4_c12_c13_1") \
    X(ICH_LR10_EL2, "s3_4_c12_c13_2") \
    X(ICH_LR11_EL2, "s3_4_c12_c13_3") \
    X(ICH_LR12_EL2, "s3_4_c12_c13_4") \
    X(ICH_LR13_EL2, "s3_4_c12_c13_5") \
    X(ICH_LR14_EL2, "s3_4_c12_c13_6") \
    X(ICH_LR15_EL2, "s3_4_c12_c13_7")

/* Hidden from guests where they exist. */
#define HW_SYSREGS_NEW(X) \
    X(ZCR_EL2, "s3_4_c1_c2_0") \
    X(HCRX_EL2, "s3_4_c1_c2_2") \
    X(HFGRTR_EL2, "s3_4_c1_c1_4") \
    X(HFGWTR_EL2, "s3_4_c1_c1_5") \
    X(SCXTNUM_EL0, "s3_3_c13_c0_7") \
    X(SCXTNUM_EL1, "s3_0_c13_c0_7") \
    X(PMSCR_EL1, "s3_0_c9_c9_0") \
    X(DISR_EL1, "s3_0_c12_c1_1") \
    X(VSESR_EL2, "s3_4_c5_c2_3")

#define HW_SYSREGS(X) \
    HW_SYSREGS_ID(X) \
    HW_SYSREGS_FEATURE(X) \
    HW_SYSREGS_EL2(X) \
    HW_SYSREGS_EL1(X) \
    HW_SYSREGS_TIMER(X) \
    HW_SYSREGS_GIC(X) \
    HW_SYSREGS_NEW(X)

#endif
