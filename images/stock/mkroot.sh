#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes the disk that Dom0 can change to for Debian's own tools, from TAR, which has the packages of
# images/stock/packages extracted, not configured: nothing of arm64 runs on this machine.
# usage: mkroot.sh IMAGE TAR

set -eu
PATH=$PATH:/sbin:/usr/sbin
image=$1 tar=$2
here=$(dirname "$0")

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
root=$tree/root
mkdir "$root"
tar -x -C "$root" --no-same-owner --exclude='./dev/*' --exclude='./usr/share/doc/*' \
    --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' -f "$tar"

# What maintainer scripts and update-alternatives would have made.
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
printf '%s\n' libvirt:x:120: kvm:x:121: libvirt-qemu:x:64055: >>"$root/etc/group"
echo libvirt-qemu:x:64055:121::/var/lib/libvirt:/usr/sbin/nologin >>"$root/etc/passwd"
ln -s mawk "$root/usr/bin/awk"
ln -s which.debianutils "$root/usr/bin/which"
rm -rf "$root/var/run" "$root/var/lock"
ln -s ../run "$root/var/run"
ln -s ../run/lock "$root/var/lock"
ln -sf ../proc/mounts "$root/etc/mtab"
echo "127.0.0.1 localhost dom0" >"$root/etc/hosts"

# Ours: who starts what.
busybox=/usr/bin/busybox
[ -e "$root$busybox" ] || busybox=/bin/busybox
for name in init poweroff reboot halt; do
    [ -e "$root/usr/sbin/$name" ] || ln -s "$busybox" "$root/usr/sbin/$name"
done
for name in nc vi less ping; do
    [ -e "$root/usr/bin/$name" ] || ln -s "$busybox" "$root/usr/bin/$name"
done
mkdir -p "$root/var/log/libvirt" "$root/var/cache/libvirt" "$root/var/lib/libvirt"
mkdir -p "$root/guests" "$root/var/log/xen" "$root/var/lib/xen/dump"
install -m 0755 "$here/rc" "$root/usr/sbin/rc"
install -m 0755 "$here/../dom0/session" "$root/sbin/session"
cp "$here/../dom0/inittab" "$root/etc/inittab"
cp "$here/profile" "$root/etc/profile"

rm -f "$image.new"
truncate -s 512M "$image.new"
mke2fs -q -F -t ext4 -E root_owner=0:0 -d "$root" "$image.new"
mv "$image.new" "$image"
