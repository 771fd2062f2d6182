#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write an arm64 initramfs (newc cpio) from a manifest, without root and without running
anything of the target: shared libraries are found from each program's ELF header, kernel
modules from their .modinfo.

Manifest lines (# starts a comment; ${NAME} comes from -D NAME=VALUE):
  dir PATH [MODE]              node PATH c|b MAJOR MINOR [MODE]
  link PATH TARGET             file PATH SOURCE [MODE]
  program PATH SOURCE          like file, mode 0755, and the libraries it needs come along
  library SONAME               a library that is opened at run time only
  module NAME                  a kernel module and what it depends on; `modprobe NAME` finds it
SOURCE starting with "sysroot:" is looked up in --sysroot, else it is relative to here.
"""

import argparse
import os
import struct
import sys

LIB_DIR = "/lib/aarch64-linux-gnu"
LIB_SEARCH = ("lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib",
              "usr/lib/aarch64-linux-gnu/ceph")
S_IFDIR, S_IFCHR, S_IFBLK, S_IFREG, S_IFLNK = 0o040000, 0o020000, 0o060000, 0o100000, 0o120000
DT_NEEDED, DT_STRTAB, SHT_DYNAMIC = 1, 5, 6


class ManifestError(Exception):
    """Something that the user can correct; the text says where."""


class Elf:
    """The few parts of a little-endian ELF64 file that dependencies are written in."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as f:
            self.data = f.read()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ManifestError(f"{path}: not a 64-bit little-endian ELF file")
        shoff, = struct.unpack_from("<Q", self.data, 40)
        shentsize, shnum, shstrndx = struct.unpack_from("<HHH", self.data, 58)
        heads = [struct.unpack_from("<IIQQQQIIQQ", self.data, shoff + i * shentsize)
                 for i in range(shnum)]
        names = heads[shstrndx][4] if heads else 0
        self.sections = [(self._string(names + h[0]), h) for h in heads]

    def _string(self, offset):
        return self.data[offset:self.data.index(b"\0", offset)].decode()

    def needed(self):
        """SONAMEs of DT_NEEDED."""
        for _, head in self.sections:
            if head[1] != SHT_DYNAMIC:
                continue
            strtab = self.sections[head[6]][1][4]
            return [self._string(strtab + value)
                    for tag, value in struct.iter_unpack(
                        "<QQ", self.data[head[4]:head[4] + head[5]])
                    if tag == DT_NEEDED]
        return []

    def modinfo(self, key):
        """First value of KEY in .modinfo, or None."""
        for name, head in self.sections:
            if name != ".modinfo":
                continue
            for entry in self.data[head[4]:head[4] + head[5]].split(b"\0"):
                if entry.startswith(key.encode() + b"="):
                    return entry.decode().split("=", 1)[1]
        return None


class Modules:
    """The modules of the one kernel that the sysroot holds."""

    def __init__(self, sysroot):
        top = os.path.join(sysroot, "lib/modules")
        releases = sorted(os.listdir(top)) if os.path.isdir(top) else []
        if len(releases) != 1:
            raise ManifestError(f"{top}: wanted exactly one kernel, found {releases}")
        self.release = releases[0]
        self.base = os.path.join(top, self.release)
        self.by_name = {}
        for folder, _, files in os.walk(os.path.join(self.base, "kernel")):
            for name in files:
                if name.endswith(".ko"):
                    path = os.path.join(folder, name)
                    self.by_name[self.key(name[:-3])] = os.path.relpath(path, self.base)
        builtin = os.path.join(self.base, "modules.builtin")
        with open(builtin, encoding="ascii") as f:
            self.builtin = {self.key(os.path.basename(line.strip())[:-3]) for line in f}
        self.deps = {}

    @staticmethod
    def key(name):
        return name.replace("-", "_")

    def add(self, name):
        """Record NAME and all it needs; return its path below the release's folder."""
        key = self.key(name)
        if key in self.builtin:
            return None
        if key not in self.by_name:
            raise ManifestError(f"kernel {self.release} has no module {name}")
        path = self.by_name[key]
        if path not in self.deps:
            wanted = Elf(os.path.join(self.base, path)).modinfo("depends") or ""
            direct = [self.add(dep) for dep in wanted.split(",") if dep]
            closure = []
            for dep in filter(None, direct):
                for one in [dep] + self.deps[dep]:
                    if one in closure:
                        closure.remove(one)
                    closure.append(one)
            self.deps[path] = closure
        return path

    def dep_file(self):
        """Text of modules.dep: what depmod would write for the chosen modules."""
        return "".join(f"{path}: {' '.join(deps)}".rstrip() + "\n"
                       for path, deps in sorted(self.deps.items()))


class Archive:
    """Entries in order of insertion; parents appear before their children."""

    def __init__(self):
        self.entries = {}

    def parents(self, path):
        head = os.path.dirname(path)
        if head not in ("", "/") and head not in self.entries:
            self.parents(head)
            self.entries[head] = (S_IFDIR | 0o755, b"", (0, 0))

    def add(self, path, mode, data=b"", device=(0, 0)):
        self.parents(path)
        self.entries[path] = (mode, data, device)

    def write(self, out):
        for ino, (path, (mode, data, device)) in enumerate(self.entries.items(), 1):
            self._record(out, (ino, path.lstrip("/"), mode, data, device))
        self._record(out, (0, "TRAILER!!!", 0, b"", (0, 0)))
        out.write(b"\0" * (-out.tell() % 512))

    @staticmethod
    def _record(out, entry):
        ino, name, mode, data, device = entry
        raw = name.encode() + b"\0"
        fields = (ino, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(raw), 0)
        out.write(b"070701" + b"".join(b"%08X" % f for f in fields) + raw)
        out.write(b"\0" * (-out.tell() % 4))
        out.write(data)
        out.write(b"\0" * (-out.tell() % 4))


class Builder:
    """Turns manifest lines into archive entries."""

    def __init__(self, sysroot):
        self.sysroot = sysroot
        self.archive = Archive()
        self.modules = None

    def source(self, text):
        path = text
        if text.startswith("sysroot:"):
            path = os.path.join(self.sysroot, text[len("sysroot:"):].lstrip("/"))
        if not os.path.isfile(path):
            raise ManifestError(f"no file {path}")
        return path

    def do_dir(self, path, mode="0755"):
        self.archive.add(path, S_IFDIR | int(mode, 8))

    def do_node(self, path, kind, numbers, mode="0600"):
        major, minor = numbers.split(":")
        ftype = {"c": S_IFCHR, "b": S_IFBLK}[kind]
        self.archive.add(path, ftype | int(mode, 8), b"", (int(major), int(minor)))

    def do_link(self, path, target):
        self.archive.add(path, S_IFLNK | 0o777, target.encode())

    def do_file(self, path, source, mode="0644"):
        with open(self.source(source), "rb") as f:
            self.archive.add(path, S_IFREG | int(mode, 8), f.read())

    def do_program(self, path, source):
        self.do_file(path, source, "0755")
        for soname in Elf(self.source(source)).needed():
            self.do_library(soname)

    def do_library(self, soname):
        if soname.startswith("ld-linux"):
            path = "/lib/" + soname
        else:
            path = f"{LIB_DIR}/{soname}"
        if path in self.archive.entries:
            return
        for folder in LIB_SEARCH:
            found = os.path.join(self.sysroot, folder, soname)
            if os.path.isfile(found):
                return self.do_program(path, found)
        raise ManifestError(f"no library {soname} in {self.sysroot}")

    def do_module(self, name):
        self.modules = self.modules or Modules(self.sysroot)
        self.modules.add(name)

    def finish(self):
        if not self.modules:
            return
        base = f"/lib/modules/{self.modules.release}"
        for path in self.modules.deps:
            self.do_file(f"{base}/{path}", os.path.join(self.modules.base, path))
        self.archive.add(f"{base}/modules.dep", S_IFREG | 0o644, self.modules.dep_file().encode())

    def line(self, words):
        handler = getattr(self, "do_" + words[0], None)
        if handler is None:
            raise ManifestError(f"unknown word '{words[0]}'")
        try:
            handler(*words[1:])
        except (TypeError, KeyError, ValueError) as err:
            raise ManifestError(f"bad arguments for '{words[0]}': {err}") from err


def expand(line, variables):
    for name, value in variables.items():
        line = line.replace("${" + name + "}", value)
    return line.split("#", 1)[0].split()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sysroot", required=True)
    parser.add_argument("-D", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("-o", required=True, metavar="OUTPUT")
    parser.add_argument("manifest", nargs="+")
    args = parser.parse_args()
    variables = dict(item.split("=", 1) for item in args.D)
    builder = Builder(args.sysroot)
    where = ""
    try:
        for manifest in args.manifest:
            with open(manifest, encoding="utf-8") as f:
                for number, text in enumerate(f, 1):
                    where = f"{manifest}:{number}: "
                    words = expand(text, variables)
                    if words:
                        builder.line(words)
        where = ""
        builder.finish()
    except ManifestError as err:
        sys.exit(f"initramfs.py: {where}{err}")
    with open(args.o + ".new", "wb") as out:
        builder.archive.write(out)
    os.replace(args.o + ".new", args.o)


if __name__ == "__main__":
    main()
