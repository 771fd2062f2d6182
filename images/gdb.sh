#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Starts QEMU stopped at its first instruction, in the background with its console in a file, and
# gdb with Purlin's symbols attached to it. Leaving gdb ends QEMU; Ctrl-C is gdb's alone.
# usage: gdb.sh BUILD HYPERVISOR

set -eu
build=$1 hypervisor=$2
mkdir -p "$build/run"
console=$build/run/gdb-console.log
setsid python3 images/qemu.py --build "$build" --hypervisor "$hypervisor" --boot kernel --gdb \
    </dev/null >"$console" 2>&1 &
qemu=$!
trap 'kill $qemu 2>/dev/null || true' EXIT
trap : INT
trap 'exit 1' TERM HUP
echo "[gdb] the console goes to $console (tail -f $console in another terminal)"
gdb-multiarch -q -ex 'set architecture aarch64' -ex 'set tcp connect-timeout 30' \
    -ex 'target remote :1234' "$build/purlin.elf"
