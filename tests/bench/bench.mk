# SPDX-License-Identifier: BSD-2-Clause
# The benchmarks: a bare-metal image that times itself, and what runs it and makes the tables.
# docs/PERFORMANCE.md explains the figures, docs/TECHNIQUES.md what brought them about.

BENCH_OUT  := $(BUILD)/bench
BENCH_SRCS := $(wildcard tests/bench/image/*.c tests/bench/image/*.S)
BENCH_OBJS := $(patsubst tests/bench/image/%,$(BENCH_OUT)/%.o,$(basename $(BENCH_SRCS))) \
	$(BENCH_OUT)/string.o
BENCH_CFLAGS := -std=gnu11 -O2 -g -march=armv8-a -mgeneral-regs-only -ffreestanding -fPIE \
	-mstrict-align -mno-outline-atomics -fno-stack-protector -fno-strict-aliasing -fno-common \
	-fno-asynchronous-unwind-tables -fvisibility=hidden -Wall -Wextra -Werror -I. \
	-I$(XEN_INCLUDE) -I$(FDT_INCLUDE)
# Which rows, and what else: see tests/bench/run.py --help
BENCH ?=

$(BENCH_OUT)/%.o: tests/bench/image/%.c tests/bench/bench.mk | $(XEN_INCLUDE) $(FDT_INCLUDE)
	@mkdir -p $(@D)
	@$(EL2_CC) $(BENCH_CFLAGS) -MMD -MP -c $< -o $@

$(BENCH_OUT)/%.o: tests/bench/image/%.S tests/bench/bench.mk | deps-build
	@mkdir -p $(@D)
	@$(EL2_CC) $(BENCH_CFLAGS) -D__ASSEMBLY__ -MMD -MP -c $< -o $@

$(BENCH_OUT)/string.o: core/base/string.c tests/bench/bench.mk | deps-build
	@mkdir -p $(@D)
	@$(EL2_CC) $(BENCH_CFLAGS) -fno-tree-loop-distribute-patterns -MMD -MP -c $< -o $@

$(BENCH_OUT)/bench.elf: $(BENCH_OBJS) tests/bench/image/image.lds $(LIBFDT_A)
	@$(CROSS_COMPILE)ld -nostdlib -pie --no-dynamic-linker -T tests/bench/image/image.lds \
		-z noexecstack --no-warn-rwx-segments -o $@ $(BENCH_OBJS) $(LIBFDT_A)

$(BENCH_OUT)/bench.img: $(BENCH_OUT)/bench.elf
	@$(CROSS_COMPILE)objcopy -O binary $< $@

# Runs on the host, inside QEMU.
$(BENCH_OUT)/el2count.so: $(wildcard tests/bench/plugin/*.c tests/bench/plugin/*.h) | deps-build
	@mkdir -p $(@D)
	@gcc -O2 -g -std=gnu11 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -shared -I. -o $@ \
		$(filter %.c,$^)

# What Purlin is compared with, unmodified.
$(BENCH_OUT)/xen-4.17-arm64: | deps-build
	@mkdir -p $(@D)
	@set -o pipefail; $(MMDEBSTRAP) --variant=extract --architectures=arm64 --format=tar \
		--include=xen-hypervisor-4.17-arm64 bookworm - | \
		tar -xO ./boot/xen-4.17-arm64 > $@

include tests/bench/system/system.mk

BENCH_FILES := $(BUILD)/purlin.img $(BENCH_OUT)/bench.img $(BENCH_OUT)/el2count.so \
	$(BENCH_OUT)/xen-4.17-arm64 $(SYSTEM_FILES)

.PHONY: bench
bench: $(BENCH_FILES) images | deps-test ## benchmarks, counted in instructions (BENCH="micro ..." selects)
	@python3 tests/bench/run.py --build $(BUILD) --hypervisor $(HYPERVISOR) $(BENCH)

.PHONY: bench-check
bench-check: $(BUILD)/purlin.img $(BENCH_OUT)/bench.img $(if $(findstring system,$(BENCH)), \
		$(BENCH_OUT)/el2count.so $(SYSTEM_FILES)) | deps-test ## fails when a benchmark got worse by more than 2 % (BENCH="micro system" selects)
	@python3 tests/bench/run.py --check --build $(BUILD) --hypervisor $(HYPERVISOR) $(BENCH)

-include $(BENCH_OBJS:.o=.d)
