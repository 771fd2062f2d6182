# SPDX-License-Identifier: BSD-2-Clause
# Stress tests under ThreadSanitizer: tests/stress/NAME_stress.c is a program by itself, linked with
# everything that unit tests link, built apart. They run with `make unit`.

STRESS         := $(BUILD)/stress
STRESS_CFLAGS  := $(filter-out $(UNIT_SAN),$(UNIT_CFLAGS)) -fsanitize=thread \
	-mllvm -tsan-distinguish-volatile=1
STRESS_TESTS   := $(sort $(wildcard tests/stress/*_stress.c))
STRESS_OBJS    := $(UNIT_EL2_SRCS:%.c=$(STRESS)/%.o)
STRESS_FAKES   := $(UNIT_FAKE_SRCS:%.c=$(STRESS)/%.o)
STRESS_PROGRAMS := $(STRESS_TESTS:tests/stress/%.c=$(STRESS)/%)

$(STRESS)/%.o: %.c | $(BUILD)/xen-include deps-test
	@mkdir -p $(@D)
	@$(UNIT_CC) $(STRESS_CFLAGS) -MMD -MP -c $< -o $@

$(STRESS)/libel2.a: $(STRESS_OBJS)
	@rm -f $@
	@ar rcs $@ $^

$(STRESS)/libfake.a: $(STRESS)/tests/fake/fake_memory.o $(STRESS)/tests/fake/fake_tsan.o
	@rm -f $@
	@ar rcs $@ $^

$(STRESS)/%_stress: $(STRESS)/tests/stress/%_stress.o $(STRESS_FAKES) $(STRESS)/libel2.a \
		$(STRESS)/libfake.a
	@$(UNIT_CC) -fsanitize=thread -Wl,--gc-sections -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(STRESS)/libfake.a $(STRESS)/libel2.a -Wl,--end-group $(UNIT_LIBS)

unit: $(STRESS_PROGRAMS)

.SECONDARY: $(STRESS_FAKES) $(STRESS_TESTS:%.c=$(STRESS)/%.o)

-include $(STRESS_OBJS:.o=.d) $(STRESS_TESTS:%.c=$(STRESS)/%.d)
