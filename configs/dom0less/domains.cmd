# SPDX-License-Identifier: BSD-2-Clause
# Two guests that start with the machine, for configs/qemu/boot.cmd: they share Dom0's kernel, which
# it has loaded, and a ramdisk. For a machine without Dom0, take its module away:
#   fdt rm /chosen/module@0; fdt rm /chosen/module@1
# Compiled by: mkimage -A arm64 -T script -d domains.cmd domains.scr

setenv domu_addr 0x4c000000
load ${disk} ${domu_addr} domu-initrd || exit 1
setenv domu_size ${filesize}

for name in domU2 domU1; do
    fdt mknode /chosen ${name}
    fdt set /chosen/${name} compatible "xen,domain"
    fdt set /chosen/${name} \#address-cells <2>
    fdt set /chosen/${name} \#size-cells <2>
    fdt set /chosen/${name} memory <0 0x20000>
    fdt set /chosen/${name} cpus <1>
    fdt set /chosen/${name} vpl011
    fdt mknode /chosen/${name} kernel
    fdt set /chosen/${name}/kernel compatible "multiboot,kernel" "multiboot,module"
    fdt set /chosen/${name}/kernel reg <0 ${dom0_addr} 0 0x${dom0_size}>
    fdt set /chosen/${name}/kernel bootargs "console=ttyAMA0 quiet purlin.shell purlin.host=${name}"
    fdt mknode /chosen/${name} ramdisk
    fdt set /chosen/${name}/ramdisk compatible "multiboot,ramdisk" "multiboot,module"
    fdt set /chosen/${name}/ramdisk reg <0 ${domu_addr} 0 0x${domu_size}>
done
