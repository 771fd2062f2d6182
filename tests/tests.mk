# SPDX-License-Identifier: BSD-2-Clause
# Host unit tests (everything above boot/ on the fake machine, under ASan and UBSan), shape checks,
# and `check`, which runs all there is. A file tests/unit/NAME_test.c is a test program by itself.
# Other fragments may add: UNIT_EXTRA_PROGRAMS (built test programs), UNIT_BOOT_SRCS (files of boot/
# that are pure enough for the host), CHECK_DEPS (targets of `check`).

UNIT         := $(BUILD)/unit
UNIT_CC      ?= clang
UNIT_SAN     ?= -fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_CFLAGS  := -std=gnu2x -O1 -g -fno-omit-frame-pointer -fno-strict-aliasing \
	-ffunction-sections -Wall -Wextra -Werror $(UNIT_SAN) -I. -Itests/fake \
	-isystem $(BUILD)/xen-include -include tests/fake/xen_abi_host.h
UNIT_LDFLAGS := $(filter -f%,$(UNIT_SAN)) -Wl,--gc-sections
UNIT_LIBS    := -lcmocka -lfdt -lpthread

# Host builds use the C library's string functions: core/base/string.c has its own test.
UNIT_EL2_SRCS  := $(filter-out core/base/string.c,$(sort $(wildcard core/*.c core/base/*.c \
	mm/*.c irq/*.c drivers/*.c))) $(UNIT_BOOT_SRCS)
UNIT_FAKE_SRCS := tests/fake/fake.c tests/fake/fake_tlb.c tests/fake/fake_run.c
UNIT_TESTS     := $(sort $(wildcard tests/unit/*_test.c))

UNIT_EL2_OBJS  := $(UNIT_EL2_SRCS:%.c=$(UNIT)/%.o)
UNIT_FAKE_OBJS := $(UNIT_FAKE_SRCS:%.c=$(UNIT)/%.o)
UNIT_PROGRAMS  := $(UNIT_TESTS:tests/unit/%.c=$(UNIT)/%)

$(UNIT)/%.o: %.c | $(BUILD)/xen-include deps-test
	@mkdir -p $(@D)
	@$(UNIT_CC) $(UNIT_CFLAGS) -MMD -MP -c $< -o $@

$(UNIT)/libel2.a: $(UNIT_EL2_OBJS)
	@rm -f $@
	@ar rcs $@ $^

$(UNIT)/libfake.a: $(UNIT)/tests/fake/fake_memory.o $(UNIT)/tests/fake/fake_tsan.o
	@rm -f $@
	@ar rcs $@ $^

$(UNIT)/%_test: $(UNIT)/tests/unit/%_test.o $(UNIT_FAKE_OBJS) $(UNIT)/libel2.a $(UNIT)/libfake.a
	@$(UNIT_CC) $(UNIT_LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(UNIT)/libfake.a $(UNIT)/libel2.a -Wl,--end-group $(UNIT_LIBS)

# The linker script's symbols, for the program that maps an image.
$(UNIT)/el2_map_test: UNIT_LDFLAGS += -Wl,--defsym=image_start=el2_map_test_image \
	-Wl,--defsym=image_text_end=el2_map_test_image+0x2000 \
	-Wl,--defsym=image_rodata_end=el2_map_test_image+0x3000 \
	-Wl,--defsym=image_end=el2_map_test_image+0x5000

# Programs with threads: once more under the thread sanitizer. It takes order by fences and by
# dependencies, and plain flags, for races: sched_race, destroy_race and timer live on those.
UNIT_TSAN := lock log page_race stage2_race

.PHONY: unit tsan layers limits size check
unit: $(UNIT_PROGRAMS) $(UNIT_EXTRA_PROGRAMS) | deps-test ## build and run the host unit tests
	@python3 tests/checks/run_unit.py $^

tsan: | deps-test ## unit tests with threads, under the thread sanitizer (but those it can't judge)
	@$(MAKE) --no-print-directory unit UNIT=$(BUILD)/unit-tsan \
		UNIT_SAN="-fsanitize=thread -mllvm -tsan-distinguish-volatile=1" \
		UNIT_TESTS="$(UNIT_TSAN:%=tests/unit/%_test.c)" UNIT_EXTRA_PROGRAMS=

layers: ## who may include whom
	@python3 tests/checks/layers.py

limits: | $(BUILD)/xen-include deps-test ## lengths, nesting, licences, locks, names in documents
	@XEN_INCLUDE=$(BUILD)/xen-include python3 tests/checks/limits.py

size: ## code lines at EL2, by folder
	@python3 tests/checks/size.py

# Each part's last summary line is `N passed, N failed`; all of them run, then the sum is printed.
check: | deps-test ## run every test
	@python3 tests/checks/check.py --make "$(MAKE)" unit tsan layers limits boot-tests $(CHECK_DEPS)

.SECONDARY: $(UNIT_FAKE_OBJS) $(UNIT_TESTS:%.c=$(UNIT)/%.o)

include tests/stress/stress.mk
include tests/fuzz/fuzz.mk
include tests/bench/bench.mk

-include $(UNIT_EL2_OBJS:.o=.d) $(UNIT_FAKE_OBJS:.o=.d) $(UNIT_TESTS:%.c=$(UNIT)/%.d)
