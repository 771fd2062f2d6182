#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes a disk image with an ext4 file system that holds the given files, without root.
# usage: mkdisk.sh boot|plain IMAGE MIB [NAME=FILE | NAME@SYMLINK-TARGET] ...
#   boot   one bootable MBR partition at 1 MiB, where U-Boot looks for boot.scr
#   plain  the file system alone

set -eu
PATH=$PATH:/sbin:/usr/sbin
kind=$1 image=$2 mib=$3
shift 3

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
trap 'exit 1' INT TERM HUP
for item in "$@"; do
    case "$item" in
    *=*) cp --sparse=always "${item#*=}" "$tree/${item%%=*}" ;;
    *@*) ln -s "${item#*@}" "$tree/${item%%@*}" ;;
    esac
done
chmod -R u=rwX,go=rX "$tree"

rm -f "$image.new"
truncate -s "${mib}M" "$image.new"
offset=0
if [ "$kind" = boot ]; then
    offset=1
    # Partition entry: bootable, type 0x83, first sector 2048, length in sectors; then 55 aa.
    sectors=$(((mib - 1) * 2048))
    length=$(printf '\\%03o\\%03o\\%03o\\%03o' $((sectors & 255)) $((sectors >> 8 & 255)) \
        $((sectors >> 16 & 255)) $((sectors >> 24 & 255)))
    # shellcheck disable=SC2059
    printf "\\200\\376\\377\\377\\203\\376\\377\\377\\000\\010\\000\\000$length" |
        dd of="$image.new" bs=1 seek=446 conv=notrunc status=none
    printf '\125\252' | dd of="$image.new" bs=1 seek=510 conv=notrunc status=none
fi
# U-Boot's ext4 reader knows neither metadata_csum_seed nor orphan_file.
mke2fs -q -F -t ext4 -O ^metadata_csum,^64bit -E "offset=$((offset << 20)),root_owner=0:0" \
    -d "$tree" "$image.new" "$((mib - offset))M"
mv "$image.new" "$image"
