# SPDX-License-Identifier: BSD-2-Clause
# Purlin's top-level build. `make help` lists the targets.
# Folder fragments: hypervisor.mk (EL2 image), dom0/dom0.mk (the tool), images/images.mk (root
# file systems, U-Boot, demo), tests/tests.mk (unit tests, boot tests, shape checks).

ifneq ($(words $(CURDIR)),1)
$(error make can't work in a folder with a space in its path: move "$(CURDIR)")
endif

BUILD         ?= build
# What stands there is replaced: never a folder of somebody else's.
override SYSROOT := $(BUILD)/sysroot
CROSS_COMPILE ?= aarch64-linux-gnu-
SHELL         := /bin/bash
# make V=1 shows the commands.
Q   := $(if $(V),,@)
say  = @$(if $(V),:,printf '  %-4s %s\n' $1 $2)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

include images/images.mk
include hypervisor.mk
include dom0/dom0.mk
include tests/tests.mk

.PHONY: all help clean
all: hypervisor tools ## the hypervisor and the tools: what `make` alone does

help: ## these lines
	@sed -e :a -e '/\\$$/N; s/\\\n[[:blank:]]*//; ta' $(MAKEFILE_LIST) | \
		awk 'BEGIN {FS = ":.*## "} /^[a-z0-9_-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}'

clean: ## remove what was built (keeps the sysroot and images)
	rm -rf $(BUILD)/el2 $(BUILD)/purlin.* $(BUILD)/dom0 $(BUILD)/unit*
