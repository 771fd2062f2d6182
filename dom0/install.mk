# SPDX-License-Identifier: BSD-2-Clause
# `make install DESTDIR=`: the tool, the library, manual pages, completion and systemd units, for a
# Dom0 that has Debian's xen-utils-4.17.

PREFIX      ?= /usr
SBINDIR     ?= $(PREFIX)/sbin
LIBDIR      ?= $(PREFIX)/lib
INCLUDEDIR  ?= $(PREFIX)/include/purlin
UNITDIR     ?= /lib/systemd/system
XEN_BIN     ?= /usr/lib/xen-4.17/bin
INSTALL     := install
DOM0_PUBLIC := $(filter-out dom0/cli% dom0/screen.h,$(wildcard dom0/*.h))
DOM0_UNITS  := $(basename $(notdir $(wildcard dom0/systemd/*.in)))

define DOM0_PC
Name: purlin
Description: Domains on the Purlin hypervisor, from Dom0
Version: $(shell sed -n 's/.*PURLIN_VERSION "\(.*\)"/\1/p' dom0/purlin.h)
Cflags: -D_GNU_SOURCE -D__XEN_TOOLS__ -I$(INCLUDEDIR)
Libs: -L$(LIBDIR) -lpurlin $(DOM0_DYNAMIC) -lfdt -ljson-c -lz
endef
export DOM0_PC

.PHONY: install check-tool
install: tools ## put the tool, its library, manuals, completion and units under DESTDIR
	$(INSTALL) -D -m 755 $(DOM0_BUILD)/purlin $(DESTDIR)$(SBINDIR)/purlin
	$(INSTALL) -D -m 644 $(DOM0_BUILD)/libpurlin.a $(DESTDIR)$(LIBDIR)/libpurlin.a
	for h in $(DOM0_PUBLIC) core/base/purlin_abi.h; do \
		$(INSTALL) -D -m 644 $$h $(DESTDIR)$(INCLUDEDIR)/$$h || exit 1; done
	echo "$$DOM0_PC" | $(INSTALL) -D -m 644 /dev/stdin $(DESTDIR)$(LIBDIR)/pkgconfig/purlin.pc
	$(INSTALL) -D -m 644 dom0/man/purlin.1 $(DESTDIR)$(PREFIX)/share/man/man1/purlin.1
	$(INSTALL) -D -m 644 dom0/man/purlin.cfg.5 $(DESTDIR)$(PREFIX)/share/man/man5/purlin.cfg.5
	$(INSTALL) -D -m 644 dom0/completion/purlin.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/purlin
	$(INSTALL) -D -m 644 dom0/completion/_purlin \
		$(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_purlin
	$(INSTALL) -d $(DESTDIR)/etc/purlin/auto
	for unit in $(DOM0_UNITS); do \
		sed 's|@SBIN@|$(SBINDIR)|; s|@XEN_BIN@|$(XEN_BIN)|' dom0/systemd/$$unit.in | \
			$(INSTALL) -D -m 644 /dev/stdin $(DESTDIR)$(UNITDIR)/$$unit || exit 1; done

# Beside the unit tests: what is installed is complete and fits together.
CHECK_DEPS += check-tool
check-tool: tools | deps-test ## manuals, completion, units and the installed library
	@CROSS_COMPILE=$(CROSS_COMPILE) SYSROOT=$(abspath $(SYSROOT)) \
		python3 tests/checks/tool.py "$(MAKE)" $(BUILD)
