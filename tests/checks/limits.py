#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Shape limits: lengths, nesting, parameters, licence lines, conditional compilation, size at EL2;
and clang's check of who holds which lock."""
import ast
import os
import re
import shutil
import subprocess
import sys

import c_shape
import size
import tree

FUNCTION_LINES, FILE_LINES, NESTING, PARAMETERS, COLUMNS = 60, 700, 3, 5, 100
EL2_CODE_LINES = 16500
NOTE = re.compile(r"\b(TODO|FIXME|XXX)\b[:(]")
LICENCE = "SPDX-License-Identifier: BSD-2-Clause"
LICENSED = (".c", ".h", ".S", ".lds", ".def", ".py", ".sh", ".mk", ".cmd", "Makefile", ".ci/run")
LOCK_FLAGS = ["--target=aarch64-linux-gnu", "-std=gnu2x", "-fsyntax-only", "-ffreestanding",
              "-mgeneral-regs-only", "-Wthread-safety", "-Werror=thread-safety", "-I.", "-Iboot",
              "-I" + os.environ.get("XEN_INCLUDE", "build/xen-include")]


def check_c(path, source):
    for name, line, lines, parameters, nesting in c_shape.functions(source):
        where = f"{path}:{line}"
        if lines > FUNCTION_LINES:
            yield where, f"{name}() has {lines} lines, at most {FUNCTION_LINES}"
        if parameters > PARAMETERS:
            yield where, f"{name}() has {parameters} parameters, at most {PARAMETERS}"
        if nesting > NESTING:
            yield where, f"{name}() nests {nesting} deep, at most {NESTING}"
    for number, line in enumerate(source.splitlines(), 1):
        if path.endswith(".c") and re.match(r"\s*#\s*if", line) and "DEBUG" not in line:
            yield f"{path}:{number}", "conditional compilation in a source file"
        if "\t" in line:
            yield f"{path}:{number}", "a tab"


def check_python(path, source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{path}:{node.lineno}", f"{node.name}() has {lines} lines"


def check(path):
    source = tree.text(path)
    lines = source.splitlines()
    if path.endswith(LICENSED) and not any(LICENCE in line for line in lines[:3]):
        yield path, "no licence line"
    if path.endswith((".c", ".h", ".S", ".py")):
        if len(lines) > FILE_LINES:
            yield path, f"{len(lines)} lines, at most {FILE_LINES}"
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS:
                yield f"{path}:{number}", f"{len(line)} columns, at most {COLUMNS}"
            if NOTE.search(line) and not path.startswith("tests/checks/"):
                yield f"{path}:{number}", "a note to oneself"
    if path.endswith((".c", ".h")):
        yield from check_c(path, source)
    if path.endswith(".py"):
        yield from check_python(path, source)


def check_locks(sources):
    """Each file by itself: warnings are printed as clang words them."""
    if not shutil.which("clang"):
        print("[limits] clang is missing: locks are not checked")
        return
    for path in sources:
        done = subprocess.run(["clang", *LOCK_FLAGS, path], cwd=tree.ROOT, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            sys.stdout.write(done.stdout.decode(errors="replace"))
            yield path, "clang -Wthread-safety"


def main():
    paths = tree.files(*LICENSED)
    failures = [failure for path in paths for failure in check(path)]
    el2 = sum(size.by_folder(tree.EL2_FOLDERS).values())
    if el2 > EL2_CODE_LINES:
        failures.append(("EL2", f"{el2} code lines, at most {EL2_CODE_LINES}"))
    failures += check_locks(p for p in paths if p.endswith(".c") and
                            tree.folder(p) in tree.EL2_FOLDERS and not p.startswith("boot/"))
    return tree.report("limits", failures, len(paths) + 1)


sys.exit(main())
