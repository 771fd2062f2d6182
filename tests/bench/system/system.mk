# SPDX-License-Identifier: BSD-2-Clause
# What the workloads boot: Debian's kernel, and root file systems with Debian's programs.

SYSTEM_IN      := tests/bench/system
SYSTEM_SYSROOT := $(BENCH_OUT)/sysroot
SYSTEM_STAMP   := $(BENCH_OUT)/sysroot.stamp
SYSTEM_FILES   := $(addprefix $(BENCH_OUT)/,bench-kernel guest-initrd dom0-initrd host-initrd \
	guest-files.img)

# As images.mk's: extracted, neither configured nor run.
$(SYSTEM_STAMP): $(SYSTEM_IN)/packages | deps-build
	@echo "[build] the workloads' programs from Debian's packages"
	@rm -rf $(SYSTEM_SYSROOT) && mkdir -p $(SYSTEM_SYSROOT)
	@set -o pipefail; $(MMDEBSTRAP) --variant=extract --architectures=arm64 --format=tar \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
		--include=$$(sed 's/#.*//' $< | xargs | tr ' ' ,) bookworm - 2>$@.log \
		| tar -x -C $(SYSTEM_SYSROOT) --no-same-owner --exclude='./dev/*' \
			--exclude='./usr/share/doc/*' --exclude='./usr/share/locale/*' \
		|| { cat $@.log >&2; exit 1; }
	@touch $@

$(BENCH_OUT)/tool: $(SYSTEM_IN)/tool.c tests/bench/plugin/marks.h | deps-build
	@mkdir -p $(@D)
	@$(CROSS_COMPILE)gcc -O2 -std=gnu11 -Wall -Wextra -Werror -static -I. -o $@ $<

$(BENCH_OUT)/bench-kernel: $(SYSTEM_STAMP)
	@set -- $(SYSTEM_SYSROOT)/boot/vmlinuz-*; \
	if gzip -t "$$1" 2>/dev/null; then gzip -dc "$$1" >$@; else cp "$$1" $@; fi

include tests/bench/module/module.mk

SYSTEM_SCRIPTS := $(addprefix $(SYSTEM_IN)/,init drive workloads dom0-session)
system_initramfs = images/initramfs.py --sysroot $(SYSTEM_SYSROOT) -D PURLIN_TOOL=$(PURLIN_TOOL) \
	-D TOOL=$(BENCH_OUT)/tool -D MODULE=$(MODULE_OUT)/io_latency.ko -o $@ $1

$(BENCH_OUT)/guest-initrd: images/initramfs.py $(SYSTEM_SCRIPTS) $(SYSTEM_IN)/guest.manifest \
		$(BENCH_OUT)/tool $(MODULE_OUT)/io_latency.ko $(SYSTEM_STAMP)
	@$(call system_initramfs,$(SYSTEM_IN)/guest.manifest)

$(BENCH_OUT)/host-initrd: $(BENCH_OUT)/guest-initrd $(SYSTEM_IN)/host.manifest \
		$(SYSTEM_IN)/tap-up $(SYSTEM_IN)/kvm-micro
	@$(call system_initramfs,$(SYSTEM_IN)/guest.manifest $(SYSTEM_IN)/host.manifest)

$(BENCH_OUT)/dom0-initrd: images/initramfs.py $(SYSTEM_SCRIPTS) $(SYSTEM_IN)/dom0.manifest \
		$(wildcard images/dom0/*) $(PURLIN_TOOL) $(BENCH_OUT)/tool \
		$(MODULE_OUT)/io_latency.ko $(SYSTEM_STAMP)
	@$(call system_initramfs,images/dom0/manifest $(SYSTEM_IN)/dom0.manifest)

# What a Dom0 and KVM's host start guests from.
$(BENCH_OUT)/guest-files.img: $(BENCH_OUT)/bench-kernel $(BENCH_OUT)/guest-initrd $(BENCH_OUT)/bench.img \
		images/mkdisk.sh
	@images/mkdisk.sh boot $@ 192 bench-kernel=$(BENCH_OUT)/bench-kernel \
		bench-initrd=$(BENCH_OUT)/guest-initrd bench.img=$(BENCH_OUT)/bench.img
