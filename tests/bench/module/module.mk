# SPDX-License-Identifier: BSD-2-Clause
# The kernel module of the workloads, against Debian's headers of the kernel that they boot. What
# Kbuild runs is Debian's too, of this machine's architecture.

MODULE_IN      := tests/bench/module
MODULE_OUT     := $(BENCH_OUT)/module
MODULE_HEADERS := $(BENCH_OUT)/headers
MODULE_STAMP   := $(BENCH_OUT)/headers.stamp

# The headers without what they depend on, which is a compiler for the target.
$(MODULE_STAMP): $(SYSTEM_STAMP) | deps-build
	@echo "[build] the kernel's headers from Debian's packages"
	@rm -rf $(MODULE_HEADERS) && mkdir -p $(MODULE_HEADERS)
	@set -o pipefail; cd $(SYSTEM_SYSROOT)/lib/modules && release=$$(echo *) && cd - >/dev/null && \
	common=$${release%-*}-common && \
	$(MMDEBSTRAP) --variant=extract --architectures=arm64 --format=tar --extract-hook='cd "$$1" && \
		APT_CONFIG=$$MMDEBSTRAP_APT_CONFIG apt-get download -qq linux-headers-'$$release' \
			linux-headers-'$$common' && for deb in *.deb; do dpkg-deb -x $$deb . || exit 1; done && \
		rm *.deb' bookworm - 2>$@.log | \
		tar -x -C $(MODULE_HEADERS) --no-same-owner ./usr/src && \
	$(MMDEBSTRAP) --variant=extract --format=tar \
		--include=linux-kbuild-$$(echo $$release | cut -d. -f1,2) bookworm - 2>>$@.log | \
		tar -x -C $(MODULE_HEADERS) --no-same-owner --wildcards './usr/lib/linux-kbuild-*' && \
	echo "include $(abspath $(MODULE_HEADERS))/usr/src/linux-headers-$$common/Makefile" \
		>$(MODULE_HEADERS)/usr/src/linux-headers-$$release/Makefile || { cat $@.log >&2; exit 1; }
	@touch $@

# Kbuild writes beside its sources.
$(MODULE_OUT)/io_latency.ko: $(wildcard $(MODULE_IN)/*.c $(MODULE_IN)/*.h) $(MODULE_IN)/Kbuild \
		tests/bench/plugin/marks.h $(MODULE_STAMP)
	@mkdir -p $(MODULE_OUT) && cp $(MODULE_IN)/*.[ch] $(MODULE_IN)/Kbuild $(MODULE_OUT)
	@$(MAKE) --no-print-directory -s -C $(MODULE_HEADERS)/usr/src/linux-headers-*-arm64 \
		M=$(abspath $(MODULE_OUT)) CROSS_COMPILE=$(CROSS_COMPILE) \
		KCFLAGS="-I$(CURDIR) -Wall" modules >$@.log 2>&1 || { cat $@.log >&2; exit 1; }
	@$(CROSS_COMPILE)strip --strip-debug $@
