# SPDX-License-Identifier: Apache-2.0
"""Checks that includes point down and never up or sideways, and warns about what has grown too long."""

import pathlib
import re
import subprocess
import sys

from . import junit
from .steps import BUILD, ROOT

LONG_FUNCTION, LONG_FILE = 60, 400


def floor_of(path):
    """The floor that a file of ours belongs to."""
    parts = path.split("/")
    if path.startswith("include/"):
        return "include"
    if path == "hypervisor/main.cpp":
        return "main"
    if path == "hypervisor/arch/contract.hpp":
        return "contract"
    if parts[-1] == "variant.inc":
        return "variant"
    if path.startswith("hypervisor/arch/"):
        return "arch/" + parts[2]
    if path.startswith("hypervisor/"):
        return parts[1]
    if path.startswith("platforms/drivers/"):
        return "drivers/" + parts[2]
    if path.startswith("platforms/"):
        return "board"
    return None


def allowed(floor, other):
    """Whether a file on a floor may see, directly or through others, a file on another floor."""
    if other is None or floor == other or other == "include" or floor == "main":
        return True
    if floor == "include":
        return False
    if other == "variant":  # the shared assembly takes the variant's macros, by that name
        return floor == "arch/arm"
    if other == "base":
        return True
    if floor == "core":
        return other != "main"
    if floor == "board":
        return other.startswith("drivers/")
    if floor.startswith("arch/"):
        return other == "contract" or (other == "arch/arm" and floor != "arch/arm")
    return False


def seen_by(path, arch, vectors, board):
    """Every file of ours that a source includes, from the compiler."""
    includes = [
        f"build/{board}/generated",
        f"platforms/{board}",
        f"hypervisor/arch/{arch}",
        f"hypervisor/arch/arm/core/vectors/{vectors}",
        "hypervisor",
        "platforms",
        "include",
        "build/linux-source/scripts/dtc/libfdt",
    ]
    command = [
        "arm-none-eabi-g++",
        "-std=c++20",
        "-mcpu=arm926ej-s",
        "-MM",
        "-MG",
        "-x",
        "assembler-with-cpp" if path.suffix == ".S" else "c++",
    ]
    result = subprocess.run(
        command + [f"-I{i}" for i in includes] + [str(path.relative_to(ROOT))],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if result.returncode:
        return None, result.stderr.strip()
    names = result.stdout.replace("\\\n", " ").split(":", 1)[1].split()
    return [str(pathlib.PurePath(name)) for name in names[1:]], ""


def direct(path):
    """The names in the file's own #include lines."""
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', path.read_text(), re.M)


def faults(path, arch, vectors, board):
    """What is wrong with a file's includes."""
    name = str(path.relative_to(ROOT))
    floor = floor_of(name)
    seen, error = seen_by(path, arch, vectors, board)
    if seen is None:
        return [f"{name}: the compiler cannot read its includes: {error}"]
    found = (
        []
        if name.endswith("asm_offsets.cpp")
        else [
            f"{name} ({floor}) sees {other} ({floor_of(other)})"
            for other in seen
            if not allowed(floor, floor_of(other))
        ]
    )
    found += [
        f"{name} names {include}: it is <vectors.hpp>, and the platform says which"
        for include in direct(path)
        if include.startswith("arch/arm/core/vectors/")
    ]
    if floor == "core":
        found += [
            f"{name} names {include}: core includes <arch.hpp> and <board.hpp> by those names only"
            for include in direct(path)
            if include.startswith(("arch/", "drivers/", "../"))
        ]
    return found


def warn_about_length(path):
    """STYLE: a function over 60 lines and a file over 400 are reported."""
    lines = path.read_text().splitlines()
    name, start = path.relative_to(ROOT), None
    if len(lines) > LONG_FILE:
        print(f"{name}: warning: {len(lines)} lines; a file over {LONG_FILE} is two files")
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start - 1 > LONG_FUNCTION:
                print(
                    f"{name}:{start}: warning: a function of {number - start - 1} lines "
                    f"(at most {LONG_FUNCTION})"
                )
            start = None


def main(arch, vectors, board):
    cases = []
    files = sorted(
        f
        for folder in ("hypervisor", "platforms")
        for f in (ROOT / folder).rglob("*")
        if f.suffix in (".cpp", ".hpp", ".S") and not f.name.endswith(".ld.S")
    )
    for path in files:
        name = str(path.relative_to(ROOT))
        variant = name.split("/")[2] if name.startswith("hypervisor/arch/") else arch
        found = faults(path, arch if variant in ("arm", "contract.hpp") else variant, vectors, board)
        for fault in found:
            print(f"floors: {fault}", file=sys.stderr)
        cases.append((name, "\n".join(found) or None))
        warn_about_length(path)
    junit.write(BUILD / "test" / "floors.xml", "floors", cases)
    return 1 if any(problem for _, problem in cases) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
