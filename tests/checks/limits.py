#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Shape limits: lengths, nesting, parameters, licence lines, conditional compilation, size at EL2;
clang's check of who holds which lock; and whether what documents name is there."""
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


def check_documents(documents, sources):
    """Names in backticks: in lower case with an underline, or of a file. What has capitals may
    stand for others, or for what is not of this tree."""
    files = tree.files()
    words = {os.path.splitext(os.path.basename(path))[0] for path in files}
    words.update(*(re.findall(r"\w+", tree.text(path)) for path in sources))
    ends = {"/" + path for path in files}
    for document in documents:
        for number, line in enumerate(tree.text(document).splitlines(), 1):
            for name in re.findall(r"`([a-z0-9]+_[a-z0-9_]+)(?:\(\))?`", line):
                if name not in words:
                    yield f"{document}:{number}", f"{name} is nowhere in the sources"
            for name in re.findall(r"`([a-z0-9_./-]+\.(?:c|h|S|def|py|sh|mk|cmd|cfg))`", line):
                if not any(path.endswith("/" + name) for path in ends):
                    yield f"{document}:{number}", f"there is no file {name}"


def main():
    paths = tree.files(*LICENSED)
    documents = tree.files(".md")
    failures = [failure for path in paths for failure in check(path)]
    el2 = sum(size.by_folder(tree.EL2_FOLDERS).values())
    if el2 > EL2_CODE_LINES:
        failures.append(("EL2", f"{el2} code lines, at most {EL2_CODE_LINES}"))
    failures += check_locks(p for p in paths if p.endswith(".c") and
                            tree.folder(p) in tree.EL2_FOLDERS and not p.startswith("boot/"))
    failures += check_documents(documents, paths)
    return tree.report("limits", failures, len(paths) + len(documents) + 1)


sys.exit(main())
