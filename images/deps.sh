#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Installs the Debian packages that a part of the build needs and the machine lacks. Does nothing,
# quickly, when all are there.
# usage: deps.sh build|demo|test|gdb ...

set -eu

# make -j asks for several sets at once: one after the other.
[ -n "${DEPS_LOCKED:-}" ] || DEPS_LOCKED=1 exec flock -o "$0" "$0" "$@"

build="gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross libc6-dev libfdt-dev device-tree-compiler
    mmdebstrap python3 ca-certificates u-boot-tools"
demo="$build qemu-system-arm u-boot-qemu e2fsprogs"
test="$demo clang llvm lld libclang-rt-dev libcmocka-dev libxen-dev libjson-c-dev zlib1g-dev
    python3-pexpect groff-base systemd zsh"
gdb="$demo gdb-multiarch"

wanted=
for set in "$@"; do
    case "$set" in
    build) wanted="$wanted $build" ;;
    demo) wanted="$wanted $demo" ;;
    test) wanted="$wanted $test" ;;
    gdb) wanted="$wanted $gdb" ;;
    *) echo "deps.sh: unknown set '$set' (build, demo, test, gdb)" >&2; exit 2 ;;
    esac
done

missing=
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' | sed -n 's/ installed$//p')
for package in $wanted; do
    case "$package" in *-) continue ;; esac
    printf '%s\n' "$installed" | grep -qxF "$package" && continue
    case " $missing " in *" $package "*) continue ;; esac
    missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "[deps] installing:$missing"
sudo=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "[deps] not root and no sudo: install the packages above by apt-get, then try again" >&2
        exit 1
    fi
    proxies=http_proxy,https_proxy,no_proxy
    sudo="sudo --preserve-env=$proxies,$(echo $proxies | tr '[:lower:]' '[:upper:]')"
fi
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Use-Pty=0 $missing >/dev/null
echo "[deps] done"
