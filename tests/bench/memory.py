# SPDX-License-Identifier: BSD-2-Clause
"""How much memory the hypervisor takes: its image, a domain, the page table of pages."""

import os
import re
import subprocess

PAGE_BYTES = 4096


def image(options):
    """Bytes of the file, and of RAM with .bss."""
    path = options.hypervisor or f"{options.build}/purlin.img"
    elf = os.path.splitext(path)[0] + ".elf"
    done = subprocess.run(["aarch64-linux-gnu-size", "-A", elf], stdout=subprocess.PIPE, text=True,
                          check=True)
    sections = {w[0]: int(w[1]) for w in (line.split() for line in done.stdout.splitlines())
                if len(w) == 3 and w[0].startswith(".") and int(w[2]) > 0}
    return os.path.getsize(path), sum(sections.values())


def struct_page_bytes(options):
    """sizeof(struct page), as the compiler says."""
    source = '#include "mm/page.h"\nchar size[sizeof(struct page)];\n'
    done = subprocess.run(["aarch64-linux-gnu-gcc", "-I.", "-Iboot",
                           f"-I{options.build}/xen-include", "-S", "-x", "c", "-o", "-", "-"],
                          input=source, stdout=subprocess.PIPE, text=True, check=True)
    return int(re.search(r"\.size\s+size, (\d+)", done.stdout)[1])


def measure(options, facts):
    """[(what, measured, limit)] in bytes or parts."""
    file_bytes, ram_bytes = image(options)
    lines = [("image file", f"{file_bytes / 1024:,.0f} KiB", "256 KiB"),
             ("image in RAM, with .bss", f"{ram_bytes / 1024:,.0f} KiB", "")]
    if "domain_overhead_bytes" in facts:
        lines.append(("of a 256 MiB DomU besides its RAM, 1 vCPU, at work",
                      f"{facts['domain_overhead_bytes'] / 1024:,.0f} KiB", "1,024 KiB"))
    lines.append(("page table of pages, of all RAM",
                  f"{100 * struct_page_bytes(options) / PAGE_BYTES:.2f} %", "0.5 %"))
    return lines
