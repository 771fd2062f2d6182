# SPDX-License-Identifier: BSD-2-Clause
# Coverage-guided fuzzers (libFuzzer, under ASan and UBSan). tests/fuzz/NAME_fuzz.c is a program;
# what else it is made of stands in FUZZ_PARTS_NAME, what of the tree it is linked with in
# FUZZ_CODE_NAME. Inputs worth keeping, and each one that once found a bug: tests/fuzz/corpus/NAME/.
#   make fuzz FUZZ_TIME=60 [FUZZ="hypercall vgic"]   searches; finds stay in build/fuzz/found
#   make fuzz-replay                                 the same each time; part of `make check`

FUZZ_OUT      := $(BUILD)/fuzz
FUZZ_TIME     ?= 60
FUZZ_NAMES    := $(patsubst tests/fuzz/%_fuzz.c,%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))
FUZZ          ?= $(FUZZ_NAMES)
FUZZ_PROGRAMS := $(FUZZ_NAMES:%=$(FUZZ_OUT)/%_fuzz)
FUZZ_SAN      := -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
FUZZ_CFLAGS   := $(filter-out -fsanitize=% -fno-sanitize-recover=%,$(UNIT_CFLAGS)) $(FUZZ_SAN) \
	-DFAKE_TLB_ENTRIES=512u
# el2_map.c needs the image it maps; the fake machine has its own el2_map_device().
FUZZ_EL2_OBJS := $(patsubst %.c,$(FUZZ_OUT)/%.o,$(filter-out mm/el2_map.c,$(UNIT_EL2_SRCS)))
FUZZ_FAKES    := $(addprefix $(FUZZ_OUT)/tests/fake/,fake.o fake_tlb.o fake_memory.o)

FUZZ_DOM0_OBJS := $(DOM0_PURE:%=$(FUZZ_OUT)/dom0/%.o)
FUZZ_DOM0_LIBS := -ljson-c -lz

FUZZ_CODE_hypercall  := $(FUZZ_OUT)/machine.o
FUZZ_PARTS_hypercall := hypercall_world hypercall_check hypercall_gen hypercall_ctl fuzz_state \
	fuzz_run
FUZZ_CODE_trap   := $(FUZZ_OUT)/machine.o
FUZZ_PARTS_trap  := fuzz_state fuzz_run
FUZZ_CODE_vgic   := $(filter-out %/fake_memory.o,$(FUZZ_FAKES)) $(FUZZ_OUT)/libel2.a
FUZZ_PARTS_vgic  := fuzz_run
FUZZ_CODE_fdt    := $(filter-out %/fake_memory.o,$(FUZZ_FAKES)) $(FUZZ_OUT)/libel2.a
FUZZ_PARTS_fdt   := fuzz_run
FUZZ_CODE_config := $(FUZZ_DOM0_OBJS)
FUZZ_LIBS_config := $(FUZZ_DOM0_LIBS)
FUZZ_CODE_image  := $(FUZZ_DOM0_OBJS)
FUZZ_LIBS_image  := $(FUZZ_DOM0_LIBS)
FUZZ_CODE_spec   := $(FUZZ_DOM0_OBJS)
FUZZ_LIBS_spec   := $(FUZZ_DOM0_LIBS)

# EL2's code counts its calls: fuzz.h, fuzz_work.
$(FUZZ_EL2_OBJS): FUZZ_EXTRA := -finstrument-functions-after-inlining

$(FUZZ_OUT)/%.o: %.c | $(BUILD)/xen-include deps-test
	@mkdir -p $(@D)
	@$(UNIT_CC) $(FUZZ_CFLAGS) $(FUZZ_EXTRA) -MMD -MP -c $< -o $@

$(FUZZ_OUT)/dom0/%.o: dom0/%.c | deps-test
	@mkdir -p $(@D)
	@$(UNIT_CC) $(DOM0_FLAGS) -g -O1 $(FUZZ_SAN) -MMD -MP -c $< -o $@

# All that a run changes, in two sections of its own: fuzz_state.c.
$(FUZZ_OUT)/machine.o: $(FUZZ_EL2_OBJS) $(FUZZ_FAKES)
	@ld -r -o $@ $^
	@objcopy --rename-section .data=el2_data,alloc,load,data,contents \
		--rename-section .bss=el2_bss,alloc $@

$(FUZZ_OUT)/libel2.a: $(FUZZ_EL2_OBJS)
	@rm -f $@
	@ar rcs $@ $^

define FUZZ_RULE
$(FUZZ_OUT)/$(1)_fuzz: $(FUZZ_OUT)/tests/fuzz/$(1)_fuzz.o \
		$(FUZZ_PARTS_$(1):%=$(FUZZ_OUT)/tests/fuzz/%.o) $(FUZZ_CODE_$(1))
	@$(UNIT_CC) -fsanitize=address,undefined,fuzzer -Wl,--gc-sections -o $$@ $$^ $(UNIT_LIBS) \
		$(FUZZ_LIBS_$(1))
endef
$(foreach name,$(FUZZ_NAMES),$(eval $(call FUZZ_RULE,$(name))))

$(FUZZ_OUT)/fdt_fuzz: | $(UNIT_DTBS)

.PHONY: fuzz fuzz-replay
fuzz: $(FUZZ:%=$(FUZZ_OUT)/%_fuzz) ## fuzz: FUZZ_TIME seconds each of FUZZ
	@python3 tests/fuzz/run.py search $(FUZZ_OUT) $(FUZZ_TIME) $(FUZZ)

fuzz-replay: $(FUZZ_PROGRAMS) ## all fuzzers on their corpus and a fixed number of random inputs
	@python3 tests/fuzz/run.py replay $(FUZZ_OUT) 0 $(FUZZ_NAMES)

CHECK_DEPS += fuzz-replay

.SECONDARY: $(FUZZ_EL2_OBJS) $(FUZZ_FAKES)

-include $(wildcard $(FUZZ_OUT)/*/*.d $(FUZZ_OUT)/*/*/*.d)
