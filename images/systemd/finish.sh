# SPDX-License-Identifier: BSD-2-Clause
# Part of images/mkroot.sh: what `systemctl enable` would have made of the tool's units, and a shell
# on the console. The domains of /guests/*.cfg start with the machine.

printf '%s\n' systemd-journal:x:101: kvm:x:102: render:x:103: sgx:x:104: >>"$root/etc/group"
echo dom0 >"$root/etc/hostname"
# Not the first boot, and nothing to update in it.
echo 00112233445566778899aabbccddeeff >"$root/etc/machine-id"
touch "$root/etc/.updated" "$root/var/.updated"

installed=$root/usr/lib/systemd/system
units=$root/etc/systemd/system
mkdir -p "$units/multi-user.target.wants"
install -m 0644 "$here/systemd/dom0-shell.service" "$installed/"
for unit in "$installed"/purlin-*.service "$installed/dom0-shell.service"; do
    ln -s "/usr/lib/systemd/system/${unit##*/}" "$units/multi-user.target.wants/"
done
# What happens to the domains is seen on the console, too.
mkdir -p "$units/purlin-domains.service.d"
printf '[Service]\nStandardOutput=journal+console\nStandardError=journal+console\n' \
    >"$units/purlin-domains.service.d/console.conf"
# The shell has the console; nobody logs in there.
ln -s /dev/null "$units/serial-getty@hvc0.service"
ln -s /dev/null "$units/getty@tty1.service"
ln -s ../lib/systemd/systemd "$root/usr/sbin/rc"
mkdir -p "$root/boot"
rmdir "$root/etc/purlin/auto"
ln -s /guests "$root/etc/purlin/auto"
