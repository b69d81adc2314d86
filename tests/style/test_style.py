# SPDX-License-Identifier: Apache-2.0
"""Every source of ours: laid out by its formatter, short lines, a licence, no long file or function.

To lay everything out: `clang-format -i FILE...` (Debian 12's, 14), `black -l 110 FILE...`.
"""

import functools
import re
import subprocess

import pytest

from harness.steps import ROOT
from style import functions

COLUMNS = 110
LONG_FILE, LONG_FUNCTION = 350, 60
C = (".c", ".cpp", ".h", ".hpp")
ASSEMBLY = (".S", ".inc")
PYTHON = (".py", ".scons", "SConstruct", "SConscript")
SHELL = (".sh", "/run", "/test")
# Linux's own sources have it like this (its checkpatch.pl allows 100 columns, the table's comment 118).
IN_LINUX = ("include/vambrace/",)


@functools.cache
def sources():
    """The paths of what belongs to the repository, committed or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.split(
        "\n"
    )
    return sorted(
        n for n in names if f"/{n}".endswith((*C, *ASSEMBLY, *PYTHON, *SHELL)) and (ROOT / n).exists()
    )


def ending(*ends):
    return [name for name in sources() if f"/{name}".endswith(ends)]


def complaints(command, names):
    """{name: what a program that is given all of them at once says of it}"""
    done = subprocess.run(
        [*command, *names], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said = {name: [] for name in names}
    for line in done.stdout.splitlines():
        for name in re.findall(r"[\w./-]+", line):
            if (known := name.removeprefix(f"{ROOT}/")) in said:
                said[known].append(line)
                break
    if done.returncode and not any(said.values()):
        raise RuntimeError(f"{command[0]}: {done.stdout}")
    return said


@functools.cache
def clang_format():
    return complaints(["clang-format", "--dry-run", "--Werror"], ending(*C))


@functools.cache
def black():
    return complaints(["/usr/bin/black", "--check", "-l", str(COLUMNS)], ending(*PYTHON))


@functools.cache
def pyflakes():
    return complaints(["/usr/bin/pyflakes3"], ending(".py"))


@pytest.mark.parametrize("name", ending(*C))
def test_clang_format_changes_nothing(name):
    assert not clang_format()[name], f"lay it out: clang-format -i {name}"


@pytest.mark.parametrize("name", ending(*PYTHON))
def test_black_changes_nothing(name):
    assert not black()[name], f"lay it out: black -l {COLUMNS} {name}"


@pytest.mark.parametrize("name", ending(".py"))
def test_pyflakes_finds_nothing(name):
    assert not pyflakes()[name]


@pytest.mark.parametrize("name", sources())
def test_lines_files_and_functions_are_short_and_the_licence_is_named(name):
    text = (ROOT / name).read_text()
    lines = text.splitlines()
    wrong = [] if "SPDX-License-Identifier: " in "\n".join(lines[:2]) else ["no SPDX-License-Identifier"]
    if not name.startswith(IN_LINUX):
        wrong += [f"{n}: {len(line)} columns" for n, line in enumerate(lines, 1) if len(line) > COLUMNS]
    wrong += [f"{n}: ends in a blank" for n, line in enumerate(lines, 1) if line != line.rstrip()]
    if len(lines) > LONG_FILE:
        wrong.append(f"{len(lines)} lines: a file over {LONG_FILE} is two files")
    found = (
        functions.of_c(text)
        if name.endswith(C)
        else functions.of_python(text)
        if name.endswith(".py")
        else []
    )
    wrong += [f"{n}: {f} has {length} lines" for f, n, length in found if length > LONG_FUNCTION]
    assert not wrong
