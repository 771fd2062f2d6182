# SPDX-License-Identifier: BSD-2-Clause
"""The project's own files, for the checks."""
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EL2_FOLDERS = ("boot", "core", "core/base", "mm", "irq", "drivers")
SKIPPED = {"build", ".git", "__pycache__", ".pytest_cache"}


def files(*endings):
    """Paths relative to the root, sorted; all files when no ending is given."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(f for f in folders if f not in SKIPPED)
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), ROOT)
            if not endings or path.endswith(endings):
                found.append(path)
    return sorted(found)


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def folder(path):
    return os.path.dirname(path)


def report(name, failures, checked):
    """Prints the failures, `where: what`, and the last line; returns the exit status."""
    for where, what in failures:
        print(f"[{name}] {where}: {what}")
    bad = len({where.split(":")[0] for where, _ in failures})
    print(f"{checked - bad} passed, {bad} failed")
    return 1 if failures else 0
