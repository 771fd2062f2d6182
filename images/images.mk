# SPDX-License-Identifier: BSD-2-Clause
# The arm64 sysroot, root file systems, disks, and the targets that boot them. Nothing of
# arm64 runs on the host; only mmdebstrap and the installation of packages need root, by sudo.
# Set HYPERVISOR to boot another image.

HYPERVISOR  ?= $(BUILD)/purlin.img
PURLIN_TOOL ?= $(BUILD)/dom0/purlin
QEMU_ARGS   ?=

IMAGES   := $(BUILD)/images
BOOT_MIB := 160

SYSROOT_STAMP := $(BUILD)/sysroot.stamp

.PHONY: deps-build deps-demo deps-test deps-gdb
deps-build deps-demo deps-test deps-gdb: deps-%:
	@images/deps.sh $*

# Its other modes want packages and set-up of their own: who is not root lets sudo run it.
PROXIES    := http_proxy,https_proxy,no_proxy,HTTP_PROXY,HTTPS_PROXY,NO_PROXY
MMDEBSTRAP := $(if $(filter-out 0,$(shell id -u)),sudo --preserve-env=$(PROXIES) )mmdebstrap \
	--quiet --mode=root

# Extracted, not configured: needs neither a foreign architecture nor emulation on this machine.
$(SYSROOT_STAMP): images/sysroot.packages | deps-build
	@echo "[build] arm64 sysroot from Debian's packages"
	@rm -rf $(SYSROOT).new && mkdir -p $(SYSROOT).new
	@set -o pipefail; $(MMDEBSTRAP) --variant=extract --architectures=arm64 --format=tar \
		--include=$$(sed 's/#.*//' $< | xargs | tr ' ' ,) bookworm - \
		| tar -x -C $(SYSROOT).new --no-same-owner --exclude='./dev/*'
	@if [ -e $(SYSROOT) ]; then rm -rf $(SYSROOT).old; mv $(SYSROOT) $(SYSROOT).old; fi
	@mv $(SYSROOT).new $(SYSROOT) && rm -rf $(SYSROOT).old
	@touch $@

# Other fragments name single files of the sysroot as what they need.
$(SYSROOT)/%: | $(SYSROOT_STAMP) ;

# Debian's kernel, unmodified; a distribution that compresses it gets it unpacked.
$(IMAGES)/dom0-kernel: $(SYSROOT_STAMP)
	@mkdir -p $(@D)
	@set -- $(SYSROOT)/boot/vmlinuz-*; \
	if gzip -t "$$1" 2>/dev/null; then gzip -dc "$$1" >$@; else cp "$$1" $@; fi

# $(call initramfs,NAME,MANIFEST)
initramfs = images/initramfs.py --sysroot $(SYSROOT) -D PURLIN_TOOL=$(PURLIN_TOOL) -o $@ $1

