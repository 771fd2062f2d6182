# SPDX-License-Identifier: BSD-2-Clause
# U-Boot script for QEMU's virt board (RAM from 0x40000000): loads Purlin, the Dom0 kernel and its
# initrd from partition 1 of the disk that U-Boot found this script on, describes them in
# /chosen as the multiboot protocol wants, and enters Purlin at EL2 by booti.
# Compiled by: mkimage -A arm64 -T script -d boot.cmd boot.scr
#
# One file may hold all three: purlin.itb, a FIT image made from purlin.its. Or Purlin may be a
# uImage, purlin.uimg. Both are entered by bootm.
#
# Memory, all within 512 MiB: device tree 0x43000000, Purlin 0x43200000, kernel 0x44000000,
# initrd 0x48000000, a FIT image or uImage 0x50000000. U-Boot itself is at the top.
# kernel_comp_addr_r is not needed: Debian's arm64 kernel is a plain Image.

setenv dtb_addr    0x43000000
setenv purlin_addr 0x43200000
setenv dom0_addr   0x44000000
setenv initrd_addr 0x48000000
setenv fit_addr    0x50000000
# The device tree is at its final place: booti must not move it.
setenv fdt_high 0xffffffffffffffff
setenv initrd_high 0xffffffffffffffff
setenv disk "${devtype} ${devnum}:${distro_bootpart}"

# purlin.env holds purlin_args and dom0_args; what it lacks keeps these values.
setenv purlin_args "console=dtuart dom0_mem=512M"
setenv dom0_args "console=hvc0"
if load ${disk} ${dtb_addr} purlin.env; then
    env import -t ${dtb_addr} ${filesize} purlin_args dom0_args
fi

echo "[u-boot] device tree from ${fdt_addr} to ${dtb_addr}"
fdt addr ${fdt_addr}
fdt move ${fdt_addr} ${dtb_addr} 0x100000
if test -e ${disk} board.dtb; then
    echo "[u-boot] loading another device tree, board.dtb"
    load ${disk} ${dtb_addr} board.dtb
    fdt addr ${dtb_addr}
    fdt resize 0x10000
fi

if test -e ${disk} purlin.itb; then
    echo "[u-boot] loading Purlin, the Dom0 kernel and initrd (purlin.itb)"
    load ${disk} ${fit_addr} purlin.itb || exit 1
    imxtract ${fit_addr} dom0-kernel ${dom0_addr} || exit 1
    setenv dom0_size ${filesize}
    imxtract ${fit_addr} dom0-initrd ${initrd_addr} || exit 1
    setenv initrd_size ${filesize}
    setenv enter "bootm ${fit_addr}:purlin - ${dtb_addr}"
else
    if test -e ${disk} purlin.uimg; then
        echo "[u-boot] loading Purlin (purlin.uimg)"
        load ${disk} ${fit_addr} purlin.uimg || exit 1
        setenv enter "bootm ${fit_addr} - ${dtb_addr}"
    else
        echo "[u-boot] loading Purlin (purlin.img)"
        load ${disk} ${purlin_addr} purlin.img || exit 1
        setenv enter "booti ${purlin_addr} - ${dtb_addr}"
    fi
    echo "[u-boot] loading the Dom0 kernel (dom0-kernel)"
    load ${disk} ${dom0_addr} dom0-kernel || exit 1
    setenv dom0_size ${filesize}
    echo "[u-boot] loading the Dom0 initrd (dom0-initrd)"
    load ${disk} ${initrd_addr} dom0-initrd || exit 1
    setenv initrd_size ${filesize}
fi

fdt set /chosen bootargs "${purlin_args}"
fdt set /chosen \#address-cells <2>
fdt set /chosen \#size-cells <2>
fdt mknode /chosen module@0
fdt set /chosen/module@0 compatible "multiboot,kernel" "multiboot,module"
fdt set /chosen/module@0 reg <0 ${dom0_addr} 0 0x${dom0_size}>
fdt set /chosen/module@0 bootargs "${dom0_args}"
fdt mknode /chosen module@1
fdt set /chosen/module@1 compatible "multiboot,ramdisk" "multiboot,module"
fdt set /chosen/module@1 reg <0 ${initrd_addr} 0 0x${initrd_size}>

if test -e ${disk} domains.scr; then
    echo "[u-boot] describing domains that start with the machine (domains.scr)"
    load ${disk} ${fit_addr} domains.scr || exit 1
    source ${fit_addr}
fi

echo "[u-boot] entering Purlin"
run enter
