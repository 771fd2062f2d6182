# SPDX-License-Identifier: BSD-2-Clause
# U-Boot script for the HP Moonshot m400 cartridge (APM X-Gene 1; RAM from 0x4000000000). Same
# steps as configs/qemu/boot.cmd, with what differs on this board:
#  - its U-Boot has bootm and uImages, not booti and Images: purlin.uimg is the uImage of Purlin;
#  - the disk is the cartridge's SATA SSD, partition 1 (ext4), files in its root;
#  - the device tree is a file, m400.dtb, because this U-Boot's own lacks what Linux needs;
#  - addresses are 64 bit, in two cells;
#  - the GIC: Linux's tree of X-Gene 1 names its secure alias (0x78010000), where the hypervisor has
#    to end each guest's interrupts itself. Better: 0x78090000, 0x780a0000, 0x780c0000, 0x780e0000.
# Not tried on the board. Compiled by: mkimage -A arm64 -T script -d boot.cmd boot.scr
# Started by: ext4load scsi 0:1 0x4001000000 boot.scr; source 0x4001000000
#
# Memory: Purlin's uImage 0x4002000000 (it is copied to its load address 0x4000200000), device
# tree 0x4003000000, kernel 0x4004000000, initrd 0x4008000000.

setenv purlin_addr 0x4002000000
setenv dtb_addr    0x4003000000
setenv dom0_addr   0x4004000000
setenv initrd_addr 0x4008000000
setenv fdt_high    0xffffffffffffffff
setenv initrd_high 0xffffffffffffffff
setenv disk "scsi 0:1"

setenv purlin_args "console=dtuart dom0_mem=2G"
setenv dom0_args "console=hvc0"

scsi scan
echo "[u-boot] loading Purlin (purlin.uimg)"
ext4load ${disk} ${purlin_addr} purlin.uimg
echo "[u-boot] loading the device tree (m400.dtb)"
ext4load ${disk} ${dtb_addr} m400.dtb
echo "[u-boot] loading the Dom0 kernel (dom0-kernel)"
ext4load ${disk} ${dom0_addr} dom0-kernel
setenv dom0_size ${filesize}
echo "[u-boot] loading the Dom0 initrd (dom0-initrd)"
ext4load ${disk} ${initrd_addr} dom0-initrd
setenv initrd_size ${filesize}

fdt addr ${dtb_addr}
fdt resize
fdt set /chosen bootargs "${purlin_args}"
fdt set /chosen \#address-cells <2>
fdt set /chosen \#size-cells <2>
fdt mknode /chosen module@0
fdt set /chosen/module@0 compatible "multiboot,kernel" "multiboot,module"
fdt set /chosen/module@0 reg <0x40 0x04000000 0 0x${dom0_size}>
fdt set /chosen/module@0 bootargs "${dom0_args}"
fdt mknode /chosen module@1
fdt set /chosen/module@1 compatible "multiboot,ramdisk" "multiboot,module"
fdt set /chosen/module@1 reg <0x40 0x08000000 0 0x${initrd_size}>

echo "[u-boot] entering Purlin"
bootm ${purlin_addr} - ${dtb_addr}
