# SPDX-License-Identifier: BSD-2-Clause
# The `purlin` tool for Dom0 (arm64), and its unit tests on the host.
# Needs in the sysroot: libc6-dev, libxen-dev, libfdt-dev, libjson-c-dev, zlib1g-dev.
# Needs on the host for the tests: gcc, libcmocka-dev, libfdt-dev, libjson-c-dev, libxen-dev, zlib1g-dev.

DOM0_BUILD := $(BUILD)/dom0
DOM0_CC    := $(CROSS_COMPILE)gcc --sysroot=$(abspath $(SYSROOT))
DOM0_AR    := $(CROSS_COMPILE)ar
DOM0_WARN  := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-missing-field-initializers
DOM0_FLAGS := -std=gnu11 -D_GNU_SOURCE -D__XEN_TOOLS__ -I. $(DOM0_WARN)
DOM0_CFLAGS ?= -O2 -g

# pure: compiled for the host too, by the tests
DOM0_PURE := alive autostart cfg cfg_lex cli_parse config config_device config_text config_value core_file disk_spec \
             domain_text error fdt_text file guest_fdt guest_map image libxl_json report vif_spec
# looking at domains, tuning and watching them
DOM0_PURE += console_copy console_log cpumap detail interrupt memsize metrics pace rates tables userdata
DOM0_LIB  := $(DOM0_PURE) builder console control core_dump create device domain domctl \
             grant_seed hotplug hyper launch loader loop nameless netdev orphan populate purlin record rename restarted store \
             supervisor supervisor_act sysctl target tree vbd vif
DOM0_LIB  += console_server console_tty devices plug live sample stats sysfs tune vcpu
DOM0_CLI  := main cli cli_each $(basename $(notdir $(sort $(wildcard dom0/cmd_*.c))))
DOM0_CLI  += cli_domain cli_detach screen

DOM0_LIB_OBJS := $(DOM0_LIB:%=$(DOM0_BUILD)/%.o)
DOM0_CLI_OBJS := $(DOM0_CLI:%=$(DOM0_BUILD)/%.o)
DOM0_STATIC   := -l:libfdt.a -l:libjson-c.a -l:libz.a -l:libncurses.a -l:libtinfo.a
DOM0_DYNAMIC  := -lxencall -lxenforeignmemory -lxenstore

.PHONY: tools check-dom0
tools: $(DOM0_BUILD)/purlin ## build the purlin tool for Dom0

$(DOM0_BUILD)/purlin: $(DOM0_CLI_OBJS) $(DOM0_BUILD)/libpurlin.a
	@echo "[build] the purlin tool"
	@$(DOM0_CC) -o $@ $^ $(DOM0_STATIC) $(DOM0_DYNAMIC)

$(DOM0_BUILD)/libpurlin.a: $(DOM0_LIB_OBJS)
	@rm -f $@
	@$(DOM0_AR) rcs $@ $^

$(DOM0_LIB_OBJS) $(DOM0_CLI_OBJS): $(DOM0_BUILD)/%.o: dom0/%.c | $(SYSROOT_STAMP)
	@mkdir -p $(@D)
	@$(DOM0_CC) $(DOM0_FLAGS) $(DOM0_CFLAGS) -MMD -MP -c -o $@ $<

-include $(DOM0_LIB_OBJS:.o=.d) $(DOM0_CLI_OBJS:.o=.d)

DOM0_TEST_BUILD := $(BUILD)/unit/dom0
DOM0_TESTS      := $(basename $(notdir $(sort $(wildcard tests/unit/dom0/*_test.c))))
DOM0_TEST_BINS  := $(DOM0_TESTS:%=$(DOM0_TEST_BUILD)/%)
DOM0_TEST_OBJS  := $(DOM0_PURE:%=$(DOM0_TEST_BUILD)/%.o)
DOM0_TEST_FLAGS := $(DOM0_FLAGS) -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_CC         ?= gcc

# tests.mk runs them with all other unit tests
UNIT_EXTRA_PROGRAMS += $(DOM0_TEST_BINS)

$(DOM0_TEST_OBJS): $(DOM0_TEST_BUILD)/%.o: dom0/%.c | deps-test
	@mkdir -p $(@D)
	@$(HOST_CC) $(DOM0_TEST_FLAGS) -MMD -MP -c -o $@ $<

$(DOM0_TEST_BINS): $(DOM0_TEST_BUILD)/%: tests/unit/dom0/%.c $(DOM0_TEST_OBJS)
	@$(HOST_CC) $(DOM0_TEST_FLAGS) -o $@ $^ -lcmocka -lfdt -ljson-c -lz

-include $(DOM0_TEST_OBJS:.o=.d)

include dom0/install.mk

check-dom0: $(DOM0_TEST_BINS) ## unit tests of the tool, on the host
	@for t in $(DOM0_TEST_BINS); do echo "== $$(basename $$t)"; $$t || exit 1; done
