#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Is the purlin tool whole? Every verb and key is in the manual, manual and systemd units are well
formed, completion offers what the tool says, and a program builds against what is installed."""
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

import tree

PROGRAMS = ("groff", "systemd-analyze", "zsh")
FAKE_TOOL = """purlin() { case "$1$2" in
--list-verbs) printf 'create\\tmake\\nlist\\tshow\\n' ;;
list--help) printf 'usage: purlin list [-l] [--json] NAME\\n  -w, --wide  more\\n' ;;
list) printf 'Name ID\\nDomain-0 0\\nweb 3\\n' ;;
esac; }
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _purlin; echo "${COMPREPLY[*]}"; }
"""
COMPLETIONS = (
    ("purlin cr", "create"),
    ("purlin list w", "web"),
    ("purlin list D", ""),
    ("purlin list --", "--help --json --wide"),
    ("purlin list -l", "-l"),
)
PROGRAM = """#include <dom0/libpurlin.h>
#include <stdio.h>
int main(void)
{
    struct purlin session;
    struct domain *domains;
    struct error err = {0};
    if (purlin_open(&session, &err) || domain_list(&session, &domains, &err) < 0)
        fprintf(stderr, "%s\\n", err.text);
    return (int)err.kind;
}
"""


def run(*command, **options):
    return subprocess.run(command, cwd=tree.ROOT, check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)


def check_manual():
    page = tree.text("dom0/man/purlin.1").replace("\\-", "-")
    for verb in re.findall(r"^VERB\((\w+)\)", tree.text("dom0/verbs.def"), re.MULTILINE):
        name = verb.replace("_", "-")
        if not re.search(rf"^\.(B|BI|BR) \"?{name}[ \"\n]", page, re.MULTILINE):
            yield "dom0/man/purlin.1", f"no entry for the verb {name}"
    page = tree.text("dom0/man/purlin.cfg.5")
    table = tree.text("dom0/config.c").split("keys[] = {")[1].split("};")[0]
    for key in re.findall(r'^    {"(\w+)"', table, re.MULTILINE):
        if not re.search(rf"(\b|fP){key}=", page):
            yield "dom0/man/purlin.cfg.5", f"no entry for the key {key}"
    for name in ("purlin.1", "purlin.cfg.5"):
        said = run("groff", "-man", "-ww", "-Tutf8", "-z", f"dom0/man/{name}").stdout
        for line in said.splitlines():
            yield f"dom0/man/{name}", line


def check_units(installed):
    """With commands that are there: the ones they name are on the target."""
    folder = f"{installed}/lib/systemd/system"
    names = sorted(os.listdir(folder))
    for name in names:
        path = f"{folder}/{name}"
        with open(path, encoding="utf-8") as f:
            text = re.sub(r"(?m)^(Exec\w+=)/usr/\S+", r"\1/bin/true", f.read())
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    done = run("systemd-analyze", "verify", "--man=no", *(f"{folder}/{n}" for n in names),
               env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"})
    for line in done.stdout.splitlines():
        if any(name in line for name in names):
            yield "dom0/systemd", line.strip()


def check_completion(installed):
    script = f"{installed}/usr/share/bash-completion/completions/purlin"
    for line, wanted in COMPLETIONS:
        words = " ".join(f"'{word}'" for word in line.split(" "))
        said = run("bash", "-c", f"{FAKE_TOOL}\n. {script}\ncomplete_words {words}").stdout
        got = " ".join(sorted(said.split()))
        if got != wanted:
            yield "dom0/completion/purlin.bash", f"'{line}' gives '{got}', wanted '{wanted}'"
    said = run("zsh", "-n", f"{installed}/usr/share/zsh/vendor-completions/_purlin").stdout
    if said:
        yield "dom0/completion/_purlin", said.strip()


def check_modes(installed):
    """Everybody may read what is installed, whatever the umask of who installs it."""
    for folder, _, names in os.walk(installed):
        for path in [folder] * (folder != installed) + [f"{folder}/{name}" for name in names]:
            if not os.stat(path).st_mode & stat.S_IROTH:
                yield "dom0/install.mk", f"{path[len(installed):]} is not readable for all"


def check_library(installed, work):
    with open(f"{work}/try.c", "w", encoding="utf-8") as f:
        f.write(PROGRAM)
    with open(f"{installed}/usr/lib/pkgconfig/purlin.pc", encoding="utf-8") as f:
        fields = dict(re.findall(r"^(\S+): (.*)$", f.read(), re.MULTILINE))
    flags = [flag.replace("/usr", f"{installed}/usr", 1) if flag[:2] in ("-I", "-L") else flag
             for key in ("Cflags", "Libs") for flag in fields[key].split()]
    done = run(os.environ["CROSS_COMPILE"] + "gcc", "--sysroot=" + os.environ["SYSROOT"], "-Wall",
               "-Werror", "-o", f"{work}/try", f"{work}/try.c", *flags)
    if done.returncode:
        yield "dom0/libpurlin.h", f"a program that uses it does not build:\n{done.stdout}"


def main():
    make, build = sys.argv[1:3]
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        return tree.report("tool", [(name, "is missing") for name in missing], len(missing))
    failures, checked = list(check_manual()), 3
    with tempfile.TemporaryDirectory() as work:
        installed = f"{work}/root"
        done = run(*make.split(), "install", f"DESTDIR={installed}", f"BUILD={build}", umask=0o077)
        if done.returncode:
            failures.append(("dom0/install.mk", done.stdout))
        else:
            failures += check_modes(installed)
            failures += check_completion(installed)
            failures += check_library(installed, work)
            failures += check_units(installed)
            checked += 4
    return tree.report("tool", failures, checked)


sys.exit(main())