$(IMAGES)/dom0-initrd: images/initramfs.py $(wildcard images/dom0/*) $(PURLIN_TOOL) $(SYSROOT_STAMP)
	@mkdir -p $(@D)
	@echo "[build] Dom0's initrd"
	@$(call initramfs,images/dom0/manifest $(DOM0_EXTRA_MANIFEST))

$(IMAGES)/domu-initrd: images/initramfs.py $(wildcard images/domu/*) $(SYSROOT_STAMP)
	@mkdir -p $(@D)
	@echo "[build] the guests' initrd"
	@$(call initramfs,images/domu/manifest)

$(IMAGES)/tiny-initrd: images/initramfs.py $(wildcard images/tiny/*) $(SYSROOT_STAMP)
	@mkdir -p $(@D)
	@echo "[build] the tiny guest's initrd"
	@$(call initramfs,images/tiny/manifest)

$(IMAGES)/boot.scr: configs/qemu/boot.cmd | deps-demo
	@mkdir -p $(@D)
	@mkimage -A arm64 -T script -n "Purlin on QEMU virt" -d $< $@ >/dev/null

# Debian's U-Boot for a guest: an arm64 Image.
UBOOT := /usr/lib/u-boot/qemu_arm64/u-boot.bin
$(IMAGES)/domu-u-boot: images/domu/u-boot.S | deps-demo
	@mkdir -p $(@D)
	@$(CROSS_COMPILE)gcc -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0x40000000 \
		-DUBOOT='"$(UBOOT)"' -o $@.elf $<
	@$(CROSS_COMPILE)objcopy -O binary $@.elf $@ && rm $@.elf

# The disk that U-Boot boots from; Dom0 mounts it on /boot.
$(IMAGES)/boot.img: $(HYPERVISOR) $(IMAGES)/dom0-kernel $(IMAGES)/dom0-initrd \
		$(IMAGES)/domu-initrd $(IMAGES)/domu-u-boot $(IMAGES)/boot.scr images/mkdisk.sh
	@echo "[build] boot disk"
	@images/mkdisk.sh boot $@ $(BOOT_MIB) purlin.img=$(HYPERVISOR) \
		$(foreach f,dom0-kernel dom0-initrd domu-initrd domu-u-boot boot.scr,$f=$(IMAGES)/$f) \
		domu-kernel@dom0-kernel

# The guests' configurations and disks: Dom0's /guests. Dom0 writes to it, so it is made once,
# whatever changes in the files that it is made from.
$(IMAGES)/guests.img: | configs/guests/demo.cfg images/mkdisk.sh deps-demo
	@mkdir -p $(@D)
	@echo "[build] guests' disk"
	@truncate -s 64M $(IMAGES)/demo-disk.new
	@images/mkdisk.sh plain $@ 512 demo.cfg=configs/guests/demo.cfg \
		demo.img=$(IMAGES)/demo-disk.new
	@rm $(IMAGES)/demo-disk.new

.PHONY: renew-guests
renew-guests: ## make the guests' disk anew: what was written to it is lost
	@rm -f $(IMAGES)/guests.img
	@$(MAKE) --no-print-directory $(IMAGES)/guests.img

# Roots for `purlin.root=NAME`, which Dom0 never changes: Debian's packages, extracted. Merged /usr,
# as every Debian 12 has it; its hook needs no arm64 code either.
$(IMAGES)/%.tar: images/%/packages | deps-build
	@mkdir -p $(@D)
	@echo "[build] Debian's packages of $<"
	@$(MMDEBSTRAP) --variant=extract --architectures=arm64 \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
		--include=$$(sed 's/#.*//' $< | xargs | tr ' ' ,) bookworm $@ >$@.log 2>&1 \
		|| { cat $@.log >&2; exit 1; }

# Debian's own Xen tools and libvirt, started by its init scripts.
ROOT_FILES := images/mkroot.sh $(wildcard images/stock/* images/systemd/* dom0/systemd/*) \
	images/dom0/inittab images/dom0/session

$(IMAGES)/stock.img: $(IMAGES)/stock.tar $(ROOT_FILES) | deps-demo
	@echo "[build] a Dom0 root with Debian's tools"
	@images/mkroot.sh stock $@ $<

# systemd, and the units of `make install`.
$(IMAGES)/systemd.img: $(IMAGES)/systemd.tar $(PURLIN_TOOL) $(ROOT_FILES) | deps-demo
	@echo "[build] a Dom0 root whose init is systemd"
	@rm -rf $(IMAGES)/systemd.tool
	@$(MAKE) --no-print-directory -s install UNITDIR=/usr/lib/systemd/system \
		DESTDIR=$(abspath $(IMAGES)/systemd.tool)
	@images/mkroot.sh systemd $@ $< $(IMAGES)/systemd.tool

.PHONY: images run run-stock demo gdb
images: $(IMAGES)/boot.img $(IMAGES)/guests.img ## build kernels, root file systems and disks

QEMU_RUN = python3 images/qemu.py --build $(BUILD) --hypervisor $(HYPERVISOR)

run: deps-demo images ## boot to Dom0's shell in QEMU through U-Boot
	@$(QEMU_RUN) $(QEMU_ARGS)

run-stock: deps-demo images $(IMAGES)/stock.img ## boot to a Dom0 with Debian's xl, xenstored, libvirt ...
	@$(QEMU_RUN) --root stock $(QEMU_ARGS)

demo: deps-demo images ## install what is missing, build, boot, and create a guest with its console
	@echo "[demo] starting QEMU: U-Boot, then Purlin, then Dom0, then the guest"
	@$(QEMU_RUN) --dom0-args "console=hvc0 purlin.mode=demo" $(QEMU_ARGS)

gdb: deps-gdb images ## boot with QEMU stopped and gdb attached to it
	@images/gdb.sh $(BUILD) $(HYPERVISOR)

# Bare-metal guests that the boot tests start: arm64 Images of one assembly file, or one C file.
TEST_GUESTS := $(patsubst tests/guests/%.S,$(BUILD)/guests/%.img,$(filter-out %/c_start.S,$(wildcard \
	tests/guests/*.S))) $(patsubst tests/guests/%.c,$(BUILD)/guests/%.img,$(wildcard tests/guests/*.c))
TEST_GUEST_LINK = -nostdlib -static -Wl,-z,max-page-size=4096 -Wl,--build-id=none -Wl,-Ttext=0x40000000 -o $@.elf

$(BUILD)/guests/%.img: tests/guests/%.S $(wildcard tests/guests/*.h) | deps-build
	@mkdir -p $(@D)
	@$(CROSS_COMPILE)gcc -I. $(TEST_GUEST_LINK) $<
	@$(CROSS_COMPILE)objcopy -O binary $@.elf $@

$(BUILD)/guests/%.img: tests/guests/%.c tests/guests/c_start.S $(wildcard tests/guests/*.h) | \
		deps-build $(XEN_INCLUDE)
	@mkdir -p $(@D)
	@$(CROSS_COMPILE)gcc -I. -isystem $(XEN_INCLUDE) -D__XEN_TOOLS__ -std=gnu11 -O2 -Wall -Wextra \
		-Werror -ffreestanding -fno-pic -fno-pie -no-pie -mgeneral-regs-only -mno-outline-atomics \
		$(TEST_GUEST_LINK) tests/guests/c_start.S $<
	@$(CROSS_COMPILE)objcopy -O binary $@.elf $@

# The one that checks the architecture is of several files, most of them C without any library.
ARCH_GUEST_SRCS := $(wildcard tests/guests/arch/*.S tests/guests/arch/*.c)
TEST_GUESTS += $(BUILD)/guests/arch.img

$(BUILD)/guests/arch.img: $(ARCH_GUEST_SRCS) $(wildcard tests/guests/*.h tests/guests/arch/*.h) | deps-build
	@mkdir -p $(@D)
	@$(CROSS_COMPILE)gcc -I. -std=gnu2x -O1 -Wall -Wextra -Werror -ffreestanding -fno-builtin \
		-mgeneral-regs-only -mstrict-align -nostdlib -static -fno-pic -no-pie \
		-Wl,--build-id=none -Wl,-Ttext=0x40000000 -Wl,-z,noexecstack -o $@.elf \
		$(ARCH_GUEST_SRCS)
	@$(CROSS_COMPILE)objcopy -O binary $@.elf $@

# The same for Linux: one static program, as it is (for Dom0) and as a guest's initramfs.
TEST_GUESTS += $(BUILD)/guests/arch_linux.cpio

$(BUILD)/guests/arch_linux: tests/guests/linux/arch_linux.c | deps-build
	@mkdir -p $(@D)
	@$(CROSS_COMPILE)gcc -std=gnu2x -O1 -Wall -Wextra -Werror -static -s -o $@ $<

$(BUILD)/guests/arch_linux.cpio: $(BUILD)/guests/arch_linux tests/guests/linux/manifest images/initramfs.py
	@images/initramfs.py --sysroot $(SYSROOT) -D ARCH_LINUX=$< -o $@ tests/guests/linux/manifest

.PHONY: boot-tests
boot-tests: deps-test images $(IMAGES)/stock.img $(TEST_GUESTS) ## boot tests in QEMU (BOOT_TESTS="name or pattern ..." selects)
	@/usr/bin/python3 tests/boot/run.py --build $(BUILD) --hypervisor $(HYPERVISOR) $(BOOT_TESTS)

.PHONY: soak
soak: deps-test images $(IMAGES)/tiny-initrd $(IMAGES)/systemd.img $(TEST_GUESTS) ## scale and endurance in QEMU, under an hour (SOAK="name or pattern ..." selects)
	@/usr/bin/python3 tests/boot/run.py --soak --build $(BUILD) --hypervisor $(HYPERVISOR) $(SOAK)
