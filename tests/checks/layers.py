#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Who may include whom (docs/ARCHITECTURE.md, Layout): lower layers never know upper ones, and
every include names its folder."""
import re
import sys

import tree

BASE = r"core/base/"
ALLOWED = {
    "core/base": [BASE],
    "mm": [BASE, r"mm/"],
    "irq": [BASE, r"irq/", r"drivers/timer\.h", r"mm/page_alloc\.h"],
    "drivers": [BASE, r"drivers/"],
    "core": [BASE, r"mm/", r"irq/", r"core/", r"drivers/(timer|psci_fw|power|uart)\.h"],
    "boot": [r"boot/", r"core/", r"mm/", r"irq/", r"drivers/"],
    "dom0": [r"dom0/", r"core/base/purlin_abi\.h"],
}
FREESTANDING = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "limits.h"}
# The include path chooses between the real machine and the fake one.
DOORS = {("core/base/hw.h", "hw_impl.h")}
# Parts that only their own folder may know.
PRIVATE = {
    "mm/pte.h": "mm/", "mm/stage2_walk.h": "mm/", "mm/page_bank.h": "mm/", "irq/gic_ops.h": "irq/",
}


def quoted_problem(path, name):
    if (path, name) in DOORS:
        return None
    if "/" not in name or name.startswith("."):
        return f'"{name}" does not name its folder'
    rules = ALLOWED.get(tree.folder(path))
    if rules is not None and not any(re.match(rule, name) for rule in rules):
        return f'"{name}" is not for {tree.folder(path)}/'
    owner = PRIVATE.get(name)
    if owner and not path.startswith((owner, "tests/")):
        return f'"{name}" is private to {owner}'
    return None


def system_problem(path, name):
    if tree.folder(path) not in tree.EL2_FOLDERS or name in FREESTANDING:
        return None
    if path == "core/base/xen_abi.h" and name.startswith("xen/"):
        return None
    if path.startswith("boot/") and name in ("libfdt.h", "fdt.h", "libfdt_env.h"):
        return None
    return f"<{name}> is not for EL2"


def main():
    sources = tree.files(".c", ".h", ".S", ".def")
    failures = []
    for path in sources:
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            include = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if not include:
                continue
            check = quoted_problem if include.group(1) == '"' else system_problem
            problem = check(path, include.group(2))
            if problem:
                failures.append((f"{path}:{number}", problem))
    return tree.report("layers", failures, len(sources))


sys.exit(main())
