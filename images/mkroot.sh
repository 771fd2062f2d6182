#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes a disk that Dom0 can change to, from TAR, which has the packages of images/KIND/packages
# extracted, not configured: nothing of arm64 runs on this machine. images/KIND/finish.sh adds what
# is special to it; TOOL is where `make install` has put the tool, if it is to be there.
# usage: mkroot.sh stock|systemd IMAGE TAR [TOOL]

set -eu
PATH=$PATH:/sbin:/usr/sbin
kind=$1 image=$2 tar=$3 tool=${4:-}
here=$(dirname "$0")

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
trap 'exit 1' INT TERM HUP
root=$tree/root
mkdir "$root"
tar -x -C "$root" --no-same-owner --exclude='./dev/*' --exclude='./usr/share/doc/*' \
    --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' -f "$tar"
[ -z "$tool" ] || cp -a "$tool/." "$root/"

# What maintainer scripts and update-alternatives would have made.
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
ln -s mawk "$root/usr/bin/awk"
rm -rf "$root/var/run" "$root/var/lock"
ln -s ../run "$root/var/run"
ln -s ../run/lock "$root/var/lock"
ln -sf ../proc/mounts "$root/etc/mtab"
echo "127.0.0.1 localhost dom0" >"$root/etc/hosts"
cp "$here/stock/profile" "$root/etc/profile"
install -m 0755 "$here/dom0/session" "$root/usr/sbin/session"
mkdir -p "$root/guests" "$root/var/log/xen" "$root/var/lib/xen/dump"

. "$here/$kind/finish.sh"

rm -f "$image.new"
truncate -s 512M "$image.new"
mke2fs -q -F -t ext4 -E root_owner=0:0 -d "$root" "$image.new"
mv "$image.new" "$image"
