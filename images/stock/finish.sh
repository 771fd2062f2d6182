# SPDX-License-Identifier: BSD-2-Clause
# Part of images/mkroot.sh: busybox's init, Debian's init scripts, libvirt's users.

ln -s which.debianutils "$root/usr/bin/which"
printf '%s\n' libvirt:x:120: kvm:x:121: libvirt-qemu:x:64055: >>"$root/etc/group"
echo libvirt-qemu:x:64055:121::/var/lib/libvirt:/usr/sbin/nologin >>"$root/etc/passwd"

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
install -m 0755 "$here/stock/rc" "$root/usr/sbin/rc"
cp "$here/dom0/inittab" "$root/etc/inittab"
