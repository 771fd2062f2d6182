#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Code lines by folder: comments and blank lines are not counted."""
import re

import tree


def code_lines(source):
    kept = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), source, flags=re.S)
    kept = re.sub(r"//[^\n]*", "", kept)
    return sum(1 for line in kept.splitlines() if line.strip())


def by_folder(folders):
    sizes = dict.fromkeys(folders, 0)
    for path in tree.files(".c", ".h", ".S", ".def", ".lds"):
        if tree.folder(path) in sizes:
            sizes[tree.folder(path)] += code_lines(tree.text(path))
    return sizes


def main():
    sizes = by_folder(tree.EL2_FOLDERS)
    for name, lines in sizes.items():
        print(f"{name + '/':<12} {lines:>6}")
    print(f"{'EL2':<12} {sum(sizes.values()):>6}")
    print(f"{'dom0/':<12} {by_folder(['dom0'])['dom0']:>6}")
    tests = {tree.folder(p) for p in tree.files(".c", ".h") if p.startswith("tests/")}
    print(f"{'tests (C)':<12} {sum(by_folder(tests).values()):>6}")


if __name__ == "__main__":
    main()
