# SPDX-License-Identifier: BSD-2-Clause
# The EL2 image: every C and assembly file of the layers' folders, linked by boot/purlin.lds.
# Also $(BUILD)/xen-include: Xen's public headers from the sysroot, and nothing else of it.

EL2_OUT   := $(BUILD)/el2
EL2_CC    := $(CROSS_COMPILE)gcc
EL2_DIRS  := boot core core/base mm irq drivers
EL2_SRCS  := $(sort $(wildcard $(addsuffix /*.c,$(EL2_DIRS)) $(addsuffix /*.S,$(EL2_DIRS))))
EL2_OBJS  := $(patsubst %,$(EL2_OUT)/%.o,$(basename $(EL2_SRCS)))
LIBFDT_A  := $(SYSROOT)/usr/lib/aarch64-linux-gnu/libfdt.a

XEN_INCLUDE := $(BUILD)/xen-include
FDT_INCLUDE := $(BUILD)/fdt-include

EL2_VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)

EL2_CFLAGS := -std=gnu2x -O2 -fipa-cp-clone -g -march=armv8-a -mgeneral-regs-only -ffreestanding \
	-fno-pic -fno-pie -mcmodel=tiny -fno-section-anchors -ffixed-x18 -mno-outline-atomics -fno-stack-protector \
	-fno-strict-aliasing -fno-align-loops -fno-common -ffunction-sections -fomit-frame-pointer \
	-fno-asynchronous-unwind-tables -mfix-cortex-a53-835769 -flto -Wall -Wextra -Werror \
	-I. -Iboot -I$(XEN_INCLUDE) $(EL2_DEFINES)
# Where to say that there is no device tree: a PL011's address, by default that of QEMU's virt board;
# 0: nowhere.
LAST_RESORT_UART ?= 0x09000000
# boot/ runs once: small, and what it calls counts for less when calls are put in line. libfdt's
# headers are for boot/ alone: a device tree is read and written at boot only.
EL2_BOOT_CFLAGS := -Os -I$(FDT_INCLUDE) -DLAST_RESORT_UART=$(LAST_RESORT_UART)ul
EL2_LDFLAGS := -nostdlib -static -T boot/purlin.lds -Wl,--gc-sections,--build-id=sha1 \
	-Wl,-z,noexecstack,-z,max-page-size=4096,--no-warn-rwx-segments,--fatal-warnings \
	-flto-partition=one -Wno-maybe-uninitialized

.PHONY: hypervisor
hypervisor: $(addprefix $(BUILD)/purlin.,elf img uimg) ## the hypervisor: ELF, Image, uImage

# The sysroot's own rule is in images/images.mk; here only the links into it.
$(XEN_INCLUDE): | $(SYSROOT_STAMP)
	@mkdir -p $@
	@ln -sfn $(abspath $(SYSROOT))/usr/include/xen $@/xen

$(FDT_INCLUDE): | $(SYSROOT_STAMP)
	@mkdir -p $@
	@for h in fdt.h libfdt.h; do \
		ln -sfn $(abspath $(SYSROOT))/usr/include/$$h $@/$$h; done

# The flags are part of what an object was made from, and of one the version.
$(EL2_OUT)/flags: TEXT = $(EL2_CC) $(EL2_CFLAGS) $(EL2_BOOT_CFLAGS)
$(EL2_OUT)/version: TEXT = $(EL2_VERSION)
$(EL2_OUT)/flags $(EL2_OUT)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(TEXT)' | cmp -s - $@ || echo '$(TEXT)' > $@
$(EL2_OUT)/boot/main.o: $(EL2_OUT)/version
.PHONY: FORCE

$(EL2_OUT)/boot/%.o: EL2_DIR_CFLAGS := $(EL2_BOOT_CFLAGS)
$(EL2_OUT)/boot/main.o: EL2_DIR_CFLAGS := $(EL2_BOOT_CFLAGS) -DPURLIN_VERSION='"$(EL2_VERSION)"'
# It defines memcpy and memset: its loops must not become calls of them.
$(EL2_OUT)/core/base/string.o: EL2_DIR_CFLAGS := -fno-tree-loop-distribute-patterns -fno-lto

$(EL2_OUT)/%.o: %.c $(EL2_OUT)/flags | $(XEN_INCLUDE) $(FDT_INCLUDE)
	@mkdir -p $(@D)
	$(call say,cc,$<)
	$(Q)$(EL2_CC) $(EL2_CFLAGS) $(EL2_DIR_CFLAGS) -MMD -MP -c $< -o $@

$(EL2_OUT)/%.o: %.S $(EL2_OUT)/flags | deps-build
	@mkdir -p $(@D)
	$(call say,as,$<)
	$(Q)$(EL2_CC) $(EL2_CFLAGS) -D__ASSEMBLY__ -MMD -MP -c $< -o $@

$(BUILD)/purlin.elf: $(EL2_OBJS) boot/purlin.lds $(LIBFDT_A)
	$(call say,ld,$@)
	$(Q)$(EL2_CC) $(EL2_CFLAGS) $(EL2_LDFLAGS) -o $@ $(EL2_OBJS) $(LIBFDT_A)

$(BUILD)/purlin.img: $(BUILD)/purlin.elf
	$(Q)$(CROSS_COMPILE)objcopy -O binary $< $@

# U-Boot's older format, for boards whose U-Boot has no booti.
$(BUILD)/purlin.uimg: $(BUILD)/purlin.img
	$(Q)mkimage -A arm64 -O linux -T kernel -C none -a 0x200000 -e 0x200000 -n Purlin -d $< $@ >/dev/null

# What of boot/ is pure is tested on the host, with device trees as boards have them.
UNIT_BOOT_SRCS := $(addprefix boot/,ranges.c options.c fdt_util.c platform.c dom0_devices.c \
	dom0_fdt.c dom0_image.c)
UNIT_DTBS      := $(patsubst tests/unit/dts/%.dts,$(BUILD)/unit/dts/%.dtb,\
	$(wildcard tests/unit/dts/*.dts))
UNIT_DTB_TESTS := platform fdt_util dom0_devices dom0_fdt

$(BUILD)/unit/dts/%.dtb: tests/unit/dts/%.dts | deps-build
	@mkdir -p $(@D)
	@dtc -q -I dts -O dtb -o $@ $<

$(UNIT_DTB_TESTS:%=$(BUILD)/unit/tests/unit/%_test.o): $(UNIT_DTBS)
$(UNIT_DTB_TESTS:%=$(BUILD)/unit/tests/unit/%_test.o): \
	UNIT_CFLAGS += -DFDT_ENV_DIR='"$(BUILD)/unit/dts/"'

-include $(EL2_OBJS:.o=.d)
